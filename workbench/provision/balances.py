"""What each calculation stands at: this close's balances, and those that the last one posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import Period
from ..exchange import has_rate, translate
from ..money import checked_sum
from ..policy import CALCULATIONS
from ..tables import PROVISION_BALANCES, Table
from .books import AMOUNTS

_SET_LATER = ("operation_id", "step_key", "period", "as_of_date", "who", "recorded_at")
#: ``tables.PROVISION_BALANCES`` before the book has them.
BALANCES = Table(
    "balances",
    ("company_id", "calculation", "customer_id", "currency", "segment", "bucket"),
    {name: kind for name, kind in PROVISION_BALANCES.columns.items() if name not in _SET_LATER},
)


@dataclass(frozen=True)
class Opening:
    """``balances``: what the last close before a period posted; ``findings``: if it is not the one before;
    ``first_day``: of the period."""

    balances: pd.DataFrame
    findings: pd.DataFrame
    first_day: dt.date


def provision_balances(
    by_item: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    as_of: dt.date,
    base_currency: str,
    companies: Iterable[str] = (),
) -> pd.DataFrame:
    """What each calculation provides, by customer, currency, segment and range (``BALANCES``).

    ``base_provision_amount``: each row at the rate of ``as_of``, rounded once; 0 in a currency without one,
    which the caller tells (``exchange.missing_rates``). The tax book's segment is its
    method, the corporate policy has none. A company of ``companies`` in which nothing is owed keeps a row of
    0 a calculation, so that the next close knows of this one.
    """
    segments = {"ifrs9": by_item["segment"], "tax": by_item["tax_method"]}
    keys = list(BALANCES.key)
    parts = []
    for calculation in CALCULATIONS:
        own = by_item.assign(
            calculation=calculation,
            segment=segments.get(calculation, ""),
            exposure_amount=by_item["open_amount"],
            provision_amount=by_item[AMOUNTS[calculation]],
        )
        sums = own.groupby(keys, sort=True)[["exposure_amount", "provision_amount"]].sum()
        parts.append(sums.reset_index())
    found = pd.concat(parts, ignore_index=True)
    known = has_rate(found["currency"], rates, on=as_of, to_currency=base_currency)
    based = translate(found[known], ["provision_amount"], rates, on=as_of, to_currency=base_currency)
    found = found.assign(base_currency=base_currency, base_provision_amount=0)
    found.loc[known, "base_provision_amount"] = based["provision_amount"]
    owing = set(found["company_id"])
    empty = [_empty(company, base_currency) for company in sorted(set(companies) - owing)]
    return BALANCES.conform(pd.concat([found, *empty], ignore_index=True))


def _empty(company: str, base_currency: str) -> pd.DataFrame:
    """A close in which nothing was owed: a row of 0 a calculation."""
    blank = {name: "" if kind == "text" else 0 for name, kind in BALANCES.columns.items()}
    told = {"company_id": company, "currency": base_currency, "base_currency": base_currency}
    return BALANCES.conform(pd.DataFrame([{**blank, **told, "calculation": one} for one in CALCULATIONS]))


def opening_balances(posted: pd.DataFrame, *, period: str, companies: Iterable[str]) -> Opening:
    """What each company posted at the close of the last period before ``period`` (``PROVISION_BALANCES``).

    Of several postings of one period the one recorded last. Nothing posted before: the opening is nothing,
    and a note says so; a month in between without a close: a warning names the period it was taken from.
    """
    before = posted[(posted["period"] < period).to_numpy()]
    last = before.groupby("company_id")["period"].max().to_dict()
    before = before[(before["period"] == before["company_id"].map(last)).to_numpy()]
    newest = before.sort_values("recorded_at", kind="stable").drop_duplicates("company_id", keep="last")
    words = dict(zip(newest["company_id"], newest["operation_id"], strict=True))
    balances = before[(before["operation_id"] == before["company_id"].map(words)).to_numpy()]
    opened = Period.parse(period)
    previous = str(opened.previous())
    found = []
    for company in sorted(companies):
        taken = last.get(company, "")
        if taken == previous:
            continue
        rule = "provision-opening-older" if taken else "provision-opening-missing"
        found.append(
            finding(
                rule,
                table="provision_balances",
                key=company,
                level="warning" if taken else "note",
                company=company,
                period=period,
                opening=taken,
            )
        )
    return Opening(balances.reset_index(drop=True), collect_findings(found), opened.first_day)


def check_one_method(
    opening: pd.DataFrame, by_item: pd.DataFrame, *, as_of: dt.date, year_end_month: int
) -> pd.DataFrame:
    """``provision-tax-methods-mixed``: a tax year that began with the other method, an error a company."""
    begun = opening[
        ((opening["calculation"] == "tax") & (opening["provision_amount"] != 0)).to_numpy()
        & np.array([_tax_year(day.date(), year_end_month) == _tax_year(as_of, year_end_month)
                    for day in opening["as_of_date"]], dtype=np.bool_)
    ]  # fmt: skip
    now = by_item.groupby("company_id")["tax_method"].first().to_dict()
    mixed = begun[
        (begun["segment"] != begun["company_id"].map(now)).to_numpy()
        & begun["company_id"].isin(now).to_numpy()
    ]
    return collect_findings(
        [
            finding(
                "provision-tax-methods-mixed",
                table="policy",
                key=str(company),
                level="error",
                amount=checked_sum(rows["base_provision_amount"].to_numpy()),
                currency=str(rows["base_currency"].iloc[0]),
                company=str(company),
                before=str(rows["segment"].iloc[0]),
                now=now[company],
            )
            for company, rows in mixed.groupby("company_id", sort=True)
        ]
    )


def _tax_year(day: dt.date, year_end_month: int) -> int:
    return day.year + (day.month > year_end_month)
