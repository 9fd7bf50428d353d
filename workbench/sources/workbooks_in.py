"""Workbooks (xlsx) to rows of text: what is text stays text, numbers keep their shortest digits.

Before anything is parsed the parts are judged: directory, size, damage, document types, depth, and what the
cells would take in memory. Values of formulas are those that the workbook keeps; formulas are never computed,
macros never run, links never followed.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ..errors import FileRefusedError
from .limits import Limits
from .raw_table import DATE, INSTANT, NUMBER, OTHER, TRUTH, RawTable, shown
from .workbook_cells import (
    MOST_SHARED_TEXT,
    Closely,
    hold_depth,
    is_doubtful,
    look_closely,
    shared_lengths,
)
from .workbook_scan import Signs, scan_part
from .zip_parts import Part, list_parts, unpack

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACROS = ("xl/vbaproject.bin", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
#: Days of a workbook begin with 1900; before that the reader shows what is no number of a day at all.
_FIRST_YEAR = 1900
_LINKS = ("xl/externallinks/", "xl/connections.xml")


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip or an old workbook rather than text."""
    return content[:4] == b"PK\x03\x04" or content[:8] == _OLE


@dataclass(frozen=True)
class _Judged:
    """The parts of a workbook that may be read, by name, and the close look at those in doubt."""

    content: bytes
    parts: dict[str, Part]
    signs: dict[str, Signs]
    closely: dict[str, Closely]


def read_workbook(
    content: bytes,
    *,
    file: str,
    sheet: str = "",
    sheets_aside: Collection[str] = (),
    limits: Limits | None = None,
    has_no_code: bool = False,
) -> RawTable:
    """The rows of the only sheet with anything in it, or of the one named; several raise.

    ``sheets_aside``: names of sheets that are passed over.

    ``has_no_code``: macros and links to other files refuse the workbook; else they are passed over.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    if content[:8] == _OLE:
        raise FileRefusedError("encrypted-or-ole", file=file)
    judged = _judge(content, file, limits or Limits(), has_no_code)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet and sheet not in names:
            raise FileRefusedError("sheet-missing", file=file, sheet=sheet, sheets=", ".join(names))
        tables = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in ([sheet] if sheet else [one for one in names if one not in sheets_aside])
        }
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason=str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own crash: not even an Exception
            raise
        raise FileRefusedError("zip-damaged", file=file, reason=str(error)[:80]) from None
    filled = [name for name, rows in tables.items() if any(cell != "" for row in rows for cell in row)]
    if len(filled) > 1:
        raise FileRefusedError("sheet-ambiguous", file=file, sheets=", ".join(filled))
    if not filled:
        raise FileRefusedError("no-data-rows", file=file)
    rows = [[cell if type(cell) is str else _text(cell) for cell in row] for row in tables[filled[0]]]
    part = _sheet_parts(judged, file).get(filled[0], "") if judged.closely else ""
    formulas = _mark_cells(rows, judged.closely.get(part, Closely()))

    def raw(index: int) -> str:
        return "\t".join(shown(cell) for cell in rows[index])

    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    is_1904 = any(signs.is_1904 for signs in judged.signs.values())
    rows_hidden = sum(signs.rows_hidden for signs in judged.signs.values())
    return RawTable(file, rows, numbers, raw, True, 1462 if is_1904 else 0, rows_hidden, formulas)


def _text(cell: object) -> str:
    """A cell that the workbook does not hold as text, with the mark of what it is."""
    if type(cell) is float:
        return NUMBER + repr(cell)
    if isinstance(cell, bool):
        return TRUTH + ("TRUE" if cell else "FALSE")
    if isinstance(cell, int | float):
        return NUMBER + repr(cell)
    if isinstance(cell, dt.datetime) and cell.year >= _FIRST_YEAR:
        midnight = cell.time() == dt.time(0)
        return DATE + cell.date().isoformat() if midnight else INSTANT + cell.isoformat()
    if isinstance(cell, dt.date) and cell.year >= _FIRST_YEAR:
        return DATE + cell.isoformat()
    return OTHER + str(cell)


def _mark_cells(rows: list[list[str]], closely: Closely) -> dict[tuple[int, int], bool]:
    """Show formulas without a value and errors, which the reader leaves blank; give every formula's place."""
    if closely.texts:
        width = max(closely.last_column + 1, max(map(len, rows), default=0))
        rows.extend([] for _ in range(closely.last_row + 1 - len(rows)))
        for row in rows:
            row.extend([""] * (width - len(row)))
    for (row_number, column), text in closely.texts.items():
        if 0 <= row_number < len(rows) and 0 <= column < len(rows[row_number]):
            rows[row_number][column] = OTHER + text
    return closely.formulas


def _judge(content: bytes, file: str, limits: Limits, has_no_code: bool) -> _Judged:
    """Refuse bombs, damage, declared entities and, where asked, code; then look closely where need be."""
    parts = {part.name: part for part in list_parts(content, file=file, limits=limits)}
    names = {name.casefold() for name in parts}
    if "xl/workbook.xml" not in names:
        raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason="xl/workbook.xml")
    if has_no_code:
        for name in sorted(names):
            if name.startswith(_MACROS):
                raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason=name)
            if name.startswith(_LINKS):
                raise FileRefusedError("external-link", file=file, member=name)
    signs = {name: _scan(content, part, parts, file) for name, part in parts.items()}
    texts = sum(one.shared_items for one in signs.values())
    if any(one.last_shared >= texts for one in signs.values()):
        raise FileRefusedError("zip-damaged", file=file, reason="sharedStrings")  # cells would turn up empty
    longest = max((one.longest_shared for one in signs.values()), default=0)
    doubtful = [n for n, one in signs.items() if one.root == "worksheet" and is_doubtful(one, longest)]
    lengths: list[int] = []
    for name in signs if any(longest * signs[n].bytes > MOST_SHARED_TEXT for n in doubtful) else ():
        if signs[name].root == "sst":
            lengths = shared_lengths(content, parts[name], file=file)
    for name, one in signs.items():
        if one.is_deep and name not in doubtful:
            hold_depth(content, parts[name], file=file)
    closely = {name: look_closely(content, parts[name], lengths, file=file) for name in doubtful}
    if any(one.last_shared >= texts for one in closely.values()):
        raise FileRefusedError("zip-damaged", file=file, reason="sharedStrings")
    return _Judged(content, parts, signs, closely)


def _scan(content: bytes, part: Part, parts: dict[str, Part], file: str) -> Signs:
    """The part's signs; a drawing that is no sound XML is nobody's to read, unless it stands for a sheet."""
    try:
        return scan_part(content, part, file=file)
    except FileRefusedError as refusal:
        lists = [one for name, one in parts.items() if name.casefold() == "xl/_rels/workbook.xml.rels"]
        said = b"".join(piece for one in lists for piece in unpack(content, one, file=file))
        own = posixpath.basename(part.name).encode()
        is_read = part.name.casefold().endswith((".xml", ".rels")) or own in said or b"&" in said
        if is_read or refusal.cause not in ("xml-syntax", "xml-dtd", "xml-depth"):
            raise
        return Signs(part.name)


def _sheet_parts(judged: _Judged, file: str) -> dict[str, str]:
    """Each sheet's name → the part that holds it, by the workbook's own list."""
    from defusedxml.ElementTree import fromstring

    def tree(name: str) -> list[dict[str, str]]:
        found = next((part for key, part in judged.parts.items() if key.casefold() == name), None)
        if found is None:
            return []
        text = b"".join(unpack(judged.content, found, file=file))
        return [
            {key.rpartition("}")[2]: value for key, value in node.attrib.items()}
            for node in fromstring(text, forbid_dtd=True).iter()
        ]

    targets = {
        node["Id"]: posixpath.normpath(posixpath.join("/xl", node["Target"])).lstrip("/")
        for node in tree("xl/_rels/workbook.xml.rels")
        if "Id" in node and "Target" in node
    }
    return {
        node["name"]: targets.get(node["id"], "")
        for node in tree("xl/workbook.xml")
        if "name" in node and "id" in node
    }
