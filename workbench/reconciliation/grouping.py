"""One line that is several lines of the other side: the grouped deposit, and the payment that came in parts.

What is named comes first: lines that share a slip or reference with the one line; then all lines of one slip
of their own; then all of one day, or a handful that the subset engine proves to be the only answer. An answer
is taken where it is the only one and no other line claims a part of it; otherwise all of them stay, and the
rivals are told. Source: DOMAIN, section 9; PERFORMANCE, 3c.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from ..policy import ReconciliationPolicy
from .proving import Answer, Proof, search_sums
from .sides import Ints, Side

LEVELS = ("named", "slip", "sum")


@dataclass
class Grouped:
    """``taken``: the one row, its parts and the level that proved it; ``rivals``: answers of a row that were
    not the only ones; ``unsearched``: rows with more candidates, or more questions, than are searched."""

    taken: list[tuple[int, Answer, str]] = field(default_factory=list)
    rivals: dict[int, list[Answer]] = field(default_factory=dict)
    unsearched: list[int] = field(default_factory=list)


def group_lines(
    whole: Side,
    whole_rows: Ints,
    parts: Side,
    part_rows: Ints,
    policy: ReconciliationPolicy,
    *,
    window: tuple[int, int],
) -> Grouped:
    """Which rows of ``whole`` are the sum of two or more rows of ``parts``, of one sign and account.

    ``window``: a part is dated from so many days before the one line to so many after it. Accidents expected
    of a search stay below ``group_wrong_per_million``; equal parts that could stand for one another are no
    single answer.
    """
    grouped = Grouped()
    if policy.group_lines < 2:
        return grouped
    left, waiting = part_rows, whole_rows.tolist()
    for level in LEVELS:
        if len(left) < 2 or not waiting:
            break
        answers_of = _ASKED[level](whole, parts, left, policy, window)
        claims: dict[int, Answer] = {}
        for row in waiting:
            proof = answers_of(row)
            if not proof.is_searched:
                grouped.unsearched.append(row)
            elif len(proof.answers) == 1 and len(proof.answers[0]) > 1:
                claims[row] = proof.answers[0]
            elif any(len(answer) > 1 for answer in proof.answers):
                grouped.rivals[row] = proof.answers
        asked = Counter(part for answer in claims.values() for part in answer)
        for row, answer in claims.items():
            if max(asked[part] for part in answer) > 1:
                grouped.rivals[row] = [answer]
            else:
                grouped.taken.append((row, answer, level))
        waiting = [row for row in waiting if row not in claims and row not in grouped.rivals]
        left = np.setdiff1d(left, list(asked), assume_unique=True)
    return grouped


AnswersOf = Callable[[int], Proof]


def _near(whole: Side, row: int, parts: Side, rows: Ints, window: tuple[int, int]) -> Ints:
    """Of these rows of one account by date, those near the line in time, of its sign and no larger."""
    first = np.searchsorted(parts.day[rows], whole.day[row] - window[0], side="left")
    last = np.searchsorted(parts.day[rows], whole.day[row] + window[1], side="right")
    near = rows[first:last]
    amounts, target = parts.amount[near], int(whole.amount[row])
    candidates: Ints = near[(np.sign(amounts) == np.sign(target)) & (np.abs(amounts) <= abs(target))]
    return candidates


def _named(
    whole: Side, parts: Side, left: Ints, policy: ReconciliationPolicy, window: tuple[int, int]
) -> AnswersOf:
    """Parts that say a reference or number of the line: all of them together, else the only ones that do."""
    known: dict[tuple[int, object], list[int]] = {}
    for part in left.tolist():
        for name in _names(parts, part):
            known.setdefault((int(parts.account[part]), name), []).append(part)

    def answers_of(row: int) -> Proof:
        account = int(whole.account[row])
        said = {part for name in _names(whole, row) for part in known.get((account, name), ())}
        if len(said) < 2:
            return Proof([])
        same = _near(whole, row, parts, np.array(sorted(said), dtype=np.int64), window)
        target = int(whole.amount[row])
        if len(same) > 1 and sum(parts.amount[same].tolist()) == target:
            return Proof([tuple(same.tolist())])
        if not 1 < len(same) <= policy.group_candidates:
            return Proof([])
        return Proof(search_sums(parts, same, target, policy.group_lines))

    return answers_of


def _names(side: Side, row: int) -> list[object]:
    return [*(int(name[row]) for name in side.names if name[row] >= 0), *side.numbers(row)]


def _slips(
    whole: Side, parts: Side, left: Ints, policy: ReconciliationPolicy, window: tuple[int, int]
) -> AnswersOf:
    """All lines of one slip of the parts' own: their common reference."""
    names = parts.names[-1]
    own = left[names[left] >= 0]
    slips = _totals(parts, own, names)

    def answers_of(row: int) -> Proof:
        sets = slips.get((int(whole.account[row]), int(whole.amount[row])), ())
        return Proof([one for one in sets if _all_near(whole, row, parts, one, window)])

    return answers_of


def _sums(
    whole: Side, parts: Side, left: Ints, policy: ReconciliationPolicy, window: tuple[int, int]
) -> AnswersOf:
    """All lines of one day, and what the subset engine proves."""
    of_account = {int(code): left[parts.account[left] == code] for code in np.unique(parts.account[left])}
    gains, losses = left[parts.amount[left] > 0], left[parts.amount[left] < 0]
    days = [_totals(parts, rows, parts.date) for rows in (gains, losses)]
    budget = [policy.group_searches]

    def answers_of(row: int) -> Proof:
        rows = of_account.get(int(whole.account[row]))
        if rows is None:
            return Proof([])
        near = _near(whole, row, parts, rows, window)
        if len(near) < 2:
            return Proof([])
        target = int(whole.amount[row])
        sets = days[target < 0].get((int(whole.account[row]), target), ())
        whole_days = [one for one in sets if _all_near(whole, row, parts, one, window)]
        budget[0] -= 1
        return Proof.of(parts, near, target, whole_days, policy, is_affordable=budget[0] >= 0)

    return answers_of


_ASKED = {"named": _named, "slip": _slips, "sum": _sums}


def _totals(parts: Side, rows: Ints, by: Ints) -> dict[tuple[int, int], list[Answer]]:
    """By account and total, the sets of two or more rows that have ``by`` in common."""
    sets: dict[tuple[int, int], list[int]] = {}
    for row in rows.tolist():
        sets.setdefault((int(parts.account[row]), int(by[row])), []).append(row)
    totals: dict[tuple[int, int], list[Answer]] = {}
    for (account, _), own in sets.items():
        if len(own) > 1:
            total = sum(parts.amount[own].tolist())
            totals.setdefault((account, total), []).append(tuple(own))
    return totals


def _all_near(whole: Side, row: int, parts: Side, rows: Iterable[int], window: tuple[int, int]) -> bool:
    day = whole.day[row]
    return all(day - window[0] <= parts.day[one] <= day + window[1] for one in rows)
