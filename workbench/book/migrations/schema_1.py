"""Schema 1: the ledger and what surrounds it, as the first books were made (November 2026)."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint

from .frozen import BIG, from_batch, key, numbers, reference, text_key, text_reference, texts, trail

revision = "1"
down_revision = None


def upgrade(op: Operations) -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        key("seq"),
        *numbers("hash_version", "recorded_at"),
        *texts("who", "action", "payload", "previous_hash"),
        Column("entry_hash", Text, nullable=False, unique=True),
        sqlite_strict=True,
    )
    op.create_table(
        "companies",
        text_key("company_id"),
        *texts("company_name", "base_currency"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "import_batches",
        key("batch_key"),
        *texts("file", "sha256", "source", "kind", "status", "extract_date"),
        *numbers("is_complete"),
        *texts("companies"),
        *numbers("rows_in", "rows_stored", "rows_duplicate", "rows_rejected"),
        *texts("sums"),
        *trail(),
        Index("import_batches_by_file", "sha256"),
        sqlite_strict=True,
    )
    op.create_table(
        "operations",
        text_key("operation_id"),
        *texts("action", "content_sha256"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "period_events",
        key("event_key"),
        *texts("company_id", "event", "closed_through", "reason", "who"),
        *trail(),
        Index("period_events_by_company", "company_id", "event_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "runs",
        text_key("run_id"),
        *texts("notebook", "company_id", "period", "step_key", "as_of"),
        *numbers("known_at"),
        *texts("status", "who", "parameters", "tie_outs"),
        *numbers("findings"),
        *texts("failed_step", "remedy", "fingerprint", "content_sha256", "folder"),
        *numbers("started_at", "finished_at"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "settings",
        key("setting_key"),
        *texts("name", "value"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_balances",
        key("balance_key"),
        *texts("company_id", "account_id", "currency", "opening_date"),
        *numbers("opening_amount"),
        *texts("closing_date"),
        *numbers("closing_amount"),
        from_batch(),
        *trail(),
        UniqueConstraint(
            "company_id",
            "account_id",
            "currency",
            "opening_date",
            "opening_amount",
            "closing_date",
            "closing_amount",
            name="bank_balances_key",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_lines",
        key("bank_line_key"),
        *texts(
            "company_id",
            "account_id",
            "line_year",
            "line_id",
            "booking_date",
            "posting_date",
            "value_date",
            "currency",
        ),
        *numbers("bank_amount"),
        *texts("line_kind", "reference", "text"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint("company_id", "account_id", "line_year", "line_id", name="bank_lines_key"),
        Index("bank_lines_by_day", "account_id", "booking_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "book_lines",
        key("book_line_key"),
        *texts("company_id", "account_id", "line_year", "line_id", "posting_date", "currency"),
        *numbers("book_amount"),
        *texts("reference", "text"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint("company_id", "account_id", "line_year", "line_id", name="book_lines_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "customers",
        key("version_key"),
        *texts(
            "company_id",
            "customer_id",
            "customer_name",
            "tax_id",
            "country",
            "cluster_id",
            "supervisor_id",
            "parent_customer_id",
            "payer_account",
        ),
        from_batch(),
        *trail(),
        Index("customers_by_id", "company_id", "customer_id", "version_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "decisions",
        text_key("decision_id"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("company_id", "subject", "subject_key", "decision", "reason", "evidence", "step_key", "who"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "documents",
        key("document_key"),
        *texts(
            "company_id",
            "fiscal_year",
            "document_type",
            "document_number",
            "item",
            "customer_scope",
            "document_kind",
            "customer_id",
            "document_date",
            "due_date",
            "reception_date",
            "currency",
        ),
        *numbers("original_amount", "is_original_stated"),
        *texts(
            "reference",
            "reference_document_id",
            "order_id",
            "centre_id",
            "text",
            "payment_terms",
            "special_gl",
        ),
        *numbers("taxable_base", "tax"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint(
            "company_id",
            "fiscal_year",
            "document_type",
            "document_number",
            "item",
            "customer_scope",
            name="documents_key",
        ),
        Index("documents_by_customer", "company_id", "customer_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "findings",
        key("finding_key"),
        from_batch(),
        *texts("level", "source"),
        *numbers("row"),
        *texts("table", "key", "rule", "values"),
        *numbers("amount"),
        *texts("currency"),
        *trail(),
        Index("findings_by_batch", "batch_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "rates",
        key("rate_key"),
        *texts("source", "from_currency", "to_currency", "valid_from", "valid_through"),
        *numbers("rate"),
        from_batch(),
        *trail(),
        UniqueConstraint(
            "source", "from_currency", "to_currency", "valid_from", "valid_through", name="rates_key"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "receipts",
        key("receipt_key"),
        *texts(
            "company_id", "account_id", "line_year", "receipt_id", "receipt_date", "posting_date", "currency"
        ),
        *numbers("received_amount"),
        *texts("customer_id", "text", "payer_name", "payer_tax_id", "payer_account"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint("company_id", "account_id", "line_year", "receipt_id", name="receipts_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "rejected_rows",
        key("rejected_key"),
        from_batch(),
        *numbers("row"),
        *texts("rule", "values", "raw"),
        *trail(),
        Index("rejected_rows_by_batch", "batch_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "remittances",
        key("remittance_key"),
        *texts("company_id", "remittance_id"),
        *numbers("line"),
        *texts("receipt_id", "customer_id", "payer_name", "advice_date", "currency", "reference"),
        *numbers("advised_amount", "deduction"),
        *texts("reason"),
        from_batch(),
        *numbers("row"),
        *trail(),
        UniqueConstraint("company_id", "remittance_id", "line", name="remittances_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "applications",
        text_key("application_id"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("company_id"),
        reference("receipt_key", "receipts.receipt_key", nullable=True),
        reference("document_key", "documents.document_key", nullable=True),
        *texts("kind"),
        *numbers("applied_amount"),
        *texts("effective_date", "rule", "evidence"),
        *numbers("erp_open_amount"),
        *texts("step_key", "who"),
        *trail(),
        Index("applications_by_document", "document_key"),
        Index("applications_by_receipt", "receipt_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "clearings",
        key("clearing_key"),
        reference("document_key", "documents.document_key"),
        *texts("clearing_date", "clearing_document"),
        *numbers("cleared_amount"),
        *texts("extract_date"),
        from_batch(),
        *trail(),
        UniqueConstraint(
            "document_key",
            "clearing_document",
            "clearing_date",
            "cleared_amount",
            "extract_date",
            name="clearings_key",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "observations",
        key("observation_key"),
        reference("document_key", "documents.document_key"),
        *texts("observed_date"),
        *numbers("open_amount", "is_absent"),
        *texts("payment_block", "dunning_level"),
        from_batch(),
        *trail(),
        UniqueConstraint(
            "document_key",
            "observed_date",
            "open_amount",
            "is_absent",
            "payment_block",
            "dunning_level",
            name="observations_key",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "stated_originals",
        Column(
            "document_key", BIG, ForeignKey("documents.document_key"), primary_key=True, autoincrement=False
        ),
        *numbers("original_amount"),
        from_batch(),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "reversals",
        text_key("application_id", "applications.application_id"),
        text_reference("operation_id", "operations.operation_id"),
        *texts("company_id", "effective_date", "reason", "step_key", "who"),
        *trail(),
        sqlite_strict=True,
    )
