"""Minor units, exact sums and rounding."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import money
from workbench.errors import AmountOverflowError, ParameterRefusedError


@pytest.mark.parametrize(
    ("currency", "decimals"), [("COP", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("CLP", 0)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert money.exponent(currency) == decimals


@pytest.mark.parametrize("text", ["", "cop", "US", "PESOS", "U5D", "ÑAN", "US "])
def test_what_is_no_currency_code_is_refused(text: str) -> None:
    with pytest.raises(ParameterRefusedError):
        money.exponent(text)


@pytest.mark.parametrize(
    ("code", "places"),
    [
        *(("COP", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("DEM", 2)),
        ("COU", 2),  # the UVR of Colombia
        *(("CPO", None), ("ZZZ", None), ("cop", None), ("", None)),
    ],
)
def test_a_code_that_no_currency_has_is_no_currency(code: str, places: int | None) -> None:
    """A slip of the pen would be an account of its own, with two decimals."""
    assert money.currency_decimals(code) == places
    if places is None:
        with pytest.raises(ParameterRefusedError) as refusal:
            money.check_currency(code)
        assert refusal.value.cause == "currency-unknown"
    else:
        money.check_currency(code)


def test_every_currency_whose_decimals_are_known_here_is_one_whatever_the_list_of_names_says() -> None:
    assert [code for code, places in money.EXPONENTS.items() if money.currency_decimals(code) != places] == []


def test_a_decimal_too_many_is_refused_and_never_rounded() -> None:
    assert money.to_minor(Decimal("12.34"), "COP") == 1234
    assert money.to_minor(Decimal("12.340"), "COP") == 1234
    for amount, currency in (("12.345", "COP"), ("1.5", "JPY"), ("0.0001", "KWD")):
        with pytest.raises(ParameterRefusedError):
            money.to_minor(Decimal(amount), currency)


def test_an_amount_of_seventeen_digits_stays_itself() -> None:
    assert money.to_minor(Decimal("9999999999999999.99"), "COP") == 999_999_999_999_999_999


def test_an_amount_beyond_64_bits_stops() -> None:
    with pytest.raises(AmountOverflowError):
        money.to_minor(Decimal(10) ** 18, "COP")


@given(st.integers(-(2**62), 2**62), st.sampled_from(["COP", "JPY", "KWD", "CLF"]))
def test_minor_major_and_text_say_the_same(minor: int, currency: str) -> None:
    assert money.to_minor(money.to_major(minor, currency), currency) == minor
    assert Decimal(money.to_text(minor, currency)) == money.to_major(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(-5, "COP", "-0.05"), (0, "COP", "0.00"), (-7, "JPY", "-7"), (1_234_567, "KWD", "1234.567")],
)
def test_the_text_of_a_file_has_a_point_and_the_currencys_decimals(
    minor: int, currency: str, text: str
) -> None:
    assert money.to_text(minor, currency) == text


@given(st.lists(st.integers(-(2**62), 2**62), max_size=20))
def test_a_checked_sum_is_exact_or_stops(amounts: list[int]) -> None:
    column = np.array(amounts, dtype=np.int64)
    if abs(sum(amounts)) > money.LARGEST_AMOUNT:
        with pytest.raises(AmountOverflowError):
            money.checked_sum(column)
    else:
        assert money.checked_sum(column) == sum(amounts)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (25, 10, 3), (-25, 10, -3), (0, 7, 0)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert money.round_half_away(numerator, denominator) == rounded


def test_a_conversion_is_exact_beyond_64_bits_on_the_way() -> None:
    rate = 4_008_700_000
    assert money.convert(10**15, rate, from_currency="USD", to_currency="COP") == 4_008_700 * 10**12
    assert money.convert(100, 170_000_000, from_currency="EUR", to_currency="JPY") == 170
    assert money.convert(1, 100_000_000, from_currency="JPY", to_currency="COP") == 10_000


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("118702474,00", "COP", 11870247400),
        ("118.702.474,00", "COP", 11870247400),
        ("118702474.00", "COP", 11870247400),
        ("118,702,474.00", "COP", 11870247400),
        ("118.702.474", "COP", 11870247400),
        (" -42.899.500,5", "COP", -4289950050),
        ("42899500,00-", "COP", -4289950000),
        ("\u221242899500", "COP", -4289950000),
        ("400.000", "KWD", 400_000),
        ("0,500", "KWD", 500),
        ("0", "COP", 0),
    ],
)
def test_what_a_person_writes_is_read_with_comma_or_point(text: str, currency: str, minor: int) -> None:
    assert money.read_money_text(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "400.000",
        "400,000",
        "-400.000",
        "1.00.000",
        "1.000.00,5",
        "1,5,0",
        "--1",
        "-1-",
        "",
        "-",
        "1e9",
        "diez",
    ],
)
def test_an_amount_that_can_be_read_two_ways_or_none_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        money.read_money_text(text, "COP")
