"""Discounts for early payment (pronto pago): earned within their days, and those taken too late.

Source: DOMAIN, section 4 (reasons DPP and DPN).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ...money import round_half_away
from ...policy import DifferencePolicy
from ..pool import Pool

_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Discount:
    """What one term gives on one document, minor units, and whether the receipt came in time."""

    amount: int
    is_earned: bool
    detail: str


def discounts_of(position: int, pool: Pool, day: int, policy: DifferencePolicy) -> list[Discount]:
    """The discounts of the document's payment terms on the receipt's day (days since 1970).

    Rounded half away from zero to the minor unit. A term on the base says nothing of a document without one.
    """
    found: dict[int, Discount] = {}
    for term in policy.discounts:
        issued = pool.date[position]
        if term.terms != pool.terms[position] or pool.open[position] != pool.original[position]:
            continue
        if not term.valid_from.toordinal() <= issued + _EPOCH <= term.valid_through.toordinal():
            continue
        whole = pool.open[position] if term.of == "total" else abs(pool.base[position])
        amount = round_half_away(whole * term.per_million, 1_000_000)
        if pool.open[position] > 0 and amount:
            percent = f"{term.per_million / 10_000:g}%/{term.days}"
            found.setdefault(amount, Discount(amount, day <= issued + term.days, percent))
    return list(found.values())
