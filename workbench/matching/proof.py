"""How sure an answer is: what each hypothesis gives it, against its rivals and against plain accident.

An answer a is as likely as Σ weight ÷ sets over the hypotheses that hold it. Against it stand the other
answers, those a space may hide, and a payment that means no exact sum and falls on it by accident. With one
hypothesis this is E × (share not exact ÷ share exact), E the accidental answers to expect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..money import Amounts
from .hypotheses import Positions, Space
from .results import Deduction

#: What an answer is as money: the amounts of its documents, and what of them is settled otherwise.
_Money = tuple[tuple[int, ...], tuple[tuple[str, str, int], ...]]

#: Hypotheses that say themselves which of equal documents are meant: a run of dates, a term, an order.
_CHOOSE = frozenset({"window", "window-held-back", "one-group", "past-due"})
#: The part of an answer's weight below which what an unsearched space may hide does not matter.
NEGLIGIBLE = 1e-5


class Weighed(NamedTuple):
    """One answer: its documents, the hypothesis that gives it most, and how it may be wrong.

    ``expected``: accidental answers to expect in that hypothesis' space, among its ``sets``; ``chance``:
    that this answer is wrong; ``is_same_money``: other documents of the same amounts would do as well, less
    the same; the first due are named, unless a run of dates or a group says others (``is_by_dates``).
    ``settled``: what of the documents is settled by no cash; their positions are places too.
    """

    positions: Positions
    rule: str
    expected: float
    chance: float
    is_same_money: bool = False
    settled: tuple[Deduction, ...] = ()
    sets: float = 0.0
    is_by_dates: bool = False


def weigh(
    spaces: Iterable[Space], amounts: Amounts, *, weights: Mapping[str, int], coincidence: float
) -> list[Weighed]:
    """Every answer of the spaces, the surest first; equal amounts are one answer.

    ``weights`` in thousandths by rule and ``not-exact``; ``coincidence``: the chance that a payment that
    means no document is exactly this amount.
    """
    likely: dict[_Money, float] = {}
    best: dict[_Money, tuple[float, Space, Positions, tuple[Deduction, ...]]] = {}
    met_twice: set[_Money] = set()
    against = weights["not-exact"] / 1000 * coincidence
    for offered in spaces:
        share = weights[offered.rule] / 1000 / offered.sets
        # What such a space may hide is no rival to speak of: it stays unsearched, and counts as expected.
        is_needed = share * offered.unseen > NEGLIGIBLE * max(likely.values(), default=0.0)
        space = offered.search() if offered.search and is_needed else offered
        against += share * space.unseen
        for place, positions in enumerate(space.answers):
            settled = space.settled[place] if space.settled else ()
            money = (
                tuple(sorted(amounts[list(positions)].tolist())),
                tuple(sorted((one.code, one.detail, one.amount) for one in settled)),
            )
            likely[money] = likely.get(money, 0.0) + share
            if money in best and positions != best[money][2]:
                met_twice.add(money)
            if money not in best or share > best[money][0]:
                best[money] = (share, space, positions, settled)
    whole = sum(likely.values()) + against
    owed = amounts.tolist()
    weighed = []
    for money, (_, space, positions, settled) in best.items():
        first = first_of_equals(owed, positions)
        named = positions if settled or space.rule in _CHOOSE else first
        chance = (whole - likely[money]) / whole if whole else 1.0
        # An equal amount with another base does not do as well: then twins are those that were met.
        has_twins = money in met_twice if settled else _has_twins(owed, positions)
        weighed.append(
            Weighed(
                named, space.rule, space.expected, chance, has_twins, settled, space.sets,
                is_by_dates=space.rule in _CHOOSE and named != first,
            )
        )  # fmt: skip
    return sorted(weighed, key=lambda one: (one.chance, len(one.positions), one.positions, one.rule))


def first_of_equals(owed: Sequence[int], positions: Positions) -> Positions:
    """The same amounts, of documents that are owed equally the first: nothing tells them but their dates."""
    if not _has_twins(owed, positions):
        return positions
    wanted = Counter(owed[place] for place in positions)
    first: list[int] = []
    for place, amount in enumerate(owed):
        if wanted.get(amount):
            wanted[amount] -= 1
            first.append(place)
    return tuple(first)


def _has_twins(owed: Sequence[int], positions: Positions) -> bool:
    """Whether an amount that is taken is also owed by a document that is left."""
    taken = {owed[place] for place in positions}
    if len(taken) == 1 and len(positions) == 1:
        return owed.count(owed[positions[0]]) > 1
    chosen = set(positions)
    return any(one in taken and place not in chosen for place, one in enumerate(owed))


def surest_within(chances: Sequence[float], *, wrong_per_million: int) -> float:
    """The largest chance that may be applied, so that all up to it stay within the budget together.

    The sum of the chances of what is applied is at most ``wrong_per_million`` of its number; −1 where not
    even the surest may be.
    """
    ranked = sorted(chances)
    threshold, spent = -1.0, 0.0
    for number, chance in enumerate(ranked, start=1):
        spent += chance
        is_last_of_equals = number == len(ranked) or ranked[number] > chance
        if is_last_of_equals and spent <= number * wrong_per_million / 1_000_000:
            threshold = chance
    return threshold
