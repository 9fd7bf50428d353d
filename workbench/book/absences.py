"""Items that a complete extract no longer shows: cleared by its day, with a finding.

For each pair of neighbouring complete extracts of one source and company: what the earlier shows open and the
later does not show at all is absent from the later. A file that comes late is laid between its neighbours,
so the order of files is free.
"""

from __future__ import annotations

import json

from sqlalchemy import func, select

from . import schema
from .batches import Outcome
from .lookups import existing
from .transactions import Posting

#: Items by key: number, open amount, currency.
_Shown = dict[int, tuple[str, int, str]]

_batches, _seen, _items = schema.import_batches.c, schema.observations.c, schema.documents.c


def enter_absences(posting: Posting, outcome: Outcome, present: set[int]) -> None:
    """Sights of 0, marked absent: of this extract against the one before, of the one after against it."""
    day = outcome.batch.extract_date.isoformat()
    for company in sorted(outcome.companies):
        days = _days_of_complete_extracts(posting, outcome, company)
        before = max((other for other in days if other < day), default=None)
        after = min((other for other in days if other > day), default=None)
        if before is not None:
            shown = _shown_open(posting, outcome, company, before)
            there = present | _seen_on(posting, company, day)
            _enter(posting, outcome, company, shown.keys() - there, shown, day, _unreadable(outcome))
        if after is not None:
            shown = _shown_open(posting, outcome, company, day)
            there = _seen_on(posting, company, after)
            kept = _unreadable_then(posting, outcome, after)
            _enter(posting, outcome, company, shown.keys() - there, shown, after, kept)


def _days_of_complete_extracts(posting: Posting, outcome: Outcome, company: str) -> set[str]:
    query = select(_batches.extract_date, _batches.companies).where(
        _batches.source == outcome.batch.source, _batches.is_complete == 1, _batches.status != "rejected"
    )
    rows = posting.connection.execute(query).all()
    return {str(day) for day, companies in rows if company in json.loads(companies)}


def _shown_open(
    posting: Posting, outcome: Outcome, company: str, day: str
) -> dict[int, tuple[str, int, str]]:
    """Items that this source showed open on that day."""
    own_batches = select(_batches.batch_key).where(_batches.source == outcome.batch.source)
    newest = (
        select(func.max(_seen.observation_key))
        .join(schema.documents)
        .where(_items.company_id == company, _seen.observed_date == day)
        .where(_seen.batch_key.in_(own_batches) | (_seen.batch_key == outcome.batch_key))
        .group_by(_seen.document_key)
    )
    query = (
        select(_seen.document_key, _items.document_number, _seen.open_amount, _items.currency)
        .join(schema.documents)
        .where(_seen.observation_key.in_(newest), _seen.is_absent == 0, _seen.open_amount != 0)
    )
    return {
        int(key): (str(number), int(amount), str(currency))
        for key, number, amount, currency in posting.connection.execute(query).all()
    }


def _seen_on(posting: Posting, company: str, day: str) -> set[int]:
    """Items that some extract of that day shows, open or not, but for those found absent."""
    query = (
        select(_seen.document_key)
        .join(schema.documents)
        .where(_items.company_id == company, _seen.observed_date == day, _seen.is_absent == 0)
    )
    return {int(key) for key in posting.connection.execute(query).scalars().all()}


def _unreadable(outcome: Outcome) -> str:
    """The text of this file's rows that could not be read: an item named there may be present after all."""
    return "\n".join(outcome.batch.rejected["raw"].tolist())


def _unreadable_then(posting: Posting, outcome: Outcome, day: str) -> str:
    rows = schema.rejected_rows.c
    query = (
        select(rows.raw)
        .join(schema.import_batches, _batches.batch_key == rows.batch_key)
        .where(_batches.source == outcome.batch.source, _batches.extract_date == day)
    )
    return "\n".join(posting.connection.execute(query).scalars().all())


def _enter(
    posting: Posting,
    outcome: Outcome,
    company: str,
    absent: set[int],
    shown: _Shown,
    day: str,
    unreadable: str,
) -> None:
    gone = sorted(key for key in absent if shown[key][0] not in unreadable)
    columns = ["document_key", "observed_date", "open_amount", "is_absent", "payment_block", "dunning_level"]
    rows = [(key, day, 0, 1, "", "") for key in gone]
    old = {row[0] for row in existing(posting, "observations", columns, rows, [])}
    fresh = [row for number, row in enumerate(rows) if number not in old]
    posting.insert("observations", [*columns, "batch_key"], [(*row, outcome.batch_key) for row in fresh])
    for key in (row[0] for row in fresh):
        number, amount, currency = shown[key]
        outcome.find(
            "item-absent-from-extract",
            key=f"{company}/{number}",
            amount=amount,
            currency=currency,
            document=number,
            company=company,
            extract_date=day,
        )
