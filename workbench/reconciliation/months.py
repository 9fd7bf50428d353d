"""The passes, month by month: what met at a month's end stays met in the next, what stayed is carried.

Each month-end is a cut-off of its own. Lines after it take no part, so a later line never makes an earlier
pair doubtful, and what stood at one month's end and met in the next is known to be solved since.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..calendar import day_numbers
from ..policy import ReconciliationPolicy
from .grouping import group_lines
from .pairing import Free, Rows, are_different_cheques, pair_amounts, pair_carried, pair_named, pair_reversals
from .sides import Ints, Met, Side, sharing

#: Where a rival stands: side of the line that has the choice, its row, the rows of each choice, and the pass.
Rival = tuple[str, int, tuple[int, ...], str]


@dataclass(frozen=True)
class ByHand:
    """What people decided of lines, by row: put together, and kept apart (rows of both sides).

    ``waiting``: put together with a line that does not take part yet, so that the passes leave them alone.
    """

    together: tuple[Met, ...] = ()
    waiting: tuple[Met, ...] = ()
    apart: frozenset[Rows] = frozenset()


@dataclass
class Months:
    """``met``: groups with the place of their cut-off in ``cutoffs`` (day numbers, ascending)."""

    cutoffs: list[int]
    met: list[tuple[Met, int]] = field(default_factory=list)
    rivals: list[Rival] = field(default_factory=list)
    unsearched: list[tuple[str, int]] = field(default_factory=list)


def cutoffs_of(first: int | None, as_of: pd.Timestamp) -> list[int]:
    """Month-ends from the first line's day (a day number) to the cut-off, and the cut-off itself."""
    last = int(day_numbers(np.array([as_of.to_datetime64()]))[0])
    if first is None:
        return [last]
    begun = pd.Timestamp(first, unit="D")
    ends = day_numbers(pd.date_range(begun, as_of, freq="ME").to_numpy())
    return sorted({*ends.tolist(), last})


def reconcile_months(
    bank: Side,
    book: Side,
    cutoffs: list[int],
    policy: ReconciliationPolicy,
    kinds: tuple[list[str], list[str]],
    by_hand: ByHand,
) -> Months:
    """Every pass at every cut-off; rivals are those of the last one."""
    months = Months(cutoffs)
    held = (*by_hand.together, *by_hand.waiting)
    reserved = [row for one in held for row in one.bank], [row for one in held for row in one.book]
    gone: tuple[list[int], list[int]] = ([], [])
    before = -(2**62)
    for place, cutoff in enumerate(cutoffs):
        for one in by_hand.together:
            last = max([*bank.date[list(one.bank)].tolist(), *book.date[list(one.book)].tolist()])
            if before < last <= cutoff:
                months.met.append((one, place))
        free = Free(
            _open_rows(bank, cutoff, gone[0], reserved[0]),
            _open_rows(book, cutoff, gone[1], reserved[1]),
            by_hand.apart,
        )
        months.rivals, months.unsearched = [], []
        if len(free.bank) or len(free.book):
            _pass_by_pass(bank, book, free, policy, months, before, kinds)
        gone[0].extend(row for one in free.met for row in one.bank)
        gone[1].extend(row for one in free.met for row in one.book)
        months.met.extend((one, place) for one in free.met)
        before = cutoff
    return months


def _pass_by_pass(
    bank: Side,
    book: Side,
    free: Free,
    policy: ReconciliationPolicy,
    months: Months,
    before: int,
    kinds: tuple[list[str], list[str]],
) -> None:
    pair_named(bank, book, free, policy)
    pair_amounts(bank, book, free, policy)
    days = policy.group_days_before, policy.group_days_after
    deposits = group_lines(bank, free.bank, book, free.book, policy, window=days)
    free.take([Met((row,), parts, f"grouped-deposit-{level}") for row, parts, level in deposits.taken])
    # Seen from the book line the days lie the other way round.
    split = group_lines(book, free.book, bank, free.bank, policy, window=days[::-1])
    free.take([Met(parts, (row,), f"split-payment-{level}") for row, parts, level in split.taken])
    pair_carried(bank, book, free, policy, before, kinds)
    free.take([Met((), pair, "reversed-in-books") for pair in pair_reversals(book, free.book, policy)])
    free.take([Met(pair, (), "reversed-in-bank") for pair in pair_reversals(bank, free.bank, policy)])
    left = set(free.bank.tolist()), set(free.book.tolist())
    months.rivals.extend(_one_and_one(bank, book, free, policy))
    for side, place, grouped in (("bank", 0, deposits), ("book", 1, split)):
        rule = ("grouped-deposit-sum", "split-payment-sum")[place]
        for row, answers in sorted(grouped.rivals.items()):
            if row in left[place]:
                months.rivals.extend(
                    (side, row, answer, rule) for answer in answers if left[1 - place] & {*answer}
                )
        months.unsearched.extend((side, row) for row in grouped.unsearched if row in left[place])


def _one_and_one(bank: Side, book: Side, free: Free, policy: ReconciliationPolicy) -> list[Rival]:
    """The book lines that a bank line of their amount could be, where more than one of either side could."""
    rivals: list[Rival] = []
    for bank_rows, book_rows in sharing(bank.money[free.bank], free.bank, book.money[free.book], free.book):
        days = book.day[book_rows]
        for row in bank_rows.tolist():
            first = int(np.searchsorted(days, bank.day[row] - policy.days_before, side="left"))
            last = int(np.searchsorted(days, bank.day[row] + policy.days_after, side="right"))
            near = book_rows[first : min(last, first + policy.rivals)].tolist()
            rivals.extend(
                ("bank", row, (other,), "amount-date")
                for other in near
                if not are_different_cheques(bank, row, book, other)
            )
    return rivals


def _open_rows(side: Side, cutoff: int, gone: Collection[int], reserved: Collection[int]) -> Ints:
    is_open = side.date <= cutoff
    is_open[list(gone)] = False
    is_open[list(reserved)] = False
    return np.flatnonzero(is_open)
