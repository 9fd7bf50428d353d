"""What balances are agreed on and kept: the customer's own ledger, wires, provisions, revaluations, entries.

**Sign.** A line of the customer's ledger is what they say they owe us: positive, whatever their file writes.
A wire's amounts are cash: positive when money came to us. A provision is positive: what the debt's value is
reduced by. A revaluation's amounts are of the debt in base currency. A ledger entry is debit positive.
"""

from __future__ import annotations

from .shapes import Table

#: A line of what the customer's books show with us, of the newest list they sent (auxiliar del cliente).
CUSTOMER_LEDGER_LINES = Table(
    "customer_ledger_lines",
    ("ledger_line_key",),
    {
        "ledger_line_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "line_id": "text",  # the customer's own id of it, '' where the list has none
        "document_number": "text",  # as they write it
        "line_kind": "text",  # invoice, credit_note, debit_note, payment, withholding, other
        "document_date": "date",
        "due_date": "date",
        "currency": "text",
        "ledger_amount": "money",  # what they owe us by it
        "reference": "text",
        "text": "text",
        "observed_date": "date",  # the cut-off of the list
        "row": "integer",
        "recorded_at": "instant",
    },
)

#: A payment order from abroad (giro del exterior) and the papers it needs, as the newest list says.
WIRES = Table(
    "wires",
    ("company_id", "wire_id"),
    {
        "company_id": "text",
        "wire_id": "text",  # the bank's reference of the wire (SWIFT)
        "account_id": "text",
        "receipt_id": "text",  # the bank line that brought it
        "customer_id": "text",
        "remitter": "text",
        "remitter_bank": "text",
        "value_date": "date",
        "bearer": "text",  # OUR, SHA, BEN: who bears the charges
        "sent_currency": "text",
        "sent_amount": "money",  # minor units of sent_currency
        "currency": "text",
        "received_amount": "money",
        "charges_amount": "money",  # taken off on the way, in the currency received
        "exchange_declaration": "text",  # declaración de cambio
        "declared_date": "date",
        "export_declarations": "text",  # DEX numbers, a space between
        "exported_date": "date",
        "documents": "text",  # the invoices it pays, a space between
        "text": "text",
        "observed_date": "date",
        "recorded_at": "instant",
    },
)

#: What one calculation had provided at the end of a period, by customer, currency and range.
PROVISION_BALANCES = Table(
    "provision_balances",
    ("operation_id", "calculation", "customer_id", "currency", "segment", "bucket"),
    {
        "operation_id": "text",  # the posting that said so
        "step_key": "text",
        "company_id": "text",
        "period": "text",
        "as_of_date": "date",
        "calculation": "text",  # ifrs9, policy, tax
        "customer_id": "text",
        "currency": "text",
        "segment": "text",
        "bucket": "text",
        "exposure_amount": "money",
        "provision_amount": "money",
        "base_currency": "text",
        "base_provision_amount": "money",  # at the rate of as_of_date
        "who": "text",
        "recorded_at": "instant",
    },
)

#: What a close made of a debt in a foreign currency; the next period opens by reversing it.
REVALUATIONS = Table(
    "revaluations",
    ("operation_id", "document_key"),
    {
        "operation_id": "text",
        "step_key": "text",
        "company_id": "text",
        "period": "text",
        "as_of_date": "date",
        "document_key": "integer",
        "customer_id": "text",
        "currency": "text",
        "open_amount": "money",
        "base_currency": "text",
        "carried_amount": "money",  # in base currency, at the rates of its documents
        "revalued_amount": "money",  # in base currency, at the closing rate
        "who": "text",
        "recorded_at": "instant",
    },
)

#: A line of a proposed ledger entry (asiento); an entry's lines sum to zero (``journal``).
JOURNAL_LINES = Table(
    "journal_lines",
    ("operation_id", "entry_id", "line"),
    {
        "operation_id": "text",
        "step_key": "text",
        "company_id": "text",
        "period": "text",
        "posting_date": "date",
        "origin": "text",  # provision, revaluation, write_off, over_180, bank_note …
        "entry_id": "text",
        "line": "integer",
        "account": "text",
        "customer_id": "text",
        "document_id": "text",
        "case_id": "text",
        "currency": "text",
        "entry_amount": "money",  # debit positive
        "base_currency": "text",
        "base_amount": "money",
        "text": "text",
        "who": "text",
        "recorded_at": "instant",
    },
)
