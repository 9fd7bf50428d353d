"""Parts that both documents have, as the templates take them: plain texts, nothing that is read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..theme import LIGHT
from .content import printed
from .shapes import Amount, OpenItem, Page, Proof, Text
from .wording import Cell, Pair, Voice, breakable

_PAPERS = {"a4": "a4", "letter": "us-letter"}
#: Width of the text, points (180 mm).
_WIDTH = 510
#: Width of a figure's signs as shares of the type size, in bold (the widest there is).
_DIGIT, _POINT, _LETTER = 0.5, 0.27, 0.6
#: Rows of a short table stay whole; of a long one they are a line each, which cannot break anyway.
_MOST_WHOLE = 60
_TALL = 600
#: Letters of a name in head and foot of a page.
_SHORT = 44
_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)


@dataclass(frozen=True)
class Column:
    """``label``: a key of the catalogue. ``kind``: ``number`` (right-aligned), ``day`` or ``words``.

    Numbers and days take the width they need; what is left goes to ``words`` by ``width``.
    """

    label: str
    kind: str = "number"
    width: float = 1


def common(
    page: Page, voice: Voice, *, number: str, title: str, document: str, sha256: str
) -> dict[str, object]:
    """Head, footer, paper and look of a document."""
    name, customer = printed(page.company.name), printed(page.customer.name)
    number = printed(number)
    return {
        "look": {"text": LIGHT.text, "secondary": LIGHT.secondary, "rule": LIGHT.rule, "panel": LIGHT.panel},
        "paper": _PAPERS[page.paper],
        "lang": voice.first,
        "second-lang": voice.second or voice.first,
        "title": voice.pair(title),
        "number": number,
        "number-cell": breakable(f"{voice.word('number')} {number}"),
        "author": name,
        "company": voice.party(page.company),
        "footer": {
            "about": f"{voice.word(title)} {_short(number)} · {_short(name)} · {_short(customer)}",
            "running": f"{_short(customer)} · {_short(number)}",
            "page": voice.word("page", page="#1", pages="#2"),
            "lines": _footer(page.proof, voice, sha256),
        },
        "attachment": voice.word("attachment", document=document),
        "notes-title": voice.pair("notes"),
        "notes": [
            [breakable(first), breakable(second)]
            for first, second in (*map(voice.text, page.notes), *_formats_note(voice))
        ],
    }


def _short(text: str) -> str:
    """What stands whole on the first page, in the room that head and foot of every page have."""
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"


def _footer(proof: Proof, voice: Voice, sha256: str) -> list[str]:
    asked = voice.word("asked", as_of=voice.date(proof.as_of), known_at=voice.instant(proof.known_at))
    anchor = voice.word("anchor", anchor=proof.anchor or "–", rows=voice.days(proof.anchor_rows))
    return [voice.word("content-hash", sha256=sha256), anchor, asked]


def _formats_note(voice: Voice) -> Iterable[Pair]:
    """Who reads the second language is told how the figures are written."""
    if voice.second:
        yield "", voice.pair(f"formats-{voice.first}")[1]


def parties(page: Page, voice: Voice, *, company: bool) -> list[dict[str, object]]:
    """The customer, and beside it the company where both are parties (an act)."""
    sides = [("company", page.company)] if company else []
    return [
        {"label": voice.pair(key), **voice.party(party)}
        for key, party in [*sides, ("customer", page.customer)]
    ]


def key_figures(figures: Sequence[dict[str, object]]) -> dict[str, object]:
    """The key figures, all set in one size: as large as the longest of them allows."""
    longest = max(_breadth(str(one["value"])) for one in figures)
    room = (_WIDTH - 16 - 10 * (len(figures) - 1)) / len(figures)
    return {"keys": list(figures), "keys-size": min(12.0, round(room / longest, 2))}


def figure(voice: Voice, key: str, amount: Decimal | None, *, strong: bool = False) -> dict[str, object]:
    """One of the key figures."""
    return {"label": voice.pair(key), "value": voice.money(amount), "strong": strong}


def listing(
    voice: Voice,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    first: Sequence[Cell] = (),
    last: Sequence[Cell] = (),
    legend: str = "",
    empty: str = "",
) -> dict[str, object]:
    """A table over as many pages as it takes, set as large as its widest figures allow."""
    rows = list(rows)
    return {
        "title": voice.pair(title),
        "empty": voice.pair(empty or f"{title}-none"),
        "columns": [
            {
                "label": voice.pair(f"column-{one.label}", currency=voice.currency),
                "kind": one.kind,
                "width": one.width,
            }
            for one in columns
        ],
        "rows": rows,
        "first": list(first),
        "last": list(last),
        "legend": legend,
        "size": _size(columns, [*rows, first, last]),
        "whole": len(rows) <= _MOST_WHOLE and not any(_is_tall(cell) for row in rows for cell in row),
    }


def _is_tall(cell: Cell) -> bool:
    """Whether a cell might need a page of its own: its row may then break."""
    return sum(map(len, cell.values())) > _TALL if isinstance(cell, dict) else len(cell) > _TALL


def _size(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> float:
    """The largest type at which numbers and days leave two fifths of the width to the words."""
    narrow = [place for place, column in enumerate(columns) if column.kind != "words"]
    widest = dict.fromkeys(narrow, 0.0)
    for row in rows:
        if row:
            for place in narrow:
                cell = row[place]
                if isinstance(cell, str):
                    widest[place] = max(widest[place], _breadth(cell))
    fixed = sum(widest.values())
    words = any(column.kind == "words" for column in columns)
    room = _WIDTH * (0.6 if words else 1) - 6 * len(columns)
    return next((size for size in _SIZES if fixed * size <= room), _SIZES[-1])


def _breadth(figure: str) -> float:
    """How broad a figure or day is, in type sizes."""
    return sum(_DIGIT if sign.isdigit() else _POINT if sign in ".,/" else _LETTER for sign in figure)


def kinds_legend(voice: Voice, kinds: Iterable[str]) -> str:
    """``Factura = Invoice · …``: what the codes of a long table mean in the second language."""
    if not voice.second:
        return ""
    pairs = [voice.code("kind", kind) for kind in dict.fromkeys(kinds)]
    return " · ".join(f"{first} = {second}" for first, second in pairs if second)


OPEN_COLUMNS = (
    Column("document", "words", 1.5),
    Column("kind", "words", 1.3),
    Column("issue-date", "day"),
    Column("due-date", "day"),
    Column("days-overdue"),
    Column("original"),
    Column("open"),
)


def open_items(voice: Voice, items: Sequence[OpenItem]) -> dict[str, object]:
    """The open list with its total; the customer reads the document's number as they know it."""
    total = sum((item.open for item in items), Decimal(0))
    return listing(
        voice,
        "open-items",
        OPEN_COLUMNS,
        (
            [
                breakable(printed(item.document)),
                voice.code("kind", item.kind)[0],
                voice.date(item.issue_date),
                voice.date(item.due_date),
                voice.days(_late(item)),
                voice.money(item.original),
                voice.money(item.open),
            ]
            for item in items
        ),
        last=[voice.word("total"), "", "", "", "", "", voice.money(total)],
        legend=kinds_legend(voice, (item.kind for item in items)),
    )


def _late(item: OpenItem) -> int | None:
    """Days past due; a document that is not due has none to show."""
    return item.days_overdue if item.days_overdue is not None and item.days_overdue > 0 else None


def ageing(voice: Voice, ranges: Sequence[Amount]) -> dict[str, object]:
    """Every range with its amount and share, the total set off."""
    whole = sum((part.amount for part in ranges), Decimal(0))
    rows = [
        row(voice, voice.age_range(part.code), part.amount, share=voice.share(part.amount, whole))
        for part in ranges
    ]
    rows.append(row(voice, voice.pair("total"), whole, share=voice.share(whole, whole), strong=True))
    return _summary(voice, "ageing", ("range", "amount", "share"), rows)


def roll_forward(
    voice: Voice, opening: Decimal, parts: Sequence[Amount], closing: Decimal
) -> dict[str, object]:
    """Opening, the movements by kind, closing."""
    rows = [row(voice, voice.pair("kind-opening"), opening)]
    rows += [row(voice, voice.code("kind", part.code), part.amount) for part in parts]
    rows.append(row(voice, voice.pair("kind-closing"), closing, strong=True))
    return _summary(voice, "totals", ("item", "amount", "share"), rows)


def row(
    voice: Voice, label: Pair, amount: Decimal, *, share: str = "", strong: bool = False
) -> dict[str, object]:
    """One line of a short table."""
    return {"label": label, "amount": voice.money(amount), "share": share, "strong": strong}


def _summary(
    voice: Voice, title: str, heads: Sequence[str], rows: list[dict[str, object]]
) -> dict[str, object]:
    said = [voice.pair(f"column-{head}", currency=voice.currency) for head in heads]
    return {"title": voice.pair(title), "heads": said, "rows": rows}


def overdue(ranges: Sequence[Amount]) -> Decimal:
    """What is past due: every range but what is not due and what is not applied."""
    late = (part.amount for part in ranges if part.code not in ("not_due", "unapplied"))
    return sum(late, Decimal(0))


def fact(voice: Voice, key: str, value: str) -> list[object]:
    """A labelled fact beside the parties."""
    return [voice.pair(key), breakable(value)]


def cells(texts: Iterable[Text], voice: Voice) -> list[Cell]:
    """Free texts as cells."""
    return [breakable(voice.text(text)[0]) for text in texts]


__all__ = [
    "Column",
    "ageing",
    "cells",
    "common",
    "fact",
    "figure",
    "key_figures",
    "listing",
    "open_items",
    "overdue",
    "parties",
    "roll_forward",
]
