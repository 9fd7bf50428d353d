"""Document numbers in what a payer wrote: exact, so that a reference found is a fact and not a likeness.

A name and a text are compared as runs of letters and runs of digits, so ``FE-1234``, ``fe 1234`` and
``FE1234`` are the same name; a number is never found inside a longer one, nor glued to letters that are
not part of the name. Leading zeros may differ where the name is digits only and one document alone has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

Parts = tuple[str, ...]
Shape = tuple[str, int]

_WORD = re.compile(r"[A-Z0-9]+")
_PART = re.compile(r"[A-Z]+|[0-9]+")
#: Most names, read at a fraction of the time: letters, and up to three numbers.
_PLAIN = re.compile("([A-Z]*)[-./ ]?([0-9]+)(?:[-./ ]([0-9]+))?(?:[-./ ]([0-9]+))?")
#: The same without the zeros before their numbers.
_BARE = re.compile("([A-Z]*)[-./ ]?0*([1-9][0-9]*)(?:[-./ ]0*([1-9][0-9]*))?(?:[-./ ]0*([1-9][0-9]*))?")
_HAS_DIGIT = re.compile("[0-9]")
_NOTHING: frozenset[tuple[str, int]] = frozenset()
#: Shorter bare numbers in free text are days, months or quantities rather than documents.
SHORTEST_NUMBER = 4


class Mention(NamedTuple):
    """A name found in a text: as written, and the items it may mean (positions, ascending)."""

    written: str
    positions: tuple[int, ...]


def fold(text: str) -> str:
    """Capitals without accents; everything else as it stands."""
    if text.isascii():
        return text.upper()
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn").upper()


def parts_of(name: str) -> Parts:
    """``"FE-001234"`` → ``("FE", "001234")``; nothing for a name without letters and digits."""
    return tuple(_PART.findall(fold(name)))


def split_name(parts: Parts) -> tuple[str, Parts]:
    """A name's first letters, and the rest with no zeros before its numbers: ``("FE", ("1234",))``."""
    letters, rest = (parts[0], parts[1:]) if parts and parts[0].isalpha() else ("", parts)
    return letters, tuple([part.lstrip("0") or part for part in rest])


def shape_of(parts: Parts) -> Shape | None:
    """Letters and how many digits behind them, zeros before them left out: ``("FE", 4)``; of nothing else."""
    letters, digits = split_name(parts)
    return (letters, len(digits[0])) if letters and len(digits) == 1 and digits[0].isdigit() else None


class ReferenceIndex:
    """The documents of one company by everything they may be called.

    ``names`` are (level, name, position, document): level 0 is a document's own number, 1 what else it is
    known by; the first level that knows a name answers for it. ``document`` groups the items of one document.
    ``shapes``: how all documents of the company are called, where these are some of them.
    """

    def __init__(
        self, names: Iterable[tuple[int, str, int, int]], shapes: frozenset[Shape] | None = None
    ) -> None:
        # A name without a digit is a word, and words occur in every text.
        self._names = [one for one in names if _HAS_DIGIT.search(one[1])]
        self._shapes = shapes
        self._exact: tuple[dict[Parts, set[int]], ...] = ({}, {})
        self._bare: tuple[dict[str, set[int]], ...] = ({}, {})
        self._document: dict[int, int] = {}
        #: By digits alone, whatever letters and zeros stand before them: (letters before, position).
        self._digits: dict[Parts, set[tuple[str, int]]] = {}
        self._longest = 0

    def _know_names(self) -> None:
        """Index the names whole, when the first is asked for."""
        if self._longest or not self._names:
            return
        for level, name, position, document in self._names:
            plain = _PLAIN.fullmatch(name)
            parts = tuple(filter(None, plain.groups())) if plain else parts_of(name)
            self._exact[level].setdefault(parts, set()).add(position)
            self._document[position] = document
            self._longest = max(self._longest, len(parts))
            if len(parts) == 1:
                self._bare[level].setdefault(parts[0].lstrip("0"), set()).add(position)

    def _know_digits(self) -> None:
        """Index their digits, when the first are asked for."""
        if self._digits or not self._names:
            return
        for _, name, position, _ in self._names:
            bare = _BARE.fullmatch(name)
            letters, *numbers = bare.groups() if bare else ("",)
            digits: Parts = tuple(filter(None, numbers))
            if not bare:
                letters, digits = split_name(parts_of(name))
            known = self._digits.get(digits)
            if known is None:
                self._digits[digits] = {(letters, position)}
            else:
                known.add((letters, position))

    def with_digits(self, digits: Parts) -> Set[tuple[str, int]]:
        """(letters before, position) of every item with these digits (zeros before them left out).

        No proof by itself: what it finds is a reading, which the amount has to bear out.
        """
        self._know_digits()
        return self._digits.get(digits, _NOTHING)

    def with_any_digits(self, numbers: Iterable[str]) -> Iterator[tuple[str, int]]:
        """The same of each of these numbers."""
        self._know_digits()
        known = self._digits
        for number in numbers:
            if found := known.get((number.lstrip("0") or number,)):
                yield from found

    def is_ours(self, letters: str, digits: str) -> bool:
        """Whether a number is written as documents of this company are, letters and length, and none has it.

        Somebody meant a document then, and not one that is known.
        """
        if self._shapes is None:
            self._shapes = frozenset(filter(None, (shape_of(parts_of(one[1])) for one in self._names)))
        bare = digits.lstrip("0")
        is_shaped = bool(letters) and (letters, len(bare)) in self._shapes
        return is_shaped and all(letters != before for before, _ in self.with_digits((bare,)))

    def resolve(self, name: str) -> Mention | None:
        """The items that a whole field names, or ``None``."""
        self._know_names()
        positions = self._look_up(parts_of(name))
        return Mention(name.strip(), positions) if positions else None

    def find(self, text: str) -> list[Mention]:
        """Every name in a free text, in order, the longest first where names overlap; each once."""
        self._know_names()
        words = [_PART.findall(word) for word in _WORD.findall(fold(text))]
        found: dict[tuple[int, ...], Mention] = {}
        start = 0
        while start < len(words):
            end, positions = self._longest_from(words, start)
            if positions:
                written = " ".join("".join(word) for word in words[start:end])
                found.setdefault(positions, Mention(written, positions))
            start = end
        return list(found.values())

    def _longest_from(self, words: list[list[str]], start: int) -> tuple[int, tuple[int, ...]]:
        """Where the longest name that starts at this word ends, and its items; else the next word."""
        best: tuple[int, tuple[int, ...]] = (start + 1, ())
        parts: list[str] = []
        for end in range(start, len(words)):
            parts.extend(words[end])
            if len(parts) > self._longest:
                break
            if len(parts) == 1 and len(parts[0]) < SHORTEST_NUMBER:
                continue
            positions = self._look_up(tuple(parts))
            if positions:
                best = (end + 1, positions)
        return best

    def _look_up(self, parts: Parts) -> tuple[int, ...]:
        for exact, bare in zip(self._exact, self._bare, strict=True):
            positions = exact.get(parts)
            if positions is None and len(parts) == 1 and parts[0].isdigit():
                positions = bare.get(parts[0].lstrip("0"))
                # 00123 and 123 may be two documents: then zeros matter and neither is meant for sure.
                if positions is not None and len({self._document[position] for position in positions}) > 1:
                    positions = None
            if positions:
                return tuple(sorted(positions))
        return ()
