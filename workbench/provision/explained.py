"""Why the three calculations differ, what of it is deferred tax, and who bears the effect on the result."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..money import share_of
from ..tables import Table

#: By range, in the debts' currency: from the corporate policy to IFRS 9, and from the tax book to IFRS 9.
DIFFERENCES = Table(
    "provision_differences",
    ("company_id", "currency", "bucket"),
    {
        "company_id": "text",
        "currency": "text",
        "bucket": "text",
        "items": "integer",
        "open_amount": "money",
        "policy_amount": "money",
        "exception_amount": "money",  # what exceptions keep the policy from providing
        "policy_rate_amount": "money",  # the matrix's rate instead of the policy's
        "insurance_amount": "money",  # what is insured, negative
        "ifrs9_amount": "money",  # the four before, added
        "not_deducted_amount": "money",  # IFRS 9 for what the tax book leaves out or has not reached yet
        "tax_rate_amount": "money",  # IFRS 9 less tax, where both provide
        "tax_amount": "money",  # ifrs9 − the two before
    },
)
#: The temporary difference of each customer and range in base currency, and the tax that is deferred by it.
DEFERRED_TAX = Table(
    "deferred_tax",
    ("company_id", "customer_id", "held_currency", "bucket"),
    {
        "company_id": "text",
        "customer_id": "text",
        "held_currency": "text",
        "bucket": "text",
        "currency": "text",
        "ifrs9_amount": "money",
        "tax_amount": "money",
        "temporary_amount": "money",  # ifrs9 − tax: positive is deducted later
        "rate_permille": "integer",
        "deferred_tax_amount": "money",  # positive: a deferred tax asset
    },
)
#: What the provision costs the result, by who answers for the customers; in base currency.
EFFECT = Table(
    "provision_effect",
    ("calculation", "cluster_id", "supervisor_id"),
    {
        "calculation": "text",
        "cluster_id": "text",
        "supervisor_id": "text",
        "currency": "text",
        "customers": "integer",
        "opening_amount": "money",
        "charge_amount": "money",
        "reversal_amount": "money",
        "result_amount": "money",  # charge − reversal: positive is a loss
        "write_off_amount": "money",
        "exchange_amount": "money",
        "closing_amount": "money",
    },
)


def explain_differences(by_item: pd.DataFrame) -> pd.DataFrame:
    """By company, currency and range why the books differ (``DIFFERENCES``), to the cent:

    ``policy + exception + policy_rate + insurance = ifrs9`` and ``ifrs9 − not_deducted − tax_rate = tax``.
    """
    is_left_out = (by_item["tax_amount"] == 0).to_numpy()
    ifrs9, tax = by_item["ifrs9_amount"].to_numpy(), by_item["tax_amount"].to_numpy()
    parts = by_item.assign(
        exception_amount=by_item["policy_gross_amount"] - by_item["policy_amount"],
        policy_rate_amount=by_item["gross_amount"] - by_item["policy_gross_amount"],
        insurance_amount=by_item["ifrs9_amount"] - by_item["gross_amount"],
        not_deducted_amount=np.where(is_left_out, ifrs9, 0),
        tax_rate_amount=np.where(is_left_out, 0, ifrs9 - tax),
    )
    amounts = [name for name, kind in DIFFERENCES.columns.items() if kind == "money"]
    # The ranges in their order: an item's days say it better than their names.
    grouped = parts.groupby(["company_id", "currency", "bucket"], sort=True)
    found = grouped.agg(
        items=("document_key", "size"),
        _days=("days_overdue", "max"),
        **{name: (name, "sum") for name in amounts},
    ).reset_index()
    return DIFFERENCES.conform(found.sort_values(["company_id", "currency", "_days"], kind="stable"))


def deferred_tax(closing: pd.DataFrame, *, rate_permille: int) -> pd.DataFrame:
    """IFRS 9 less tax by customer and range, × the tax rate (``DEFERRED_TAX``); base currency.

    ``closing``: ``provision_balances``. Each row's tax is rounded once, half away from zero.
    """
    keys = ["company_id", "customer_id", "currency", "bucket"]
    own = closing[closing["calculation"].isin(["ifrs9", "tax"]).to_numpy()]
    base = own["base_provision_amount"].to_numpy(dtype=np.int64)
    is_tax = (own["calculation"] == "tax").to_numpy()
    sums = own.assign(ifrs9_amount=np.where(is_tax, 0, base), tax_amount=np.where(is_tax, base, 0))
    found = sums.groupby(keys, sort=True)[["ifrs9_amount", "tax_amount"]].sum().reset_index()
    temporary = (found["ifrs9_amount"] - found["tax_amount"]).to_numpy(dtype=np.int64)
    currency = closing["base_currency"].iloc[0] if len(closing) else ""
    found = found.rename(columns={"currency": "held_currency"}).assign(
        currency=currency,
        temporary_amount=temporary,
        rate_permille=rate_permille,
        deferred_tax_amount=share_of(temporary, np.full(len(found), rate_permille)),
    )
    stands = ((found["ifrs9_amount"] != 0) | (found["tax_amount"] != 0)).to_numpy()
    return DEFERRED_TAX.conform(found[stands])


def effect_on_result(movement_base: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The movement in base currency by calculation, cluster and supervisor (``EFFECT``).

    A customer that the book does not know is under ''. Largest effect first within a calculation.
    """
    keys = ["company_id", "customer_id"]
    known = customers.drop_duplicates(keys)[[*keys, "cluster_id", "supervisor_id"]]
    joined = movement_base.merge(known, on=keys, how="left", validate="many_to_one")
    joined = joined.fillna({"cluster_id": "", "supervisor_id": ""})
    joined = joined.assign(
        result_amount=joined["charge_amount"] - joined["reversal_amount"],
        _customer=joined["company_id"] + "\0" + joined["customer_id"],
    )
    amounts = [name for name, kind in EFFECT.columns.items() if kind == "money"]
    by = ["calculation", "cluster_id", "supervisor_id", "currency"]
    grouped = joined.groupby(by, sort=True)
    found = grouped.agg(
        customers=("_customer", "nunique"), **{name: (name, "sum") for name in amounts}
    ).reset_index()
    order = found["result_amount"].abs()
    found = found.assign(_size=order).sort_values(
        ["calculation", "_size"], ascending=[True, False], kind="stable"
    )
    return EFFECT.conform(found)
