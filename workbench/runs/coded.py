"""Codes as a person says them: rules, reasons, states, kinds; files for machines keep the codes."""

from __future__ import annotations

import pandas as pd

from ..words import has_words, say
from ..words.evidence import against_sentence, evidence_sentence
from ..words.grounds import grounds_text

#: Where the words of a column's codes are; the first room that has them speaks.
ROOMS: dict[str, tuple[str, ...]] = {
    "rule": ("matching.rule_", "reconciliation.rule_"),
    "reason": ("matching.reason_", "erp.reason_", "over_180.reason_"),
    "known_by": ("matching.known-by_",),
    "category": ("reconciliation.category_",),
    "state": ("close.state_", "erp.state_", "cases.state."),
    "cause": (
        "close.cause_",
        "over_180.cause_",
        "documents.difference-",
        "reconciliation.detail_",
        "reconciliation.category_",
    ),
    "detail": ("reconciliation.detail_",),
    "side": ("reconciliation.side_",),
    "owner": ("reconciliation.owner_",),
    "check": ("close.check_",),
    "claim": ("learning.claim_",),
    "why": ("learning.why_",),
    "habit": ("learning.habit_", "matching.rule_"),
    "role": ("close.role_",),
    "approver": ("close.role_",),
    "notebook": ("notebooks.",),
    "status": ("runs.status-",),
    "kind": ("runs.kind-",),
    "document_kind": ("runs.kind-", "credit_notes.kind_"),
    "action": ("credit_notes.action_", "reconciliation.action_"),
    "line_kind": ("runs.line-",),
    "source": ("runs.read-",),
    "standing": ("matching.standing_", "learning.standing_"),
    "stage": ("matching.stage_", "over_180.stage_"),
    "settled_by": ("exchange.settled_",),
    "linked_by": ("exchange.link_",),
    "legalisation": ("exchange.legalisation_",),
    "lacking": ("exchange.lacking_",),
    "export_state": ("exchange.export_",),
    "origin": ("exchange.origin_", "reconciliation.origin_", "provision.origin_"),
    "calculation": ("provision.calculation_",),
    "rate_source": ("provision.source_",),
    "rate_level": ("provision.level_",),
    "tax_method": ("provision.method_",),
    "tax_excluded": ("provision.excluded_",),
    "measure": ("provision.measure_",),
    "answer": ("acts.answer_",),
    "coverage": ("acts.coverage_",),
    "change": ("acts.change_",),
    "procedure": ("acts.procedure_",),
    "age_range": ("acts.age_",),
    "chase": ("cases.move.",),
}
#: Columns that name several tasks by their codes, with commas.
TASKS = ("waits_for", "blocks", "predecessors")


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """A new frame whose coded columns speak; a code without words shows itself."""
    spoken = {}
    for name, rooms in ROOMS.items():
        # A count may have the name of a code: a receipt's answers are numbered, a customer's are said.
        if name in frame.columns and len(frame) and not pd.api.types.is_numeric_dtype(frame[name].dtype):
            words = {code: _said(code, rooms) for code in frame[name].unique()}
            spoken[name] = frame[name].map(words)
    if "against" in frame.columns and len(frame):
        given = zip(frame["against"], frame["currency"], strict=True)
        spoken["against"] = pd.Series(
            [against_sentence(one, currency=currency) for one, currency in given],
            index=frame.index,
            dtype="str",
        )
    if "evidence" in frame.columns and len(frame):
        spoken["evidence"] = _evidence_of(frame)
    if "grounds" in frame.columns and len(frame):
        spoken["grounds"] = frame["grounds"].map(grounds_text)
    if "task_id" in frame.columns and "name" in frame.columns and len(frame):
        names = dict(zip(frame["task_id"], frame["name"], strict=True))
        for name in TASKS:
            if name in frame.columns:
                spoken[name] = frame[name].map(lambda ids: _tasks_text(ids, names))
    return frame.assign(**spoken)


def _evidence_of(frame: pd.DataFrame) -> pd.Series:
    """Why each row is believed: what is only proposed is not said to be the amount."""
    nothing = [""] * len(frame)
    rules = frame["rule"].tolist() if "rule" in frame.columns else nothing
    currencies = frame["currency"].tolist() if "currency" in frame.columns else nothing
    is_applied = not {"proposal", "score"} & set(frame.columns)
    said = [
        evidence_sentence(given, rule=rule, currency=currency, is_applied=is_applied)
        for given, rule, currency in zip(frame["evidence"], rules, currencies, strict=True)
    ]
    if "score" in frame.columns:
        said = [one or say("evidence.nobody") for one in said]
    return pd.Series(said, index=frame.index, dtype="str")


def _tasks_text(ids: object, names: dict[str, str]) -> str:
    parts = [part.strip() for part in str(ids).split(",") if part.strip()]
    return ", ".join(names.get(part, part) for part in parts)


def _said(code: object, rooms: tuple[str, ...]) -> str:
    keys = (f"{room}{code}" for room in rooms)
    return next((say(key) for key in keys if code and has_words(key)), str(code))
