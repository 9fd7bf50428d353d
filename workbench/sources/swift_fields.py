"""SWIFT text messages (MT940, MT942) cut into their fields, envelope or not.

A field starts a line with ``:61:`` and the like. A time that was wrapped (``T13`` / ``:20:05``) looks the
same, so a tag counts only where the standard lets it stand: the order of a message decides.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from ..errors import FileRefusedError

#: Place of each field in its message; a field never goes back, but for the pairs of one movement.
_PLACES = {
    "20": 0, "21": 1, "25": 2, "25P": 2, "28": 3, "28C": 3, "13": 4, "13D": 4, "34F": 4,
    "60F": 5, "60M": 5, "61": 6, "62F": 7, "62M": 7, "90D": 7, "90C": 7, "64": 8, "65": 9,
}  # fmt: skip
#: Fields that carry money: none of them may be lost, none but the movement may stand twice in a message.
_MONEY = ("60F", "60M", "61", "62F", "62M", "90D", "90C")
_TAG = re.compile(r"^:([0-9]{2}[A-Z]?|NS):", re.ASCII | re.MULTILINE)
#: The end of a message, and what may follow it or its last field: the head of the next one, blank lines.
_END = re.compile(r"-(?:[A-Z]{0,3}[ \t]*$|\})", re.ASCII)
_BLANK = re.compile(r"\s*$")
_TRAILER = re.compile(r"^(?:-[A-Z]{0,3}|-?\}.*|\{[1-5]:.*|:94[02]:|)[ \t]*$", re.ASCII)


@dataclass(frozen=True)
class Field:
    """``line``: where it starts in the file, from 1. ``text``: without its tag, lines joined by ``\\n``."""

    tag: str
    text: str
    line: int

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def joined(self) -> str:
        """One value that may have been wrapped."""
        return "".join(self.text.split())


@dataclass
class Movement:
    """A ``:61:`` with what is said of it: its ``:86:`` and the bank's own ``:NS:``."""

    line: Field
    details: list[Field] = field(default_factory=list)
    own: list[Field] = field(default_factory=list)

    @property
    def raw(self) -> str:
        told = [*self.details, *self.own]
        return "\n".join([f":61:{self.line.text}", *(f":{one.tag}:{one.text}" for one in told)])


@dataclass
class Message:
    """One message from its ``:20:`` on."""

    line: int
    fields: dict[str, list[Field]] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)

    def first(self, *tags: str) -> Field | None:
        """The first field that has one of these tags, in the order asked for."""
        return next((self.fields[tag][0] for tag in tags if tag in self.fields), None)


def read_messages(text: str, *, file: str = "", most: int = 5_000_000) -> list[Message]:
    """The messages of a file, in its order; none where there is no ``:20:``.

    A movement or balance that stands outside every message, or where none may stand, refuses the file
    (``mt940-lines-lost``): a damaged ``:20:`` must not lose the statement behind it. So do more than ``most``
    movements.
    """
    text = re.sub(r"\r\n|\r", "\n", text)
    messages: list[Message] = []
    place = 0
    for found in _fields(text):
        tag = found.tag
        if tag == "20":
            messages.append(Message(found.line))
            place = 0
        message = messages[-1]
        if tag in _PLACES:
            place = _PLACES[tag]
        if tag == "61":
            message.movements.append(Movement(found))
        elif tag in ("86", "NS") and place == _PLACES["61"] and message.movements:
            movement = message.movements[-1]
            (movement.details if tag == "86" else movement.own).append(found)
        else:
            message.fields.setdefault(tag, []).append(found)
    if messages:
        _hold_all(text, messages, file, most)
    return messages


def _hold_all(text: str, messages: list[Message], file: str, most: int) -> None:
    written = Counter(match[1] for match in _TAG.finditer(text) if match[1] in _MONEY)
    read = Counter({"61": sum(len(message.movements) for message in messages)})
    for message in messages:
        read.update({tag: len(fields) for tag, fields in message.fields.items() if tag in _MONEY})
    if written["61"] > most:
        raise FileRefusedError("too-many-rows", file=file, rows=written["61"], limit=most)
    lost = written - read
    if lost or any(
        len(fields) > 1 for one in messages for tag, fields in one.fields.items() if tag in _MONEY
    ):
        raise FileRefusedError("mt940-lines-lost", file=file, line=messages[0].line, lines=written["61"])


def _fields(text: str) -> list[Field]:
    starts = _starts(text)
    found: list[Field] = []
    line, at = 1, 0
    for number, (tag, start, after) in enumerate(starts):
        line += text.count("\n", at, start)
        at = start
        following = starts[number + 1] if number + 1 < len(starts) else ("20", len(text), len(text))
        lines = text[after : following[1]].split("\n")
        if following[0] == "20":  # a message's last field: what comes behind its end is the next one's head
            ends = (place for place, one in enumerate(lines) if place and _END.match(one))
            lines = lines[: next(ends, len(lines))]
        trailer = _TRAILER if following[0] == "20" else _BLANK
        while len(lines) > 1 and trailer.match(lines[-1]):
            lines.pop()
        found.append(Field(tag, "\n".join(lines), line))
    return found


def _starts(text: str) -> list[tuple[str, int, int]]:
    """Tags that are fields: from the first ``:20:`` on, never going back within a message."""
    tags = [(match[1], match.start(), match.end()) for match in _TAG.finditer(text)]
    kept: list[tuple[str, int, int]] = []
    place = -1
    for number, tag in enumerate(tags):
        name = tag[0]
        if name == "20":
            after = tags[number + 1][0] if number + 1 < len(tags) else ""
            if place >= 0 and after not in ("21", "25", "25P", "28", "28C", "NS"):
                continue
            place = 0
        elif place < 0:
            continue
        elif name in _PLACES:
            if _PLACES[name] < place:
                continue
            place = _PLACES[name]
        elif name not in ("86", "NS"):
            continue
        kept.append(tag)
    return kept
