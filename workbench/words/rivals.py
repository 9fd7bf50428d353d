"""Two values of one field under one key, as a person reads them: the book's and the file's."""

from __future__ import annotations

import datetime as dt
import re

from . import Language, has_words, say

#: ``a ≠ b``: the book's value and the file's; ``a ↔ b``: two values of one file.
_RIVALS = re.compile(r"(\w+): (.*) ([≠↔]) (.*)")
_MONEY = re.compile(r"-?[0-9]+(\.[0-9]+)? [A-Z]{3}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00:00)?", re.ASCII)


def fields_text(fields: str, lang: Language | None = None) -> str:
    """``due_date, original_amount`` → ``Vence, Valor original``; a heading of a file stays as it stands."""
    return ", ".join(_field(name, lang) for name in fields.split(", "))


def rivals_text(rivals: str, lang: Language | None = None) -> str:
    """``due_date: 2026-10-01 ≠ 2026-11-01`` → ``Vence: en el libro 01/10/2026, en el archivo 01/11/2026``."""
    return "; ".join(_rival(part, lang) for part in rivals.split("; "))


def _rival(part: str, lang: Language | None) -> str:
    found = _RIVALS.fullmatch(part)
    if found is None:
        return part  # rows as they stood in the file
    key = "rules.key-conflict.known" if found[3] == "≠" else "rules.key-conflict.both"
    return say(
        key, lang, field=_field(found[1], lang), one=_value(found[2], lang), other=_value(found[4], lang)
    )


def _field(name: str, lang: Language | None) -> str:
    return say(f"columns.{name}", lang) if has_words(f"columns.{name}", lang) else name


def _value(text: str, lang: Language | None) -> str:
    from .formats import date_text, money_of_text

    if _MONEY.fullmatch(text):
        return money_of_text(text, lang)
    if _DAY.fullmatch(text):
        return date_text(dt.date.fromisoformat(text[:10]), lang)
    return text or "–"
