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
from ..subsets.expectations import sets_of
from ..subsets.together import LARGEST, MOST_TOLD, find_together, sets_together
from .figures import SIZES, Figures, compiled, figures_of
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
#: Documents up to which a search of all sets costs less than one of those that lie together.
MOST_AT_ONCE = 24
_PLACES = {low: place for place, (low, _) in enumerate(SIZES)}
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
    def _codes(self) -> Days:
        return np.array(self.groups, dtype=np.int64).reshape(-1, len(self.amounts))

    @cached_property
    def _figures(self) -> dict[tuple[int, int], Figures]:
        return {}

    def figures(self, amount: int, day: int) -> Figures:
        """What is reckoned of an amount paid on that day, before anything is searched."""
        if (amount, day) not in self._figures:
            self._figures[amount, day] = figures_of(
                self.amounts, self.due_days, self.document_days, self._codes, amount, day,
                (DUE_BEFORE, DUE_AFTER),
            )  # fmt: skip
        return self._figures[amount, day]


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
    n = len(account.amounts)
    if not n:
        return
    figures = account.figures(amount, day)
    yield from _single(figures)
    if n < 2:
        return
    yield from _balances(account, figures, amount, day)
    yield _windows(account, figures, amount)
    yield _held_back(account, figures, amount)
    yield from _few(account, figures, amount)
    if n > 4:
        of_any_size = _Searched(account.amounts, amount, n if n <= MOST_FOR_ANY else 0)
        yield from _together(account, figures, of_any_size, day)
        yield from _any(account, figures, of_any_size)


def _single(figures: Figures) -> Iterator[Space]:
    """One document: of those that fall due about now, or of all, either as likely."""
    answers = ((figures.first,),) if figures.first >= 0 else ()
    expected = float(figures.expected[0])
    parts = 2 if figures.kinds_now else 1
    if figures.kinds_now:
        kinds = float(figures.kinds_now * parts)
        yield Space("single-amount", kinds, expected, answers if figures.has_one_now else ())
    yield Space("single-amount", float(figures.kinds * parts), expected, answers)


def _balances(account: Account, figures: Figures, amount: int, day: int) -> Iterator[Space]:
    n, at_random = len(account.amounts), figures.at_random
    everything = tuple(range(n))
    yield Space("whole-account", 1.0, at_random, (everything,) if figures.total == amount else ())
    if 1 < figures.past_due < n:
        hits: tuple[Positions, ...] = ()
        if figures.past_due_total == amount:
            hits = (_tuple(np.flatnonzero(account.due_days < day)),)
        yield Space("past-due", 1.0, at_random, hits)
    if figures.groups:
        groups = account.members if figures.has_group else []
        paid = tuple(_tuple(one) for one in groups if int(account.amounts[one].sum()) == amount)
        yield Space("one-group", float(figures.groups), figures.groups * at_random, paid)


class _Run:
    """The documents in the order of their dates; ``bounds``: where a date begins, ``sums`` before it."""

    def __init__(self, account: Account, days: Days) -> None:
        self.order, self.bounds, self.sums = compiled()[1](account.amounts, days)
        self.amounts = account.amounts[self.order]

    def documents(self, places: Sequence[int] | Days) -> Positions:
        return _tuple(self.order[list(places)])


def _windows(account: Account, figures: Figures, amount: int) -> Space:
    answers: dict[Positions, None] = {}
    for run in account.runs if figures.may_be_window else ():
        for first, last in _pairs_apart(run.sums, amount):
            start, end = int(run.bounds[first]), int(run.bounds[last])
            if end - start > 1:
                answers.setdefault(run.documents(range(start, end)))
    expected = figures.windows * figures.at_random
    return Space("window", float(figures.windows), expected, tuple(answers))


def _held_back(account: Account, figures: Figures, amount: int) -> Space:
    rule = "window-held-back"
    sets = max(figures.held_back, 1.0)
    expected = sets * figures.at_random

    def search() -> Space:
        answers: dict[Positions, None] = {}
        for run in account.runs:
            for one in find_held_back(run.amounts, run.bounds, amount, most=MOST_HELD_BACK):
                answers.setdefault(run.documents(one))
        return Space(rule, sets, expected, tuple(answers))

    can_search = figures.bounds <= MOST_BOUNDARIES
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


def _few(account: Account, figures: Figures, amount: int) -> Iterator[Space]:
    """Two, three or four documents, each number as likely as the others: pairs are fewer, so surer."""
    searched = _Searched(account.amounts, amount, min(len(account.amounts), 4))
    for size in (2, 3, 4):
        if size <= len(account.amounts):
            expected = _expected(figures, size)
            yield _of_size("few-documents", account, searched, size, size, 3, expected, MOST_FOR_FEW)


def _together(account: Account, figures: Figures, of_any_size: _Searched, day: int) -> Iterator[Space]:
    """Two to six documents that lie together by their due dates: each number as likely as the others, and
    among those that fall due about now as likely as anywhere.
    """
    n = len(account.amounts)
    met: list[Positions] = []

    def found_together() -> Iterator[Positions]:
        order = np.argsort(account.due_days, kind="stable")
        for one in find_together(account.amounts[order], of_any_size.amount):
            yield _tuple(order[list(one)])

    def search(space: Space, size: int, is_now: bool) -> Space:
        if not met:
            met.extend(found_together() if n > MOST_AT_ONCE or of_any_size.find(n).subsets else ())
            met.append(())
        now = account.due_about(day)
        answers = tuple(one for one in met if len(one) == size and (not is_now or now[list(one)].all()))
        is_cut = len(met) > MOST_TOLD
        unseen = max(space.expected - len(answers), 1.0) if is_cut else 0.0
        return Space(space.rule, space.sets, space.expected, answers, unseen)

    sizes, among = range(2, LARGEST + 1), ((True, figures.due_now), (False, n))
    for size in sizes:
        for is_now, count in among:
            sets = sets_together(count, size)
            expected = sets * figures.at_random
            if sets:
                shares = sets * len(sizes) * len(among)
                space = Space("due-together", shares, expected, (), expected)
                can_search = n <= MOST_TOGETHER
                asked = partial(search, space, size, is_now) if can_search else None
                yield Space("due-together", shares, expected, (), expected, asked)


def _any(account: Account, figures: Figures, searched: _Searched) -> Iterator[Space]:
    n = len(account.amounts)
    sizes = [(low, min(high, n)) for low, high in SIZES if 5 <= low <= n]
    for low, high in sizes:
        expected = _expected(figures, low)
        yield _of_size("any-documents", account, searched, low, high, len(sizes), expected, MOST_FOR_ANY)


def _expected(figures: Figures, low: int) -> float:
    """Accidental answers of so many documents, or of the sizes that begin with so many."""
    return float(figures.expected[_PLACES[low]])


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
    rule: str,
    account: Account,
    searched: _Searched,
    low: int,
    high: int,
    parts: int,
    expected: float,
    most: int,
) -> Space:
    """Sets of ``low`` to ``high`` documents, one of ``parts`` that are as likely as one another."""
    amounts = account.amounts
    sets = sets_of(len(amounts), low, high) * parts

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
