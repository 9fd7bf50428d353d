"""``customer_reconciliation:`` of ``policy.yaml``: windows and groups, and who clears which difference."""

from __future__ import annotations

from ..policy import CustomerReconciliationPolicy, DifferencePlan
from ..policy.customer_reconciliation import CAUSES, OWNERS
from .yaml_shapes import Shape


def read_customer_reconciliation(part: Shape) -> CustomerReconciliationPolicy:
    """What is left out keeps its default; a company's own plan goes before the usual one."""
    usual = CustomerReconciliationPolicy()
    policy = CustomerReconciliationPolicy(
        days=part.integer_of("days", usual.days, least=0),
        group_lines=part.integer_of("group_lines", usual.group_lines, least=0, most=12),
        group_candidates=part.integer_of("group_candidates", usual.group_candidates, least=0, most=28),
        wrong_per_million=part.integer_of(
            "wrong_per_million", usual.wrong_per_million, least=0, most=1_000_000
        ),
        transit_days=part.integer_of("transit_days", usual.transit_days, least=0),
        list_days=part.integer_of("list_days", usual.list_days, least=0),
        price_permille=part.integer_of("price_permille", usual.price_permille, least=0, most=1000),
        rivals=part.integer_of("rivals", usual.rivals, least=1),
        plan=(*(_plan(one) for one in part.entries("plan")), *usual.plan),
    )
    part.nothing_else()
    return policy


def _plan(part: Shape) -> DifferencePlan:
    plan = DifferencePlan(
        part.choice("cause", CAUSES),
        part.choice("owner", OWNERS),
        part.integer_of("days", least=0, most=366),
    )
    part.nothing_else()
    return plan
