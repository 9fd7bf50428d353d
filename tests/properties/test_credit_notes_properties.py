"""Set-offs of credit notes: legs sum to zero, never more than open, whatever the order of rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from upper_trade_frames import open_items

from workbench import credit_notes

AS_OF = dt.date(2026, 3, 20)
NUMBERS = [str(number) for number in range(1001, 1005)]
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from(NUMBERS),
            "amount": st.integers(-300, 300).filter(bool),
            "company_id": st.sampled_from(["CO01"] * 5 + ["CO02"]),
            "customer_id": st.sampled_from(["C1"] * 3 + ["C2"]),
            "currency": st.sampled_from(["COP"] * 5 + ["USD"]),
            "document_date": st.sampled_from(["2026-03-01", "2026-03-10", "2026-03-25"]),
            "reference_document_id": st.sampled_from([*NUMBERS, "", "9999"]),
            "special_gl": st.sampled_from([""] * 7 + ["A"]),
        }
    ),
    min_size=4,
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(ITEMS, st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(-5, 200)), max_size=4))
def test_legs_sum_to_zero_and_never_exceed_what_is_open(
    items: list[Any], told: list[tuple[int, int, int]]
) -> None:
    given_items = open_items(*items)
    allocations = pd.DataFrame(told, columns=["credit_document_key", "document_key", "amount"], dtype="int64")
    matched = credit_notes.match_credit_notes(given_items, allocations, as_of=AS_OF)
    legs = matched.applied
    assert (legs.groupby("operation")["applied_amount"].sum() == 0).all()
    assert (legs.groupby("operation").size() == 2).all()
    assert (legs.groupby("operation")[["company_id", "customer_id", "currency"]].nunique() == 1).all(
        axis=None
    )
    taken = legs.groupby("document_key")["applied_amount"].sum()
    item = given_items.set_index("document_key").loc[taken.index]
    assert (taken.abs() <= item["open_amount"].abs()).all()
    assert ((taken > 0) == (item["open_amount"] > 0)).all()
    assert item["special_gl"].eq("").all()
    assert (item["document_date"] <= pd.Timestamp(AS_OF)).all()
    summary = matched.summarised
    assert (summary["opening_amount"] + summary["matched_amount"] == summary["left_amount"]).all()
    assert summary["matched_amount"].sum() == legs.loc[legs["applied_amount"] > 0, "applied_amount"].sum()
    assert summary["left_amount"].sum() == matched.unapplied["unapplied_amount"].sum()


@settings(max_examples=20, deadline=None)
@given(ITEMS, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_means_nothing(items: list[Any], seed: int) -> None:
    given_items = open_items(*items)
    one = credit_notes.match_credit_notes(given_items, as_of=AS_OF)
    other = credit_notes.match_credit_notes(given_items.sample(frac=1, random_state=seed), as_of=AS_OF)
    for name in ("applied", "suggested", "unapplied", "summarised", "findings"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=20, deadline=None)
@given(ITEMS)
def test_a_second_run_on_what_is_left_has_nothing_to_do(items: list[Any]) -> None:
    given_items = open_items(*items)
    first = credit_notes.match_credit_notes(given_items, as_of=AS_OF)
    taken = first.applied.groupby("document_key")["applied_amount"].sum()
    moved = given_items["document_key"].map(taken).fillna(0).astype("int64")
    again = credit_notes.match_credit_notes(
        given_items.assign(open_amount=given_items["open_amount"] - moved), as_of=AS_OF
    )
    # Only a note that was ambiguous may have become clear, and then with what was left.
    cleared = set(again.applied.loc[again.applied["applied_amount"] < 0, "document_key"])
    ambiguous = set(
        first.unapplied.loc[first.unapplied["reason"] == "credit-several-invoices", "document_key"]
    )
    assert cleared <= ambiguous
