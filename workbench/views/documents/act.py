"""The act of balance reconciliation, page → what its template lays out."""

from __future__ import annotations

from decimal import Decimal

from . import parts
from .content import printed
from .parts import Column
from .shapes import ActPage, Difference, Signatory
from .wording import Cell, Voice, breakable, full_cell

_DIFFERENCES = (
    Column("cause", "words", 3),
    Column("document", "words", 1.2),
    Column("ours"),
    Column("theirs"),
    Column("difference"),
    Column("owner", "words", 1.2),
    Column("until", "day"),
)
_ACTIONS = (Column("action", "words", 4), Column("owner", "words", 1.4), Column("until", "day"))


def act_data(page: ActPage, sha256: str) -> dict[str, object]:
    """Everything ``act.typ`` shows, as texts."""
    voice = Voice(page.language, page.first_language, page.currency)
    difference = None if page.their_balance is None else page.our_balance - page.their_balance
    opening = sum((part.amount for part in page.summary if part.code == "opening"), Decimal(0))
    return {
        **parts.common(
            page, voice, number=page.act_id, title="title-act", document=page.act_id, sha256=sha256
        ),
        "parties": parts.parties(page, voice, company=True),
        "facts": _facts(page, voice),
        "declaration": voice.pair(
            _declaration(page),
            company=printed(page.company.name),
            customer=printed(page.customer.name),
            cut_off=voice.date(page.cut_off),
            currency=page.currency,
            balance=voice.money(page.our_balance),
            difference=voice.money(difference),
        ),
        **parts.key_figures(
            [
                parts.figure(voice, "our-balance", page.our_balance, strong=True),
                parts.figure(voice, "their-balance", page.their_balance, strong=True),
                parts.figure(voice, "difference", difference, strong=True),
                parts.figure(voice, "overdue", parts.overdue(page.ageing)),
            ]
        ),
        "totals": parts.roll_forward(
            voice, opening, [part for part in page.summary if part.code != "opening"], page.our_balance
        ),
        "ageing": parts.ageing(voice, page.ageing),
        "differences": parts.listing(
            voice,
            "differences",
            _DIFFERENCES,
            (_difference(one, voice) for one in page.differences),
            last=[voice.word("total"), "", "", "", voice.money(_sum(page.differences)), "", ""],
            empty="differences-unknown" if page.their_balance is None else "",
        ),
        "open-items": parts.open_items(voice, page.open_items),
        "actions": parts.listing(
            voice,
            "actions",
            _ACTIONS,
            (
                [
                    full_cell(voice.text(one.action), voice),
                    breakable(voice.code("owner", one.owner)[0]),
                    voice.date(one.due_date),
                ]
                for one in page.actions
            ),
        ),
        "signatures-title": voice.pair("signatures"),
        "signatures-of": voice.pair(
            "signatures-of" if page.their_balance in (None, page.our_balance) else "signatures-of-both",
            cut_off=voice.date(page.cut_off),
            currency=page.currency,
            balance=voice.money(page.our_balance),
            theirs=voice.money(page.their_balance),
        ),
        "signatures": [_signature(page, one, place, voice) for place, one in enumerate(page.signatories)],
    }


def _facts(page: ActPage, voice: Voice) -> list[list[object]]:
    facts = [
        parts.fact(voice, "cut-off", voice.date(page.cut_off)),
        parts.fact(voice, "currency", page.currency),
        parts.fact(voice, "customer-id", printed(page.customer_id)),
    ]
    if page.period_start is not None:
        facts.insert(1, parts.fact(voice, "movements-from", voice.date(page.period_start)))
    return facts


def _declaration(page: ActPage) -> str:
    if page.their_balance is None:
        return "declaration-silent"
    return "declaration-agreed" if page.their_balance == page.our_balance else "declaration-differs"


def _difference(one: Difference, voice: Voice) -> list[Cell]:
    return [
        full_cell(voice.code("difference", one.cause), voice, one.note),
        breakable(printed(one.document)),
        voice.money(one.ours),
        voice.money(one.theirs),
        voice.money(one.amount),
        breakable(voice.code("owner", one.owner)[0]),
        voice.date(one.due_date),
    ]


def _sum(differences: tuple[Difference, ...]) -> Decimal:
    return sum((one.amount for one in differences), Decimal(0))


def _signature(page: ActPage, one: Signatory, place: int, voice: Voice) -> dict[str, object]:
    party = page.company if one.side == "us" else page.customer
    fields = (
        ("signatory", one.name),
        ("role", one.role),
        ("person-id", one.person_id),
        ("place", one.place),
        ("signed-on", voice.date(one.date) if one.date else ""),
    )
    return {
        "key": f"{one.side}-{place}",
        "side": voice.pair("side-company" if one.side == "us" else "side-customer"),
        "party": breakable(printed(party.name)),
        "fields": [[voice.pair(key), breakable(printed(value))] for key, value in fields],
    }
