"""The fields of each kind of source and how each is read: an id, a text, a day, an amount or a currency."""

from __future__ import annotations

from typing import Literal

from ..tables import ALIAS_KINDS, CLAIM_KINDS, CLAIM_STATES, NOTE_STATES, ORDER_STATES

FieldType = Literal["id", "text", "date", "money", "currency"]


def _fields(
    *, ids: str = "", texts: str = "", dates: str = "", money: str = "", currencies: str = ""
) -> dict[str, FieldType]:
    listed: tuple[tuple[FieldType, str], ...] = (
        ("id", ids),
        ("text", texts),
        ("date", dates),
        ("money", money),
        ("currency", currencies),
    )
    return {name: kind for kind, names in listed for name in names.split()}


FIELDS: dict[str, dict[str, FieldType]] = {
    "items": _fields(
        ids="company_id fiscal_year document_type document_number item customer_id",
        texts="customer_name reference reference_document_id order_id centre_id text payment_terms special_gl"
        " payment_block dunning_level clearing_document assignment debit_credit",
        dates="document_date due_date reception_date clearing_date",
        currencies="currency",
        money="original_amount open_amount cleared_amount taxable_base tax",
    ),
    "customers": _fields(
        ids="company_id customer_id parent_customer_id",
        texts="customer_name tax_id country cluster_id supervisor_id payer_account",
    ),
    "receipts": _fields(
        ids="receipt_id company_id account_id customer_id",
        dates="receipt_date",
        currencies="currency",
        money="received_amount",
        texts="text payer_name payer_tax_id payer_account",
    ),
    "bank_statement": _fields(
        ids="company_id account_id",
        dates="booking_date value_date",
        currencies="currency",
        money="bank_amount debit credit balance",
        texts="line_id reference text payer_name payer_tax_id payer_account debit_credit",
    ),
    "bank_ledger": _fields(
        ids="company_id account_id line_id",
        dates="posting_date",
        currencies="currency",
        money="book_amount debit credit",
        texts="reference text debit_credit",
    ),
    "remittances": _fields(
        ids="company_id remittance_id receipt_id customer_id",
        dates="advice_date",
        currencies="currency",
        money="advised_amount deduction",
        texts="payer_name reference reason",
    ),
    "orders": _fields(
        ids="company_id order_id customer_id centre_id seller_id",
        texts="status delivery_block payment_terms reference text",
        dates="order_date requested_date promised_date",
        currencies="currency",
        money="ordered_amount confirmed_amount delivered_amount invoiced_amount margin",
    ),
    "notes": _fields(
        ids="company_id note_id centre_id customer_id",
        texts="note_kind document_id order_id reason_code issued_document_id status owner text",
        dates="requested_date promised_date issued_date",
        currencies="currency",
        money="note_amount",
    ),
    "claims": _fields(
        ids="company_id claim_id customer_id",
        texts="claim_kind document_id reason_code root_cause area owner contact priority status text",
        dates="opened_date due_date closed_date",
        currencies="currency",
        money="disputed_amount",
    ),
    "wires": _fields(
        ids="company_id wire_id account_id receipt_id customer_id",
        texts="remitter remitter_bank bearer sent_currency sent_amount exchange_declaration"
        " export_declarations documents text",
        dates="value_date declared_date exported_date",
        currencies="currency",
        money="received_amount charges_amount",
    ),
    "control_balances": _fields(
        ids="company_id account_id",
        texts="debit_credit",
        dates="balance_date",
        currencies="currency",
        money="balance_amount debit credit",
    ),
    "customer_ledger": _fields(
        ids="company_id customer_id",
        texts="line_id document_number line_kind reference text debit_credit",
        dates="document_date due_date",
        currencies="currency",
        money="ledger_amount debit credit",
    ),
    "aliases": _fields(
        ids="company_id customer_id",
        texts="kind pattern approved_by",
        dates="valid_from valid_through",
    ),
    "decisions": _fields(
        texts="receipt_id company_id customer_id proposal document_id kind rule receipt_key document_key"
        " row_sha256 content_sha256 decision decided_documents decided_amounts decided_reason",
        dates="receipt_date",
        currencies="currency",
        money="unapplied_amount open_amount applied_amount",
    ),
    "rates": _fields(
        texts="source", currencies="from_currency to_currency", dates="valid_from valid_through", money="rate"
    ),
}

#: Fields that no row may leave empty; the first is what a row without an id lacks.
NEEDED: dict[str, tuple[str, ...]] = {
    "items": ("document_number", "company_id", "customer_id", "document_date", "currency"),
    "customers": ("customer_id", "company_id"),
    "receipts": ("receipt_id", "company_id", "receipt_date", "currency", "received_amount"),
    "bank_statement": ("account_id", "company_id", "booking_date", "currency"),
    "bank_ledger": ("line_id", "company_id", "account_id", "posting_date", "currency"),
    "remittances": ("reference", "company_id", "currency", "advised_amount"),
    "orders": ("order_id", "company_id", "customer_id", "order_date", "currency", "ordered_amount"),
    "notes": ("note_id", "company_id", "customer_id", "requested_date", "currency", "note_amount"),
    "claims": ("claim_id", "company_id", "customer_id", "opened_date", "currency"),
    "wires": ("wire_id", "company_id", "value_date", "currency", "received_amount"),
    "control_balances": ("account_id", "company_id", "balance_date", "currency"),
    "customer_ledger": ("customer_id", "company_id", "currency"),
    "aliases": ("pattern", "company_id", "customer_id"),
    "decisions": (
        "receipt_id",
        "company_id",
        "currency",
        "unapplied_amount",
        "receipt_key",
        "content_sha256",
    ),
    "rates": ("valid_from", "valid_through", "from_currency", "to_currency", "rate"),
}

#: Of these one at least must have a heading in the file.
EITHER: dict[str, tuple[str, ...]] = {
    "items": ("original_amount", "open_amount"),
    "bank_statement": ("bank_amount", "debit", "credit"),
    "bank_ledger": ("book_amount", "debit", "credit"),
    "control_balances": ("balance_amount", "debit", "credit"),
    "customer_ledger": ("ledger_amount", "debit", "credit"),
}

#: What a status may be in the trade's words, by kind; the first is that of a row which says none we know.
STATES: dict[str, tuple[str, ...]] = {"orders": ORDER_STATES, "notes": NOTE_STATES, "claims": CLAIM_STATES}
#: What a mapping's ``kinds`` may say, where rows are of few kinds.
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "notes": ("credit_note", "debit_note"),
    "claims": CLAIM_KINDS,
    "aliases": ALIAS_KINDS,
    "wires": ("OUR", "SHA", "BEN"),
    "customer_ledger": ("invoice", "credit_note", "debit_note", "payment", "withholding", "other"),
}
