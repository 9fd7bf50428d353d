"""``over_180:`` and ``write_offs:`` of ``policy.yaml``: what is watched, who approves, what is given up."""

from __future__ import annotations

from ..policy import Over180Policy, WriteOffPolicy, WriteOffReason
from .withholdings_file import minor_of
from .yaml_shapes import Shape


def read_over_180(part: Shape) -> Over180Policy:
    """Days whole and rising; causes and roles are words of the company's own."""
    usual = Over180Policy()
    policy = Over180Policy(
        watch_days=part.integer_of("watch_days", usual.watch_days, least=1),
        over_days=part.integer_of("over_days", usual.over_days, least=1),
        crossings=part.integers_of("crossings", usual.crossings),
        causes=part.texts_of("causes", usual.causes),
        roles=part.texts_of("roles", usual.roles),
    )
    if list(policy.crossings) != sorted(set(policy.crossings)) or policy.over_days not in policy.crossings:
        part.wrong("crossings", ", ".join(map(str, policy.crossings)))
    if policy.watch_days > policy.over_days:
        part.wrong("watch_days", policy.watch_days, [f"1 … {policy.over_days}"])
    part.nothing_else()
    return policy


def read_write_offs(part: Shape) -> WriteOffPolicy:
    """Limits are decimals in major units by role and currency; a reason's own evidence replaces the usual."""
    usual = WriteOffPolicy()
    own = tuple(_reason(entry) for entry in part.entries("reasons"))
    named = {one.code for one in own}
    policy = WriteOffPolicy(
        limits={
            role: {
                currency: minor_of(amount, currency) for currency, amount in part.inner("limits").items(role)
            }
            for role, _ in part.items("limits")
        },
        joint_roles=part.texts_of("joint_roles", usual.joint_roles),
        reasons=(*own, *(one for one in usual.reasons if one.code not in named)),
    )
    part.nothing_else()
    return policy


def _reason(part: Shape) -> WriteOffReason:
    reason = WriteOffReason(part.text_of("code"), part.texts_of("evidence"))
    part.nothing_else()
    return reason
