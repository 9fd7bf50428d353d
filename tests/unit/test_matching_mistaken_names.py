"""A number that cannot be meant: a digit beside the document of exactly the amount, or unknown to all."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matched import applied, match, proposals, reasons
from upper_trade_frames import open_items, receipts

from workbench.tables import CUSTOMERS

OWN = {"number": "FE990203", "amount": 500_17}


def paid(text: str, amount: int, *items: dict[str, Any], payer: str = "C1") -> Any:
    return match(
        receipts({"id": "R1", "amount": amount, "text": text, "customer_id": payer}), open_items(OWN, *items)
    )


@pytest.mark.parametrize(
    "other",
    [{"customer_id": "C2"}, {"open_amount": 0}, {"document_date": "2026-03-09"}],
    ids=["of another customer", "settled", "dated after the receipt"],
)
def test_one_digit_beside_the_document_of_exactly_the_amount_a_name_that_cannot_be_meant_gives_way(
    other: dict[str, Any],
) -> None:
    matched = paid("FE990204", 500_17, {"number": "FE990204", "amount": 900_31, **other})
    assert applied(matched) == [("R1", "FE990203", 500_17, "near-reference")]


def test_where_what_is_named_is_of_that_amount_too_nothing_is_applied() -> None:
    for other in ({"customer_id": "C2"}, {"open_amount": 0}):
        named = {"number": "FE990204", "amount": 500_17, "original_amount": 500_17, **other}
        assert applied(paid("FE990204", 500_17, named)) == []


def test_two_digits_beside_or_another_amount_leave_it_to_a_person() -> None:
    stranger = {"number": "FE990314", "amount": 900_31, "customer_id": "C2"}
    assert reasons(paid("FE990314", 500_17, stranger)) == {"R1": "reference-of-another-customer"}
    near = {"number": "FE990204", "amount": 900_31, "customer_id": "C2"}
    assert applied(paid("FE990204", 500_16, near)) == []


def test_whom_only_the_name_tells_is_not_told_against_it() -> None:
    near = {"number": "FE990204", "amount": 900_31, "customer_id": "C2"}
    assert applied(paid("FE990204", 500_17, near, payer="")) == []


def test_a_document_that_is_named_and_unknown_leaves_its_amount_a_suggestion() -> None:
    others = {"number": "FE990777", "amount": 731_19}
    matched = paid("PAGO FE995501", 731_19, others)
    assert reasons(matched) == {"R1": "reference-unknown"}
    assert proposals(matched)[0] == [("FE990777", 731_19)]
    # Another prefix, or another length, is no document of ours but somebody's order or operation.
    for text in ("PEDIDO PO995501", "OP FE99", "995501"):
        assert [row[1] for row in applied(paid(text, 731_19, others))] == ["FE990777"], text


def test_of_several_near_documents_of_a_known_payer_the_one_of_the_amount_is_meant() -> None:
    matched = paid("FE990209", 500_17, {"number": "FE990208", "amount": 900_31})
    assert applied(matched) == [("R1", "FE990203", 500_17, "near-reference")]


@pytest.mark.parametrize("amount", [500_17, 500_16])
def test_a_payer_whom_its_tax_id_tells_is_believed_against_a_name_one_digit_mistaken(amount: int) -> None:
    people = pd.DataFrame([customer("C1", "900123456-8"), customer("C2", "800197268-4")])
    items = open_items(OWN, {"number": "FE990204", "amount": 900_31, "customer_id": "C2"})
    told = receipts({"id": "R1", "amount": amount, "text": "FE990204", "payer_tax_id": "900123456-8"})
    matched = match(told, items, customers=people)
    if amount == OWN["amount"]:
        assert applied(matched) == [("R1", "FE990203", 500_17, "near-reference")]
    else:
        assert reasons(matched) == {"R1": "evidence-disagrees"}


def customer(name: str, tax_id: str) -> dict[str, str]:
    row = dict.fromkeys(CUSTOMERS.columns, "")
    return {**row, "company_id": "CO01", "customer_id": name, "customer_name": name, "tax_id": tax_id}
