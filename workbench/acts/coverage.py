"""How much of the balance, and of the customers, has an act signed by both sides at a cut-off.

Coverage = balance in acts signed by both ÷ total balance (DOMAIN, Standard formulas). The balance of a
customer counts by its size, so that one in credit cannot push a share above the whole; net sums stand beside.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ..money import round_half_away
from ..policy.acts import ActPolicy
from ..tables import CUSTOMERS, OPEN_ITEMS, Table
from .histories import latest_acts
from .machine import CONFIRMED

_WHOSE = ["company_id", "customer_id", "currency"]
#: One row a customer and currency with something open at the cut-off: key company, customer, currency.
COVERED = Table(
    "covered",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "cluster_id": "text",
        "currency": "text",
        "balance": "money",  # what the book says of the cut-off now
        "case_id": "text",  # its act, '' without
        "state": "text",
        "coverage": "text",  # signed, alternative, contradicted, in_progress, none
        "last_signed_date": "date",  # the cut-off of the newest act that both signed, this one's too
        "days_since_signed": "integer",  # -1: never
        "age_range": "text",  # signed_now, d1_90 … never
    },
)
#: By cluster: key company, cluster, currency.
COVERAGE_BY_CLUSTER = Table(
    "coverage_by_cluster",
    ("company_id", "cluster_id", "currency"),
    {
        "company_id": "text",
        "cluster_id": "text",
        "currency": "text",
        "customers": "integer",
        "signed_customers": "integer",
        "customers_permille": "integer",
        "balance": "money",  # net
        "signed_balance": "money",  # net
        "gross_balance": "money",  # Σ of the customers' balances without sign
        "signed_gross": "money",
        "signed_permille": "integer",  # signed_gross ÷ gross_balance; 0 where nothing is owed
        "alternative_customers": "integer",  # apart: evidence from elsewhere confirms nothing
        "alternative_gross": "money",
        "contradicted_customers": "integer",  # signed, and the book says otherwise by now
        "contradicted_gross": "money",
    },
)
#: By the age of the last act that both signed: key company, currency, range.
COVERAGE_BY_AGE = Table(
    "coverage_by_age",
    ("company_id", "currency", "age_range"),
    {
        "company_id": "text",
        "currency": "text",
        "age_range": "text",
        "customers": "integer",
        "balance": "money",
        "gross_balance": "money",
        "gross_permille": "integer",  # of the company's and currency's gross balance
    },
)


@dataclass(frozen=True)
class Covered:
    """Coverage at a cut-off: customer by customer, by cluster, and by the age of the last signed act."""

    customers: pd.DataFrame
    by_cluster: pd.DataFrame
    by_age: pd.DataFrame


def cover_balances(
    acts: pd.DataFrame,
    open_items: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: ActPolicy,
) -> Covered:
    """The share of balance and of customers signed by both at ``as_of``.

    ``acts``: ``histories.ACTS`` of any cut-off; ``open_items``: as of ``as_of``, credits on account included.
    An act counts as signed where both signed it, it is of this cut-off, and its balance is still the book's;
    else it is ``contradicted``. An act handled by the alternative procedure stands apart and is never
    counted. Customers with nothing open are no part of it.
    """
    items = OPEN_ITEMS.conform(open_items)
    items = items[items["open_amount"] != 0]
    balances = (
        items.groupby(_WHOSE, as_index=False)["open_amount"].sum().rename(columns={"open_amount": "balance"})
    )
    people = CUSTOMERS.conform(customers)[["company_id", "customer_id", "cluster_id"]]
    told = balances.merge(people, on=["company_id", "customer_id"], how="left")
    told = told.merge(_of_this_cut_off(acts, as_of), on=_WHOSE, how="left")
    told = told.merge(_last_signed(acts, as_of), on=_WHOSE, how="left")
    told = told.assign(**{name: told[name].fillna("") for name in ("cluster_id", "case_id", "state")})
    days = (pd.Timestamp(as_of) - told["last_signed_date"]).dt.days.fillna(-1).astype("int64")
    told = told.assign(
        coverage=_coverage(told), days_since_signed=days, age_range=_ranges(days, policy.age_days)
    )
    covered = COVERED.conform(told).sort_values(_WHOSE, ignore_index=True)
    return Covered(covered, _by_cluster(covered), _by_age(covered, policy))


def age_ranges(policy: ActPolicy) -> tuple[str, ...]:
    """Names of the ranges: ``signed_now, d1_90, …, d361_plus, never``."""
    last = policy.age_days
    between = (f"d{low + 1}_{high}" for low, high in pairwise(last))
    return ("signed_now", *between, f"d{last[-1] + 1}_plus", "never")


def _of_this_cut_off(acts: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    own = latest_acts(acts[acts["as_of_date"] == pd.Timestamp(as_of)])
    return own[[*_WHOSE, "case_id", "state", "our_balance"]]


def _last_signed(acts: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    own = acts[acts["state"].isin(CONFIRMED) & (acts["as_of_date"] <= pd.Timestamp(as_of))]
    last = own.groupby(_WHOSE, as_index=False)["as_of_date"].max()
    return last.rename(columns={"as_of_date": "last_signed_date"})


def _coverage(told: pd.DataFrame) -> pd.Series:
    is_confirmed = told["state"].isin(CONFIRMED)
    is_same = told["our_balance"].eq(told["balance"])
    choices = [is_confirmed & is_same, is_confirmed, told["state"].eq("alternative"), told["state"].ne("")]
    names = ["signed", "contradicted", "alternative", "in_progress"]
    return pd.Series(np.select(choices, names, "none"), index=told.index)


def _ranges(days: pd.Series, last_days: tuple[int, ...]) -> pd.Series:
    names = age_ranges(ActPolicy(age_days=last_days))
    places = np.searchsorted(np.array(last_days), days.to_numpy(), side="left")
    places = np.where(days.to_numpy() < 0, len(names) - 1, places)
    return pd.Series([names[place] for place in places], index=days.index, dtype="object")


def _by_cluster(covered: pd.DataFrame) -> pd.DataFrame:
    gross = covered["balance"].abs()
    parts = covered[["company_id", "cluster_id", "currency", "balance"]].assign(
        customers=1, gross_balance=gross
    )
    for name in ("signed", "alternative", "contradicted"):
        own = covered["coverage"].eq(name)
        parts[f"{name}_customers"] = own.astype("int64")
        parts[f"{name}_gross"] = gross.where(own, 0)
        parts[f"{name}_balance"] = covered["balance"].where(own, 0)
    sums = parts.groupby(["company_id", "cluster_id", "currency"], as_index=False).sum()
    sums = sums.assign(
        customers_permille=_permille(sums["signed_customers"], sums["customers"]),
        signed_permille=_permille(sums["signed_gross"], sums["gross_balance"]),
    )
    return COVERAGE_BY_CLUSTER.conform(sums)


def _by_age(covered: pd.DataFrame, policy: ActPolicy) -> pd.DataFrame:
    parts = covered[["company_id", "currency", "age_range", "balance"]].assign(
        customers=1, gross_balance=covered["balance"].abs()
    )
    sums = parts.groupby(["company_id", "currency", "age_range"], as_index=False).sum()
    whole = sums.groupby(["company_id", "currency"])["gross_balance"].transform("sum")
    order = {name: place for place, name in enumerate(age_ranges(policy))}
    sums = sums.assign(
        gross_permille=_permille(sums["gross_balance"], whole), _order=sums["age_range"].map(order)
    )
    return COVERAGE_BY_AGE.conform(sums.sort_values(["company_id", "currency", "_order"]))


def _permille(parts: pd.Series, wholes: pd.Series) -> list[int]:
    """Thousandths, rounded half away from zero; of nothing 0."""
    pairs = zip(parts.tolist(), wholes.tolist(), strict=True)
    return [round_half_away(1000 * part, whole) if whole else 0 for part, whole in pairs]
