"""What a file says, read as plainly as can be: csv, openpyxl, ElementTree, patterns and Decimal.

Nothing of the workbench is used here, so that an amount which both take must be the amount of the file.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl

#: One line as read: what names it, its currency and its amount; an amount that is none is ``None``.
Line = tuple[str, str, Decimal | None]
_STYLES = {
    "pay_co": (r"[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?", ";"),
    "pay_sap": (r"-?[0-9]+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?-", ","),
    "oi_us": (r"-?[0-9]+(?:\.[0-9]+)?", ","),
}


def decimal_of(text: str, profile: str) -> Decimal | None:
    pattern, _ = _STYLES.get(profile, (r"-?[0-9]+(?:\.[0-9]+)?", ","))
    if not re.fullmatch(pattern, text, re.ASCII) or len(text) > 1000:
        return None
    if profile == "pay_co":
        text = text.replace(".", "").replace(",", ".")
    return -Decimal(text[:-1]) if text.endswith("-") else Decimal(text)


def text_of(content: bytes, profile: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def csv_lines(content: bytes, profile: str) -> tuple[list[str], list[list[str]]]:
    """Headings, and the rows that are not blank."""
    text = text_of(content, profile)
    sign = "\t" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else _STYLES.get(profile, ("", ","))[1]
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if any(row)]
    while rows and not any(cell.strip() for cell in rows[0]):
        rows.pop(0)
    header = [re.sub(r"[\W_]+", " ", cell).strip().casefold() for cell in rows[0]]
    return header, [row for row in rows[1:] if any(cell.strip() for cell in row)]


def line_of(header: list[str], row: list[str], profile: str) -> Line:
    """A row by its headings; a short one lacks what it lacks."""
    said = dict(zip(header, row, strict=False))
    if profile == "oi_us":
        name = f"{said.get('customer id', '')}/{said.get('document no', '')}"
        return name, said.get("currency", ""), decimal_of(said.get("open amount", ""), profile)
    return said.get("payment id", ""), said.get("currency", ""), decimal_of(said.get("amount", ""), profile)


def xlsx_lines(content: bytes) -> list[Line]:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for sheet in book:
        rows: list[tuple[Any, ...]] = [
            row for row in sheet.iter_rows(values_only=True) if any(c is not None for c in row)
        ]
        if rows:
            header = [re.sub(r"[\W_]+", " ", str(cell)).strip().casefold() for cell in rows[0]]
            return [_xlsx_line(dict(zip(header, row, strict=False))) for row in rows[1:]]
    return []


def _xlsx_line(said: dict[str, Any]) -> Line:
    value = said.get("amount")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    amount = Decimal(repr(value)) if is_number else None
    return str(said.get("payment id")), str(said.get("currency")), amount


def mt940_amounts(content: bytes) -> list[Decimal]:
    """The signed amounts of the ``:61:`` lines; RC takes back, RD gives back."""
    found = re.findall(r"^:61:[0-9]{6}(?:[0-9]{4})?(R?[CD])[A-Z]?([0-9]+,[0-9]*)", text_of(content, ""), re.M)
    return [Decimal(a.replace(",", ".")) * (1 if mark in ("C", "RD") else -1) for mark, a in found]


def camt_amounts(content: bytes) -> list[Decimal]:
    root = ElementTree.fromstring(content)
    amounts = []
    for entry in root.iter():
        if entry.tag.endswith("}Ntry"):
            said = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in entry}
            if said.get("Sts") == "BOOK":
                amounts.append(Decimal(said["Amt"]) * (1 if said["CdtDbtInd"] == "CRDT" else -1))
    return amounts
