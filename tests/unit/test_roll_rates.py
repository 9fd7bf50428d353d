"""Roll rates from the book's own history: item by item, with counts, never a silent zero."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from ledger_frames import Facts, documents, facts, frame

from workbench import roll_rates
from workbench.errors import ParameterRefusedError
from workbench.policy import Buckets, MatrixPolicy
from workbench.roll_rates import NOT_OBSERVED
from workbench.tables import CUSTOMERS

AS_OF = dt.date(2026, 10, 31)
FIVE = MatrixPolicy(buckets=Buckets((0, 30, 60, 90, 120)), fallback=(), months=4, tested_months=1)
CUSTOMERS_OF_TWO = frame(
    CUSTOMERS,
    [
        {"customer_id": "N1", "cluster_id": "Norte", "country": "CO"},
        {"customer_id": "S1", "cluster_id": "Sur", "country": "CO"},
    ],
    company_id="CO01",
)


def history(book: Facts, policy: MatrixPolicy = FIVE, as_of: dt.date = AS_OF) -> roll_rates.History:
    return roll_rates.observe_history(*book, CUSTOMERS_OF_TWO, as_of=as_of, policy=policy)


def rolls(book: Facts, policy: MatrixPolicy = FIVE, as_of: dt.date = AS_OF) -> pd.DataFrame:
    return roll_rates.count_rolls(history(book, policy, as_of))


def invoice(key: int, due: str, amount: int = 1000, **more: Any) -> dict[str, Any]:
    plain = {"document_key": key, "original_amount": amount, "due_date": due, "document_date": "2026-01-02"}
    return {**plain, "customer_id": "N1", **more}


def paid(key: int, day: str, amount: int = 1000) -> dict[str, Any]:
    return {
        "document_key": key,
        "clearing_date": day,
        "cleared_amount": amount,
        "clearing_document": f"Z{key}",
    }


def of(found: pd.DataFrame, from_date: str, bucket: str) -> dict[str, int]:
    row = found[(found["from_date"] == from_date) & (found["bucket"] == bucket)]
    assert len(row) == 1, found.to_string()
    return {name: int(row[name].iloc[0]) for name in found.columns if name.endswith(("items", "_amount"))}


def test_the_rolls_of_the_formula_sheet_give_its_loss_rates() -> None:
    told = [Fraction(text) for text in (".30", ".40", ".55", ".70", ".90")]
    rates = [rate for rate, _ in roll_rates.loss_rates(list(told), policy=FIVE)]
    assert [roll_rates.in_ppm(rate) for rate in rates] == [
        41_580,
        138_600,
        346_500,
        630_000,
        900_000,
        1_000_000,
    ]


def test_loss_given_default_and_the_factor_multiply_and_no_rate_passes_the_whole() -> None:
    policy = replace(FIVE, lgd_ppm=500_000, forward_ppm=1_100_000)
    rates = roll_rates.loss_rates([Fraction(1, 2)] * 5, policy=policy)
    assert [roll_rates.in_ppm(rate) for rate, _ in rates] == [
        17_188,
        34_375,
        68_750,
        137_500,
        275_000,
        550_000,
    ]
    dear = roll_rates.loss_rates([Fraction(9, 10)] * 5, policy=replace(FIVE, forward_ppm=3_000_000))
    assert max(roll_rates.in_ppm(rate) for rate, _ in dear) == 1_000_000


def test_a_range_that_nobody_saw_takes_the_fallback_and_those_before_lead_to_it() -> None:
    policy = MatrixPolicy()  # … 90, 120, 150, 180 and the sample rates of B5.5.35
    half = Fraction(1, 2)
    rates = roll_rates.loss_rates([half, half, half, half, None, half, half], policy=policy)
    assert [(roll_rates.in_ppm(rate), source) for rate, source in rates] == [
        (12_500, "joined"),
        (25_000, "joined"),
        (50_000, "joined"),
        (100_000, "joined"),
        (200_000, "fallback"),
        (250_000, "history"),
        (500_000, "history"),
        (1_000_000, "default"),
    ]


def test_without_a_fallback_a_range_that_nobody_saw_has_no_rate_nor_have_those_before_it() -> None:
    rates = roll_rates.loss_rates([Fraction(1), Fraction(0), None, Fraction(1), Fraction(1)], policy=FIVE)
    assert [roll_rates.in_ppm(rate) for rate, _ in rates[:3]] == [NOT_OBSERVED] * 3
    assert [source for _, source in rates] == ["none", "none", "none", "history", "history", "default"]


def test_the_sample_rates_serve_where_nothing_was_seen() -> None:
    rates = roll_rates.loss_rates([None] * 7, policy=MatrixPolicy())
    assert [roll_rates.in_ppm(rate) for rate, _ in rates] == [
        10_000, 20_000, 30_000, 30_000, 200_000, 200_000, 200_000, 1_000_000,
    ]  # fmt: skip


def test_each_item_is_followed_from_one_month_end_to_the_next() -> None:
    book = facts(
        documents(
            invoice(1, "2026-08-20", 1000),  # 11 days late in August, 41 in September: rolled
            invoice(2, "2026-08-21", 500),  # paid in part on the way
            invoice(3, "2026-08-01", 70),  # 30 days late, then 60: rolled
            invoice(4, "2026-08-05", 30),  # paid whole
            invoice(5, "2026-12-01", 9),  # not due, and still not
            invoice(6, "2026-09-15", 4),  # not due, then late
            invoice(7, "2026-03-01", 2),  # in default all the time
        ),
        clearings=[paid(2, "2026-09-10", 200), paid(4, "2026-09-30", 30), paid(7, "2026-10-01", 2)],
    )
    found = rolls(book, as_of=dt.date(2026, 9, 30))
    assert found["from_date"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-08-31"]
    late = of(found, "2026-08-31", "d1_30")
    assert late == {
        "items": 4, "rolled_items": 3, "jumped_items": 0, "before_amount": 1600, "rolled_amount": 1370,
        "jumped_amount": 0, "stayed_amount": 0, "back_amount": 0, "paid_amount": 230,
    }  # fmt: skip
    assert of(found, "2026-08-31", "not_due")["rolled_amount"] == 4
    assert of(found, "2026-08-31", "not_due")["stayed_amount"] == 9
    assert of(found, "2026-08-31", "d121_plus")["stayed_amount"] == 2


def test_day_30_of_a_31_day_month_jumps_over_a_range_and_stands_beside_the_rate_unless_asked() -> None:
    # 30 days late on 30 September, 61 on 31 October: d31_60 is passed over.
    book = facts(
        documents(*(invoice(key, "2026-08-31") for key in range(1, 31)), invoice(99, "2026-08-31")),
        clearings=[paid(99, "2026-09-01")],
    )
    found = rolls(book)
    late = of(found, "2026-09-30", "d1_30")
    assert (late["rolled_amount"], late["jumped_amount"]) == (0, 30_000)
    apart = roll_rates.estimate_rates(found, policy=FIVE, through=AS_OF)
    counted = roll_rates.estimate_rates(found, policy=replace(FIVE, counts_jumps=True), through=AS_OF)
    assert apart.set_index("bucket").loc["d1_30", "roll_ppm"] == 0
    assert counted.set_index("bucket").loc["d1_30", "roll_ppm"] == 1_000_000


def test_history_begins_with_the_month_of_the_first_clearing_known() -> None:
    book = facts(
        documents(invoice(1, "2026-03-01"), invoice(2, "2026-07-01")), clearings=[paid(2, "2026-08-17")]
    )
    assert rolls(book)["from_date"].dt.strftime("%Y-%m-%d").unique().tolist() == [
        "2026-07-31", "2026-08-31", "2026-09-30",
    ]  # fmt: skip


def test_without_clearings_history_begins_with_the_first_sight_and_without_either_there_is_none() -> None:
    items = documents(invoice(1, "2026-03-01"), invoice(2, "2026-07-01"))
    sights = [
        {
            "document_key": key,
            "observed_date": "2026-09-30",
            "open_amount": 1000,
            "recorded_at": "2026-10-01T00:00:00",
        }
        for key in (1, 2)
    ]
    seen = rolls(facts(items, observations=sights))
    assert seen["from_date"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2026-09-30"]
    nothing = rolls(facts(items))
    assert nothing.empty
    assert roll_rates.estimate_rates(nothing, policy=FIVE, through=AS_OF).empty


def test_what_a_reversal_brought_back_was_not_there_before_and_cannot_roll() -> None:
    book = facts(
        documents(invoice(1, "2026-09-10"), invoice(2, "2026-09-10")),
        clearings=[paid(2, "2026-09-20")],
        applications=[{"document_key": 1, "applied_amount": 400, "effective_date": "2026-09-15",
                       "erp_open_amount": 1000}],
        reversals=[{"application_id": "A0", "effective_date": "2026-10-15"}],
    )  # fmt: skip
    late = of(rolls(book), "2026-09-30", "d1_30")
    assert (late["before_amount"], late["rolled_amount"], late["paid_amount"]) == (600, 600, 0)


def test_credits_roll_nowhere() -> None:
    book = facts(
        documents(invoice(1, "2026-07-01"), invoice(2, "2026-07-01", -400)), clearings=[paid(1, "2026-10-30")]
    )
    assert rolls(book)["before_amount"].max() == 1000


def many(
    count: int, first: int, customer: str, *, unpaid: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """``count`` invoices late since September, all but ``unpaid`` paid in October."""
    made = [invoice(first + n, "2026-09-10", 100, customer_id=customer) for n in range(count)]
    return made, [paid(first + n, "2026-10-05", 100) for n in range(unpaid, count)]


def test_a_segment_of_29_items_takes_its_currencys_rate_and_one_of_30_its_own() -> None:
    north, north_paid = many(30, 0, "N1", unpaid=15)
    south, south_paid = many(29, 100, "S1", unpaid=0)
    book = facts(documents(*north, *south), clearings=[*north_paid, *south_paid])
    rates = roll_rates.estimate_rates(rolls(book), policy=FIVE, through=AS_OF)
    late = rates[rates["bucket"] == "d1_30"].set_index("segment")
    shown = ["items", "rate_level", "rate_items", "rate_rolled_items", "roll_ppm"]
    assert late.loc["Norte", shown].tolist() == [30, "segment", 30, 15, 500_000]
    assert late.loc["Sur", shown].tolist() == [29, "currency", 59, 15, 254_237]


def test_a_currency_of_few_items_takes_the_portfolios_rate_only_where_currencies_can_be_added() -> None:
    north, north_paid = many(30, 0, "N1", unpaid=15)
    few = [invoice(200 + n, "2026-09-10", 10, customer_id="S1", currency="USD") for n in range(5)]
    book = facts(documents(*north, *few), clearings=north_paid)
    found = rolls(book)
    alone = roll_rates.estimate_rates(found, policy=FIVE, through=AS_OF).set_index(["currency", "bucket"])
    assert alone.loc[("USD", "d1_30"), ["rate_level", "rate_items", "roll_ppm"]].tolist() == [
        "",
        0,
        NOT_OBSERVED,
    ]
    assert alone.loc[("USD", "d1_30"), "items"] == 5, "the count is told all the same"
    ratios = {"COP": Fraction(1), "USD": Fraction(40)}
    added = roll_rates.estimate_rates(found, policy=FIVE, through=AS_OF, ratios=ratios)
    dollar = added.set_index(["currency", "bucket"]).loc[("USD", "d1_30")]
    # 1,500 of 3,000 pesos and 50 of 50 dollars at 40: 3,500 of 5,000.
    assert dollar[["rate_level", "rate_items", "roll_ppm"]].tolist() == ["portfolio", 35, 700_000]


def test_segments_are_what_the_policy_says_and_an_unknown_customer_has_none() -> None:
    items = documents(invoice(1, "2026-09-10"), invoice(2, "2026-09-10", customer_id="X"))
    both = replace(FIVE, segment_by=("country", "cluster_id"))
    assert roll_rates.in_segments(items, CUSTOMERS_OF_TWO, policy=both)["segment"].tolist() == [
        "CO · Norte",
        "",
    ]
    none = replace(FIVE, segment_by=())
    assert roll_rates.in_segments(items, CUSTOMERS_OF_TWO, policy=none)["segment"].tolist() == ["", ""]


def test_only_the_months_asked_for_are_pooled() -> None:
    book = facts(
        documents(invoice(1, "2026-05-15"), invoice(2, "2026-07-01")), clearings=[paid(2, "2026-06-01")]
    )
    found = rolls(book)
    one = replace(FIVE, months=1, least_count=1)
    last = roll_rates.estimate_rates(found, policy=one, through=AS_OF).set_index("bucket")
    assert last["rate_items"].sum() == 1
    with pytest.raises(ParameterRefusedError):
        roll_rates.estimate_rates(found, policy=one, through=AS_OF, months=0)
