"""A month run again, whatever was applied before it: it tells the same money and takes none twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items, receipts

from workbench import ledger, matching
from workbench.applications import identify_applications
from workbench.policy import MatchingPolicy
from workbench.tables import APPLICATIONS, REVERSALS

SINCE, AS_OF = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
RECEIPTS = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.sampled_from([100_17, 200_31, 300_05, 77_77]),
            "receipt_date": st.sampled_from(["2026-01-20", "2026-02-25", "2026-03-03", "2026-03-30"]),
            "currency": st.sampled_from(["COP", "COP", "USD"]),
            "is_named": st.booleans(),
        }
    ),
    min_size=2,
    max_size=8,
)


def booked(legs: pd.DataFrame, step_key: str) -> pd.DataFrame:
    """Applied legs as the book holds them."""
    made = identify_applications(legs, salt=step_key)
    return APPLICATIONS.conform(
        made.assign(step_key=step_key, recorded_at=pd.Timestamp("2026-04-01", tz="UTC"))
    )


def run(paid: pd.DataFrame, items: pd.DataFrame, applications: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """What a run of March makes of what the book holds, and its waterfall."""
    reversals = REVERSALS.empty()
    in_force = ledger.active_applications(applications, reversals, as_of=AS_OF)
    left = ledger.unapplied_receipts(paid, applications, reversals, as_of=AS_OF)
    taken = in_force.groupby("document_key")["applied_amount"].sum()
    gone = items["document_key"].map(taken).fillna(0).astype("int64")
    still = items.assign(open_amount=items["open_amount"] - gone)
    matched = matching.match_receipts(left, still, policy=MatchingPolicy(), as_of=AS_OF)
    return matched, matching.explain_received(left, matched, since=SINCE, in_force=in_force)


def totals(waterfall: pd.DataFrame) -> dict[tuple[str, str], int]:
    """By currency and stage; what was applied, before or now, is one."""
    stages = waterfall["stage"].replace({"before": "applied", "rule": "applied"})
    sums = waterfall.groupby([waterfall["currency"], stages])["step_amount"].sum()
    return {key: int(amount) for key, amount in sums.items() if amount}


@given(RECEIPTS, st.sampled_from(["2026-03/all/k", "alone/k"]), st.booleans())
@settings(max_examples=tries(25), deadline=None)
def test_a_month_run_again_tells_the_same_totals(told: list[dict[str, Any]], key: str, closed: bool) -> None:
    rows = [{"id": f"R{at}", "customer_id": "C1", "text": f"FE{1001 + at}" * one["is_named"],
             **{name: one[name] for name in ("amount", "receipt_date", "currency")}}
            for at, one in enumerate(told)]  # fmt: skip
    paid = receipts(*rows)
    items = open_items(
        *({"number": f"FE{1001 + at}", "amount": one["amount"], "currency": one["currency"],
           "document_date": "2026-01-02", "due_date": "2026-01-05"} for at, one in enumerate(told)
          if one["is_named"])
    )  # fmt: skip
    first, before = run(paid, items, APPLICATIONS.empty())
    # Outside a close only the day says whose month it was; in an open past the day may be the receipt's.
    is_dated = closed or key.startswith("alone")
    legs = first.applied
    if is_dated:
        legs = legs.assign(effective_date=legs["effective_date"].clip(lower=pd.Timestamp(SINCE)))
    again, after = run(paid, items, booked(legs, key))
    assert again.applied.empty
    assert totals(after) == totals(before)
    later, repeated = run(paid, items, booked(legs, key))
    pd.testing.assert_frame_equal(repeated, after)
    assert later.applied.empty
