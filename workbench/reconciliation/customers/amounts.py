"""What has no common number: the same amount about the same day, then one line that is several others.

A pair is taken where each is the other's only candidate, a group where it is the only one there is and so
improbable by accident that nobody need ask. What is ambiguous stays, with its rivals. Source: DOMAIN 8 and 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...policy import CustomerReconciliationPolicy
from ...subsets import find_subsets
from ...subsets.expectations import expected_answers, lattice_of
from .lines import NO_DAY, Ours, Theirs

Met = tuple[tuple[int, ...], tuple[int, ...], str]  # our places, their places, rule


@dataclass
class Pairs:
    """``met``; and by place the places of the other side that a line may be, where nobody can tell."""

    met: list[Met] = field(default_factory=list)
    our_rivals: dict[int, list[int]] = field(default_factory=dict)
    their_rivals: dict[int, list[int]] = field(default_factory=dict)


def pair_amounts(
    ours: Sequence[Ours], theirs: Sequence[Theirs], policy: CustomerReconciliationPolicy
) -> Pairs:
    """Of one account: lines that nothing has met so far."""
    pairs = Pairs()
    left = _pair_days(ours, theirs, policy, pairs)
    _group(*left, policy, pairs)
    return pairs


def _pair_days(
    ours: Sequence[Ours], theirs: Sequence[Theirs], policy: CustomerReconciliationPolicy, pairs: Pairs
) -> tuple[list[Ours], list[Theirs]]:
    by_amount: dict[int, list[Ours]] = {}
    for line in ours:
        by_amount.setdefault(line.amount, []).append(line)
    near: dict[int, list[int]] = {}
    back: Counter[int] = Counter()
    for their in theirs:
        same = by_amount.get(their.amount, ())
        near[their.place] = [our.place for our in same if _is_near(our.day, their.day, policy.days)]
        back.update(near[their.place])
    sure = {one: own[0] for one, own in near.items() if len(own) == 1 and back[own[0]] == 1}
    days = {line.place: line.day for line in (*theirs,)}
    for one, mine in sure.items():
        if days[one] == NO_DAY:  # their list says no day: the amount alone is no answer
            pairs.their_rivals[one] = [mine]
            pairs.our_rivals.setdefault(mine, []).append(one)
        else:
            pairs.met.append(((mine,), (one,), "amount-date"))
    for one, own in near.items():
        if one not in sure and own:
            pairs.their_rivals[one] = own
            for place in own:
                pairs.our_rivals.setdefault(place, []).append(one)
    our_met = {place for places, _, _ in pairs.met for place in places}
    their_met = {place for _, places, _ in pairs.met for place in places}
    return (
        [line for line in ours if line.place not in our_met and line.place not in pairs.our_rivals],
        [line for line in theirs if line.place not in their_met and line.place not in pairs.their_rivals],
    )


def _is_near(one: int, other: int, days: int) -> bool:
    return one == NO_DAY or other == NO_DAY or abs(one - other) <= days


def _group(
    ours: list[Ours], theirs: list[Theirs], policy: CustomerReconciliationPolicy, pairs: Pairs
) -> None:
    """One of either side that is several of the other; parts that two lines claim are nobody's."""
    claims: list[Met] = []
    for their in theirs:
        parts = _parts_of(their.amount, [line.amount for line in ours], policy)
        if parts:
            claims.append((tuple(ours[part].place for part in parts), (their.place,), "group"))
    for our in ours:
        parts = _parts_of(our.amount, [line.amount for line in theirs], policy)
        if parts:
            claims.append(((our.place,), tuple(theirs[part].place for part in parts), "group"))
    asked = Counter(("ours", place) for mine, _, _ in claims for place in mine)
    asked.update(("theirs", place) for _, own, _ in claims for place in own)
    for mine, own, rule in claims:
        if all(asked["ours", place] == 1 for place in mine) and all(
            asked["theirs", place] == 1 for place in own
        ):
            pairs.met.append((mine, own, rule))
            continue
        for place in mine:
            pairs.our_rivals.setdefault(place, []).extend(own)
        for place in own:
            pairs.their_rivals.setdefault(place, []).extend(mine)


def _parts_of(
    target: int, amounts: Sequence[int], policy: CustomerReconciliationPolicy
) -> tuple[int, ...] | None:
    """The only two or more amounts of its sign that are the target, unless it may be an accident."""
    places = [place for place, amount in enumerate(amounts) if (amount > 0) == (target > 0)]
    if not 2 <= len(places) <= policy.group_candidates or policy.group_lines < 2:
        return None
    same = np.array([amounts[place] for place in places], dtype=np.int64)
    if abs(target) > int(np.abs(same).sum()):
        return None
    found = find_subsets(same, target, largest=policy.group_lines)
    if found.verdict != "unique" or not found.is_unique_as_documents or len(found.subsets[0]) < 2:
        return None
    size = len(found.subsets[0])
    accidents = expected_answers(same, target, smallest=2, largest=size, lattice=lattice_of(same).step)
    if accidents * 1_000_000 > policy.wrong_per_million:
        return None
    return tuple(places[part] for part in found.subsets[0])
