"""The statement of account, page → what its template lays out."""

from __future__ import annotations

from decimal import Decimal

from . import parts
from .content import printed
from .parts import Column
from .shapes import StatementPage
from .wording import Voice, breakable, cell

_CHARGES = ("invoice", "debit_note")
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_LATE = f"{_NARROW}†"
_COLUMNS = (
    Column("date", "day"),
    Column("kind", "words", 1.4),
    Column("document", "words", 1.5),
    Column("reference", "words", 1.7),
    Column("amount"),
    Column("balance"),
)


def statement_data(page: StatementPage, sha256: str) -> dict[str, object]:
    """Everything ``statement.typ`` shows, as texts."""
    voice = Voice(page.language, page.first_language, page.currency)
    charged = sum((part.amount for part in page.totals if part.code in _CHARGES), Decimal(0))
    late = sum((part.amount for part in page.totals if part.code == "late"), Decimal(0))
    reduced = page.closing - page.opening - charged - late
    period = f"{voice.date(page.period_start)} – {voice.date(page.period_end)}"
    return {
        **parts.common(
            page,
            voice,
            number=page.statement_id,
            title="title-statement",
            document=page.statement_id,
            sha256=sha256,
        ),
        "parties": parts.parties(page, voice, company=False),
        "facts": [
            parts.fact(voice, "customer-id", printed(page.customer_id)),
            parts.fact(voice, "period", period),
            parts.fact(voice, "currency", page.currency),
        ],
        **parts.key_figures(
            [
                parts.figure(voice, "kind-opening", page.opening),
                *([parts.figure(voice, "late", late)] if late else []),
                parts.figure(voice, "charged", charged),
                parts.figure(voice, "reduced", reduced),
                parts.figure(voice, "kind-closing", page.closing, strong=True),
                parts.figure(voice, "overdue", parts.overdue(page.ageing)),
            ]
        ),
        "movements": parts.listing(
            voice,
            "movements",
            _COLUMNS,
            (
                [
                    voice.date(one.date),
                    voice.code("kind", one.kind)[0] + (_LATE if one.is_late else ""),
                    breakable(printed(one.document)),
                    cell(one.reference, voice),
                    voice.money(one.amount),
                    voice.money(one.balance),
                ]
                for one in page.movements
            ),
            first=["", voice.word("kind-opening"), "", "", "", voice.money(page.opening)],
            last=["", voice.word("kind-closing"), "", "", "", voice.money(page.closing)],
            legend=_legend(page, voice),
        ),
        "totals": parts.roll_forward(voice, page.opening, page.totals, page.closing),
        "ageing": parts.ageing(voice, page.ageing),
        "open-items": parts.open_items(voice, page.open_items),
    }


def _legend(page: StatementPage, voice: Voice) -> str:
    kinds = parts.kinds_legend(voice, (one.kind for one in page.movements))
    late = [f"†{_NARROW}{said}" for said in voice.pair("late-mark") if said]
    return " · ".join(filter(None, (kinds, *(late if any(one.is_late for one in page.movements) else ()))))
