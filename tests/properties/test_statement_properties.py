"""A statement that adds up is taken to the last cent; one changed figure, whichever, and it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import mt940
import pytest
from camt_files import Made, Movement, Payment, camt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tries import tries

from workbench.errors import FileRefusedError
from workbench.money import to_major, to_text
from workbench.sources import Parsed, load_mapping, read_content

quick = settings(deadline=None, max_examples=tries(25), suppress_health_check=[HealthCheck.too_slow])
PARAMETERS = Path(__file__).resolve().parent.parent.parent / "parameters"
CAMT, MT940 = (load_mapping(PARAMETERS, name) for name in ("camt053", "mt940"))

AMOUNTS = st.integers(-(10**11), 10**11).filter(bool)
DAYS = st.integers(1, 31).map(lambda day: f"2026-10-{day:02d}")
CURRENCIES = st.sampled_from(["COP", "USD", "JPY", "KWD"])
WORDS = st.text("ABC áñ&<>?/:-019 ", max_size=20)


@st.composite
def statements(draw: st.DrawFn) -> Made:
    currency = draw(CURRENCIES)
    movements = []
    for number in range(draw(st.integers(1, 6))):
        payments: list[Payment] = []
        amount = draw(AMOUNTS)
        if draw(st.booleans()) and abs(amount) > 1:
            part = draw(st.integers(1, abs(amount) - 1))
            payments = [Payment(part, "A"), Payment(abs(amount) - part, "B")]
        status = draw(st.sampled_from(["BOOK", "BOOK", "BOOK", "PDNG"]))
        movements.append(Movement(amount, f"R{number}", draw(DAYS), draw(WORDS), status, payments=payments))
    return Made(movements, opening=draw(AMOUNTS), currency=currency)


def swift(made: Made) -> str:
    """The same statement as an MT940."""

    def money(minor: int) -> str:
        text = to_text(abs(minor), made.currency).replace(".", ",")
        return text if "," in text else f"{text},"

    def side(minor: int) -> str:
        return "C" if minor >= 0 else "D"

    lines = [":20:S", f":25:{made.account}", ":28C:1/1"]
    lines.append(f":60F:{side(made.opening)}261001{made.currency}{money(made.opening)}")
    for one in made.movements:
        if one.status == "BOOK":
            day = one.day.replace("-", "")[2:]
            lines.append(
                f":61:{day}{day[2:]}{side(one.amount)}{money(one.amount)}NTRFNONREF//{one.reference}"
            )
            lines.append(f":86:X{one.words}")
    lines.append(f":62F:{side(made.end)}261031{made.currency}{money(made.end)}")
    return "\r\n".join([*lines, "-", ""])


def read(text: str, *, is_camt: bool) -> Parsed:
    return read_content(text.encode(), CAMT if is_camt else MT940, file="made")


@quick
@given(statements(), st.integers(2, 8))
def test_a_statement_that_adds_up_is_taken_to_the_cent(made: Made, version: int) -> None:
    booked = [one for one in made.movements if one.status == "BOOK"]
    parsed = read(camt(made, version=version), is_camt=True)
    assert parsed.frame["bank_amount"].sum() == sum(one.amount for one in booked) == made.end - made.opening
    assert len(parsed.frame) == sum(max(1, len(one.payments)) for one in booked)
    assert len(parsed.rejected) == len(made.movements) - len(booked)
    assert parsed.frame["line_id"].is_unique
    again = read(swift(made), is_camt=False)
    (theirs,) = mt940.parse_statements(swift(made))
    assert [one.data["amount"].amount for one in theirs.transactions] == [
        to_major(amount, made.currency) for amount in again.frame["bank_amount"]
    ]
    assert again.frame["bank_amount"].tolist() == [one.amount for one in booked]
    assert again.frame["line_id"].tolist() == [one.reference for one in booked]
    assert [str(day.date()) for day in again.frame["booking_date"]] == [one.day for one in booked]


@quick
@given(statements(), st.integers(2, 8), st.data())
def test_one_changed_figure_of_a_booked_entry_refuses_the_statement(
    made: Made, version: int, data: st.DataObject
) -> None:
    """Any digit of an amount or a balance, or the side of one, in either format."""
    made.movements = [one for one in made.movements if one.status == "BOOK"] or [Movement(5, "R")]
    for text, pattern, is_camt in (
        (camt(made, version=version), r"(?:</Tp>|<Ntry>)<Amt Ccy=\"[A-Z]{3}\">([0-9.]+)<", True),
        (swift(made), r"(?m)^:6(?:0F|2F|1):(?:[CD][0-9]{6}[A-Z]{3}|[0-9]{10}[CD])([0-9,]+)", False),
    ):
        figures = list(re.finditer(pattern, text))
        assert len(figures) == len(made.movements) + 2
        figure = data.draw(st.sampled_from(figures))
        place = data.draw(st.sampled_from([at for at, sign in enumerate(figure[1]) if sign.isdigit()]))
        at = figure.start(1) + place
        other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[at]]))
        with pytest.raises(FileRefusedError) as refusal:
            read(text[:at] + other + text[at + 1 :], is_camt=is_camt)
        assert refusal.value.cause in ("balance-mismatch", "amount-too-large")


@quick
@given(statements(), st.integers(0, 10**6), st.integers(0, 255))
def test_a_damaged_byte_is_read_or_refused_and_never_an_accident(made: Made, place: int, byte: int) -> None:
    """Whatever comes of it, a statement that is taken still adds up."""
    for text, is_camt in ((camt(made), True), (swift(made), False)):
        content = bytearray(text.encode())
        content[place % len(content)] = byte
        try:
            parsed = read_content(bytes(content), CAMT if is_camt else MT940, file="made")
        except FileRefusedError:
            continue
        moved = parsed.balances["closing_amount"] - parsed.balances["opening_amount"]
        assert int(moved.sum()) == int(parsed.frame["bank_amount"].sum())
