"""Wires: who bears the charges, which receipt and documents they are, what they lack and until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from ledger_frames import documents, facts, frame, receipts

from workbench.ledger import active_applications
from workbench.policy import ExchangePolicy
from workbench.tables import WIRES
from workbench.wires import Followed, follow_wires

DAY = dt.date(2026, 3, 31)
NO_KEYS = pd.Series([], dtype="int64")
SETTLED = pd.DataFrame({"document_key": NO_KEYS, "settled_amount": NO_KEYS})


def wires(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "company_id": "CO01", "customer_id": "0001", "bearer": "SHA", "sent_currency": "USD",
        "currency": "USD", "value_date": "2026-03-02", "sent_amount": 100_00, "received_amount": 100_00,
    }  # fmt: skip
    numbered = [{"wire_id": f"SWIFT{number:04d}", **row} for number, row in enumerate(rows)]
    return frame(WIRES, numbered, **usual)


def follow(
    wires_: pd.DataFrame,
    cash: pd.DataFrame | None = None,
    items: pd.DataFrame | None = None,
    *,
    applied: list[dict[str, Any]] | None = None,
    settled: pd.DataFrame = SETTLED,
    as_of: dt.date = DAY,
    before: dt.date | None = None,
    **settings: Any,
) -> Followed:
    items = documents() if items is None else items
    world = facts(items, applications=applied or [])
    settings = {"needs_review": False, "legalisation_days": 30, **settings}
    return follow_wires(
        wires_,
        receipts() if cash is None else cash,
        items,
        world.open_items(as_of.isoformat(), with_settled=True),
        active_applications(world.applications, world.reversals, as_of=as_of),
        settled,
        as_of=as_of,
        base_currency="COP",
        policy=ExchangePolicy(**settings),
        before=before,
    )


def cash(**row: Any) -> dict[str, Any]:
    return {
        "receipt_key": 1, "receipt_id": "B1", "receipt_date": "2026-03-02", "currency": "USD",
        "received_amount": 100_00, **row,
    }  # fmt: skip


def rules(told: Followed) -> list[str]:
    return told.findings["rule"].tolist()


def test_sent_less_our_charges_is_what_came() -> None:
    lines = [
        {"bearer": "SHA", "charges_amount": 5_00, "received_amount": 95_00},
        {"bearer": "BEN", "charges_amount": 30_00, "received_amount": 70_00},
        {"bearer": "OUR", "received_amount": 100_00},
        {"bearer": "SHA", "charges_amount": 5_00, "received_amount": 94_99},
        {"bearer": "OUR", "charges_amount": 25_00, "received_amount": 75_00},
    ]
    told = follow(wires(*lines))
    assert told.wires["unexplained_amount"].tolist() == [0, 0, 0, 1, 25_00]
    assert [rule for rule in rules(told) if "charges" in rule] == [
        "wire-charges-differ",
        "wire-charges-not-ours",
    ]


def test_what_was_sent_in_another_currency_is_not_judged() -> None:
    told = follow(wires({"sent_currency": "EUR", "sent_amount": 90_00}, {"sent_amount": 0}))
    assert told.wires["is_provable"].tolist() == [False, False]
    assert told.wires["unexplained_amount"].tolist() == [0, 0]


def test_a_receipt_is_found_by_the_banks_reference_then_by_the_wires_then_by_its_amount() -> None:
    lines = [{"receipt_id": "B1"}, {"wire_id": "PAY-778899"}, {"received_amount": 40_00}]
    money = receipts(
        cash(receipt_key=1, receipt_id="B1"),
        cash(receipt_key=2, receipt_id="B2", text="WIRE /PAY778899/ INV"),
        cash(receipt_key=3, receipt_id="B3", received_amount=40_00, receipt_date="2026-03-07"),
    )
    told = follow(wires(*lines), money).wires
    assert sorted(zip(told["receipt_id"], told["linked_by"], strict=True)) == [
        ("B1", "bank_reference"),
        ("B2", "wire_reference"),
        ("B3", "amount"),
    ]
    assert follow(wires(lines[2]), money, wire_days=4).wires["receipt_id"].tolist() == [""]


def test_two_wires_of_one_amount_are_not_told_apart_by_it() -> None:
    told = follow(wires({}, {}), receipts(cash()))
    assert told.wires["receipt_id"].tolist() == ["", ""]
    assert rules(told) == ["wire-without-receipt", "wire-without-receipt"]


def test_a_receipt_is_one_wires() -> None:
    told = follow(wires({"receipt_id": "B1"}, {"receipt_id": "B1"}), receipts(cash()))
    assert told.wires["receipt_id"].tolist() == ["B1", ""]
    assert rules(told) == ["wire-receipt-taken"]


def test_a_receipt_of_another_amount_or_customer_is_told() -> None:
    told = follow(wires({"receipt_id": "B1"}), receipts(cash(received_amount=99_00, customer_id="0009")))
    assert rules(told) == ["wire-amount-differs", "wire-customer-differs"]
    assert told.findings["amount"].tolist() == [1_00, 0]


def test_documents_are_those_the_list_names_else_those_the_receipt_was_applied_to() -> None:
    items = documents(
        {"document_key": 1, "original_amount": 60_00, "currency": "USD", "reference": "EX-1"},
        {"document_key": 2, "original_amount": 40_00, "currency": "USD", "reference": "EX2"},
    )
    applied = [
        {"document_key": key, "receipt_key": 1, "applied_amount": 10_00, "effective_date": "2026-03-02"}
        for key in (1, 2)
    ]
    by_list = follow(
        wires({"documents": "EX1 EX77", "receipt_id": "B1"}), receipts(cash()), items, applied=applied
    )
    assert by_list.wires["paid_documents"].tolist() == ["EX-1"]
    assert rules(by_list) == ["wire-document-unknown", "wire-documents-differ"]
    by_receipt = follow(wires({"receipt_id": "B1"}), receipts(cash()), items, applied=applied)
    assert by_receipt.wires["paid_documents"].tolist() == ["EX-1 EX2"]
    assert by_receipt.wires["documents_amount"].tolist() == [100_00]


def test_a_wire_is_legalised_by_the_number_and_day_of_its_declaration() -> None:
    told = follow(
        wires(
            {"exchange_declaration": "D1", "declared_date": "2026-03-31"},
            {"exchange_declaration": "D2"},
            {"exchange_declaration": "D3", "declared_date": "2026-04-01"},
        )
    )
    assert told.wires["legalisation"].tolist() == ["legalised", "pending", "pending"]
    assert told.pending["wire_id"].tolist() == ["SWIFT0001", "SWIFT0002"]
    assert told.wires["lacking"].tolist()[0] == "export_declaration documents"


def test_the_day_of_the_deadline_is_not_late_and_the_next_one_is() -> None:
    for value_date, state, left in (("2026-03-01", "pending", 0), ("2026-02-28", "overdue", -1)):
        told = follow(wires({"value_date": value_date}))
        assert (told.wires["legalisation"].item(), told.wires["days_left"].item()) == (state, left)
        assert ("wire-not-legalised" in rules(told)) == (state == "overdue")


def test_a_wire_of_an_earlier_close_is_asked_for_its_papers_only() -> None:
    lines = wires({"value_date": "2026-02-28", "sent_amount": 110_00}, {"value_date": "2026-03-01"})
    told = follow(lines, before=dt.date(2026, 2, 28))
    assert told.findings[["rule", "key"]].to_numpy().tolist() == [
        ["wire-without-receipt", "SWIFT0001"],
        ["wire-not-legalised", "SWIFT0000"],
    ]


def test_a_wire_after_the_cutoff_is_not_there_yet() -> None:
    assert follow(wires({"value_date": "2026-04-01"})).wires.empty


def test_a_declaration_before_the_money_is_told() -> None:
    told = follow(wires({"exchange_declaration": "D", "declared_date": "2026-03-01"}))
    assert "wire-declared-early" in rules(told)


def test_a_term_that_nobody_checked_says_so_while_a_wire_rests_on_it() -> None:
    assert "legalisation-needs-review" in rules(follow(wires({}), needs_review=True))
    declared = {"exchange_declaration": "D", "declared_date": "2026-03-05"}
    assert "legalisation-needs-review" not in rules(follow(wires(declared), needs_review=True))


def test_exports_settled_in_the_period_or_open_say_whether_a_wire_pays_them() -> None:
    usd = {"currency": "USD", "original_amount": 50_00}
    items = documents(
        {"document_key": 1, "reference": "EX1", **usd},
        {"document_key": 2, **usd},
        {"document_key": 3, **usd},
        {"document_key": 4, "original_amount": 50_00},
        {"document_key": 5, "document_kind": "debit_note", **usd},
    )
    applied = [
        {"document_key": 2, "applied_amount": 50_00, "effective_date": "2026-03-02", "erp_open_amount": 50_00}
    ]
    settled = pd.DataFrame({"document_key": [2], "settled_amount": [50_00]})
    line = {"documents": "EX1", "export_declarations": "600 601"}
    told = follow(wires(line), items=items, applied=applied, settled=settled)
    assert dict(zip(told.exports["document_key"], told.exports["export_state"], strict=True)) == {
        1: "wired", 2: "paid_without_wire", 3: "open_without_wire",
    }  # fmt: skip
    assert told.exports.set_index("document_key").at[1, "export_declarations"] == "600 601"
    found = told.findings[told.findings["rule"] == "export-paid-without-wire"]
    assert found["amount"].tolist() == [50_00]


def test_nothing_is_no_error() -> None:
    told = follow(wires())
    assert told.wires.empty
    assert told.findings.empty
