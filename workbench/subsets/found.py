"""Which search a space needs, and its answer as documents."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import AmountOverflowError
from ..money import LARGEST_AMOUNT, Amounts
from . import searches

Verdict = Literal["none", "unique", "ambiguous", "unsearched"]
Engine = Literal["auto", "plain", "numba"]

#: Choices of amounts up to which the halves' sums are laid out whole: 2³⁰, thirty different amounts.
MOST_CHOICES = 2**30
#: Documents up to which all pairs are laid out: two million pairs, 60 MB.
MOST_FOR_PAIRS = 2_000
#: Steps after which branch and bound gives up: about half a second compiled.
MOST_STEPS = 50_000_000
#: Without numba a tenth of each.
_PLAIN_SHARE = 64


@dataclass(frozen=True)
class Found:
    """``subsets``: positions of the documents of each answer met, at most two; more are not looked for.

    ``none`` and ``unique`` are said only of a space searched whole. ``is_unique_as_documents``: the one
    answer takes all or none of each group of equal amounts.
    """

    verdict: Verdict
    subsets: tuple[tuple[int, ...], ...] = ()
    is_unique_as_documents: bool = False


def find_subsets(
    amounts: Amounts, target: int, *, largest: int | None = None, engine: Engine = "auto"
) -> Found:
    """The sets of at most ``largest`` documents (``None``: of any size) whose amounts sum to ``target``.

    ``amounts``: int64 minor units of one currency, any sign, none zero. Never the empty set. Documents of the
    same amount are one choice: an answer names the first of them by position, so whoever calls lays them in
    the order to take them. The same amounts in another order give the same answers as money. A space too
    large to search whole gives ``unsearched``, unless two answers were met on the way.
    """
    given = np.ascontiguousarray(amounts, dtype=np.int64)
    if not len(given) or largest == 0:
        return Found("none")
    if sum(map(abs, given.tolist())) + abs(int(target)) > LARGEST_AMOUNT:
        raise AmountOverflowError(amount=str(target))
    most = len(given) if largest is None else min(largest, len(given))
    values, owners, counts = np.unique(given, return_inverse=True, return_counts=True)
    kernels, share = _chosen(engine)
    count, answers = _searched(kernels, share, values, owners, counts.astype(np.int64), int(target), most)
    if count == searches.UNDECIDED:
        return Found("unsearched")
    subsets = tuple(_documents(answers[number], owners, len(values)) for number in range(count))
    if count == 0:
        return Found("none")
    if count > 1:
        return Found("ambiguous", subsets)
    is_whole = bool(np.all((answers[0] == 0) | (answers[0] == counts)))
    return Found("unique", subsets, is_whole)


def find_held_back(
    amounts: Amounts, bounds: npt.NDArray[np.int64], target: int, *, most: int = 16, engine: Engine = "auto"
) -> list[tuple[int, ...]]:
    """Places of the documents of each run between two ``bounds`` that sums to the target once one or two of
    its documents are held back; at most ``most`` such runs, each choice of amounts once a run.
    """
    given = np.ascontiguousarray(amounts, dtype=np.int64)
    edges = np.ascontiguousarray(bounds, dtype=np.int64)
    order = np.argsort(given, kind="stable")
    before = np.concatenate(([0], np.cumsum(given)))
    rows = np.full((most, 4), -1, np.int64)
    count = _chosen(engine)[0].held_back(given, given[order], order, before, edges, rows, int(target))
    return [
        tuple(place for place in range(start, end) if place not in (one, other))
        for start, end, one, other in rows[:count].tolist()
    ]


def _chosen(engine: Engine) -> tuple[searches.Searches, int]:
    made = None if engine == "plain" else searches.compiled()
    if made is None and engine == "numba":
        raise ImportError("numba is not installed: pip install 'workbench-cartera[fast]'")
    return (searches.PLAIN, _PLAIN_SHARE) if made is None else (made, 1)


def _searched(
    kernels: searches.Searches,
    share: int,
    values: Amounts,
    owners: npt.NDArray[np.int64],
    counts: Amounts,
    target: int,
    largest: int,
) -> searches.Answer:
    """By the search that needs least: pairs, else the halves' sums, else branch and bound."""
    if largest <= 4 and len(owners) <= MOST_FOR_PAIRS:
        order = np.argsort(owners, kind="stable")
        turns = _turns(owners[order])
        few = turns < 4
        kept = order[few]
        return _up_to_four(kernels, values, owners[kept], turns[few], target, largest)
    if math.prod(int(count) + 1 for count in counts) <= MOST_CHOICES:
        order, split = _halves(counts)
        count, answers = kernels.meet_in_the_middle(values[order], counts[order], split, target, largest)
        return count, _in_place(answers, order)
    order = np.lexsort((values, -np.abs(values)))
    steps = MOST_STEPS // share
    count, answers = kernels.branch_and_bound(values[order], counts[order], target, largest, steps)
    return count, _in_place(answers, order)


def _up_to_four(
    kernels: searches.Searches,
    values: Amounts,
    owners: npt.NDArray[np.int64],
    turns: npt.NDArray[np.int64],
    target: int,
    largest: int,
) -> searches.Answer:
    pairs = max(len(owners) * (len(owners) - 1) // 2, 1) if largest > 1 else 1
    slots = 1 << max(4, (2 * pairs - 1).bit_length())
    answers = np.zeros((searches.WANTED, len(values)), np.int64)
    room = np.empty((pairs, 3), np.int64)
    heads, keys = np.full(slots, -1, np.int64), np.empty(slots, np.int64)
    count = kernels.up_to_four(values[owners], owners, turns, heads, keys, room, answers, target, largest)
    return count, answers


def _turns(owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of the equal amounts each is, of amounts that lie together."""
    places = np.arange(len(owners))
    starts = np.concatenate(([True], owners[1:] != owners[:-1]))
    turns: npt.NDArray[np.int64] = places - np.maximum.accumulate(np.where(starts, places, 0))
    return turns


def _halves(counts: Amounts) -> tuple[npt.NDArray[np.int64], int]:
    """An order of the amounts and where to cut it, so that both halves have about as many choices."""
    choices = [0.0, 0.0]
    halves: list[list[int]] = [[], []]
    for place in np.argsort(-counts, kind="stable").tolist():
        lesser = 0 if choices[0] <= choices[1] else 1
        halves[lesser].append(place)
        choices[lesser] += math.log2(int(counts[place]) + 1)
    return np.array(halves[0] + halves[1], dtype=np.int64), len(halves[0])


def _in_place(answers: Amounts, order: npt.NDArray[np.int64]) -> Amounts:
    placed = np.zeros_like(answers)
    placed[:, order] = answers
    return placed


def _documents(taken: Amounts, owners: npt.NDArray[np.int64], n_values: int) -> tuple[int, ...]:
    """Positions of the first so many documents of each amount."""
    left = taken.copy()
    chosen = []
    for position, owner in enumerate(owners.tolist()):
        if left[owner] > 0:
            left[owner] -= 1
            chosen.append(position)
    return tuple(chosen)
