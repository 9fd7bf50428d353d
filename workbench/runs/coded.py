"""Codes as a person says them: rules, reasons, states, kinds; files for machines keep the codes."""

from __future__ import annotations

import pandas as pd

from ..words import has_words, say

#: Where the words of a column's codes are; the first room that has them speaks.
ROOMS: dict[str, tuple[str, ...]] = {
    "rule": ("matching.rule_", "reconciliation.rule_"),
    "reason": ("matching.reason_",),
    "known_by": ("matching.known-by_",),
    "category": ("reconciliation.category_",),
    "state": ("close.state_",),
    "cause": ("close.cause_",),
    "role": ("close.role_",),
    "notebook": ("notebooks.",),
    "status": ("runs.status-",),
    "kind": ("runs.kind-",),
    "document_kind": ("runs.kind-",),
    "line_kind": ("runs.line-",),
}


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """A new frame whose coded columns speak; a code without words shows itself."""
    spoken = {}
    for name, rooms in ROOMS.items():
        if name in frame.columns and len(frame):
            words = {code: _said(code, rooms) for code in frame[name].unique()}
            spoken[name] = frame[name].map(words)
    return frame.assign(**spoken)


def _said(code: object, rooms: tuple[str, ...]) -> str:
    keys = (f"{room}{code}" for room in rooms)
    return next((say(key) for key in keys if code and has_words(key)), str(code))
