"""What is said of notes that are left: references that led nowhere, each; what a closed period holds back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from ..applications import finding
from ..money import checked_sum, to_text
from .pool import Pool

#: Reasons that somebody has to look into, one finding a note.
_TOLD = (
    "credit-invoice-not-open",
    "credit-several-invoices",
    "credit-invoice-disputed",
    "credit-evidence-disagrees",
)


def of_left(unapplied: pd.DataFrame, pool: Pool) -> Iterator[dict[str, object]]:
    """Findings of ``UNAPPLIED``: by company what is late, then note by note what named nothing clear."""
    late = unapplied[unapplied["reason"].eq("period-closed")]
    for (company, currency), held in late.groupby(["company_id", "currency"], sort=True):
        amount = checked_sum(held["unapplied_amount"].to_numpy())
        opened = pool.opened(company)
        yield finding(
            "credits-period-closed",
            table="documents",
            key=company,
            amount=amount,
            currency=currency,
            count=len(held),
            company=company,
            left_money=f"{to_text(amount, currency)} {currency}",
            opened=opened,
            closed_through=opened - dt.timedelta(days=1),
        )
    for row in unapplied[unapplied["reason"].isin(_TOLD)].to_dict("records"):
        yield finding(
            str(row["reason"]),
            table="documents",
            key=str(row["document_id"]),
            amount=int(row["unapplied_amount"]),
            currency=str(row["currency"]),
            credit_note=row["document_id"],
            customer=row["customer_id"],
        )
