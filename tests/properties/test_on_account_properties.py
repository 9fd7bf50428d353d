"""Money on account that pays documents later: no cash made or lost, nobody else's, never below nothing."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items, receipts

from workbench import credit_notes, decisions, ledger
from workbench.applications import ON_ACCOUNT_OF, identify_applications
from workbench.book.read_records import DECISIONS
from workbench.credit_notes import SUGGESTED, UNAPPLIED
from workbench.decisions import WRITTEN
from workbench.tables import APPLICATIONS, CASH_KINDS, ERP_EXPORT_LINES, REVERSALS

AS_OF = dt.date(2026, 3, 31)
SAID = st.sampled_from([
    *[("accept", "", "")] * 3, ("split", "D0; D1", "30; 10"), ("split", "D2", "25"), ("reject", "", ""),
    ("split", "D1", "500"), *[("", "", "")] * 3,
])  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Receipts whose money is on account of a customer, and debts of two customers."""
    whose = st.sampled_from(["C1", "C1", "C2"])
    debts = [
        {
            "number": f"D{at}",
            "amount": draw(st.sampled_from([10_00, 30_00, 40_00])),
            "customer_id": draw(whose),
        }
        for at in range(draw(st.integers(1, 4)))
    ]
    cash = [
        {"id": f"R{at}", "amount": draw(st.sampled_from([25_00, 40_00, 70_00])), "receipt_date": "2026-02-01"}
        for at in range(draw(st.integers(1, 3)))
    ]
    paid = receipts(*cash)
    put = [
        {"application_id": f"a{key}", "operation_id": f"o{key}", "receipt_key": key, "document_key": -1,
         "kind": "on_account", "applied_amount": amount, "effective_date": pd.Timestamp("2026-02-01"),
         "rule": "decided", "evidence": json.dumps({ON_ACCOUNT_OF: draw(whose)}), "erp_open_amount": 0,
         "step_key": "", "recorded_at": pd.Timestamp("2026-02-01", tz="UTC")}
        for key, amount in zip(paid["receipt_key"], paid["received_amount"], strict=True)
    ]  # fmt: skip
    return open_items(*debts), paid, APPLICATIONS.conform(pd.DataFrame(put))


def with_credits(items: pd.DataFrame, paid: pd.DataFrame, applications: pd.DataFrame) -> pd.DataFrame:
    """The items less what was applied to them, and the money on account."""
    taken = applications[applications["document_key"] >= 0].groupby("document_key")["applied_amount"].sum()
    left = items["open_amount"] - items["document_key"].map(taken).fillna(0).astype("int64")
    return ledger.with_credits_on_account(
        items.assign(open_amount=left), items, paid, applications, REVERSALS.empty(),
        ERP_EXPORT_LINES.empty(), as_of=AS_OF,
    )  # fmt: skip


@given(worlds(), st.lists(SAID, min_size=12, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=tries(25), deadline=None)
def test_applied_later_it_is_conserved_and_stays_its_customers(
    world: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], said: list[tuple[str, str, str]], shuffle: Any
) -> None:
    items, paid, put = world
    before = with_credits(items, paid, put)
    suggested, left = credit_notes.with_money_on_account(
        SUGGESTED.empty(), UNAPPLIED.empty(), before, decisions=DECISIONS.empty(), as_of=AS_OF
    )
    offered = decisions.offer_set_offs(suggested, left, before)
    written = offered.assign(row=range(8, 8 + len(offered)), decided_reason="")
    told = [said[at % len(said)] for at in range(len(offered))]
    for place, name in enumerate(("decision", "decided_documents", "decided_amounts")):
        written[name] = [one[place] for one in told]
    rows = WRITTEN.conform(written)
    made = decisions.apply_set_offs(rows, before)
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    again = decisions.apply_set_offs(rows.iloc[order].reset_index(drop=True), before)
    pd.testing.assert_frame_equal(made.applied, again.applied)

    legs = identify_applications(made.applied).assign(
        step_key="", recorded_at=pd.Timestamp("2026-03-01", tz="UTC")
    )
    both = APPLICATIONS.conform(pd.concat([put, APPLICATIONS.conform(legs)], ignore_index=True))
    after = with_credits(items, paid, both)
    accounts = ["company_id", "customer_id", "currency"]
    sums = [
        frame.groupby(accounts)["open_amount"].sum().loc[lambda one: one != 0] for frame in (before, after)
    ]
    pd.testing.assert_series_equal(*sums)  # nobody's balance moves
    assert made.applied.groupby("operation")["applied_amount"].sum().eq(0).all()
    cash = both[both["kind"].isin(CASH_KINDS)].groupby("receipt_key")["applied_amount"].sum()
    assert cash.to_dict() == paid.set_index("receipt_key")["received_amount"].to_dict()
    bare = both[both["document_key"] < 0].groupby("receipt_key")["applied_amount"].sum()
    assert (bare >= 0).all()
    assert (after.loc[after["document_key"] >= 0, "open_amount"] >= 0).all()
    assert set(made.applied["kind"]) <= {"on_account", "payment"}
