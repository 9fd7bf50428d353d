"""What a workbook's parts hold, found before a reader makes cells of them: quick signs, by pattern.

Refused here: declared entities, XML too deep or in an encoding that patterns cannot see through. What the
signs leave in doubt (formulas, a few cells far apart, long texts used over and over) is for
``workbook_cells`` to settle. Source: TRUST, row "Hostile files".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

import numpy as np

from ..errors import FileRefusedError
from .safe_xml import MOST_DEPTH
from .sheet_signs import CellSigns, cell_signs, ends_of_items, letters_of, steps_of_depth, tags_of
from .zip_parts import Part, unpack

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\b[^>]*\bhidden\s*=\s*["'](?:1|true)["']""")
_FORMULA = re.compile(rb"<f[\s/>]|:f[\s/>]")
#: How much of a part is parsed: its outermost element, and whether it is XML at all, show there.
_PARSED = 1 << 16


@dataclass
class Signs:
    """Of one part. ``root``: the name of its outermost element, ``""`` where it is no XML."""

    name: str
    root: str = ""
    bytes: int = 0
    rows_hidden: int = 0
    is_1904: bool = False
    has_formulas: bool = False
    has_errors: bool = False
    is_otherwise: bool = False  # written so that the signs may have missed something
    is_deep: bool = False  # deeper than allowed, as far as the signs can tell
    depth: int = 0  # of the place that has been read
    last_row: int = 0
    last_column: int = 0
    last_cell: int = 0
    cells: int = 0
    shared_cells: int = 0
    last_shared: int = -1  # the highest number of a shared text that a cell asks for
    shared_items: int = 0
    longest_shared: int = 0


def column_number(letters: bytes | str) -> int:
    """``A`` is 1, ``XFD`` 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + (letter if isinstance(letter, int) else ord(letter)) - 64
    return number


def scan_part(content: bytes, part: Part, *, file: str) -> Signs:
    """The signs of one part, read through to its end so that damage shows."""
    signs = Signs(part.name)
    pieces = unpack(content, part, file=file)
    first = next(pieces, b"")
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<" and not _is_wide(first):
        for _ in pieces:
            pass
        return signs
    if _is_wide(first):
        raise FileRefusedError("xml-syntax", file=file, line=1, column=0, reason=f"UTF-16: {part.name}")
    signs.root = _root_of(first, part, file)
    for whole in _cut_at_tags(first, pieces, b"<c " if signs.root == "worksheet" else b"<"):
        if b"<!" in whole and _DOCTYPE.search(whole):
            raise FileRefusedError("xml-dtd", file=file, member=part.name)
        signs.bytes += len(whole)
        letters = letters_of(whole)
        tags = tags_of(letters)
        deepest, end = steps_of_depth(letters, tags)
        signs.is_deep |= signs.depth + deepest > MOST_DEPTH
        signs.depth += end
        if signs.root == "worksheet":
            _scan_sheet(signs, whole)
            _add_cells(signs, cell_signs(letters, tags))
        elif signs.root == "sst":
            ends = ends_of_items(whole, letters, tags)
            signs.shared_items += len(ends)
            lengths = np.diff(np.concatenate(([0], ends, [len(whole)])))
            signs.longest_shared = max(signs.longest_shared, int(lengths.max(initial=0)))
        elif signs.root == "workbook" and re.search(rb"""\bdate1904\s*=\s*["'](1|true)["']""", whole):
            signs.is_1904 = True
    return signs


def _is_wide(first: bytes) -> bool:
    """Letters of two bytes: no office program writes so, and patterns would see nothing."""
    return first[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"\x00" in first[:64] and b"<" in first[:4])


def _cut_at_tags(first: bytes, pieces: Iterator[bytes], mark: bytes) -> Iterator[bytes]:
    """The same bytes in pieces that begin with ``mark``, else with any tag, so that none is torn in two."""
    carried = first
    for piece in pieces:
        cut = piece.rfind(mark)
        cut = cut if cut >= 0 else piece.rfind(b"<")
        if cut < 0:
            yield carried  # a text without end: no tag in it
            carried = piece
            continue
        yield carried + piece[:cut]
        carried = piece[cut:]
    yield carried


def _scan_sheet(signs: Signs, whole: bytes) -> None:
    if b"hidden" in whole:
        signs.rows_hidden += len(_HIDDEN.findall(whole))
    if not signs.has_formulas and (b"<f" in whole or b":f" in whole):
        signs.has_formulas = bool(_FORMULA.search(whole))


def _add_cells(signs: Signs, found: CellSigns) -> None:
    signs.has_errors |= found.has_errors
    signs.is_otherwise |= found.is_otherwise or (found.cells > 0 and found.first <= signs.last_cell)
    signs.cells += found.cells
    signs.shared_cells += found.shared_cells
    signs.last_cell = found.last or signs.last_cell
    signs.last_row = max(signs.last_row, found.last_row)
    signs.last_column = max(signs.last_column, found.last_column)
    signs.last_shared = max(signs.last_shared, found.last_shared)


def _root_of(first: bytes, part: Part, file: str) -> str:
    """The part's outermost element; how deep it goes and a document type show in its beginning."""
    names: list[str] = []
    depth = 0
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if not names:
            names.append(name.rpartition(":")[2])
            _hold_count(attributes, part, file)
        if depth > MOST_DEPTH:
            raise FileRefusedError("xml-depth", file=file, line=parser.CurrentLineNumber, limit=MOST_DEPTH)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*told: object) -> None:
        raise FileRefusedError("xml-dtd", file=file, member=part.name)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(first[:_PARSED], len(first) == part.size <= _PARSED)
    except expat.ExpatError as error:
        raise FileRefusedError(
            "xml-syntax", file=file, line=error.lineno, column=error.offset, reason=f"{part.name}: {error}"
        ) from None
    return names[0] if names else ""


def _hold_count(attributes: dict[str, str], part: Part, file: str) -> None:
    """A reader makes room for as many shared texts as are announced: never more than the part has bytes."""
    announced = attributes.get("uniqueCount", "").strip().lstrip("+0")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > part.size):
        raise FileRefusedError("zip-bomb", file=file, members=1, bytes=announced[:20])
