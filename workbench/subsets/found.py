"""Which search a space needs, and its answer as documents."""

from __future__ import annotations

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
MOST_CHOICES = 2.0**30
#: Documents up to which all pairs are laid out: two million pairs, 60 MB.
MOST_FOR_PAIRS = 2_000
#: Steps after which branch and bound gives up: about half a second compiled.
MOST_STEPS = 50_000_000
#: Without numba so much less.
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
    most = len(given) if largest is None else min(largest, len(given))
    if sum(map(abs, given.tolist())) + abs(int(target)) > LARGEST_AMOUNT:
        raise AmountOverflowError(amount=str(target))
    kernels, share = _chosen(engine)
    count, answers, owners, counts = kernels.search_whole(
        given, int(target), most, MOST_FOR_PAIRS, MOST_CHOICES, MOST_STEPS // share
    )
    if count == searches.UNDECIDED:
        return Found("unsearched")
    if count == 0:
        return Found("none")
    subsets = tuple(_documents(answers[number], owners) for number in range(count))
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
    rows = np.full((most, 4), -1, np.int64)
    count = _chosen(engine)[0].held_back(given, edges, rows, int(target))
    return [
        tuple(place for place in range(start, end) if place not in (one, other))
        for start, end, one, other in rows[:count].tolist()
    ]


def _chosen(engine: Engine) -> tuple[searches.Searches, int]:
    made = None if engine == "plain" else searches.compiled()
    if made is None and engine == "numba":
        raise ImportError("numba is not installed: pip install 'workbench-cartera[fast]'")
    return (searches.PLAIN, _PLAIN_SHARE) if made is None else (made, 1)


def _documents(taken: Amounts, owners: npt.NDArray[np.int64]) -> tuple[int, ...]:
    """Positions of the first so many documents of each amount."""
    places = [np.flatnonzero(owners == owner)[: taken[owner]] for owner in np.flatnonzero(taken).tolist()]
    return tuple(sorted(np.concatenate(places).tolist()))
