"""``matching:`` of ``policy.yaml``: what may be applied by itself, and up to which amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from ..errors import AmountOverflowError, ParameterRefusedError
from ..money import check_currency, to_minor
from ..policy import USUAL_DIFFERENCES, USUAL_HABITS, MatchingPolicy
from .difference_settings import read_differences
from .learning_settings import read_learning
from .yaml_shapes import Shape


def read_matching(part: Shape) -> MatchingPolicy:
    """Amounts in major units by currency, chances in thousandths or millionths; absent: default."""
    usual = MatchingPolicy()
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
            limits[currency] = to_minor(Decimal(text), check_currency(currency))
        except (ParameterRefusedError, AmountOverflowError):
            part.wrong("approval", f"{currency}: {text}")
    return limits


def _weights(part: Shape, setting: str, usual: Mapping[str, int]) -> dict[str, int]:
    own = {name: value.integer() for name, value in part.items(setting)}
    for name, weight in own.items():
        if name not in usual or not 0 <= weight <= 1000:
            part.wrong(setting, f"{name}: {weight}")
    return {**usual, **own}
