"""What customers say they owe into the book: each list whole, as it was sent on its day.

A list is never merged with another: the newest of a customer and currency holds, and the ones before it stay
to be asked for. The same bytes again are known by the import itself.
"""

from __future__ import annotations

from typing import Any

from ..tables import CUSTOMER_LEDGER_LINES
from .batches import Outcome, StoreResult, conclude, sums_of
from .frames import raw_column
from .lookups import enter_companies
from .transactions import Posting

_NAMES = [
    name for name in CUSTOMER_LEDGER_LINES.columns if name not in ("ledger_line_key", "recorded_at", "row")
]


def store_customer_ledger(posting: Posting, outcome: Outcome) -> StoreResult:
    """Every good row of the file, dated by the day it speaks of."""
    batch = outcome.batch
    frame = batch.frame.assign(observed_date="")
    columns: dict[str, list[Any]] = {
        name: raw_column(frame[name], CUSTOMER_LEDGER_LINES.columns[name])
        for name in _NAMES
        if name != "observed_date"
    }
    columns["observed_date"] = [batch.extract_date.isoformat()] * len(frame)
    outcome.companies.update(columns["company_id"])
    enter_companies(posting, outcome.companies)
    rows = zip(*(columns[name] for name in _NAMES), outcome.rows, strict=True)
    posting.insert(
        "customer_ledger_lines",
        [*_NAMES, "row", "batch_key"],
        [(*row, outcome.batch_key) for row in rows],
    )
    outcome.stored.update(range(len(frame)))
    total = sums_of(sorted(outcome.stored), columns["ledger_amount"], columns["currency"])
    return conclude(posting, outcome, total)
