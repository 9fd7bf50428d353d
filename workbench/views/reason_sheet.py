"""The reasons from which a person picks (motivos), on a sheet of their own beside what is to be decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from ..policy import REASON_CODES, Reason, reasons_on
from ..words import Language, say
from . import sheets


def write_reasons(book: Any, look: sheets.Look, reasons: Iterable[Reason], day: dt.date) -> str:
    """A sheet with the reasons in force on a day and what each does; gives the range of the list of them.

    ``book``: a workbook of xlsxwriter. A cell of the list begins with the code, which is what counts.
    """
    known = reasons_on(reasons, day)
    tab = say("workbooks.reasons-tab", look.lang)
    sheet = book.add_worksheet(tab)
    sheet.protect()
    for place, (name, width) in enumerate((("code", 44), ("effect", 28), ("days", 18))):
        sheet.set_column(place, place, width)
        head = look.header(right=name == "days")
        sheet.write_string(0, place, say(f"workbooks.reasons-{name}", look.lang), head)
    number, text = look.format(num_format="0", align="right"), look.text()
    codes = [code for code in REASON_CODES if code in known]
    for row, code in enumerate(codes, start=1):
        reason = known[code]
        sheet.write_string(row, 0, reason_text(code, look.lang), text)
        sheet.write_string(row, 1, say(f"workbooks.reasons-{reason.effect}", look.lang), text)
        if reason.effect != "charge_off":
            sheet.write_number(row, 2, reason.days, number)
    return f"='{tab}'!$A$2:$A${len(codes) + 1}"


def reason_text(code: str, lang: Language) -> str:
    """``PREC · Precio``."""
    return f"{code} · {say(f'matching.code_{code}', lang)}"
