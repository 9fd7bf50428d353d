"""One document that nobody named, paid less what the customer withholds, deducts early or is allowed.

Source: DOMAIN, section 3, step 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...policy import DifferencePolicy, Tolerance
from ...withholdings import Taxed
from ..hypotheses import Space
from ..pool import Pool
from ..results import Deduction
from .allowances import tolerated
from .discounts import discounts_of
from .sieve import WithholdingSieve


@dataclass(frozen=True)
class Customer:
    """Whose documents they are, and the receipt's day (days since 1970)."""

    customer_id: str
    currency: str
    day: int


def difference_spaces(
    positions: list[int],
    pool: Pool,
    amount: int,
    who: Customer,
    *,
    policy: DifferencePolicy,
    sieve: WithholdingSieve,
) -> Iterator[Space]:
    """Every way in which the amount is one document of the account (``positions``) less what is exact.

    Places in the answers are those of ``positions``, in their deductions too.
    """
    places = np.array(positions, dtype=np.int64)
    yield from _withheld(places, pool, amount, who, sieve)
    if not policy.discounts and policy.tolerance == Tolerance():
        return
    opened = pool.columns.open[places]
    short = opened - amount
    if policy.discounts:
        yield from _discounted(positions, pool, short, who, policy)
    if policy.tolerance == Tolerance():
        return
    limits = [tolerated(policy, who.customer_id, who.currency, pool.open[one]) for one in positions]
    if any(limits):
        near = [
            place
            for place, limit in enumerate(limits)
            if short[place] and abs(int(short[place])) <= limit and opened[place] > 0
        ]
        settled = [(Deduction(place, "tolerance", int(short[place]), "REDO"),) for place in near]
        yield _space("tolerance", float(sum(2 * limit for limit in limits)), amount, near, settled)


def taxed(position: int, pool: Pool, place: int) -> Taxed:
    """A whole document with what it states of its taxes; of one that is partly settled nothing is assumed."""
    base, tax, whole = abs(pool.base[position]), abs(pool.tax[position]), abs(pool.original[position])
    # An instalment may carry the base of its whole document: then it says nothing of the instalment.
    if pool.open[position] != pool.original[position] or base + tax > whole:
        return Taxed(place, 0, 0, pool.date[position])
    sign = -1 if pool.open[position] < 0 else 1
    return Taxed(place, sign * base, sign * tax, pool.date[position])


def _withheld(
    positions: npt.NDArray[np.int64], pool: Pool, amount: int, who: Customer, sieve: WithholdingSieve
) -> Iterator[Space]:
    solver = sieve.solver
    if not solver.is_known or who.currency != solver.currency:
        return
    of = pool.columns
    stated, passed = sieve.pass_places(of.open[positions], of.base[positions], of.tax[positions], amount)
    if not stated:
        return
    answers: dict[bool, list[tuple[int, tuple[Deduction, ...]]]] = {True: [], False: []}
    for place in passed:
        # By its position, so that what may be withheld from it is reckoned once for all receipts.
        position = int(positions[place])
        short = pool.open[position] - amount
        for split in solver.solve([taxed(position, pool, position)], who.customer_id, short).found:
            deductions = tuple(replace(one, position=place) for one in split.deductions)
            answers[split.is_plain].append((place, deductions))
    plain, every = solver.count()
    for rule, is_plain, sets in (
        ("withheld", True, plain * stated),
        ("withheld-rounded", False, (every - plain) * stated),
    ):
        found = answers[is_plain]
        yield _space(rule, float(sets), amount, [one[0] for one in found], [one[1] for one in found])


def _discounted(
    positions: Sequence[int], pool: Pool, short: np.ndarray, who: Customer, policy: DifferencePolicy
) -> Iterator[Space]:
    offered = [
        (place, discount)
        for place, position in enumerate(positions)
        for discount in discounts_of(position, pool, who.day, policy)
        if discount.is_earned
    ]
    if offered:
        found = [(place, one) for place, one in offered if one.amount == int(short[place])]
        amount = int(pool.open[positions[0]] - short[0])
        settled = [(Deduction(place, "discount", one.amount, "DPP", one.detail),) for place, one in found]
        yield _space("discount-earned", float(len(offered)), amount, [place for place, _ in found], settled)


def _space(
    rule: str, sets: float, amount: int, places: Sequence[int], settled: Sequence[tuple[Deduction, ...]]
) -> Space:
    expected = sets / (6.0 * abs(amount)) if amount else sets
    return Space(rule, sets, expected, tuple((place,) for place in places), settled=tuple(settled))
