"""Codes as a person says them: rules, reasons, states, kinds; files for machines keep the codes."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

import pandas as pd

from ..words import formats, has_words, say

#: Where the words of a column's codes are; the first room that has them speaks.
ROOMS: dict[str, tuple[str, ...]] = {
    "rule": ("matching.rule_", "reconciliation.rule_"),
    "reason": ("matching.reason_", "erp.reason_"),
    "known_by": ("matching.known-by_",),
    "category": ("reconciliation.category_",),
    "state": ("close.state_", "erp.state_"),
    "cause": ("close.cause_",),
    "check": ("close.check_",),
    "role": ("close.role_",),
    "notebook": ("notebooks.",),
    "status": ("runs.status-",),
    "kind": ("runs.kind-",),
    "document_kind": ("runs.kind-",),
    "line_kind": ("runs.line-",),
    "source": ("runs.read-",),
}
#: Columns that name several tasks by their codes, with commas.
TASKS = ("waits_for", "blocks", "predecessors")
#: What the values of a piece of evidence are called.
_EVIDENCE_ROOMS: dict[str, tuple[str, ...]] = {
    "customer": ("matching.known-by_",),
    "by": ("matching.by_",),
    "reading": ("matching.reading_",),
    "code": ("matching.code_",),
}


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """A new frame whose coded columns speak; a code without words shows itself."""
    spoken = {}
    for name, rooms in ROOMS.items():
        if name in frame.columns and len(frame):
            words = {code: _said(code, rooms) for code in frame[name].unique()}
            spoken[name] = frame[name].map(words)
    if "evidence" in frame.columns and len(frame):
        spoken["evidence"] = frame["evidence"].map(evidence_text)
    if "task_id" in frame.columns and "name" in frame.columns and len(frame):
        names = dict(zip(frame["task_id"], frame["name"], strict=True))
        for name in TASKS:
            if name in frame.columns:
                spoken[name] = frame[name].map(lambda ids: _tasks_text(ids, names))
    return frame.assign(**spoken)


def evidence_text(given: object) -> str:
    """``aviso RA00001352; referencias FE12726, FE10797``; a text that is no evidence shows itself."""
    try:
        facts = json.loads(str(given))
    except ValueError:
        return str(given)
    if not isinstance(facts, dict):
        return str(given)
    said = []
    for name, value in facts.items():
        text = _value_text(name, value)
        key = f"matching.evidence_{name}"
        said.append(say(key, value=text) if has_words(key) else f"{name} {text}")
    return "; ".join(said)


def _value_text(name: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if name == "amount":
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        return formats.money_text(amount, max(0, -int(amount.as_tuple().exponent)))
    said = _said(value, _EVIDENCE_ROOMS.get(name, ()))
    return said[:1].lower() + said[1:] if name in _EVIDENCE_ROOMS else said


def _tasks_text(ids: object, names: dict[str, str]) -> str:
    parts = [part.strip() for part in str(ids).split(",") if part.strip()]
    return ", ".join(names.get(part, part) for part in parts)


def _said(code: object, rooms: tuple[str, ...]) -> str:
    keys = (f"{room}{code}" for room in rooms)
    return next((say(key) for key in keys if code and has_words(key)), str(code))
