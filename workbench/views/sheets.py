"""How one sheet of a workbook is laid out and written; ``workbooks`` says which sheets there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..calendar import BOGOTA
from ..money import RATE_SCALE, checked_sum, exponent, to_text
from ..words import Language, formats, say
from .columns import DECIMALS, SHARES, Column, amount_text, currencies_of, heading_of, say_minor
from .theme import LIGHT

#: An Excel number holds 15 digits; a longer amount is written as text, and the notes say so.
MOST_DIGITS = 15
LONGEST_TEXT = 32_767
#: What XML cannot hold: control characters and halves of surrogate pairs.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDEST = 48
_DECIMAL = re.compile(r"-?[0-9]{1,11}(\.[0-9]{1,6})?")
#: Columns of sentences, which wrap and may be wide.
SENTENCES = ("message", "remedy", "evidence", "against")
_LINE_HEIGHT, _MOST_LINES = 15, 10
_FIRST_ROW = 3  # title, head line, a blank one; then totals
#: Letters of column width on one printed page; at more a sheet goes over several, or nobody can read it.
_PAGE_WIDTH = 240


def clean(text: str) -> str:
    """Text as a cell can hold it: unwritable characters become ``\ufffd``, an overlong text ends in ``…``."""
    text = _UNWRITABLE.sub("\ufffd", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


class Look:
    """The formats of one workbook, made once each; ``said`` collects notes about what had to be done."""

    def __init__(self, book: Any, lang: Language) -> None:
        self.book = book
        self.lang = lang
        self.said: list[tuple[str, str]] = []
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(
                {"font_color": LIGHT.text, "valign": "vcenter", **properties}
            )
        return self._made[key]

    def title(self) -> Any:
        return self.format(bold=True, font_size=16, font_color=LIGHT.accent)

    def secondary(self) -> Any:
        return self.format(font_color=LIGHT.secondary)

    def header(self, *, right: bool = False) -> Any:
        return self.format(
            bold=True, font_color="#FFFFFF", bg_color=LIGHT.accent, text_wrap=True,
            align="right" if right else "left", indent=0 if right else 1, border=1, border_color=LIGHT.accent,
        )  # fmt: skip

    def money(self, currency: str, **more: Any) -> Any:
        """Every decimal of the currency, a minus, and ``0`` for zero."""
        decimals = exponent(currency) if currency else 0
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return self.format(num_format=f"{pattern};-{pattern};0", align="right", **more)

    def cell(self, column: Column) -> Any:
        if column.name in SHARES:
            places = "0.0%" if SHARES[column.name] == 1000 else "0.00%"
            return self.format(num_format=places, align="right")
        if column.name == "rate":
            return self.format(num_format="#,##0.0000", align="right")
        if column.name in DECIMALS:
            places = "0" * min(DECIMALS[column.name], 2) + "#" * (DECIMALS[column.name] - 2)
            return self.format(num_format=f"#,##0.{places}", align="right")
        if column.kind == "integer":
            return self.format(num_format="#,##0;-#,##0;0", align="right")
        if column.kind in ("date", "instant"):
            day = "dd/mm/yyyy" if self.lang == "es" else "dd mmm yyyy"
            hours = " hh:mm" if column.kind == "instant" else ""
            return self.format(num_format=day + hours, align="left", indent=1)
        return self.text(text_wrap=True, valign="top") if column.name in SENTENCES else self.text()

    def text(self, **more: Any) -> Any:
        return self.format(num_format="@", align="left", **{"indent": 1, **more})


def fits(minor: int) -> bool:
    """Whether an Excel number holds the amount exactly."""
    return len(str(abs(minor))) <= MOST_DIGITS


def write_amount(
    sheet: Any, row: int, place: int, minor: int, currency: str, look: Look, **more: Any
) -> None:
    """A number with its currency's format, exact; what does not fit a number is exact text.

    Without a currency nobody knows how many decimals there are: the text says that these are minor units.
    """
    form = look.money(currency, **more)
    if not currency and minor:
        sheet.write_string(row, place, say_minor(minor, look.lang), form)
        return
    if fits(minor):
        sheet.write_number(row, place, minor / 10 ** (exponent(currency) if currency else 0), form)
    else:
        sheet.write_string(row, place, to_text(minor, currency) if currency else str(minor), form)


def write_table(
    look: Look,
    tab: str,
    title: str,
    head: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    is_totalled: bool = True,
    not_summed: frozenset[str] = frozenset(),
) -> None:
    """Title, live totals of each currency, the header, the rows; frozen, filtered, ready to print."""
    sheet = look.book.add_worksheet(tab)
    values = {column.name: frame[column.name].tolist() for column in columns}
    currencies = {column.name: currencies_of(frame, column) for column in columns if column.kind == "money"}
    present = sorted({code for series in currencies.values() for code in series.unique()} - {""})
    is_summed = is_totalled and any(name not in not_summed for name in currencies)
    totalled = present if is_summed and len(columns) > 1 else []
    for column in columns:
        if is_totalled and column.name in not_summed and len(frame):
            look.said.append((f"{tab}: {column.heading}", say("workbooks.not-summed", look.lang)))
    only = present[0] if len(present) == 1 else ""
    header_row = _FIRST_ROW + len(totalled)
    _set_page(sheet, look, title, head, header_row, columns, frame, only)

    sheet.set_row(0, 26)
    sheet.write_string(0, 0, clean(title), look.title())
    sheet.write_string(1, 0, clean(head), look.secondary())
    for line, currency in enumerate(totalled):
        summed = {name: codes for name, codes in currencies.items() if name not in not_summed}
        _write_totals(sheet, look, _FIRST_ROW + line, header_row, frame, columns, summed, currency)
    sheet.set_row(header_row, 32)
    for place, column in enumerate(columns):
        sheet.write_string(
            header_row, place, _heading(column, only), look.header(right=column.is_right_aligned)
        )
    widths = {column.name: _width(column, frame, only) for column in columns if column.name in SENTENCES}
    _write_rows(sheet, look, header_row + 1, columns, values, currencies, widths)


def _heading(column: Column, only: str) -> str:
    return clean(f"{column.heading} ({only})" if column.kind == "money" and only else column.heading)


def _write_rows(
    sheet: Any,
    look: Look,
    first: int,
    columns: Sequence[Column],
    values: Mapping[str, list[Any]],
    currencies: Mapping[str, pd.Series],
    widths: Mapping[str, float],
) -> None:
    codes = {name: series.tolist() for name, series in currencies.items()}
    forms = {column.name: look.cell(column) for column in columns}
    overlong: set[str] = set()
    count = len(values[columns[0].name]) if columns else 0
    if count == 0:
        sheet.write_string(first, 0, say("workbooks.no-rows", look.lang), look.secondary())
    on_one_line = {name: look.text(valign="top") for name in widths}
    for offset in range(count):
        row = first + offset
        shown = forms
        if widths:  # not every program finds the height of sentences by itself
            told = [values[name][offset] for name in widths]
            lines = max(map(_lines, told, widths.values()))
            shown = forms | on_one_line if lines == 1 else forms
            sheet.set_row(row, _LINE_HEIGHT * min(lines, _MOST_LINES))
        for place, column in enumerate(columns):
            value = values[column.name][offset]
            if column.kind == "money":
                write_amount(sheet, row, place, int(value), codes[column.name][offset], look)
                if not fits(int(value)):
                    overlong.add(column.heading)
            elif value is None or value is pd.NaT or value != value:
                continue
            elif column.name == "rate":
                sheet.write_number(row, place, value / RATE_SCALE, shown[column.name])
            elif column.name in SHARES and value < 0:
                sheet.write_string(row, place, formats.UNKNOWN, shown[column.name])
            elif column.name in SHARES:
                sheet.write_number(row, place, value / SHARES[column.name], shown[column.name])
            elif column.name in DECIMALS and _DECIMAL.fullmatch(str(value)):
                sheet.write_number(row, place, float(value), shown[column.name])
            elif column.kind == "integer":
                sheet.write_number(row, place, value, shown[column.name])
            elif column.kind in ("date", "instant"):
                local = value if value.tzinfo is None else value.tz_convert(BOGOTA).tz_localize(None)
                sheet.write_datetime(row, place, local.to_pydatetime(), shown[column.name])
            elif column.kind == "flag":
                sheet.write_string(
                    row, place, say("views.yes" if value else "views.no", look.lang), look.text()
                )
            elif value != "":
                sheet.write_string(row, place, clean(_text(value, column, look)), shown[column.name])
    for heading in sorted(overlong):
        look.said.append((heading, say("workbooks.overlong-amounts", look.lang)))


def _lines(value: object, width: float) -> int:
    """Lines that a sentence takes in a cell of so many letters."""
    return -(-len(str(value)) // max(int(width) - 3, 1)) if isinstance(value, str) else 1


def _text(value: object, column: Column, look: Look) -> str:
    return heading_of(str(value), look.lang) if column.name == "bucket" else str(value)


def _write_totals(
    sheet: Any,
    look: Look,
    row: int,
    header_row: int,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    currencies: Mapping[str, pd.Series],
    currency: str,
) -> None:
    """One currency's totals of the rows a filter leaves in sight; amounts of two currencies never meet."""
    from xlsxwriter.utility import xl_range_abs

    first, last = header_row + 1, header_row + max(len(frame), 1)
    places = {column.name: place for place, column in enumerate(columns)}
    label = look.text(bold=True)
    for place, column in enumerate(columns):
        if column.name not in currencies:
            if place == 0:
                sheet.write_string(row, 0, say("workbooks.shown-total", look.lang, currency=currency), label)
            continue
        series = currencies[column.name]
        amounts = frame[column.name].to_numpy()
        rows = (series == currency).to_numpy()
        if not rows.any():
            continue
        total = checked_sum(amounts[rows])
        is_exact = fits(total) and all(fits(int(edge)) for edge in _edges(amounts))
        if not is_exact or (not rows.all() and column.currency not in places):
            # A formula could not tell the rows apart, or would round: the total of all rows, as a figure.
            write_amount(sheet, row, place, total, currency, look, bold=True)
            continue
        cells = xl_range_abs(first, place, last, place)
        formula = f"=SUBTOTAL(109,{cells})"
        if not rows.all():
            formula = _sum_of_currency(cells, first, last, place, places[column.currency], currency)
        value = total / 10 ** exponent(currency)
        sheet.write_formula(row, place, formula, look.money(currency, bold=True), value)


def _sum_of_currency(cells: str, first: int, last: int, place: int, codes_at: int, currency: str) -> str:
    """SUBTOTAL asked row by row keeps to the rows in sight; times the rows of the currency."""
    from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

    anchor = xl_rowcol_to_cell(first, place, row_abs=True, col_abs=True)
    codes = xl_range_abs(first, codes_at, last, codes_at)
    in_sight = f"SUBTOTAL(109,OFFSET({anchor},ROW({cells})-ROW({anchor}),0))"
    return f'=SUMPRODUCT({in_sight},--({codes}="{currency}"))'


def _edges(amounts: Any) -> list[int]:
    return [int(np.min(amounts)), int(np.max(amounts))] if len(amounts) else []


def _set_page(
    sheet: Any,
    look: Look,
    title: str,
    head: str,
    header_row: int,
    columns: Sequence[Column],
    frame: pd.DataFrame,
    only: str,
) -> None:
    last = header_row + len(frame)
    widths = [_width(column, frame, only) for column in columns]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    if columns:
        sheet.autofilter(header_row, 0, last, len(columns) - 1)
        texts = [place for place, column in enumerate(columns) if column.kind == "text"]
        if texts and len(frame):
            from xlsxwriter.utility import xl_range

            spans = " ".join(xl_range(header_row + 1, place, last, place) for place in texts)
            sheet.ignore_errors({"number_stored_as_text": spans})
    sheet.freeze_panes(header_row + 1, 0)
    sheet.hide_gridlines(2)
    sheet.repeat_rows(header_row)
    repeated = _repeated(columns)
    pages_wide = _pages_wide(widths, repeated)
    if pages_wide > 1 and repeated:
        sheet.repeat_columns(0, repeated - 1)
    set_print(sheet, look, f"{title} · {head}", pages_wide=pages_wide)


def _repeated(columns: Sequence[Column]) -> int:
    """How many first columns say whose row it is: a sheet of several pages beside each other repeats them."""
    names = [column.name for column in columns[:5]]
    found = [name for name in ("document_id", "customer_id", "company_id") if name in names]
    return names.index(found[0]) + 1 if found else 0


def _pages_wide(widths: Sequence[float], repeated: int) -> int:
    """As few pages beside each other as a person can read: no more than ``_PAGE_WIDTH`` letters on each."""
    whole, again = sum(widths), sum(widths[:repeated])
    pages = 1
    while whole + (pages - 1) * again > pages * _PAGE_WIDTH and again < _PAGE_WIDTH / 2:
        pages += 1
    return pages


def set_print(sheet: Any, look: Look, footer: str, *, pages_wide: int = 1, pages_high: int = 0) -> None:
    """A4 landscape, as wide as said, the title and the page's number at the foot."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(pages_wide, pages_high)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    plain = clean(footer).replace("&", "&&")[:180]
    sheet.set_footer(f"&L&8{plain}&R&8" + say("workbooks.page-of", look.lang, page="&P", pages="&N"))


def _width(column: Column, frame: pd.DataFrame, only: str) -> float:
    """Characters of the longest cell and of the heading, which may wrap once."""
    words = _heading(column, only).split()
    heading = max([*(len(word) + 3 for word in words), -(-len(_heading(column, only)) // 2) + 3, 8])
    if column.kind == "money":
        codes = currencies_of(frame, column)
        longest = max(
            (len(amount_text(checked_sum(frame.loc[codes == code, column.name].to_numpy()), code, cents=True))
             for code in codes.unique()), default=1,
        )  # fmt: skip
        edges = [len(str(edge)) + len(str(edge)) // 3 + 2 for edge in _edges(frame[column.name].to_numpy())]
        cells = max([longest, *edges])
    elif column.kind in ("date", "instant"):
        cells = 11 if column.kind == "date" else 17
    else:
        first = frame[column.name].iloc[:5000]
        texts = (
            [heading_of(str(name)) for name in first.unique()]
            if column.name == "bucket"
            else first.astype("str")
        )
        cells = max((len(text) for text in texts), default=1) + 1
    widest = 72 if column.name in SENTENCES else 64 if column.name in ("rule", "reason") else _WIDEST
    return float(min(max(heading, cells + 2), widest))


def write_notes(look: Look, tab: str, head: str, notes: Sequence[tuple[str, str]]) -> None:
    """How each figure is made: the figure on the left, its making on the right."""
    sheet = look.book.add_worksheet(tab)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 100)
    set_print(sheet, look, f"{tab} · {head}")
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, clean(tab), look.title())
    sheet.write_string(1, 0, clean(head), look.secondary())
    for place, name in enumerate(("figure", "how")):
        sheet.write_string(3, place, say(f"workbooks.{name}", look.lang), look.header())
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    always = [
        (say("workbooks.note-totals", look.lang), say("workbooks.note-totals-how", look.lang)),
        (say("workbooks.note-sign", look.lang), say("workbooks.note-sign-how", look.lang)),
    ]
    for row, (figure, how) in enumerate([*notes, *always], start=4):
        sheet.write_string(row, 0, clean(figure), look.text(bold=True, text_wrap=True, valign="top"))
        sheet.write_string(row, 1, clean(how), look.text(text_wrap=True, valign="top"))
