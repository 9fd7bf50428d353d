"""The three calculations side by side on the same debts: IFRS 9 matrix, corporate policy, DIAN tax."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..money import Amounts, share_of
from ..policy import CALCULATIONS, ProvisionException, ProvisionPolicy
from ..tables import Table
from .corporate import Provided, provide
from .matrix import debts_of, provide_matrix
from .tax import provide_tax

#: One row a debt: what each calculation provides for it, and why.
PROVISION_BY_ITEM = Table(
    "provision_by_item",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "document_id": "text",
        "document_type": "text",
        "document_date": "date",
        "due_date": "date",
        "currency": "text",
        "days_overdue": "integer",
        "segment": "text",
        "bucket": "text",  # the matrix's ranges
        "open_amount": "money",
        "loss_ppm": "integer",
        "rate_source": "text",
        "insured_amount": "money",
        "gross_amount": "money",  # at the loss rate, without insurance
        "ifrs9_amount": "money",
        "rate_permille": "integer",
        "policy_gross_amount": "money",  # at the policy's rate, without exceptions
        "policy_amount": "money",
        "reason": "text",
        "approved_by": "text",
        "tax_method": "text",
        "tax_permille": "integer",
        "tax_excluded": "text",
        "tax_amount": "money",
    },
)
#: The same per company, customer and currency.
PROVISION_BY_CUSTOMER = Table(
    "provision_by_customer",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "items": "integer",
        "open_amount": "money",
        "ifrs9_amount": "money",
        "policy_amount": "money",
        "tax_amount": "money",
    },
)
#: Where each calculation's amount stands in a row.
AMOUNTS = {calculation: f"{calculation}_amount" for calculation in CALCULATIONS}


@dataclass(frozen=True)
class ProvisionBooks:
    """``by_item``, ``by_customer``, ``corporate`` (the policy's own tables and exceptions), ``findings``."""

    by_item: pd.DataFrame
    by_customer: pd.DataFrame
    corporate: Provided
    findings: pd.DataFrame


def provide_books(
    aged: pd.DataFrame,
    customers: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    policy: ProvisionPolicy,
    as_of: dt.date,
    exceptions: tuple[ProvisionException, ...] | None = None,
) -> ProvisionBooks:
    """What IFRS 9, the corporate policy and the tax rules provide for each debt on ``as_of``.

    ``aged``: ``aging.age_open_items``' frame; ``rates``: ``roll_rates.LOSS_RATES``. Every debt (positive open
    amount) is in all three books, with 0 where one provides nothing; credits are in none, nor netted. Minor
    units of the debt's currency. ``exceptions``: in place of the policy's own. Raises what
    :func:`~workbench.provision.provide` raises.
    """
    if exceptions is not None:
        policy = replace(policy, exceptions=exceptions)
    debts = debts_of(aged, customers, policy=policy.matrix)
    matrix = provide_matrix(debts, rates, policy=policy.matrix, as_of=as_of)
    tax = provide_tax(matrix.items, policy=policy.tax, as_of=as_of)
    corporate = provide(aged, policy=policy, as_of=as_of)
    items = _with_policy(tax.items, corporate.provisioned, policy)
    by_item = PROVISION_BY_ITEM.conform(items)
    findings = pd.concat([matrix.findings, corporate.findings, tax.findings], ignore_index=True)
    return ProvisionBooks(by_item, _by_customer(by_item), corporate, findings)


def _with_policy(items: pd.DataFrame, provisioned: pd.DataFrame, policy: ProvisionPolicy) -> pd.DataFrame:
    own = provisioned.set_index("document_key")[
        ["rate_permille", "provision_amount", "reason", "approved_by"]
    ]
    found = own.reindex(items["document_key"].to_numpy())
    is_over = items["days_overdue"].to_numpy() > policy.over_days
    rate = np.where(is_over, policy.rate_permille, 0)
    return items.assign(
        rate_permille=found["rate_permille"].fillna(0).to_numpy(dtype=np.int64),
        policy_gross_amount=share_of(items["open_amount"].to_numpy(dtype=np.int64), rate),
        # Integers all the way: a share of a large debt would lose its cents as a float.
        policy_amount=_taken(provisioned, items),
        reason=found["reason"].fillna("").astype("str").to_numpy(),
        approved_by=found["approved_by"].fillna("").astype("str").to_numpy(),
    )


def _taken(provisioned: pd.DataFrame, items: pd.DataFrame) -> Amounts:
    index = pd.Index(provisioned["document_key"].to_numpy())
    places = index.get_indexer(items["document_key"].to_numpy())
    amounts = np.append(provisioned["provision_amount"].to_numpy(dtype=np.int64), 0)
    found: Amounts = amounts[places]
    return found


def _by_customer(by_item: pd.DataFrame) -> pd.DataFrame:
    sums = by_item.groupby(list(PROVISION_BY_CUSTOMER.key), sort=True)
    amounts = ["open_amount", *AMOUNTS.values()]
    found = sums.agg(items=("document_key", "size"), **{name: (name, "sum") for name in amounts})
    return PROVISION_BY_CUSTOMER.conform(found.reset_index())
