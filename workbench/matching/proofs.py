"""The proof that no cash was lost or doubled, and how much each rule took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..tables import CASH_KINDS
from .results import Matched


def prove_conservation(receipts: pd.DataFrame, matched: Matched) -> pd.DataFrame:
    """One row a currency: received, applied (cash kinds), unapplied and their difference, which is 0.

    ``receipts`` as given to ``match_receipts``; money in minor units, positive when it came in.
    """
    amount = "unapplied_amount" if "unapplied_amount" in receipts.columns else "received_amount"
    cash = matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
    sums = {
        "received_amount": receipts.groupby("currency")[amount].sum(),
        "applied_amount": cash.groupby("currency")["applied_amount"].sum(),
        "unapplied_amount": matched.unapplied.groupby("currency")["unapplied_amount"].sum(),
    }
    proof = pd.DataFrame(sums).fillna(0).astype(np.int64).sort_index()
    proof.index = proof.index.astype("str")
    proof["difference"] = (
        proof["received_amount"] - proof["applied_amount"] - proof["unapplied_amount"]
    ).astype(np.int64)
    return proof.rename_axis("currency").reset_index()


def summarise_rules(matched: Matched) -> pd.DataFrame:
    """One row a (company, currency, rule): receipts, legs and cash applied, in minor units."""
    by = ["company_id", "currency", "rule"]
    cash = matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
    return (
        cash.groupby(by, sort=True)
        .agg(
            receipts=("receipt_key", "nunique"),
            legs=("document_key", "size"),
            applied_amount=("applied_amount", "sum"),
        )
        .reset_index()
    )
