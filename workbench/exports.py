"""What was applied leaves for the ERP: out of the book, into a file by its layout, noted in the book.

Approved is what the book holds: applications posted by a run with ``--write`` or by a person. Each leaves
once; what the ERP answers is read from the next extracts. Source: ARCHITECTURE, "ERP".
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from . import book as books
from . import words
from .calendar import Period
from .erp_postings import Answered, Planned, answer_postings, plan_postings
from .money import sums_by, to_text
from .sources.erp_files import write_postings
from .sources.export_layouts import load_layout


@dataclass(frozen=True)
class Exported:
    """What left: ``file`` is '' where there was nothing to post. ``sums``: minor units by currency of the
    applications in it, positive what documents were reduced by; reversals take away."""

    file: str
    sha256: str
    status: str  # exported, nothing-new
    planned: Planned
    sums: dict[str, int]

    @property
    def documents(self) -> int:
        return int(self.planned.lines["erp_document"].nunique())

    def to_json(self) -> dict[str, Any]:
        """Decimal text with a point, findings in words."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "status": self.status,
            "documents": self.documents,
            "lines": len(self.planned.lines),
            "applications": int((self.planned.lines["application_id"] != "").sum()),
            "sums": {currency: to_text(amount, currency) for currency, amount in sorted(self.sums.items())},
            "findings": _in_words(self.planned.findings),
        }


def answers(
    book: books.Book, *, as_of: dt.date, company: str = "", known_at: dt.datetime | None = None
) -> Answered:
    """The state of every application as the ERP has answered by ``as_of`` (``erp_postings``)."""
    read = books.read
    return answer_postings(
        read.documents(book, company, known_at), read.observations(book, company, known_at),
        read.clearings(book, company, known_at), read.applications(book, company, known_at),
        read.reversals(book, company, known_at), read.receipts(book, company, known_at),
        read.erp_export_lines(book, company, known_at),
        as_of=as_of, known_at=known_at,
    )  # fmt: skip


def export_postings(
    book: books.Book,
    *,
    period: Period,
    layout: str,
    out: Path,
    on: dt.date,
    company: str = "",
    again: bool = False,
    dry_run: bool = False,
    parameters: Path | str = "parameters",
    who: str = "",
) -> Exported:
    """Write the postings of a period that have not left yet into one file in ``out``, and note it.

    ``on`` is the day on which they leave. ``again`` writes once more what the period's files held and the ERP
    has not confirmed, with a warning that only one of the two may be loaded. The file is whole before the
    book notes it and has its name only afterwards, so a file with its name has been noted; one that was noted
    and lost is asked for with ``again``.
    """
    shape = load_layout(Path(parameters), layout)
    read = books.read
    states = answers(book, as_of=max(on, period.last_day), company=company).states
    planned = plan_postings(
        read.applications(book, company), read.reversals(book, company), read.documents(book, company),
        read.receipts(book, company), read.erp_export_lines(book, company), states,
        period=period, company=company, again=again, largest=shape.largest_document,
    )  # fmt: skip
    sums = _sums(planned.lines)
    if planned.lines.empty:
        return Exported("", "", "nothing-new", planned, sums)
    content = write_postings(planned.lines, shape)
    sha256 = hashlib.sha256(content).hexdigest()
    whose = company or "all"
    path = Path(out) / f"postings_{period}_{whose}_{layout}_{sha256[:8]}.{shape.extension}"
    if not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(content)
        try:
            books.postings.record_export(
                book, planned.lines, company=company, period=str(period), layout=layout, file=path.name,
                file_sha256=sha256, on=on, who=who,
            )  # fmt: skip
        except BaseException:
            partial.unlink(missing_ok=True)  # not noted, so it must not be taken for one that was
            raise
        partial.replace(path)
    return Exported(str(path), sha256, "exported", planned, sums)


def _sums(lines: pd.DataFrame) -> dict[str, int]:
    codes, currencies = pd.factorize(lines["currency"], sort=True)
    sums = sums_by(codes, lines["applied_amount"].to_numpy(), len(currencies))
    return {str(currency): int(amount) for currency, amount in zip(currencies, sums, strict=True)}


def _in_words(findings: pd.DataFrame) -> list[dict[str, str]]:
    told = zip(findings["rule"], findings["level"], findings["values"].map(json.loads), strict=True)
    return [
        {
            "rule": rule,
            "level": level,
            "message": words.sentence(rule, values),
            "remedy": words.remedy(rule, values),
        }
        for rule, level, values in told
    ]
