"""Text files (csv and its cousins) to rows of text. The encoding is the mapping's, never guessed."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np

from ..errors import FileRefusedError
from .raw_table import RawTable

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MOST_CELLS, _MOST_CELLS_A_LINE = 1_000_000, 500
# How long a text may be is the mapping's to say, by row; this is what an open quote may swallow at most.
csv.field_size_limit(1 << 20)
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_bytes(path: Path, *, most: int) -> bytes:
    """The file's bytes; missing, empty, unreadable or over ``most`` raises :class:`FileRefusedError`."""
    try:
        size = path.stat().st_size
        if size > most:
            raise FileRefusedError("file-too-large", file=path.name, bytes=size, limit=most)
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileRefusedError("file-missing", file=path.name) from None
    except IsADirectoryError:
        raise FileRefusedError("file-is-folder", file=path.name) from None
    except OSError as error:
        raise FileRefusedError(
            "file-unreadable", file=path.name, reason=error.strerror or str(error)
        ) from None
    if not content.strip():
        raise FileRefusedError("empty-file", file=path.name)
    return content


def without_end_mark(content: bytes) -> bytes:
    """Without the sign that old systems end a file with, and what stands behind it."""
    bare = content.rstrip(b" \r\n")
    return bare.rstrip(b"\x1a") if bare.endswith(b"\x1a") else content


def utf16_of(content: bytes) -> str | None:
    """``utf-16`` where the file's mark says so."""
    return _UTF16.get(content[:2])


def decode(content: bytes, encodings: tuple[str, ...], *, file: str, may_be_utf16: bool = True) -> str:
    """Text by the first encoding that reads every byte; UTF-16 only where its mark says so.

    Control characters mean that this is no text file, whatever its name.
    """
    text = None
    marked = utf16_of(content)
    if marked and not may_be_utf16:
        raise FileRefusedError("encoding", file=file, encodings=", ".join(encodings))
    for encoding in (marked,) if marked else encodings:
        try:
            text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        found = None if marked else CONTROL.search(content.decode("latin-1"))
        if found:
            line = content.count(b"\n", 0, found.start()) + 1
            raise FileRefusedError("binary-content", file=file, line=line)
        raise FileRefusedError("encoding", file=file, encodings=", ".join(encodings))
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefusedError("binary-content", file=file, line=line)
    if not text.lstrip("\ufeff").strip():
        raise FileRefusedError("empty-file", file=file)  # only the mark of its encoding, and blanks
    return text


def refuse_swollen(text: str, delimiter: str, *, most_rows: int, file: str) -> None:
    """Refuse what would cost memory by blank lines or empty cells, before a row is made of it."""
    lines = max(text.count("\n"), text.count("\r")) + 1
    if lines > 2 * most_rows + 1000:
        raise FileRefusedError("too-many-rows", file=file, rows=lines, limit=most_rows)
    cells = text.count(delimiter)
    if cells > max(_MOST_CELLS, _MOST_CELLS_A_LINE * lines):
        raise FileRefusedError("too-many-cells", file=file, cells=cells, lines=lines)


def lines_of(text: str) -> io.TextIOWrapper:
    """The text line by line with its line ends; in a quarter of the memory that ``StringIO`` takes."""
    return io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), encoding="utf-8", newline="")


def split_rows(text: str, delimiter: str, *, file: str, quote: str = '"') -> RawTable:
    """Rows of cells; an unclosed quote or text behind a closing one raises rather than swallows lines."""
    source = lines_of(text)
    reader = csv.reader(source, delimiter=delimiter, quotechar=quote, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    start = 1
    try:
        if quote not in text:  # a row is a line: no need to ask for each one's number
            rows = list(reader)
            numbers = list(range(1, len(rows) + 1))
        else:
            for row in reader:
                rows.append(row)
                numbers.append(start)
                start = reader.line_num + 1
    except csv.Error as error:
        raise FileRefusedError(
            "csv-syntax", file=file, line=max(start, reader.line_num), reason=str(error)
        ) from None

    lines: list[str] = []

    def raw(index: int) -> str:
        if not lines:
            lines.extend(re.split(r"\r\n|\n|\r", text))
        first = numbers[index] - 1
        last = numbers[index + 1] - 1 if index + 1 < len(numbers) else first + 1
        return "\n".join(lines[first : max(last, first + 1)])

    return RawTable(file, rows, np.asarray(numbers, dtype=np.int64), raw)
