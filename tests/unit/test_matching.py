"""Receipts are matched by exact facts; a doubt is a suggestion, and a suggestion takes nothing."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from matched import applied, match, proposals, reasons
from upper_trade_frames import bank_lines, customers, open_items, receipts, remittances

from workbench import applications, matching, words
from workbench.applications import APPLIED
from workbench.calendar import WorkingDays
from workbench.matching.findings import SUSPECT
from workbench.policy import MatchingPolicy
from workbench.tables import OPEN_ITEMS, RECEIPTS

# Exact references


def test_a_reference_with_its_amount_is_applied_and_names_the_customer() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    matched = match(receipts({"id": "R1", "amount": 500, "text": "Pago fra. 1001"}), items)
    assert applied(matched) == [("R1", "1001", 500, "exact-references")]
    evidence = json.loads(matched.applied["evidence"].iat[0])
    assert evidence == {"amount": "5.00", "customer": "reference", "items": 1, "references": ["1001"]}


def test_several_references_are_applied_when_together_they_are_the_amount() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    matched = match(receipts({"id": "R1", "amount": 1200, "text": "FV 1001/1002"}), items)
    assert applied(matched) == [
        ("R1", "1001", 500, "exact-references"),
        ("R1", "1002", 700, "exact-references"),
    ]


def test_a_credit_note_named_beside_its_invoice_is_taken_with_its_sign() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "9001", "amount": -120})
    matched = match(receipts({"id": "R1", "amount": 380, "text": "1001 menos NC 9001"}), items)
    assert sorted(matched.applied[["kind", "applied_amount"]].itertuples(index=False, name=None)) == [
        ("credit_note", -120),
        ("payment", 500),
    ]


def test_references_that_do_not_add_up_are_suggested_and_stop_the_rules_by_amount() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 480})
    matched = match(receipts({"id": "R1", "amount": 480, "text": "pago 1001"}), items)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "amount-differs-from-references"}
    assert proposals(matched) == [[("1001", 480)], [("1002", 480)]]


def test_an_overpayment_is_suggested_up_to_what_is_open() -> None:
    matched = match(
        receipts({"id": "R1", "amount": 110, "text": "1001"}), open_items({"number": "1001", "amount": 100})
    )
    assert proposals(matched) == [[("1001", 100)]]


def test_a_number_that_two_documents_have_is_suggested_for_each() -> None:
    items = open_items(
        {"number": "1001", "amount": 500, "document_id": "1001/2025", "fiscal_year": "2025"},
        {"number": "1001", "amount": 500, "document_id": "1001/2026"},
    )
    matched = match(receipts({"id": "R1", "amount": 500, "text": "1001"}), items)
    assert reasons(matched) == {"R1": "reference-ambiguous"}
    assert proposals(matched) == [[("1001/2025", 500)], [("1001/2026", 500)]]
    assert match(receipts({"id": "R1", "amount": 500, "text": "1001/2025"}), items).applied[
        "document_id"
    ].tolist() == ["1001/2025"]


def test_a_second_payment_of_a_document_is_refused_with_a_finding() -> None:
    items = open_items({"number": "1001", "amount": 500})
    paid = receipts({"id": "R1", "amount": 500, "text": "1001"}, {"id": "R2", "amount": 500, "text": "1001"})
    matched = match(paid, items)
    assert applied(matched) == [("R1", "1001", 500, "exact-references")]
    assert reasons(matched) == {"R2": "reference-already-settled"}
    assert "receipt-reference-already-settled" in matched.findings["rule"].tolist()


def test_a_document_settled_before_is_recognised_too() -> None:
    items = open_items({"number": "1001", "amount": 0, "document_kind": "invoice"})
    assert reasons(match(receipts({"id": "R1", "amount": 5, "text": "1001"}), items)) == {
        "R1": "reference-already-settled"
    }


def test_instalments_are_paid_oldest_first_when_the_amount_is_exactly_the_oldest() -> None:
    items = open_items(
        {"number": "1001", "amount": 300, "item": "002", "document_id": "1001/2", "due_date": "2026-04-10"},
        {"number": "1001", "amount": 300, "item": "001", "document_id": "1001/1", "due_date": "2026-02-10"},
        {"number": "1001", "amount": 200, "item": "003", "document_id": "1001/3", "due_date": "2026-06-10"},
    )
    one = match(receipts({"id": "R1", "amount": 300, "text": "fra 1001"}), items)
    assert applied(one) == [("R1", "1001/1", 300, "exact-references")]
    named = match(receipts({"id": "R1", "amount": 200, "text": "fra 1001/3"}), items)
    assert applied(named) == [("R1", "1001/3", 200, "exact-references")]
    assert applied(match(receipts({"id": "R1", "amount": 350, "text": "fra 1001"}), items)) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payment_block": "A"}, "reference-blocked"),
        ({"special_gl": "A"}, "reference-blocked"),
        ({"document_date": "2026-03-03"}, "reference-too-late"),
        ({"currency": "USD"}, "reference-in-another-currency"),
        ({"company_id": "CO02"}, "customer-unknown"),
    ],
)
def test_what_is_no_candidate_is_never_paid(change: dict[str, str], reason: str) -> None:
    items = open_items({"number": "1001", "amount": 500, **change})
    matched = match(receipts({"id": "R1", "amount": 500, "text": "1001"}), items)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": reason}


def test_a_document_of_the_receipts_own_day_is_a_candidate() -> None:
    items = open_items({"number": "1001", "amount": 500, "document_date": "2026-03-02"})
    assert applied(match(receipts({"id": "R1", "amount": 500, "text": "1001"}), items))


def test_a_reference_of_another_customer_is_only_suggested() -> None:
    items = open_items({"number": "1001", "amount": 500})
    matched = match(receipts({"id": "R1", "amount": 500, "text": "1001", "customer_id": "C9"}), items)
    assert reasons(matched) == {"R1": "reference-of-another-customer"}
    assert proposals(matched) == [[("1001", 500)]]


def test_references_of_two_customers_are_only_suggested() -> None:
    items = open_items(
        {"number": "1001", "amount": 500}, {"number": "1002", "amount": 100, "customer_id": "C2"}
    )
    matched = match(receipts({"id": "R1", "amount": 600, "text": "1001 1002"}), items)
    assert reasons(matched) == {"R1": "references-of-several-customers"}


def test_a_payment_booked_in_the_erp_is_not_set_off_by_itself() -> None:
    items = open_items(
        {"number": "1001", "amount": 500}, {"number": "7001", "amount": -100, "document_kind": "payment"}
    )
    by_name = match(receipts({"id": "R1", "amount": 400, "text": "1001 7001"}), items)
    assert reasons(by_name) == {"R1": "unusual-items"}
    whole = match(receipts({"id": "R1", "amount": 400, "customer_id": "C1"}), items)
    assert reasons(whole) == {"R1": "unusual-items"}


# Single unique amount and whole account


def test_the_one_item_of_that_amount_is_applied_when_the_customer_is_known() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    matched = match(receipts({"id": "R1", "amount": 700, "customer_id": "C1"}), items)
    assert applied(matched) == [("R1", "1002", 700, "single-amount")]


def test_of_documents_of_one_amount_the_oldest_due_is_taken_and_the_evidence_says_so() -> None:
    items = open_items(
        {"number": "1001", "amount": 500, "due_date": "2026-02-20"},
        {"number": "1002", "amount": 500, "due_date": "2026-02-10"},
    )
    matched = match(receipts({"id": "R1", "amount": 500, "customer_id": "C1"}), items)
    assert applied(matched) == [("R1", "1002", 500, "single-amount")]
    assert json.loads(matched.applied["evidence"].iat[0])["equal_documents"] == "by due date"


def test_what_the_first_receipt_takes_is_gone_for_the_second() -> None:
    items = open_items({"number": "1001", "amount": 500})
    paid = receipts(
        {"id": "R2", "amount": 500, "customer_id": "C1", "receipt_date": "2026-03-05"},
        {"id": "R9", "amount": 500, "customer_id": "C1", "receipt_date": "2026-03-04"},
    )
    matched = match(paid, items)
    assert applied(matched) == [("R9", "1001", 500, "single-amount")]
    assert reasons(matched) == {"R2": "no-match"}


def test_an_amount_alone_never_tells_who_paid() -> None:
    items = open_items({"number": "1001", "amount": 500})
    matched = match(receipts({"id": "R1", "amount": 500}), items)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "customer-unknown"}
    assert proposals(matched) == [[("1001", 500)]]


def test_the_whole_account_with_its_credits_is_applied() -> None:
    items = open_items(
        {"number": "1001", "amount": 500},
        {"number": "1002", "amount": 700},
        {"number": "9001", "amount": -50},
    )
    matched = match(receipts({"id": "R1", "amount": 1150, "customer_id": "C1"}), items)
    assert set(matched.applied["rule"]) == {"whole-account"}
    assert matched.applied["applied_amount"].sum() == 1150
    policy = MatchingPolicy(has_whole_account=False)
    off = match(receipts({"id": "R1", "amount": 1150, "customer_id": "C1"}), items, policy=policy)
    assert reasons(off) == {"R1": "rule-only-suggests"}
    assert len(proposals(off)) == 1


# Who paid


def test_a_nit_tells_the_customer_with_or_without_its_check_digit() -> None:
    items = open_items({"number": "1001", "amount": 500})
    known = customers({"customer_id": "C1", "tax_id": "800.197.268-4"})
    for written in ("800197268-4", "8001972684", "800.197.268-4"):
        paid = receipts({"id": "R1", "amount": 500, "payer_tax_id": written})
        assert applied(match(paid, items, customers=known)), written
    known = customers({"customer_id": "C1", "tax_id": "800197268"})
    assert applied(
        match(receipts({"id": "R1", "amount": 500, "payer_tax_id": "800197268-4"}), items, customers=known)
    )
    wrong = receipts({"id": "R1", "amount": 500, "payer_tax_id": "800197268-5"})
    assert reasons(match(wrong, items, customers=known)) == {"R1": "customer-unknown"}


def test_a_tax_id_or_account_of_two_customers_tells_nothing() -> None:
    items = open_items({"number": "1001", "amount": 500})
    known = customers(
        {"customer_id": "C1", "tax_id": "800197268", "payer_account": "123"},
        {"customer_id": "C2", "tax_id": "800197268", "payer_account": "123"},
    )
    paid = receipts({"id": "R1", "amount": 500, "payer_tax_id": "800197268", "payer_account": "123"})
    assert reasons(match(paid, items, customers=known)) == {"R1": "customer-unknown"}


def test_a_payers_account_tells_the_customer() -> None:
    known = customers({"customer_id": "C1", "payer_account": "0012-345 6"})
    paid = receipts({"id": "R1", "amount": 500, "payer_account": "123456"})
    matched = match(paid, open_items({"number": "1001", "amount": 500}), customers=known)
    assert json.loads(matched.applied["evidence"].iat[0])["customer"] == "account"


# Remittance advices


def test_an_advice_is_applied_as_told() -> None:
    items = open_items(
        {"number": "1001", "amount": 500},
        {"number": "1002", "amount": 700},
        {"number": "9001", "amount": -50},
    )
    told = remittances(
        {"receipt_id": "R1", "reference": "1001", "amount": 500},
        {"receipt_id": "R1", "reference": "9001", "amount": -50},
    )
    matched = match(receipts({"id": "R1", "amount": 450}), items, told)
    assert applied(matched) == [
        ("R1", "1001", 500, "remittance-advice"),
        ("R1", "9001", -50, "remittance-advice"),
    ]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([{"reference": "1001", "amount": 400}], "advice-pays-part"),
        ([{"reference": "1001", "amount": 600}], "advice-exceeds-open"),
        ([{"reference": "4711", "amount": 500}], "advice-unresolved"),
        ([{"reference": "1001", "amount": 500, "deduction": 20}], "advice-has-deductions"),
        (
            [{"reference": "1001", "amount": 500}, {"reference": "1002", "amount": 700}],
            "advice-differs-from-receipt",
        ),
    ],
)
def test_an_advice_that_is_not_exact_is_a_suggestion(lines: list[dict[str, Any]], reason: str) -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    told = remittances(*({"receipt_id": "R1", **line} for line in lines))
    matched = match(receipts({"id": "R1", "amount": 500, "text": "pago 1001"}), items, told)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": reason}


def test_an_advice_of_the_payer_counts_within_three_working_days() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 500})
    holiday = WorkingDays.of([dt.date(2026, 3, 3)])
    for day, is_applied in (("2026-03-05", True), ("2026-03-06", True), ("2026-03-09", False)):
        told = remittances(
            {"payer_name": "acme  s.a.s", "advice_date": day, "reference": "1002", "amount": 500}
        )
        paid = receipts({"id": "R1", "amount": 500, "payer_name": "ACME S.A.S"})
        assert bool(applied(match(paid, items, told, working_days=holiday))) is is_applied, day


def test_an_advice_that_two_receipts_claim_is_a_suggestion() -> None:
    items = open_items({"number": "1001", "amount": 500})
    told = remittances(
        {"payer_name": "Acme", "advice_date": "2026-03-02", "reference": "1001", "amount": 500}
    )
    paid = receipts(
        {"id": "R1", "amount": 500, "payer_name": "Acme"}, {"id": "R2", "amount": 500, "payer_name": "Acme"}
    )
    assert reasons(match(paid, items, told)) == {"R1": "advice-ambiguous", "R2": "advice-ambiguous"}


# Boundaries of a run


def test_a_receipt_after_the_cutoff_and_one_that_is_no_cash_in_stay_unapplied() -> None:
    items = open_items({"number": "1001", "amount": 500})
    paid = receipts(
        {"id": "R1", "amount": 500, "text": "1001", "receipt_date": "2026-04-01"},
        {"id": "R2", "amount": -500, "text": "1001"},
    )
    assert reasons(match(paid, items)) == {"R1": "after-cutoff", "R2": "not-cash-in"}


def test_a_cheque_that_came_back_pays_nothing() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 500})
    paid = receipts(
        {"id": "R1", "amount": 500, "text": "CHEQUE CH457461 fra 1001"},
        {"id": "R2", "amount": 500, "text": "CHEQUE CH457499 fra 1002"},
    )
    back = {"amount": -500, "line_kind": "returned_cheque", "date": "2026-03-10"}
    named = match(paid, items, bank_lines=bank_lines({**back, "reference": "CH457461"}))
    assert reasons(named) == {"R1": "cheque-returned"}
    assert "receipt-cheque-returned" in named.findings["rule"].tolist()
    # The bank does not say which: neither is applied.
    assert set(reasons(match(paid, items, bank_lines=bank_lines(back)))) == {"R1", "R2"}
    for other in (
        {"date": "2026-03-01"},
        {"date": "2026-05-20"},
        {"amount": -400},
        {"line_kind": "fee"},
        {"account_id": "B2"},
    ):
        assert match(paid, items, bank_lines=bank_lines({**back, **other})).unapplied.empty, other


def test_only_what_is_left_of_a_receipt_is_matched() -> None:
    paid = receipts({"id": "R1", "amount": 900, "text": "1001"}, {"id": "R2", "amount": 900}).assign(
        unapplied_amount=[500, 0]
    )
    matched = match(paid, open_items({"number": "1001", "amount": 500}))
    assert applied(matched) == [("R1", "1001", 500, "exact-references")]
    assert matched.unapplied.empty


def test_an_application_is_never_dated_in_a_closed_period() -> None:
    paid = receipts({"id": "R1", "amount": 500, "text": "1001", "receipt_date": "2026-02-27"})
    items = open_items({"number": "1001", "amount": 500})
    assert match(paid, items).applied["effective_date"].dt.date.tolist() == [dt.date(2026, 2, 27)]
    opened = match(paid, items, open_from={"CO01": dt.date(2026, 3, 1)})
    assert opened.applied["effective_date"].dt.date.tolist() == [dt.date(2026, 3, 1)]


def test_nothing_in_gives_empty_frames_with_their_columns() -> None:
    matched = match(RECEIPTS.empty(), OPEN_ITEMS.empty())
    assert list(matched.applied.columns) == list(APPLIED.columns)
    assert matched.applied.empty
    assert matching.summarise_rules(matched).empty
    assert applications.identify_applications(matched.applied).empty


def test_every_reason_rule_and_finding_has_words() -> None:
    for reason in SUSPECT:
        assert words.has_words(f"rules.receipt-{reason}"), reason
        assert words.has_words(f"matching.reason_{reason}"), reason


# Identity of what is applied


def test_the_same_legs_get_the_same_ids_in_any_order_and_others_get_others() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    legs = match(receipts({"id": "R1", "amount": 1200, "text": "1001 1002"}), items).applied
    ids = applications.identify_applications(legs, salt="run").set_index("document_id")
    again = applications.identify_applications(legs.iloc[::-1], salt="run").set_index("document_id")
    assert ids["application_id"].to_dict() == again["application_id"].to_dict()
    assert ids["operation_id"].nunique() == 1
    assert ids["operation_id"].iat[0] == again["operation_id"].iat[0]
    other = applications.identify_applications(legs, salt="other run")
    assert set(other["application_id"]).isdisjoint(ids["application_id"])
    assert ids["application_id"].is_unique


def test_receipts_that_share_an_id_are_operations_of_their_own() -> None:
    items = open_items({"number": "1001", "amount": 500}, {"number": "1002", "amount": 700})
    paid = receipts({"id": "R1", "amount": 500, "text": "1001"}, {"id": "R1", "amount": 700, "text": "1002"})
    legs = applications.identify_applications(match(paid, items).applied)
    assert legs["operation_id"].nunique() == 2
    assert legs["application_id"].is_unique
