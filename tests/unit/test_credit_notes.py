"""A credit note is set off against the invoice it names, in two legs that sum to zero."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench import credit_notes
from workbench.tables import OPEN_ITEMS

AS_OF = dt.date(2026, 3, 31)


def legs(matched: credit_notes.Matched) -> list[tuple[str, int]]:
    assert matched.applied["applied_amount"].sum() == 0
    return sorted(zip(matched.applied["document_id"], matched.applied["applied_amount"], strict=True))


def reasons(matched: credit_notes.Matched) -> dict[str, str]:
    return dict(zip(matched.unapplied["document_id"], matched.unapplied["reason"], strict=True))


def test_it_takes_the_smaller_of_the_two_and_leaves_the_rest() -> None:
    items = open_items(
        {"number": "1001", "amount": 100},
        {"number": "9001", "amount": -130, "reference_document_id": "1001"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert legs(matched) == [("1001", 100), ("9001", -100)]
    assert matched.applied["operation"].nunique() == 1
    assert matched.unapplied[["document_id", "unapplied_amount", "reason"]].values.tolist() == [
        ["9001", -30, "credit-exceeds-invoice"]
    ]
    assert matched.summarised.iloc[0].to_dict() == {
        "company_id": "CO01", "customer_id": "C1", "currency": "COP", "credit_notes": 1,
        "opening_notes_amount": -130, "new_amount": 0, "matched_amount": 100, "left_amount": -30,
        "debt_before_amount": 100, "debt_after_amount": 0, "other_credits_amount": 0,
        "balance_before_amount": -30, "balance_after_amount": -30, "reason": "credit-exceeds-invoice",
    }  # fmt: skip


def test_instalments_are_reduced_oldest_first() -> None:
    items = open_items(
        {"number": "1001", "amount": 60, "document_id": "1001/2", "item": "002", "due_date": "2026-05-01"},
        {"number": "1001", "amount": 60, "document_id": "1001/1", "item": "001", "due_date": "2026-04-01"},
        {"number": "9001", "amount": -80, "reference_document_id": "1001"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    on_invoice = matched.applied[matched.applied["applied_amount"] > 0]
    assert on_invoice[["document_id", "applied_amount"]].values.tolist() == [["1001/1", 60], ["1001/2", 20]]


def test_two_credit_notes_never_take_more_than_the_invoice() -> None:
    items = open_items(
        {"number": "1001", "amount": 100},
        {"number": "9002", "amount": -80, "reference_document_id": "1001", "document_date": "2026-02-02"},
        {"number": "9001", "amount": -80, "reference_document_id": "1001", "document_date": "2026-02-03"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert legs(matched) == [("1001", 20), ("1001", 80), ("9001", -20), ("9002", -80)]


@pytest.mark.parametrize(
    "other",
    [
        {"customer_id": "C2"},
        {"currency": "USD"},
        {"company_id": "CO02"},
        {"payment_block": "A"},
        {"special_gl": "A"},
    ],
)
def test_another_account_or_a_blocked_invoice_is_never_reduced(other: dict[str, str]) -> None:
    items = open_items(
        {"number": "1001", "amount": 100, **other},
        {"number": "9001", "amount": -100, "reference_document_id": "1001"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert matched.applied.empty
    assert matched.suggested.empty
    assert reasons(matched) == {"9001": "credit-invoice-not-open"}
    assert matched.findings["rule"].tolist() == ["credit-invoice-not-open"]


def test_a_reference_text_counts_when_no_document_is_stated() -> None:
    items = open_items(
        {"number": "1001", "amount": 100, "reference": "FE-77"},
        {"number": "9001", "amount": -40, "reference": "fe 77"},
        {"number": "9002", "amount": -40, "reference": "NC-5"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert legs(matched) == [("1001", 40), ("9001", -40)]
    assert reasons(matched) == {"9002": "credit-without-reference"}


def test_an_equal_amount_is_only_suggested_with_every_rival() -> None:
    items = open_items(
        {"number": "1001", "amount": 100},
        {"number": "1002", "amount": 100},
        {"number": "1003", "amount": 90},
        {"number": "9001", "amount": -100},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert matched.applied.empty
    assert matched.suggested["document_id"].tolist() == ["1001", "1002"]
    assert matched.unapplied["rivals"].tolist() == [2]


def test_a_number_of_two_years_is_only_suggested() -> None:
    items = open_items(
        {"number": "1001", "amount": 100, "fiscal_year": "2025", "document_id": "1001/2025"},
        {"number": "1001", "amount": 100, "document_id": "1001/2026"},
        {"number": "9001", "amount": -100, "reference_document_id": "1001"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert reasons(matched) == {"9001": "credit-several-invoices"}
    assert len(matched.suggested) == 2


def test_what_somebody_told_goes_first_and_never_beyond_what_is_open() -> None:
    items = open_items({"number": "1001", "amount": 100}, {"number": "9001", "amount": -100})
    told = pd.DataFrame({"credit_document_key": [2, 2], "document_key": [1, 1], "amount": [80, 30]})
    matched = credit_notes.match_credit_notes(items, told, as_of=AS_OF)
    assert legs(matched) == [("1001", 80), ("9001", -80)]
    assert matched.findings["rule"].tolist() == ["credit-allocation-refused"]


def test_a_document_after_the_cutoff_takes_no_part() -> None:
    items = open_items(
        {"number": "1001", "amount": 100},
        {"number": "9001", "amount": -100, "reference_document_id": "1001", "document_date": "2026-04-01"},
    )
    assert reasons(credit_notes.match_credit_notes(items, as_of=AS_OF)) == {"9001": "credit-blocked"}


def test_nothing_in_gives_empty_frames() -> None:
    matched = credit_notes.match_credit_notes(OPEN_ITEMS.empty(), as_of=AS_OF)
    assert matched.applied.empty
    assert matched.summarised.empty


def test_credit_notes_that_share_an_id_are_operations_of_their_own() -> None:
    items = open_items(
        {"number": "1001", "amount": 100},
        {"number": "9001", "amount": -30, "reference_document_id": "1001", "document_type": "RG"},
        {"number": "9001", "amount": -30, "reference_document_id": "1001", "document_type": "RX"},
    )
    legs = credit_notes.match_credit_notes(items, as_of=AS_OF).applied
    by_operation = legs.groupby("operation")["applied_amount"].agg(["size", "sum"])
    assert by_operation.values.tolist() == [[2, 0], [2, 0]]


def test_in_a_closed_period_a_set_off_is_only_suggested_and_other_companies_go_on() -> None:
    note = {"number": "9001", "amount": -80, "reference_document_id": "1001"}
    invoice = {"number": "1001", "amount": 100}
    other = {"company_id": "CO02"}
    items = open_items(invoice, note, {**invoice, **other}, {**note, **other})
    told = pd.DataFrame([{"credit_document_key": 2, "document_key": 1, "amount": 80}])
    for allocations in (None, told):
        matched = credit_notes.match_credit_notes(
            items, allocations, as_of=AS_OF, open_from={"CO01": dt.date(2026, 4, 1)}
        )
        assert set(matched.applied["company_id"]) == {"CO02"}
        assert reasons(matched) == {"9001": "period-closed"}
        assert matched.suggested[["document_id", "applied_amount"]].values.tolist() == [["1001", 80]]
        finding = matched.findings.set_index("rule").loc["credits-period-closed"]
        assert (finding["key"], finding["amount"]) == ("CO01", -80)
        assert "2026-03-31" in finding["values"]
    opened = credit_notes.match_credit_notes(items, as_of=AS_OF, open_from={"": dt.date(2026, 3, 31)})
    assert opened.unapplied.empty


def test_a_note_that_states_a_paid_invoice_is_not_given_to_one_of_a_like_number() -> None:
    items = open_items(
        {"number": "1001", "amount": 100, "open_amount": 0, "erp_open_amount": 0},
        {"number": "01001", "amount": 100, "document_date": "2026-02-01"},
        {"number": "9001", "amount": -80, "reference_document_id": "1001", "document_date": "2026-03-01"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert legs(matched) == []
    assert reasons(matched) == {"9001": "credit-invoice-not-open"}
    assert "1001" not in set(matched.suggested["document_id"])
    assert matched.summarised["debt_before_amount"].tolist() == [100]
    # Another's settled number says nothing of this customer's.
    others = items.assign(customer_id=["C9", "C1", "C1"])
    assert legs(credit_notes.match_credit_notes(others, as_of=AS_OF)) == [("01001", 80), ("9001", -80)]


def test_a_settled_number_in_a_text_is_no_other_document() -> None:
    items = open_items(
        {"number": "1001", "amount": 700, "open_amount": 0, "erp_open_amount": 0},
        {"number": "01001", "amount": 83_17, "document_date": "2026-02-01"},
        {"number": "9001", "amount": -83_17, "text": "devolución 1001", "document_date": "2026-03-01"},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    assert "credit-text" not in {*matched.applied["rule"], *matched.suggested["rule"]}


def test_a_document_that_is_proposed_for_several_notes_says_so() -> None:
    items = open_items(
        {"number": "1001", "amount": 100_00},
        {"number": "1002", "amount": 100_00},
        {"number": "9001", "amount": -100_00},
        {"number": "9002", "amount": -100_00},
    )
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    facts = [json.loads(text) for text in matched.suggested["evidence"]]
    assert len(facts) == 4
    assert {one["other_notes"] for one in facts} == {1}
