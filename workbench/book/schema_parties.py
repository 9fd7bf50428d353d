"""Who pays for whom, under which words: approved aliases, and what decisions of people taught about them.

An alias is what people approved; a newer row of the same key is a newer word on it, such as its last day.
The evidence is written with the decision that gave it, in the same transaction. Source: DOMAIN 2 (4).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from .schema_records import BIG, TEXT, from_batch, key_column, metadata, number_column, text_column, trail

aliases = Table(
    "aliases",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("kind"),  # text, customer
    text_column("pattern"),
    text_column("customer_id"),
    text_column("valid_from"),
    text_column("valid_through"),
    text_column("approved_by"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index("aliases_by_id", "company_id", "kind", "pattern", "customer_id", "valid_from"),
)

alias_evidence = Table(
    "alias_evidence",
    metadata,
    key_column("evidence_key"),
    Column("decision_id", TEXT, ForeignKey("decisions.decision_id"), nullable=False),
    Column("receipt_key", BIG, ForeignKey("receipts.receipt_key"), nullable=False),
    text_column("company_id"),
    text_column("kind"),
    text_column("pattern"),
    text_column("customer_id"),
    text_column("found_in"),  # name, text, payer
    text_column("receipt_date"),
    text_column("who"),
    *trail(),
    UniqueConstraint("decision_id", "kind", "found_in", "customer_id", name="alias_evidence_key"),
    Index("alias_evidence_by_pattern", "company_id", "kind", "pattern"),
)

PARTY_TABLES = ("aliases", "alias_evidence")
