"""What a case can be and do, as people say it: ``cases.state.<state>``, ``cases.move.<move>`` and the like.

A move is typed by its name at the door, so that stands behind its words; the words are taken there too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from . import LANGUAGES, Language, has_words, say

#: The value's name in a rule → the group of its words.
_GROUPS = {"state": "state", "kind": "kind", "expected": "kind", "lacking": "needs", "role": "role",
           "roles": "role", "move": "move", "earlier": "move", "moves": "move", "kinds": "kind",
           "states": "state", "missing": "evidence", "required": "evidence"}  # fmt: skip
_TYPED = ("moves", "kinds", "states", "lacking", "missing", "required")
#: What a person gives under another name than the machine's.
_GIVEN_AS = {"file_sha256": "file", "event_date": "on", "receipt_id": "receipt"}


def case_values(values: dict[str, object], lang: Language | None = None) -> dict[str, object]:
    """The values of a rule about a case, in the reader's words; what has none stays as it is."""
    return {name: _said(name, value, lang) for name, value in values.items() if name in _GROUPS}


def state_text(state: str, lang: Language | None = None) -> str:
    """The state as its reader says it."""
    return _word("state", state, lang)


def moves_text(moves: Sequence[str], lang: Language | None = None) -> str:
    """What can be done, each with the name that is typed; ``–`` where nothing can."""
    return _typed_text("move", moves, lang)


def codes_of(group: str, typed: str, codes: Iterable[str]) -> list[str]:
    """Which of ``codes`` were meant: the code itself, else those whose words in either language were typed.

    ``group``: ``kind``, ``state`` or ``move``. Accents and capitals do not matter. Several where several
    states are called the same; none where nothing is called so.
    """
    known = sorted(codes)
    if typed in known:
        return [typed]
    wanted = _plain(typed)
    return [code for code in known if wanted in {_plain(_word(group, code, lang)) for lang in LANGUAGES}]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", " ".join(text.casefold().split()))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _typed_text(group: str, codes: Sequence[str], lang: Language | None) -> str:
    return ", ".join(f"{_word(group, code, lang)} ({_GIVEN_AS.get(code, code)})" for code in codes) or "–"


def _said(name: str, value: object, lang: Language | None) -> object:
    group = _GROUPS[name]
    if isinstance(value, (list, tuple)):
        return (
            _typed_text(group, value, lang)
            if name in _TYPED
            else ", ".join(_word(group, v, lang) for v in value)
        )
    return _word(group, str(value), lang) if value else "–"


def _word(group: str, code: str, lang: Language | None) -> str:
    key = f"cases.{group}.{code}"
    return say(key, lang) if has_words(key, lang) else code
