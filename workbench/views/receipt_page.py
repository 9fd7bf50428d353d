"""One receipt as an analyst looks at it: who paid, what it pays and why, its rivals, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from ..words import Language, say
from . import pages
from .columns import amount_text, cell_text, columns_of, currencies_of


@dataclass(frozen=True)
class ReceiptShown:
    """What a page says of one receipt; texts are words already, amounts minor units of ``currency``.

    ``state``: a key of ``receipt.state_…``; ``documents``, ``rivals``, ``candidates``: tables in words, in
    the order of their columns; ``why``: a paragraph each. ``applied_before``: in runs before this one.
    """

    receipt_id: str
    day: str
    currency: str
    received: int
    applied: int
    applied_before: int
    left: int
    state: str
    customer: str
    how: str
    bank_says: str
    why: Sequence[str]
    todo: str
    why_not: str = ""
    documents: pd.DataFrame = field(default_factory=pd.DataFrame)
    rivals: pd.DataFrame = field(default_factory=pd.DataFrame)
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)


_TONES = {"applied": "good", "applied_before": "good", "suggested": "attention", "left": "attention"}
_SIGNS = {"applied": "✓", "applied_before": "✓", "suggested": "?", "left": "!"}


def receipt_html(shown: ReceiptShown, lang: Language | None = None) -> pages.Html:
    """The whole block; what there is nothing to say of is left out."""
    return pages.page_html(
        f'<p style="font-size:16px;font-weight:600;margin:8px 0">{escape(_title(shown, lang))}</p>',
        pages.key_figures_html(_figures(shown, lang)),
        *(_line(say(f"receipt.{name}", lang), text) for name, text in _lines(shown, lang)),
        *(_table(frame, title, lang) for title, frame in _tables(shown)),
    )


def receipt_text(shown: ReceiptShown, lang: Language | None = None) -> str:
    """The same for a person's screen, without a page: a line a thing said, a row a line."""
    said = [_title(shown, lang)]
    said += [f"  {figure.label}: {figure.value}" for figure in _figures(shown, lang)]
    said += [f"  {say(f'receipt.{name}', lang)}: {text}" for name, text in _lines(shown, lang)]
    for title, frame in _tables(shown):
        if not frame.empty:
            said += ["", say(f"receipt.{title}", lang), *_text_rows(frame, lang)]
    return "\n".join(said)


def _title(shown: ReceiptShown, lang: Language | None) -> str:
    return say("receipt.title", lang, receipt=shown.receipt_id, day=shown.day)


def _figures(shown: ReceiptShown, lang: Language | None) -> list[pages.Figure]:
    def money(name: str, minor: int) -> pages.Figure:
        amount = amount_text(minor, shown.currency, lang, cents=True)
        return pages.Figure(say(f"receipt.{name}", lang), f"{amount} {shown.currency}")

    before = [money("applied_before", shown.applied_before)] if shown.applied_before else []
    standing = f"{_SIGNS[shown.state]} {say(f'receipt.state_{shown.state}', lang)}"
    return [
        money("received", shown.received),
        money("applied", shown.applied),
        *before,
        money("left", shown.left),
        pages.Figure(say("receipt.standing", lang), standing, tone=_TONES[shown.state]),
    ]


def _lines(shown: ReceiptShown, lang: Language | None) -> list[tuple[str, str]]:
    """What is said of it, each under the key of its label; nothing empty."""
    who = say("receipt.who_known", lang, customer=shown.customer, how=shown.how)
    lines = [
        ("who", who if shown.customer else say("receipt.who_unknown", lang)),
        ("bank_says", shown.bank_says or say("receipt.nothing_said", lang)),
        ("why_not", shown.why_not),
        *(("why", text) for text in shown.why),
        ("todo", shown.todo),
    ]
    return [(name, text) for name, text in lines if text]


def _tables(shown: ReceiptShown) -> list[tuple[str, pd.DataFrame]]:
    is_applied = shown.state.startswith("applied")
    return [
        ("documents_applied" if is_applied else "documents_proposed", shown.documents),
        ("rivals", shown.rivals),
        ("candidates", shown.candidates),
    ]


def _text_rows(frame: pd.DataFrame, lang: Language | None) -> Iterator[str]:
    """Headings, then a row a line; the currency stands behind each amount."""
    columns = columns_of(frame, names=[str(name) for name in frame.columns if name != "currency"], lang=lang)
    yield "  " + " | ".join(column.heading for column in columns)
    codes = {column.name: currencies_of(frame, column).tolist() for column in columns}
    for at, row in enumerate(frame.to_dict("records")):
        cells = []
        for column in columns:
            code = codes[column.name][at] if column.kind == "money" else ""
            text = cell_text(row[column.name], column, code, lang, cents=True)
            cells.append(f"{text} {code}".strip())
        yield "  " + " | ".join(cells)


def note_html(text: str) -> pages.Html:
    """A sentence in the secondary colour."""
    return pages.page_html(f'<p class="wb-note">{escape(text)}</p>')


def _line(label: str, text: str) -> str:
    return (
        '<p style="margin:6px 0;max-width:88ch">'
        f'<span style="color:var(--wb-secondary)">{escape(label)}:</span> {escape(text)}</p>'
    )


def _table(frame: pd.DataFrame, title: str, lang: Language | None) -> str:
    if frame.empty:
        return ""
    caption = say(f"receipt.{title}", lang)
    columns = [str(name) for name in frame.columns if name != "currency"]
    return str(pages.table_html(frame, columns=columns, caption=caption, lang=lang, cents=True))
