"""How amounts, days and ids are written: what is read, and what is refused rather than guessed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.money import to_text
from workbench.sources import grammar
from workbench.sources.mapping_rules import AmountRule, DateRule
from workbench.sources.raw_table import DATE, NUMBER, TRUTH, plain_words

EVERY = AmountRule(("spanish",), ("leading", "trailing", "parentheses"), "$")
PLAIN = AmountRule(("plain",), ("leading",))


def cells(*texts: str) -> np.ndarray:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def amount(text: str, *, style: str = "plain", rule: AmountRule = PLAIN, currency: str = "COP") -> object:
    read = grammar.read_amounts(cells(text), cells(currency), style, rule)
    return read.rules[0] or int(read.minor[0])


@pytest.mark.parametrize(
    ("text", "style", "minor"),
    [
        ("1.234,56-", "spanish", -123456),
        ("(1.234,56)", "spanish", -123456),
        ("-1.234,56", "spanish", -123456),
        ("$ 1.234,56", "spanish", 123456),
        ("1.234", "spanish", 123400),
        ("1.234", "english", "amount-precision"),
        ("1,234.56", "english", 123456),
        ("12,5", "spanish", 1250),
        ("1234567,8", "spanish", 123456780),
        ("1.23.456", "spanish", "amount-format"),
        ("1,234.56", "spanish", "amount-format"),
        ("1.234,567", "spanish", "amount-precision"),
    ],
)
def test_an_amount_is_what_its_style_says(text: str, style: str, minor: object) -> None:
    assert amount(text, style=style, rule=EVERY) == minor


@pytest.mark.parametrize(
    "text",
    ["١٢٣", "１２３", "1_000", "1e5", "NaN", "Infinity", "0x1F", "--5", "5-", "1 000", "1\u00a0000"],
)
def test_what_decimal_would_swallow_is_no_amount(text: str) -> None:
    assert amount(text) == "amount-format"


@pytest.mark.parametrize("text", ["=1+1", "²", "+5", ".5", "5.", "1,234.00", "−5"])
def test_what_another_program_would_write_is_no_amount(text: str) -> None:
    assert amount(text) == "amount-format"


def test_decimals_follow_the_currency() -> None:
    assert amount("12000", currency="JPY") == 12000
    assert amount("12000.5", currency="JPY") == "amount-precision"
    assert amount("1.125", currency="KWD") == 1125
    assert amount("10.005") == "amount-precision"


def test_three_decimals_that_may_be_thousands_are_not_taken_for_cents() -> None:
    assert amount("1.500") == "amount-precision"
    assert amount("125,000", style="spanish", rule=EVERY) == "amount-precision"
    assert amount("1500.500") == 150050
    assert amount("0.500") == 50
    assert amount("1.500", currency="KWD") == 1500
    assert amount(NUMBER + "1.500") == 150
    assert amount("10.50") == 1050
    assert amount("-0.01") == -1


def test_an_amount_too_large_is_refused_and_never_wraps_round() -> None:
    assert amount("999999999999999.99") == 99999999999999999
    assert amount("99999999999999999999.00") == "amount-too-large"
    assert amount("9" * 400) == "amount-too-large"


def test_a_number_of_a_workbook_is_its_shortest_digits_and_noise_is_no_digit() -> None:
    assert amount(NUMBER + "0.30000000000000004") == 30
    assert amount(NUMBER + "1500000.0") == 150000000
    assert amount(NUMBER + "1e+16", rule=AmountRule(largest=10**17)) == 10**18
    assert amount(NUMBER + "10.005") == "amount-precision"
    assert amount(NUMBER + "inf") == "amount-format"
    assert amount(TRUTH + "TRUE") == "amount-format"


def test_the_style_is_chosen_for_a_whole_column() -> None:
    both = AmountRule(("spanish", "english"), ("leading",))
    assert grammar.choose_style(cells("1.234", "5,50"), both) == "spanish"
    assert grammar.choose_style(cells("1.234", "5.50"), both) == "english"
    assert grammar.choose_style(cells("10", "", "20"), both) == "spanish"  # both read the same
    assert grammar.choose_style(cells("1.234", "2.500"), both) is None  # nobody could tell
    assert grammar.choose_style(cells(NUMBER + "1.234"), both) == "spanish"


@given(st.integers(-(10**16), 10**16), st.sampled_from(["COP", "JPY", "KWD", "CLF"]))
def test_what_is_written_is_read_again(minor: int, currency: str) -> None:
    rule = AmountRule(("plain",), ("leading",), largest=10**17)
    assert amount(to_text(minor, currency), rule=rule, currency=currency) == minor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31.10.2026", dt.date(2026, 10, 31)),
        ("25-ene-2020", dt.date(2020, 1, 25)),
        ("25-Jan-2020", dt.date(2020, 1, 25)),
        ("2026-02-28", dt.date(2026, 2, 28)),
        (DATE + "2026-10-31", dt.date(2026, 10, 31)),
        ("31.02.2026", "date-invalid"),
        ("25-Foo-2020", "date-invalid"),
        ("10/31/2026", "date-format"),
        ("31.10.26", "date-format"),
        ("2026-10-31T00:00:00Z", "date-format"),
        ("３1.10.2026", "date-format"),
        ("45961", "date-format"),
        (NUMBER + "45961.0", "date-format"),
    ],
)
def test_a_day_is_written_in_one_of_the_formats(text: str, expected: object) -> None:
    day, rule = grammar.read_date(text, DateRule(("dd.mm.yyyy", "yyyy-mm-dd", "dd-mmm-yyyy")))
    assert (day or rule) == expected


def test_serials_are_days_only_where_the_mapping_says_so() -> None:
    rule = DateRule(("yyyy-mm-dd",), has_serials=True)
    assert grammar.read_date("46326", rule)[0] == dt.date(2026, 10, 31)
    assert grammar.read_date(NUMBER + "46326.0", rule)[0] == dt.date(2026, 10, 31)
    assert grammar.read_date(NUMBER + "44864.0", rule, serial_shift=1462)[0] == dt.date(2026, 10, 31)
    assert grammar.read_date(NUMBER + "46326.5", rule) == (None, "date-format")


@pytest.mark.parametrize(
    ("cell", "text", "rule"),
    [
        ("0000123", "0000123", ""),
        ("NA", "NA", ""),
        ("1E5", "1E5", ""),
        ("1.23457E+17", "1.23457E+17", "id-damaged"),
        ("000123 ", "000123 ", ""),
        ("СС-1", "СС-1", "id-format"),
        ("../etc", "../etc", "id-format"),
        ("a//b", "a//b", "id-format"),
        ("=1+1", "=1+1", "id-format"),
        (NUMBER + "123.0", "123", ""),
        (NUMBER + "1.2345678901234568e+18", "1.2345678901234568e+18", "id-damaged"),
        (NUMBER + "1.5", "1.5", "id-damaged"),
        (TRUTH + "TRUE", "TRUE", "id-not-text"),
    ],
)
def test_an_id_keeps_every_sign(cell: str, text: str, rule: str) -> None:
    texts, rules = grammar.read_ids(cells(cell), drops_decimal_zero=False)
    assert (texts[0], rules[0]) == (text, rule)


def test_a_decimal_zero_is_dropped_only_where_the_mapping_says_so() -> None:
    assert grammar.read_ids(cells("1930.0"), drops_decimal_zero=True)[0][0] == "1930"
    assert grammar.read_ids(cells("1930.0"), drops_decimal_zero=False)[0][0] == "1930.0"
    assert grammar.read_ids(cells("A.0"), drops_decimal_zero=True)[0][0] == "A.0"


def test_headings_are_compared_without_accents_capitals_and_punctuation() -> None:
    wanted = plain_words("Nº documento")
    assert wanted == plain_words("N° Documento") == plain_words("  no.  documento ")
    assert plain_words("Invoice Amount ($)") == "invoice amount"
    assert plain_words("Código_cliente") == "codigo cliente"
    assert plain_words("**") == "**"


@pytest.mark.parametrize("places", [0, 2, 3])
def test_the_short_way_to_a_workbooks_number_is_the_long_one(places: int) -> None:
    from decimal import Decimal

    from workbench.sources import grammar

    numbers = [
        0.0,
        5.0,
        -5.0,
        0.5,
        0.05,
        0.005,
        1234567.89,
        -0.01,
        1e22,
        1e-7,
        99999999999.99,
        0.1 + 0.2,
        1e15,
    ]
    for number in [*numbers, *(cents / 100 for cents in range(10**9, 10**9 + 500))]:
        text = repr(number)
        short = grammar._plain_number(text, places, 15)
        digits = grammar._number_digits(grammar.NUMBER + text, places)
        assert digits is not None
        minor, rule = grammar._scale(digits, places, Decimal(10**15))
        assert short is None or (short, "") == (minor, rule), text
    assert grammar._plain_number("1.5", 2, 15) == 150  # it is taken, not only right


def test_a_column_of_plain_ids_is_read_as_each_of_them_alone() -> None:
    from workbench.sources.grammar import read_ids

    plain = ["A1", "", "0001", "FV-981", "1E5", "a_b"]
    odd = ["A 1", "A/1", "1.0", "1.2E+3", "-A", "_A", "A\nB", "ñ", "=A", "\x00n17.0", "A--", "A\n"]
    alone = {}
    for one in [*plain, *odd]:
        texts, rules = read_ids(np.array([one], dtype=object), drops_decimal_zero=True)
        alone[one] = (texts[0], rules[0])
    for together in (plain, [*plain, *odd], odd):
        texts, rules = read_ids(np.array(together, dtype=object), drops_decimal_zero=True)
        assert [(text, rule) for text, rule in zip(texts, rules, strict=True)] == [alone[o] for o in together]
    assert [alone[one][1] for one in plain] == [""] * len(plain)
    assert alone["A\nB"][1] == "id-format"
