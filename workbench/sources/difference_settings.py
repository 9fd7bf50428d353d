"""``matching: differences:`` of ``policy.yaml``: what may be short or over, all of it off by default."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import cast

from ..policy import (
    BEARERS,
    CHARGED_KINDS,
    DIFFERENCE_ACTIONS,
    DISCOUNT_BASES,
    REASON_CODES,
    REASON_EFFECTS,
    USUAL_REASONS,
    Bearer,
    DifferenceAction,
    DifferencePolicy,
    DiscountBase,
    DiscountTerm,
    Reason,
    ReasonEffect,
    Tolerance,
)
from .withholdings_file import day_of, minor_of
from .yaml_shapes import Shape


def read_differences(part: Shape) -> DifferencePolicy:
    """Amounts are decimals in major units by currency, shares percentages of up to four decimals."""
    usual = DifferencePolicy()
    policy = DifferencePolicy(
        tolerance=_tolerance(part.inner("tolerance")),
        tolerances={customer: _tolerance(own) for customer, own in part.items("tolerances")},
        tolerance_caps=_amounts(part, "tolerance_caps"),
        discounts=tuple(_discount(term) for term in part.entries("discounts")),
        has_unearned_discount=part.truth_of("has_unearned_discount", usual.has_unearned_discount),
        wire_charges=_amounts(part, "wire_charges"),
        bearer=cast(Bearer, part.choice("bearer", BEARERS, usual.bearer)),
        partial=cast(DifferenceAction, part.choice("partial", DIFFERENCE_ACTIONS, usual.partial)),
        surplus=cast(DifferenceAction, part.choice("surplus", DIFFERENCE_ACTIONS, usual.surplus)),
        exchange_band=_share(part, "exchange_band_percent") if part.has("exchange_band_percent") else None,
        exchange_shown=_share(part, "exchange_shown_percent")
        if part.has("exchange_shown_percent")
        else usual.exchange_shown,
        reasons=(*(_reason(entry) for entry in part.entries("reasons")), *USUAL_REASONS),
    )
    if policy.exchange_band is not None and policy.exchange_band > policy.exchange_shown:
        part.wrong("exchange_band_percent", f"{policy.exchange_band / 10_000:g}")
    part.nothing_else()
    return policy


def _tolerance(part: Shape) -> Tolerance:
    tolerance = Tolerance(
        amounts=_amounts(part, "amounts"), per_million=_share(part) if part.has("percent") else None
    )
    part.nothing_else()
    return tolerance


def _amounts(part: Shape, name: str) -> dict[str, int]:
    return {currency: minor_of(amount, currency) for currency, amount in part.items(name)}


def _share(part: Shape, name: str = "percent") -> int:
    """A percentage in parts per million: ``"0.5"`` is 5,000; between 0 and 100."""
    text = part.number_of(name)
    try:
        share = Decimal(text) * 10_000
    except InvalidOperation:
        part.wrong(name, text)
        raise
    if not share.is_finite() or share != int(share) or not 0 <= share <= 1_000_000:
        part.wrong(name, text)
    return int(share)


def _discount(part: Shape) -> DiscountTerm:
    term = DiscountTerm(
        terms=part.text_of("terms"),
        per_million=_share(part),
        days=part.integer_of("days"),
        of=cast(DiscountBase, part.choice("of", DISCOUNT_BASES, "total")),
        valid_from=day_of(part, "valid_from") if part.has("valid_from") else dt.date.min,
        valid_through=day_of(part, "valid_through") if part.has("valid_through") else dt.date.max,
    )
    if term.days < 0:
        part.wrong("days", term.days)
    part.nothing_else()
    return term


def _reason(part: Shape) -> Reason:
    """What is charged off says as what; what is not, does not. A code without words is none."""
    effect = cast(ReasonEffect, part.choice("effect", REASON_EFFECTS))
    reason = Reason(
        code=part.choice("code", REASON_CODES),
        effect=effect,
        charged_to=part.choice("charged_to", CHARGED_KINDS) if effect == "charge_off" else "",
        days=part.integer_of("days", 0, least=0),
        valid_from=day_of(part, "valid_from") if part.has("valid_from") else dt.date.min,
        valid_through=day_of(part, "valid_through") if part.has("valid_through") else dt.date.max,
    )
    if reason.valid_from > reason.valid_through:
        part.wrong("valid_through", reason.valid_through.isoformat())
    part.nothing_else()
    return reason
