"""Which short documents some withholding may explain: a sieve before the solver.

Of any hundred documents that a receipt falls short of, hardly one is short by a withholding. The sieve asks
all of them at once with every rate of any day, whoever it is withheld by; only what passes is solved. So it
may let through what the solver then refuses, and never keeps back what the solver would find.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ...policy import WITHHOLDING_SCALE
from ...subsets.machine_code import machine_code
from ...withholdings import WithholdingSolver

Numbers = npt.NDArray[np.int64]

#: Beyond it a base times a rate leaves 64 bits: such a document goes to the solver as it is.
_LARGEST_BASE = 2**63 // (2 * WITHHOLDING_SCALE)


class WithholdingSieve:
    """The rates of a solver as columns."""

    def __init__(self, solver: WithholdingSolver) -> None:
        self.solver = solver
        self._income, self._vat, self._city = (
            np.array(solver.rates_of(tax), np.int64) for tax in ("RFTE", "RIVA", "RICA")
        )
        self._units = np.array(solver.units, np.int64)

    def pass_places(
        self, opened: Numbers, bases: Numbers, taxes: Numbers, amount: int, *, is_plain: bool = False
    ) -> tuple[int, list[int]]:
        """How many documents state a base, and places of those that withholdings may make the amount.

        Minor units; the signs of bases and taxes do not matter.
        """
        sift = sift_documents if is_plain else _compiled()
        passed = np.empty(len(opened), np.int64)
        stated, count = sift(
            opened, bases, taxes, amount, self._income, self._vat, self._city, self._units, passed
        )
        return stated, passed[:count].tolist()


def sift_documents(
    opened: Numbers,
    bases: Numbers,
    taxes: Numbers,
    amount: int,
    income: Numbers,
    vat: Numbers,
    city: Numbers,
    units: Numbers,
    passed: Numbers,
) -> tuple[int, int]:
    """Writes the places of documents that income + vat + city, each or none, make short of the amount."""
    stated, count = 0, 0
    most_of_base, most_of_tax = highest(income) + highest(city), highest(vat)
    for place in range(len(opened)):
        short, base, tax = opened[place] - amount, abs(bases[place]), abs(taxes[place])
        stated += base > 0
        if short <= 0 or base == 0:
            continue
        is_large = max(base, tax) > _LARGEST_BASE
        # Each of three is rounded up by half of the largest unit at the most.
        most = 0 if is_large else (base * most_of_base + tax * most_of_tax) // WITHHOLDING_SCALE
        if is_large or (
            short <= most + 2 * units[-1]
            and is_sum(
                short,
                withheld(base, income, units),
                withheld(tax, vat, units),
                np.sort(withheld(base, city, units)),
            )
        ):
            passed[count] = place
            count += 1
    return stated, count


def highest(rates: Numbers) -> int:
    """The highest, 0 of none."""
    return rates[-1] if len(rates) else 0


def withheld(base: int, rates: Numbers, units: Numbers) -> Numbers:
    """Nothing, and each rate of the base rounded to each unit, halves up."""
    amounts = np.zeros(1 + len(rates) * len(units), np.int64)
    count = 1
    for rate in rates:
        for unit in units:
            parts = WITHHOLDING_SCALE * unit
            amounts[count] = (base * rate + parts // 2) // parts * unit
            count += 1
    return amounts


def is_sum(whole: int, some: Numbers, others: Numbers, ascending: Numbers) -> bool:
    """Whether one of each makes the whole."""
    for one in some:
        for other in others:
            rest = whole - one - other
            if rest >= 0:
                place = np.searchsorted(ascending, rest)
                if place < len(ascending) and ascending[place] == rest:
                    return True
    return False


@lru_cache
def _compiled() -> Callable[..., Any]:
    made = machine_code(highest, withheld, is_sum, sift_documents)
    return made[-1] if made else sift_documents
