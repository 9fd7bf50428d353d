"""Every customer's statement of a period in one call."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from .. import aging
from ..money import sums_by
from ..policy import Buckets
from .facts import Facts, Identities, see
from .movements import explain_views
from .results import ACCOUNT, KINDS, MOVEMENTS, OPEN_LIST, STATEMENTS, Statements, amount_column

_BUCKETS = Buckets()
_ONE_DAY = dt.timedelta(days=1)


def make_statements(
    facts: Facts,
    *,
    from_date: dt.date,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    issued_at: dt.datetime | None = None,
    buckets: Buckets = _BUCKETS,
) -> Statements:
    """The statement of each customer and currency from ``from_date`` through ``as_of``, as known.

    ``issued_at``: the instant at which the statement before was made. Its closing is this one's opening,
    whatever became known of earlier days since; that is told line by line as late. Without it the opening is
    as known now. An account without balance and movements has no statement. Amounts are minor units, signed
    as the ledger: positive is what the customer owes.

    For each row: opening + late + Σ kinds = closing = Σ open items. Source: DOMAIN 8; TRUST.
    """
    day_before = from_date - _ONE_DAY
    identities = Identities()
    opened = see(facts, identities, as_of=day_before, known_at=issued_at if issued_at else known_at)
    restated = see(facts, identities, as_of=day_before, known_at=known_at) if issued_at else opened
    closed = see(facts, identities, as_of=as_of, known_at=known_at)
    late = explain_views(facts, opened, restated).assign(is_late=True) if issued_at else None
    moved = explain_views(facts, restated, closed).assign(is_late=False)
    lines = moved if late is None or late.empty else pd.concat([late, moved], ignore_index=True)
    items = closed.items.drop(columns="identity")
    open_items = items[items["open_amount"] != 0].reset_index(drop=True)
    summarised = _summarise(opened.items, lines, items, from_date=from_date, as_of=as_of)
    aged = aging.age_open_items(open_items, as_of=as_of, buckets=buckets)
    return Statements(
        summarised=summarised,
        movements=_run_balance(summarised, lines),
        open_list=OPEN_LIST.conform(aged),
        open_items=open_items,
    )


def _summarise(
    opened: pd.DataFrame, lines: pd.DataFrame, items: pd.DataFrame, *, from_date: dt.date, as_of: dt.date
) -> pd.DataFrame:
    """One row an account that has a balance or moved."""
    parts = [
        opened.loc[opened["open_amount"] != 0, ACCOUNT],
        items.loc[items["open_amount"] != 0, ACCOUNT],
        items.loc[items["pending_applications"] != 0, ACCOUNT],
        lines[ACCOUNT],
    ]
    accounts = pd.concat(parts, ignore_index=True).drop_duplicates().sort_values(ACCOUNT, ignore_index=True)
    index = pd.MultiIndex.from_frame(accounts)

    def sums(frame: pd.DataFrame, column: str) -> np.ndarray:
        place = index.get_indexer(pd.MultiIndex.from_frame(frame[ACCOUNT]))
        known = place >= 0
        return sums_by(place[known], frame[column].to_numpy(dtype=np.int64)[known], len(accounts))

    is_late = lines["is_late"].astype(bool)
    by_kind = {
        amount_column(kind): sums(lines[~is_late & lines["kind"].eq(kind)], "movement_amount")
        for kind in KINDS
    }
    is_open = items["open_amount"] != 0
    return STATEMENTS.conform(
        accounts.assign(
            from_date=pd.Timestamp(from_date),
            through_date=pd.Timestamp(as_of),
            opening_amount=sums(opened, "open_amount"),
            late_amount=sums(lines[is_late], "movement_amount"),
            **by_kind,
            closing_amount=sums(items, "open_amount"),
            debit_amount=sums(items[items["open_amount"] > 0], "open_amount"),
            credit_amount=sums(items[items["open_amount"] < 0], "open_amount"),
            pending_amount=sums(items, "pending_applications"),
            open_count=sums(items[is_open].assign(one=1), "one"),
        )
    )


def _run_balance(summarised: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of each account in their order, the late ones first, with the balance after each."""
    rank = lines["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    ordered = lines.assign(_rank=rank, _early=~lines["is_late"].astype(bool)).sort_values(
        [*ACCOUNT, "_early", "movement_date", "_rank", "document_id", "reference", "movement_amount"],
        ignore_index=True,
    )
    group = ordered.groupby(ACCOUNT, sort=False)
    opening = summarised.set_index(ACCOUNT)["opening_amount"]
    begins = opening.reindex(pd.MultiIndex.from_frame(ordered[ACCOUNT])).to_numpy()
    return MOVEMENTS.conform(
        ordered.assign(
            line=group.cumcount() + 1,
            balance_amount=begins + group["movement_amount"].cumsum(),
        )
    )
