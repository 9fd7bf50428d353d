"""Findings over receipts: those that point at somebody's mistake, and what is left unapplied."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..applications import finding, first_open_day
from ..money import checked_sum, to_text
from .differences import TO_REVIEW

PERHAPS_CLEARED = "receipt-perhaps-cleared"
PERIOD_CLOSED = "period-closed"
#: People undid too much of what this rule applied: until that is past it only suggests (``standings``).
RULE_DEMOTED = "rule-demoted"
#: Facts point at different customers; what points at one is a likeness or an alias not yet proven.
EVIDENCE_DISAGREES, PAYER_NOT_PROVEN = "evidence-disagrees", "payer-not-proven"
#: Reasons that point at a mistake of somebody's, so they become findings of their own.
SUSPECT = frozenset(
    {
        "cheque-returned",
        EVIDENCE_DISAGREES,
        "reference-already-settled",
        "reference-of-another-customer",
        "references-of-several-customers",
        "reference-in-another-currency",
        "exchange-rate-odd",
        "advice-unresolved",
        "advice-differs-from-receipt",
        "advice-in-another-currency",
        "advice-exceeds-open",
        "advice-names-twice",
        "advice-ambiguous",
    }
)


def of_applied_and_returned(came_back: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Cheques that came back while what they paid still counts as paid: a person reverses."""
    if "unapplied_amount" not in came_back.columns:
        return
    in_force = came_back.assign(_applied=came_back["received_amount"] - came_back["unapplied_amount"])
    keys = ["company_id", "receipt_date", "receipt_id", "receipt_key"]
    for row in in_force[in_force["_applied"] != 0].sort_values(keys).to_dict("records"):
        yield finding(
            "cheque-returned-after-applied",
            level="error",
            table="receipts",
            key=row["receipt_id"],
            amount=row["_applied"],
            currency=row["currency"],
            receipt=row["receipt_id"],
            customer=row["customer_id"],
            applied_money=f"{to_text(row['_applied'], row['currency'])} {row['currency']}",
        )


def of_rates_to_review(applied: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    """One for each withholding rate without a legal source that something applied rests on.

    ``applied``: rows of ``applications.APPLIED``.
    """
    taken: dict[tuple[str, str, str], list[int]] = {}
    for leg in applied:
        if leg["kind"] == "withholding":
            rate = str(json.loads(str(leg["evidence"])).get("rate", ""))
            if rate.endswith(TO_REVIEW):
                key = (str(leg["company_id"]), str(leg["currency"]), rate.removesuffix(TO_REVIEW))
                taken.setdefault(key, []).append(int(leg["applied_amount"]))
    for (company, currency, rate), amounts in sorted(taken.items()):
        whole = sum(amounts)
        yield finding(
            "withholding-rate-to-review",
            table="applications",
            key=company,
            amount=whole,
            currency=currency,
            concept_rate=rate,
            count=len(amounts),
            withheld_money=f"{to_text(whole, currency)} {currency}",
        )


def of_receipt(rule: str, row: dict[str, Any], **values: Any) -> dict[str, object]:
    """A finding over one receipt, given as its row of ``UNAPPLIED``."""
    return finding(
        rule,
        table="receipts",
        key=row["receipt_id"],
        amount=row["unapplied_amount"],
        currency=row["currency"],
        receipt=row["receipt_id"],
        customer=row["customer_id"],
        **values,
    )


def of_unapplied(
    unapplied: pd.DataFrame, open_from: Mapping[str, dt.date] | None
) -> Iterator[dict[str, object]]:
    """One for each receipt that points at a mistake, and one for what is left by company and currency."""
    for row in unapplied[unapplied["reason"].isin(SUSPECT)].to_dict("records"):
        yield of_receipt(f"receipt-{row['reason']}", row)
    late = unapplied[unapplied["reason"].eq(PERIOD_CLOSED)]
    for (company, currency), rows in late.groupby(["company_id", "currency"], sort=True):
        opened = first_open_day(open_from, company)
        yield _over_rows("receipts-period-closed", company, currency, rows, opened=opened)
    for (company, currency), rows in unapplied.groupby(["company_id", "currency"], sort=True):
        yield _over_rows("receipts-left-unapplied", company, currency, rows)


def _over_rows(
    rule: str, company: str, currency: str, rows: pd.DataFrame, *, opened: dt.date | None = None
) -> dict[str, object]:
    left = checked_sum(rows["unapplied_amount"].to_numpy())
    values: dict[str, Any] = (
        {"opened": opened, "closed_through": opened - dt.timedelta(days=1)} if opened else {}
    )
    return finding(
        rule,
        table="receipts",
        key=company,
        amount=left,
        currency=currency,
        count=len(rows),
        company=company,
        left_money=f"{to_text(left, currency)} {currency}",
        **values,
    )
