"""What must hold of the figures in the book whatever was done to it: TRUST's invariants, in plain sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, case, func, select

from ..tables import CASH_KINDS, WRITE_OFF_KIND
from ..write_offs import KIND, written_off
from . import schema
from .cases_in import case_of

_applied, _undone = schema.applications.c, schema.reversals.c


def sound_figures(connection: Connection) -> Iterator[tuple[str, int, list[str]]]:
    """Name of the check, how many were looked at, and the faults found."""
    yield _receipts(connection)
    yield _documents(connection)
    yield _write_offs(connection)
    yield _batches(connection)
    yield _closed_periods(connection)


def _receipts(connection: Connection) -> tuple[str, int, list[str]]:
    """I1: 0 ≤ cash applied and not reversed ≤ received."""
    receipts = schema.receipts.c
    cash = func.sum(case((_applied.kind.in_(CASH_KINDS), _applied.applied_amount), else_=0))
    query = (
        select(receipts.receipt_key, receipts.received_amount, cash)
        .join(schema.applications, _applied.receipt_key == receipts.receipt_key)
        .join(schema.reversals, _undone.application_id == _applied.application_id, isouter=True)
        .where(_undone.application_id.is_(None))
        .group_by(receipts.receipt_key, receipts.received_amount)
    )
    rows = connection.execute(query).all()
    faults = [f"receipts {key}" for key, received, total in rows if not 0 <= total <= received]
    return "receipts-applied-once", len(rows), faults


def _documents(connection: Connection) -> tuple[str, int, list[str]]:
    """I2: what applications take has the document's sign and does not exceed what it ever was."""
    items, seen, stated = schema.documents.c, schema.observations.c, schema.stated_originals.c
    largest = (
        select(func.max(func.abs(seen.open_amount)))
        .where(seen.document_key == items.document_key)
        .correlate(schema.documents)
        .scalar_subquery()
    )
    query = (
        select(
            items.document_key,
            items.original_amount,
            case((items.is_original_stated == 1, 0), else_=func.coalesce(largest, 0)),
            func.coalesce(stated.original_amount, 0),
            func.sum(_applied.applied_amount),
        )
        .join(schema.applications, _applied.document_key == items.document_key)
        .join(schema.reversals, _undone.application_id == _applied.application_id, isouter=True)
        .join(schema.stated_originals, stated.document_key == items.document_key, isouter=True)
        .where(_undone.application_id.is_(None))
        .group_by(items.document_key, items.original_amount, items.is_original_stated, stated.original_amount)
    )
    rows = connection.execute(query).all()
    faults = [
        f"documents {key}"
        for key, original, seen_open, said, total in rows
        if total * original < 0 or abs(total) > max(abs(original), seen_open, abs(said))
    ]
    return "documents-applied-once", len(rows), faults


def _write_offs(connection: Connection) -> tuple[str, int, list[str]]:
    """What stands written off of a document is what its approved cases say, to the cent, and no more."""
    cases, events = schema.cases.c, schema.case_events.c
    query = (
        select(cases.case_id)
        .join(schema.case_events, events.case_id == cases.case_id)
        .where(cases.kind == KIND, events.move == "post")
        .order_by(cases.case_id)
    )

    def rows(query: Any) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.execute(query).all()]

    told: dict[int, int] = defaultdict(int)
    for (case_id,) in rows(query):
        for key, amount in written_off(case_of(rows, str(case_id))).items():
            told[key] += amount
    standing = (
        select(_applied.document_key, func.sum(_applied.applied_amount))
        .join(schema.reversals, _undone.application_id == _applied.application_id, isouter=True)
        .where(_applied.kind == WRITE_OFF_KIND, _undone.application_id.is_(None))
        .group_by(_applied.document_key)
    )
    found = {int(str(key)): int(str(amount)) for key, amount in rows(standing)}
    keys = sorted(set(told) | set(found))
    faults = [f"documents {key}" for key in keys if told.get(key, 0) != found.get(key, 0)]
    return "write-offs-approved", len(keys), faults


def _batches(connection: Connection) -> tuple[str, int, list[str]]:
    """I5: rows in = stored + duplicate + rejected."""
    own = schema.import_batches.c
    rows = connection.execute(
        select(own.batch_key, own.rows_in, own.rows_stored + own.rows_duplicate + own.rows_rejected)
    ).all()
    return "batches-balance", len(rows), [f"import_batches {row[0]}" for row in rows if row[1] != row[2]]


def _closed_periods(connection: Connection) -> tuple[str, int, list[str]]:
    """I6: no cash was recorded, while a period was closed, with a day in it."""
    events = schema.period_events.c
    history = connection.execute(
        select(events.audit_seq, events.company_id, events.closed_through).order_by(events.event_key)
    ).all()
    faults = []
    for at, (seq, company, through) in enumerate(history):
        until = next((later[0] for later in history[at + 1 :] if later[1] == company), None)
        for table, day in schema.CASH_TABLES.items():
            own = schema.metadata.tables[table]
            key = own.primary_key.columns.values()[0]
            query = select(key).where(own.c.audit_seq > seq, own.c[day] <= through)
            query = query.where(own.c.company_id == company) if company else query
            query = query.where(own.c.audit_seq < until) if until is not None else query
            faults += [f"{table} {found}" for found in connection.execute(query.limit(1)).scalars().all()]
    return "closed-periods", len(history), faults
