"""From what came in to what was applied, rule by rule, and to what is left, reason by reason."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..tables import CASH_KINDS, Table
from .results import Matched

#: Per currency: received = Σ rules + Σ reasons. ``stage``: received, rule or reason; the largest first.
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
STEPS = ("received", "rule", "reason")


def explain_received(receipts: pd.DataFrame, matched: Matched) -> pd.DataFrame:
    """``WATERFALL`` of a run: what there was to apply, what each rule took, why the rest is left.

    ``receipts`` as given to ``match_receipts``; what had been applied before is no part of it. Cash kinds
    only: a withholding or a discount is not money that came in. Without receipts there are no rows.
    """
    amount = "unapplied_amount" if "unapplied_amount" in receipts.columns else "received_amount"
    came_in = receipts[receipts[amount] != 0]
    cash = matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
    steps = [
        _step("received", came_in, amount, ""),
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
