"""Money that came in: receipts, bank lines, the bank's account in our ledger, advices, and rates."""

from __future__ import annotations

from .shapes import Table

RECEIPTS = Table(
    "receipts",
    ("receipt_key",),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "account_id": "text",  # our bank account, "" for a receipts file without one
        "receipt_date": "date",
        "currency": "text",
        "received_amount": "money",  # positive: money came in
        "customer_id": "text",  # "" until somebody knows
        "text": "text",
        "payer_name": "text",
        "payer_tax_id": "text",
        "payer_account": "text",
        "recorded_at": "instant",
    },
)

#: What a line of a bank statement may be; a deposit is a receipt. ``collection``: what came in by a
#: collections agreement, and a collections file tells one by one.
LINE_KINDS = ("deposit", "collection", "returned_cheque", "fee", "tax", "interest", "transfer", "other")
#: Lines of a collections file (recaudos): receipts, and payments that came back. The account's statement
#: shows their money again, so they take no part in its balance.
COLLECTED_KINDS = ("collected", "collected_return")

BANK_LINES = Table(
    "bank_lines",
    ("bank_line_key",),
    {
        "bank_line_key": "integer",
        "company_id": "text",
        "account_id": "text",
        "line_id": "text",  # the bank's reference, or the content and its occurrence number
        "booking_date": "date",
        "value_date": "date",
        "currency": "text",
        "bank_amount": "money",  # credit positive, debit negative
        "line_kind": "text",  # a bank's movement, of LINE_KINDS or COLLECTED_KINDS
        "reference": "text",
        "text": "text",
        "recorded_at": "instant",
    },
)

#: Opening and closing balance of each imported statement, proved against its lines.
BANK_BALANCES = Table(
    "bank_balances",
    ("account_id", "currency", "opening_date", "closing_date"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "opening_date": "date",
        "opening_amount": "money",
        "closing_date": "date",
        "closing_amount": "money",
        "recorded_at": "instant",
    },
)

#: The bank's account in our ledger (auxiliar de bancos): debit positive.
BOOK_LINES = Table(
    "book_lines",
    ("book_line_key",),
    {
        "book_line_key": "integer",
        "company_id": "text",
        "account_id": "text",
        "line_id": "text",
        "posting_date": "date",
        "currency": "text",
        "book_amount": "money",
        "reference": "text",
        "text": "text",
        "recorded_at": "instant",
    },
)

REMITTANCES = Table(
    "remittances",
    ("remittance_id", "line"),
    {
        "company_id": "text",
        "remittance_id": "text",
        "line": "integer",
        "receipt_id": "text",  # or payer name and advice date
        "customer_id": "text",
        "payer_name": "text",
        "advice_date": "date",
        "currency": "text",
        "reference": "text",
        "advised_amount": "money",
        "deduction": "money",
        "reason": "text",
        "recorded_at": "instant",
    },
)

#: ``rate``: to-currency per one from-currency, × money.RATE_SCALE, in force from … through, inclusive.
RATES = Table(
    "rates",
    ("source", "from_currency", "to_currency", "valid_from"),
    {
        "source": "text",
        "from_currency": "text",
        "to_currency": "text",
        "valid_from": "date",
        "valid_through": "date",
        "rate": "integer",
        "recorded_at": "instant",
    },
)
