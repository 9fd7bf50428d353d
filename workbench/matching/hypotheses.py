"""How a customer may have paid: each hypothesis is a space of sets of documents, counted and searched whole.

One document; the whole account; all that is past due; one term, order or centre; a run of due or invoice
dates ("window"), whole or with one or two documents held back; any few documents; any set of a small account.
How often each is so stands in ``policy.USUAL_HABITS``. Source: DOMAIN, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..money import Amounts
from ..subsets import Found, find_held_back, find_subsets
from ..subsets.expectations import SPREAD, expected_answers, sets_of
from .results import Deduction

Days = npt.NDArray[np.int64]
Positions = tuple[int, ...]

#: Boundaries of dates up to which all windows are tried with documents held back.
MOST_BOUNDARIES = 64
#: Windows with documents held back that are looked at; where there are so many, none is proven.
MOST_HELD_BACK = 16
#: Documents up to which sets of any size are searched, and sets of four.
MOST_FOR_ANY, MOST_FOR_FEW = 30, 1_000


@dataclass(frozen=True)
class Account:
    """The living documents of one account in the trade's order (oldest due first).

    ``amounts``: open, minor units, credits negative; ``groups``: codes of term, order and centre, −1 without.
    """

    amounts: Amounts
    due_days: Days
    document_days: Days
    groups: tuple[Days, ...] = ()


@dataclass(frozen=True)
class Space:
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
    yield _single(amounts, amount)
    if n < 2:
        return
    yield from _balances(account, amount, day)
    runs = [_Run(account, days) for days in (account.due_days, account.document_days)]
    yield _windows(runs, amount)
    yield _held_back(runs, amount)
    yield _few(amounts, amount)
    if n > 4:
        yield _any(amounts, amount)


def _single(amounts: Amounts, amount: int) -> Space:
    kinds = len(np.unique(amounts))
    found = np.flatnonzero(amounts == amount)
    expected = expected_answers(amounts, amount, smallest=1, largest=1)
    return Space("single-amount", float(kinds), expected, ((int(found[0]),),) if len(found) else ())


def _balances(account: Account, amount: int, day: int) -> Iterator[Space]:
    everything = np.arange(len(account.amounts))
    past_due = everything[account.due_days < day]
    groups = [
        np.flatnonzero(codes == code)
        for codes in account.groups
        for code in np.unique(codes[codes >= 0]).tolist()
    ]
    groups = [group for group in groups if 1 < len(group) < len(everything)]
    for rule, sets in (
        ("whole-account", [everything]),
        ("past-due", [past_due] if 1 < len(past_due) < len(everything) else []),
        ("one-group", groups),
    ):
        if sets:
            hits = tuple(_tuple(one) for one in sets if int(account.amounts[one].sum()) == amount)
            yield Space(rule, float(len(sets)), _rare(len(sets), amount), hits)


class _Run:
    """The documents in the order of their dates; ``bounds``: where a date begins, ``sums`` before it."""

    def __init__(self, account: Account, days: Days) -> None:
        self.order = np.argsort(days, kind="stable")
        self.amounts = account.amounts[self.order]
        self.bounds = np.r_[0, np.flatnonzero(np.diff(days[self.order])) + 1, len(days)]
        self.sums = np.r_[0, np.cumsum(self.amounts)][self.bounds]

    @property
    def windows(self) -> int:
        return len(self.bounds) * (len(self.bounds) - 1) // 2

    def documents(self, places: Sequence[int] | Days) -> Positions:
        return _tuple(self.order[list(places)])


def _windows(runs: Sequence[_Run], amount: int) -> Space:
    answers: dict[Positions, None] = {}
    for run in runs:
        for first, last in _pairs_apart(run.sums, amount):
            start, end = int(run.bounds[first]), int(run.bounds[last])
            if end - start > 1:
                answers.setdefault(run.documents(range(start, end)))
    windows = sum(run.windows for run in runs)
    return Space("window", float(windows), _rare(windows, amount), tuple(answers))


def _held_back(runs: Sequence[_Run], amount: int) -> Space:
    rule = "window-held-back"
    sets = max(sum(_count_held_back(np.diff(run.bounds)) for run in runs), 1.0)
    expected = _rare(sets, amount)

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
    places: dict[int, list[int]] = {}
    for place, total in enumerate(sums.tolist()):
        for first in places.get(total - amount, ()):
            yield first, place
        places.setdefault(total, []).append(place)


def _count_held_back(lengths: Days) -> float:
    """How many sets windows with one or two documents held back are."""
    ends = np.r_[0, np.cumsum(lengths)]
    sizes = (ends[None, :] - ends[:, None])[np.triu_indices(len(ends), 1)].astype(np.float64)
    return float((sizes + sizes * (sizes - 1) / 2).sum())


def _few(amounts: Amounts, amount: int) -> Space:
    rule, sets = "few-documents", sets_of(len(amounts), 2, 4)
    expected = expected_answers(amounts, amount, smallest=2, largest=4)

    def search() -> Space:
        found = find_subsets(amounts, amount, largest=4)
        return _of_found(rule, sets, expected, found, tuple(one for one in found.subsets if len(one) > 1))

    return Space(rule, sets, expected, (), expected, search if len(amounts) <= MOST_FOR_FEW else None)


def _any(amounts: Amounts, amount: int) -> Space:
    n = len(amounts)
    rule, sets = "any-documents", sets_of(n, 5, n)
    expected = expected_answers(amounts, amount, smallest=5, largest=n)

    def search() -> Space:
        found = find_subsets(amounts, amount)
        return _of_found(rule, sets, expected, found, tuple(one for one in found.subsets if len(one) > 4))

    return Space(rule, sets, expected, (), expected, search if n <= MOST_FOR_ANY else None)


def _of_found(rule: str, sets: float, expected: float, found: Found, answers: tuple[Positions, ...]) -> Space:
    """A search ends at the second answer: then others are to be expected, one at the least."""
    unseen = max(expected - len(answers), 1.0) if found.verdict == "ambiguous" else 0.0
    return Space(rule, sets, expected, answers, unseen)


def _rare(sets: float, amount: int) -> float:
    """Accidents among so many sets of about the amount, on a grid of single minor units."""
    return sets / (SPREAD * abs(amount)) if amount else sets


def _tuple(positions: Sequence[int] | npt.NDArray[np.int64]) -> Positions:
    return tuple(sorted(int(position) for position in positions))
