"""Schema 4: cases and their files, the customer's ledger, wires, provisions, revaluations, ledger entries.

Only new tables.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Index, UniqueConstraint

from .frozen import from_batch, key, numbers, reference, text_key, text_reference, texts, trail

revision = "4"
down_revision = "3"


def upgrade(op: Operations) -> None:
    """Make the tables."""
    op.create_table(
        "cases",
        text_key("case_id"),
        *texts("kind", "company_id", "customer_id", "currency", "period", "as_of_date", "subject_key"),
        *numbers("case_amount"),
        *texts("content", "content_sha256", "opened_by", "opened_date"),
        *trail(),
        Index("cases_by_kind", "kind", "company_id", "customer_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "case_events",
        key("event_key"),
        text_reference("case_id", "cases.case_id"),
        *numbers("number"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("move", "state", "event_date", "reason", "content", "file_sha256", "who"),
        *trail(),
        UniqueConstraint("case_id", "number", name="case_events_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "case_items",
        key("case_item_key"),
        text_reference("case_id", "cases.case_id"),
        *numbers("item_number"),
        *texts("item_kind"),
        *numbers("item_key"),
        *texts("item_id", "currency"),
        *numbers("item_amount"),
        *texts("note"),
        *trail(),
        UniqueConstraint("case_id", "item_number", name="case_items_key"),
        Index("case_items_by_item", "item_kind", "item_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "stored_files",
        text_key("file_sha256"),
        *texts("file", "media_type"),
        *numbers("size_bytes"),
        *texts("who"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "stored_parts",
        key("part_key"),
        text_reference("file_sha256", "stored_files.file_sha256"),
        *numbers("number"),
        *texts("base64"),
        *trail(),
        UniqueConstraint("file_sha256", "number", name="stored_parts_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_ledger_lines",
        key("ledger_line_key"),
        *texts(
            "company_id",
            "customer_id",
            "line_id",
            "document_number",
            "line_kind",
            "document_date",
            "due_date",
            "currency",
        ),
        *numbers("ledger_amount"),
        *texts("reference", "text", "observed_date"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint("batch_key", "row", name="customer_ledger_lines_key"),
        Index("customer_ledger_lines_by_customer", "company_id", "customer_id", "observed_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "wires",
        key("version_key"),
        *texts(
            "company_id",
            "wire_id",
            "account_id",
            "receipt_id",
            "customer_id",
            "remitter",
            "remitter_bank",
            "value_date",
            "bearer",
            "sent_currency",
        ),
        *numbers("sent_amount"),
        *texts("currency"),
        *numbers("received_amount", "charges_amount"),
        *texts(
            "exchange_declaration",
            "declared_date",
            "export_declarations",
            "exported_date",
            "documents",
            "text",
            "observed_date",
        ),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index("wires_by_id", "company_id", "wire_id", "observed_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "provision_balances",
        key("provision_key"),
        text_reference("operation_id", "operations.operation_id"),
        *texts(
            "step_key",
            "company_id",
            "period",
            "as_of_date",
            "calculation",
            "customer_id",
            "currency",
            "segment",
            "bucket",
        ),
        *numbers("exposure_amount", "provision_amount"),
        *texts("base_currency"),
        *numbers("base_provision_amount"),
        *texts("who"),
        *trail(),
        UniqueConstraint(
            "operation_id",
            "calculation",
            "company_id",
            "customer_id",
            "currency",
            "segment",
            "bucket",
            name="provision_balances_key",
        ),
        Index("provision_balances_by_period", "company_id", "period"),
        sqlite_strict=True,
    )
    op.create_table(
        "revaluations",
        key("revaluation_key"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("step_key", "company_id", "period", "as_of_date"),
        reference("document_key", "documents.document_key"),
        *texts("customer_id", "currency"),
        *numbers("open_amount"),
        *texts("base_currency"),
        *numbers("carried_amount", "revalued_amount"),
        *texts("who"),
        *trail(),
        UniqueConstraint("operation_id", "document_key", name="revaluations_key"),
        Index("revaluations_by_period", "company_id", "period"),
        sqlite_strict=True,
    )
    op.create_table(
        "journal_lines",
        key("journal_line_key"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("step_key", "company_id", "period", "posting_date", "origin", "entry_id"),
        *numbers("line"),
        *texts("account", "customer_id", "document_id", "case_id", "currency"),
        *numbers("entry_amount"),
        *texts("base_currency"),
        *numbers("base_amount"),
        *texts("text", "who"),
        *trail(),
        UniqueConstraint("operation_id", "entry_id", "line", name="journal_lines_key"),
        Index("journal_lines_by_period", "company_id", "period"),
        sqlite_strict=True,
    )
