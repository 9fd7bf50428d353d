"""Orders, notes, claims, wires and control balances into the book: what each extract says on its day.

The same word on the same day again adds nothing; another word is a newer row, and both stay: an order grows,
a note is approved, a claim is closed. Only a balance of a day that is over is one figure: another one for the
same account, currency and day is a conflict, and a person says which holds. Source: DOMAIN 11, 14, 16.
"""

from __future__ import annotations

from typing import Any

from .. import tables
from ..tables import Table
from .batches import Outcome, StoreResult, conclude, sums_of
from .frames import raw_column
from .lookups import enter_companies, existing
from .transactions import Posting

#: Each kind's frame, and the amount by which a file is summed.
TRADE_KINDS: dict[str, tuple[Table, str]] = {
    "orders": (tables.ORDERS, "ordered_amount"),
    "notes": (tables.NOTES, "note_amount"),
    "claims": (tables.CLAIMS, "disputed_amount"),
    "wires": (tables.WIRES, "received_amount"),
    "control_balances": (tables.CONTROL_BALANCES, "balance_amount"),
}

#: Kinds of which the book takes one word for a key.
_ONE_FIGURE = ("control_balances",)


def store_trade(posting: Posting, outcome: Outcome) -> StoreResult:
    """The rows of one extract; one that says what the book last heard of that thing on that day is known."""
    batch = outcome.batch
    table, amount = TRADE_KINDS[batch.kind]
    names = [name for name in table.columns if name != "recorded_at"]
    frame = batch.frame
    columns: dict[str, list[Any]] = {
        name: raw_column(frame[name], table.columns[name])
        if name in frame
        else [0 if table.columns[name] == "money" else ""] * len(frame)
        for name in names
    }
    key = list(table.key)
    if "observed_date" in table.columns:
        columns["observed_date"] = [batch.extract_date.isoformat()] * len(frame)
        key.append("observed_date")
    outcome.companies.update(columns["company_id"])
    enter_companies(posting, outcome.companies)
    keys = list(zip(*(columns[name] for name in key), strict=True))
    rows = list(zip(*(columns[name] for name in names), strict=True))
    last = _last_words(posting, batch.kind, key, keys, names)
    fresh = []
    for position, row in enumerate(rows):
        known = last.get(keys[position])
        if known is not None and known != row and batch.kind in _ONE_FIGURE:
            outcome.refuse_conflict(
                position, key=" ".join(map(str, keys[position])), amount=columns[amount][position],
                currency=columns["currency"][position], said=dict(zip(names, row, strict=True)),
                stored=dict(zip(names, known, strict=True)),
            )  # fmt: skip
        elif known != row:
            last[keys[position]] = row
            fresh.append((*row, outcome.batch_key, outcome.rows[position]))
            outcome.stored.add(position)
    posting.insert(batch.kind, [*names, "batch_key", "row"], fresh)
    return conclude(posting, outcome, sums_of(sorted(outcome.stored), columns[amount], columns["currency"]))


def _last_words(
    posting: Posting, kind: str, key: list[str], keys: list[tuple[Any, ...]], names: list[str]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What the book last heard of each key, in the columns named."""
    last: dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]] = {}
    for position, version, *values in existing(posting, kind, key, keys, ["version_key", *names]):
        known = last.get(keys[position])
        if known is None or version > known[0]:
            last[keys[position]] = (version, tuple(values))
    return {one: values for one, (_, values) in last.items()}
