"""Applications undone: whole, once, dated, and never one leg of what belongs together.

Source: TRUST, I1, I4; DOMAIN 22.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from ..errors import PostingRefusedError
from ..tables import CASH_KINDS
from . import schema
from .applied import Posted, cash_in_force, check_on_account, check_open, rows_by_key, undone
from .exchanged import is_half_exchanged
from .lines_in import closed_days
from .lookups import existing
from .opened import Book
from .signed_balances import check_signed_acts
from .transactions import Posting, writing


def reverse(
    book: Book,
    application_ids: Collection[str],
    *,
    effective_date: dt.date,
    reason: str,
    operation_id: str,
    who: str = "",
    step_key: str = "",
) -> Posted:
    """Undo applications whole, from ``effective_date`` on; what was reported before that day stays as it was.

    Each application is reversed once. The legs of a set-off go together, and what is left of a receipt must
    still fit what came in; else :class:`PostingRefusedError`, and nothing is written.
    """
    with writing(book, "reverse", who=who) as posting:
        return enter_reversals(
            posting, application_ids, effective_date=effective_date, reason=reason,
            operation_id=operation_id, step_key=step_key,
        )  # fmt: skip


def enter_reversals(
    posting: Posting,
    application_ids: Collection[str],
    *,
    effective_date: dt.date,
    reason: str,
    operation_id: str,
    step_key: str = "",
) -> Posted:
    """:func:`reverse` inside a transaction that enters more than that."""
    ids = sorted(set(application_ids))
    day = effective_date.isoformat()
    if posting.is_repeat(operation_id, [ids, day, reason]):
        return Posted(0, len(ids))
    columns = ["company_id", "effective_date", "receipt_key", "operation_id"]
    found = existing(posting, "applications", ["application_id"], [(one,) for one in ids], columns)
    missing = set(ids) - {ids[row[0]] for row in found}
    again = undone(posting, ids)
    if missing or again:
        rule = "reversal-without-application" if missing else "application-already-reversed"
        raise PostingRefusedError(rule, application=min(missing or again))
    closed = closed_days(posting)
    for number, company, applied_on, _, _ in found:
        if day < applied_on:
            raise PostingRefusedError(
                "reversal-too-early", application=ids[number], date=day, earliest=applied_on
            )
        check_open(closed, company, day)
    check_signed_acts(posting, ids, day)
    names = [
        "application_id",
        "operation_id",
        "company_id",
        "effective_date",
        "reason",
        "step_key",
        "who",
    ]
    rows = [(ids[row[0]], operation_id, row[1], day, reason, step_key, posting.who) for row in found]
    posting.insert("reversals", names, rows)
    posting.subject.update(operation=operation_id, applications=len(rows))
    _check_what_is_left(posting, {row[3] for row in found} - {None}, {row[4] for row in found})
    return Posted(len(ids), 0)


def _check_what_is_left(posting: Posting, receipt_keys: set[int], operations: set[str]) -> None:
    received = rows_by_key(posting, "receipts", receipt_keys, ["received_amount", "receipt_id"])
    for key, total in cash_in_force(posting, sorted(receipt_keys)).items():
        if not 0 <= total <= received[key][0]:
            raise PostingRefusedError("reversal-leaves-one-leg", receipt=received[key][1], document="")
    check_on_account(posting, receipt_keys)
    own = schema.applications.c
    legs = posting.connection.execute(
        select(own.application_id, own.operation_id, own.kind, own.applied_amount).where(
            own.operation_id.in_(sorted(operations)), own.receipt_key.is_(None)
        )
    ).all()
    taken_back = undone(posting, [leg[0] for leg in legs])
    sums: dict[str, int] = defaultdict(int)
    for application_id, operation, kind, amount in legs:
        if kind in CASH_KINDS and application_id not in taken_back:
            sums[operation] += amount
    if any(sums.values()) or is_half_exchanged(posting, operations):
        raise PostingRefusedError("reversal-leaves-one-leg", receipt="", document="")
