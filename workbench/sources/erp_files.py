"""Postings as the bytes of a file that the ERP takes, by a layout; the same postings are the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..errors import MappingError, ParameterRefusedError
from ..money import to_text
from .export_layouts import AMOUNT_FIELDS, DATE_FIELDS, ID_FIELDS, TEXT_FIELDS, Column, Layout

#: What a spreadsheet would take for a formula at the start of a cell.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}


def write_postings(lines: pd.DataFrame, layout: Layout) -> bytes:
    """``lines``: ``erp_postings.POSTING_LINES``, documents together and in order; amounts in minor units.

    Ids stay text, zeros in front and all. A text cannot become a formula and cannot break its line; what the
    encoding does not have becomes ``?`` in a text and is refused in an id.
    """
    out = io.StringIO(newline="")
    if layout.has_quotes:
        writer = csv.writer(out, delimiter=layout.separator, lineterminator=layout.line_end)
    else:
        writer = csv.writer(
            out, delimiter=layout.separator, lineterminator=layout.line_end, quoting=csv.QUOTE_NONE,
            quotechar=None,
        )  # fmt: skip
    has_header = bool(layout.header_columns)
    if layout.has_headings:
        if has_header:
            writer.writerow(_marked(layout.header_mark, (column.heading for column in layout.header_columns)))
        writer.writerow(_marked(layout.line_mark, (column.heading for column in layout.columns)))
    for _, document in lines.groupby("erp_document", sort=False):
        rows = document.to_dict(orient="records")
        total = sum(int(row["posting_amount"]) for row in rows if row["posting_amount"] > 0)
        known = [{**row, "lines": len(rows), "document_total": total} for row in rows]
        if has_header:
            cells = (_cell(known[0], column, layout) for column in layout.header_columns)
            writer.writerow(_marked(layout.header_mark, cells))
        for row in known:
            cells = (_cell(row, column, layout) for column in layout.columns)
            writer.writerow(_marked(layout.line_mark, cells))
    return _encoded(out.getvalue(), layout)


def _marked(mark: str, cells: Iterable[str]) -> list[str]:
    return [mark, *cells] if mark else list(cells)


def _cell(row: dict[str, Any], column: Column, layout: Layout) -> str:
    name = column.field
    if not name:
        text = column.value
    elif name in AMOUNT_FIELDS:
        text = _amount(row, name, layout)
    elif name in DATE_FIELDS:
        text = "" if pd.isna(row[name]) else row[name].strftime(_date_format(layout.date_format))
    elif name in ID_FIELDS:
        text = _id(row, name, layout)
    elif name in TEXT_FIELDS:
        text = _text(str(row[name]), column, layout)
    else:
        text = _other(row, name, layout)
    return text.zfill(column.width) if column.width and text.isdigit() else text


def _amount(row: dict[str, Any], name: str, layout: Layout) -> str:
    amount = int(row["posting_amount"])
    if name == "document_total":
        amount = int(row["document_total"])
    elif name == "amount":
        amount = abs(amount)
    elif name == "debit_amount":
        amount = max(amount, 0)
    elif name == "credit_amount":
        amount = max(-amount, 0)
    if name in ("debit_amount", "credit_amount") and not amount:
        return ""
    return to_text(amount, str(row["currency"])).replace(".", layout.decimal_mark)


def _id(row: dict[str, Any], name: str, layout: Layout) -> str:
    if name == "account":
        kind = str(row["account"])
        if kind != "customer" and not layout.accounts.get(kind):
            raise MappingError(
                "mapping-setting-missing", file=f"{layout.name}.yaml", setting=f"accounts.{kind}"
            )
        text = str(row["customer_id"]) if kind == "customer" else layout.accounts[kind]
    else:
        text = str(row[name])
    odd = "\n" in text or "\r" in text or (not layout.has_quotes and layout.separator in text)
    if odd or not _fits(text, layout.encoding):
        raise ParameterRefusedError("export-id-odd", name=name, value=text, encoding=layout.encoding)
    return text


def _text(text: str, column: Column, layout: Layout) -> str:
    """One line, without what would part its cell or run in a spreadsheet, as long as its column."""
    plain = " ".join(text.split())
    if not layout.has_quotes:
        plain = plain.replace(layout.separator, " ").replace('"', "'")
    plain = plain.encode(layout.encoding, "replace").decode(layout.encoding)
    if plain.startswith(FORMULA_STARTS):
        plain = "'" + plain
    return plain[: column.limit] if column.limit else plain


def _other(row: dict[str, Any], name: str, layout: Layout) -> str:
    side = "debit" if row["posting_amount"] > 0 else "credit"
    if name == "debit_credit":
        return layout.debit if side == "debit" else layout.credit
    if name == "posting_key":
        whose = "customer" if row["account"] == "customer" else "ledger"
        usual = layout.posting_keys[f"{whose}_{side}"]
        is_new = row["settlement"] == "residual_item"
        return layout.posting_keys.get(f"residual_{side}", usual) if is_new else usual
    if name in ("posting_year", "posting_month"):
        return str(row["posting_date"].strftime("%Y" if name == "posting_year" else "%m"))
    return str(int(row[name]))


def _date_format(shape: str) -> str:
    text = shape
    for part, sign in _DATE_PARTS.items():
        text = text.replace(part, sign)
    return text


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _encoded(text: str, layout: Layout) -> bytes:
    try:
        return text.encode(layout.encoding)
    except UnicodeEncodeError as error:  # a heading or a constant of the layout itself
        raise ParameterRefusedError(
            "export-id-odd", name=layout.name, value=error.object[error.start : error.end],
            encoding=layout.encoding,
        ) from None  # fmt: skip
