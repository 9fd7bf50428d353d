"""Schema 3: aliases that people approved, and what their decisions taught about them. Only new tables."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Index, UniqueConstraint

from .frozen import from_batch, key, numbers, reference, text_reference, texts, trail

revision = "3"
down_revision = "2"


def upgrade(op: Operations) -> None:
    """Make the tables."""
    op.create_table(
        "aliases",
        key("version_key"),
        *texts("company_id", "kind", "pattern", "customer_id", "valid_from", "valid_through", "approved_by"),
        from_batch(),
        *numbers("row"),
        *trail(),
        Index("aliases_by_id", "company_id", "kind", "pattern", "customer_id", "valid_from"),
        sqlite_strict=True,
    )
    op.create_table(
        "alias_evidence",
        key("evidence_key"),
        text_reference("decision_id", "decisions.decision_id"),
        reference("receipt_key", "receipts.receipt_key"),
        *texts("company_id", "kind", "pattern", "customer_id", "found_in", "receipt_date", "who"),
        *trail(),
        UniqueConstraint("decision_id", "kind", "found_in", "customer_id", name="alias_evidence_key"),
        Index("alias_evidence_by_pattern", "company_id", "kind", "pattern"),
        sqlite_strict=True,
    )
