"""However numbers are written: a reading is the amount, one customer's, and the same in any order of rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import customers, open_items, receipts

from workbench import matching
from workbench.policy import MatchingPolicy

AS_OF = dt.date(2026, 3, 20)
NUMBERS = list(range(10101, 10110))
JOINTS = st.sampled_from(["-", " a ", " AL ", "/", ", ", " y ", " ", " op "])
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.builds("{}{}".format, st.sampled_from(["FE", "FE", "ND"]), st.sampled_from(NUMBERS)),
            "amount": st.sampled_from([1_00, 2_00, 4_00, 8_00, -1_00]),
            "customer_id": st.sampled_from(["C1", "C1", "C2"]),
        }
    ),
    min_size=4,
    max_size=14,
)
WORDS = st.builds(
    lambda prefix, number, cut, zeros: f"{prefix}{'0' * zeros}{str(number)[cut:]}",
    st.sampled_from(["", "", "FE", "FV-"]),
    st.sampled_from([*NUMBERS, 10110, 10200, 90101]),
    st.sampled_from([0, 0, 0, 3]),
    st.sampled_from([0, 0, 0, 2]),
)
TEXTS = st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=4).map(
    lambda parts: "pago " + "".join(word + joint for word, joint in parts)
)
RECEIPTS = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXTS,
            "amount": st.sampled_from([1_00, 2_00, 3_00, 4_00, 6_00, 7_00, 8_00, 12_00]),
            "customer_id": st.sampled_from(["", "C1", "C2"]),
            "payer_name": st.sampled_from(
                ["", "Textiles Altomira", "Almacenes Quimbaya", "Textiles Altamira"]
            ),
        }
    ),
    min_size=1,
    max_size=5,
)
KNOWN = customers(
    {"customer_id": "C1", "customer_name": "Textiles Altomira S.A.S."},
    {"customer_id": "C2", "customer_name": "Almacenes Quimbaya Ltda."},
)


def run(paid: pd.DataFrame, items: pd.DataFrame, known: pd.DataFrame) -> matching.Matched:
    return matching.match_receipts(paid, items, customers=known, policy=MatchingPolicy(), as_of=AS_OF)


@settings(max_examples=tries(15), deadline=None)
@given(ITEMS, RECEIPTS, st.integers(0, 2**32 - 1))
def test_readings_keep_to_the_amount_to_one_customer_and_to_no_order(
    items: list[Any], paid: list[Any], seed: int
) -> None:
    stock = open_items(*items)
    rows = receipts(*({"id": f"R{place}", **row} for place, row in enumerate(paid)))
    matched = run(rows, stock, KNOWN)
    assert (matching.prove_conservation(rows, matched)["difference"] == 0).all()
    assert matched.applied["document_key"].is_unique
    taken = matched.applied.merge(rows, on="receipt_key", suffixes=("", "_given"))
    assert taken.groupby("receipt_key")["customer_id"].nunique().le(1).all()
    is_known = taken["customer_id_given"].ne("")
    assert (taken["customer_id"] == taken["customer_id_given"])[is_known].all()
    named = taken[taken["payer_name"].isin(["Textiles Altomira"]) & ~is_known]
    assert named["customer_id"].eq("C1").all()
    read = taken[taken["rule"].isin(["read-references", "near-reference"])]
    for _, legs in read.groupby("receipt_key"):
        assert legs["applied_amount"].sum() == legs["received_amount"].iat[0]
    shuffled = [frame.sample(frac=1, random_state=seed) for frame in (rows, stock, KNOWN)]
    other = run(*shuffled)
    for name in ("applied", "suggested", "unapplied", "unidentified", "findings"):
        pd.testing.assert_frame_equal(getattr(matched, name), getattr(other, name))


@settings(max_examples=tries(12), deadline=None)
@given(st.lists(TEXTS, min_size=4, max_size=8), ITEMS)
def test_a_text_alone_never_applies_what_its_amount_is_not(texts: list[str], items: list[Any]) -> None:
    rows = [
        {"id": f"R{place}", "amount": 77_77, "text": text, "customer_id": "C1"}
        for place, text in enumerate(texts)
    ]
    assert run(receipts(*rows), open_items(*items), KNOWN).applied.empty
