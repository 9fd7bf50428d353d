"""Workbooks that a person would send on: XlsxWriter, the same bytes for the same content.

Sheets: *Resumen* (what, for whom, as of when, totals by currency), one a table, *Notas* (how each figure
is made) and *Hallazgos* (findings in words). Nothing that came from data is ever a formula.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ..money import checked_sum
from ..tables import Table
from ..words import Language, formats, language, say
from . import sheets
from .account_pages import AccountPage, write_page
from .columns import bucket_names, columns_of, findings_in_words, heading_of, period_text
from .summary_sheet import write_summary
from .theme import bucket_colours

#: Rows of one sheet; more go on to a second sheet of the same name.
LARGEST_SHEET = 1_000_000


@dataclass(frozen=True)
class Sheet:
    """One table: ``name`` is the tab. ``currency`` is the column of each row's currency, or a fixed code.

    ``columns`` chooses and orders what is shown (default: the table's, else all but ``*_key``).
    ``is_totalled``: whether its rows add up to something; ``not_summed``: columns whose rows say the same
    money several times: they have no total, and the notes say so.
    """

    name: str
    frame: pd.DataFrame
    columns: Sequence[str] | None = None
    table: Table | None = None
    title: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    currency: str = "currency"
    is_totalled: bool = True
    not_summed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Breakdown:
    """The summary's small table and its bars: one amount (minor units of ``currency``) a label.

    ``starts``: where each bar begins, in a waterfall; else all begin at zero.
    """

    title: str
    labels: Sequence[str]
    amounts: Sequence[int]
    currency: str
    colours: Sequence[str] = ()
    starts: Sequence[int] = ()


@dataclass(frozen=True)
class Workbook:
    """What one file says. ``totals`` has one row a currency, money in its columns.

    ``notes`` are (figure, how it is made); ``tie_outs`` (what agrees, its figure, whether it does).
    ``run_id`` and ``made_at`` are shown on the first sheet and are the only things that differ between
    two runs with the same result: see :func:`content_sha256`.
    """

    title: str
    company: str
    period: str
    as_of: dt.date
    run_id: str = ""
    made_at: str = ""
    sheets: Sequence[Sheet] = ()
    notes: Sequence[tuple[str, str]] = ()
    findings: pd.DataFrame | None = None
    totals: pd.DataFrame | None = None
    breakdown: Breakdown | Sequence[Breakdown] | None = None
    tie_outs: Sequence[tuple[str, str, bool]] = ()
    lang: Language | None = None
    pages: Sequence[AccountPage] = ()  # statements to sign, before the tables


def aging_breakdown(summary: pd.DataFrame, lang: Language | None = None) -> Breakdown:
    """The small table of an ageing: a line a range, of the currency with most rows in ``summary``."""
    currency = str(summary["currency"].mode().iat[0])
    rows = summary[summary["currency"] == currency]
    names = [*bucket_names(summary), *(["unapplied"] if "unapplied" in summary.columns else [])]
    return Breakdown(
        say("workbooks.by-range", lang),
        [heading_of(name, lang) for name in names],
        [checked_sum(rows[name].to_numpy()) for name in names],
        currency,
        bucket_colours(names),
    )


def write_workbook(path: Path, workbook: Workbook) -> None:
    """Write ``path`` whole or not at all (a ``.partial`` beside it, then renamed)."""
    import xlsxwriter

    lang = workbook.lang or language()
    partial = path.with_name(path.name + ".partial")
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": "Calibri", "font_size": 11},
    }
    with xlsxwriter.Workbook(str(partial), options) as book:
        book.set_properties(
            {
                "title": sheets.clean(workbook.title),
                "company": sheets.clean(workbook.company),
                "author": "Workbench",
                "created": dt.datetime.combine(workbook.as_of, dt.time()),
            }
        )
        book.set_calc_mode("auto")
        look = sheets.Look(book, lang)
        tabs = _Tabs()
        summary_tab = tabs.take(say("workbooks.summary", lang))
        parts = [(tabs.take(part.name), part) for sheet in workbook.sheets for part in _parts(sheet)]
        pages = [(tabs.take(page.tab), page) for page in workbook.pages]
        contents = [(tab, page.lines) for tab, page in pages] + [(tab, part.frame) for tab, part in parts]
        write_summary(look, summary_tab, workbook, contents)
        head = _head(workbook, lang)
        for tab, page in pages:
            write_page(look, tab, page)
        for tab, part in parts:
            shown = columns_of(
                part.frame,
                table=part.table,
                names=part.columns,
                headings=part.headings,
                currency=part.currency,
                lang=lang,
            )
            title = part.title or part.name
            sheets.write_table(
                look, tab, title, head, part.frame, shown,
                is_totalled=part.is_totalled, not_summed=part.not_summed,
            )  # fmt: skip
        sheets.write_notes(look, tabs.take(say("workbooks.notes", lang)), head, [*workbook.notes, *look.said])
        if workbook.findings is not None:
            _write_findings(look, tabs, head, workbook.findings, lang)
    os.replace(partial, path)


def _write_findings(
    look: sheets.Look, tabs: _Tabs, head: str, findings: pd.DataFrame, lang: Language
) -> None:
    frame = findings_in_words(findings, lang)
    sheets.write_table(
        look, tabs.take(say("workbooks.findings", lang)), say("workbooks.findings", lang), head, frame,
        columns_of(frame, lang=lang), is_totalled=False,
    )  # fmt: skip


def _head(workbook: Workbook, lang: Language) -> str:
    as_of = say("workbooks.as-of-day", lang, day=formats.date_text(workbook.as_of, lang))
    return " · ".join(part for part in (workbook.company, period_text(workbook.period, lang), as_of) if part)


def _parts(sheet: Sheet) -> Iterator[Sheet]:
    """A sheet holds a million rows; a longer table goes on to further sheets, each with its own totals."""
    rows = len(sheet.frame)
    if rows <= LARGEST_SHEET:
        yield sheet
        return
    for start in range(0, rows, LARGEST_SHEET):
        part = sheet.frame.iloc[start : start + LARGEST_SHEET]
        number = start // LARGEST_SHEET + 1
        yield Sheet(
            f"{sheet.name[:26]} {number}", part, sheet.columns, sheet.table,
            sheet.title, sheet.headings, sheet.currency, sheet.is_totalled, sheet.not_summed,
        )  # fmt: skip


class _Tabs:
    """Tab names as Excel allows them: 31 characters, none of ``[]:*?/\\``, no two alike."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def take(self, name: str) -> str:
        plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in sheets.clean(name))
        plain = plain.strip().strip("'")[:31] or "–"
        tab, number = plain, 2
        while tab.casefold() in self.taken or tab.casefold() == "history":
            tab = f"{plain[:27]} {number}"
            number += 1
        self.taken.add(tab.casefold())
        return tab


def content_sha256(path: Path, *, ignoring: Sequence[str] = ()) -> str:
    """A hash of what the file says: its parts unpacked, without the texts in ``ignoring`` (run id, instant).

    Two runs with the same result have the same hash although their run ids differ.
    """
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            content = archive.read(name)
            for text in ignoring:
                content = content.replace(text.encode(), b"") if text else content
            digest.update(f"{name}:{len(content)}\n".encode() + content)
    return digest.hexdigest()
