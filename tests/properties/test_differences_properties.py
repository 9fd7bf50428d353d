"""Whatever is short or over: no cash is lost, no document is overpaid, and the order of rows says nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from matched import match
from tries import tries
from upper_trade_frames import open_items, receipts

from workbench.matching import Matched
from workbench.matching.differences import WithholdingSolver, realised_differences
from workbench.money import RATE_SCALE
from workbench.policy import (
    DifferencePolicy,
    DiscountTerm,
    MatchingPolicy,
    Tolerance,
    WithholdingRate,
    Withholdings,
)
from workbench.tables import CASH_KINDS
from workbench.withholdings import Taxed

LONG_AGO = dt.date(2000, 1, 1)
KNOWN = Withholdings(
    rates=(
        WithholdingRate("RFTE", "compras", 2500, 0, LONG_AGO),
        WithholdingRate("RFTE", "servicios", 4000, 0, LONG_AGO),
        WithholdingRate("RIVA", "IVA", 15_000, 0, LONG_AGO),
        WithholdingRate("RICA", "Bogotá", 966, 0, LONG_AGO),
    )
)
BASES = st.integers(1, 5_000_000).map(lambda pesos: pesos * 100)
LESS = st.sampled_from([(0, 0, 0), (2500, 0, 0), (2500, 15_000, 966), (4000, 0, 966), (3333, 1, 7)])
ACTIONS = st.sampled_from(["suggest", "apply"])


@st.composite
def months(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, MatchingPolicy]:
    bases = draw(st.lists(BASES, min_size=1, max_size=6))
    items, paid = [], []
    for number, base in enumerate(bases, start=1001):
        tax = base * 19 // 100
        items.append({"number": str(number), "amount": base + tax, "taxable_base": base, "tax": tax})
        items[-1]["payment_terms"] = draw(st.sampled_from(["", "Z010"]))
        income, vat, city = draw(LESS)
        net = base + tax - (base * income + tax * vat + base * city) // 100_000
        net += draw(st.sampled_from([0, 0, 0, -1, 1, -5000, 5000, -base // 50]))
        text = draw(st.sampled_from([f"pago {number}", f"{number} 1001", ""]))
        if net > 0:
            paid.append({"id": f"R{number}", "amount": net, "customer_id": "C1", "text": text})
    policy = DifferencePolicy(
        tolerance=draw(st.sampled_from([Tolerance(), Tolerance({"COP": 6000}, 10_000)])),
        tolerance_caps=draw(st.sampled_from([{}, {"COP": 6000}])),
        discounts=draw(st.sampled_from([(), (DiscountTerm("Z010", 20_000, 90, "base"),)])),
        wire_charges=draw(st.sampled_from([{}, {"COP": 4000}])),
        partial=draw(ACTIONS),
        surplus=draw(ACTIONS),
    )
    matching = MatchingPolicy(withholdings=KNOWN, differences=policy)
    return receipts(*paid), open_items(*items), matching


@settings(max_examples=tries(25), deadline=None)
@given(months())
def test_every_peso_received_is_applied_or_left_and_no_document_is_overpaid(
    month: tuple[pd.DataFrame, pd.DataFrame, MatchingPolicy],
) -> None:
    paid, items, policy = month
    matched = match(paid, items, policy=policy)
    cash = matched.applied[matched.applied["kind"].isin(CASH_KINDS)]
    applied = cash.groupby("receipt_id")["applied_amount"].sum()
    left = matched.unapplied.set_index("receipt_id")["unapplied_amount"]
    for receipt, amount in zip(paid["receipt_id"], paid["received_amount"], strict=True):
        assert int(applied.get(receipt, 0)) + int(left.get(receipt, 0)) == amount
    owed = items.set_index("document_id")["open_amount"]
    taken = matched.applied[matched.applied["document_key"] >= 0].groupby("document_id")["applied_amount"]
    for document, amount in taken.sum().items():
        assert 0 < amount <= owed[document]
        if policy.differences.partial == "suggest":
            assert amount == owed[document]
    assert all(str(matched.applied[name].dtype) == "int64" for name in ("applied_amount", "erp_open_amount"))
    month_cap = policy.differences.tolerance_caps.get("COP")
    eaten = matched.applied.loc[matched.applied["kind"].eq("tolerance"), "applied_amount"].abs().sum()
    assert month_cap is None or eaten <= month_cap


@settings(max_examples=tries(10), deadline=None)
@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    month: tuple[pd.DataFrame, pd.DataFrame, MatchingPolicy], luck: Any
) -> None:
    paid, items, policy = month
    one = match(paid, items, policy=policy)
    rows, others = list(range(len(paid))), list(range(len(items)))
    luck.shuffle(rows)
    luck.shuffle(others)
    other = match(paid.iloc[rows], items.iloc[others], policy=policy)
    for name in ("applied", "suggested", "unapplied"):
        pd.testing.assert_frame_equal(_table(one, name), _table(other, name))


def _table(matched: Matched, name: str) -> pd.DataFrame:
    table: pd.DataFrame = getattr(matched, name)
    return table


@given(st.lists(BASES, min_size=1, max_size=4), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1))
def test_what_is_withheld_by_the_rates_is_found_and_adds_up(
    bases: list[int], income: int, vat: int, city: int
) -> None:
    documents = [Taxed(place, base, base * 19 // 100, 20_000) for place, base in enumerate(bases)]
    short = sum(
        _share(one.base, (0, 2500, 4000)[income])
        + _share(one.tax, 15_000 * vat)
        + _share(one.base, 966 * city)
        for one in documents
    )
    found = WithholdingSolver(KNOWN).solve(documents, "C1", short).found
    assert bool(found) == bool(short)
    for split in found:
        assert sum(one.amount for one in split.deductions) == short
        assert all(one.amount > 0 for one in split.deductions)


def _share(whole: int, rate: int) -> int:
    return (whole * rate + 50_000) // 100_000


@given(
    st.integers(-(10**9), 10**9),
    st.integers(1, 10_000 * RATE_SCALE),
    st.integers(1, 10_000 * RATE_SCALE),
    st.integers(-(10**12), 10**12),
)
def test_what_the_bank_credited_is_explained_to_the_cent(
    amount: int, then: int, now: int, received: int
) -> None:
    line = {
        "document_key": 1, "receipt_key": 1, "currency": "USD", "applied_amount": amount,
        "document_rate": then, "payment_rate": now, "received_base": received,
    }  # fmt: skip
    row = realised_differences(pd.DataFrame([line]), base_currency="COP").iloc[0]
    assert row["document_base"] + row["realised_difference"] + row["bank_difference"] == received
    # The difference of two roundings is within one unit of the exact one.
    exact = amount * (now - then)
    assert abs(int(row["realised_difference"]) * RATE_SCALE - exact) <= RATE_SCALE
