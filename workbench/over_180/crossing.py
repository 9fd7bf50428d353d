"""Who crosses 90, 120, 180 or 360 days before the next close if nothing is collected, and what it costs.

An item crosses a limit X when it is at most X days overdue at this close and more than X at the next one: a
list of one close and that of the next never share an item, and together they miss none. Source: DOMAIN,
section 7 ("Pre-180 list").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..money import Amounts, share_of
from ..policy import Insured, Over180Policy, ProvisionException, ProvisionPolicy
from ..tables import Table
from .exceptions import INSURED

#: One row an item and a limit that it crosses. ``gross_cost_amount`` is what the policy's rates would add to
#: the provision, ``cost_amount`` what is left of it after insured and otherwise excepted parts.
CROSSINGS = Table(
    "crossings",
    ("over_days", "document_key"),
    {
        "over_days": "integer",
        "document_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "document_id": "text",
        "currency": "text",
        "open_amount": "money",
        "crossing_date": "date",  # the first day on which it is over the limit
        "cost_amount": "money",  # gross − insured − excepted
        "owner": "text",  # the plan's, else the customer's supervisor
        "cause": "text",
        "plan": "text",
        "plan_date": "date",
        "supervisor_id": "text",
        "cluster_id": "text",
        "document_type": "text",
        "due_date": "date",
        "days_overdue": "integer",
        "days_at_next_close": "integer",
        "rate_now_permille": "integer",
        "rate_then_permille": "integer",
        "gross_cost_amount": "money",
        "insured_amount": "money",
        "excepted_amount": "money",
        "plan_case": "text",  # '' where nobody has a plan
    },
)
_SUMMED = ("open_amount", "gross_cost_amount", "insured_amount", "excepted_amount", "cost_amount")


def list_crossings(
    aged: pd.DataFrame,
    customers: pd.DataFrame,
    plans: pd.DataFrame,
    *,
    as_of: dt.date,
    next_close: dt.date,
    policy: Over180Policy,
    provision: ProvisionPolicy,
) -> pd.DataFrame:
    """``CROSSINGS``: every debt that crosses one of ``policy.crossings`` between two closes.

    ``aged``: ``aging.age_open_items`` as of ``as_of``; ``plans``: ``plans.PLANS``, by document. An item
    that is X days overdue today crosses X tomorrow; one that is X at the next close does not. The cost at a
    limit is what is open × (rate just over it − rate at it), each share rounded half away from zero, less
    what an insurer answers for and what an exception that holds through ``next_close`` takes off; where no
    rate changes it is 0. Minor units of the row's currency. Sorted by limit, company, currency, the dearest
    first.
    """
    ahead = (next_close - as_of).days
    debts = aged[aged["open_amount"] > 0]
    days = debts["days_overdue"].to_numpy()
    covered = covered_amounts(debts, provision.matrix.insured, on=next_close)
    listed = [
        _priced(debts[(days <= limit) & (days + ahead > limit)], limit, ahead, next_close, provision, covered)
        for limit in policy.crossings
    ]
    rows = pd.concat(listed, ignore_index=True) if listed else debts.head(0)
    keys = ["company_id", "customer_id"]
    known = customers[[*keys, "cluster_id", "supervisor_id"]].drop_duplicates(keys)
    rows = rows.merge(known, on=keys, how="left")
    told = plans.drop_duplicates("document_key", keep="last")
    rows = rows.merge(
        told[["document_key", "owner", "cause", "plan", "plan_date", "plan_case"]],
        on="document_key",
        how="left",
    )
    names = ["cluster_id", "supervisor_id", "owner", "cause", "plan", "plan_case"]
    rows[names] = rows[names].astype("object").fillna("")
    rows["owner"] = rows["owner"].where(rows["owner"] != "", rows["supervisor_id"])
    order = ["over_days", "company_id", "currency", "cost_amount", "open_amount", "document_key"]
    ascending = [True, True, True, False, False, True]
    return CROSSINGS.conform(rows).sort_values(order, ascending=ascending, ignore_index=True)


def summarise_crossings(crossings: pd.DataFrame, *, by: Sequence[str]) -> pd.DataFrame:
    """Items and money of each limit and value of ``by``, per currency: what the next close would cost whom.

    ``items``, ``without_plan`` (items that nobody has a plan for) and the sums of ``CROSSINGS``; minor units.
    """
    keys = ["over_days", *by, "currency"]
    counted = crossings.assign(items=1, without_plan=crossings["plan_case"].eq("").astype("int64"))
    summed = counted.groupby(keys, sort=True)[["items", "without_plan", *_SUMMED]].sum().reset_index()
    return summed.astype(dict.fromkeys(("items", "without_plan", *_SUMMED), "int64"))


def _priced(
    rows: pd.DataFrame,
    limit: int,
    ahead: int,
    next_close: dt.date,
    provision: ProvisionPolicy,
    covered: pd.Series,
) -> pd.DataFrame:
    amounts: Amounts = rows["open_amount"].to_numpy(dtype=np.int64)
    now, then = rate_at(provision, limit), rate_at(provision, limit + 1)
    gross = _share(amounts, then) - _share(amounts, now)
    in_force = {
        (one.company_id, one.customer_id): one
        for one in provision.exceptions
        if one.valid_through >= next_close
    }
    used = [in_force.get(name) for name in zip(rows["company_id"], rows["customer_id"], strict=True)]
    has_exception = np.array([one is not None for one in used], dtype=np.bool_)
    is_insured = np.array(
        [one is not None and one.reason.startswith(INSURED) for one in used], dtype=np.bool_
    )
    relief = gross - _step_excepted(amounts, used, limit, provision)
    insured: Amounts = rows["document_key"].map(covered).fillna(0).to_numpy(dtype=np.int64)
    by_insurer = np.where(has_exception, 0, _share(insured, then) - _share(insured, now))
    insured_amount = by_insurer + np.where(is_insured, relief, 0)
    excepted_amount = np.where(is_insured, 0, relief)
    basis = rows["basis_date"] if "basis_date" in rows else rows["due_date"]
    return rows.assign(
        over_days=limit,
        crossing_date=basis + pd.Timedelta(days=limit + 1),
        days_at_next_close=rows["days_overdue"] + ahead,
        rate_now_permille=now,
        rate_then_permille=then,
        gross_cost_amount=gross,
        insured_amount=insured_amount,
        excepted_amount=excepted_amount,
        cost_amount=gross - insured_amount - excepted_amount,
    )


def covered_amounts(debts: pd.DataFrame, insured: Sequence[Insured], *, on: dt.date) -> pd.Series:
    """By document key, what an insurer answers for: its share, the oldest debt first up to the limit.

    ``insured``: covers that hold on ``on``, one a customer; a currency without a limit has none.
    """
    covers = {(one.company_id, one.customer_id): one for one in insured if one.valid_through >= on}
    found: dict[int, int] = {}
    order = debts.sort_values(["days_overdue", "document_key"], ascending=[False, True])
    for (company, customer, currency), rows in order.groupby(
        ["company_id", "customer_id", "currency"], sort=False
    ):
        cover = covers.get((str(company), str(customer)))
        if cover is None:
            continue
        shares = _share(rows["open_amount"].to_numpy(dtype=np.int64), cover.covered_permille)
        limit = cover.limits.get(str(currency))
        left = int(shares.sum()) if limit is None else limit
        for key, share in zip(rows["document_key"].tolist(), shares.tolist(), strict=True):
            found[key] = min(share, left)
            left -= found[key]
    return pd.Series(found, dtype="int64")


def rate_at(provision: ProvisionPolicy, days_overdue: int) -> int:
    """The policy's rate in thousandths at so many days: exactly ``over_days`` is not over."""
    return provision.rate_permille if days_overdue > provision.over_days else 0


def _step_excepted(
    amounts: Amounts, used: Sequence[ProvisionException | None], limit: int, provision: ProvisionPolicy
) -> Amounts:
    """The same step at the exceptions' rates: they replace the rate of what is over, not of the rest."""
    over, at = rate_at(provision, limit + 1), rate_at(provision, limit)

    def provided(rate: int, days: int) -> Amounts:
        own = [rate if one is None or days <= provision.over_days else one.rate_permille for one in used]
        return share_of(amounts, np.array(own, dtype=np.int64))

    return provided(over, limit + 1) - provided(at, limit)


def _share(amounts: Amounts, rate: int) -> Amounts:
    return share_of(amounts, np.full(len(amounts), rate, dtype=np.int64))
