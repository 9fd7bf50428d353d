"""Which bank line is which book line: by reference, amount and date; then by amount and date alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..calendar import WorkingDays
from ..policy import ReconciliationPolicy
from ..references import parts_of
from .results import ACCOUNT

Days = npt.NDArray[np.int64]
Pairs = list[tuple[int, int, str]]  # row of bank, row of book, rule
Names = Sequence[Hashable | None]


def pair_lines(
    bank: pd.DataFrame, book: pd.DataFrame, policy: ReconciliationPolicy, working_days: WorkingDays | None
) -> Pairs:
    """Pairs by row number; both frames sorted by date with rows numbered from 0.

    A book line's reference may be the bank's own id of the line or what its text refers to. Equal lines of
    one reference are interchangeable and pair by date; without a reference each must be the other's only
    candidate, or both stay outstanding.
    """
    days = _ordinals(bank["booking_date"], working_days), _ordinals(book["posting_date"], working_days)
    amounts = _amounts(bank, "bank_amount"), _amounts(book, "book_amount")
    pairs: Pairs = []
    for column in ("line_id", "reference"):
        free = _free(pairs, len(bank), len(book))
        names = (
            _named(amounts[0], references_of(bank[column]), free[0]),
            _named(amounts[1], references_of(book["reference"]), free[1]),
        )
        for bank_rows, book_rows in _sides(*names):
            met = _in_order(bank_rows, book_rows, days, policy)
            pairs.extend((row, other, "reference-amount-date") for row, other in met)
    free = _free(pairs, len(bank), len(book))
    unnamed = [
        [n if f else None for n, f in zip(*side, strict=True)] for side in zip(amounts, free, strict=True)
    ]
    for bank_rows, book_rows in _sides(*unnamed):
        met = _mutually_unique(bank_rows, book_rows, days, policy)
        pairs.extend((row, other, "amount-date") for row, other in met)
    return sorted(pairs)


def references_of(column: pd.Series) -> list[str]:
    """References as both sides may write them: no case, marks or leading zeros; ``""`` for none."""
    return ["".join(parts_of(reference)).lstrip("0") for reference in column]


def _amounts(lines: pd.DataFrame, amount: str) -> list[tuple[Hashable, ...]]:
    return list(zip(*(lines[name] for name in ACCOUNT), lines[amount].tolist(), strict=True))


def _named(amounts: list[tuple[Hashable, ...]], references: list[str], free: list[bool]) -> Names:
    rows = zip(amounts, references, free, strict=True)
    return [(*amount, reference) if reference and is_free else None for amount, reference, is_free in rows]


def _free(pairs: Pairs, bank: int, book: int) -> tuple[list[bool], list[bool]]:
    """Which rows of each side nothing has met yet."""
    met = {row for row, _, _ in pairs}, {other for _, other, _ in pairs}
    return [row not in met[0] for row in range(bank)], [row not in met[1] for row in range(book)]


def _sides(bank: Names, book: Names) -> Iterator[tuple[list[int], list[int]]]:
    """The rows of both sides that share a name; rows without one take no part."""
    rows: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, names in enumerate((bank, book)):
        for row, name in enumerate(names):
            if name is not None:
                rows.setdefault(name, ([], []))[side].append(row)
    return (both for both in rows.values() if both[0] and both[1])


def _in_order(
    bank_rows: list[int], book_rows: list[int], days: tuple[Days, Days], policy: ReconciliationPolicy
) -> Iterator[tuple[int, int]]:
    """Both sides by date, each bank line with the earliest book line in its window."""
    place = 0
    for row in bank_rows:
        while place < len(book_rows) and days[1][book_rows[place]] < days[0][row] - policy.days_before:
            place += 1
        if place < len(book_rows) and days[1][book_rows[place]] <= days[0][row] + policy.days_after:
            yield row, book_rows[place]
            place += 1


def _mutually_unique(
    bank_rows: list[int], book_rows: list[int], days: tuple[Days, Days], policy: ReconciliationPolicy
) -> Iterator[tuple[int, int]]:
    """Pairs in which each is the other's only candidate; rows come sorted by date."""
    bank, book = days[0][bank_rows], days[1][book_rows]
    first = np.searchsorted(book, bank - policy.days_before, side="left")
    last = np.searchsorted(book, bank + policy.days_after, side="right")
    first_back = np.searchsorted(bank, book - policy.days_after, side="left")
    last_back = np.searchsorted(bank, book + policy.days_before, side="right")
    for place in np.flatnonzero(last - first == 1).tolist():
        other = int(first[place])
        if last_back[other] - first_back[other] == 1:
            yield bank_rows[place], book_rows[other]


def _ordinals(dates: pd.Series, working_days: WorkingDays | None) -> Days:
    """Days as numbers to subtract: calendar days, or working days where a calendar is given."""
    days = dates.to_numpy().astype("datetime64[D]")
    if working_days is None or not len(days):
        return np.asarray(days.astype(np.int64))
    holidays = np.array(sorted(working_days.holidays), dtype="datetime64[D]")
    return np.asarray(np.busday_count(dt.date(1970, 1, 1), days, holidays=holidays), dtype=np.int64)
