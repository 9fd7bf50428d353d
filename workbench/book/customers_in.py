"""Customers into the book: each change is a new version; an extract's own customers only where unknown."""

from __future__ import annotations

import pandas as pd

from ..tables import CUSTOMERS
from .batches import ImportBatch, Outcome, StoreResult, conclude
from .frames import raw_columns
from .lookups import enter_companies, existing
from .transactions import Posting

_COLUMNS = list(CUSTOMERS.columns)


def _versions(
    posting: Posting, frame: pd.DataFrame
) -> tuple[list[tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """The frame's rows, and the latest version of those whose customer the book knows."""
    rows = list(zip(*raw_columns(CUSTOMERS.conform(frame), CUSTOMERS.columns), strict=True))
    found = existing(
        posting,
        "customers",
        ["company_id", "customer_id"],
        [row[:2] for row in rows],
        ["version_key", *_COLUMNS],
    )
    latest: dict[int, tuple[int, tuple[str, ...]]] = {}
    for position, version, *values in found:
        if position not in latest or version > latest[position][0]:
            latest[position] = (version, tuple(values))
    return rows, {position: values for position, (_, values) in latest.items()}


def enter_unknown_customers(posting: Posting, batch: ImportBatch) -> None:
    """Those that the extract itself names and the book has never met; known ones keep their master data."""
    if batch.customers.empty:
        return
    rows, known = _versions(posting, batch.customers)
    fresh = {row[:2]: row for position, row in reversed(list(enumerate(rows))) if position not in known}
    batch_key = posting.next_key("import_batches")
    posting.insert("customers", [*_COLUMNS, "batch_key"], [(*fresh[key], batch_key) for key in sorted(fresh)])


def store_customers(posting: Posting, outcome: Outcome) -> StoreResult:
    """Master data: a customer that says something new gets a new version."""
    rows, known = _versions(posting, _with_absent(outcome.batch.frame))
    outcome.companies.update(row[0] for row in rows)
    enter_companies(posting, outcome.companies)
    last: dict[tuple[str, ...], tuple[str, ...]] = {}
    fresh = []
    for position, row in enumerate(rows):
        before = last.get(row[:2], known.get(position))
        if before != row:
            fresh.append((*row, outcome.batch_key))
            outcome.stored.add(position)
        last[row[:2]] = row
    posting.insert("customers", [*_COLUMNS, "batch_key"], fresh)
    return conclude(posting, outcome, {})


def _with_absent(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: "" for name in _COLUMNS if name not in frame})
