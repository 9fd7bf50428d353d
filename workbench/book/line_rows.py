"""Receipts, statement lines and lines of the bank's ledger account as rows of a file: columns and keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tables import BANK_LINES, BOOK_LINES, RECEIPTS, Table
from .batches import Outcome
from .columns import Column, Numbers, columns_from, groups_of, mapped, texts_from


@dataclass(frozen=True)
class LineKind:
    """How one kind of line is named, dated and compared."""

    table: str
    shape: Table
    line_id: str
    day: str
    amount: str
    content: tuple[str, ...]
    is_cash: bool


RECEIPT_LINES = LineKind(
    "receipts", RECEIPTS, "receipt_id", "receipt_date", "received_amount",
    ("receipt_date", "currency", "received_amount", "customer_id"), True,
)  # fmt: skip
STATEMENT_LINES = LineKind(
    "bank_lines", BANK_LINES, "line_id", "booking_date", "bank_amount",
    ("booking_date", "currency", "bank_amount"), True,
)  # fmt: skip
LEDGER_LINES = LineKind(
    "book_lines", BOOK_LINES, "line_id", "posting_date", "book_amount",
    ("posting_date", "currency", "book_amount"), False,
)  # fmt: skip


class LineRows:
    """Columns and key of each line; lines of one key are one group."""

    def __init__(self, outcome: Outcome, kind: LineKind) -> None:
        frame, self.kind = outcome.batch.frame, kind
        has_texts = outcome.batch.compares_texts and "text" in kind.shape.columns
        self.content = (*kind.content, "text") if has_texts else kind.content
        own_key = kind.shape.key[0]
        kinds = {
            name: how for name, how in kind.shape.columns.items() if name not in (own_key, "recorded_at")
        }
        self.columns: dict[str, Column] = columns_from(frame, kinds)
        days = self.columns[kind.day]
        self.columns["line_year"] = mapped(days, lambda day: day[:4])
        if "posting_date" in frame:
            self.columns.update(columns_from(frame, {"posting_date": "date"}))
        elif kind.is_cash:
            self.columns["posting_date"] = days
        self.columns[kind.line_id] = self._numbered_lines()
        self.key = {name: self.columns[name] for name in line_key(kind)}
        self.groups, self.group_count = groups_of(list(self.key.values()))

    def _numbered_lines(self) -> Column:
        """A line without a reference is known by its content and its occurrence among identical lines."""
        ids = self.columns[self.kind.line_id]
        blank = np.flatnonzero(ids.equal_to(""))
        if not len(blank):
            return ids
        names = (self.kind.day, self.kind.amount, "currency", "text")
        said = (map(str, self.columns[name].take(blank).values()) for name in names)
        contents = ("|".join(" ".join(part.split()) for part in parts) for parts in zip(*said, strict=True))
        seen: Counter[tuple[str, str]] = Counter()
        numbered = ids.values()
        accounts = self.columns["account_id"].take(blank).values()
        for position, account, content in zip(blank.tolist(), accounts, contents, strict=True):
            seen[(account, content)] += 1
            numbered[position] = f"{content}#{seen[(account, content)]}"
        return texts_from(numbered)

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def amounts(self) -> np.ndarray:
        """Minor units, positive where money came in."""
        column = self.columns[self.kind.amount]
        return column.array if isinstance(column, Numbers) else np.array(column.values(), dtype="int64")


def line_key(kind: LineKind) -> list[str]:
    """The columns of the unique key of a line."""
    return ["company_id", "account_id", "line_year", kind.line_id]


def rows_of(columns: Mapping[str, Column], positions: np.ndarray) -> list[tuple[Any, ...]]:
    """Plain rows of a few columns, at these positions."""
    return list(zip(*(column.take(positions).values() for column in columns.values()), strict=True))
