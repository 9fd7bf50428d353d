"""A close look at a sheet of a workbook, cell by cell, where the quick signs left something in doubt.

Formulas with and without the value that the workbook keeps, error values, and what the sheet would take in
memory: cells far apart make an area of nothing, and one long text used a million times is a million texts.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

import numpy as np

from ..errors import FileRefusedError
from .safe_xml import MOST_DEPTH
from .sheet_signs import LAST_COLUMN, LAST_ROW
from .workbook_scan import Signs, column_number
from .zip_parts import Part, unpack

#: An area of so many cells needs no excuse; a larger one must hold a cell in so many places.
AREA_FREE, AREA_PER_CELL = 2_000_000, 20
#: Characters that shared texts may come to when each cell has its own.
MOST_SHARED_TEXT = 256 * 1024 * 1024
_FORMULA_SHOWN = 200


@dataclass
class Closely:
    """Rows and columns from 0. ``formulas``: whether the cell keeps a value; ``texts``: what to show of a
    cell that has none (the formula, the error)."""

    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    shared_text: int = 0
    last_shared: int = -1


def is_doubtful(signs: Signs, longest_shared: int) -> bool:
    """Whether a sheet's signs ask for the close look."""
    area = signs.last_row * signs.last_column
    return (
        signs.is_deep
        or signs.has_formulas
        or signs.has_errors
        or signs.is_otherwise
        or area > max(AREA_FREE, AREA_PER_CELL * signs.cells)
        or signs.shared_cells * longest_shared > MOST_SHARED_TEXT
    )


def look_closely(content: bytes, part: Part, shared_lengths: list[int], *, file: str) -> Closely:
    """Every cell of the sheet; a sheet that would take far more room than it has cells refuses the file.

    So does one with a cell where no cell can be, or twice in one place: programs differ in what they show.
    """
    reader = _Cells(shared_lengths, part.name, file)
    _parse(reader, content, part, file)
    seen = reader.seen
    places = np.frombuffer(reader.places, dtype=np.int64)
    if (np.diff(places) <= 0).any() and len(np.unique(places)) < len(places):
        raise FileRefusedError("zip-damaged", file=file, reason=f"{part.name}: r=…, r=…")
    area = (seen.last_row + 1) * (seen.last_column + 1)
    if area > max(AREA_FREE, AREA_PER_CELL * seen.cells):
        raise FileRefusedError("zip-bomb", file=file, members=1, bytes=area)
    return seen


def shared_lengths(content: bytes, part: Part, *, file: str) -> list[int]:
    """Characters of each shared text, in order."""
    reader = _SharedTexts()
    _parse(reader, content, part, file)
    return reader.lengths


def hold_depth(content: bytes, part: Part, *, file: str) -> None:
    """Refuse a part that goes deeper than any program writes, wherever in it that is."""
    _parse(_Nothing(), content, part, file)


class _Cells:
    def __init__(self, lengths: list[int], part: str, file: str) -> None:
        self.seen, self.lengths, self.part, self.file = Closely(), lengths, part, file
        self.places = array("q")
        self.row = self.column = -1
        self.kind = ""
        self.inside = ""
        self.formula: str | None = None
        self.value = ""
        self.has_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            stated = attributes.get("r")
            if stated is not None and not stated.isdecimal():
                self._refuse_place(stated)
            self.row = self.row + 1 if stated is None else self._number(stated) - 1
            self.column = -1
        elif name == "c":
            self._find_place(attributes.get("r"))
            self.kind, self.formula, self.value, self.has_text = attributes.get("t", ""), None, "", False
        elif name in ("f", "v"):
            self.inside = name
            if name == "f":
                self.formula = ""
        elif name == "is":
            self.has_text = True

    def _find_place(self, reference: str | None) -> None:
        """Where the cell stands, in the bounds of a sheet: beyond them a reader starts anew or gives up."""
        if reference is None:
            self.column += 1
        else:
            letters = reference.rstrip("0123456789")
            if not (letters.isascii() and letters.isalpha() and len(letters) < 4):
                self._refuse_place(reference)
            self.row, self.column = self._number(reference[len(letters) :]) - 1, column_number(letters) - 1
        if not (0 <= self.row < LAST_ROW and self.column < LAST_COLUMN):
            self._refuse_place(reference or str(self.row + 1))

    def _number(self, digits: str) -> int:
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 8 and 0 < int(digits) <= LAST_ROW):
            self._refuse_place(digits)
        return int(digits)

    def _refuse_place(self, said: str) -> NoReturn:
        raise FileRefusedError("zip-damaged", file=self.file, reason=f"{self.part}: r={said[:20]}")

    def text(self, piece: str) -> None:
        if self.inside == "v":
            self.value += piece[: _FORMULA_SHOWN - len(self.value)]
        elif self.inside == "f" and self.formula is not None:
            self.formula += piece[: _FORMULA_SHOWN - len(self.formula)]

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("f", "v"):
            self.inside = ""
        elif name == "c":
            self._close_cell()

    def _close_cell(self) -> None:
        seen, place = self.seen, (self.row, self.column)
        is_error = self.kind == "e"
        if self.formula is not None:
            seen.formulas[place] = bool(self.value) and not is_error
        if is_error or (self.formula is not None and not self.value):
            seen.texts[place] = self.value if is_error else f"={self.formula}"
        if self.value or self.formula is not None or self.has_text:
            seen.cells += 1
            self.places.append(self.row * LAST_COLUMN + self.column)
            seen.last_row = max(seen.last_row, self.row)
            seen.last_column = max(seen.last_column, self.column)
        if self.kind == "s" and self.value:
            if not (self.value.isascii() and self.value.isdecimal() and len(self.value) < 10):
                raise FileRefusedError(  # a reader takes the first text for it
                    "zip-damaged", file=self.file, reason=f"{self.part}: sharedStrings {self.value[:20]}"
                )
            index = int(self.value)
            seen.last_shared = max(seen.last_shared, index)
            seen.shared_text += self.lengths[index] if index < len(self.lengths) else 0
            if seen.shared_text > MOST_SHARED_TEXT:
                raise FileRefusedError("zip-bomb", file=self.file, members=1, bytes=seen.shared_text)


class _SharedTexts:
    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self.lengths.append(0)

    def text(self, piece: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(piece)

    def end(self, name: str) -> None:
        """A text ends where the next one begins."""


class _Nothing:
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Nothing is asked of it but how deep it stands."""

    def text(self, piece: str) -> None:
        """Nothing."""

    def end(self, name: str) -> None:
        """Nothing."""


def _parse(reader: _Cells | _SharedTexts | _Nothing, content: bytes, part: Part, file: str) -> None:
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise FileRefusedError("xml-depth", file=file, line=parser.CurrentLineNumber, limit=MOST_DEPTH)
        reader.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.end(name)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = reader.text

    def doctype(*told: object) -> None:
        raise FileRefusedError("xml-dtd", file=file, member=part.name)

    parser.StartDoctypeDeclHandler = doctype
    try:
        for piece in unpack(content, part, file=file):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefusedError(
            "xml-syntax", file=file, line=error.lineno, column=error.offset, reason=f"{part.name}: {error}"
        ) from None
