"""The workbook in which a person decides: one sheet, its grid locked but for four columns.

The same content gives the same bytes. Money is numbers, ids are text, nothing from data is a formula; hidden
columns hold the seals by which ``decisions.apply_decisions`` knows the row again. LOOK, "A workbook".
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..decisions import CONTEXT, DECISIONS, NOTE_DECISIONS, SET_OFF, SHEET_COLUMNS, cell_name
from ..policy import USUAL_REASONS, Reason
from ..words import Language, formats, has_words, language, say
from . import sheets
from .columns import period_text
from .reason_sheet import write_reasons
from .workbooks import LARGEST_SHEET

#: What the person fills in.
WRITABLE = ("decision", "decided_documents", "decided_amounts", "decided_reason")
_MONEY = ("unapplied_amount", "open_amount", "applied_amount")
_HIDDEN = SHEET_COLUMNS[SHEET_COLUMNS.index("kind") : SHEET_COLUMNS.index("content_sha256") + 1]
_WIDTHS = {
    "receipt_id": 20, "company_id": 10, "customer_id": 12, "receipt_date": 12, "currency": 9,
    "unapplied_amount": 18, "proposal": 10, "document_id": 22, "open_amount": 18, "applied_amount": 18,
    "rule_words": 26, "evidence": 60, "decision": 14, "decided_documents": 24, "decided_amounts": 18,
    "decided_reason": 28, "customer_name": 32, "reference": 14, "due_date": 12, "bank_text": 38,
    "payer_name": 32,
}  # fmt: skip
_LINE_HEIGHT, _MOST_LINES = 15, 10
#: Sentences, which would run over the empty cells beside them.
_WRAPPED = ("rule_words", "evidence")
_HELP_LINES = 3
_TINT = "#FFF7E0"


def write_decision_sheet(
    path: Path,
    offered: pd.DataFrame,
    *,
    company: str,
    period: str,
    as_of: dt.date,
    reasons: Sequence[Reason] = USUAL_REASONS,
    lang: Language | None = None,
) -> None:
    """Write ``path`` whole or not at all.

    ``offered``: ``decisions.OFFERED`` with ``rule_words``, and ``evidence`` in words; ``decisions.CONTEXT``
    where it is known (of a credit note ``bank_text`` is its own number). What is more than a
    sheet holds stays out by whole receipts, and the head says so. Rows of credit notes
    (``decisions.SET_OFF``) have their own headings, help and list. ``reasons``: for what is not paid of a
    document, offered on a sheet beside it; any other text may be written too.
    """
    import xlsxwriter

    lang = lang or language()
    partial = path.with_name(path.name + ".partial")
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": "Calibri", "font_size": 11},
    }  # fmt: skip
    shown = _as_many_as_fit(offered)
    shown = shown.assign(**{name: "" for name in CONTEXT if name not in shown.columns})
    is_of_notes = bool(offered["kind"].eq(SET_OFF).any())
    title = _say("title", lang, is_of_notes)
    with xlsxwriter.Workbook(str(partial), options) as book:
        created = dt.datetime.combine(as_of, dt.time())
        book.set_properties(
            {"title": title, "company": sheets.clean(company), "author": "Workbench", "created": created}
        )
        look = sheets.Look(book, lang)
        sheet = book.add_worksheet(say("workbooks.decisions-tab", lang))
        day = say("workbooks.as-of-day", lang, day=formats.date_text(as_of, lang))
        head = " · ".join(part for part in (company, period_text(period, lang), day) if part)
        if len(shown) < len(offered):
            head += " · " + say("workbooks.decisions-part", lang, shown=len(shown), count=len(offered))
        header_row = 2 + _HELP_LINES + 1
        _set_up(sheet, look, title, head, header_row, len(shown), is_of_notes)
        _write_head(sheet, look, title, head, header_row, is_of_notes)
        _write_rows(sheet, look, shown, header_row + 1)
        if not is_of_notes:
            _offer_reasons(sheet, header_row, len(shown), write_reasons(book, look, reasons, as_of))
    os.replace(partial, path)


def _say(name: str, lang: Language, is_of_notes: bool) -> str:
    """Words of the sheet; where credit notes have their own, those."""
    own = f"workbooks.decisions-notes-{name}"
    return say(own if is_of_notes and has_words(own, lang) else f"workbooks.decisions-{name}", lang)


def _as_many_as_fit(offered: pd.DataFrame) -> pd.DataFrame:
    if len(offered) <= LARGEST_SHEET:
        return offered
    cut = offered["receipt_key"].iloc[LARGEST_SHEET]
    fitting = offered.iloc[:LARGEST_SHEET]
    return fitting[fitting["receipt_key"] != cut]


def _set_up(
    sheet: Any, look: sheets.Look, title: str, head: str, header_row: int, rows: int, is_of_notes: bool
) -> None:
    for place, name in enumerate(SHEET_COLUMNS):
        is_hidden = name in _HIDDEN or (is_of_notes and name == "payer_name")
        sheet.set_column(place, place, _WIDTHS.get(name, 10), None, {"hidden": is_hidden})
    last = header_row + max(rows, 1)
    sheet.autofilter(header_row, 0, last, len(SHEET_COLUMNS) - 1)
    sheet.freeze_panes(header_row + 1, 1)
    sheet.hide_gridlines(2)
    sheet.repeat_rows(header_row)
    sheets.set_print(sheet, look, f"{title} · {head}")
    sheet.set_paper(8)  # A3: on A4 so many columns are too small to read
    first = cell_name("receipt_id", header_row + 2)
    sheet.ignore_errors({"number_stored_as_text": f"{first}:{cell_name('content_sha256', last + 1)}"})
    place = SHEET_COLUMNS.index("decision")
    sheet.data_validation(
        header_row + 1, place, last, place,
        {
            "validate": "list",
            "source": [say(f"matching.decision_{one}", look.lang)
                       for one in (NOTE_DECISIONS if is_of_notes else DECISIONS)],
            "error_title": _say("title", look.lang, is_of_notes)[:32],
            "error_message": say("workbooks.decisions-not-in-list", look.lang)[:255],
        },
    )  # fmt: skip
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})


def _offer_reasons(sheet: Any, header_row: int, rows: int, listed: str) -> None:
    place = SHEET_COLUMNS.index("decided_reason")
    rule = {"validate": "list", "source": listed, "show_error": False}
    sheet.data_validation(header_row + 1, place, header_row + max(rows, 1), place, rule)


def _write_head(
    sheet: Any, look: sheets.Look, title: str, head: str, header_row: int, is_of_notes: bool
) -> None:
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, sheets.clean(title), look.title())
    sheet.write_string(1, 0, sheets.clean(head), look.secondary())
    for line in range(_HELP_LINES):
        said = _say(f"help-{line + 1}", look.lang, is_of_notes)
        sheet.write_string(2 + line, 0, said, look.secondary())
    sheet.set_row(header_row, 32)
    for place, name in enumerate(SHEET_COLUMNS):
        right = name in (*_MONEY, "decided_amounts", "proposal")
        sheet.write_string(header_row, place, heading(name, look.lang, is_of_notes), look.header(right=right))


def heading(name: str, lang: Language, is_of_notes: bool = False) -> str:
    """A column's heading; hidden ones keep the name by which the mapping finds them."""
    if name in _HIDDEN:
        return {"kind": "kind_code", "rule": "rule_code"}.get(name, name)
    return _say(f"column-{name}", lang, is_of_notes)


def _write_rows(sheet: Any, look: sheets.Look, offered: pd.DataFrame, first: int) -> None:
    writable = {"locked": False, "bg_color": _TINT, "border": 1, "border_color": "#E5E7EB"}
    free = look.format(**writable, align="left", indent=1, text_wrap=True)
    text, wrapped, number = look.text(), look.text(text_wrap=True), look.format(num_format="0", align="right")
    day = look.format(num_format="dd/mm/yyyy" if look.lang == "es" else "dd mmm yyyy", align="left", indent=1)
    before: tuple[object, object] = (None, None)
    # Of an exchange the rows without a document have the receipt's currency, the others their document's.
    here = offered[offered["document_key"] < 0]
    received_in = dict(zip(here["receipt_key"], here["currency"], strict=True))
    for offset, row in enumerate(offered.to_dict("records")):
        at = first + offset
        # A proposal says once why it is made; its row is as high as the sentences take.
        if before == (row["receipt_key"], row["proposal"]):
            row["evidence"] = row["rule_words"] = ""
        before = (row["receipt_key"], row["proposal"])
        lines = max(-(-len(str(row[name])) // (_WIDTHS[name] - 6)) for name in _WRAPPED)
        # Words break early, and a printer sets them larger: without room the first line runs into the head.
        sheet.set_row(at, _LINE_HEIGHT * min(max(lines, 1), _MOST_LINES) + (6 if lines > 1 else 0))
        for place, name in enumerate(SHEET_COLUMNS):
            if name == "decided_amounts":
                sheet.write_blank(at, place, None, look.money(row["currency"], **writable))
            elif name in WRITABLE:
                sheet.write_blank(at, place, None, free)
            elif name in _MONEY:
                if name == "unapplied_amount" or row["proposal"]:
                    is_received = name == "unapplied_amount"
                    code = (
                        received_in.get(row["receipt_key"], row["currency"])
                        if is_received
                        else row["currency"]
                    )
                    sheets.write_amount(sheet, at, place, int(row[name]), code, look)
            elif name in ("receipt_date", "due_date"):
                if isinstance(row[name], dt.datetime) and row[name] is not pd.NaT:
                    sheet.write_datetime(at, place, row[name].to_pydatetime(), day)
            elif name == "proposal":
                sheet.write_number(at, place, row[name], number)
            elif row[name] != "":
                sheet.write_string(
                    at, place, sheets.clean(str(row[name])), wrapped if name in _WRAPPED else text
                )
    if offered.empty:
        sheet.write_string(first, 0, say("workbooks.no-rows", look.lang), look.secondary())
