"""Why a difference with a customer has its cause, as a person reads it: one short sentence a fact."""

from __future__ import annotations

import json

from . import Language, formats, has_words, language, say

#: Facts that others say already.
_SILENT = frozenset(("company", "most", "days", "number"))


def grounds_text(given: object, lang: Language | None = None) -> str:
    """The facts of ``customer_differences.grounds`` in words; what has none shows itself."""
    text = str(given)
    facts = json.loads(text) if text.startswith("{") else None
    if not isinstance(facts, dict):
        return text
    chosen = lang or language()
    said = [_say(name, value, chosen) for name, value in sorted(facts.items()) if name not in _SILENT]
    return " ".join(part for part in said if part)


def _say(name: str, value: object, lang: Language) -> str:
    if value in (None, "", False):
        name = f"no_{name}"
    key = f"reconciliation.ground_{name}"
    if not has_words(key, lang):
        return f"{name}: {value}." if value else ""
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if name in ("date", "list_date", "received"):
        shown = formats.date_of_text(shown, lang)
    return say(key, lang, value=shown)
