"""How many accidental answers to expect, before anything is searched.

A sum that was not meant still equals some set of documents when there are enough sets: their number, times
the density of their sums at the target, times the step to which the amounts are rounded. The step is measured
on the customer's own amounts: whoever pays in round thousands meets accidents a thousand times as often.
Source: PERFORMANCE, 3c.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..money import Amounts

#: Powers of ten that a rounding step may be.
MOST_ZEROS = 6
#: A step is rounding while it is below a thousandth of the amount; beyond, a round amount is a price.
FINEST = 1000
#: Shares of amounts by trailing zeros, where nothing is known of a customer yet, and what they count for.
USUAL_SHARES = (0.81, 0.09, 0.06, 0.02, 0.01, 0.005, 0.005)
USUAL_WEIGHT = 4
#: The exponential of less than minus that is 0.0.
NOTHING = 746.0
#: Amounts of one customer range over so many e-folds: what a payment that means no document may be.
SPREAD = 6.0


@lru_cache(maxsize=65_536)
def sets_of(n: int, smallest: int, largest: int) -> float:
    """How many sets of ``smallest`` to ``largest`` of ``n`` documents there are."""
    return float(min(sum(math.comb(n, size) for size in range(smallest, min(largest, n) + 1)), 10**300))


@dataclass(frozen=True)
class Lattice:
    """The number that most amounts of one customer are multiples of; 1 where there is none.

    Whole prices with a tax of 19 % are all multiples of 119, and so are their sums: they meet 119 times as
    often as odd ones. ``hits`` of ``count`` amounts lie on it.
    """

    step: int = 1
    hits: int = 0
    count: int = 0


def lattice_of(amounts: Amounts) -> Lattice:
    """The lattice of these amounts (minor units, any sign, none zero).

    It is what two of them usually have in common: the lower median of their greatest common divisors.
    """
    values = sorted(set(map(abs, amounts.tolist())))
    if len(values) < 2:
        return Lattice()
    half = len(values) // 2
    common = sorted(map(math.gcd, values, values[-half:] + values[:-half]))
    step = common[(len(common) - 1) // 2]
    return Lattice(step, int(np.count_nonzero(amounts % step == 0)), len(amounts)) if step > 1 else Lattice()


#: By step: how many amounts are multiples of it, their mean and their variance.
Moments = dict[int, tuple[int, float, float]]


def expected_answers(
    amounts: Amounts,
    target: int,
    *,
    smallest: int,
    largest: int,
    lattice: int = 1,
    known: Moments | None = None,
) -> float:
    """Sets of ``smallest`` to ``largest`` documents whose sum is the target by accident.

    The sums of a size are taken as normal, with the mean and spread of these amounts without replacement;
    documents rounded to a power of ten, or on a lattice (its step), meet a target that is so on a grid of
    their own. ``known``: what is known of these amounts from one question to the next.
    """
    known = {} if known is None else known
    whole = 0.0
    for step in _steps(lattice):
        if target % step:
            continue
        if step not in known:
            known[step] = _moments(amounts[amounts % step == 0] if step > 1 else amounts)
        if known[step][0]:
            finer = 0.1 if step > 1 else 0.0  # its share was counted on the finer grid already
            whole += step * (1 - finer) * _density_of_sums(*known[step], target, smallest, largest)
    return whole


def _moments(amounts: Amounts) -> tuple[int, float, float]:
    return (len(amounts), float(amounts.mean()), float(amounts.var())) if len(amounts) else (0, 0.0, 0.0)


@lru_cache(maxsize=4096)
def _steps(lattice: int) -> tuple[int, ...]:
    powers = {10**zeros for zeros in range(MOST_ZEROS + 1)}
    return tuple(sorted(powers | {lattice * 10**zeros for zeros in range(3)}))


def _density_of_sums(n: int, mean: float, variance: float, target: int, smallest: int, largest: int) -> float:
    whole = 0.0
    for size in range(max(smallest, 1), min(largest, n) + 1):
        spread = size * variance * (n - size) / (n - 1) if n > 1 else 0.0
        if spread <= 0:
            continue
        far = (target - size * mean) ** 2 / (2 * spread)
        if far > n + NOTHING:
            continue  # there are fewer than eⁿ sets, so that it would be 0.0
        whole += math.exp(min(_log_sets(n, size) - far, 690.0)) / math.sqrt(2 * math.pi * spread)
    return whole


@lru_cache(maxsize=65_536)
def _log_sets(n: int, size: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(size + 1) - math.lgamma(n - size + 1)


def shares_by_zeros(amounts: Amounts) -> tuple[float, ...]:
    """Share of the amounts that end in exactly 0, 1, … zeros (of minor units), smoothed by what is usual."""
    # So many are multiples of each power of ten; those of no further one end in exactly so many zeros.
    left = amounts
    multiples = [len(amounts)]
    for power in range(1, MOST_ZEROS + 1):
        left = left[left % 10**power == 0] if len(left) else left
        multiples.append(len(left))
    total = len(amounts) + USUAL_WEIGHT
    return tuple(
        float(count - more + USUAL_WEIGHT * usual) / total
        for count, more, usual in zip(multiples, [*multiples[1:], 0], USUAL_SHARES, strict=True)
    )


def coincidence(target: int, shares: Sequence[float], lattice: Lattice | None = None) -> float:
    """The chance that a payment about as large as ``target``, meaning no document, is exactly it."""
    size = abs(target)
    if not size:
        return 1.0
    steps = 0.0
    for zeros, share in enumerate(shares):
        if target % 10**zeros:
            break
        steps += share * max(min(10**zeros, size // FINEST), 1)
    if lattice and lattice.step > 1 and target % lattice.step == 0:
        # Few amounts may have a large number in common by chance; each one more bears it out.
        step = min(lattice.step, max(size * lattice.hits // FINEST, 1))
        steps = max(steps, lattice.hits / (lattice.count + USUAL_WEIGHT) * step)
    return steps / (SPREAD * size)
