"""Every text a person reads, in Spanish and English: gettext catalogues, one file a room.

A key is ``room.name``: ``say("aging.not_due")`` looks into ``catalogues/<language>/aging.po``. A rule's
sentence and remedy are ``rules.<rule>`` and ``rules.<rule>.remedy``. Placeholders are ``{name}``.
"""

from __future__ import annotations

import json
import os
from contextvars import ContextVar
from functools import lru_cache
from importlib import resources
from typing import Literal

from ..errors import ParameterRefusedError, WorkbenchError

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The reader's language: the one chosen, else ``WORKBENCH_LANG``, else Spanish."""
    chosen = _chosen.get()
    return chosen if chosen is not None else _known(os.environ.get("WORKBENCH_LANG") or "es")


def choose_language(name: str) -> Language:
    """Set the language of this context; an unknown one is refused."""
    chosen = _known(name)
    _chosen.set(chosen)
    return chosen


def _known(name: str) -> Language:
    if name not in LANGUAGES:
        raise ParameterRefusedError("language-unknown", name="lang", value=name)
    return name


@lru_cache
def catalogue(room: str, lang: Language) -> dict[str, str]:
    """One room's texts by key (without the room); a room without a file has none."""
    from babel.messages.pofile import read_po

    file = resources.files(__package__) / "catalogues" / lang / f"{room}.po"
    if not file.is_file():
        return {}
    with file.open("rb") as stream:
        messages = read_po(stream, locale=lang, abort_invalid=True)
    return {str(message.id): str(message.string) for message in messages if message.id}


def has_words(key: str, lang: Language | None = None) -> bool:
    """Whether the catalogue of that language has a text for ``key``."""
    room, _, name = key.partition(".")
    return bool(catalogue(room, lang or language()).get(name))


def say(key: str, lang: Language | None = None, /, **values: object) -> str:
    """The text of ``key``; a key without words shows itself, and a test holds that none is left so.

    Where ``count``, else ``days``, is one, ``<key>.one`` speaks, if there is such a text.
    """
    room, _, name = key.partition(".")
    texts = catalogue(room, lang or language())
    is_one = str(values.get("count", values.get("days"))) == "1"
    text = (texts.get(f"{name}.one") if is_one else None) or texts.get(name)
    if not text:
        return key
    return text.format_map(_Values(values)) if values else text


class _Values(dict[str, object]):
    """A value that was not given shows as ``–`` rather than losing the sentence."""

    def __missing__(self, name: str) -> str:
        return "–"


def sentence(rule: str, values: dict[str, object], lang: Language | None = None) -> str:
    """What happened and where, for a finding or an error."""
    if not has_words(f"rules.{rule}", lang):
        return _plain(rule, values)
    said = [say(f"rules.{rule}", lang, **_all_spoken(rule, values, lang))]
    for name, value in values.items():  # what is said only where there is something to say
        if name.endswith("_note") and value and has_words(f"rules.{rule}.{name}", lang):
            said.append(say(f"rules.{rule}.{name}", lang, **{name: value}))
    return " ".join(said)


def _all_spoken(rule: str, values: dict[str, object], lang: Language | None) -> dict[str, object]:
    from .rivals import fields_text, rivals_text

    said = {name: _spoken(name, value, lang) for name, value in values.items()}
    if rule.startswith(("case-", "write-off-")):
        from .cases import case_values

        said |= case_values(values, lang)
    if rule == "key-conflict":  # its values are kept as the columns are called inside
        said["columns"] = fields_text(str(values.get("columns", "")), lang)
        said["rivals"] = rivals_text(str(values.get("rivals", "")), lang)
    # What a cell or a parameter holds may be a word of ours: as its reader knows it.
    for name, key in (("value", "matching.decision_"), ("name", f"rules.{rule}.")):
        if has_words(f"{key}{values.get(name)}", lang):
            said[name] = say(f"{key}{values[name]}", lang)
    return said


def _spoken(name: str, value: object, lang: Language | None) -> object:
    """``…_money`` is kept as ``1234.50 COP`` and read as ``1.234,50 COP``; ``…_day`` is kept as ISO, and
    ``…_rate`` as ``Bogotá 4.14 4.14‰``."""
    if not name.endswith(("_money", "_day", "_rate")) or not isinstance(value, str):
        return value
    from .formats import date_of_text, money_of_text

    if name.endswith("_rate"):
        from .evidence import rate_text

        return rate_text(value, lang)
    return money_of_text(value, lang) if name.endswith("_money") else date_of_text(value, lang)


def remedy(rule: str, values: dict[str, object], lang: Language | None = None) -> str:
    """What to do about it; empty where nothing is to be done."""
    key = f"rules.{rule}.remedy"
    return say(key, lang, **_all_spoken(rule, values, lang)) if has_words(key, lang) else ""


def explain(rule: str, values: dict[str, object], lang: Language | None = None) -> str:
    """Sentence and remedy, as one paragraph."""
    return " ".join(part for part in (sentence(rule, values, lang), remedy(rule, values, lang)) if part)


def _plain(rule: str, values: dict[str, object]) -> str:
    return f"{rule} {json.dumps(values, ensure_ascii=False, default=str)}" if values else rule


WorkbenchError.describe = staticmethod(explain)
