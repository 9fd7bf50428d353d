"""The statement of a bank account as a sheet: from the books' balance, item by item, to the bank's own.

One sheet an account, made to be printed and signed: the items of a class in one column, its sum beside the
balances in the next, so that a reader follows the last column down to the bank's own figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..money import exponent
from ..words import Language, formats, has_words, say
from .sheets import Look, clean, set_print, write_amount
from .theme import LIGHT

#: Columns: date, document, what it is, days, items, sums.
_WIDTHS = (13, 20, 58, 9, 22, 24)
_ITEM, _SUM = 4, 5
#: Letters of a line in the third column.
_LETTERS = 54


@dataclass(frozen=True)
class AccountPage:
    """``lines``: one account's rows of ``reconciliation.results.STATEMENT``, in their order."""

    company: str
    account: str
    currency: str
    as_of: dt.date
    lines: pd.DataFrame

    @property
    def tab(self) -> str:
        return f"{self.account} {self.currency}"


def account_pages(statement: pd.DataFrame, as_of: dt.date) -> Iterator[AccountPage]:
    """A page an account, in the order of the accounts."""
    for (company, account, currency), lines in statement.groupby(
        ["company_id", "account_id", "currency"], sort=True
    ):
        yield AccountPage(str(company), str(account), str(currency), as_of, lines.reset_index(drop=True))


def write_page(look: Look, tab: str, page: AccountPage) -> None:
    """The sheet: head, balances and classes with live sums, and where two people sign."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    sheet = look.book.add_worksheet(tab)
    sheet.hide_gridlines(2)
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    title = say("reconciliation.page_title", look.lang)
    set_print(sheet, look, f"{title} · {page.account}")
    sheet.set_portrait()
    row = _write_head(sheet, look, title, page)
    sheet.repeat_rows(row - 1)
    sums: list[str] = []
    first = row
    records = page.lines.to_dict("records")
    for place, line in enumerate(records):
        level = line["level"]
        if level == "item":
            _write_item(sheet, look, row, page, line)
        elif level == "class":
            count = _items_after(records, place)
            items = f"{xl_rowcol_to_cell(row + 1, _ITEM)}:{xl_rowcol_to_cell(row + count, _ITEM)}"
            _write_sum(sheet, look, row, page, line, f"=SUM({items})", is_class=True)
            sums.append(xl_rowcol_to_cell(row, _SUM))
        elif line["category"] == "expected_bank_amount":
            _write_sum(sheet, look, row, page, line, "=" + "+".join(sums))
        elif level == "difference":
            bank, expected = (xl_rowcol_to_cell(row - back, _SUM) for back in (1, 2))
            _write_sum(sheet, look, row, page, line, f"={bank}-{expected}")
        else:
            _write_sum(sheet, look, row, page, line, "")
            if row == first:
                sums.append(xl_rowcol_to_cell(row, _SUM))
        row += 1
    _write_signatures(sheet, look, row + 3)


def _write_head(sheet: Any, look: Look, title: str, page: AccountPage) -> int:
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, clean(title), look.title())
    day = formats.date_text(page.as_of, look.lang)
    facts = " · ".join(
        (page.company, page.account, page.currency, say("workbooks.as-of-day", look.lang, day=day))
    )
    sheet.write_string(1, 0, clean(facts), look.secondary())
    heads = ("line_date", "line_id", "text", "age_days", "items", "sums")
    for place, name in enumerate(heads):
        sheet.write_string(
            3, place, say(f"reconciliation.page_{name}", look.lang), look.header(right=place >= _ITEM - 1)
        )
    sheet.freeze_panes(4, 0)
    return 4


def _write_item(sheet: Any, look: Look, row: int, page: AccountPage, line: dict[str, Any]) -> None:
    day = "dd/mm/yyyy" if look.lang == "es" else "dd mmm yyyy"
    sheet.write_datetime(
        row, 0, line["line_date"].to_pydatetime(), look.format(num_format=day, align="left", indent=1)
    )
    sheet.write_string(row, 1, clean(line["line_id"]), look.text())
    said = clean(_said_of(line, look.lang))
    if len(said) > _LETTERS:  # not every program finds the height of a wrapped text by itself
        sheet.set_row(row, 15 * -(-len(said) // _LETTERS))
    sheet.write_string(row, 2, said, look.text(text_wrap=True))
    sheet.write_number(row, 3, line["age_days"], look.format(num_format="#,##0", align="right"))
    write_amount(sheet, row, _ITEM, int(line["amount"]), page.currency, look)


def _said_of(line: dict[str, Any], lang: Language) -> str:
    """What kind it is, the reference, and the bank's or the books' own words."""
    key = f"reconciliation.detail_{line['detail']}"
    kind = say(key, lang) if line["detail"] and has_words(key, lang) else ""
    own = " ".join(part for part in (line["reference"], line["text"]) if part)
    return " · ".join(part for part in (kind, own) if part)


def _write_sum(
    sheet: Any,
    look: Look,
    row: int,
    page: AccountPage,
    line: dict[str, Any],
    formula: str,
    *,
    is_class: bool = False,
) -> None:
    name = line["category"]
    amount = int(line["amount"])
    more: dict[str, Any] = {"bold": True, "top": 1, "top_color": LIGHT.rule}
    said = say(f"reconciliation.line_{name}", look.lang)
    if is_class:
        own = f"reconciliation.class_{name}_{line['detail']}"
        said = say(own if has_words(own, look.lang) else f"reconciliation.class_{name}", look.lang)
        sheet.set_row(row, 20)
    elif line["level"] == "difference":
        more |= {
            "font_color": LIGHT.good if amount == 0 else LIGHT.wrong,
            "bottom": 6,
            "bottom_color": LIGHT.rule,
        }
        said = f"{'✓' if amount == 0 else '✗'} {said}"
    else:
        more |= {"bg_color": LIGHT.panel}
        sheet.set_row(row, 22)
    sheet.write_string(row, 0, clean(said), look.format(align="left", **more))
    for place in range(1, _SUM):
        sheet.write_blank(row, place, None, look.format(**more))
    if not formula:
        write_amount(sheet, row, _SUM, amount, page.currency, look, **more)
        return
    form = look.money(page.currency, **more)
    sheet.write_formula(row, _SUM, formula, form, amount / 10 ** exponent(page.currency))


def _items_after(records: list[dict[str, Any]], place: int) -> int:
    count = 0
    while place + 1 + count < len(records) and records[place + 1 + count]["level"] == "item":
        count += 1
    return count


def _write_signatures(sheet: Any, look: Look, row: int) -> None:
    """Two people: who prepared it and who approved it."""
    line = look.format(top=1, top_color=LIGHT.text)
    for start, name in ((0, "prepared"), (_ITEM, "approved")):
        for place in range(start, start + 2):
            sheet.write_blank(row, place, None, line)
        sheet.write_string(row, start, say(f"reconciliation.page_{name}", look.lang), line)
