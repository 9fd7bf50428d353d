"""Whatever currencies meet: no cash is lost in any, no document overpaid, both sides of an exchange agree."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from matched import match
from tries import tries
from upper_trade_frames import open_items, receipts

from workbench import tables
from workbench.matching import Matched
from workbench.matching.differences import realise_exchanges, realised_differences
from workbench.matching.differences.stated import read_stated
from workbench.money import RATE_SCALE, round_half_away, to_text
from workbench.policy import DifferencePolicy, MatchingPolicy
from workbench.tables import CASH_KINDS

DAY = "2026-03-02"
CENTS = st.integers(1_00, 5_000_000_00)
RATES_OF = st.integers(3_500_00, 4_500_00)
ACTIONS = st.sampled_from(["suggest", "apply"])


def official(rate: int) -> pd.DataFrame:
    row = {"source": "trm", "from_currency": "USD", "to_currency": "COP", "valid_from": "2026-01-01",
           "valid_through": "2026-12-31", "rate": rate * RATE_SCALE // 100}  # fmt: skip
    frame = pd.DataFrame([{**row, "recorded_at": pd.Timestamp(0, tz="UTC")}])
    return tables.RATES.conform(
        frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("valid_from", "valid_through")})
    )


@st.composite
def months(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, MatchingPolicy]:
    """Invoices in dollars and pesos; receipts in either, with rates, charges and amounts stated or not."""
    trm = draw(RATES_OF)
    items, paid = [], []
    for number in range(1001, 1001 + draw(st.integers(1, 5))):
        currency = draw(st.sampled_from(["USD", "USD", "COP"]))
        items.append({"number": str(number), "amount": draw(CENTS), "currency": currency})
        rate = round_half_away(trm * draw(st.sampled_from([1000, 1001, 990, 1040, 1200])), 1000)
        fee, ours = draw(st.sampled_from([(0, 0), (0, 0), (25_00, 0), (0, 25_00)]))
        amount = items[-1]["amount"]
        here = draw(st.sampled_from(["COP", "COP", "USD"]))
        if here != currency:
            net = max(amount - fee, 1)
            amount = round_half_away(net * rate, 100) if here == "COP" else round_half_away(net * 100, rate)
            amount -= ours
        amount += draw(st.sampled_from([0, 0, 0, 1, -49, 100, 100_00]))
        told = [f"pago {number}", f"TC {to_text(rate, 'COP')}",
                f"{currency} {to_text(items[-1]['amount'], currency)}",
                f"CHGS {currency}{to_text(fee, currency)}" if fee else "",
                f"CHGS {here}{to_text(ours, here)}" if ours else ""]  # fmt: skip
        text = " ".join(part for part in told if part and draw(st.integers(0, 3)))
        if amount > 0:
            customer = draw(st.sampled_from(["C1", ""]))
            paid.append({"id": f"R{number}", "amount": amount, "currency": here, "text": text,
                         "customer_id": customer, "receipt_date": DAY})  # fmt: skip
    policy = DifferencePolicy(
        exchange_band=draw(st.sampled_from([None, 10_000, 50_000])),
        wire_charges=draw(st.sampled_from([{}, {"USD": 25_00}, {"COP": 25_00, "USD": 25_00}])),
        partial=draw(ACTIONS),
        surplus=draw(ACTIONS),
    )
    return receipts(*paid), open_items(*items), official(trm), MatchingPolicy(differences=policy)


@settings(max_examples=tries(15), deadline=None)
@given(months())
def test_no_cash_is_lost_in_any_currency_and_both_sides_of_an_exchange_agree(month: Any) -> None:
    paid, items, rates, policy = month
    matched = match(paid, items, policy=policy, rates=rates)
    applied = matched.applied
    cash = applied[applied["kind"].isin(CASH_KINDS)].groupby("receipt_id")["applied_amount"].sum()
    left = matched.unapplied.set_index("receipt_id")["unapplied_amount"]
    for receipt, amount in zip(paid["receipt_id"], paid["received_amount"], strict=True):
        assert int(cash.get(receipt, 0)) + int(left.get(receipt, 0)) == amount
    owed = items.set_index("document_key")["open_amount"]
    there = applied[applied["document_key"] >= 0]
    for key, amount in there.groupby("document_key")["applied_amount"].sum().items():
        assert 0 < amount <= owed[key]
    currency_of = paid.set_index("receipt_id")["currency"]
    for receipt, legs in applied.groupby("receipt_id"):
        here = legs[legs["document_key"] < 0]
        assert set(here["currency"]) <= {currency_of[receipt]}
        crossed = legs[(legs["document_key"] >= 0) & legs["currency"].ne(currency_of[receipt])]
        given = here.loc[here["kind"] == "exchange", "applied_amount"].sum()
        assert (given < 0) == bool(len(crossed))
        assert set(crossed["kind"]) <= {"exchange", "fee", "tolerance", "discount", "withholding"}
        if len(crossed):
            assert here["applied_amount"].sum() == 0, "nothing stays on account"
    assert str(applied["applied_amount"].dtype) == "int64"


@settings(max_examples=tries(8), deadline=None)
@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_receipts_items_and_rates_changes_nothing(month: Any, luck: Any) -> None:
    paid, items, rates, policy = month
    one = match(paid, items, policy=policy, rates=rates)
    rows, others = list(range(len(paid))), list(range(len(items)))
    luck.shuffle(rows)
    luck.shuffle(others)
    other = match(paid.iloc[rows], items.iloc[others], policy=policy, rates=rates.iloc[::-1])
    for name in ("applied", "suggested", "unapplied"):
        pd.testing.assert_frame_equal(_table(one, name), _table(other, name))


@settings(max_examples=tries(15), deadline=None)
@given(months())
def test_every_line_adds_up_to_what_the_bank_credited(month: Any) -> None:
    paid, items, rates, policy = month
    matched = match(paid, items, policy=policy, rates=rates)
    realised = realise_exchanges(matched.applied, items, paid, rates, base_currency="COP")
    lines = realised.lines
    assert realised.findings.empty
    parts = lines["document_base"] + lines["realised_difference"] + lines["bank_difference"]
    assert (parts - lines["fee_base"] == lines["received_base"]).all()
    pesos = set(paid.loc[paid["currency"] == "COP", "receipt_id"])
    for receipt, own in lines.groupby("receipt_id"):
        if receipt in pesos and (own["currency"] == "USD").all():
            cash = matched.applied[matched.applied["receipt_id"] == receipt]
            cash = cash[cash["kind"].isin(CASH_KINDS)]
            assert own["received_base"].sum() == cash["applied_amount"].sum()


@given(CENTS, RATES_OF, RATES_OF)
def test_a_realised_difference_is_rounded_once_a_side_in_integers(amount: int, old: int, new: int) -> None:
    rates = {"document_rate": old * RATE_SCALE // 100, "payment_rate": new * RATE_SCALE // 100}
    line = {"document_key": 1, "receipt_key": 1, "currency": "USD", "applied_amount": amount, **rates}
    got = realised_differences(pd.DataFrame([line]), base_currency="COP").iloc[0]
    assert got["document_base"] == round_half_away(amount * old, 100)
    assert got["realised_difference"] == round_half_away(amount * new, 100) - got["document_base"]


@given(st.integers(1, 10**12), st.sampled_from(["en", "es", "plain", "swift"]))
def test_an_amount_is_among_the_readings_however_it_is_written(amount: int, style: str) -> None:
    whole, part = divmod(amount, 100)
    written = {
        "en": f"USD {whole:,}.{part:02d}",
        "es": f"USD {whole:,}".replace(",", ".") + f",{part:02d}",
        "plain": f"USD {whole}.{part:02d}",
        "swift": f"/OCMT/USD{whole},{part:02d}/",
    }[style]
    assert ("USD", amount) in read_stated(f"pago 77 {written} gracias").amounts


def _table(matched: Matched, name: str) -> pd.DataFrame:
    table: pd.DataFrame = getattr(matched, name)
    return table
