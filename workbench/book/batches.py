"""One imported file on its way into the book: what it brought, what came of its rows, and its record."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import AmountOverflowError, FileRefusedError
from ..money import LARGEST_AMOUNT, to_text
from ..tables import BANK_BALANCES, CUSTOMERS, FINDINGS, Table
from .canonical import canonical_json
from .columns import Column
from .transactions import Posting

Status = Literal["accepted", "partial", "rejected", "duplicate"]

#: A row that was not taken, as ``sources`` gives it and as the book keeps it.
REJECTED = Table("rejected", ("row",), {"row": "integer", "raw": "text", "rule": "text", "values": "text"})


_empty_frames: dict[str, pd.DataFrame] = {}


def _nothing(table: Table) -> pd.DataFrame:
    """An empty frame, made once: making one costs more than storing a small file."""
    if table.name not in _empty_frames:
        _empty_frames[table.name] = table.empty()
    return _empty_frames[table.name]


@dataclass(frozen=True)
class ImportBatch:
    """A file that was read, ready for the book. Money is minor units with the inside sign.

    ``rows_in`` = rows of ``frame`` + ``rows_duplicate`` + rows of ``rejected``. ``raw_of`` gives
    the text of a row as it stood in the file, for rows that the book itself refuses.
    """

    file: str
    sha256: str
    source: str
    kind: str
    extract_date: dt.date
    frame: pd.DataFrame
    rows_in: int
    rows_duplicate: int = 0
    rejected: pd.DataFrame = field(default_factory=lambda: _nothing(REJECTED))
    findings: pd.DataFrame = field(default_factory=lambda: _nothing(FINDINGS))
    balances: pd.DataFrame = field(default_factory=lambda: _nothing(BANK_BALANCES))
    customers: pd.DataFrame = field(default_factory=lambda: _nothing(CUSTOMERS))
    raw_of: Callable[[int], str] | None = None
    key_includes_customer: bool = False
    is_complete: bool = False
    refuse_file_on_conflict: bool = False
    compares_texts: bool = False  # a known line's text must be the same too, not its money and day only
    shows_whole_days: bool = True  # a line it lacks, of a day that it covers, is missing from it


@dataclass(frozen=True)
class StoreResult:
    """``rows_in`` = stored + duplicate + rejected; ``sums`` of the rows stored, signed as at the doors."""

    status: Status
    rows_in: int
    rows_stored: int
    rows_duplicate: int
    rows_rejected: int
    sums: dict[str, int]
    findings: pd.DataFrame
    batch_key: int
    outcomes: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)  # of decisions, by state


@dataclass
class Outcome:
    """What comes of the rows of one batch while it is stored; positions count the frame's rows from 0."""

    batch: ImportBatch
    batch_key: int
    stored: set[int] = field(default_factory=set)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)  # position → rule, values
    findings: list[dict[str, object]] = field(default_factory=list)
    companies: set[str] = field(default_factory=set)
    has_other_news: bool = False  # something new that is no new row: a balance, a later word on a clearing

    def __post_init__(self) -> None:
        frame = self.batch.frame
        self.rows: list[int] = frame["row"].tolist() if "row" in frame else list(range(1, len(frame) + 1))

    def find(
        self,
        rule: str,
        *,
        position: int | None = None,
        level: str = "warning",
        key: str = "",
        amount: int = 0,
        currency: str = "",
        **values: str | int,
    ) -> str:
        """Note a finding; gives its values as JSON."""
        row = 0 if position is None else self.rows[position]
        said = canonical_json({**values, **({"key": key} if key else {}), **({"row": row} if row else {})})
        finding: dict[str, object] = {
            "level": level, "source": self.batch.file, "row": row, "table": self.batch.kind, "key": key,
            "rule": rule, "values": said, "amount": amount, "currency": currency,
        }  # fmt: skip
        self.findings.append(finding)
        return said

    def refuse(self, position: int, rule: str, *, key: str, amount: int = 0, currency: str = "",
               **values: str | int) -> None:  # fmt: skip
        """The row does not enter the book; it is kept raw with its rule."""
        said = self.find(
            rule, position=position, level="error", key=key, amount=amount, currency=currency, **values
        )
        self.refused[position] = (rule, said)

    def refuse_conflict(
        self,
        position: int,
        *,
        key: str,
        amount: int,
        currency: str,
        said: dict[str, object],
        stored: dict[str, object],
    ) -> None:
        """A row that contradicts what the book holds, or its own file (``stored`` empty), under the same key.

        A strict mapping refuses the whole file where it contradicts the book.
        """
        differing = [name for name in stored if stored[name] != said[name]]
        told: dict[str, str | int] = {
            "rows": str(self.rows[position]),
            "columns": ", ".join(differing),
            "rivals": "; ".join(
                f"{name}: {_shown(name, stored, currency)} ≠ {_shown(name, said, currency)}"
                for name in differing
            ),
        }
        if stored and self.batch.refuse_file_on_conflict:
            raise FileRefusedError("key-conflict", file=self.batch.file, key=key, **told)
        self.refuse(position, "key-conflict", key=key, amount=amount, currency=currency, **told)

    def is_refused(self) -> np.ndarray:
        """Whether a row of the frame is refused so far."""
        refused = np.zeros(len(self.batch.frame), dtype=bool)
        refused[list(self.refused)] = True
        return refused

    def stored_positions(self) -> np.ndarray:
        """The rows stored so far, in their order."""
        return np.sort(np.fromiter(self.stored, dtype="int64", count=len(self.stored)))

    def raw(self, position: int) -> str:
        """The row as it stood in the file, else what was read of it."""
        if self.batch.raw_of is not None:
            return self.batch.raw_of(self.rows[position])
        values = {name: str(value) for name, value in self.batch.frame.iloc[position].items()}
        return json.dumps(values, ensure_ascii=False)


def _shown(name: str, content: dict[str, object], currency: str) -> str:
    """Minor units as decimal text with their currency; anything else as it is."""
    value = content[name]
    is_money = name.endswith("_amount") and isinstance(value, int) and currency
    own = str(content.get("currency") or currency)
    return f"{to_text(int(str(value)), own)} {own}" if is_money else str(value)


def sums_of(positions: Sequence[int], amounts: Sequence[int], currencies: Sequence[str]) -> dict[str, int]:
    """Exact sum by currency of the rows at these positions."""
    sums: Counter[str] = Counter()
    for position in positions:
        sums[currencies[position]] += amounts[position]
    for amount in sums.values():
        if abs(amount) > LARGEST_AMOUNT:
            raise AmountOverflowError(amount=str(amount))
    return {currency: sums[currency] for currency in sorted(sums) if currency}


def sums_by_currency(positions: np.ndarray, amounts: np.ndarray, currencies: Column) -> dict[str, int]:
    """:func:`sums_of` for many rows: exact, for high and low halves are summed apart."""
    sums: dict[str, int] = {}
    for currency in sorted(currencies.distinct() - {""}):
        own = amounts[positions[currencies.take(positions).equal_to(currency)]]
        if len(own):
            sums[currency] = (int((own >> 32).sum()) << 32) + int((own & 0xFFFFFFFF).sum())
    for amount in sums.values():
        if abs(amount) > LARGEST_AMOUNT:
            raise AmountOverflowError(amount=str(amount))
    return sums


def conclude(posting: Posting, outcome: Outcome, sums: dict[str, int]) -> StoreResult:
    """Write the batch's own record, its rejected rows and findings, into the same transaction."""
    batch = outcome.batch
    refused = sorted(outcome.refused)
    rejected = [
        *batch.rejected[["row", "rule", "values", "raw"]].itertuples(index=False, name=None),
        *((outcome.rows[at], *outcome.refused[at], outcome.raw(at)) for at in refused),
    ]
    findings = batch.findings
    if outcome.findings:
        own = pd.DataFrame(outcome.findings, columns=list(FINDINGS.columns))
        findings = FINDINGS.conform(pd.concat([findings, own], ignore_index=True))
    stored, turned_away = len(outcome.stored), len(rejected)
    duplicate = batch.rows_duplicate + len(batch.frame) - stored - len(refused)
    status = _status(stored, duplicate, turned_away, outcome.has_other_news)
    record(
        posting, batch, outcome.batch_key, status=status, companies=sorted(outcome.companies),
        counts=(batch.rows_in, stored, duplicate, turned_away), sums=sums, rejected=rejected,
        findings=findings,
    )  # fmt: skip
    return StoreResult(
        status, batch.rows_in, stored, duplicate, turned_away, sums, findings, outcome.batch_key
    )


def _status(stored: int, duplicate: int, turned_away: int, has_other_news: bool) -> Status:
    if turned_away:
        return "partial" if stored or duplicate else "rejected"
    return "accepted" if stored or has_other_news else "duplicate"


def record(
    posting: Posting,
    batch: ImportBatch,
    batch_key: int,
    *,
    status: Status,
    companies: list[str],
    counts: tuple[int, int, int, int],
    sums: dict[str, int],
    rejected: Sequence[tuple[object, ...]],
    findings: pd.DataFrame,
) -> None:
    """The batch, its rejected rows and its findings, as rows of the book."""
    posting.subject.update(file=batch.file, file_sha256=batch.sha256, source=batch.source, status=status)
    posting.insert(
        "import_batches",
        ["file", "sha256", "source", "kind", "status", "extract_date", "is_complete", "companies", "rows_in",
         "rows_stored", "rows_duplicate", "rows_rejected", "sums"],
        [(batch.file, batch.sha256, batch.source, batch.kind, status, batch.extract_date.isoformat(),
          int(batch.is_complete), canonical_json(companies), *counts,
          canonical_json({currency: str(amount) for currency, amount in sums.items()}))],
    )  # fmt: skip
    posting.insert(
        "rejected_rows",
        ["batch_key", "row", "rule", "values", "raw"],
        [(batch_key, int(str(row)), str(rule), str(said), str(raw)) for row, rule, said, raw in rejected],
    )
    rows = findings[list(FINDINGS.columns)].itertuples(index=False, name=None)
    posting.insert("findings", ["batch_key", *FINDINGS.columns], [(batch_key, *row) for row in rows])
