"""``parameters/policy.yaml`` to a :class:`~workbench.policy.Policy`; what it leaves out keeps its default."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from ..calendar import parse_date
from ..errors import AmountOverflowError, ParameterRefusedError, PolicyError
from ..money import exponent, to_minor
from ..policy import (
    BASES,
    CREDITS_MODES,
    DIFFERENCE_ACTIONS,
    USUAL_DIFFERENCES,
    USUAL_HABITS,
    AgingBasis,
    AgingPolicy,
    Buckets,
    CreditNotePolicy,
    CreditsMode,
    DifferenceAction,
    MatchingPolicy,
    Policy,
    ProvisionException,
    ProvisionPolicy,
    ReconciliationPolicy,
)
from .difference_settings import read_differences
from .learning_settings import read_learning
from .strict_yaml import read_yaml
from .withholdings_file import load_withholdings
from .yaml_shapes import Shape


def load_policy(directory: Path) -> Policy:
    """The policy of a parameters directory, with its withholdings where it has them.

    A wrong or misspelt setting raises :class:`PolicyError`.
    """
    policy = read_policy(Path(directory) / "policy.yaml")
    return replace(policy, matching=replace(policy.matching, withholdings=load_withholdings(directory)))


def read_policy(path: Path) -> Policy:
    """The same for a file of any name."""
    top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
    usual = Policy()
    policy = Policy(
        version=top.text_of("version"),
        base_currency=_currency(top),
        aging=_aging(top.inner("aging")),
        provision=_provision(top.inner("provision")),
        matching=_matching(top.inner("matching"), usual.matching),
        credit_notes=_credit_notes(top.inner("credit_notes"), usual.credit_notes),
        reconciliation=_reconciliation(top.inner("reconciliation"), usual.reconciliation),
    )
    top.nothing_else()
    return policy


def _currency(top: Shape) -> str:
    currency = top.text_of("base_currency", "COP")
    try:
        exponent(currency)
    except ParameterRefusedError:
        top.wrong("base_currency", currency)
    return currency


def _aging(part: Shape) -> AgingPolicy:
    usual = AgingPolicy()
    policy = AgingPolicy(
        basis=cast(AgingBasis, part.choice("basis", BASES, usual.basis)),
        credits=cast(CreditsMode, part.choice("credits", CREDITS_MODES, usual.credits)),
        buckets=Buckets(part.integers_of("buckets", usual.buckets.upper)),
    )
    part.nothing_else()
    return policy


def _provision(part: Shape) -> ProvisionPolicy:
    usual = ProvisionPolicy()
    policy = ProvisionPolicy(
        over_days=part.integer_of("over_days", usual.over_days, least=0),
        rate_permille=_permille(part, usual.rate_permille),
        exceptions=tuple(_exception(entry) for entry in part.entries("exceptions")),
    )
    part.nothing_else()
    return policy


def _exception(part: Shape) -> ProvisionException:
    exception = ProvisionException(
        company_id=part.text_of("company_id"),
        customer_id=part.text_of("customer_id"),
        rate_permille=_permille(part),
        reason=part.text_of("reason"),
        approved_by=part.text_of("approved_by"),
        valid_through=_day(part, "valid_through"),
    )
    part.nothing_else()
    return exception


def _permille(part: Shape, default: int | None = None) -> int:
    rate = part.integer_of("rate_permille", default)
    if not 0 <= rate <= 1000:
        part.wrong("rate_permille", rate)
    return rate


def _day(part: Shape, name: str) -> dt.date:
    text = part.text_of(name)
    try:
        return parse_date(text)
    except ParameterRefusedError:
        part.wrong(name, text)
        raise


def _matching(part: Shape, usual: MatchingPolicy) -> MatchingPolicy:
    policy = MatchingPolicy(
        advice_window_days=part.integer_of("advice_window_days", usual.advice_window_days, least=0),
        has_whole_account=part.truth_of("has_whole_account", usual.has_whole_account),
        wrong_per_million=part.integer_of(
            "wrong_per_million", usual.wrong_per_million, least=0, most=1_000_000
        ),
        most_chance_permille=part.integer_of(
            "most_chance_permille", usual.most_chance_permille, least=0, most=1_000
        ),
        habits=_weights(part, "habits", USUAL_HABITS),
        exact_differences=_weights(part, "exact_differences", USUAL_DIFFERENCES),
        differences=read_differences(part.inner("differences")),
        approval=_approval(part),
        approval_days=part.integer_of("approval_days", usual.approval_days, least=0),
        learning=read_learning(part.inner("learning")),
        oldest_first=frozenset(part.texts_of("oldest_first")),
    )
    part.nothing_else()
    return policy


def _approval(part: Shape) -> dict[str, int]:
    """Amounts in major units, by currency, to minor units."""
    limits: dict[str, int] = {}
    for currency, value in part.items("approval"):
        text = str(value.value)
        if not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,4})?", text):
            part.wrong("approval", f"{currency}: {text}")
        try:
            limits[currency] = to_minor(Decimal(text), currency)
        except (ParameterRefusedError, AmountOverflowError):
            part.wrong("approval", f"{currency}: {text}")
    return limits


def _weights(part: Shape, setting: str, usual: Mapping[str, int]) -> dict[str, int]:
    own = {name: value.integer() for name, value in part.items(setting)}
    for name, weight in own.items():
        if name not in usual or not 0 <= weight <= 1000:
            part.wrong(setting, f"{name}: {weight}")
    return {**usual, **own}


def _credit_notes(part: Shape, usual: CreditNotePolicy) -> CreditNotePolicy:
    def action(name: str, default: DifferenceAction) -> DifferenceAction:
        return cast(DifferenceAction, part.choice(name, DIFFERENCE_ACTIONS, default))

    policy = CreditNotePolicy(
        same_order=action("same_order", usual.same_order),
        same_centre=action("same_centre", usual.same_centre),
        same_amount=action("same_amount", usual.same_amount),
        wrong_per_million=part.integer_of(
            "wrong_per_million", usual.wrong_per_million, least=0, most=1_000_000
        ),
        suggests_oldest=part.truth_of("suggests_oldest", usual.suggests_oldest),
        old_days=part.integer_of("old_days", usual.old_days, least=0),
    )
    part.nothing_else()
    return policy


def _reconciliation(part: Shape, usual: ReconciliationPolicy) -> ReconciliationPolicy:
    policy = ReconciliationPolicy(
        days_before=part.integer_of("days_before", usual.days_before, least=0),
        days_after=part.integer_of("days_after", usual.days_after, least=0),
    )
    part.nothing_else()
    return policy
