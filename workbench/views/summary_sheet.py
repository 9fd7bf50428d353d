"""The first sheet of a workbook: what, for whom, as of when, by which run; totals; where to read on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..money import exponent
from ..words import formats, say
from .columns import cell_text, columns_of, currencies_of, period_text
from .sheets import Look, clean, set_print, write_amount
from .theme import LIGHT

if TYPE_CHECKING:
    from .workbooks import Breakdown, Workbook

#: Where a label's figure in a currency stands: (label, currency) → (row, column).
Places = dict[tuple[str, str], tuple[int, int]]
_LINE: dict[str, Any] = {"bottom": 1, "bottom_color": LIGHT.rule}
_ROW_PIXELS = 20
_HIDDEN = 25  # column Z: what a chart needs and nobody reads
_LABEL_LETTERS = 32  # of the first column's line


def write_summary(
    look: Look, tab: str, workbook: Workbook, parts: Sequence[tuple[str, pd.DataFrame]]
) -> None:
    """Title and facts, then totals by currency, one chart of each at most, and the sheets with their rows."""
    sheet = look.book.add_worksheet(tab)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 12, 22)
    set_print(sheet, look, workbook.title, pages_high=1)
    sheet.set_row(0, 32)
    sheet.write_string(
        0, 0, clean(workbook.title), look.format(bold=True, font_size=20, font_color=LIGHT.accent)
    )
    row = _write_facts(sheet, look, workbook)
    places: Places = {}
    if workbook.totals is not None and len(workbook.totals):
        row = _write_totals(sheet, look, row + 1, workbook.totals, places)
    told = workbook.breakdown
    for breakdown in told if isinstance(told, Sequence) else [told] if told else []:
        row = _write_breakdown(sheet, look, tab, row + 1, breakdown, places)
    if workbook.tie_outs:
        row = _write_tie_outs(sheet, look, row + 1, workbook)
    _write_contents(sheet, look, row + 1, workbook, parts)


def _write_facts(sheet: Any, look: Look, workbook: Workbook) -> int:
    facts = [
        ("company", workbook.company),
        ("period", period_text(workbook.period, look.lang)),
        ("as-of", formats.date_text(workbook.as_of, look.lang)),
        ("run", workbook.run_id),
        ("made-at", workbook.made_at),
    ]
    row = 2
    for name, value in facts:
        if value:
            sheet.write_string(
                row, 0, say(f"workbooks.{name}", look.lang), look.format(font_color=LIGHT.secondary, indent=1)
            )
            sheet.write_string(row, 1, clean(value), look.text())
            row += 1
    return row


def _write_totals(sheet: Any, look: Look, row: int, totals: pd.DataFrame, places: Places) -> int:
    """A line a figure, a column a currency: it reads down, and no two currencies are near a sum."""
    columns = columns_of(totals, lang=look.lang)
    figures = [column for column in columns if column.kind in ("money", "integer")]
    named = [column for column in columns if column not in figures]
    sheet.write_string(
        row,
        0,
        say("workbooks.totals" if "currency" in totals else "workbooks.counts", look.lang),
        look.format(bold=True, font_size=12),
    )
    sheet.write_string(row + 1, 0, say("workbooks.figure", look.lang), look.header())
    records = totals.to_dict("records")
    for place, record in enumerate(records, start=1):
        head = " · ".join(cell_text(record[column.name], column, "", look.lang) for column in named)
        sheet.write_string(row + 1, place, clean(head), look.header(right=True))
    codes = {column.name: currencies_of(totals, column).tolist() for column in figures}
    for line, column in enumerate(figures, start=row + 2):
        strong = {"bold": True} if column.name == "total" else {}
        sheet.write_string(line, 0, clean(column.heading), look.text(**_LINE, **strong))
        for place, record in enumerate(records, start=1):
            value = int(record[column.name])
            if column.kind == "money":
                code = codes[column.name][place - 1]
                write_amount(sheet, line, place, value, code, look, **_LINE, **strong)
                places.setdefault((column.heading, code), (line, place))
            else:
                sheet.write_number(line, place, value, look.format(num_format="#,##0;-#,##0;0", **_LINE))
    return row + 2 + len(figures)


def _write_breakdown(sheet: Any, look: Look, tab: str, row: int, breakdown: Breakdown, places: Places) -> int:
    """Bars of the totals above where they are the same figures, else of a small table of their own.

    The chart is the workbook's own, so a person can restyle or copy it.
    """
    found = [places.get((label, breakdown.currency)) for label in breakdown.labels]
    cells = [place for place in found if place is not None]
    is_there = len(cells) == len(breakdown.labels) and all(
        after == (before[0] + 1, before[1]) for before, after in pairwise(cells)
    )
    if not is_there:
        sheet.write_string(row, 0, clean(breakdown.title), look.format(bold=True, font_size=12))
        cells = [(row + 1 + line, 1) for line in range(len(breakdown.labels))]
        right = look.format(font_color=LIGHT.secondary, align="right")
        sheet.write_string(row, 1, breakdown.currency, right)
        tall = _write_bars(sheet, look, breakdown, cells)
        if breakdown.starts and cells:  # small, beside its figures: one a currency
            chart = _bar_chart(look, tab, breakdown, cells)
            chart.set_size({"width": 640, "height": max(tall + _ROW_PIXELS, 160)})
            sheet.insert_chart(row, 2, chart, {"x_offset": 12, "description": clean(breakdown.title)})
            return row + max(len(cells) + 2, -(-160 // _ROW_PIXELS))
        row += len(cells) + 2
    if not cells:
        return row
    height = 48 + 28 * max(len(cells), 4)
    chart = _bar_chart(look, tab, breakdown, cells)
    chart.set_size({"width": 720, "height": height})
    sheet.insert_chart(row, 0, chart, {"x_offset": 4, "description": clean(breakdown.title)})
    return row + -(-height // _ROW_PIXELS)


def _write_bars(sheet: Any, look: Look, breakdown: Breakdown, cells: Sequence[tuple[int, int]]) -> int:
    """The figures of the chart, row by row: label and amount; in a hidden column, where a waterfall's bar
    begins. Gives their height in pixels."""
    starts: Sequence[int | None] = breakdown.starts or [None] * len(cells)
    figures = zip(cells, breakdown.labels, breakdown.amounts, starts, strict=True)
    if breakdown.starts:
        sheet.set_column(_HIDDEN, _HIDDEN, None, None, {"hidden": True})
    tall = 0
    for (line, place), label, minor, start in figures:
        is_long = len(label) > _LABEL_LETTERS
        if is_long:
            sheet.set_row(line, 30)
        tall += 40 if is_long else _ROW_PIXELS
        sheet.write_string(line, 0, clean(label), look.text(text_wrap=True, **_LINE))
        write_amount(sheet, line, place, minor, breakdown.currency, look, **_LINE)
        if start is not None:
            write_amount(sheet, line, _HIDDEN, start, breakdown.currency, look)
    return tall


def _bar_chart(look: Look, tab: str, breakdown: Breakdown, cells: Sequence[tuple[int, int]]) -> Any:
    (first, place), last = cells[0], cells[-1][0]
    largest = max((abs(amount) for amount in breakdown.amounts), default=0)
    in_millions = largest >= 10 ** (exponent(breakdown.currency) + 7)
    colours = breakdown.colours or [LIGHT.accent] * len(cells)
    unit = say(
        "views.unit-millions" if in_millions else "views.unit-plain", look.lang, currency=breakdown.currency
    )
    labels = {
        "value": True,
        "num_format": "#,##0.0,,;-#,##0.0,,;0" if in_millions else "#,##0;-#,##0;0",
        "font": {"color": LIGHT.text, "size": 9},
    }
    chart = look.book.add_chart({"type": "bar", **({"subtype": "stacked"} if breakdown.starts else {})})
    categories, values = [tab, first, 0, last, 0], [tab, first, place, last, place]
    unseen = {"fill": {"none": True}, "border": {"none": True}, "categories": categories, "gap": 40}
    if breakdown.starts:  # what a bar stands on
        chart.add_series({**unseen, "values": [tab, first, _HIDDEN, last, _HIDDEN]})
        chart.show_hidden_data()
    chart.add_series(
        {
            "categories": categories,
            "values": values,
            "points": [{"fill": {"color": colour}} for colour in colours],
            "gap": 40,
            "invert_if_negative": False,
            **({} if breakdown.starts else {"data_labels": labels}),
        }
    )
    if breakdown.starts:  # stacked bars have no room behind them: a bar that is not seen carries the figure
        chart.add_series({**unseen, "values": values, "data_labels": {**labels, "position": "inside_base"}})
    font = {"color": LIGHT.text, "size": 9}
    chart.set_title({
        "name": f"{breakdown.title} ({unit})",
        "overlay": False,
        "name_font": {"size": 12, "bold": True, "color": LIGHT.text},
    })  # fmt: skip
    chart.set_legend({"none": True})
    chart.set_y_axis({
        "reverse": True, "label_position": "low", "line": {"none": True}, "major_tick_mark": "none",
        "interval_unit": 1, "num_font": font,
    })  # fmt: skip
    reach = {"min": 0, "max": largest / 10 ** exponent(breakdown.currency) * 1.25} if breakdown.starts else {}
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **reach})
    chart.set_chartarea({"border": {"none": True}})
    return chart


def _write_tie_outs(sheet: Any, look: Look, row: int, workbook: Workbook) -> int:
    """What was held against what, its figure, and a sign with its word."""
    sheet.write_string(row, 0, say("workbooks.tie-outs", look.lang), look.format(bold=True, font_size=12))
    for line, (name, figure, passed) in enumerate(workbook.tie_outs, start=row + 1):
        colour, said = (LIGHT.good, "agrees") if passed else (LIGHT.wrong, "differs")
        sign = look.format(font_color=colour, indent=1, **_LINE)
        sheet.write_string(line, 0, say(f"workbooks.{said}", look.lang), sign)
        sheet.write_string(line, 1, clean(figure), look.text(**_LINE))
        sheet.write_string(line, 3, clean(name), look.secondary())
    return row + 2 + len(workbook.tie_outs)


def _write_contents(
    sheet: Any, look: Look, row: int, workbook: Workbook, parts: Sequence[tuple[str, pd.DataFrame]]
) -> None:
    """The sheets that follow, each a link, with its rows."""
    findings = (
        [] if workbook.findings is None else [(say("workbooks.findings", look.lang), workbook.findings)]
    )
    sheet.write_string(row, 0, say("workbooks.contents", look.lang), look.format(bold=True, font_size=12))
    link = look.format(font_color=LIGHT.accent, underline=1, indent=1)
    for line, (name, frame) in enumerate([*parts, *findings], start=row + 1):
        target = name.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{target}'!A1", link, name)
        count = formats.integer_text(len(frame), look.lang)
        sheet.write_string(line, 1, say("workbooks.rows", look.lang, count=count), look.secondary())
