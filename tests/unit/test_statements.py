"""The statement of account: what each line is called, what is late, what is no movement at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from ledger_frames import documents, facts, frame, receipts

from workbench import statements
from workbench.tables import ERP_EXPORT_LINES

JANUARY, FEBRUARY = dt.date(2026, 1, 31), dt.date(2026, 2, 28)
FIRST = dt.date(2026, 2, 1)


def make(
    *rows: dict[str, Any],
    cash: tuple[dict[str, Any], ...] = (),
    exported: tuple[dict[str, Any], ...] = (),
    issued_at: str | None = None,
    **of_ledger: Any,
) -> statements.Statements:
    """The statement of February 2026."""
    said = facts(documents(*rows), **of_ledger)
    known = statements.Facts(*said, receipts(*cash), frame(ERP_EXPORT_LINES, exported))
    instant = dt.datetime.fromisoformat(issued_at) if issued_at else None
    return statements.make_statements(known, from_date=FIRST, as_of=FEBRUARY, issued_at=instant)


def row_of(made: statements.Statements, customer: str = "0001") -> dict[str, Any]:
    own = made.summarised[made.summarised["customer_id"] == customer]
    (row,) = own.to_dict("records")
    return {name: value for name, value in row.items() if isinstance(value, int) and value}


def lines_of(made: statements.Statements) -> list[tuple[str, str, str, int, int]]:
    told = made.movements
    days = told["movement_date"].dt.strftime("%m-%d")
    return list(
        zip(
            days,
            told["kind"],
            told["document_id"],
            told["movement_amount"],
            told["balance_amount"],
            strict=True,
        )
    )


def test_a_month_runs_from_opening_to_closing() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        {
            "document_key": 2,
            "original_amount": 50_00,
            "document_date": "2026-02-03",
            "due_date": "2026-02-20",
        },
        {
            "document_key": 3,
            "original_amount": -10_00,
            "document_kind": "credit_note",
            "document_date": "2026-02-04",
        },
        cash=({"receipt_key": 7, "receipt_id": "R7"},),
        applications=[
            {"document_key": 1, "receipt_key": 7, "applied_amount": 97_50, "effective_date": "2026-02-10"},
            {
                "document_key": 1,
                "receipt_key": 7,
                "applied_amount": 2_50,
                "kind": "withholding",
                "effective_date": "2026-02-10",
            },
        ],
    )
    assert lines_of(made) == [
        ("02-03", "invoice", "F0002", 50_00, 150_00),
        ("02-04", "credit_note", "F0003", -10_00, 140_00),
        ("02-10", "payment", "R7", -97_50, 42_50),
        ("02-10", "withholding", "R7", -2_50, 40_00),
    ]
    assert made.movements["reference"].tolist()[2] == "F0001"
    assert row_of(made) == {
        "opening_amount": 100_00,
        "invoice_amount": 50_00,
        "credit_note_amount": -10_00,
        "payment_amount": -97_50,
        "withholding_amount": -2_50,
        "closing_amount": 40_00,
        "debit_amount": 50_00,
        "credit_amount": -10_00,
        "pending_amount": 100_00,
        "open_count": 2,
    }
    assert made.open_list[["document_id", "open_amount", "days_overdue", "bucket"]].values.tolist() == [
        ["F0003", -10_00, 19, "d1_30"],
        ["F0002", 50_00, 8, "d1_30"],
    ]


def test_the_day_itself_belongs_to_the_period_and_the_next_one_does_not() -> None:
    made = make(
        {"document_key": 1, "original_amount": 1_00, "document_date": "2026-01-31"},
        {"document_key": 2, "original_amount": 2_00, "document_date": "2026-02-01"},
        {"document_key": 3, "original_amount": 4_00, "document_date": "2026-02-28"},
        {"document_key": 4, "original_amount": 8_00, "document_date": "2026-03-01"},
    )
    told = row_of(made)
    assert (told["opening_amount"], told["invoice_amount"], told["closing_amount"]) == (1_00, 6_00, 7_00)


def payment_document(key: int, amount: int, day: str, **more: Any) -> dict[str, Any]:
    return {
        "document_key": key,
        "original_amount": -amount,
        "document_kind": "payment",
        "document_date": day,
        **more,
    }


def clearing(key: int, amount: int, day: str) -> dict[str, Any]:
    return {"document_key": key, "cleared_amount": amount, "clearing_date": day, "clearing_document": "90"}


def test_a_payment_of_the_erp_counts_once_and_its_clearing_is_no_movement() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        payment_document(2, 100_00, "2026-02-10"),
        clearings=[
            clearing(1, 100_00, "2026-02-11"),
            clearing(2, -100_00, "2026-02-11"),
        ],
    )
    assert lines_of(made) == [("02-10", "payment", "F0002", -100_00, 0)]


def test_what_the_erp_confirms_of_ours_keeps_our_words_for_it() -> None:
    """97.50 in cash and 2.50 withheld by us; the ERP books one payment of 100.00 and clears the invoice."""
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        payment_document(2, 100_00, "2026-02-15"),
        cash=({"receipt_key": 7, "receipt_id": "R7"},),
        applications=[
            {
                "document_key": 1, "receipt_key": 7, "applied_amount": amount, "kind": kind,
                "effective_date": "2026-02-10", "erp_open_amount": 100_00,
            }
            for kind, amount in (("payment", 97_50), ("withholding", 2_50))
        ],
        clearings=[
            clearing(1, 100_00, "2026-02-15"),
            clearing(2, -100_00, "2026-02-15"),
        ],
    )  # fmt: skip
    told = row_of(made)
    assert (told["payment_amount"], told["withholding_amount"]) == (-97_50, -2_50)
    assert "closing_amount" not in told  # nothing is owed
    assert "clearing_amount" not in told


def test_what_the_erp_cleared_without_a_document_is_called_so_and_not_a_payment() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        clearings=[{"document_key": 1, "cleared_amount": 100_00, "clearing_date": "2026-02-11"}],
    )
    assert lines_of(made) == [("02-11", "clearing", "F0001", -100_00, 0)]


def test_less_open_than_clearings_explain_is_a_clearing_on_the_day_it_was_seen() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        observations=[{"document_key": 1, "observed_date": "2026-02-20", "open_amount": 30_00}],
    )
    assert lines_of(made) == [("02-20", "clearing", "F0001", -70_00, 30_00)]


def test_another_customers_payment_is_a_transfer_for_both() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        payment_document(2, 100_00, "2026-02-10", customer_id="0002"),
        clearings=[
            clearing(1, 100_00, "2026-02-11"),
            clearing(2, -100_00, "2026-02-11"),
        ],
    )
    assert row_of(made)["transfer_amount"] == -100_00
    assert row_of(made, "0002") == {"payment_amount": -100_00, "transfer_amount": 100_00}


def test_a_note_set_off_moves_nothing() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        {"document_key": 2, "original_amount": -30_00, "document_kind": "credit_note"},
        applications=[
            {"document_key": key, "applied_amount": amount, "kind": "credit_note", "operation_id": "O",
             "effective_date": "2026-02-10"}
            for key, amount in ((1, 30_00), (2, -30_00))
        ],
    )  # fmt: skip
    assert lines_of(made) == []
    assert row_of(made)["closing_amount"] == row_of(made)["opening_amount"] == 70_00
    assert made.open_list["document_id"].tolist() == ["F0001"]


def test_money_on_account_is_a_payment_and_its_undoing_brings_it_back() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        cash=({"receipt_key": 7, "receipt_id": "R7", "customer_id": "0001"},),
        applications=[
            {"document_key": -1, "receipt_key": 7, "applied_amount": 40_00, "kind": "on_account",
             "effective_date": "2026-01-20"},
            {"document_key": -1, "receipt_key": 7, "applied_amount": 5_00, "kind": "on_account",
             "effective_date": "2026-02-20"},
        ],
        reversals=[{"application_id": "A0", "effective_date": "2026-02-12"}],
    )  # fmt: skip
    assert lines_of(made) == [
        ("02-12", "payment", "R7", 40_00, 100_00),
        ("02-20", "payment", "R7", -5_00, 95_00),
    ]
    assert row_of(made)["credit_amount"] == -5_00


def test_money_on_account_that_the_erp_booked_counts_once() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        payment_document(2, 40_00, "2026-02-14", reference="WS1"),
        cash=({"receipt_key": 7, "receipt_id": "R7", "customer_id": "0001"},),
        applications=[
            {"document_key": -1, "receipt_key": 7, "applied_amount": 40_00, "kind": "on_account",
             "effective_date": "2026-02-10"},
        ],
        exported=({"application_id": "A0", "posting": "application", "attempt": 1, "erp_document": "WS1"},),
    )  # fmt: skip
    assert row_of(made)["payment_amount"] == -40_00
    assert row_of(made)["closing_amount"] == 60_00
    assert lines_of(made)[-1][0] == "02-14"


def test_the_opening_is_what_was_stated_and_what_came_to_be_known_since_is_late() -> None:
    issued = "2026-02-05T00:00:00+00:00"
    made = make(
        {"document_key": 1, "original_amount": 100_00, "recorded_at": "2026-02-01T00:00:00Z"},
        {
            "document_key": 2,
            "original_amount": 20_00,
            "document_date": "2026-01-30",
            "recorded_at": "2026-02-06T00:00:00Z",
        },
        clearings=[
            {
                "document_key": 1,
                "cleared_amount": 60_00,
                "clearing_date": "2026-01-25",
                "recorded_at": "2026-02-06T00:00:00Z",
            }
        ],
        issued_at=issued,
    )
    told = row_of(made)
    assert (told["opening_amount"], told["late_amount"], told["closing_amount"]) == (100_00, -40_00, 60_00)
    assert made.movements["is_late"].tolist() == [True, True]
    assert lines_of(made) == [
        ("01-25", "clearing", "F0001", -60_00, 40_00),
        ("01-30", "invoice", "F0002", 20_00, 60_00),
    ]
    unaware = make(
        {"document_key": 1, "original_amount": 100_00},
        {"document_key": 2, "original_amount": 20_00, "document_date": "2026-01-30"},
    )
    assert row_of(unaware)["opening_amount"] == 120_00  # nobody had stated another


def test_currencies_are_accounts_of_their_own() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        {"document_key": 2, "original_amount": 7_00, "currency": "USD"},
        cash=({"receipt_key": 7, "receipt_id": "R7", "currency": "USD", "customer_id": "0001"},),
        applications=[  # dollars that settle pesos: given for them, nothing stays on account
            {"document_key": -1, "receipt_key": 7, "applied_amount": amount, "kind": kind,
             "effective_date": "2026-02-10"}
            for kind, amount in (("on_account", 2_00), ("exchange", -2_00))
        ]
        + [{"document_key": 1, "receipt_key": 7, "applied_amount": 80_00, "kind": "exchange",
            "effective_date": "2026-02-10"}],
    )  # fmt: skip
    told = {row["currency"]: row for row in made.summarised.to_dict("records")}
    assert (told["COP"]["exchange_amount"], told["COP"]["closing_amount"]) == (-80_00, 20_00)
    assert (told["USD"]["payment_amount"], told["USD"]["exchange_amount"]) == (-2_00, 2_00)
    assert told["USD"]["closing_amount"] == 7_00


def test_no_facts_give_no_statement() -> None:
    made = make()
    assert made.summarised.empty
    assert made.movements.empty
    assert made.open_list.empty
    assert isinstance(made.open_items, pd.DataFrame)


def test_one_account_can_be_taken_out() -> None:
    made = make(
        {"document_key": 1, "original_amount": 100_00},
        {"document_key": 2, "original_amount": 7_00, "currency": "USD"},
    ).of("CO01", "0001", "USD")
    assert made.summarised["closing_amount"].tolist() == [7_00]
    assert made.open_items["document_key"].tolist() == [2]


def test_a_receipt_that_took_a_note_with_it_is_told_as_the_cash_that_came() -> None:
    """An invoice of 50 less a note of 10 is paid with 40: the note is a document, the payment is 40."""
    made = make(
        {"document_key": 1, "original_amount": 50_00},
        {"document_key": 2, "original_amount": -10_00, "document_kind": "credit_note",
         "document_date": "2026-02-04"},
        cash=({"receipt_key": 7, "receipt_id": "R7", "received_amount": 40_00},),
        applications=[
            {"document_key": 1, "receipt_key": 7, "applied_amount": 50_00, "effective_date": "2026-02-10"},
            {"document_key": 2, "receipt_key": 7, "applied_amount": -10_00, "kind": "credit_note",
             "effective_date": "2026-02-10"},
        ],
    )  # fmt: skip
    assert lines_of(made) == [
        ("02-04", "credit_note", "F0002", -10_00, 40_00),
        ("02-10", "payment", "R7", -40_00, 0),
    ]
    assert row_of(made)["payment_amount"] == -40_00
    assert row_of(made)["credit_note_amount"] == -10_00
