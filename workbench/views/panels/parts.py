"""What the panels share: the style, a table with selection, messages in place, a busy sign, downloads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

import anywidget
import ipywidgets
import pandas as pd
import traitlets

from ...words import Language, formats, say
from .. import pages
from ..columns import Column, cell_text, currencies_of

#: A recomputation that takes longer says so.
BUSY_AFTER_SECONDS = 0.5
#: Rows a table holds in the browser; the download has them all.
MOST_ROWS = 2_000


@dataclass(frozen=True)
class Download:
    """A file to hand to the reader."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DownloadButton(anywidget.AnyWidget):
    """A button that asks ``make`` for a file and hands it over; ``click()`` does it without a browser."""

    label = traitlets.Unicode().tag(sync=True)
    _esm = resources.files(__package__).joinpath("download.js").read_text(encoding="utf-8")

    def __init__(self, label: str, make: Callable[[], Download | None]) -> None:
        super().__init__(label=label)
        self._make = make
        self.handed: Download | None = None
        self.on_msg(lambda _widget, _content, _buffers: self.click())

    def click(self) -> None:
        """Make the file and send it to the browser; nothing happens where nothing could be made."""
        self.handed = file = self._make()
        # An answer without a file frees the button again.
        about = {"name": file.name, "mime": file.mime} if file else {}
        self.send(about, buffers=[file.content] if file else None)


def style(*, dark: bool) -> Any:
    """The panels' CSS, with the colours of the theme."""
    del dark  # both looks are in the rules; the panel's class chooses
    css = resources.files(__package__).joinpath("panel.css").read_text(encoding="utf-8")
    return ipywidgets.HTML(f"<style>{pages.css()}{css}</style>", layout={"display": "none"})


def shell(children: Sequence[Any], *, dark: bool) -> Any:
    """A panel's outermost box."""
    box = ipywidgets.VBox([style(dark=dark), *children])
    for name in ("wb", "wb-shell", *(("wb-dark",) if dark else ())):
        box.add_class(name)
    return box


def bare(html: str) -> str:
    """A piece of ``pages`` without its style, which the shell brings once."""
    return html.partition("</style>")[2].replace('<div class="wb">', "<div>")


def message_html(text: str, tone: str = "note") -> str:
    """What happened and what to do, where the eye is; ``tone``: note, busy, attention, wrong."""
    if not text:
        return ""
    sign = {"busy": "◌", "attention": "!", "wrong": "✗"}.get(tone, "i")
    role = "alert" if tone == "wrong" else "status"
    return (
        f'<div class="wb-message wb-message-{escape(tone)}" role="{role}">'
        f'<span class="wb-sign" aria-hidden="true">{sign}</span><span>{escape(text)}</span></div>'
    )


@contextmanager
def busy(place: Any, lang: Language) -> Iterator[None]:
    """Say in ``place`` (an HTML widget) that work is going on, if it lasts over half a second."""
    before = place.value
    timer = threading.Timer(
        BUSY_AFTER_SECONDS, lambda: setattr(place, "value", message_html(say("panels.busy", lang), "busy"))
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if place.value != before and "wb-message-busy" in place.value:
            place.value = before


def table_options(
    frame: pd.DataFrame, columns: Sequence[Column], lang: Language
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The frame as texts, and DataTables' options: right-aligned numbers that sort as numbers."""
    head = frame.head(MOST_ROWS)
    texts: dict[str, list[str]] = {}
    orders: dict[str, list[float]] = {}
    definitions: list[dict[str, Any]] = []
    for place, column in enumerate(columns):
        codes = currencies_of(head, column).tolist() if column.kind == "money" else [""] * len(head)
        values = head[column.name].tolist()
        heading = column.heading if column.heading not in texts else f"{column.heading} ({column.name})"
        texts[heading] = [
            cell_text(value, column, code, lang) for value, code in zip(values, codes, strict=True)
        ]
        if column.kind in ("money", "integer", "date", "instant"):
            hidden = len(columns) + len(orders)
            orders[f"·{place}"] = [_order(value) for value in values]
            definitions.append({"targets": [place], "orderData": [hidden]})
        if column.is_right_aligned:
            definitions.append({"targets": [place], "className": "dt-right"})
    if orders:
        hidden_places = list(range(len(columns), len(columns) + len(orders)))
        definitions.append({"targets": hidden_places, "visible": False, "searchable": False})
    options = {
        "columnDefs": definitions,
        "order": [],
        "select": {"style": "single", "info": False},
        "keys": True,
        "pageLength": 15,
        "lengthMenu": [15, 50, 200],
        "maxBytes": 0,
        "maxColumns": 0,
        "showIndex": False,
        "language": _datatable_words(lang),
        "layout": {"topStart": "search", "topEnd": None, "bottomStart": "info", "bottomEnd": "paging"},
        "classes": "wb-grid nowrap",
        "style": "table-layout:auto;width:100%;margin:0",
        "allow_html": False,
    }
    return pd.DataFrame({**texts, **orders}), options


def _order(value: object) -> float:
    """Absent values sort before all others."""
    if value is None or value is pd.NaT:
        return -1e18
    if isinstance(value, pd.Timestamp):
        return float(value.timestamp())
    return float(str(value))


def _datatable_words(lang: Language) -> dict[str, Any]:
    names = ("search", "info", "infoEmpty", "infoFiltered", "zeroRecords", "emptyTable", "lengthMenu")
    numbers = {"decimal": ",", "thousands": "."} if lang == "es" else {"decimal": ".", "thousands": ","}
    return {
        **{name: say(f"panels.table-{name}", lang) for name in names},
        **numbers,
        "paginate": {"first": "«", "previous": "‹", "next": "›", "last": "»"},
    }


def cut_note(frame: pd.DataFrame, lang: Language) -> str:
    """A word where the browser holds only the first rows."""
    if len(frame) <= MOST_ROWS:
        return ""
    shown, count = formats.integer_text(MOST_ROWS, lang), formats.integer_text(len(frame), lang)
    return f'<p class="wb-note">{escape(say("panels.cut", lang, shown=shown, count=count))}</p>'
