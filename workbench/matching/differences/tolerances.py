"""What tolerances ate, by customer and month: a ledger that is asked before the next one is granted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...tables import Table

#: Written off by tolerance: minor units without sign (short and over do not cancel), by month of the day.
TOLERATED = Table(
    "tolerated",
    ("company_id", "customer_id", "currency", "month"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "month": "text",  # YYYY-MM of the effective date
        "legs": "integer",
        "tolerated_amount": "money",
    },
)
_KEY = list(TOLERATED.key)
Tolerated = dict[tuple[str, str, str, str], int]


def tolerated_by_month(applied: pd.DataFrame, documents: pd.DataFrame | None = None) -> pd.DataFrame:
    """``TOLERATED`` of applied legs: ``applications.APPLIED``, or a book's applications in force.

    A book's ``tables.APPLICATIONS`` (as ``ledger.active_applications`` gives them) need the ``documents``,
    which know whose they are.
    """
    legs = applied[applied["kind"].eq("tolerance")]
    if legs.empty:
        return TOLERATED.empty()
    if documents is not None:
        legs = legs.merge(documents[["document_key", *_KEY[:3]]], on="document_key", validate="many_to_one")
    eaten = legs.assign(
        month=legs["effective_date"].dt.strftime("%Y-%m"), tolerated_amount=legs["applied_amount"].abs()
    )
    grouped = eaten.groupby(_KEY, sort=True).agg(
        legs=("tolerated_amount", "size"), tolerated_amount=("tolerated_amount", "sum")
    )
    return TOLERATED.conform(grouped.reset_index())


def tolerated_before(tolerated: pd.DataFrame | None) -> Tolerated:
    """The same as amounts by company, customer, currency and month."""
    if tolerated is None:
        return {}
    keys = zip(*(tolerated[name] for name in _KEY), strict=True)
    return dict(zip(keys, tolerated["tolerated_amount"].tolist(), strict=True))


#: The ledger of tolerances with its cap, one row a customer, currency and month.
TOLERANCES = Table(
    "tolerances",
    TOLERATED.key,
    {
        **TOLERATED.columns,
        "cap_amount": "money",  # the most they may take in the month; 0 where the policy states none
        "room_amount": "money",  # what is left of it, 0 without a cap
        "is_capped": "flag",  # whether the policy states a cap
    },
)


def ledger_of_tolerances(
    tolerated: pd.DataFrame, applied: pd.DataFrame, *, caps: Mapping[str, int]
) -> pd.DataFrame:
    """``TOLERANCES``: what tolerances took of each customer by month, this run with all that was before.

    ``tolerated``: ``TOLERATED`` before the run, ``applied``: its legs, ``caps``: minor units by currency.
    """
    both = pd.concat([tolerated, tolerated_by_month(applied)], ignore_index=True)
    if both.empty:
        return TOLERANCES.empty()
    whole = both.groupby(_KEY, sort=True)[["legs", "tolerated_amount"]].sum().reset_index()
    cap = whole["currency"].map(dict(caps))
    capped = cap.fillna(0).astype("int64")
    room = (capped - whole["tolerated_amount"]).clip(lower=0)
    return TOLERANCES.conform(
        whole.assign(cap_amount=capped, room_amount=room.where(cap.notna(), 0), is_capped=cap.notna())
    )
