"""The book's tables, portable SQLAlchemy Core; what only SQLite can do is in ``dialect_sqlite``.

Here the ledger; what surrounds it (audit, files, periods, runs) and the columns all share are in
``schema_records``. Every table is append-only: a newer fact is a newer row, what holds today is derived.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from .schema_cases import (
    CASE_TABLES,
    case_events,
    case_items,
    cases,
    customer_ledger_lines,
    journal_lines,
    provision_balances,
    revaluations,
    stored_files,
    stored_parts,
    wires,
)
from .schema_parties import PARTY_TABLES, alias_evidence, aliases
from .schema_records import (
    BIG,
    SCHEMA_VERSION,
    TEXT,
    audit,
    companies,
    decisions,
    findings,
    from_batch,
    import_batches,
    key_column,
    metadata,
    number_column,
    operations,
    period_events,
    rejected_rows,
    runs,
    settings,
    text_column,
    trail,
)
from .schema_trade import (
    TRADE_TABLES,
    claims,
    control_balances,
    erp_export_lines,
    erp_exports,
    notes,
    orders,
)

#: Master data changes: each row is a version, the latest one holds.
customers = Table(
    "customers",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("customer_id"),
    text_column("customer_name"),
    text_column("tax_id"),
    text_column("country"),
    text_column("cluster_id"),
    text_column("supervisor_id"),
    text_column("parent_customer_id"),
    text_column("payer_account"),
    from_batch(),
    *trail(),
    Index("customers_by_id", "company_id", "customer_id", "version_key"),
)

documents = Table(
    "documents",
    metadata,
    key_column("document_key"),
    text_column("company_id"),
    text_column("fiscal_year"),
    text_column("document_type"),
    text_column("document_number"),
    text_column("item"),
    text_column("customer_scope"),  # the customer where the mapping makes it part of the key, else ''
    text_column("document_kind"),
    text_column("customer_id"),
    text_column("document_date"),
    text_column("due_date"),
    text_column("reception_date"),
    text_column("currency"),
    number_column("original_amount"),
    number_column("is_original_stated"),
    text_column("reference"),
    text_column("reference_document_id"),
    text_column("order_id"),
    text_column("centre_id"),
    text_column("text"),
    text_column("payment_terms"),
    text_column("special_gl"),
    number_column("taxable_base"),
    number_column("tax"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint(
        "company_id", "fiscal_year", "document_type", "document_number", "item", "customer_scope",
        name="documents_key",
    ),
    Index("documents_by_customer", "company_id", "customer_id"),
)  # fmt: skip

observations = Table(
    "observations",
    metadata,
    key_column("observation_key"),
    Column("document_key", BIG, ForeignKey("documents.document_key"), nullable=False),
    text_column("observed_date"),
    number_column("open_amount"),
    number_column("is_absent"),
    text_column("payment_block"),
    text_column("dunning_level"),
    from_batch(),
    *trail(),
    UniqueConstraint(
        "document_key", "observed_date", "open_amount", "is_absent", "payment_block", "dunning_level",
        name="observations_key",
    ),
)  # fmt: skip

#: The original amount of an item first seen in an extract that showed only what was open.
stated_originals = Table(
    "stated_originals",
    metadata,
    Column("document_key", BIG, ForeignKey("documents.document_key"), primary_key=True, autoincrement=False),
    number_column("original_amount"),
    from_batch(),
    *trail(),
)

clearings = Table(
    "clearings",
    metadata,
    key_column("clearing_key"),
    Column("document_key", BIG, ForeignKey("documents.document_key"), nullable=False),
    text_column("clearing_date"),
    text_column("clearing_document"),
    number_column("cleared_amount"),
    text_column("extract_date"),
    from_batch(),
    *trail(),
    UniqueConstraint(
        "document_key", "clearing_document", "clearing_date", "cleared_amount", "extract_date",
        name="clearings_key",
    ),
)  # fmt: skip

#: ``line_year``: banks use their references again each year.
receipts = Table(
    "receipts",
    metadata,
    key_column("receipt_key"),
    text_column("company_id"),
    text_column("account_id"),
    text_column("line_year"),
    text_column("receipt_id"),
    text_column("receipt_date"),
    text_column("posting_date"),  # the day it is booked: a closed period refuses by this one
    text_column("currency"),
    number_column("received_amount"),
    text_column("customer_id"),
    text_column("text"),
    text_column("payer_name"),
    text_column("payer_tax_id"),
    text_column("payer_account"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint("company_id", "account_id", "line_year", "receipt_id", name="receipts_key"),
)

bank_lines = Table(
    "bank_lines",
    metadata,
    key_column("bank_line_key"),
    text_column("company_id"),
    text_column("account_id"),
    text_column("line_year"),
    text_column("line_id"),
    text_column("booking_date"),
    text_column("posting_date"),
    text_column("value_date"),
    text_column("currency"),
    number_column("bank_amount"),
    text_column("line_kind"),
    text_column("reference"),
    text_column("text"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint("company_id", "account_id", "line_year", "line_id", name="bank_lines_key"),
    Index("bank_lines_by_day", "account_id", "booking_date"),
)

bank_balances = Table(
    "bank_balances",
    metadata,
    key_column("balance_key"),
    text_column("company_id"),
    text_column("account_id"),
    text_column("currency"),
    text_column("opening_date"),
    number_column("opening_amount"),
    text_column("closing_date"),
    number_column("closing_amount"),
    from_batch(),
    *trail(),
    UniqueConstraint(
        "company_id", "account_id", "currency", "opening_date", "opening_amount", "closing_date",
        "closing_amount",
        name="bank_balances_key",
    ),
)  # fmt: skip

book_lines = Table(
    "book_lines",
    metadata,
    key_column("book_line_key"),
    text_column("company_id"),
    text_column("account_id"),
    text_column("line_year"),
    text_column("line_id"),
    text_column("posting_date"),
    text_column("currency"),
    number_column("book_amount"),
    text_column("reference"),
    text_column("text"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint("company_id", "account_id", "line_year", "line_id", name="book_lines_key"),
)

remittances = Table(
    "remittances",
    metadata,
    key_column("remittance_key"),
    text_column("company_id"),
    text_column("remittance_id"),
    number_column("line"),
    text_column("receipt_id"),
    text_column("customer_id"),
    text_column("payer_name"),
    text_column("advice_date"),
    text_column("currency"),
    text_column("reference"),
    number_column("advised_amount"),
    number_column("deduction"),
    text_column("reason"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint("company_id", "remittance_id", "line", name="remittances_key"),
)

#: The rate of a day never changes; until when it holds is learned from the next publication.
rates = Table(
    "rates",
    metadata,
    key_column("rate_key"),
    text_column("source"),
    text_column("from_currency"),
    text_column("to_currency"),
    text_column("valid_from"),
    text_column("valid_through"),
    number_column("rate"),
    from_batch(),
    *trail(),
    UniqueConstraint(
        "source", "from_currency", "to_currency", "valid_from", "valid_through", name="rates_key"
    ),
)

applications = Table(
    "applications",
    metadata,
    Column("application_id", TEXT, primary_key=True),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("company_id"),
    Column("receipt_key", BIG, ForeignKey("receipts.receipt_key"), nullable=True),
    Column("document_key", BIG, ForeignKey("documents.document_key"), nullable=True),
    text_column("kind"),
    number_column("applied_amount"),
    text_column("effective_date"),
    text_column("rule"),
    text_column("evidence"),
    number_column("erp_open_amount"),
    text_column("step_key"),
    text_column("who"),
    *trail(),
    Index("applications_by_document", "document_key"),
    Index("applications_by_receipt", "receipt_key"),
)

reversals = Table(
    "reversals",
    metadata,
    Column(
        "application_id", TEXT, ForeignKey("applications.application_id"), primary_key=True
    ),  # once: an application is reversed whole, and only once
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("company_id"),
    text_column("effective_date"),
    text_column("reason"),
    text_column("step_key"),
    text_column("who"),
    *trail(),
)

#: Cash, by the day and company that a closed period refuses.
CASH_TABLES: dict[str, str] = {
    "receipts": "posting_date",
    "bank_lines": "posting_date",
    "applications": "effective_date",
    "reversals": "effective_date",
}
#: What the figures rest on; a refused file or a repeated import leaves the content of these unchanged.
LEDGER_TABLES = (
    "companies", "customers", "documents", "stated_originals", "observations", "clearings", "receipts",
    "bank_lines", "bank_balances", "book_lines", "remittances", "rates", "applications", "reversals",
    "decisions", "period_events", *TRADE_TABLES, *PARTY_TABLES,
    *CASE_TABLES,
)  # fmt: skip

__all__ = [
    "CASE_TABLES",
    "CASH_TABLES",
    "LEDGER_TABLES",
    "PARTY_TABLES",
    "SCHEMA_VERSION",
    "TRADE_TABLES",
    "Table",
    "alias_evidence",
    "aliases",
    "applications",
    "audit",
    "bank_balances",
    "bank_lines",
    "book_lines",
    "case_events",
    "case_items",
    "cases",
    "claims",
    "clearings",
    "companies",
    "control_balances",
    "customer_ledger_lines",
    "customers",
    "decisions",
    "documents",
    "erp_export_lines",
    "erp_exports",
    "findings",
    "import_batches",
    "journal_lines",
    "metadata",
    "notes",
    "observations",
    "operations",
    "orders",
    "period_events",
    "provision_balances",
    "rates",
    "receipts",
    "rejected_rows",
    "remittances",
    "revaluations",
    "reversals",
    "runs",
    "settings",
    "stated_originals",
    "stored_files",
    "stored_parts",
    "wires",
]
