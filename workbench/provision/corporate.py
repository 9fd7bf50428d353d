"""The provision by corporate policy (deterioro, política corporativa): a share of what is long overdue.

Source: DOMAIN, section 7.2.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..applications import collect_findings, finding
from ..errors import PolicyError
from ..money import Amounts, checked_sum
from ..money import share_of as share_of  # the rule that rounds a provision, once an item
from ..policy import ProvisionException, ProvisionPolicy
from ..tables import Table

PROVISIONED = Table(
    "provisioned",
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
        "bucket": "text",
        "open_amount": "money",
        "rate_permille": "integer",
        "provision_amount": "money",  # positive: what the item's value is reduced by
        "reason": "text",  # the exception's, "" where the policy's own rate holds
        "approved_by": "text",
    },
)
#: Per company, customer and currency: what is over the limit, provided, and left out by an exception.
SUMMARISED = Table(
    "summarised",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "items": "integer",
        "over_amount": "money",
        "provision_amount": "money",
        "excepted_amount": "money",  # provision at the policy's rate − provision
    },
)
EXCEPTED = Table(
    "excepted",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "rate_permille": "integer",
        "reason": "text",
        "approved_by": "text",
        "valid_through": "date",
        "over_amount": "money",
        "excepted_amount": "money",
    },
)


@dataclass(frozen=True)
class Provided:
    """``provisioned`` item by item, ``summarised`` per customer, ``excepted`` by exception, ``findings``."""

    provisioned: pd.DataFrame
    summarised: pd.DataFrame
    excepted: pd.DataFrame
    findings: pd.DataFrame


def provide(aged: pd.DataFrame, *, policy: ProvisionPolicy, as_of: dt.date) -> Provided:
    """What the policy provides for each item more than ``policy.over_days`` overdue.

    ``aged``: ``aging.age_open_items``' frame; amounts in minor units, positive what is owed to us. Credits
    are never provided for, nor netted. An item exactly ``over_days`` overdue is not over. Rounding: half
    away from zero, once an item. An exception replaces the rate of all its customer's items and holds
    through ``valid_through``, that day included; an expired one leaves the policy's rate and a finding.

    Raises ``PolicyError`` when a rate is not within 0 and 1000 per thousand, or two exceptions in force
    name the same customer. Source: DOMAIN, section 7.2.
    """
    in_force, expired = _exceptions(policy, as_of)
    over = aged[(aged["open_amount"] > 0) & (aged["days_overdue"] > policy.over_days)]
    over = over.sort_values(["company_id", "customer_id", "currency", "document_id", "document_key"])
    names = list(zip(over["company_id"], over["customer_id"], strict=True))
    used = [in_force.get(name) for name in names]
    rate = np.array([policy.rate_permille if e is None else e.rate_permille for e in used], dtype=np.int64)
    amounts: Amounts = over["open_amount"].to_numpy(dtype=np.int64)
    items = over.assign(
        rate_permille=rate,
        provision_amount=share_of(amounts, rate),
        reason=["" if e is None else e.reason for e in used],
        approved_by=["" if e is None else e.approved_by for e in used],
        over_amount=amounts,
        excepted_amount=share_of(amounts, np.full(len(over), policy.rate_permille)) - share_of(amounts, rate),
        valid_through=pd.to_datetime([None if e is None else e.valid_through for e in used]),
    )
    by_exception = items[np.array([e is not None for e in used], dtype=np.bool_)]
    return Provided(
        provisioned=PROVISIONED.conform(items),
        summarised=SUMMARISED.conform(_sums(items, [])),
        excepted=EXCEPTED.conform(_sums(by_exception, [*EXCEPTED.columns][3:7])),
        findings=collect_findings([f for e in expired for f in _expired_findings(e, names, items)]),
    )


def _exceptions(
    policy: ProvisionPolicy, as_of: dt.date
) -> tuple[dict[tuple[str, str], ProvisionException], list[ProvisionException]]:
    for rate in (policy.rate_permille, *(exception.rate_permille for exception in policy.exceptions)):
        if not 0 <= rate <= 1000:
            raise PolicyError("provision-rate-wrong", rate=rate)
    in_force: dict[tuple[str, str], ProvisionException] = {}
    expired: list[ProvisionException] = []
    for exception in policy.exceptions:
        if exception.valid_through < as_of:
            expired.append(exception)
            continue
        name = (exception.company_id, exception.customer_id)
        if name in in_force:
            raise PolicyError("provision-exception-twice", company=name[0], customer=name[1])
        in_force[name] = exception
    return in_force, [e for e in expired if (e.company_id, e.customer_id) not in in_force]


def _sums(items: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    by = ["company_id", "customer_id", "currency", *more]
    return (
        items.groupby(by, sort=True, dropna=False)
        .agg(
            items=("document_key", "size"),
            over_amount=("over_amount", "sum"),
            provision_amount=("provision_amount", "sum"),
            excepted_amount=("excepted_amount", "sum"),
        )
        .reset_index()
    )


def _expired_findings(
    exception: ProvisionException, names: list[tuple[str, str]], items: pd.DataFrame
) -> list[dict[str, object]]:
    """One a currency, where the expired exception would have mattered."""
    name = (exception.company_id, exception.customer_id)
    own = items[np.array([other == name for other in names], dtype=np.bool_)]
    return [
        finding(
            "provision-exception-expired",
            table="policy",
            key=exception.customer_id,
            amount=checked_sum(rows["provision_amount"].to_numpy()),
            currency=str(currency),
            customer=exception.customer_id,
            valid_through_day=exception.valid_through.isoformat(),
            approved_by=exception.approved_by,
        )
        for currency, rows in own.groupby("currency", sort=True)
    ]
