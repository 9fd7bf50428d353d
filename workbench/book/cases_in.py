"""Cases into the book: opened once, then moved; each move judged by its machine inside the writer's lock."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from ..cases import OPEN, Brought, Case, CaseEvent, CaseItem, Machine, NewCase, next_state
from ..errors import PostingRefusedError
from .canonical import canonical_json, content_sha256
from .opened import Book
from .schema import case_events, case_items, cases
from .transactions import Posting, writing

_CASE = (
    "case_id", "kind", "company_id", "customer_id", "currency", "period", "as_of_date", "subject_key",
    "case_amount", "content", "content_sha256", "opened_by", "opened_date",
)  # fmt: skip
_EVENT = (
    "case_id", "number", "operation_id", "move", "state", "event_date", "reason", "content", "file_sha256",
    "who",
)  # fmt: skip
_ITEM = (
    "case_id", "item_number", "item_kind", "item_key", "item_id", "currency", "item_amount", "note",
)  # fmt: skip

#: What a move writes beside its event, in the same transaction; it sees the case as it was before.
Also = Callable[[Posting, Case], None]


def open_case(
    book: Book, machine: Machine, case: NewCase, *, who: str, on: dt.date, reason: str = ""
) -> bool:
    """A new case in its machine's first state; gives whether it is new.

    The same case again changes nothing; the same id with another content, amount or items is refused
    (``case-opened-otherwise``), as is a case without a name or a person.
    """
    with writing(book, "open-case", who=who) as posting:
        return enter_case(posting, machine, case, on=on, reason=reason)


def enter_case(posting: Posting, machine: Machine, case: NewCase, *, on: dt.date, reason: str = "") -> bool:
    """:func:`open_case` inside a transaction that does more: many cases, or a case with its postings."""
    case_id, who = case.case_id, posting.who
    if not case_id or not who:
        raise PostingRefusedError("case-without-name", case=case_id, kind=machine.kind, who=who)
    told = canonical_json(dict(case.content))
    held = [
        (case_id, number, one.item_kind, one.item_key, one.item_id, one.currency, one.item_amount, one.note)
        for number, one in enumerate(case.items, start=1)
    ]
    row = (
        case_id, machine.kind, case.company_id, case.customer_id, case.currency, case.period,
        case.as_of.isoformat() if case.as_of else "", case.subject_key, case.case_amount, told,
        content_sha256([told, [list(item[2:]) for item in held]]), who, on.isoformat(),
    )  # fmt: skip
    compared = [name for name in _CASE if name not in ("opened_by", "opened_date")]
    known = posting.rows(select(*(cases.c[name] for name in compared)).where(cases.c.case_id == case_id))
    if known:
        if known[0] != tuple(value for name, value in zip(_CASE, row, strict=True) if name in compared):
            raise PostingRefusedError("case-opened-otherwise", case=case_id, kind=machine.kind)
        return False
    operation = f"case:{case_id}"
    if posting.is_repeat(operation, list(row)):
        raise PostingRefusedError("case-opened-otherwise", case=case_id, kind=machine.kind)
    posting.insert("cases", _CASE, [row])
    posting.insert("case_items", _ITEM, held)
    first = (case_id, 1, operation, OPEN, machine.initial, on.isoformat(), reason, "{}", "", who)
    posting.insert("case_events", _EVENT, [first])
    return True


def move_case(
    book: Book, machine: Machine, case: Case, move: str, brought: Brought, *, also: Also | None = None
) -> str:
    """Move a case as it was read, and give its state after it; the same again changes nothing.

    The machine judges under the lock, on the case as it stands then; ``also`` writes what belongs to the move
    in the same transaction. Raises :class:`MoveRefusedError` (nothing is written) or
    :class:`PostingRefusedError` for a case that the book does not have or that is of another kind.
    """
    with writing(book, "move-case", who=brought.who) as posting:
        operation = case.next_operation(move)
        return enter_move(posting, machine, case.case_id, move, brought, operation_id=operation, also=also)


def enter_move(
    posting: Posting,
    machine: Machine,
    case_id: str,
    move: str,
    brought: Brought,
    *,
    operation_id: str,
    also: Also | None = None,
) -> str:
    """:func:`move_case` inside a transaction that does more."""
    told, on = canonical_json(dict(brought.content)), brought.on.isoformat()
    case = case_within(posting, case_id)
    if case.kind != machine.kind:
        raise PostingRefusedError("case-of-another-kind", case=case_id, kind=case.kind, expected=machine.kind)
    kept = (on, brought.reason, told, brought.file_sha256, brought.who)
    if posting.is_repeat(operation_id, [case_id, move, *kept]):
        return _state_given(posting, operation_id)
    state = next_state(machine, case, move, brought)
    posting.insert(
        "case_events", _EVENT, [(case_id, case.events[-1].number + 1, operation_id, move, state, *kept)]
    )
    posting.subject.update(case=case_id, kind=case.kind, move=move, state=state)
    if also is not None:
        also(posting, case)
    return state


def _state_given(posting: Posting, operation_id: str) -> str:
    query = select(case_events.c.state).where(case_events.c.operation_id == operation_id)
    return str(posting.rows(query)[0][0])


def case_within(posting: Posting, case_id: str) -> Case:
    """The case as it stands under the writer's lock."""
    return case_of(posting.rows, case_id)


def case_of(rows: Callable[[Any], list[tuple[object, ...]]], case_id: str) -> Case:
    """The case that ``rows`` finds, with its events and items; refused where there is none of that name."""
    found = rows(select(*(cases.c[name] for name in _CASE)).where(cases.c.case_id == case_id))
    if not found:
        raise PostingRefusedError("case-unknown", case=case_id)
    own = dict(zip(_CASE, found[0], strict=True))
    events = rows(
        select(*(case_events.c[name] for name in _EVENT))
        .where(case_events.c.case_id == case_id)
        .order_by(case_events.c.number)
    )
    items = rows(
        select(*(case_items.c[name] for name in _ITEM))
        .where(case_items.c.case_id == case_id)
        .order_by(case_items.c.item_number)
    )
    return Case(
        **{name: str(own[name]) for name in ("case_id", "kind", "company_id", "customer_id", "currency")},
        period=str(own["period"]),
        as_of=dt.date.fromisoformat(str(own["as_of_date"])) if own["as_of_date"] else None,
        subject_key=str(own["subject_key"]),
        case_amount=int(str(own["case_amount"])),
        content=json.loads(str(own["content"])),
        events=tuple(_event(dict(zip(_EVENT, row, strict=True))) for row in events),
        items=tuple(_item(dict(zip(_ITEM, row, strict=True))) for row in items),
    )


def _event(row: Mapping[str, object]) -> CaseEvent:
    return CaseEvent(
        number=int(str(row["number"])),
        move=str(row["move"]),
        state=str(row["state"]),
        event_date=dt.date.fromisoformat(str(row["event_date"])),
        reason=str(row["reason"]),
        content=json.loads(str(row["content"])),
        file_sha256=str(row["file_sha256"]),
        who=str(row["who"]),
    )


def _item(row: Mapping[str, object]) -> CaseItem:
    return CaseItem(
        item_kind=str(row["item_kind"]),
        item_key=int(str(row["item_key"])),
        item_id=str(row["item_id"]),
        currency=str(row["currency"]),
        item_amount=int(str(row["item_amount"])),
        note=str(row["note"]),
    )
