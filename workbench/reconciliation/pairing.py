"""Which bank line is which book line, one and one: by reference, cheque or text; by amount and date alone.

Every pass looks at the lines that are free when it begins, so the order of rows means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence

import numpy as np

from ..policy import ReconciliationPolicy
from .sides import Ints, Met, Side, sharing

Pair = tuple[int, int]
#: Rows of a group on both sides.
Rows = tuple[tuple[int, ...], tuple[int, ...]]


class Free:
    """Rows that nothing has met yet; what a pass meets leaves them."""

    def __init__(self, bank: Ints, book: Ints, apart: Collection[Rows] = frozenset()) -> None:
        self.bank, self.book = bank, book
        self.met: list[Met] = []
        self._apart = apart

    def take(self, met: list[Met]) -> None:
        """These rows have met, unless a person took just these apart."""
        met = [one for one in met if (one.bank, one.book) not in self._apart]
        self.met.extend(met)
        self.bank = np.setdiff1d(self.bank, [row for one in met for row in one.bank], assume_unique=True)
        self.book = np.setdiff1d(self.book, [row for one in met for row in one.book], assume_unique=True)


def pair_named(bank: Side, book: Side, free: Free, policy: ReconciliationPolicy) -> None:
    """Same reference, amount and date; then a number in the text; then the number of a cheque.

    A book line's reference may be the bank's own id of the line or what its text refers to. Equal lines of
    one reference are interchangeable and pair by date. A cheque may be cashed ``cheque_days`` after it was
    booked; what names two lines pairs none of them.
    """
    for name in bank.names:
        met: list[Met] = []
        for bank_rows, book_rows in _same_name(bank, name, book, free):
            for pair in _in_order(bank_rows, book_rows, bank, book, policy):
                met.append(_met(pair, "reference-amount-date"))
        free.take(met)
    numbered = _alike(bank, book, free, bank.numbers, book.numbers)
    near = {(row, other) for row, other in numbered if in_window(bank, row, book, other, policy)}
    _take_each_other(free, sorted(near), "text-amount-date")
    cheques = [
        (row, other)
        for row, other in _alike(bank, book, free, lambda row: _said(bank, row), lambda row: _said(book, row))
        if -policy.days_after <= bank.date[row] - book.date[other] <= policy.cheque_days
    ]
    _take_each_other(free, cheques, "cheque-number")


def pair_amounts(bank: Side, book: Side, free: Free, policy: ReconciliationPolicy) -> None:
    """Same amount and date, each the other's only candidate; two different cheques are none."""
    met = []
    for bank_rows, book_rows in sharing(bank.money[free.bank], free.bank, book.money[free.book], free.book):
        for row, other in _mutually_unique(bank_rows, book_rows, bank, book, policy):
            if not are_different_cheques(bank, row, book, other):
                met.append(Met((row,), (other,), "amount-date"))
    free.take(met)


def pair_carried(
    bank: Side,
    book: Side,
    free: Free,
    policy: ReconciliationPolicy,
    since: int,
    kinds: tuple[Sequence[str], Sequence[str]],
) -> None:
    """What stayed from an earlier month and was booked since, however late (``carried_days``).

    One of the two lines is dated on or before ``since`` (calendar days). Equal lines of one reference are
    interchangeable and pair by date; by a number in the text, or as bank notes of the same kind and amount
    (``kinds`` by row, "" for none), each must be the other's only one.
    """

    def is_carried(row: int, other: int) -> bool:
        apart = abs(int(book.date[other] - bank.date[row]))
        return apart <= policy.carried_days and min(bank.date[row], book.date[other]) <= since

    for name in bank.names:
        met: list[Met] = []
        for bank_rows, book_rows in _same_name(bank, name, book, free):
            others = book_rows.tolist()
            for row in bank_rows.tolist():
                other = next((one for one in others if is_carried(row, one)), None)
                if other is not None:
                    others.remove(other)
                    met.append(_met((row, other), "reference-amount-later"))
        free.take(met)
    numbered = _alike(bank, book, free, bank.numbers, book.numbers)
    pairs = _first_of_equals(book, sorted({pair for pair in numbered if is_carried(*pair)}))
    _take_each_other(free, pairs, "reference-amount-later")
    notes = _alike(
        bank, book, free, lambda row: (kinds[0][row],) * bool(kinds[0][row]), lambda row: (kinds[1][row],)
    )
    _take_each_other(free, [pair for pair in notes if is_carried(*pair)], "note-amount-later")


def pair_reversals(side: Side, rows: Ints, policy: ReconciliationPolicy) -> list[Pair]:
    """Lines of one side that take each other back: same reference, opposite amounts, nobody else in question.

    The earlier line comes first. What the other side explains is gone by then (``months``).
    """
    by_name: dict[tuple[int, int, int], list[int]] = {}
    name = side.names[-1]
    for row in rows[name[rows] >= 0].tolist():
        key = (int(side.account[row]), int(name[row]), abs(int(side.amount[row])))
        by_name.setdefault(key, []).append(row)
    pairs = []
    for own in by_name.values():
        if len(own) != 2 or side.amount[own[0]] != -side.amount[own[1]]:
            continue
        if abs(int(side.date[own[0]] - side.date[own[1]])) <= policy.carried_days:
            pairs.append((own[0], own[1]))
    return pairs


def are_different_cheques(bank: Side, row: int, book: Side, other: int) -> bool:
    """Both lines say the number of a cheque, and not the same."""
    one, two = bank.cheque(row), book.cheque(other)
    return bool(one and two and one != two)


def in_window(bank: Side, row: int, book: Side, other: int, policy: ReconciliationPolicy) -> bool:
    """Whether the book line is dated within the days of the first passes."""
    return -policy.days_before <= int(book.day[other] - bank.day[row]) <= policy.days_after


def _met(pair: Pair, rule: str) -> Met:
    return Met((pair[0],), (pair[1],), rule)


def _same_name(bank: Side, name: Ints, book: Side, free: Free) -> Iterator[tuple[Ints, Ints]]:
    rows = free.bank[name[free.bank] >= 0], free.book[book.names[0][free.book] >= 0]
    width = max(int(name.max(initial=0)), int(book.names[0].max(initial=0))) + 1
    keys = (
        bank.money[rows[0]] * width + name[rows[0]],
        book.money[rows[1]] * width + book.names[0][rows[1]],
    )
    return sharing(keys[0], rows[0], keys[1], rows[1])


def _said(side: Side, row: int) -> tuple[str, ...]:
    return (side.cheque(row),) if side.cheque(row) else ()


def _alike(
    bank: Side,
    book: Side,
    free: Free,
    of_bank: Callable[[int], Iterable[Hashable]],
    of_book: Callable[[int], Iterable[Hashable]],
) -> Iterator[Pair]:
    """Pairs of one amount that have something in common of what these functions say of a row."""
    shared = np.intersect1d(bank.money[free.bank], book.money[free.book])
    known: dict[Hashable, list[int]] = {}
    for other in free.book[np.isin(book.money[free.book], shared)].tolist():
        for key in of_book(other):
            known.setdefault((int(book.money[other]), key), []).append(other)
    for row in free.bank[np.isin(bank.money[free.bank], shared)].tolist():
        for key in of_bank(row):
            for other in known.get((int(bank.money[row]), key), ()):
                yield row, other


def _first_of_equals(book: Side, pairs: list[Pair]) -> list[Pair]:
    """Of book lines of one reference that a bank line could be, only the earliest: either would do."""
    seen: set[tuple[int, int]] = set()
    kept = []
    for row, other in pairs:
        name = int(book.names[0][other])
        if name < 0 or (row, name) not in seen:
            kept.append((row, other))
            seen.add((row, name))
    return kept


def _take_each_other(free: Free, pairs: list[Pair], rule: str) -> None:
    """Of these candidates, the pairs in which each is the other's only one."""
    of_bank: dict[int, set[int]] = {}
    of_book: dict[int, set[int]] = {}
    for row, other in pairs:
        of_bank.setdefault(row, set()).add(other)
        of_book.setdefault(other, set()).add(row)
    free.take(
        [
            Met((row,), (next(iter(others)),), rule)
            for row, others in sorted(of_bank.items())
            if len(others) == 1 and len(of_book[next(iter(others))]) == 1
        ]
    )


def _in_order(
    bank_rows: Ints, book_rows: Ints, bank: Side, book: Side, policy: ReconciliationPolicy
) -> Iterator[Pair]:
    """Both sides by date, each bank line with the earliest book line in its window."""
    place, others = 0, book_rows.tolist()
    for row in bank_rows.tolist():
        day = bank.day[row]
        while place < len(others) and book.day[others[place]] < day - policy.days_before:
            place += 1
        if place < len(others) and book.day[others[place]] <= day + policy.days_after:
            yield row, others[place]
            place += 1


def _mutually_unique(
    bank_rows: Ints, book_rows: Ints, bank: Side, book: Side, policy: ReconciliationPolicy
) -> Iterator[Pair]:
    """Pairs in which each is the other's only candidate; rows come sorted by date."""
    days, others = bank.day[bank_rows], book.day[book_rows]
    first = np.searchsorted(others, days - policy.days_before, side="left")
    last = np.searchsorted(others, days + policy.days_after, side="right")
    first_back = np.searchsorted(days, others - policy.days_after, side="left")
    last_back = np.searchsorted(days, others + policy.days_before, side="right")
    for place in np.flatnonzero(last - first == 1).tolist():
        other = int(first[place])
        if last_back[other] - first_back[other] == 1:
            yield int(bank_rows[place]), int(book_rows[other])
