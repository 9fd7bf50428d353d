"""Whether a set of lines is the only answer to a sum, and no accident.

Up to ``group_candidates`` lines the whole space is searched: the answer must be the only one there is. Among
more, only lines of one day are tried together, and only so many of them as leave accidents improbable.
Source: PERFORMANCE, 3c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..money import Amounts
from ..policy import ReconciliationPolicy
from ..subsets import find_subsets
from ..subsets.expectations import Moments, coincidence, expected_answers, lattice_of, shares_by_zeros
from .sides import Ints, Side

Answer = tuple[int, ...]
#: Lines of one day among which pairs to fours are laid out, and the most of them.
MOST_OF_DAY, LARGEST_OF_DAY = 400, 4


@dataclass(frozen=True)
class Proof:
    """``answers``: sets of rows that are the sum; one set means that it is the only one."""

    answers: list[Answer]
    is_searched: bool = True

    @classmethod
    def of(
        cls,
        parts: Side,
        near: Ints,
        target: int,
        whole_days: Sequence[Answer],
        policy: ReconciliationPolicy,
        *,
        is_affordable: bool,
    ) -> Proof:
        """The answers among ``near``; ``whole_days``: all lines of a day, where they are the sum."""
        limit = policy.group_wrong_per_million / 1_000_000
        if len(near) > policy.group_candidates:
            return _day_by_day(parts, near, target, whole_days, policy, limit, is_affordable=is_affordable)
        if not is_affordable:
            return cls([], is_searched=False)
        answers = sorted({*whole_days, *search_sums(parts, near, target, policy.group_lines)})
        if len(answers) == 1 and answers[0] not in whole_days:
            accidents = _Space(parts.amount[near], target).accidents(len(answers[0]))
            return cls(answers if accidents <= limit else [])
        return cls(answers)


def _day_by_day(
    parts: Side,
    near: Ints,
    target: int,
    whole_days: Sequence[Answer],
    policy: ReconciliationPolicy,
    limit: float,
    *,
    is_affordable: bool,
) -> Proof:
    """Lines of one day together; a day's total is one sum and no search, so it is seen among any number."""
    dates = np.unique(parts.date[near])
    if whole_days:
        chance = coincidence(target, shares_by_zeros(parts.amount[near])) * len(dates)
        return Proof(list(whole_days) if chance <= limit else [])
    if not is_affordable:
        return Proof([], is_searched=False)
    days = [rows for date in dates if len(rows := near[parts.date[near] == date]) > 1]
    spaces = [_Space(parts.amount[rows], target) for rows in days]
    largest = 1
    for size in range(2, policy.group_lines + 1):
        if sum(space.accidents(size) for space in spaces) > limit:
            break
        largest = size
    if largest < 2:
        return Proof([], is_searched=False)
    answers: list[Answer] = []
    for rows in days:
        most = largest
        if len(rows) > policy.group_candidates:
            if len(rows) > MOST_OF_DAY:
                return Proof([], is_searched=False)
            most = min(largest, LARGEST_OF_DAY)
        answers.extend(search_sums(parts, rows, target, most))
    return Proof(sorted(answers))


def search_sums(parts: Side, rows: Ints, target: int, largest: int) -> list[Answer]:
    """Every answer of the search, two at the most; of equal lines told apart by nothing there are two."""
    amounts = parts.amount[rows]
    found = find_subsets(amounts, target, largest=largest)
    answers = [tuple(sorted(rows[list(places)].tolist())) for places in found.subsets]
    if found.verdict == "unique" and not found.is_unique_as_documents:
        return [*answers, _with_another_equal(amounts, rows, answers[0])]
    return answers


def _with_another_equal(amounts: Ints, rows: Ints, answer: Answer) -> Answer:
    """The same sum with another of two equal lines."""
    amount_of = dict(zip(rows.tolist(), amounts.tolist(), strict=True))
    for row in answer:
        for other in rows.tolist():
            if other not in answer and amount_of[other] == amount_of[row]:
                return tuple(sorted((*(one for one in answer if one != row), other)))
    return answer


class _Space:
    """Amounts of which sets are asked, and what is known of them from one question to the next."""

    def __init__(self, amounts: Amounts, target: int) -> None:
        self._amounts, self._target = amounts, target
        self._step = lattice_of(amounts).step
        self._known: Moments = {}

    def accidents(self, largest: int) -> float:
        """Sets of two up to so many lines that are expected to be the target without being meant."""
        return expected_answers(
            self._amounts, self._target, smallest=2, largest=largest, lattice=self._step, known=self._known
        )
