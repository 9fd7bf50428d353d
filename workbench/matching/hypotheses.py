"""How a customer may have paid: each hypothesis is a space of sets of documents, counted and searched whole.

One document; the whole account; all that is past due; one term, order or centre; a run of due or invoice
dates ("window"), whole or with one or two documents held back; a few documents that fall due together, or any
few; any set of a small account. Fewer documents are fewer sets, so each number of them is a space of its own.
How often each is so stands in ``policy.USUAL_HABITS``. Source: DOMAIN, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..money import Amounts
from ..subsets import Found, find_held_back, find_subsets
from ..subsets.expectations import (
    Lattice,
    Moments,
    coincidence,
    expected_answers,
    lattice_of,
    sets_of,
    shares_by_zeros,
)
from ..subsets.together import LARGEST, MOST_TOLD, find_together, sets_together
from .results import Deduction

Days = npt.NDArray[np.int64]
Positions = tuple[int, ...]

#: Boundaries of dates up to which all windows are tried with documents held back.
MOST_BOUNDARIES = 64
#: Windows with documents held back that are looked at; where there are so many, none is proven.
MOST_HELD_BACK = 16
#: Documents up to which sets of any size are searched, and sets of four.
MOST_FOR_ANY, MOST_FOR_FEW = 30, 1_000
MOST_TOGETHER = 1_000
#: Documents up to which a search for sets of any size costs no more than those for some sizes.
MOST_AT_ONCE = 18
#: Documents "fall due about now" that were due so many days before a receipt, or are so many after it.
DUE_BEFORE, DUE_AFTER = 45, 15


@dataclass(frozen=True)
class Account:
    """The living documents of one account in the trade's order (oldest due first).

    ``amounts``: open, minor units, credits negative; ``groups``: codes of term, order and centre, −1 without.
    """

    amounts: Amounts
    due_days: Days
    document_days: Days
    groups: tuple[Days, ...] = ()

    def due_about(self, day: int) -> npt.NDArray[np.bool_]:
        """Which of them fall due about that day (``DUE_BEFORE`` to ``DUE_AFTER``)."""
        since = day - self.due_days
        return (since <= DUE_BEFORE) & (since >= -DUE_AFTER)

    @cached_property
    def members(self) -> list[Days]:
        """The documents of each term, order and centre that has several and not all."""
        found = []
        for codes in self.groups:
            by_code: dict[int, list[int]] = {}
            for place, code in enumerate(codes.tolist()):
                by_code.setdefault(code, []).append(place)
            found += [
                np.array(places, dtype=np.int64)
                for code, places in sorted(by_code.items())
                if code >= 0 and 1 < len(places) < len(codes)
            ]
        return found

    @cached_property
    def runs(self) -> tuple[_Run, _Run]:
        """By due and by invoice date."""
        return _Run(self, self.due_days), _Run(self, self.document_days)

    @cached_property
    def lattice(self) -> Lattice:
        return lattice_of(self.amounts)

    @cached_property
    def _shares(self) -> tuple[float, ...]:
        return shares_by_zeros(self.amounts)

    @cached_property
    def _moments(self) -> Moments:
        return {}

    @cached_property
    def _at_random(self) -> dict[int, float]:
        return {}

    def at_random(self, amount: int) -> float:
        """The chance that a payment of about this amount, meaning no document, is exactly it."""
        if amount not in self._at_random:
            self._at_random[amount] = coincidence(amount, self._shares, self.lattice)
        return self._at_random[amount]

    def expected(self, amount: int, smallest: int, largest: int) -> float:
        """Sets of so many documents that are the amount by accident."""
        return expected_answers(
            self.amounts, amount, smallest=smallest, largest=largest, lattice=self.lattice.step,
            known=self._moments,
        )  # fmt: skip


class Space(NamedTuple):
    """A hypothesis: its sets, the accidental answers to expect among them, and the answers that are there.

    ``unseen``: answers to expect beside those shown, where the search ended at the second or could not be.
    ``settled``: of each answer, what is settled by no cash, where the answer is not whole documents.
    ``search``: gives the space searched, where that costs something; until then all its answers are unseen.
    """

    rule: str
    sets: float
    expected: float
    answers: tuple[Positions, ...] = ()
    unseen: float = 0.0
    search: Callable[[], Space] | None = None
    settled: tuple[tuple[Deduction, ...], ...] = ()


def spaces_of(account: Account, amount: int, day: int) -> Iterator[Space]:
    """Every hypothesis that this account leaves room for, those that cost nothing to search first.

    ``day``: the receipt's, days since 1970.
    """
    amounts = account.amounts
    n = len(amounts)
    if not n:
        return
    yield from _single(account, amount, day)
    if n < 2:
        return
    yield from _balances(account, amount, day)
    runs = account.runs
    at_random = account.at_random(amount)
    yield _windows(runs, amount, at_random)
    yield _held_back(runs, amount, at_random)
    yield from _few(account, amount)
    if n > 4:
        yield from _together(account, amount, day)
        yield from _any(account, amount)


def _single(account: Account, amount: int, day: int) -> Iterator[Space]:
    """One document: of those that fall due about now, or of all, either as likely."""
    amounts = account.amounts
    found = np.flatnonzero(amounts == amount)
    answers = ((int(found[0]),),) if len(found) else ()
    expected = account.expected(amount, 1, 1)
    now = account.due_about(day)
    kinds = len(set(amounts[now].tolist()))
    parts = 2 if kinds else 1
    if kinds:
        yield Space("single-amount", float(kinds * parts), expected, answers if now[found].any() else ())
    yield Space("single-amount", float(len(set(amounts.tolist())) * parts), expected, answers)


def _balances(account: Account, amount: int, day: int) -> Iterator[Space]:
    everything = np.arange(len(account.amounts))
    past_due = everything[account.due_days < day]
    groups = account.members
    for rule, sets in (
        ("whole-account", [everything]),
        ("past-due", [past_due] if 1 < len(past_due) < len(everything) else []),
        ("one-group", groups),
    ):
        if sets:
            hits = tuple(_tuple(one) for one in sets if int(account.amounts[one].sum()) == amount)
            yield Space(rule, float(len(sets)), len(sets) * account.at_random(amount), hits)


class _Run:
    """The documents in the order of their dates; ``bounds``: where a date begins, ``sums`` before it."""

    def __init__(self, account: Account, days: Days) -> None:
        self.order = np.argsort(days, kind="stable")
        self.amounts = account.amounts[self.order]
        ordered = days[self.order]
        changes = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        self.bounds = np.concatenate(([0], changes, [len(days)]))
        self.sums = np.concatenate(([0], np.cumsum(self.amounts)))[self.bounds]

    @cached_property
    def held_back(self) -> float:
        """How many sets its windows are with one or two documents held back."""
        return _count_held_back(self.bounds[1:] - self.bounds[:-1])

    @property
    def windows(self) -> int:
        return len(self.bounds) * (len(self.bounds) - 1) // 2

    def documents(self, places: Sequence[int] | Days) -> Positions:
        return _tuple(self.order[list(places)])


def _windows(runs: Sequence[_Run], amount: int, at_random: float) -> Space:
    answers: dict[Positions, None] = {}
    for run in runs:
        for first, last in _pairs_apart(run.sums, amount):
            start, end = int(run.bounds[first]), int(run.bounds[last])
            if end - start > 1:
                answers.setdefault(run.documents(range(start, end)))
    windows = sum(run.windows for run in runs)
    return Space("window", float(windows), windows * at_random, tuple(answers))


def _held_back(runs: Sequence[_Run], amount: int, at_random: float) -> Space:
    rule = "window-held-back"
    sets = max(sum(run.held_back for run in runs), 1.0)
    expected = sets * at_random

    def search() -> Space:
        answers: dict[Positions, None] = {}
        for run in runs:
            for one in find_held_back(run.amounts, run.bounds, amount, most=MOST_HELD_BACK):
                answers.setdefault(run.documents(one))
        return Space(rule, sets, expected, tuple(answers))

    can_search = all(len(run.bounds) <= MOST_BOUNDARIES for run in runs)
    return Space(rule, sets, expected, (), expected, search if can_search else None)


def _pairs_apart(sums: Amounts, amount: int) -> Iterator[tuple[int, int]]:
    """Boundaries between which the documents sum to the amount, the first before the last."""
    totals = sums.tolist()
    if set(totals).isdisjoint([total - amount for total in totals]):
        return
    places: dict[int, list[int]] = {}
    for place, total in enumerate(totals):
        for first in places.get(total - amount, ()):
            yield first, place
        places.setdefault(total, []).append(place)


def _count_held_back(lengths: Days) -> float:
    """How many sets windows with one or two documents held back are: size × (size + 1) ÷ 2 of each window.

    Over all pairs of ends the sizes and their squares sum to what the sums over single ends give.
    """
    ends = np.concatenate(([0], np.cumsum(lengths)))
    count, whole = len(ends), int(ends.sum())
    squares = count * int((ends * ends).sum()) - whole * whole
    sizes = int((ends * (2 * np.arange(count) - count + 1)).sum())
    return (squares + sizes) / 2


def _few(account: Account, amount: int) -> Iterator[Space]:
    """Two, three or four documents, each number as likely as the others: pairs are fewer, so surer."""
    searched = _Searched(account.amounts, amount, min(len(account.amounts), 4))
    for size in (2, 3, 4):
        if size <= len(account.amounts):
            yield _of_size("few-documents", account, searched, size, size, 3, MOST_FOR_FEW)


def _together(account: Account, amount: int, day: int) -> Iterator[Space]:
    """Two to six documents that lie together by their due dates: each number as likely as the others, and
    among those that fall due about now as likely as anywhere.
    """
    order = np.argsort(account.due_days, kind="stable")
    now = account.due_about(day)
    met: list[Positions] = []

    def search(space: Space, size: int, is_now: bool) -> Space:
        if not met:
            met.extend(_tuple(order[list(one)]) for one in find_together(account.amounts[order], amount))
            met.append(())
        answers = tuple(one for one in met if len(one) == size and (not is_now or now[list(one)].all()))
        is_cut = len(met) > MOST_TOLD
        unseen = max(space.expected - len(answers), 1.0) if is_cut else 0.0
        return Space(space.rule, space.sets, space.expected, answers, unseen)

    sizes, among = range(2, LARGEST + 1), ((True, int(now.sum())), (False, len(order)))
    for size in sizes:
        for is_now, n in among:
            sets = sets_together(n, size)
            expected = sets * account.at_random(amount)
            if sets:
                shares = sets * len(sizes) * len(among)
                space = Space("due-together", shares, expected, (), expected)
                can_search = len(order) <= MOST_TOGETHER
                asked = partial(search, space, size, is_now) if can_search else None
                yield Space("due-together", shares, expected, (), expected, asked)


def _any(account: Account, amount: int) -> Iterator[Space]:
    n = len(account.amounts)
    sizes = [(5, 6), (7, 10), (11, n)]
    sizes = [(low, min(high, n)) for low, high in sizes if low <= n]
    searched = _Searched(account.amounts, amount, n if n <= MOST_AT_ONCE else 0)
    for low, high in sizes:
        yield _of_size("any-documents", account, searched, low, high, len(sizes), MOST_FOR_ANY)


class _Searched:
    """Searches of an account for an amount: where the widest finds one set or none, so does each of them."""

    def __init__(self, amounts: Amounts, amount: int, widest: int) -> None:
        """``widest``: documents of the search that is made first, 0 where each is made alone."""
        self.amounts, self.amount, self._widest = amounts, amount, widest
        self._found: Found | None = None

    def find(self, largest: int) -> Found:
        if largest <= self._widest and self._found is None:
            self._found = find_subsets(self.amounts, self.amount, largest=self._widest)
        whole = self._found
        if whole is not None and largest == self._widest:
            return whole
        if whole is None or whole.verdict not in ("none", "unique"):
            return find_subsets(self.amounts, self.amount, largest=largest)
        return whole if all(len(one) <= largest for one in whole.subsets) else Found("none")


def _of_size(
    rule: str, account: Account, searched: _Searched, low: int, high: int, parts: int, most: int
) -> Space:
    """Sets of ``low`` to ``high`` documents, one of ``parts`` that are as likely as one another."""
    amounts, amount = account.amounts, searched.amount
    sets = sets_of(len(amounts), low, high) * parts
    expected = account.expected(amount, low, high)

    def search() -> Space:
        found = searched.find(high)
        answers = tuple(one for one in found.subsets if low <= len(one))
        return _of_found(rule, sets, expected, found, answers, parts)

    unseen = expected * parts
    return Space(rule, sets, expected, (), unseen, search if len(amounts) <= most else None)


def _of_found(
    rule: str, sets: float, expected: float, found: Found, answers: tuple[Positions, ...], parts: int
) -> Space:
    """A search ends at the second answer: then others are to be expected, one at the least."""
    is_cut = found.verdict in ("ambiguous", "unsearched")
    unseen = max(expected - len(answers), 1.0 if answers else 0.0) if is_cut else 0.0
    return Space(rule, sets, expected, answers, unseen)


def _tuple(positions: Sequence[int] | npt.NDArray[np.int64]) -> Positions:
    given = positions.tolist() if isinstance(positions, np.ndarray) else positions
    return tuple(sorted(given))
