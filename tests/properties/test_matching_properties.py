"""Whatever comes in: no cash lost or doubled, nothing taken twice, the order of rows means nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items, receipts, remittances

from workbench import applications, matching
from workbench.policy import MatchingPolicy
from workbench.tables import CASH_KINDS

AS_OF = dt.date(2026, 3, 20)
DAYS = [f"2026-03-{day:02d}" for day in (1, 5, 10, 20, 25)]
#: Few values, so that equal amounts, shared numbers and second payments happen.
AMOUNTS = st.sampled_from([100, 200, 300, 500])
#: Mostly one account, so that rules have something to decide; the others must stay apart.
COMPANIES = st.sampled_from(["CO01"] * 5 + ["CO02"])
CUSTOMERS = st.sampled_from(["C1"] * 3 + ["C2"])
CURRENCIES = st.sampled_from(["COP"] * 5 + ["USD"])
NUMBERS = [str(number) for number in range(1001, 1009)]

ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from(NUMBERS),
            "amount": st.sampled_from([100, 200, 300, 500, -100]),
            "company_id": COMPANIES,
            "customer_id": CUSTOMERS,
            "currency": CURRENCIES,
            "document_date": st.sampled_from(DAYS),
            "due_date": st.sampled_from([*DAYS, None]),
            "special_gl": st.sampled_from([""] * 9 + ["A"]),
            "payment_block": st.sampled_from([""] * 9 + ["B"]),
            "document_kind": st.sampled_from(["invoice", "invoice", "credit_note", "payment"]),
        }
    ),
    min_size=4,
    max_size=12,
)
RECEIPTS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["R1", "R2", "R3", "R4"]),
            "amount": AMOUNTS | st.sampled_from([0, -100, 400, 600, 700]),
            "company_id": COMPANIES,
            "currency": CURRENCIES,
            "customer_id": CUSTOMERS | st.just(""),
            "receipt_date": st.sampled_from(DAYS),
            "pays": st.none() | st.integers(0, 3),  # an item that it names, with its amount
            "text": st.lists(st.sampled_from([*NUMBERS, "pago"]), max_size=3).map(" ".join),
        }
    ),
    min_size=2,
    max_size=8,
)
ADVICES = st.lists(
    st.fixed_dictionaries(
        {
            "receipt_id": st.sampled_from(["R1", "R2", "R3"]),
            "reference": st.sampled_from(NUMBERS),
            "amount": AMOUNTS,
            "deduction": st.sampled_from([0, 0, 0, 10]),
        }
    ),
    max_size=4,
)


def run(paid: pd.DataFrame, items: pd.DataFrame, told: pd.DataFrame) -> matching.Matched:
    return matching.match_receipts(paid, items, told, policy=MatchingPolicy(), as_of=AS_OF)


def frames(
    items: list[Any], paid: list[Any], told: list[Any]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows = []
    for receipt in paid:
        row = {name: value for name, value in receipt.items() if name != "pays"}
        if receipt["pays"] is not None:
            item = items[receipt["pays"]]
            same = {name: item[name] for name in ("company_id", "currency", "customer_id", "amount")}
            row |= same | {"text": f"pago {item['number']}"}
        rows.append(row)
    return receipts(*rows), open_items(*items), remittances(*told)


@settings(max_examples=tries(25), deadline=None)
@given(ITEMS, RECEIPTS, ADVICES)
def test_cash_applied_and_unapplied_is_what_was_received(
    items: list[Any], paid: list[Any], told: list[Any]
) -> None:
    given_receipts, given_items, advices = frames(items, paid, told)
    matched = run(given_receipts, given_items, advices)
    assert (matching.prove_conservation(given_receipts, matched)["difference"] == 0).all()
    # By receipt too: one is applied whole or left whole, and never both.
    cash = (
        matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
        .groupby("receipt_key")["applied_amount"]
        .sum()
    )
    left = matched.unapplied.set_index("receipt_key")["unapplied_amount"]
    received = given_receipts.set_index("receipt_key")["received_amount"]
    received = received[received != 0]
    assert set(cash.index).isdisjoint(left.index)
    assert pd.concat([cash, left]).sort_index().to_dict() == received.sort_index().to_dict()


@settings(max_examples=tries(25), deadline=None)
@given(ITEMS, RECEIPTS, ADVICES)
def test_no_item_gives_more_than_is_open_nor_leaves_its_account(
    items: list[Any], paid: list[Any], told: list[Any]
) -> None:
    given_receipts, given_items, advices = frames(items, paid, told)
    matched = run(given_receipts, given_items, advices)
    taken = matched.applied.merge(given_items, on="document_key", suffixes=("", "_item")).merge(
        given_receipts, on="receipt_key", suffixes=("", "_receipt")
    )
    assert taken["document_key"].is_unique
    assert (taken["applied_amount"] == taken["open_amount"]).all()
    for name in ("company_id", "currency"):
        assert (taken[name] == taken[f"{name}_item"]).all()
        assert (taken[name] == taken[f"{name}_receipt"]).all()
    assert (taken["customer_id"] == taken["customer_id_item"]).all()
    assert taken.groupby("receipt_key")["customer_id"].nunique().le(1).all()
    known = taken["customer_id_receipt"] != ""
    assert (taken["customer_id"] == taken["customer_id_receipt"])[known].all()
    assert (taken["document_date"] <= taken["receipt_date"]).all()
    assert (taken["receipt_date"] <= pd.Timestamp(AS_OF)).all()
    assert taken["special_gl"].eq("").all()
    assert taken["payment_block"].eq("").all()
    shown = matched.suggested.groupby(["receipt_key", "proposal"])["applied_amount"].sum().reset_index()
    cash = shown.merge(given_receipts, on="receipt_key")
    assert (cash["applied_amount"] <= cash["received_amount"]).all()


@settings(max_examples=tries(12), deadline=None)
@given(ITEMS, RECEIPTS, ADVICES, st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(
    items: list[Any], paid: list[Any], told: list[Any], dice: Any
) -> None:
    given_frames = frames(items, paid, told)
    seed = dice.randrange(2**32)
    shuffled = [frame.sample(frac=1, random_state=seed) for frame in given_frames]
    one, other = run(*given_frames), run(*shuffled)
    pd.testing.assert_frame_equal(one.applied, other.applied)
    pd.testing.assert_frame_equal(one.suggested, other.suggested)
    pd.testing.assert_frame_equal(one.unapplied, other.unapplied)
    pd.testing.assert_frame_equal(one.findings, other.findings)
    ids = [applications.identify_applications(matched.applied)["application_id"] for matched in (one, other)]
    assert ids[0].tolist() == ids[1].tolist()
    assert ids[0].is_unique


@settings(max_examples=tries(12), deadline=None)
@given(ITEMS, RECEIPTS)
def test_matching_again_what_is_left_applies_nothing_that_was_taken(
    items: list[Any], paid: list[Any]
) -> None:
    given_receipts, given_items, none = frames(items, paid, [])
    first = run(given_receipts, given_items, none)
    taken = first.applied.set_index("document_key")["applied_amount"]
    rest = given_items.assign(
        open_amount=given_items["open_amount"]
        - given_items["document_key"].map(taken).fillna(0).astype("int64")
    )
    left = given_receipts[given_receipts["receipt_key"].isin(first.unapplied["receipt_key"])]
    second = run(left, rest, none)
    assert set(second.applied["document_key"]).isdisjoint(first.applied["document_key"])
    assert (matching.prove_conservation(left, second)["difference"] == 0).all()
