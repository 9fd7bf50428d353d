"""From what came in to what was applied, rule by rule, and to what is left, reason by reason."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ..tables import CASH_KINDS, Table
from .results import Matched

#: Per currency: received = applied before + Σ rules + Σ reasons; in each ``stage`` the largest first.
WATERFALL = Table(
    "waterfall",
    ("currency", "stage", "rule", "reason"),
    {
        "currency": "text",
        "stage": "text",
        "rule": "text",  # what applied it; "" in the other steps
        "reason": "text",  # why it is left; "" in the other steps
        "receipts": "integer",  # one that two rules paid counts in both
        "step_amount": "money",  # cash, positive when money came in
    },
)
STEPS = ("received", "before", "rule", "reason")


def received_of(
    receipts: pd.DataFrame, *, since: dt.date | None = None, in_force: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The receipts that a month's work is about, the same however often the month is run.

    Those of ``since`` or later; older ones with a rest; and older ones of which the month itself applied
    something: by ``in_force`` (``ledger.active_applications``), cash effective from ``since`` on or posted by
    a run of that month, for an earlier run of it must not take them out of the total. ``receipts``:
    ``ledger.unapplied_receipts``. Without ``since``: those with something to apply.
    """
    is_left = receipts["unapplied_amount"] != 0
    if since is None:
        return receipts[is_left].reset_index(drop=True)
    counts = is_left | (receipts["receipt_date"] >= pd.Timestamp(since))
    if in_force is not None:
        # The key of a run's step begins with its month (``runs.steps.family_of``).
        is_ours = in_force["step_key"].str.startswith(f"{since:%Y-%m}/")
        is_ours |= in_force["effective_date"] >= pd.Timestamp(since)
        paid = in_force.loc[is_ours & in_force["kind"].isin(CASH_KINDS), "receipt_key"]
        counts |= receipts["receipt_key"].isin(paid)
    return receipts[counts].reset_index(drop=True)


def explain_received(
    receipts: pd.DataFrame,
    matched: Matched,
    *,
    since: dt.date | None = None,
    in_force: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """``WATERFALL`` of a run: what came in, was applied before and by each rule, and why the rest is left.

    ``receipts`` as given to ``match_receipts``; which of them count says :func:`received_of`. Cash kinds
    only: a withholding or a discount is not money that came in. Without receipts there are no rows.
    """
    if "unapplied_amount" not in receipts.columns:
        receipts = receipts.assign(unapplied_amount=receipts["received_amount"])
    came_in = received_of(receipts, since=since, in_force=in_force)
    before = came_in.assign(before_amount=came_in["received_amount"] - came_in["unapplied_amount"])
    cash = matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
    steps = [
        _step("received", came_in, "received_amount", ""),
        _step("before", before[before["before_amount"] != 0], "before_amount", ""),
        _step("rule", cash, "applied_amount", "rule"),
        _step("reason", matched.unapplied, "unapplied_amount", "reason"),
    ]
    told = pd.concat(steps, ignore_index=True)
    order = told["stage"].map({step: place for place, step in enumerate(STEPS)})
    told = told.assign(_order=order, _size=-told["step_amount"].abs())
    told = told.sort_values(["currency", "_order", "_size", "rule", "reason"], kind="stable")
    return WATERFALL.conform(told[list(WATERFALL.columns)].reset_index(drop=True))


def _step(step: str, frame: pd.DataFrame, amount: str, code: str) -> pd.DataFrame:
    by = ["currency", *([code] if code else [])]
    grouped = frame.groupby(by, sort=True).agg(
        receipts=("receipt_key", "nunique"), step_amount=(amount, "sum")
    )
    told = grouped.reset_index().astype({"receipts": np.int64, "step_amount": np.int64})
    nothing = {name: "" for name in ("rule", "reason") if name != code}
    return told.assign(stage=step, **nothing)
