"""Old credits in dollars leave an account at the rate that it holds them at, the one of their own day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import RATE, application, faults, import_items, import_receipts, import_rows, legs
from over_180_world import POLICY, TODAY, account, file_of, make_book, move

from workbench import book as books
from workbench import transferring
from workbench.transferring.old_credits import find_old_credit

OWN = POLICY.accounts
OLD = dt.date(2026, 1, 10)


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    """A note, money on account and a deposit of 30.00 dollars each, at 4,000 pesos until November."""
    book = make_book(tmp_path, database)
    import_items(
        book,
        {"document_number": "1800006", "original_amount": -30_00, "open_amount": -30_00, "currency": "USD",
         "document_kind": "credit_note", "document_date": "2026-01-10", "due_date": "2026-01-10"},
    )  # fmt: skip
    cash = {"receipt_date": "2026-01-10", "received_amount": 30_00, "currency": "USD"}
    import_receipts(
        book, {"receipt_id": "D1", "customer_id": "", **cash}, {"receipt_id": "D2", **cash}, on=OLD
    )
    keys = books.read.receipts(book).set_index("receipt_id")["receipt_key"]
    whole = {"receipt_key": int(keys["D2"]), "kind": "on_account", "effective_date": "2026-10-20"}
    books.postings.apply(book, legs(application("acc", -1, 30_00, currency="USD", **whole)))
    return book


def _dollar_at(book: books.Book, fortieths: int) -> None:
    """From November on at so many hundred pesos; 4,000 before."""
    later = {
        "valid_from": "2026-11-01",
        "valid_through": "2026-12-31",
        "rate": RATE["rate"] * fortieths // 40,
    }
    import_rows(book, "rates", RATE, later, source="trm")


def _settle(book: books.Book, name: str, action: str) -> None:
    found = find_old_credit(book, name, as_of=TODAY, policy=POLICY)
    case_id = transferring.propose_credit(
        book, found, policy=POLICY, action=action, owner="S1", evidence="extracto", who="ana", on=TODAY
    )
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    assert move(book, case_id, "settle", "eva") == "settled"


@pytest.mark.parametrize(
    ("name", "debit"),
    [
        ("1800006/2026/001", OWN.foreign_receivables),
        ("D1", OWN.advances),
        ("D2", OWN.foreign_receivables),
    ],
)
def test_a_credit_in_dollars_that_is_moved_leaves_no_difference_on_any_account(
    book: books.Book, name: str, debit: str
) -> None:
    _dollar_at(book, 43)
    _settle(book, name, "transfer")
    assert account(book, debit) == {"USD": (30_00, 120_000_00)}
    assert account(book, OWN.old_credits) == {"USD": (-30_00, -120_000_00)}
    assert account(book, OWN.exchange_loss) == account(book, OWN.exchange_gain) == {}
    assert faults(book) == []


@pytest.mark.parametrize(
    ("fortieths", "name", "debit", "result"),
    [
        (43, "1800006/2026/001", OWN.foreign_receivables, OWN.exchange_loss),  # given back for more pesos
        (39, "1800006/2026/001", OWN.foreign_receivables, OWN.exchange_gain),
        (43, "D1", OWN.advances, OWN.exchange_loss),
    ],
)
def test_a_refund_in_dollars_costs_the_days_pesos_and_the_difference_is_exchange(
    book: books.Book, fortieths: int, name: str, debit: str, result: str
) -> None:
    _dollar_at(book, fortieths)
    _settle(book, name, "refund")
    difference = (fortieths - 40) * 3_000_00
    assert account(book, debit) == {"USD": (30_00, 120_000_00)}
    assert account(book, OWN.bank) == {"USD": (-30_00, -120_000_00 - difference)}
    assert account(book, result) == {"USD": (0, difference)}
    assert books.read.journal_lines(book)["base_amount"].sum() == 0
    assert faults(book) == []
