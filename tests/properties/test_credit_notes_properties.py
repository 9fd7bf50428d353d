"""Set-offs of credit notes: legs sum to zero, never more than open, whatever the order of rows, and once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items, remittances

from workbench import credit_notes

AS_OF = dt.date(2026, 3, 20)
NUMBERS = [str(number) for number in range(1001, 1005)]
FRAMES = ("applied", "suggested", "unapplied", "summarised", "findings")


def _item(amounts: st.SearchStrategy[int]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "number": st.sampled_from(NUMBERS),
            "amount": amounts,
            "company_id": st.sampled_from(["CO01"] * 5 + ["CO02"]),
            "customer_id": st.sampled_from(["C1"] * 3 + ["C2"]),
            "currency": st.sampled_from(["COP"] * 5 + ["USD"]),
            "document_date": st.sampled_from(["2026-03-01", "2026-03-10", "2026-03-25"]),
            "reference_document_id": st.sampled_from([*NUMBERS, "", "", "", "9999"]),
            "reference": st.sampled_from(["", "", "1003"]),
            "text": st.sampled_from(["", "", "por 1002", "1001 y 1004"]),
            "order_id": st.sampled_from(["", "P1", "P2"]),
            "centre_id": st.sampled_from(["", "", "K1"]),
            "special_gl": st.sampled_from([""] * 7 + ["A"]),
        }
    )


#: Many small amounts that meet, and some so odd that meeting is a proof.
ODD = [123_457_81, 200_003_37]
SMALL = st.integers(-300, 300).filter(bool)
ITEMS = st.lists(
    st.one_of(_item(SMALL), _item(st.sampled_from([*ODD, *(-odd for odd in ODD)]))), min_size=4, max_size=14
)
ADVICE = st.lists(
    st.fixed_dictionaries(
        {
            "remittance_id": st.sampled_from(["A1", "A2"]),
            "reference": st.sampled_from(NUMBERS),
            "amount": st.integers(-200, 200).filter(bool),
            "customer_id": st.sampled_from(["", "C1"]),
        }
    ),
    max_size=5,
)


def advices(lines: list[Any]) -> pd.DataFrame:
    """Lines in pairs that net to nothing: as told, and back."""
    return remittances(*lines, *({**line, "amount": -line["amount"]} for line in lines))


def debit_notes(items: list[Any]) -> list[Any]:
    """Every other debt with a stated document is a debit note."""
    for at, item in enumerate(items):
        if item["amount"] > 0 and item["reference_document_id"] and at % 2:
            item["document_kind"] = "debit_note"
    return items


@settings(max_examples=tries(25), deadline=None)
@given(
    ITEMS,
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(-5, 200)), max_size=4),
    ADVICE,
)
def test_legs_sum_to_zero_and_never_exceed_what_is_open(
    items: list[Any], told: list[tuple[int, int, int]], lines: list[Any]
) -> None:
    given_items = open_items(*debit_notes(items))
    allocations = pd.DataFrame(told, columns=["credit_document_key", "document_key", "amount"], dtype="int64")
    matched = credit_notes.match_credit_notes(given_items, allocations, advices(lines), as_of=AS_OF)
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
    changed = summary["opening_notes_amount"] + summary["new_amount"] + summary["matched_amount"]
    assert (changed == summary["left_amount"]).all()
    assert (summary["debt_before_amount"] - summary["matched_amount"] == summary["debt_after_amount"]).all()
    assert (summary["balance_before_amount"] == summary["balance_after_amount"]).all()
    notes = summary["opening_notes_amount"] + summary["new_amount"]
    parts = summary["debt_before_amount"] + notes + summary["other_credits_amount"]
    assert (parts == summary["balance_before_amount"]).all()
    assert summary["matched_amount"].sum() == legs.loc[legs["applied_amount"] > 0, "applied_amount"].sum()
    assert summary["left_amount"].sum() == matched.unapplied["unapplied_amount"].sum()
    assert credit_notes.prove_set_offs(legs, summary)["is_proved"].all()


@settings(max_examples=tries(12), deadline=None)
@given(ITEMS, ADVICE, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_means_nothing(items: list[Any], lines: list[Any], seed: int) -> None:
    given_items, told = open_items(*debit_notes(items)), advices(lines)
    one = credit_notes.match_credit_notes(given_items, None, told, as_of=AS_OF)
    other = credit_notes.match_credit_notes(
        given_items.sample(frac=1, random_state=seed),
        None,
        told.sample(frac=1, random_state=seed),
        as_of=AS_OF,
    )
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=tries(25), deadline=None)
@given(ITEMS, ADVICE)
def test_a_second_run_crosses_nothing_more_and_suggests_the_same(items: list[Any], lines: list[Any]) -> None:
    given_items, told = open_items(*debit_notes(items)), advices(lines)
    first = credit_notes.match_credit_notes(given_items, None, told, as_of=AS_OF)
    taken = first.applied.groupby("document_key")["applied_amount"].sum()
    moved = given_items["document_key"].map(taken).fillna(0).astype("int64")
    later = given_items.assign(open_amount=given_items["open_amount"] - moved, pending_applications=moved)
    again = credit_notes.match_credit_notes(later, None, told, in_force=first.applied, as_of=AS_OF)
    assert again.applied.empty
    left = ["document_key", "unapplied_amount", "rivals"]
    pd.testing.assert_frame_equal(again.unapplied[left], first.unapplied[left])
    pd.testing.assert_frame_equal(again.suggested, first.suggested)


@settings(max_examples=tries(12), deadline=None)
@given(ITEMS)
def test_a_suggestion_fits_what_is_left_of_both(items: list[Any]) -> None:
    matched = credit_notes.match_credit_notes(open_items(*debit_notes(items)), as_of=AS_OF)
    left = matched.unapplied.set_index("document_key")["unapplied_amount"]
    by_answer = matched.suggested.groupby(["credit_document_key", "proposal"])["applied_amount"].sum()
    assert (by_answer <= -left.reindex(by_answer.index.get_level_values(0)).to_numpy()).all()
    assert (matched.suggested["applied_amount"] <= matched.suggested["open_amount"]).all()
    assert (matched.suggested["applied_amount"] > 0).all()
