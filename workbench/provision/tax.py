"""What the tax authority lets be deducted for doubtful debts (provisión fiscal, DIAN): one of two methods.

Individual: up to 33 % a year of the nominal of each debt more than one year overdue. General: 5 % of what is
more than 3 and up to 6 months overdue, 10 % to 1 year, 15 % beyond. **Months are calendar months from the due
date**: due on 30 November, a debt is three months overdue on 28 February and more than three the day after; a
month without that day ends it on its last. A year is twelve of them. Measured at the end of the tax year;
between ends the same is what it would be if the year ended on the cut-off. Methods are never mixed. Debts of
related parties, interest, and items that are no income are left out. Source: DOMAIN, section 7.3.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..applications import collect_findings, finding
from ..money import Amounts, checked_sum, share_of
from ..policy import TaxPolicy

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class TaxProvided:
    """``items``: the debts with what is deducted of each; ``findings``: whether the tax year ends here."""

    items: pd.DataFrame
    findings: pd.DataFrame


def provide_tax(debts: pd.DataFrame, *, policy: TaxPolicy, as_of: dt.date) -> TaxProvided:
    """Each debt with ``tax_permille``, ``tax_excluded`` (why it is left out, '' else) and ``tax_amount``.

    ``tax_amount`` is what stands deducted at ``as_of``: by the individual method of all tax years so far,
    never more than the debt; by the general one of this measurement alone. Minor units, rounded once an item,
    half away from zero. An item without a due date counts from its document's.
    """
    due = debts["due_date"].where(debts["due_date"].notna(), debts["document_date"])
    days: Days = due.to_numpy().astype("datetime64[D]")
    if policy.method == "individual":
        permille = individual_permille(days, as_of, policy)
    else:
        permille = general_permille(days, as_of, policy)
    excluded = np.select(
        [
            debts["customer_id"].isin(policy.related_parties).to_numpy(),
            debts["document_type"].isin(policy.interest_types).to_numpy(),
            (debts["document_kind"] == "payment").to_numpy(),
        ],
        ["related-party", "interest", "not-income"],
        default="",
    )
    permille = np.where(excluded == "", permille, 0)
    amounts: Amounts = debts["open_amount"].to_numpy(dtype=np.int64)
    items = debts.assign(
        tax_method=policy.method,
        tax_permille=permille,
        tax_excluded=pd.array(excluded.tolist(), dtype="str"),
        tax_amount=share_of(amounts, permille),
    )
    return TaxProvided(items, collect_findings(_findings(items, policy, as_of)))


def individual_permille(due: Days, as_of: dt.date, policy: TaxPolicy) -> Amounts:
    """What stands deducted of each debt: the yearly share for each tax year at whose end it was old enough.

    The year of ``as_of`` counts as measured on ``as_of``. In thousandths, at most 1000.
    """
    limit = add_months(due, policy.individual_months)
    day = np.datetime64(as_of, "D")
    ends_before = _year_ends(np.array([day - np.timedelta64(1, "D")]), policy.year_end_month)[0]
    years = np.where(limit < day, ends_before - _year_ends(limit, policy.year_end_month) + 1, 0)
    permille: Amounts = np.minimum(np.maximum(years, 0) * policy.individual_permille, 1000)
    return permille


def general_permille(due: Days, as_of: dt.date, policy: TaxPolicy) -> Amounts:
    """The share of the longest step that each debt is beyond, in thousandths."""
    day = np.datetime64(as_of, "D")
    permille = np.zeros(len(due), dtype=np.int64)
    for months, rate in policy.general:
        permille[add_months(due, months) < day] = rate
    return permille


def add_months(days: Days, months: int) -> Days:
    """The same day so many months later; the month's last where it has no such day."""
    month = days.astype("datetime64[M]")
    day_of_month = (days - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.timedelta64(months, "M")
    length = (
        (target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")
    ).astype(np.int64)
    moved: Days = target.astype("datetime64[D]") + np.minimum(day_of_month, length - 1).astype(
        "timedelta64[D]"
    )
    return moved


def _year_ends(days: Days, month: int) -> Amounts:
    """How many tax years have ended by each day, that day included (counted from an arbitrary start)."""
    whole = (days + np.timedelta64(1, "D")).astype("datetime64[M]").astype(np.int64) - 1
    ended: Amounts = (whole - (month - 1)) // 12
    return ended


def _findings(items: pd.DataFrame, policy: TaxPolicy, as_of: dt.date) -> list[dict[str, object]]:
    next_day = as_of + dt.timedelta(days=1)
    is_end = next_day.day == 1 and as_of.month == policy.year_end_month
    if is_end or items.empty:
        return []
    return [
        finding(
            "provision-tax-before-year-end",
            table="policy",
            key=str(currency),
            level="note",
            amount=checked_sum(rows["tax_amount"].to_numpy()),
            currency=str(currency),
            as_of_day=as_of.isoformat(),
            month=policy.year_end_month,
        )
        for currency, rows in items.groupby("currency", sort=True)
    ]
