"""``matching: learning:`` of ``policy.yaml``: what is learned of rules and customers, and how far."""

from __future__ import annotations

from ..policy import USUAL_HABITS, USUAL_MANNERS, HabitOverride, LearningPolicy
from ..references import parts_of
from .withholdings_file import day_of
from .yaml_shapes import Shape


def read_learning(part: Shape) -> LearningPolicy:
    """Whole numbers, shares in thousandths; an override needs who, on which day and why.

    ``common_words`` come beside the usual ones.
    """
    usual = LearningPolicy()
    policy = LearningPolicy(
        decisions=part.integer_of("decisions", usual.decisions, least=1),
        permille=part.integer_of("permille", usual.permille, least=0, most=999),
        surprise_permille=part.integer_of("surprise_permille", usual.surprise_permille, least=0, most=1000),
        months=part.integer_of("months", usual.months, least=1),
        stands_days=part.integer_of("stands_days", usual.stands_days, least=0),
        prior_payments=part.integer_of("prior_payments", usual.prior_payments, least=1),
        common_words=usual.common_words | _words(part),
        common_customers=part.integer_of("common_customers", usual.common_customers, least=2),
        overrides=tuple(_override(one) for one in part.entries("habits")),
    )
    part.nothing_else()
    return policy


def _words(part: Shape) -> frozenset[str]:
    """Words beside the usual ones, however they are written; one of several parts gives each."""
    return frozenset(word for text in part.texts_of("common_words") for word in parts_of(text))


def _override(part: Shape) -> HabitOverride:
    override = HabitOverride(
        company_id=part.text_of("company_id"),
        customer_id=part.text_of("customer_id"),
        habit=part.choice("habit", (*USUAL_HABITS, *USUAL_MANNERS)),
        permille=part.integer_of("permille", least=0, most=1000),
        who=part.text_of("who"),
        on=day_of(part, "on"),
        why=part.text_of("why"),
    )
    part.nothing_else()
    for name in ("customer_id", "who", "why"):
        if not getattr(override, name).strip():
            part.wrong(name, "")
    return override
