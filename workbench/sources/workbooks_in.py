"""Workbooks (xlsx) to rows of text: what is text stays text, numbers keep their shortest digits.

Before anything is parsed the zip's directory and bytes are checked: size, ratio, members, damage, document
type declarations. Values of formulas are those that the workbook keeps; formulas are never computed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

import numpy as np

from ..errors import FileRefusedError
from .raw_table import DATE, INSTANT, NUMBER, OTHER, TRUTH, RawTable, shown

MOST_MEMBERS = 200
MOST_UNZIPPED = 100 * 1024 * 1024
MOST_RATIO = 100
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)|<\x00!\x00D\x00O\x00C|\x00<\x00!\x00D\x00O")
_ROW = re.compile(rb"<row\b[^>]*\bhidden=\"(?:1|true)\"")
_CHUNK = 1 << 20


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip or an old workbook rather than text."""
    return content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(content: bytes, *, file: str, sheet: str = "") -> RawTable:
    """The rows of the only sheet with anything in it, or of the one named; several raise."""
    from python_calamine import CalamineError, CalamineWorkbook

    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileRefusedError("encrypted-or-ole", file=file)
    is_1904, rows_hidden = _inspect(content, file)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet and sheet not in names:
            raise FileRefusedError("sheet-missing", file=file, sheet=sheet, sheets=", ".join(names))
        tables = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in ([sheet] if sheet else names)
        }
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason=str(error)) from None
    filled = [name for name, rows in tables.items() if any(cell != "" for row in rows for cell in row)]
    if len(filled) > 1:
        raise FileRefusedError("sheet-ambiguous", file=file, sheets=", ".join(filled))
    if not filled:
        raise FileRefusedError("no-data-rows", file=file)
    rows = [[cell if type(cell) is str else _text(cell) for cell in row] for row in tables[filled[0]]]

    def raw(index: int) -> str:
        return "\t".join(shown(cell) for cell in rows[index])

    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    return RawTable(file, rows, numbers, raw, True, 1462 if is_1904 else 0, rows_hidden)


def _text(cell: object) -> str:
    """A cell that the workbook does not hold as text, with the mark of what it is."""
    if isinstance(cell, bool):
        return TRUTH + ("TRUE" if cell else "FALSE")
    if isinstance(cell, int | float):
        return NUMBER + repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time(0)
        return DATE + cell.date().isoformat() if midnight else INSTANT + cell.isoformat()
    if isinstance(cell, dt.date):
        return DATE + cell.isoformat()
    return OTHER + str(cell)


def _inspect(content: bytes, file: str) -> tuple[bool, int]:
    """Refuse bombs, damage and declared entities; say whether days count from 1904, and the rows hidden."""
    is_1904, rows_hidden, total = False, 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            stated = sum(member.file_size for member in members)
            if (
                len(members) > MOST_MEMBERS
                or stated > MOST_UNZIPPED
                or stated > MOST_RATIO * max(len(content), 1)
            ):
                raise FileRefusedError("zip-bomb", file=file, members=len(members), bytes=stated)
            names = {member.filename for member in members}
            if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in names):
                raise FileRefusedError("zip-damaged", file=file, reason="names")
            if any(member.flag_bits & 1 for member in members):
                raise FileRefusedError("encrypted-or-ole", file=file)
            if "xl/workbook.xml" not in names:
                raise FileRefusedError("type-mismatch", file=file, expected="xlsx", reason="xl/workbook.xml")
            for member in members:
                with archive.open(member) as stream:
                    tail = b""
                    while chunk := stream.read(_CHUNK):
                        total += len(chunk)
                        if total > MOST_UNZIPPED:
                            raise FileRefusedError("zip-bomb", file=file, members=len(members), bytes=total)
                        seen = tail + chunk
                        if not member.filename.endswith((".xml", ".rels", ".vml")):
                            continue
                        if _DOCTYPE.search(seen):
                            raise FileRefusedError("xml-dtd", file=file, member=member.filename)
                        if member.filename == "xl/workbook.xml" and re.search(
                            rb"date1904=\"(1|true)\"", seen
                        ):
                            is_1904 = True
                        if member.filename.startswith("xl/worksheets/"):
                            rows_hidden += len(_ROW.findall(seen)) - len(_ROW.findall(tail))
                        tail = seen[-512:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, OSError) as error:
        raise FileRefusedError("zip-damaged", file=file, reason=str(error)) from None
    return is_1904, rows_hidden
