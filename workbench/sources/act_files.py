"""Lists that people write for an act: its differences, and what was agreed to do about them (csv, utf-8)."""

from __future__ import annotations

import csv
import io
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ..calendar import parse_date
from ..errors import FileRefusedError, MissingColumnsError
from ..money import to_minor
from .text_files import read_bytes

#: Amounts in major units with a point, ours − theirs; ``ours`` or ``theirs`` empty where that side has none.
DIFFERENCE_COLUMNS = ("cause", "document_id", "ours", "theirs", "amount", "owner", "due_date", "note")
ACTION_COLUMNS = ("action", "owner", "due_date")
_LARGEST = 5 * 2**20
_MONEY = ("ours", "theirs", "amount")


def read_differences(path: Path, currency: str) -> list[dict[str, object]]:
    """The differences of an act, as its move ``analyse`` brings them: minor units, absent sides left out."""
    return [
        {
            name: _minor(text, currency, path, row) if name in _MONEY else _checked(name, text, path, row)
            for name, text in one.items()
            if text or name not in _MONEY
        }
        for row, one in enumerate(_rows(path, DIFFERENCE_COLUMNS), start=2)
    ]


def read_actions(path: Path) -> list[dict[str, object]]:
    """The agreed actions: what, who, until when (ISO)."""
    return [
        {name: _checked(name, text, path, row) for name, text in one.items()}
        for row, one in enumerate(_rows(path, ACTION_COLUMNS), start=2)
    ]


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    content = read_bytes(Path(path), most=_LARGEST)
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        found = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefusedError("file-refused", file=path.name, reason=str(error)) from error
    missing = [name for name in columns if name not in (reader.fieldnames or ())]
    if missing:
        raise MissingColumnsError(file=path.name, columns=", ".join(missing), mapping="–")
    return [{name: (row[name] or "").strip() for name in columns} for row in found]


def _minor(text: str, currency: str, path: Path, row: int) -> int:
    try:
        return to_minor(Decimal(text), currency)
    except InvalidOperation as error:
        raise FileRefusedError("act-list-amount", file=path.name, row=row, value=text) from error


def _checked(name: str, text: str, path: Path, row: int) -> str:
    if name == "due_date" and text:
        parse_date(text, name=f"{path.name}:{row} due_date")
    return text
