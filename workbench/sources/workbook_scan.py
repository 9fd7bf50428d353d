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
from .zip_parts import Part, unpack

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\b[^>]*\bhidden\s*=\s*["'](?:1|true)["']""")
_FORMULA = re.compile(rb"<f[\s/>]|:f[\s/>]")
_REFERENCE = re.compile(rb'r="([A-Za-z]{1,3})([0-9]{1,9})"')
#: How much of a part is parsed for its outermost element, its depth and its document type.
_PARSED = 1 << 18
_ITEM_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_SHARED = re.compile(rb't="s"[^<>]*><(?:\w+:)?v>([0-9]{1,9})<')


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
    last_row: int = 0
    last_column: int = 0
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
    for whole in _cut_at_tags(first, pieces):
        if b"<!" in whole and _DOCTYPE.search(whole):
            raise FileRefusedError("xml-dtd", file=file, member=part.name)
        signs.bytes += len(whole)
        if signs.root == "worksheet":
            _scan_sheet(signs, whole)
        elif signs.root == "sst":
            ends = [match.end() for match in _ITEM_END.finditer(whole)]
            signs.shared_items += len(ends)
            lengths = np.diff(np.array([0, *ends, len(whole)]))
            signs.longest_shared = max(signs.longest_shared, int(lengths.max(initial=0)))
        elif signs.root == "workbook" and re.search(rb"""\bdate1904\s*=\s*["'](1|true)["']""", whole):
            signs.is_1904 = True
    return signs


def _is_wide(first: bytes) -> bool:
    """Letters of two bytes: no office program writes so, and patterns would see nothing."""
    return first[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"\x00" in first[:64] and b"<" in first[:4])


def _cut_at_tags(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that begin with a bracket, so that no tag is torn in two."""
    carried = first
    for piece in pieces:
        cut = piece.rfind(b"<")
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
    signs.has_errors = signs.has_errors or b't="e"' in whole
    signs.is_otherwise = signs.is_otherwise or _is_otherwise(whole)
    signs.shared_cells += whole.count(b't="s"')
    asked = _SHARED.findall(whole)
    if asked:
        last = int(np.array(asked, dtype="S9").astype(np.int64).max())
        signs.last_shared = max(signs.last_shared, last)
    found = _REFERENCE.findall(whole)
    if found:
        columns, rows = zip(*found, strict=True)
        signs.cells += len(found)
        signs.last_column = max(signs.last_column, *map(column_number, set(columns)))
        signs.last_row = max(signs.last_row, int(np.array(rows, dtype="S9").astype(np.int64).max()))


def _is_otherwise(whole: bytes) -> bool:
    """Attributes with other quotes, or blanks round their sign: allowed, rare, and missed by the patterns."""
    letters = np.frombuffer(whole, dtype=np.uint8)
    signs = np.flatnonzero(letters[1:-1] == ord("=")) + 1
    return bool((letters[signs + 1] != ord('"')).any() or (letters[signs - 1] <= ord(" ")).any())


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
