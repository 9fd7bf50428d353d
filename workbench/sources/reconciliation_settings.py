"""``reconciliation:`` of ``policy.yaml``: windows, groups, the words of bank notes, who clears what."""

from __future__ import annotations

from ..calendar import Period
from ..errors import ParameterRefusedError
from ..policy import ReconciliationPolicy
from ..policy.reconciliation import NOTE_KINDS, OWNERS, USUAL_NOTES, USUAL_PLAN, NoteWords, PlanRule
from .yaml_shapes import Shape


def read_reconciliation(part: Shape) -> ReconciliationPolicy:
    """What is left out keeps its default; a company's own words and plan go before the usual ones."""
    usual = ReconciliationPolicy()
    buckets = part.integers_of("buckets", usual.buckets)
    if not buckets or buckets[0] < 0 or list(buckets) != sorted(set(buckets)):
        part.wrong("buckets", ", ".join(map(str, buckets)))
    policy = ReconciliationPolicy(
        days_before=part.integer_of("days_before", usual.days_before, least=0),
        days_after=part.integer_of("days_after", usual.days_after, least=0),
        group_days_before=part.integer_of("group_days_before", usual.group_days_before, least=0),
        group_days_after=part.integer_of("group_days_after", usual.group_days_after, least=0),
        group_lines=part.integer_of("group_lines", usual.group_lines, least=0, most=12),
        group_candidates=part.integer_of("group_candidates", usual.group_candidates, least=0, most=28),
        group_wrong_per_million=part.integer_of(
            "group_wrong_per_million", usual.group_wrong_per_million, least=0, most=1_000_000
        ),
        group_searches=part.integer_of("group_searches", usual.group_searches, least=0),
        cheque_days=part.integer_of("cheque_days", usual.cheque_days, least=0),
        carried_days=part.integer_of("carried_days", usual.carried_days, least=0),
        rivals=part.integer_of("rivals", usual.rivals, least=2),
        reports_from=_month(part),
        buckets=buckets,
        notes=(*(_words(one) for one in part.entries("notes")), *USUAL_NOTES),
        plan=_plan(part),
    )
    part.nothing_else()
    return policy


def _month(part: Shape) -> str:
    text = part.text_of("reports_from", "")
    try:
        return str(Period.parse(text)) if text else ""
    except ParameterRefusedError:
        part.wrong("reports_from", text)
        raise


def _words(part: Shape) -> NoteWords:
    words = NoteWords(part.choice("kind", NOTE_KINDS), part.texts_of("patterns"))
    if not words.patterns or not all(pattern.strip() for pattern in words.patterns):
        part.wrong("patterns", "")
    part.nothing_else()
    return words


def _plan(part: Shape) -> tuple[PlanRule, ...]:
    categories = tuple(rule.category for rule in USUAL_PLAN)
    own = {}
    for one in part.entries("plan"):
        category = one.choice("category", categories)
        own[category] = PlanRule(
            category, one.choice("owner", OWNERS), one.integer_of("days", least=0, most=366)
        )
        one.nothing_else()
    return tuple(own.get(rule.category, rule) for rule in USUAL_PLAN)
