"""Numbers in what a payer wrote, and the ways its lists and ranges may be read.

``FE 1201/02/05`` are three documents, ``1201 al 05`` five; ``1201-1205`` may be two or five. Nothing here
knows any document: the amount has to bear a reading out (``readings``). Source: DOMAIN, section 3, step 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..references import SHORTEST_NUMBER, fold

#: A number with the letters glued to it or just before it; letters glued behind make it part of a word.
_NUMBER = re.compile(r"(?:(?<![A-Z0-9])([A-Z]{1,8})[-.:# °º]{0,2})?(?<![0-9])([0-9]{1,18})(?![0-9])")
_RANGE = re.compile(r"(?:A|AL|HASTA|TO|THRU|THROUGH)")
_LIST = re.compile(r"(?:[,;&+]|,? ?(?:Y|E|AND))")
#: Numbers in a text beyond which it is an account statement rather than a reference.
MOST_NUMBERS = 40


@dataclass(frozen=True)
class Written:
    """A number as written: the letters before it, its digits, and what stands between it and the last one.

    ``joint``: "range", "dash" (a range, a list or one name), "slash" (a list or one name), "list", "blank",
    or "" where something else is.
    """

    letters: str
    digits: str
    joint: str


@dataclass(frozen=True)
class Element:
    """One document by its digits, or all from ``digits`` through ``last``; ``letters`` as far as written.

    ``is_short``: its first digits were left out and are taken from the number before.
    """

    letters: str
    digits: tuple[str, ...]
    last: str = ""
    is_short: bool = False


@lru_cache(maxsize=65_536)
def numbers_in(text: str) -> tuple[Written, ...]:
    """The whole numbers of a text, in order; none where it has too many to be references."""
    folded = fold(text)
    found: list[Written] = []
    end = -1
    for match in _NUMBER.finditer(folded):
        letters, digits = match.group(1) or "", match.group(2)
        after = folded[match.end() : match.end() + 1]
        before = folded[match.start() - 1 : match.start()]
        if after.isalpha() and not _continues(folded, match.end()):
            end = -1
            continue
        if before.isalpha() and not letters:  # longer letters than a prefix has
            end = -1
            continue
        joint = "" if end < 0 else _joint(folded[end : match.start()], letters)
        if _RANGE.fullmatch(letters) or letters in ("Y", "E", "AND"):
            joint = ("range" if _RANGE.fullmatch(letters) else "list") if end >= 0 else ""
            letters = ""
        found.append(Written(letters, digits, joint))
        end = match.end()
        if len(found) > MOST_NUMBERS:
            return ()
    return tuple(found) if any(len(one.digits) >= SHORTEST_NUMBER for one in found) else ()


def ways_to_read(numbers: Sequence[Written], *, forms: Sequence[str]) -> list[tuple[Element, ...]]:
    """The texts's elements, each dash and slash once as what it may be; ``forms`` that are allowed."""
    joints = {one.joint for one in numbers}
    ways: dict[tuple[Element, ...], None] = {}
    for slash in ("list", "name") if "slash" in joints else ("list",):
        for dash in ("list", "range", "name") if "dash" in joints else ("list",):
            ways.setdefault(tuple(_elements(numbers, {"dash": dash, "slash": slash}, forms)))
    return list(ways)


def _elements(
    numbers: Sequence[Written], read_as: Mapping[str, str], forms: Sequence[str]
) -> Iterator[Element]:
    letters, base = "", ""  # of the last whole number, which what follows may leave out
    waiting: Element | None = None
    for one in numbers:
        joint = read_as.get(one.joint, one.joint)
        joins = bool(one.joint)
        is_short = joins and joint != "blank" and len(one.digits) < len(base) and not one.letters
        digits = base[: -len(one.digits)] + one.digits if is_short else one.digits
        if waiting is not None and joint == "name":
            waiting = Element(waiting.letters, (*waiting.digits, one.digits))
            base = one.digits
            continue
        if waiting is not None and joint == "range" and "range" in forms and not waiting.last:
            waiting = Element(waiting.letters, waiting.digits, last=digits, is_short=is_short)
            base = digits
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        is_other = "list" not in forms if is_short else len(one.digits) < SHORTEST_NUMBER
        if is_other and "name" not in read_as.values():
            # A name of several parts may begin with few digits; alone they are days or quantities.
            base = ""
            continue
        letters = one.letters or (letters if joins else "")
        base = digits
        waiting = Element(letters, (digits,), is_short=is_short)
    if waiting is not None:
        yield waiting


def _continues(folded: str, at: int) -> bool:
    """Letters glued behind a number go on only as ``1201A1205`` and ``1201Y1203`` do."""
    return re.match(r"(?:AL?|Y|TO)[0-9]", folded[at:]) is not None


def _joint(between: str, letters: str) -> str:
    bare = between.strip()
    if not bare:
        return "blank"
    if bare in ("-", "–", "—"):
        return "dash"
    if bare == "/":
        return "slash"
    if _RANGE.fullmatch(bare):
        return "range"
    return "list" if _LIST.fullmatch(bare) or bare in (",Y", ", Y") else ""
