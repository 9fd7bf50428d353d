"""Cases, the files kept with them, and what balances are agreed on: portable SQLAlchemy Core.

A case's moves are rows of their own, numbered: two people who move the same case at once meet at its unique
key. A kept file lies in parts of text (base64), so that a backup, the roles and ``verify`` cover it like any
other row. Frames: ``tables.cases``, ``tables.balances``.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from .schema_records import BIG, TEXT, from_batch, key_column, metadata, number_column, text_column, trail

cases = Table(
    "cases",
    metadata,
    Column("case_id", TEXT, primary_key=True),
    text_column("kind"),
    text_column("company_id"),
    text_column("customer_id"),
    text_column("currency"),
    text_column("period"),
    text_column("as_of_date"),
    text_column("subject_key"),
    number_column("case_amount"),
    text_column("content"),
    text_column("content_sha256"),
    text_column("opened_by"),
    text_column("opened_date"),
    *trail(),
    Index("cases_by_kind", "kind", "company_id", "customer_id"),
)

case_events = Table(
    "case_events",
    metadata,
    key_column("event_key"),
    Column("case_id", TEXT, ForeignKey("cases.case_id"), nullable=False),
    number_column("number"),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("move"),
    text_column("state"),
    text_column("event_date"),
    text_column("reason"),
    text_column("content"),
    text_column("file_sha256"),
    text_column("who"),
    *trail(),
    UniqueConstraint("case_id", "number", name="case_events_key"),
)

case_items = Table(
    "case_items",
    metadata,
    key_column("case_item_key"),
    Column("case_id", TEXT, ForeignKey("cases.case_id"), nullable=False),
    number_column("item_number"),
    text_column("item_kind"),
    number_column("item_key"),
    text_column("item_id"),
    text_column("currency"),
    number_column("item_amount"),
    text_column("note"),
    *trail(),
    UniqueConstraint("case_id", "item_number", name="case_items_key"),
    Index("case_items_by_item", "item_kind", "item_key"),
)

stored_files = Table(
    "stored_files",
    metadata,
    Column("file_sha256", TEXT, primary_key=True),
    text_column("file"),
    text_column("media_type"),
    number_column("size_bytes"),
    text_column("who"),
    *trail(),
)

stored_parts = Table(
    "stored_parts",
    metadata,
    key_column("part_key"),
    Column("file_sha256", TEXT, ForeignKey("stored_files.file_sha256"), nullable=False),
    number_column("number"),
    text_column("base64"),
    *trail(),
    UniqueConstraint("file_sha256", "number", name="stored_parts_key"),
)

customer_ledger_lines = Table(
    "customer_ledger_lines",
    metadata,
    key_column("ledger_line_key"),
    text_column("company_id"),
    text_column("customer_id"),
    text_column("line_id"),
    text_column("document_number"),
    text_column("line_kind"),
    text_column("document_date"),
    text_column("due_date"),
    text_column("currency"),
    number_column("ledger_amount"),
    text_column("reference"),
    text_column("text"),
    text_column("observed_date"),
    from_batch(),
    number_column("row"),
    *trail(),
    UniqueConstraint("batch_key", "row", name="customer_ledger_lines_key"),
    Index("customer_ledger_lines_by_customer", "company_id", "customer_id", "observed_date"),
)

wires = Table(
    "wires",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("wire_id"),
    text_column("account_id"),
    text_column("receipt_id"),
    text_column("customer_id"),
    text_column("remitter"),
    text_column("remitter_bank"),
    text_column("value_date"),
    text_column("bearer"),
    text_column("sent_currency"),
    number_column("sent_amount"),
    text_column("currency"),
    number_column("received_amount"),
    number_column("charges_amount"),
    text_column("exchange_declaration"),
    text_column("declared_date"),
    text_column("export_declarations"),
    text_column("exported_date"),
    text_column("documents"),
    text_column("text"),
    text_column("observed_date"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index("wires_by_id", "company_id", "wire_id", "observed_date"),
)

provision_balances = Table(
    "provision_balances",
    metadata,
    key_column("provision_key"),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("step_key"),
    text_column("company_id"),
    text_column("period"),
    text_column("as_of_date"),
    text_column("calculation"),
    text_column("customer_id"),
    text_column("currency"),
    text_column("segment"),
    text_column("bucket"),
    number_column("exposure_amount"),
    number_column("provision_amount"),
    text_column("base_currency"),
    number_column("base_provision_amount"),
    text_column("who"),
    *trail(),
    UniqueConstraint(
        "operation_id", "calculation", "company_id", "customer_id", "currency", "segment", "bucket",
        name="provision_balances_key",
    ),
    Index("provision_balances_by_period", "company_id", "period"),
)  # fmt: skip

revaluations = Table(
    "revaluations",
    metadata,
    key_column("revaluation_key"),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("step_key"),
    text_column("company_id"),
    text_column("period"),
    text_column("as_of_date"),
    Column("document_key", BIG, ForeignKey("documents.document_key"), nullable=False),
    text_column("customer_id"),
    text_column("currency"),
    number_column("open_amount"),
    text_column("base_currency"),
    number_column("carried_amount"),
    number_column("revalued_amount"),
    text_column("who"),
    *trail(),
    UniqueConstraint("operation_id", "document_key", name="revaluations_key"),
    Index("revaluations_by_period", "company_id", "period"),
)

journal_lines = Table(
    "journal_lines",
    metadata,
    key_column("journal_line_key"),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("step_key"),
    text_column("company_id"),
    text_column("period"),
    text_column("posting_date"),
    text_column("origin"),
    text_column("entry_id"),
    number_column("line"),
    text_column("account"),
    text_column("customer_id"),
    text_column("document_id"),
    text_column("case_id"),
    text_column("currency"),
    number_column("entry_amount"),
    text_column("base_currency"),
    number_column("base_amount"),
    text_column("text"),
    text_column("who"),
    *trail(),
    UniqueConstraint("operation_id", "entry_id", "line", name="journal_lines_key"),
    Index("journal_lines_by_period", "company_id", "period"),
)

CASE_TABLES = (
    "cases", "case_events", "case_items", "stored_files", "stored_parts", "customer_ledger_lines", "wires",
    "provision_balances", "revaluations", "journal_lines",
)  # fmt: skip
