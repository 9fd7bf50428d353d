"""Rates in force, crosses and exact translation; real TRM and ECB days where the shared inputs are here."""

from __future__ import annotations

import csv
import datetime as dt
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_frames import rates

from workbench import exchange, words
from workbench.errors import AmountOverflowError, MissingRateError, ParameterRefusedError
from workbench.exchange import _multiplied
from workbench.money import RATE_SCALE, round_half_away
from workbench.tables import FINDINGS

FRIDAY, SUNDAY, TUESDAY = dt.date(2025, 8, 22), dt.date(2025, 8, 24), dt.date(2025, 8, 26)
TRM = [
    ("trm", "USD", "COP", "2025-08-22", "2025-08-22", 4_034_180_000),
    ("trm", "USD", "COP", "2025-08-23", "2025-08-25", 4_008_700_000),
]
ECB = [
    ("ecb", "EUR", "USD", "2025-08-22", "2025-08-24", 1_160_000),
    ("ecb", "EUR", "GBP", "2025-08-22", "2025-08-24", 865_000),
]


def _rate(origin: str, target: str, on: dt.date, source: str | None = None) -> int:
    table = rates(*TRM, *ECB)
    return exchange.rate_in_force(table, from_currency=origin, to_currency=target, on=on, source=source)


def test_a_weekend_keeps_the_last_certified_rate() -> None:
    assert _rate("USD", "COP", FRIDAY) == 4_034_180_000
    assert _rate("USD", "COP", SUNDAY) == 4_008_700_000


def test_a_currency_in_itself_is_one() -> None:
    assert _rate("COP", "COP", SUNDAY) == RATE_SCALE


def test_two_currencies_against_the_euro_cross_through_it() -> None:
    assert _rate("USD", "GBP", SUNDAY) == round_half_away(865_000 * RATE_SCALE, 1_160_000)
    assert _rate("GBP", "EUR", SUNDAY) == round_half_away(RATE_SCALE * RATE_SCALE, 865_000)


def test_euros_reach_pesos_through_the_dollar() -> None:
    assert _rate("EUR", "COP", SUNDAY) == round_half_away(4_008_700_000 * 1_160_000, RATE_SCALE)


def test_a_named_source_keeps_to_itself() -> None:
    with pytest.raises(MissingRateError):
        _rate("EUR", "COP", SUNDAY, source="trm")
    assert _rate("USD", "COP", SUNDAY, source="trm") == 4_008_700_000


def test_no_rate_in_force_names_the_currencies_the_day_and_the_nearest_one() -> None:
    with pytest.raises(MissingRateError) as raised:
        _rate("USD", "COP", TUESDAY)
    assert raised.value.values == {
        "from_currency": "USD",
        "to_currency": "COP",
        "on": "2025-08-26",
        "nearest": "2025-08-25",
    }
    words.choose_language("es")
    assert str(raised.value).startswith("No hay tasa de cambio vigente de USD a COP para el 2025-08-26")


def test_a_word_that_is_no_currency_is_refused() -> None:
    with pytest.raises(ParameterRefusedError):
        _rate("dollar", "COP", SUNDAY)


def test_of_rates_that_overlap_the_one_that_began_last_counts_in_any_order_of_rows() -> None:
    table = rates(
        ("trm", "USD", "COP", "2025-08-24", "2025-08-24", 5_000_000),
        ("trm", "USD", "COP", "2025-08-20", "2025-08-31", 4_000_000),
    )
    for rows in (table, table.iloc[::-1]):
        assert exchange.rate_in_force(rows, from_currency="USD", to_currency="COP", on=SUNDAY) == 5_000_000


# Translation


def _translated(currency: str, amount: int, to: str = "COP") -> int:
    frame = pd.DataFrame({"currency": [currency], "open_amount": [amount], "kept": [amount]})
    made = exchange.translate(frame, ["open_amount"], rates(*TRM, *ECB), on=SUNDAY, to_currency=to)
    assert list(made["currency"]) == [to]
    assert list(made["kept"]) == [amount]
    return int(made["open_amount"].iloc[0])


def test_an_amount_is_multiplied_exactly_and_rounded_once() -> None:
    assert _translated("USD", 100) == 400_870
    assert _translated("COP", 123) == 123
    assert _translated("EUR", 100) == round_half_away(100 * 40_087 * 116, 1_000)


def test_a_half_is_rounded_away_from_zero_on_both_sides() -> None:
    table = rates(("trm", "USD", "COP", "2025-08-24", "2025-08-24", 500_000))
    frame = pd.DataFrame({"currency": "USD", "amount": [1, -1, 3, -3]})
    made = exchange.translate(frame, ["amount"], table, on=SUNDAY, to_currency="COP")
    assert list(made["amount"]) == [1, -1, 2, -2]


def test_currencies_without_cents_or_with_three_decimals_keep_their_worth() -> None:
    table = rates(
        ("ecb", "EUR", "JPY", "2025-08-24", "2025-08-24", 170_000_000),
        ("ecb", "EUR", "KWD", "2025-08-24", "2025-08-24", 350_000),
    )
    frame = pd.DataFrame({"currency": ["JPY", "KWD", "EUR"], "amount": [170, 350, 100]})
    made = exchange.translate(frame, ["amount"], table, on=SUNDAY, to_currency="EUR")
    assert list(made["amount"]) == [100, 100, 100]


def test_an_amount_beyond_64_bits_stops() -> None:
    assert _translated("USD", 2**50) == round_half_away(2**50 * 40_087, 10)
    with pytest.raises(AmountOverflowError):
        _translated("USD", 2**62)


@given(
    amounts=st.lists(st.integers(-(2**61), 2**61), max_size=5),
    numerator=st.integers(1, 10**10),
    denominator=st.integers(1, 10**12),
)
def test_the_fast_way_and_the_exact_way_agree(amounts: list[int], numerator: int, denominator: int) -> None:
    ratio = Fraction(numerator, denominator)
    exact = [round_half_away(amount * ratio.numerator, ratio.denominator) for amount in amounts]
    column = pd.Series(amounts, dtype="int64").to_numpy()
    if any(abs(amount) >= 2**63 for amount in exact):
        with pytest.raises(AmountOverflowError):
            _multiplied(column, ratio)
    else:
        assert _multiplied(column, ratio).tolist() == exact


# Missing rates


def test_each_currency_without_a_rate_is_a_finding() -> None:
    findings = exchange.missing_rates(
        ["USD", "BRL", "COP", "BRL"], rates(*TRM, *ECB), on=SUNDAY, to_currency="COP"
    )
    assert list(findings) == list(FINDINGS.columns)
    assert findings[["level", "key", "rule"]].to_dict("records") == [
        {"level": "error", "key": "BRL/COP", "rule": "rate-missing"}
    ]
    assert len(exchange.missing_rates(["USD"], rates(*TRM), on=SUNDAY, to_currency="COP")) == 0


# Publications


def test_a_published_rate_holds_until_the_day_before_the_next_and_the_last_one_seven_days() -> None:
    table = rates(
        ("ecb", "EUR", "USD", "2025-08-25", "2025-08-25", 1_170_000),
        ("ecb", "EUR", "USD", "2025-08-22", "2025-08-22", 1_160_000),
        ("ecb", "EUR", "GBP", "2025-08-22", "2025-08-22", 865_000),
    )
    through = exchange.valid_until_next(table)["valid_through"]
    assert [str(day.date()) for day in through] == ["2025-08-31", "2025-08-24", "2025-08-28"]


def test_the_real_trm_has_one_rate_for_every_day_of_2025(shared: Path) -> None:
    with (shared / "data/fx/TRM_datosgov_20250824.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["VIGENCIAHASTA"].endswith("2025")]

    def iso(text: str) -> str:
        return "-".join(reversed(text.split("/")))

    table = rates(
        *(
            (
                "trm",
                "USD",
                "COP",
                iso(row["VIGENCIADESDE"]),
                iso(row["VIGENCIAHASTA"]),
                int(row["VALOR"].translate(str.maketrans("", "", "$,.")) + "0000"),
            )
            for row in rows
        )
    )
    days = pd.date_range("2025-01-01", "2025-08-25")
    found = [
        exchange.rate_in_force(table, from_currency="USD", to_currency="COP", on=day.date()) for day in days
    ]
    assert found[-1] == found[-3] == 4_008_700_000
    assert len(found) == 237


def test_the_real_ecb_series_gives_a_weekend_cross(shared: Path) -> None:
    with (shared / "data/fx/eurofxref-hist.csv").open(encoding="utf-8", newline="") as stream:
        days = [row for row in csv.DictReader(stream) if row["Date"].startswith("2020-0")]
    table = exchange.valid_until_next(
        rates(
            *(
                ("ecb", "EUR", name, row["Date"], row["Date"], int(Fraction(row[name]) * RATE_SCALE))
                for row in days
                for name in ("USD", "CAD")
            )
        )
    )
    friday = next(row for row in days if row["Date"] == "2020-02-28")
    exact = Fraction(friday["CAD"]) / Fraction(friday["USD"])
    rate = exchange.rate_in_force(table, from_currency="USD", to_currency="CAD", on=dt.date(2020, 3, 1))
    assert abs(Fraction(rate, RATE_SCALE) - exact) <= Fraction(1, 2 * RATE_SCALE)


def test_balances_are_presented_at_the_rate_of_the_day_and_none_is_guessed() -> None:
    known = rates(("trm", "USD", "COP", "2026-10-31", "2026-11-02", 4_008_700_000))
    balances = pd.DataFrame({"currency": ["COP", "USD", "EUR"], "total": [100_00, 2_50, 7_00]})
    seen = exchange.present_balances(balances, ["total"], known, on=dt.date(2026, 11, 1), to_currency="COP")
    shown = seen.presented.set_index("from_currency")
    assert shown["total"].to_dict() == {"COP": 100_00, "USD": 10_021_75}
    assert shown["rate"].to_dict() == {"COP": RATE_SCALE, "USD": 4_008_700_000}
    assert set(shown["currency"]) == {"COP"}
    assert seen.findings["key"].tolist() == ["EUR/COP"]
