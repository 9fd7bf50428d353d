"""The frames of a bank reconciliation: pairs, what is outstanding on each side, categories, the proof."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import BANK_LINES, BOOK_LINES, ColumnType, Table

ACCOUNT = ["company_id", "account_id", "currency"]

CATEGORIES = (
    "deposit_in_transit",  # consignación en tránsito: book debit that the bank does not show
    "payment_not_cashed",  # book credit that the bank does not show
    "unbooked_bank_note",  # nota bancaria no contabilizada: fee, tax (GMF, IVA), interest
    "returned_cheque",
    "unidentified",  # any other bank line
    "error",  # same reference with another amount or date, or booked twice
)

MATCHED = Table(
    "matched",
    ("bank_line_key", "book_line_key"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "bank_line_key": "integer",
        "book_line_key": "integer",
        "bank_line_id": "text",
        "book_line_id": "text",
        "booking_date": "date",
        "posting_date": "date",
        "bank_amount": "money",
        "rule": "text",  # reference-amount-date or amount-date
    },
)


def _without_instant(columns: dict[str, ColumnType]) -> dict[str, ColumnType]:
    """When a line was imported is no part of the result: the same files give the same bytes."""
    return {name: kind for name, kind in columns.items() if name != "recorded_at"}


#: A line that nothing meets, its category and the days since it was booked.
OUTSTANDING_BANK = Table(
    "outstanding_bank",
    ("bank_line_key",),
    {**_without_instant(BANK_LINES.columns), "category": "text", "age_days": "integer"},
)
OUTSTANDING_BOOK = Table(
    "outstanding_book",
    ("book_line_key",),
    {**_without_instant(BOOK_LINES.columns), "category": "text", "age_days": "integer"},
)
CLASSIFIED = Table(
    "classified",
    ("company_id", "account_id", "currency", "category"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "category": "text",
        "lines": "integer",
        "amount": "money",  # money in positive
        "oldest_days": "integer",
    },
)
#: One row an account and currency; ``difference`` is what the terms do not explain, 0 in a proof.
PROOF = Table(
    "proof",
    ("company_id", "account_id", "currency"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "from_date": "date",  # first day whose lines take part; NaT: all
        "balance_date": "date",  # of the latest statement that counts; NaT: none closed
        "opening_amount": "money",  # what both sides open with, inside book_amount
        "bank_amount": "money",
        "book_amount": "money",
        "debits_not_cleared": "money",
        "credits_not_cleared": "money",  # positive
        "bank_not_in_books": "money",  # signed as the bank's lines
        "expected_bank_amount": "money",
        "difference": "money",  # bank_amount − expected_bank_amount
    },
)


@dataclass(frozen=True)
class Reconciled:
    """Frames of the tables of these names, empty when there was nothing to reconcile."""

    matched: pd.DataFrame
    outstanding_bank: pd.DataFrame
    outstanding_book: pd.DataFrame
    classified: pd.DataFrame
    proof: pd.DataFrame
    findings: pd.DataFrame
