"""Small HTML for run notebooks and reports: tables, key figures, findings, what was read.

Whatever comes from data is escaped. Each piece brings its own few lines of CSS, so it looks the same in
JupyterLab, in the HTML of a run and in an app, light or dark, and needs nothing from the internet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from ..tables import Table
from ..words import Language, formats, say
from . import theme
from .columns import Column, amount_text, cell_text, columns_of, currencies_of, findings_in_words

_CSS = """
.wb {{ {light} font-family: {fonts}; font-size: 14px; line-height: 1.45; color: var(--wb-text); }}
.theme-dark .wb, [data-jp-theme-light="false"] .wb, .wb.wb-dark {{ {dark} color-scheme: dark; }}
.wb .wb-scroll {{ overflow-x: auto; max-width: 100%; }}
.wb table.wb-table {{ border-collapse: collapse; font-size: 12px; margin: 4px 0 8px; border: 0; }}
.wb .wb-table caption {{ text-align: left; font-size: 14px; font-weight: 600; padding: 0 0 8px;
  color: var(--wb-text); }}
.wb .wb-table th {{ text-align: left; font-weight: 600; color: var(--wb-secondary); background: none;
  border: 0; border-bottom: 1px solid var(--wb-rule); padding: 6px 12px; vertical-align: bottom; }}
.wb .wb-table td {{ text-align: left; border: 0; border-bottom: 1px solid var(--wb-rule); padding: 6px 12px;
  background: none; color: var(--wb-text); max-width: 360px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }}
.wb .wb-table .wb-right {{ text-align: right; font-variant-numeric: tabular-nums; }}
.wb .wb-table td.wb-wrap {{ white-space: normal; min-width: 220px; vertical-align: top; }}
.wb .wb-note {{ color: var(--wb-secondary); font-size: 12px; margin: 4px 0; }}
.wb .wb-figures {{ display: flex; flex-wrap: wrap; gap: 16px; margin: 8px 0; }}
.wb .wb-figure {{ background: var(--wb-panel); border: 1px solid var(--wb-rule); border-radius: 6px;
  padding: 12px 16px; min-width: 0; flex: 1 1 144px; box-sizing: border-box; }}
.wb .wb-figure .wb-label {{ color: var(--wb-secondary); font-size: 12px; }}
.wb .wb-figure .wb-value {{ font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums;
  line-height: 1.3; overflow-wrap: anywhere; }}
.wb .wb-figure .wb-change {{ color: var(--wb-secondary); font-size: 12px; overflow-wrap: anywhere; }}
.wb .wb-good {{ color: var(--wb-good); }} .wb .wb-attention {{ color: var(--wb-attention); }}
.wb .wb-wrong {{ color: var(--wb-wrong); }}
"""


#: Cells of sentences, which wrap, and of texts that wrap where the table leaves them room.
_SENTENCES = ("message", "remedy", "against")
_LONG, _FEW_COLUMNS = ("evidence", "document_ids", "reason"), 8


class Html(str):
    """A text that a notebook shows as HTML when it is the last line of a cell."""

    def _repr_html_(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Figure:
    """One key figure: its label, its value as text, and under it what changed or what it means."""

    label: str
    value: str
    change: str = ""
    tone: str = ""  # good, attention, wrong; always with words beside
    exact: str = ""  # the whole figure, on hover


def css() -> str:
    """The rules of every piece, light and dark."""
    return _CSS.format(
        light=theme.css_variables(), dark=theme.css_variables(dark=True), fonts=theme.FONTS
    ).strip()


def page_html(*pieces: str, dark: bool | None = None) -> Html:
    """Pieces under one style; ``dark`` forces the dark look where the page itself does not say."""
    name = "wb wb-dark" if dark else "wb"
    return Html(f'<style>{css()}</style><div class="{name}">{"".join(pieces)}</div>')


def table_html(
    frame: pd.DataFrame,
    *,
    table: Table | None = None,
    columns: Sequence[str] | None = None,
    headings: Mapping[str, str] | None = None,
    currency: str = "currency",
    max_rows: int = 20,
    caption: str = "",
    lang: Language | None = None,
    cents: bool | None = None,
) -> Html:
    """The first ``max_rows`` rows as a quiet table; money right-aligned in the reader's locale.

    Where one currency is all there is, it stands in the headings of the money columns.
    """
    shown = columns_of(frame, table=table, names=columns, headings=headings, currency=currency, lang=lang)
    head = frame.head(max_rows)
    codes = {column.name: currencies_of(head, column).tolist() for column in shown if column.kind == "money"}
    present = {
        code for column in shown if column.kind == "money" for code in currencies_of(frame, column).unique()
    }
    only = next(iter(present)) if len(present) == 1 else ""
    parts = ['<div class="wb-scroll"><table class="wb-table">']
    if caption:
        parts.append(f"<caption>{escape(caption)}</caption>")
    parts.append("<thead><tr>" + "".join(_header(column, only) for column in shown) + "</tr></thead><tbody>")
    values = {column.name: head[column.name].tolist() for column in shown}
    for row in range(len(head)):
        cells = []
        for column in shown:
            code = codes[column.name][row] if column.kind == "money" else ""
            text = cell_text(values[column.name][row], column, code, lang, cents=cents)
            cells.append(_cell(text, column, is_narrow=len(shown) <= _FEW_COLUMNS))
        parts.append("<tr>" + "".join(cells) + "</tr>")
    parts.append("</tbody></table></div>")
    if len(frame) == 0:
        parts.append(_note(say("views.no-rows", lang)))
    elif len(frame) > len(head):
        counts = {
            "shown": formats.integer_text(len(head), lang),
            "count": formats.integer_text(len(frame), lang),
        }
        parts.append(_note(say("views.more-rows", lang, **counts)))
    return page_html("".join(parts))


def key_figures_html(figures: Sequence[Figure]) -> Html:
    """Three to five figures in a row, each with what changed under it."""
    parts = ['<div class="wb-figures">']
    for figure in figures:
        tone = f" wb-{figure.tone}" if figure.tone in ("good", "attention", "wrong") else ""
        change = f'<div class="wb-change">{escape(figure.change)}</div>' if figure.change else ""
        exact = f' title="{escape(figure.exact)}"' if figure.exact else ""
        parts.append(
            f'<div class="wb-figure"{exact}><div class="wb-label">{escape(figure.label)}</div>'
            f'<div class="wb-value{tone}">{escape(figure.value)}</div>{change}</div>'
        )
    return page_html("".join(parts), "</div>")


def findings_html(findings: pd.DataFrame, *, max_rows: int = 20, lang: Language | None = None) -> Html:
    """Findings in words: what happened, where, what to do."""
    if len(findings) == 0:
        return page_html(_note("✓ " + say("views.no-findings", lang)))
    caption = say("views.findings-count", lang, count=formats.integer_text(len(findings), lang))
    names = ["level", "source", "row", "message", "remedy"]
    return table_html(
        findings_in_words(findings, lang), columns=names, caption=caption, max_rows=max_rows, lang=lang
    )


def input_summary_html(
    name: str, rows: int, totals: Mapping[str, int] | None = None, *, lang: Language | None = None
) -> Html:
    """One line for an input: its name, its rows, its control total in each currency (minor units)."""
    parts = [
        f"<b>{escape(name)}</b>",
        escape(say("views.read-rows", lang, count=formats.integer_text(rows, lang))),
        *(
            f'<span style="font-variant-numeric:tabular-nums">'
            f"{escape(amount_text(total, code, lang, cents=True))} {escape(code)}</span>"
            for code, total in sorted((totals or {}).items())
        ),
    ]
    return page_html(" · ".join(parts))


def _header(column: Column, only: str) -> str:
    heading = f"{column.heading} ({only})" if column.kind == "money" and only else column.heading
    return f"<th{_right(column)}>{escape(heading)}</th>"


def _cell(text: str, column: Column, *, is_narrow: bool) -> str:
    if column.name in _SENTENCES or (is_narrow and column.name in _LONG and len(text) > 48):
        return f'<td class="wb-wrap">{escape(text)}</td>'
    whole = f' title="{escape(text)}"' if len(text) > 40 else ""
    return f"<td{_right(column)}{whole}>{escape(text)}</td>"


def _right(column: Column) -> str:
    return ' class="wb-right"' if column.is_right_aligned else ""


def _note(text: str) -> str:
    return f'<p class="wb-note">{escape(text)}</p>'
