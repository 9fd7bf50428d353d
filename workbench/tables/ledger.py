"""Customers, documents and what is known of them: sights, clearings, our applications, what is open."""

from __future__ import annotations

from .shapes import Table

CASH_KINDS = ("payment", "credit_note", "on_account")
#: ``exchange``: on documents what other money than theirs settled, with their sign. On the receipt's side,
#: without a document, what was given for it: negative, against the cash on account (positive) and a ``fee``
#: that the bank kept (positive); these sum to what is left on account.
OTHER_KINDS = ("withholding", "discount", "fee", "exchange", "tolerance", "write_off")
#: What was given up (castigo): without a receipt, and only by an approved case (``write_offs``).
WRITE_OFF_KIND = "write_off"
#: The rule of the cash that came for what had been given up (``writing_off``): income by its own entry.
RECOVERED_RULE = "write-off-recovered"
#: What a document is in the trade's words; ``document_type`` keeps the source's own code.
DOCUMENT_KINDS = ("invoice", "debit_note", "credit_note", "payment", "other")

CUSTOMERS = Table(
    "customers",
    ("company_id", "customer_id"),
    {
        "company_id": "text",
        "customer_id": "text",
        "customer_name": "text",
        "tax_id": "text",
        "country": "text",
        "cluster_id": "text",
        "supervisor_id": "text",
        "parent_customer_id": "text",
        "payer_account": "text",
    },
)

#: One row an item; instalments are items of one document. ``original_amount`` never changes.
DOCUMENTS = Table(
    "documents",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "fiscal_year": "text",
        "document_type": "text",
        "document_number": "text",
        "item": "text",
        "document_id": "text",  # what a person calls it: number[/year][/item]
        "document_kind": "text",  # one of DOCUMENT_KINDS
        "customer_id": "text",
        "document_date": "date",
        "due_date": "date",
        "reception_date": "date",
        "currency": "text",
        "original_amount": "money",
        "reference": "text",
        "reference_document_id": "text",  # a credit note's invoice
        "order_id": "text",
        "centre_id": "text",
        "text": "text",
        "payment_terms": "text",
        "special_gl": "text",
        "taxable_base": "money",  # 0 where the source does not say
        "tax": "money",
        "recorded_at": "instant",
    },
)

#: What an extract said of an item on a day. ``is_absent``: a complete extract no longer had it.
OBSERVATIONS = Table(
    "observations",
    ("document_key", "observed_date", "recorded_at"),
    {
        "document_key": "integer",
        "observed_date": "date",
        "open_amount": "money",
        "is_absent": "flag",
        "payment_block": "text",
        "dunning_level": "text",
        "recorded_at": "instant",
    },
)

#: ERP clearings: facts with an effective date, learned from the extract of ``extract_date``.
CLEARINGS = Table(
    "clearings",
    ("document_key", "clearing_document", "clearing_date", "recorded_at"),
    {
        "document_key": "integer",
        "clearing_date": "date",
        "clearing_document": "text",
        "cleared_amount": "money",  # sign of the item
        "extract_date": "date",
        "recorded_at": "instant",
    },
)

#: Ours, not yet confirmed by the ERP. A credit note applied to an invoice is two rows of one operation.
APPLICATIONS = Table(
    "applications",
    ("application_id",),
    {
        "application_id": "text",
        "operation_id": "text",  # made by the caller; the same one twice is one
        "receipt_key": "integer",  # -1 where no receipt is involved
        "document_key": "integer",
        "kind": "text",  # CASH_KINDS or OTHER_KINDS
        "applied_amount": "money",  # sign of the document it reduces
        "effective_date": "date",
        "rule": "text",
        "evidence": "text",
        "erp_open_amount": "money",  # what the ERP showed open when it was applied
        "step_key": "text",  # the run step that made it, "" for a person's
        "recorded_at": "instant",
    },
)

REVERSALS = Table(
    "reversals",
    ("application_id",),
    {
        "application_id": "text",
        "effective_date": "date",
        "reason": "text",
        "recorded_at": "instant",
    },
)

#: Open items as of a day, as known at an instant. ``open_amount`` is net of ``pending_applications``.
OPEN_ITEMS = Table(
    "open_items",
    ("document_key",),
    {
        **DOCUMENTS.columns,
        "erp_open_amount": "money",
        "pending_applications": "money",  # positive on an invoice that a receipt reduces
        "open_amount": "money",  # erp_open_amount − pending_applications
        "payment_block": "text",
        "dunning_level": "text",
    },
)
