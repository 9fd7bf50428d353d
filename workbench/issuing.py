"""The statements of a month, issued: out of the book, into one PDF a customer and currency.

What is issued can be made again: the page says up to which entry of the audit chain the book counted, and
the same book, or the same ``known_at`` of a book that has gone on, gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from . import book as books
from . import words
from .acting.ledger_now import read_facts
from .applications import collect_findings, finding
from .book.signed_balances import Known, known_now
from .calendar import Period
from .errors import ParameterRefusedError
from .policy import Buckets
from .sources.organisation import Company
from .statements import Statements, make_statements
from .views.documents.bulk import Written, write_documents
from .views.documents.shapes import Paper, Party, Proof
from .views.documents.statement_pages import Head, statement_pages
from .workers import executor_for

#: Statements below which further processes take longer to start than they save.
FEWEST_STATEMENTS = 100


@dataclass(frozen=True)
class Issued:
    """``made`` and ``kept``: statements written now, and those that lay there already, the same.

    ``known``: how far the book counted; its instant is next month's ``issued_at``.
    """

    made: int
    kept: int
    folder: str
    findings: pd.DataFrame
    known: Known

    def to_json(self) -> dict[str, Any]:
        """Findings in words; the instant and the head of the chain that the pages name."""
        return {
            "made": self.made,
            "kept": self.kept,
            "folder": self.folder,
            "known_at": self.known.known_at.isoformat(),
            "anchor": self.known.head,
            "findings": [
                {
                    "rule": str(one["rule"]),
                    "level": str(one["level"]),
                    "message": words.sentence(str(one["rule"]), json.loads(str(one["values"]))),
                    "remedy": words.remedy(str(one["rule"]), json.loads(str(one["values"]))),
                }
                for one in self.findings.to_dict("records")
            ],
        }


def issue_statements(
    book: books.Book,
    out: Path,
    *,
    period: Period,
    company: str = "",
    customers: Collection[str] = (),
    as_of: dt.date | None = None,
    known_at: dt.datetime | None = None,
    issued_at: dt.datetime | None = None,
    companies: Mapping[str, Company] | None = None,
    buckets: Buckets | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Issued:
    """Write the statement of every customer and currency that owes, is owed or moved in the period.

    ``as_of``: a cut-off within the period, else its last day. ``issued_at``: when the statements before were
    issued; their closing is the opening, and what became known since is told as late. A statement of the same
    inputs that lies in ``out`` already is kept. Raises :class:`ParameterRefusedError` for a company that the
    book does not have, a cut-off outside the period, or an ``issued_at`` after ``known_at``.
    """
    cut_off = as_of or period.last_day
    known = known_now(book, known_at)
    _check(book, period, cut_off, company, known, issued_at)
    ranges = buckets or Buckets()
    made = make_statements(
        read_facts(book, company), from_date=period.first_day, as_of=cut_off, known_at=known.known_at,
        issued_at=issued_at, buckets=ranges,
    )  # fmt: skip
    made = _of_customers(made, frozenset(customers))
    heads = _heads(companies or {})
    pages = statement_pages(
        made, period=str(period), heads=heads, ranges=tuple(ranges.names),
        customers=books.read.customers(book, company, known.known_at),
        proof=Proof(cut_off, known.known_at, known.head, known.count),
    )  # fmt: skip
    whole = len(made.summarised)
    counts, found = [0, 0], _asked_in_vain(made, customers) + _without_head(made, heads)
    executor = executor_for(whole, fewest=FEWEST_STATEMENTS)
    for done, written in enumerate(write_documents(pages, out, executor=executor), start=1):
        counts[written.is_new] += 1
        found += _missing_letters(written)
        if progress is not None:
            progress(done, whole)
    found.sort(key=lambda one: (str(one["rule"]), str(one["key"])))  # processes end in any order
    return Issued(counts[True], counts[False], str(out), collect_findings(found), known)


def _check(
    book: books.Book,
    period: Period,
    cut_off: dt.date,
    company: str,
    known: Known,
    issued_at: dt.datetime | None,
) -> None:
    if not period.first_day <= cut_off <= period.last_day:
        raise ParameterRefusedError(
            "statement-cut-off-outside", date_day=cut_off.isoformat(), period=str(period)
        )
    if issued_at is not None and issued_at > known.known_at:
        raise ParameterRefusedError(
            "statement-issued-later", value=issued_at.isoformat(), known_at=known.known_at.isoformat()
        )
    there = sorted(map(str, books.read.companies(book)["company_id"]))
    if company and company not in there:
        raise ParameterRefusedError("company-unknown", company=company, known=", ".join(there) or "–")


def _of_customers(made: Statements, customers: frozenset[str]) -> Statements:
    """Those of these customers; of none named, all."""
    if not customers:
        return made

    def own(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["customer_id"].isin(customers)].reset_index(drop=True)

    return replace(
        made, summarised=own(made.summarised), movements=own(made.movements), open_list=own(made.open_list),
        open_items=own(made.open_items),
    )  # fmt: skip


def _heads(companies: Mapping[str, Company]) -> dict[str, Head]:
    return {
        key: Head(
            Party(
                one.name, one.tax_id, "nit" if one.country in ("", "CO") else "foreign", address=one.address,
                city=one.city, country=one.country, contact=one.contact,
            ),
            cast(Paper, one.paper),
        )
        for key, one in companies.items()
    }  # fmt: skip


def _asked_in_vain(made: Statements, customers: Collection[str]) -> list[dict[str, object]]:
    there = set(made.summarised["customer_id"])
    return [
        finding("statement-none", table="statements", key=one, customer=one)
        for one in sorted(set(customers) - there)
    ]


def _without_head(made: Statements, heads: Mapping[str, Head]) -> list[dict[str, object]]:
    return [
        finding("statement-company-unnamed", table="statements", key=one, company=one)
        for one in sorted(set(made.summarised["company_id"]) - set(heads))
    ]


def _missing_letters(written: Written) -> list[dict[str, object]]:
    if not written.missing:
        return []
    return [
        finding(
            "statement-letters-missing", table="statements", key=written.document, document=written.document,
            letters=written.missing,
        )
    ]  # fmt: skip
