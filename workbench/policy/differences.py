"""What a payment may differ by, and why: tolerances, discounts, charges, reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .actions import DifferenceAction

DiscountBase = Literal["total", "base"]
Bearer = Literal["OUR", "SHA", "BEN"]
ReasonEffect = Literal["charge_off", "open", "claim"]

DISCOUNT_BASES: tuple[DiscountBase, ...] = ("total", "base")
BEARERS: tuple[Bearer, ...] = ("OUR", "SHA", "BEN")
REASON_EFFECTS: tuple[ReasonEffect, ...] = ("charge_off", "open", "claim")
#: What a rest is charged off as: kinds of applications, each with an account in the layouts for the ERP. An
#: exchange is none of them: its legs come in pairs.
CHARGED_KINDS = ("withholding", "discount", "fee", "tolerance")


@dataclass(frozen=True)
class Tolerance:
    """A limit by currency (minor units) and in parts per million of what is paid; the lower of those stated.

    What is stated nowhere is 0: nothing is tolerated. The limit itself is inside.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    per_million: int | None = None

    def limit(self, currency: str, whole: int) -> int:
        """The most that a payment of ``whole`` may differ, minor units."""
        stated = [self.amounts[currency]] if currency in self.amounts else []
        if self.per_million is not None:
            stated.append(abs(whole) * self.per_million // 1_000_000)
        return min(stated, default=0)


@dataclass(frozen=True)
class DiscountTerm:
    """A discount for early payment (pronto pago) of some payment terms: parts per million, within days.

    Days count from the document's date, the last one inside. ``of``: the document's total or its base.
    """

    terms: str
    per_million: int
    days: int
    of: DiscountBase = "total"
    valid_from: dt.date = dt.date.min
    valid_through: dt.date = dt.date.max


@dataclass(frozen=True)
class Reason:
    """Why a document is paid short (motivo), and what becomes of the rest as a residual item.

    ``charge_off``: settled at once as ``charged_to`` (``CHARGED_KINDS``); ``open``: stays owed; ``claim``:
    stays owed and is disputed. ``days``: the residual item falls due so many days after its posting. Both
    days of validity are inside.
    """

    code: str
    effect: ReasonEffect
    charged_to: str = ""
    days: int = 0
    valid_from: dt.date = dt.date.min
    valid_through: dt.date = dt.date.max


#: The starter set of DOMAIN, section 4, in its order; a company's own entries go before these.
USUAL_REASONS: tuple[Reason, ...] = (
    Reason("RFTE", "charge_off", "withholding"),
    Reason("RIVA", "charge_off", "withholding"),
    Reason("RICA", "charge_off", "withholding"),
    Reason("DPP", "charge_off", "discount"),
    Reason("DPN", "claim"),
    Reason("PREC", "claim"),
    Reason("CANT", "claim"),
    Reason("CALI", "claim"),
    Reason("FLET", "claim"),
    Reason("DUPL", "claim"),
    Reason("NCNA", "open"),
    Reason("NCNE", "open"),
    Reason("GBAN", "charge_off", "fee"),
    Reason("DIFC", "open"),
    Reason("REDO", "charge_off", "tolerance"),
    Reason("ANTI", "open"),
    Reason("ERRP", "open"),
    Reason("NOID", "open"),
)
REASON_CODES: tuple[str, ...] = tuple(reason.code for reason in USUAL_REASONS)


def reasons_on(reasons: Iterable[Reason], day: dt.date) -> dict[str, Reason]:
    """By code, the reason in force on a day: the first one stated."""
    known: dict[str, Reason] = {}
    for reason in reasons:
        if reason.valid_from <= day <= reason.valid_through:
            known.setdefault(reason.code, reason)
    return known


@dataclass(frozen=True)
class DifferencePolicy:
    """What may be done by itself where documents are known and the money is not exactly theirs.

    Nothing is assumed by default. ``tolerance`` is the user's, ``tolerances`` customers' own: the stricter
    holds; ``tolerance_caps``: the most they may take of a customer in a month, minor units by currency.
    ``wire_charges``: the most a wire may cost, by currency; where they are ours to bear not (``bearer``
    ``OUR``: the payer bears all) a short wire is a claim. ``partial`` and ``surplus``: suggested, or applied.
    Documents of another currency than the receipt are settled at the rate that the bank states;
    ``exchange_band``, in parts per million of the official rate of the day: so far from it a rate may be that
    no bank states, where the documents are named; absent: never. Farther from it than ``exchange_shown`` any
    rate is odd: what the bank states is shown to a person, what it does not state is not even proposed.
    ``reasons``: what a person may say of a rest, the first entry in force on the day holds.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    tolerance_caps: Mapping[str, int] = field(default_factory=dict)
    discounts: tuple[DiscountTerm, ...] = ()
    has_unearned_discount: bool = False
    wire_charges: Mapping[str, int] = field(default_factory=dict)
    bearer: Bearer = "SHA"
    partial: DifferenceAction = "suggest"
    surplus: DifferenceAction = "suggest"
    exchange_band: int | None = None
    exchange_shown: int = 50_000
    reasons: tuple[Reason, ...] = USUAL_REASONS
