"""``acts:`` of ``policy.yaml``: when silence is chased, and the ranges by which a signature's age is told."""

from __future__ import annotations

from ..policy.acts import ActPolicy
from .yaml_shapes import Shape


def read_acts(part: Shape) -> ActPolicy:
    """Days, each later than the one before; what is left out keeps its default."""
    usual = ActPolicy()
    policy = ActPolicy(
        reminder_days=part.integers_of("reminder_days", usual.reminder_days),
        silent_days=part.integer_of("silent_days", usual.silent_days, least=1),
        in_working_days=part.truth_of("in_working_days", usual.in_working_days),
        age_days=part.integers_of("age_days", usual.age_days),
    )
    part.nothing_else()
    return policy
