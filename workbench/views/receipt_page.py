"""One receipt as an analyst looks at it: who paid, what it pays and why, its rivals, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from ..words import Language, say
from . import pages
from .columns import amount_text


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

    def money(minor: int) -> str:
        return f"{amount_text(minor, shown.currency, lang, cents=True)} {shown.currency}"

    figures = [
        pages.Figure(say("receipt.received", lang), money(shown.received)),
        pages.Figure(say("receipt.applied", lang), money(shown.applied)),
        *(
            [pages.Figure(say("receipt.applied_before", lang), money(shown.applied_before))]
            if shown.applied_before
            else []
        ),
        pages.Figure(say("receipt.left", lang), money(shown.left)),
        pages.Figure(
            say("receipt.standing", lang),
            f"{_SIGNS[shown.state]} {say(f'receipt.state_{shown.state}', lang)}",
            tone=_TONES[shown.state],
        ),
    ]
    who = say("receipt.who_known", lang, customer=shown.customer, how=shown.how)
    lines = [
        ("who", who if shown.customer else say("receipt.who_unknown", lang)),
        ("bank_says", shown.bank_says or say("receipt.nothing_said", lang)),
        ("why_not", shown.why_not),
        *(("why", text) for text in shown.why),
        ("todo", shown.todo),
    ]
    title = say("receipt.title", lang, receipt=shown.receipt_id, day=shown.day)
    is_applied = shown.state.startswith("applied")
    return pages.page_html(
        f'<p style="font-size:16px;font-weight:600;margin:8px 0">{escape(title)}</p>',
        pages.key_figures_html(figures),
        *(_line(say(f"receipt.{name}", lang), text) for name, text in lines if text),
        _table(shown.documents, "documents_applied" if is_applied else "documents_proposed", lang),
        _table(shown.rivals, "rivals", lang),
        _table(shown.candidates, "candidates", lang),
    )


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
