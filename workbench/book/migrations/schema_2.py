"""Schema 2: orders, notes, claims, control balances and exports to the ERP. Only new tables."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Index, UniqueConstraint

from .frozen import from_batch, key, numbers, reference, text_reference, texts, trail

revision = "2"
down_revision = "1"


def upgrade(op: Operations) -> None:
    """Make the tables."""
    op.create_table(
        "erp_exports",
        key("export_key"),
        *texts("company_id", "period", "layout", "file", "file_sha256", "posting_date"),
        *numbers("documents", "lines"),
        *texts("sums", "who"),
        *trail(),
        sqlite_strict=True,
    )
    op.create_table(
        "claims",
        key("version_key"),
        *texts("company_id", "claim_id", "claim_kind", "customer_id", "document_id", "currency"),
        *numbers("disputed_amount"),
        *texts(
            "reason_code",
            "root_cause",
            "opened_date",
            "due_date",
            "closed_date",
            "area",
            "owner",
            "contact",
            "priority",
            "status",
            "status_text",
            "text",
            "observed_date",
        ),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index("claims_by_customer", "company_id", "customer_id"),
        Index("claims_by_id", "company_id", "claim_id", "observed_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "control_balances",
        key("version_key"),
        *texts("company_id", "account_id", "balance_date", "currency"),
        *numbers("balance_amount"),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index(
            "control_balances_by_id", "company_id", "account_id", "currency", "balance_date", "version_key"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "notes",
        key("version_key"),
        *texts(
            "company_id",
            "note_id",
            "note_kind",
            "centre_id",
            "customer_id",
            "document_id",
            "order_id",
            "currency",
        ),
        *numbers("note_amount"),
        *texts(
            "reason_code",
            "requested_date",
            "promised_date",
            "issued_date",
            "issued_document_id",
            "status",
            "status_text",
            "owner",
            "text",
            "observed_date",
        ),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index("notes_by_customer", "company_id", "customer_id"),
        Index("notes_by_id", "company_id", "note_id", "observed_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "orders",
        key("version_key"),
        *texts(
            "company_id",
            "order_id",
            "customer_id",
            "order_date",
            "requested_date",
            "promised_date",
            "currency",
        ),
        *numbers("ordered_amount", "confirmed_amount", "delivered_amount", "invoiced_amount", "margin"),
        *texts(
            "status",
            "status_text",
            "delivery_block",
            "centre_id",
            "payment_terms",
            "seller_id",
            "reference",
            "text",
            "observed_date",
        ),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index("orders_by_customer", "company_id", "customer_id"),
        Index("orders_by_id", "company_id", "order_id", "observed_date"),
        sqlite_strict=True,
    )
    op.create_table(
        "erp_export_lines",
        key("export_line_key"),
        reference("export_key", "erp_exports.export_key"),
        text_reference("application_id", "applications.application_id"),
        *texts("posting"),
        *numbers("attempt"),
        *texts("erp_document"),
        *numbers("line", "exported_amount"),
        *trail(),
        UniqueConstraint("application_id", "posting", "attempt", name="erp_export_lines_key"),
        Index("erp_export_lines_by_export", "export_key"),
        sqlite_strict=True,
    )
