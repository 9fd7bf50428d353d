"""What was tried from outside: names without letters, shared names, surpluses, rows in another order."""

from __future__ import annotations

import json

import pytest
from matched import applied, match, proposals, reasons
from upper_trade_frames import customers, open_items, receipts, remittances

from workbench.policy import DifferencePolicy, MatchingPolicy, Tolerance


@pytest.mark.parametrize(
    "text", ["pago 2019/09/0001", "2019-09-0001", "fra 2019/9/1", "2019/09/0001 y otros"]
)
def test_a_name_of_several_numbers_is_read_without_its_letters_whoever_paid(text: str) -> None:
    stock = open_items(
        {"number": "INV/2019/09/0001", "amount": 100_00, "customer_id": "C1"},
        {"number": "INV/2019/09/0002", "amount": 100_00, "customer_id": "C2"},
    )
    paid = receipts({"id": "R1", "amount": 100_00, "customer_id": "", "text": text})
    assert applied(match(paid, stock)) == [("R1", "INV/2019/09/0001", 100_00, "read-references")]


def test_what_several_documents_have_in_common_names_them_all_where_only_all_are_the_amount() -> None:
    stock = open_items(
        {"number": "I1", "amount": 500_00, "reference": "a1b2c3"},
        {"number": "I2", "amount": 700_00, "reference": "a1b2c3"},
        {"number": "I3", "amount": 1200_00, "reference": "d1e2f3"},
    )
    paid = receipts({"id": "R1", "amount": 1200_00, "text": "a1b2c3"})
    assert applied(match(paid, stock)) == [
        ("R1", "I1", 500_00, "exact-references"),
        ("R1", "I2", 700_00, "exact-references"),
    ]
    one = match(receipts({"id": "R1", "amount": 700_00, "text": "a1b2c3"}), stock)
    assert not applied(one)
    assert (reasons(one), proposals(one)[0]) == ({"R1": "reference-ambiguous"}, [("I2", 700_00)])


def test_a_shared_name_names_all_only_where_no_other_set_of_them_is_the_amount() -> None:
    shared = [("I1", 500_00), ("I2", 700_00), ("I3", 300_00), ("N3", -300_00)]
    stock = open_items(
        *(
            {"number": name, "amount": owed, "reference": "a1b2c3", "customer_id": "C1"}
            for name, owed in shared
        )
    )
    paid = receipts({"id": "R1", "amount": 1200_00, "text": "a1b2c3"})
    found = match(paid, stock)
    assert not applied(found)
    assert reasons(found) == {"R1": "reference-ambiguous"}
    assert [("I1", 500_00), ("I2", 700_00)] in proposals(found)
    only = stock.assign(open_amount=[500_00, 700_00, 300_00, -299_00])
    one = match(receipts({"id": "R1", "amount": 1201_00, "text": "a1b2c3"}), only)
    assert [leg[:3] for leg in applied(one)] == [
        ("R1", "I1", 500_00), ("R1", "I2", 700_00), ("R1", "I3", 300_00), ("R1", "N3", -299_00)
    ]  # fmt: skip


def test_documents_of_two_customers_with_one_name_are_not_taken_together() -> None:
    stock = open_items(
        {"number": "I1", "amount": 500_00, "reference": "a1b2c3", "customer_id": "C1"},
        {"number": "I2", "amount": 700_00, "reference": "a1b2c3", "customer_id": "C2"},
    )
    paid = receipts({"id": "R1", "amount": 1200_00, "customer_id": "", "text": "a1b2c3"})
    assert not applied(match(paid, stock))


def test_a_surplus_within_the_tolerance_is_shown_though_its_cash_is_more_than_the_document() -> None:
    policy = MatchingPolicy(differences=DifferencePolicy(tolerance=Tolerance({"COP": 11})))
    found = match(
        receipts({"id": "R1", "amount": 50_10, "customer_id": "C1"}),
        open_items({"number": "I1", "amount": 50_00, "customer_id": "C1"}),
        policy=policy,
    )
    assert not applied(found)
    assert proposals(found) == [[("I1", -10), ("I1", 50_10)]]


def test_the_lines_of_an_advice_may_come_in_any_order() -> None:
    stock = open_items({"number": "D1", "amount": 300_00}, {"number": "D2", "amount": 200_00})
    paid = receipts({"id": "R1", "amount": 500_00})
    lines = [{"receipt_id": "R1", "reference": name, "amount": owed} for name, owed in
             (("D1", 300_00), ("D2", 200_00))]  # fmt: skip
    one, other = (match(paid, stock, remittances(*told)) for told in (lines, lines[::-1]))
    assert one.applied["evidence"].tolist() == other.applied["evidence"].tolist()


@pytest.mark.parametrize("told", ["900.373.913-4", "900373913", "NIT 900373913-4", "0900373913"])
def test_a_customer_called_by_its_tax_id_is_known_by_it_where_nobody_states_another(told: str) -> None:
    stock = open_items(
        {"number": "X1", "amount": 1111_00, "customer_id": "900373913"},
        {"number": "Y1", "amount": 1111_00, "customer_id": "830001113"},
    )
    paid = {"id": "R1", "amount": 1111_00, "customer_id": ""}
    assert applied(match(receipts({**paid, "payer_tax_id": told}), stock)) == [
        ("R1", "X1", 1111_00, "single-amount")
    ]
    assert not applied(match(receipts({**paid, "payer_tax_id": "900373913-7"}), stock)), "a wrong check digit"
    master = customers({"customer_id": "900373913", "tax_id": "800197268"})
    assert not applied(match(receipts({**paid, "payer_tax_id": told}), stock, customers=master))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("10004567", {"payer_tax_id": "10004567", "payer_name": "PEDRO PEREZ"}),
        ("10004567", {"text": "CONSIGNACION CC 10004567 PEDRO PEREZ"}),
        ("10004567", {"text": "PAGO NIT 10.004.567"}),
        ("100000007", {"payer_tax_id": "10000000"}),
        ("100000007", {"payer_tax_id": "100000007"}),
        ("9003739134", {"payer_tax_id": "9003739134"}),
        ("900373913-7", {"payer_tax_id": "900373913-7"}),
    ],
)
def test_a_customer_code_that_only_may_be_a_tax_id_suggests_its_customer(
    code: str, told: dict[str, str]
) -> None:
    stock = open_items({"number": "X1", "amount": 1111_00, "customer_id": code})
    found = match(receipts({"id": "R1", "amount": 1111_00, "customer_id": "", **told}), stock)
    assert not applied(found)
    if code != "100000007" or told["payer_tax_id"] == code:
        assert reasons(found) == {"R1": "payer-not-proven"}
        assert proposals(found) == [[("X1", 1111_00)]]
        assert found.unidentified["known_by"].tolist() == ["same-number"]


@pytest.mark.parametrize("code", ["900373913", "0900373913", "900.373.913", "900373913-4", "10004567-9"])
def test_a_customer_code_is_a_tax_id_as_a_companys_nit_or_with_its_check_digit_apart(code: str) -> None:
    stock = open_items({"number": "X1", "amount": 1111_00, "customer_id": code})
    told = code.split("-")[0]
    found = match(receipts({"id": "R1", "amount": 1111_00, "customer_id": "", "payer_tax_id": told}), stock)
    assert [leg[:2] for leg in applied(found)] == [("R1", "X1")]


def test_of_equal_documents_the_first_due_are_paid_unless_a_run_of_dates_says_which() -> None:
    stock = open_items(
        *(
            {"number": name, "amount": owed, "customer_id": "C1", "document_date": day, "due_date": due}
            for name, owed, day, due in (
                ("E3", 455_321, "2026-01-03", "2026-05-20"),
                ("X", 999_111, "2026-01-02", "2026-03-31"),
                ("E1", 455_321, "2026-01-01", "2026-03-20"),
                ("Y", 321_777, "2026-01-04", "2026-04-30"),
                ("E2", 455_321, "2026-01-05", "2026-04-20"),
            )
        )
    )
    one = match(receipts({"id": "R1", "amount": 455_321, "customer_id": "C1"}), stock)
    two = match(receipts({"id": "R1", "amount": 2 * 455_321, "customer_id": "C1"}), stock)
    run = match(receipts({"id": "R1", "amount": 455_321 + 321_777, "customer_id": "C1"}), stock)
    assert [[name for _, name, _, _ in applied(found)] for found in (one, two, run)] == [
        ["E1"], ["E1", "E2"], ["E2", "Y"]
    ]  # fmt: skip
    told = [found.applied["evidence"].map(json.loads).iat[0]["equal_documents"] for found in (one, two, run)]
    assert told == ["by due date", "by due date", "by its dates"]
