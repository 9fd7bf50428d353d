"""Of any two lists: Σ differences is what the balances differ by, in any order, any number of times."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_frames import frame
from tries import tries

from workbench.policy import Policy
from workbench.reconciliation import customers
from workbench.tables import CLAIMS, CUSTOMER_LEDGER_LINES, OPEN_ITEMS

quick = settings(deadline=None, max_examples=tries(50), suppress_health_check=list(HealthCheck))
AS_OF = dt.date(2026, 10, 31)
ACCOUNT = ["company_id", "customer_id", "currency"]
Rows = list[dict[str, Any]]

#: Few numbers, amounts and days, so that everything often meets something.
numbers = st.sampled_from(["", "FE1001", "1001", "FE-01001", "FV1001", "FE1002", "NC7", "7", "FE1003", "X"])
amounts = st.sampled_from([100, 100, 200, 300, 50, -50, -100, 1190, 25])
days = st.integers(1, 28).map(lambda day: f"2026-10-{day:02d}")
accounts = st.sampled_from([("A", "COP"), ("A", "USD"), ("B", "COP")])


@st.composite
def ours(draw: st.DrawFn) -> pd.DataFrame:
    rows: Rows = []
    for key in range(draw(st.integers(0, 8))):
        customer, currency = draw(accounts)
        amount = draw(amounts)
        touched = draw(st.sampled_from([0, 0, 0, 100 if amount > 0 else -100]))
        rows.append(
            {
                "document_key": key if draw(st.integers(0, 9)) else -2 - 64 * key,
                "document_id": f"D{key}",
                "document_number": draw(st.sampled_from([f"D{key}", "D1"])),
                "reference": draw(numbers),
                "customer_id": customer,
                "currency": currency,
                "open_amount": amount,
                "original_amount": amount + touched,
                "document_kind": "invoice"
                if amount > 0
                else draw(st.sampled_from(["credit_note", "payment"])),
                "document_date": draw(days),
                "reception_date": draw(st.none() | days),
                "reference_document_id": draw(st.sampled_from(["", "FE1001"])),
            }
        )
    return frame(OPEN_ITEMS, rows, company_id="CO01")


@st.composite
def theirs(draw: st.DrawFn) -> pd.DataFrame:
    rows: Rows = []
    for key in range(draw(st.integers(0, 8))):
        customer, currency = draw(accounts)
        rows.append(
            {
                "ledger_line_key": key,
                "customer_id": customer,
                "currency": currency,
                "document_number": draw(numbers),
                "reference": draw(st.sampled_from(["", "", "FE1003"])),
                "line_kind": draw(st.sampled_from(["invoice", "payment", "credit_note", "other"])),
                "document_date": draw(st.none() | days),
                "ledger_amount": draw(amounts),
            }
        )
    return frame(CUSTOMER_LEDGER_LINES, rows, company_id="CO01", observed_date="2026-10-31")


@st.composite
def claims(draw: st.DrawFn) -> pd.DataFrame:
    rows: Rows = [
        {
            "claim_id": f"K{number}",
            "customer_id": draw(st.sampled_from("AB")),
            "document_id": draw(numbers),
            "disputed_amount": draw(st.sampled_from([0, 25, 100, 75])),
        }
        for number in range(draw(st.integers(0, 2)))
    ]
    return frame(CLAIMS, rows, company_id="CO01", claim_kind="dispute", status="new", currency="COP")


def reconcile(mine: pd.DataFrame, own: pd.DataFrame, disputed: pd.DataFrame) -> customers.CustomersReconciled:
    around = customers.Surroundings(documents=mine, claims=disputed, before=own[own["ledger_line_key"] < 3])
    return customers.reconcile_customers(mine, own, around, as_of=AS_OF, policy=Policy())


@quick
@given(ours(), theirs(), claims())
def test_differences_sum_to_the_difference_of_the_balances(
    mine: pd.DataFrame, own: pd.DataFrame, disputed: pd.DataFrame
) -> None:
    made = reconcile(mine, own, disputed)
    listed = set(own["customer_id"])
    sums = made.differences.groupby(ACCOUNT)["difference_amount"].sum()
    our = mine.groupby(ACCOUNT)["open_amount"].sum()
    their = own.groupby(ACCOUNT)["ledger_amount"].sum()
    for row in made.balances.to_dict("records"):
        account = tuple(row[name] for name in ACCOUNT)
        wanted = our.get(account, 0) - their.get(account, 0) if row["customer_id"] in listed else 0
        assert row["has_list"] == (row["customer_id"] in listed)
        assert sums.get(account, 0) == wanted == row["balance_difference"]
        assert row["explained_amount"] + row["without_cause_amount"] == wanted
    told = made.differences
    assert (told["our_amount"] - told["their_amount"]).tolist() == told["difference_amount"].tolist()
    assert told["difference_id"].is_unique
    assert (told["cause"] != "").all()


@quick
@given(ours(), theirs(), claims())
def test_each_line_is_met_or_differs_once(
    mine: pd.DataFrame, own: pd.DataFrame, disputed: pd.DataFrame
) -> None:
    made = reconcile(mine, own, disputed)
    assert made.matched["ledger_line_key"].is_unique
    apart = made.differences[made.differences["side"] == "theirs"]
    both = made.differences[made.differences["side"] == "both"]
    lines = own[own["ledger_amount"] != 0]
    met = made.matched["their_amount"].sum() + apart["their_amount"].sum() + both["their_amount"].sum()
    assert met == lines["ledger_amount"].sum()


@quick
@given(ours(), theirs(), claims(), st.integers(0, 1000))
def test_order_changes_nothing_and_neither_does_a_repeat(
    mine: pd.DataFrame, own: pd.DataFrame, disputed: pd.DataFrame, seed: int
) -> None:
    made = reconcile(mine, own, disputed)
    mixed = (part.sample(frac=1, random_state=seed).reset_index(drop=True) for part in (mine, own, disputed))
    again = reconcile(*mixed)
    for name in ("balances", "matched", "differences"):
        pd.testing.assert_frame_equal(getattr(made, name), getattr(again, name))
