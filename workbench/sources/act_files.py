"""Lists that people write for an act: its differences, and what was agreed to do about them.

Text as a person saves it: ``;``, comma or tab between the cells, UTF-8 or what Excel writes, days as
``2026-11-09`` or ``09/11/2026`` (day, month, year), amounts with comma or point.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from ..calendar import parse_date
from ..errors import FileRefusedError
from ..money import read_money_text
from .text_files import decode, read_bytes, split_rows

#: Amounts in major units, ours − theirs; ``ours`` or ``theirs`` empty where that side has none.
DIFFERENCE_COLUMNS = ("cause", "document_id", "ours", "theirs", "amount", "owner", "due_date", "note")
ACTION_COLUMNS = ("action", "owner", "due_date")
_OPTIONAL = frozenset({"note"})
#: The close's own list of every customer (``customer_differences.csv``), by our names.
_OF_THE_CLOSE = {"ours": "our_amount", "theirs": "their_amount", "amount": "difference_amount"}
_LARGEST = 5 * 2**20
_MONEY = ("ours", "theirs", "amount")
_SEPARATORS = (";", "\t", ",")
_SPANISH_DAY = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")

Row = tuple[int, dict[str, str]]


def read_differences(
    path: Path, currency: str, *, company: str = "", customer: str = ""
) -> list[dict[str, object]]:
    """The differences of an act, as its move ``analyse`` brings them: minor units, absent sides left out.

    A file with the close's own columns is of all customers: the rows of ``company``, ``customer``
    and ``currency`` count.
    """
    names, rows = _rows(Path(path))
    if "difference_amount" in names and "amount" not in names:
        return _of_the_close(path, names, rows, (company, customer, currency))
    _need(path, names, [name for name in DIFFERENCE_COLUMNS if name not in _OPTIONAL])
    return [
        {
            name: _minor(one[name], currency, path, row)
            if name in _MONEY
            else _checked(name, one.get(name, ""), path, row)
            for name in DIFFERENCE_COLUMNS
            if name not in _MONEY or one[name]
        }
        for row, one in rows
    ]


def read_actions(path: Path) -> list[dict[str, object]]:
    """The agreed actions: what, who, until when (ISO)."""
    names, rows = _rows(Path(path))
    _need(path, names, ACTION_COLUMNS)
    return [{name: _checked(name, one[name], path, row) for name in ACTION_COLUMNS} for row, one in rows]


def _of_the_close(
    path: Path, names: list[str], rows: list[Row], whose: tuple[str, str, str]
) -> list[dict[str, object]]:
    """The customer's rows; the side that lacks the document is left out, as the reconciliation tells it."""
    company, customer, currency = whose
    needed = ("company_id", "customer_id", "currency", "side", "cause", "document_id", "owner", "due_date")
    _need(path, names, (*needed, *_OF_THE_CLOSE.values()))
    found: list[dict[str, object]] = []
    for row, one in rows:
        if (one["company_id"], one["customer_id"], one["currency"]) != (company, customer, currency):
            continue
        amounts = {ours: _minor(one[name], currency, path, row) for ours, name in _OF_THE_CLOSE.items()}
        sides = {"ours": ["ours"], "theirs": ["theirs"]}.get(one["side"], ["ours", "theirs"])
        has_sides = amounts["ours"] - amounts["theirs"] == amounts["amount"]
        document = one.get("reference") or one["document_id"] or one.get("their_number", "")
        told: dict[str, object] = {"cause": one["cause"], "document_id": document}
        told |= {side: amounts[side] for side in sides if has_sides}
        told |= {"amount": amounts["amount"], "owner": one["owner"], "note": one.get("note", "")}
        told["due_date"] = _checked("due_date", one["due_date"], path, row)
        found.append(told | ({"difference_id": one["difference_id"]} if one.get("difference_id") else {}))
    if not found:
        raise FileRefusedError("act-list-of-others", file=path.name, customer=customer, currency=currency)
    return found


def _rows(path: Path) -> tuple[list[str], list[Row]]:
    """The headings, and each row that says something with its number in the file."""
    text = decode(read_bytes(path, most=_LARGEST), ("utf-8", "cp1252"), file=path.name)
    head = text.lstrip("\r\n").partition("\n")[0]
    table = split_rows(text, max(_SEPARATORS, key=head.count), file=path.name)
    whole = [
        (number, [cell.strip() for cell in row])
        for number, row in zip(table.numbers.tolist(), table.rows, strict=True)
        if any(cell.strip() for cell in row)
    ]
    if not whole:
        raise FileRefusedError("empty-file", file=path.name)
    names = [name.lower() for name in whole[0][1]]
    for number, row in whole[1:]:
        if any(row[len(names) :]):
            reason = f"{len(row)} > {len(names)}"
            raise FileRefusedError("csv-syntax", file=path.name, line=number, reason=reason)
    return names, [
        (number, dict(zip(names, [*row, *[""] * len(names)], strict=False))) for number, row in whole[1:]
    ]


def _need(path: Path, names: list[str], columns: tuple[str, ...] | list[str]) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        raise FileRefusedError(
            "act-list-columns", file=path.name, columns=", ".join(missing), needed=", ".join(columns)
        )


def _minor(text: str, currency: str, path: Path, row: int) -> int:
    try:
        return read_money_text(text, currency)
    except ValueError as error:
        raise FileRefusedError("act-list-amount", file=path.name, row=row, value=text) from error


def _checked(name: str, text: str, path: Path, row: int) -> str:
    """A day as ISO, whichever way it was written; other texts as they are."""
    if name != "due_date" or not text:
        return text
    found = _SPANISH_DAY.fullmatch(text)
    if found:
        day, month, year = (int(part) for part in found.groups())
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            pass
    return parse_date(text, name=f"{path.name}:{row} due_date").isoformat()
