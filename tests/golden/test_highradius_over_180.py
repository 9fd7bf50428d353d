"""Who crosses 180 days if nothing is collected, on the real HighRadius items, against the csv module."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from over_180_frames import NO_PLANS
from upper_trade_frames import ITEM

from workbench import aging, over_180
from workbench.policy import Over180Policy, ProvisionPolicy
from workbench.tables import CUSTOMERS, OPEN_ITEMS

AS_OF, NEXT_CLOSE = dt.date(2020, 8, 31), dt.date(2020, 9, 30)
LIMITS = (90, 120, 180, 360)


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[dict[str, str]]:
    with (shared / "data/highradius/open_items.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _cents(row: dict[str, str]) -> int:
    return int((Decimal(row["total_open_amount"]) * 100).to_integral_exact())


@pytest.fixture(scope="module")
def listed(raw: list[dict[str, str]]) -> pd.DataFrame:
    made = [
        {**ITEM, "document_key": key, "document_id": row["doc_id"], "document_number": row["doc_id"],
         "customer_id": row["cust_number"], "currency": row["invoice_currency"],
         "document_date": row["posting_date"], "due_date": row["due_in_date"],
         **{name: _cents(row) for name in ("original_amount", "erp_open_amount", "open_amount")}}
        for key, row in enumerate(raw)
    ]  # fmt: skip
    aged = aging.age_open_items(OPEN_ITEMS.conform(pd.DataFrame(made)), as_of=AS_OF)
    return over_180.list_crossings(
        aged, CUSTOMERS.empty(), NO_PLANS, as_of=AS_OF, next_close=NEXT_CLOSE, policy=Over180Policy(),
        provision=ProvisionPolicy(),
    )  # fmt: skip


def test_who_crosses_each_limit_is_what_the_csv_module_counts(
    raw: list[dict[str, str]], listed: pd.DataFrame
) -> None:
    expected: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in raw:
        due = dt.date.fromisoformat(row["due_in_date"])
        for limit in LIMITS:
            if (AS_OF - due).days <= limit < (NEXT_CLOSE - due).days:
                told = expected[limit, row["invoice_currency"]]
                told[0] += 1
                told[1] += _cents(row)
    ours = {
        (int(limit), str(currency)): [len(rows), int(rows["open_amount"].sum())]
        for (limit, currency), rows in listed.groupby(["over_days", "currency"])
    }
    assert ours == dict(expected)
    # The figures themselves, so that both cannot err together unseen.
    assert ours[180, "USD"] == [1636, 5_402_988_477]
    assert ours[180, "CAD"] == [146, 840_655_286]


def test_by_customer_the_whole_crosses_and_costs_the_whole_at_a_policy_of_all(
    raw: list[dict[str, str]], listed: pd.DataFrame
) -> None:
    over = listed[listed["over_days"] == 180]
    assert over["cost_amount"].sum() == over["open_amount"].sum() == 5_402_988_477 + 840_655_286
    assert listed.loc[listed["over_days"] != 180, "cost_amount"].sum() == 0
    whose: dict[str, int] = defaultdict(int)
    for row in raw:
        due = dt.date.fromisoformat(row["due_in_date"])
        if (AS_OF - due).days <= 180 < (NEXT_CLOSE - due).days:
            whose[row["cust_number"]] += _cents(row)
    ours = over.groupby("customer_id")["open_amount"].sum()
    assert ours.to_dict() == dict(whose)
    assert len(whose) > 200, "an idle test: hardly anybody crosses"
