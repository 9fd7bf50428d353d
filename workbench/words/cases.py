"""What a case can be and do, as people say it: ``cases.state.<state>``, ``cases.move.<move>`` and the like.

A move is typed by its name at the door, so that stands behind its words.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import Language, has_words, say

#: The value's name in a rule → the group of its words.
_GROUPS = {"state": "state", "kind": "kind", "expected": "kind", "lacking": "needs", "role": "role",
           "roles": "role", "move": "move", "earlier": "move", "moves": "move"}  # fmt: skip
_TYPED = ("moves",)


def case_values(values: dict[str, object], lang: Language | None = None) -> dict[str, object]:
    """The values of a rule about a case, in the reader's words; what has none stays as it is."""
    return {name: _said(name, value, lang) for name, value in values.items() if name in _GROUPS}


def state_text(state: str, lang: Language | None = None) -> str:
    """The state as its reader says it."""
    return _word("state", state, lang)


def moves_text(moves: Sequence[str], lang: Language | None = None) -> str:
    """What can be done, each with the name that is typed; ``–`` where nothing can."""
    return ", ".join(f"{_word('move', move, lang)} ({move})" for move in moves) or "–"


def _said(name: str, value: object, lang: Language | None) -> object:
    group = _GROUPS[name]
    if isinstance(value, (list, tuple)):
        return moves_text(value, lang) if name in _TYPED else ", ".join(_word(group, v, lang) for v in value)
    return _word(group, str(value), lang) if value else "–"


def _word(group: str, code: str, lang: Language | None) -> str:
    key = f"cases.{group}.{code}"
    return say(key, lang) if has_words(key, lang) else code
