"""Which invoice a credit note belongs to: what proves it, what only suggests it, and what forbids it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import customers, open_items, receipts, remittances

from workbench import credit_notes
from workbench.policy import CreditNotePolicy
from workbench.tables import CLAIMS, NOTES

AS_OF = dt.date(2026, 3, 31)
ODD = 84_731_257


def run(*rows: dict[str, Any], **more: Any) -> credit_notes.Matched:
    return credit_notes.match_credit_notes(open_items(*rows), as_of=AS_OF, **more)


def pairs(matched: credit_notes.Matched) -> list[tuple[str, str, int, str]]:
    made = credit_notes.pair_legs(matched.applied)
    names = ["credit_document_id", "document_id", "applied_amount", "rule"]
    return sorted(made[names].itertuples(index=False, name=None))


def reason(matched: credit_notes.Matched) -> str:
    (one,) = matched.unapplied["reason"]
    return str(one)


def offered(matched: credit_notes.Matched) -> list[tuple[int, str, str]]:
    names = ["proposal", "document_id", "rule"]
    return list(matched.suggested[names].itertuples(index=False, name=None))


def trade_rows(table: Any, *rows: dict[str, Any]) -> pd.DataFrame:
    blank = {
        name: 0 if kind == "money" else None if kind in ("date", "instant") else ""
        for name, kind in table.columns.items()
    }
    frame = pd.DataFrame([{**blank, "company_id": "CO01", "customer_id": "C1", **row} for row in rows])
    for name, kind in table.columns.items():
        if kind in ("date", "instant"):
            frame[name] = pd.to_datetime(frame[name], utc=kind == "instant")
    return table.conform(frame)


def test_the_one_invoice_of_its_order_takes_a_note_that_fits_into_it() -> None:
    note = {"number": "9001", "amount": -40, "order_id": "P1"}
    invoice = {"number": "1001", "amount": 100, "order_id": "P1"}
    assert pairs(run(invoice, note)) == [("9001", "1001", 40, "credit-order")]
    two = run(invoice, {**invoice, "number": "1002"}, note)
    assert reason(two) == "credit-several-invoices"
    assert offered(two)[:2] == [(1, "1001", "credit-order"), (2, "1002", "credit-order")]
    assert reason(run({**invoice, "amount": 30}, note)) == "credit-exceeds-invoice"
    assert reason(run({**invoice, "document_date": "2026-03-01"}, note)) == "credit-before-invoice"
    suggests = run(invoice, note, policy=CreditNotePolicy(same_order="suggest"))
    assert suggests.applied.empty
    assert offered(suggests)[0] == (1, "1001", "credit-order")


def test_centre_and_age_only_suggest() -> None:
    note = {"number": "9001", "amount": -40, "centre_id": "K1"}
    items = [
        {"number": "1001", "amount": 100, "due_date": "2026-01-20"},
        {"number": "1002", "amount": 90, "centre_id": "K1"},
        note,
    ]
    matched = run(*items)
    assert matched.applied.empty
    assert reason(matched) == "credit-without-reference"
    assert offered(matched) == [(1, "1002", "credit-centre"), (2, "1001", "credit-oldest")]
    assert offered(run(*items, policy=CreditNotePolicy(suggests_oldest=False))) == [
        (1, "1002", "credit-centre")
    ]


def test_a_note_goes_to_one_old_debt_where_one_can_take_it_else_to_several() -> None:
    small = {"number": "1001", "amount": 30, "due_date": "2026-01-20"}
    large = {"number": "1002", "amount": 60, "due_date": "2026-02-20"}
    one = run(small, large, {"number": "9001", "amount": -50})
    assert one.suggested[["document_id", "applied_amount"]].values.tolist() == [["1002", 50]]
    both = run(small, large, {"number": "9001", "amount": -70})
    assert both.suggested[["proposal", "document_id", "applied_amount"]].values.tolist() == [
        [1, "1001", 30],
        [1, "1002", 40],
    ]


def test_an_odd_amount_that_one_invoice_owes_is_proof_and_a_round_one_is_not() -> None:
    assert pairs(run({"number": "1001", "amount": ODD}, {"number": "9001", "amount": -ODD})) == [
        ("9001", "1001", ODD, "credit-same-amount")
    ]
    round_ = run({"number": "1001", "amount": 50_000_00}, {"number": "9001", "amount": -50_000_00})
    assert reason(round_) == "not-proven"


@pytest.mark.parametrize(
    ("invoice", "note"),
    [
        ({"order_id": "P1"}, {"order_id": "P2"}),  # of another order
        ({"document_date": "2026-03-02"}, {"document_date": "2026-03-01"}),  # an invoice of later
        ({}, {"reference_document_id": "7777"}),  # the note names another one
        ({"erp_open_amount": ODD + 5, "pending_applications": 5}, {}),  # a part of it was paid
    ],
)
def test_an_equal_amount_is_no_proof_where_something_speaks_against_it(
    invoice: dict[str, Any], note: dict[str, Any]
) -> None:
    matched = run({"number": "1001", "amount": ODD, **invoice}, {"number": "9001", "amount": -ODD, **note})
    assert matched.applied.empty
    assert "1001" in set(matched.suggested["document_id"])


def test_two_notes_of_one_amount_prove_nothing_even_after_one_of_them_is_set_off() -> None:
    items = open_items(
        {"number": "1001", "amount": ODD},
        {"number": "1002", "amount": ODD},
        {"number": "9001", "amount": -ODD, "reference_document_id": "1001"},
        {"number": "9002", "amount": -ODD},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert pairs(matched) == [("9001", "1001", ODD, "credit-reference")]
    assert reason(matched) == "not-proven"


def test_two_notes_that_want_one_invoice_of_their_amount_are_left_to_a_person() -> None:
    note = {"number": "9001", "amount": -ODD}
    matched = run({"number": "1001", "amount": ODD}, note, {**note, "number": "9002"})
    assert matched.applied.empty
    assert set(matched.unapplied["reason"]) == {"not-proven"}


def test_a_number_in_the_text_is_proof_where_the_amount_agrees() -> None:
    invoice = {"number": "FE1001", "amount": 100}
    whole = run(invoice, {"number": "9001", "amount": -100, "text": "anula FE-1001"})
    assert pairs(whole) == [("9001", "FE1001", 100, "credit-text")]
    part = run(invoice, {"number": "9001", "amount": -40, "text": "anula FE-1001"})
    assert part.applied.empty
    assert offered(part) == [(1, "FE1001", "credit-text")]


def test_evidence_that_disagrees_is_left_to_a_person() -> None:
    matched = run(
        {"number": "FE1001", "amount": 100},
        {"number": "FE1002", "amount": 100, "order_id": "P1"},
        {"number": "9001", "amount": -40, "text": "por FE1001", "order_id": "P1"},
    )
    assert matched.applied.empty
    assert reason(matched) == "credit-evidence-disagrees"
    assert {document for _, document, _ in offered(matched)} == {"FE1001", "FE1002"}


def test_a_customer_who_nets_its_account_is_taken_at_its_word_once() -> None:
    items = [
        {"number": "1001", "amount": 100},
        {"number": "1002", "amount": 50},
        {"number": "9001", "amount": -120},
    ]
    told = remittances(
        {"reference": "9001", "amount": -120, "customer_id": "C1"},
        {"reference": "1002", "amount": 50, "customer_id": "C1"},
        {"reference": "1001", "amount": 70, "customer_id": "C1"},
    )
    matched = run(*items, remittances=told)
    assert pairs(matched) == [
        ("9001", "1001", 70, "credit-advice"),
        ("9001", "1002", 50, "credit-advice"),
    ]
    again = run(*items, remittances=told, in_force=matched.applied)
    assert again.applied.empty
    short = told.assign(advised_amount=[-130, 50, 80])
    refused = run(*items, remittances=short)
    assert refused.applied.empty
    assert refused.findings["rule"].tolist() == ["credit-advice-not-taken"]


def test_a_note_that_the_customer_takes_with_a_payment_waits_for_it() -> None:
    items = [
        {"number": "1001", "amount": ODD},
        {"number": "1002", "amount": 100},
        {"number": "9001", "amount": -ODD},
    ]
    told = remittances({"reference": "9001", "amount": -ODD}, {"reference": "1002", "amount": ODD + 5})
    matched = run(*items, remittances=told)
    assert matched.applied.empty
    assert reason(matched) == "credit-advised-with-payment"
    assert offered(matched)[0] == (1, "1002", "credit-advice")


def test_a_debit_note_takes_back_the_note_it_names_before_that_reduces_its_invoice() -> None:
    matched = run(
        {"number": "1001", "amount": 100},
        {"number": "9001", "amount": -80, "reference_document_id": "1001"},
        {"number": "5001", "amount": 30, "document_kind": "debit_note", "reference_document_id": "9001"},
    )
    assert pairs(matched) == [
        ("9001", "1001", 50, "credit-reference"),
        ("9001", "5001", 30, "debit-reference"),
    ]


def test_an_invoice_in_dispute_is_taken_only_by_a_note_that_names_it_for_that_cause() -> None:
    invoice = {"number": "1001", "amount": 100, "order_id": "P1"}
    claim = {"claim_id": "R1", "claim_kind": "dispute", "document_id": "1001", "status": "new",
             "reason_code": "PREC", "opened_date": "2026-02-01"}  # fmt: skip
    claims = trade_rows(CLAIMS, claim)
    unnamed = run(invoice, {"number": "9001", "amount": -40, "order_id": "P1"}, claims=claims)
    assert reason(unnamed) == "credit-invoice-disputed"
    named = {"number": "9001", "amount": -40, "reference_document_id": "1001"}
    assert len(pairs(run(invoice, named, claims=claims))) == 1
    issued = {"note_id": "S1", "issued_document_id": "9001", "reason_code": "CANT"}
    other = run(invoice, named, claims=claims, notes=trade_rows(NOTES, issued))
    assert reason(other) == "credit-invoice-disputed"
    closed = trade_rows(CLAIMS, {**claim, "status": "closed"})
    assert len(pairs(run(invoice, named, claims=closed, notes=trade_rows(NOTES, issued)))) == 1


def test_the_summary_tells_opening_from_new_notes_and_the_balance_stays() -> None:
    matched = run(
        {"number": "1001", "amount": 100},
        {"number": "9001", "amount": -30, "reference_document_id": "1001"},
        {"number": "9002", "amount": -20, "document_date": "2026-03-01"},
        period_start=dt.date(2026, 3, 1),
    )
    (one,) = matched.summarised.to_dict("records")
    assert (one["opening_notes_amount"], one["new_amount"]) == (-30, -20)
    assert (one["matched_amount"], one["left_amount"]) == (30, -20)
    assert (one["debt_before_amount"], one["debt_after_amount"]) == (100, 70)
    assert one["balance_before_amount"] == one["balance_after_amount"] == 50
    (proof,) = credit_notes.prove_set_offs(matched.applied, matched.summarised).to_dict("records")
    assert (proof["from_debts_amount"], proof["from_notes_amount"], proof["sum_amount"]) == (30, -30, 0)
    assert proof["is_proved"]


def test_credits_over_180_days_have_age_owner_and_what_can_be_done() -> None:
    items = open_items(
        {"number": "1001", "amount": 500},
        {"number": "9001", "amount": -40, "document_date": "2025-10-02"},  # 180 days: not yet
        {"number": "9002", "amount": -50, "document_date": "2025-10-01"},
        {"number": "9003", "amount": -60, "document_date": "2025-09-01", "customer_id": "C2"},
        {"number": "9004", "amount": -70, "document_date": "2025-08-01", "special_gl": "A",
         "document_kind": "payment"},
        {"number": "9005", "amount": -20, "document_date": None},
    )  # fmt: skip
    cash = receipts(
        {"id": "R1", "amount": 80, "receipt_date": "2025-06-01"},
        {"id": "R2", "amount": 90, "receipt_date": "2025-07-01", "customer_id": "C1"},
        {"id": "R3", "amount": 10, "receipt_date": "2026-03-01"},
    )
    cash = cash.assign(unapplied_amount=cash["received_amount"])
    owners = customers({"customer_id": "C1", "supervisor_id": "sup.norte"},
                       {"customer_id": "C2", "cluster_id": "SUR"})  # fmt: skip
    listed = credit_notes.list_old_credits(items, cash, owners, as_of=AS_OF)
    names = ["document_id", "age_days", "credit_amount", "debt_amount", "action", "approver", "owner"]
    assert list(listed[names].itertuples(index=False, name=None)) == [
        ("R1", 303, -80, 0, "transfer", "controller", ""),
        ("R2", 273, -90, 500, "apply", "supervisor", "sup.norte"),
        ("9004", 242, -70, 500, "transfer", "controller", "sup.norte"),
        ("9003", 211, -60, 0, "refund", "controller", "SUR"),
        ("9002", 181, -50, 500, "apply", "supervisor", "sup.norte"),
        ("9005", 0, -20, 500, "apply", "supervisor", "sup.norte"),
    ]


def test_the_oldest_credit_stands_first_whatever_its_company_and_money() -> None:
    items = open_items(
        {"number": "9001", "amount": -50, "document_date": "2025-09-01"},
        {"number": "9002", "amount": -50, "document_date": "2025-08-01", "company_id": "CO02"},
        {"number": "9003", "amount": -50, "document_date": "2025-07-01", "currency": "USD"},
    )
    nothing = receipts({"id": "R1", "amount": 1}).head(0).assign(unapplied_amount=0)
    listed = credit_notes.list_old_credits(items, nothing, customers(), as_of=AS_OF)
    assert listed["document_id"].tolist() == ["9003", "9002", "9001"]


@pytest.mark.parametrize("more", [{"payment_block": "A"}, {"special_gl": "A"}])
def test_what_may_not_be_taken_today_is_a_rival_all_the_same(more: dict[str, str]) -> None:
    invoice = {"number": "1001", "amount": 100, "order_id": "P1"}
    matched = run(
        invoice, {**invoice, "number": "1002", **more}, {**invoice, "number": "9001", "amount": -40}
    )
    assert reason(matched) == "credit-several-invoices"
    assert offered(matched) == [(1, "1001", "credit-order")]
    same, note = {"number": "FV1001", "amount": ODD}, {"number": "NC9001", "amount": -ODD}
    assert reason(run(same, {**same, "number": "FV1002", **more}, note)) == "not-proven"
    assert run(same, note, {**note, "number": "NC9002", **more}).applied.empty
    named = {"number": "9001", "amount": -40, "reference_document_id": "001001"}
    assert run(
        {"number": "1001", "amount": 100}, {"number": "01001", "amount": 9, **more}, named
    ).applied.empty
    taken_back = {
        "number": "5001",
        "amount": 40,
        "document_kind": "debit_note",
        "reference_document_id": "9001",
    }
    assert run({**taken_back, **more}, {"number": "9001", "amount": -40}).applied.empty


def test_a_dispute_is_of_its_invoice_however_the_claim_writes_its_number() -> None:
    items = [{"number": "FV1001", "amount": 100, "order_id": "P1"}]
    items += [{"number": "9001", "amount": -40, "order_id": "P1"}]
    claim = {"claim_id": "K1", "claim_kind": "dispute", "status": "open", "reason_code": "PREC"}
    for written in ("FV1001", "FV-01001", "fv 1001"):
        disputed = run(*items, claims=trade_rows(CLAIMS, {**claim, "document_id": written}))
        assert reason(disputed) == "credit-invoice-disputed", written
    other = run(*items, claims=trade_rows(CLAIMS, {**claim, "document_id": "FV10010"}))
    assert len(other.applied) == 2


def test_an_advice_taken_in_one_company_says_nothing_of_anothers_of_the_same_id() -> None:
    items = [{"number": "1001", "amount": 100}, {"number": "9001", "amount": -100}]
    elsewhere = {"number": "5001", "amount": 70, "company_id": "CO02"}
    told = remittances({"reference": "1001", "amount": 100}, {"reference": "9001", "amount": -100})

    def after(document: int) -> list[tuple[str, str, int, str]]:
        in_force = pd.DataFrame(
            {"document_key": [document], "rule": "credit-advice", "evidence": '{"advice": "A1"}'}
        )
        return pairs(run(*items, elsewhere, remittances=told, in_force=in_force))

    assert after(3) == [("9001", "1001", 100, "credit-advice")]
    assert after(1) == after(99) == []
