"""What surrounds a debt: orders, notes the distribution centres announce, claims, the ledger's own balance.

**Sign.** An order's amounts are positive: what the customer will owe. A note has the sign of what it will
do to the debt: a credit note is negative, a debit note positive, whatever its file writes. A claim's
``disputed_amount`` has the sign of the document it disputes: positive on an invoice. A control balance is
debit positive, as the ledger shows what customers owe. At the doors the sums of these are the same.

Each is what the newest extract says: the ERP says it anew as days go by, and the latest word holds.
"""

from __future__ import annotations

from .shapes import Table

#: Where an order stands. ``status`` is one of these, ``status_text`` the source's own word; a word that the
#: mapping does not know is ``open``, which counts in full against the credit limit.
ORDER_STATES = ("open", "confirmed", "held", "released", "delivered", "invoiced", "cancelled")
#: A note's way (DOMAIN 16): asked for, found right, approved, issued with its number, set off against debt.
NOTE_STATES = ("requested", "validated", "approved", "issued", "matched", "rejected")
#: A claim's way (DOMAIN 11). Only ``closed`` and ``voided`` take the dispute off the document.
CLAIM_STATES = (
    "new", "assigned", "in_analysis", "waiting", "resolution_proposed", "approved", "executed", "closed",
    "reopened", "voided",
)  # fmt: skip
#: A dispute (reclamo) disputes an amount; a request (requerimiento) asks for a paper or an answer.
CLAIM_KINDS = ("dispute", "request")

#: One row an order (pedido). Not invoiced is delivered − invoiced; not delivered is ordered − delivered.
ORDERS = Table(
    "orders",
    ("company_id", "order_id"),
    {
        "company_id": "text",
        "order_id": "text",
        "customer_id": "text",
        "order_date": "date",
        "requested_date": "date",  # the delivery that the customer asks for
        "promised_date": "date",  # the delivery that we promised
        "currency": "text",
        "ordered_amount": "money",  # taxes in, as it will be owed
        "confirmed_amount": "money",
        "delivered_amount": "money",
        "invoiced_amount": "money",
        "margin": "money",
        "status": "text",  # one of ORDER_STATES
        "status_text": "text",
        "delivery_block": "text",  # the ERP's own block, '' where there is none
        "centre_id": "text",
        "payment_terms": "text",
        "seller_id": "text",
        "reference": "text",  # the customer's purchase order
        "text": "text",
        "observed_date": "date",  # of the extract that said so
        "recorded_at": "instant",
    },
)

#: One row a note that a distribution centre has announced (nota pendiente por CEDI) and that is not yet,
#: or only now, a document of the ledger.
NOTES = Table(
    "notes",
    ("company_id", "note_id"),
    {
        "company_id": "text",
        "note_id": "text",
        "note_kind": "text",  # credit_note or debit_note
        "centre_id": "text",
        "customer_id": "text",
        "document_id": "text",  # the invoice it speaks of, '' blocks it (DOMAIN 16)
        "order_id": "text",
        "currency": "text",
        "note_amount": "money",  # negative for a credit note
        "reason_code": "text",
        "requested_date": "date",
        "promised_date": "date",
        "issued_date": "date",
        "issued_document_id": "text",  # its number once issued
        "status": "text",  # one of NOTE_STATES
        "status_text": "text",
        "owner": "text",
        "text": "text",
        "observed_date": "date",  # of the extract that said so
        "recorded_at": "instant",
    },
)

CLAIMS = Table(
    "claims",
    ("company_id", "claim_id"),
    {
        "company_id": "text",
        "claim_id": "text",
        "claim_kind": "text",  # one of CLAIM_KINDS
        "customer_id": "text",
        "document_id": "text",
        "currency": "text",
        "disputed_amount": "money",  # 0 for a request
        "reason_code": "text",  # the customer's reason
        "root_cause": "text",  # ours, once found
        "opened_date": "date",
        "due_date": "date",  # the deadline to answer
        "closed_date": "date",
        "area": "text",
        "owner": "text",
        "contact": "text",
        "priority": "text",
        "status": "text",  # one of CLAIM_STATES
        "status_text": "text",
        "text": "text",
        "observed_date": "date",  # of the extract that said so
        "recorded_at": "instant",
    },
)

#: What the ledger says customers owe on a day, one row an account; special ledgers have their own accounts.
CONTROL_BALANCES = Table(
    "control_balances",
    ("company_id", "account_id", "currency", "balance_date"),
    {
        "company_id": "text",
        "account_id": "text",
        "balance_date": "date",
        "currency": "text",
        "balance_amount": "money",  # debit positive
        "recorded_at": "instant",
    },
)

#: What left for the ERP, a row a leg: which application, in which file, on which day, for which time.
ERP_EXPORT_LINES = Table(
    "erp_export_lines",
    ("application_id", "posting", "attempt"),
    {
        "application_id": "text",
        "posting": "text",  # application, or reversal
        "attempt": "integer",  # 1 the first time; more where it was asked for again
        "erp_document": "text",  # the number that the posting carries in its file
        "line": "integer",
        "exported_amount": "money",  # sign of the document it reduces; a reversal has the other one
        "export_key": "integer",
        "company_id": "text",
        "currency": "text",
        "period": "text",  # whose postings the file held, YYYY-MM
        "layout": "text",
        "file": "text",
        "file_sha256": "text",
        "export_date": "date",
        "who": "text",
        "recorded_at": "instant",
    },
)
