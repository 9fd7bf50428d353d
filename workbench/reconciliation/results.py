"""The frames of a bank reconciliation: pairs, what is outstanding on each side, categories, the proof."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..policy.reconciliation import NOTE_KINDS
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

#: What a category is more exactly; "" where there is nothing more to say.
DETAILS = {
    "unbooked_bank_note": NOTE_KINDS,
    "payment_not_cashed": ("cheque", "payment"),
    "returned_cheque": ("deposit_known", "deposit_unknown"),
    "unidentified": ("receipt_applied", "receipt_partly_applied", "receipt_unapplied", "no_receipt"),
    "error": (
        "transposed_digits",
        "wrong_sign",
        "wrong_account",
        "booked_twice",
        "other_amount",
        "other_date",
    ),
}
RULES = (
    "by-hand",
    "reference-amount-date",
    "text-amount-date",
    "cheque-number",
    "amount-date",
    "grouped-deposit-named",
    "grouped-deposit-slip",
    "grouped-deposit-sum",
    "split-payment-named",
    "split-payment-slip",
    "split-payment-sum",
    "reference-amount-later",
    "note-amount-later",
    "reversed-in-books",
    "reversed-in-bank",
)

#: One row a line of the side that has several, with its part of the money; a pair is a group of one row.
#: Lines of one side that take each other back have a row each, and -1 for the other side.
#: ``matched_amount`` sums to each line's own amount on either side. ``group_id`` is made of the sources' own
#: ids, so the same lines are the same group in every run.
MATCHED = Table(
    "matched",
    ("bank_line_key", "book_line_key"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "group_id": "text",
        "bank_line_key": "integer",
        "book_line_key": "integer",
        "bank_line_id": "text",
        "book_line_id": "text",
        "booking_date": "date",
        "posting_date": "date",
        "matched_amount": "money",
        "rule": "text",  # of RULES
    },
)

#: Lines that a person put together (``by`` hand) or took apart, a row each; -1 for the side a row is not of.
#: ``state``: made, or undone: then the rules do not make the same group again.
HAND_MATCHES = Table(
    "hand_matches",
    ("group_id", "bank_line_key", "book_line_key"),
    {"group_id": "text", "state": "text", "bank_line_key": "integer", "book_line_key": "integer"},
)


def _without_instant(columns: dict[str, ColumnType]) -> dict[str, ColumnType]:
    """When a line was imported is no part of the result: the same files give the same bytes."""
    return {name: kind for name, kind in columns.items() if name != "recorded_at"}


#: What is said of a line that nothing meets. ``first_seen``: the cut-off at which it first stayed, the end of
#: its month; ``related_id``: the line, receipt or deposit that explains it, with its amount.
_STAYED: dict[str, ColumnType] = {
    "category": "text",
    "detail": "text",
    "age_days": "integer",
    "bucket": "text",
    "first_seen": "date",
    "related_id": "text",
    "related_amount": "money",
}
OUTSTANDING_BANK = Table(
    "outstanding_bank", ("bank_line_key",), {**_without_instant(BANK_LINES.columns), **_STAYED}
)
OUTSTANDING_BOOK = Table(
    "outstanding_book", ("book_line_key",), {**_without_instant(BOOK_LINES.columns), **_STAYED}
)
#: What a line could be and is not for sure: each choice of it, a row a line of the other side.
RIVALS = Table(
    "rivals",
    ("side", "line_key", "choice", "rival_key"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "side": "text",  # bank or book: whose line has the choice
        "line_key": "integer",
        "line_id": "text",
        "line_date": "date",
        "line_amount": "money",
        "choice": "integer",
        "rival_key": "integer",  # of the other side
        "rival_id": "text",
        "rival_date": "date",
        "rival_amount": "money",
        "rule": "text",
    },
)
#: What stayed at the cut-off before, what came since, what was solved since, and what stays: per account and
#: side, money in positive; opening + new − solved = closing.
CARRIED = Table(
    "carried",
    ("company_id", "account_id", "currency", "side"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "side": "text",
        "since": "date",  # the cut-off before
        "opening_lines": "integer",
        "opening_amount": "money",
        "new_lines": "integer",
        "new_amount": "money",
        "solved_lines": "integer",
        "solved_amount": "money",
        "lines": "integer",
        "amount": "money",
    },
)
#: Lines that stood at the cut-off before and met since.
SOLVED = Table(
    "solved",
    ("side", "line_key"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "side": "text",
        "line_key": "integer",
        "line_id": "text",
        "line_date": "date",
        "amount": "money",
        "first_seen": "date",
        "solved_date": "date",  # of the later line
        "rule": "text",
        "group_id": "text",
    },
)
CLASSIFIED = Table(
    "classified",
    ("company_id", "account_id", "currency", "category", "detail"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "category": "text",
        "detail": "text",
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


#: The statement of one account as a person reads it, line by line from the books' balance to the bank's.
STATEMENT = Table(
    "statement",
    ("company_id", "account_id", "currency", "line"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "line": "integer",
        "level": "text",  # balance, class, item, total or difference
        "category": "text",
        "detail": "text",
        "line_date": "date",
        "line_id": "text",
        "reference": "text",
        "text": "text",
        "age_days": "integer",  # -1 where it has none
        "amount": "money",  # as it adds to the books' balance
    },
)


def of_side(matched: pd.DataFrame, side: str) -> pd.DataFrame:
    """The rows of ``MATCHED`` that hold money of one side, ``bank`` or ``book``."""
    return matched[matched[f"{side}_line_key"] >= 0]


def summed_lines(statement: pd.DataFrame) -> pd.DataFrame:
    """The lines of ``STATEMENT`` that add up to what the bank should show: per books, and every item."""
    return statement[statement["level"].eq("item") | statement["category"].eq("book_amount")]


@dataclass(frozen=True)
class Reconciled:
    """Frames of the tables of these names, empty when there was nothing to reconcile."""

    matched: pd.DataFrame
    outstanding_bank: pd.DataFrame
    outstanding_book: pd.DataFrame
    rivals: pd.DataFrame
    classified: pd.DataFrame
    aged: pd.DataFrame  # a row a category and detail, a column a range of days, ``total``
    carried: pd.DataFrame
    solved: pd.DataFrame
    proof: pd.DataFrame
    statement: pd.DataFrame
    findings: pd.DataFrame
