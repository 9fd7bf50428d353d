"""References as people write them: read freely, applied only when the amount bears the reading out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from matched import applied, match, proposals, reasons
from upper_trade_frames import open_items, receipts

from workbench.matching import readings
from workbench.matching.written import numbers_in, ways_to_read

#: FE1201 … FE1206 of C1, each of an amount that no other sum makes.
AMOUNTS = {1201: 101_00, 1202: 203_00, 1203: 407_00, 1204: 809_00, 1205: 1601_00, 1206: 3203_00}


def items(*more: dict[str, Any], prefix: str = "FE") -> Any:
    own = [{"number": f"{prefix}{number}", "amount": amount} for number, amount in AMOUNTS.items()]
    return open_items(*own, *more)


def total(*numbers: int) -> int:
    return sum(AMOUNTS[number] for number in numbers)


def paid_by(text: str, amount: int, stock: Any = None, **more: Any) -> Any:
    receipt = {"id": "R1", "amount": amount, "text": text, "customer_id": "C1", **more}
    return match(receipts(receipt), items() if stock is None else stock)


def documents(matched: Any) -> list[str]:
    return [document for _, document, _, _ in applied(matched)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("facturas 1201 a 1205", [1201, 1202, 1203, 1204, 1205]),
        ("FE1201-FE1205", [1201, 1202, 1203, 1204, 1205]),
        ("fras 1201-1205", [1201, 1202, 1203, 1204, 1205]),
        ("1201 al 05", [1201, 1202, 1203, 1204, 1205]),
        ("1201-1205", [1201, 1205]),
        ("1201/02/05", [1201, 1202, 1205]),
        ("FE 1201, 1203 y 1205", [1201, 1203, 1205]),
        ("FE1201 1202 1203", [1201, 1202, 1203]),
        ("1201 al 03 y 1206", [1201, 1202, 1203, 1206]),
        ("FE0001202", [1202]),
        ("FACT 1204", [1204]),
        ("FV1204 no. 1206", [1204, 1206]),
        ("Pago 1202 del 2026-03-02 op 99887766", [1202]),
    ],
)
@pytest.mark.parametrize("payer", ["C1", ""])
def test_what_is_written_is_applied_when_it_is_the_amount(text: str, numbers: list[int], payer: str) -> None:
    matched = paid_by(text, total(*numbers), customer_id=payer)
    if not payer and len(numbers) == 1:
        assert applied(matched) == []  # four digits alone name nobody
        return
    assert documents(matched) == [f"FE{number}" for number in numbers]
    assert set(matched.applied["rule"]) == {"read-references"}


def test_the_evidence_shows_how_it_was_read() -> None:
    matched = paid_by("1201 al 05", total(*range(1201, 1206)))
    evidence = json.loads(matched.applied["evidence"].iat[0])
    assert evidence["reading"] == "range"
    assert evidence["references"] == [f"FE{number}" for number in range(1201, 1206)]
    assert set(matched.applied["rule"]) == {"read-references"}


def test_a_reading_that_is_not_the_amount_is_only_shown() -> None:
    matched = paid_by("1201 al 05", total(1201, 1202) - 1)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "reading-not-proven"}
    assert [name for name, _ in proposals(matched)[0]][:2] == ["FE1201", "FE1202"]


def test_a_list_of_which_one_number_is_no_document_is_only_shown() -> None:
    matched = paid_by("1201/02/09", total(1201, 1202))
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "reading-not-proven"}


@pytest.mark.parametrize("text", ["12010", "91201", "cuenta 5512014", "1201A", "12 01", "TRM 3.912,01"])
def test_a_number_inside_another_is_never_read(text: str) -> None:
    matched = paid_by(text, 101_00, items({"number": "FE7001", "amount": 101_00}), customer_id="")
    assert applied(matched) == []


def test_a_document_of_another_customer_is_never_taken() -> None:
    stock = open_items({"number": "FE88123", "amount": 500, "customer_id": "C2"})
    assert applied(paid_by("fra 88123", 500, stock)) == []
    unknown = paid_by("fra 88123", 500, stock, customer_id="")
    assert applied(unknown) == [("R1", "FE88123", 500, "read-references")]
    assert unknown.applied["customer_id"].tolist() == ["C2"]


def test_digits_that_two_documents_of_the_customer_have_are_not_read() -> None:
    stock = open_items({"number": "FE88123", "amount": 500}, {"number": "FV88123", "amount": 500})
    assert applied(paid_by("fra 88123", 500, stock, customer_id="")) == []
    assert documents(paid_by("FV-088123", 500, stock)) == ["FV88123"]


def test_a_settled_document_is_not_replaced_by_one_with_the_same_digits() -> None:
    stock = open_items(
        {"number": "FE88123", "amount": 0, "document_kind": "invoice"}, {"number": "ND88123", "amount": 500}
    )
    assert applied(paid_by("FE088123", 500, stock, customer_id="")) == []


def test_a_range_takes_only_the_customers_own_documents() -> None:
    other = {"number": "FE1207", "amount": 55_00, "customer_id": "C2"}
    matched = paid_by("1206 a 1208", total(1206) + 77_00, items(other, {"number": "FE1208", "amount": 77_00}))
    assert documents(matched) == ["FE1206", "FE1208"]


# One digit mistyped


@pytest.mark.parametrize("written", ["FE990000213", "SETP 99000203", "9900002003", "SETP990000204"])
def test_a_digit_mistyped_is_read_when_the_amount_is_exactly_that_documents(written: str) -> None:
    stock = open_items({"number": "SETP990000203", "amount": 500}, {"number": "SETP990000777", "amount": 900})
    matched = paid_by(written, 500, stock, customer_id="")
    assert applied(matched) == [("R1", "SETP990000203", 500, "near-reference")]


def test_a_digit_mistyped_is_a_suggestion_with_another_document_as_near_or_another_amount() -> None:
    stock = open_items({"number": "FE990203", "amount": 500}, {"number": "FE990205", "amount": 900})
    near = paid_by("FE990204", 500, stock, customer_id="")
    assert reasons(near) == {"R1": "reading-not-proven"}
    assert proposals(near) == [[("FE990203", 500)]]
    assert applied(paid_by("FE990213", 499, stock, customer_id="")) == []
    assert applied(paid_by("FE990313", 500, stock, customer_id="")) == []


def test_a_number_that_is_some_documents_own_is_not_taken_for_a_mistyped_one() -> None:
    stock = open_items(
        {"number": "FE990203", "amount": 500}, {"number": "FE990204", "amount": 900, "customer_id": "C2"}
    )
    assert applied(paid_by("FV990204", 500, stock, customer_id="")) == []


# The grammar alone


def test_each_form_can_be_switched_off() -> None:
    numbers = numbers_in("1201/02 a 1205")
    ways = ways_to_read(numbers, forms=("bare",))
    assert [[(one.digits, one.last) for one in way] for way in ways] == [
        [(("1201",), ""), (("1205",), "")],
        [(("1201", "02"), ""), (("1205",), "")],  # 1201/02 may be one name
    ]
    assert readings.FORMS == ("bare", "list", "range", "near")


def test_a_text_without_numbers_or_with_a_statement_of_them_is_not_read() -> None:
    assert numbers_in("pago de la 12 y la 7") == ()
    assert numbers_in(" ".join(str(number) for number in range(1000, 1100))) == ()
