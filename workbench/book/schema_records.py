"""What surrounds the ledger in the book: audit, operations, files, periods, decisions, runs; and its columns.

Every table is append-only: a newer fact is a newer row, and what holds today is derived. Money is integer
minor units, days are ISO text (``''`` where absent, so that unique keys never meet NULL), instants are
integer microseconds UTC. Each row carries ``audit_seq`` (the business action that wrote it) and
``row_hash`` (of all its other columns), so ``verify`` can name a row that was changed behind our back.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql

SCHEMA_VERSION = 4

metadata = MetaData()

#: SQLite's STRICT tables know INTEGER only, and only INTEGER is a row id; elsewhere 64 bits are BIGINT.
BIG = BigInteger().with_variant(Integer(), "sqlite")


#: Compared and sorted by code point on every database, so that one book reads the same on each.
TEXT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def text_column(name: str) -> Column[str]:
    """Text, '' where absent."""
    return Column(name, TEXT, nullable=False, server_default="")


def number_column(name: str) -> Column[int]:
    """A whole number of 64 bits, 0 where absent."""
    return Column(name, BIG, nullable=False, server_default="0")


def key_column(name: str) -> Column[int]:
    """The book's own number of a row, given by the writer."""
    return Column(name, BIG, primary_key=True, autoincrement=False)


def trail() -> tuple[Column[int], Column[int], Column[str]]:
    """When the row became known, the audited action that wrote it, and the hash of its content."""
    to_audit = ForeignKey("audit.seq", deferrable=True, initially="DEFERRED")
    return (
        Column("recorded_at", BIG, nullable=False),
        Column("audit_seq", BIG, to_audit, nullable=False, index=True),
        Column("row_hash", Text, nullable=False),
    )


def from_batch() -> Column[int]:
    """The import that brought the row; written last, when its counts are known."""
    to_batch = ForeignKey("import_batches.batch_key", deferrable=True, initially="DEFERRED")
    return Column("batch_key", BIG, to_batch, nullable=False)


audit = Table(
    "audit",
    metadata,
    key_column("seq"),
    number_column("hash_version"),
    number_column("recorded_at"),
    text_column("who"),
    text_column("action"),
    text_column("payload"),  # canonical JSON of integers and strings
    text_column("previous_hash"),
    Column("entry_hash", Text, nullable=False, unique=True),
)

settings = Table(
    "settings", metadata, key_column("setting_key"), text_column("name"), text_column("value"), *trail()
)

operations = Table(
    "operations",
    metadata,
    Column("operation_id", TEXT, primary_key=True),
    text_column("action"),
    text_column("content_sha256"),
    *trail(),
)

companies = Table(
    "companies",
    metadata,
    Column("company_id", TEXT, primary_key=True),
    text_column("company_name"),
    text_column("base_currency"),
    *trail(),
)

import_batches = Table(
    "import_batches",
    metadata,
    key_column("batch_key"),
    text_column("file"),
    text_column("sha256"),
    text_column("source"),  # the mapping's name
    text_column("kind"),
    text_column("status"),  # accepted, partial, rejected, duplicate
    text_column("extract_date"),
    number_column("is_complete"),
    text_column("companies"),  # JSON list
    number_column("rows_in"),
    number_column("rows_stored"),
    number_column("rows_duplicate"),
    number_column("rows_rejected"),
    text_column("sums"),  # JSON object: currency → minor units as text
    *trail(),
    Index("import_batches_by_file", "sha256"),
)

rejected_rows = Table(
    "rejected_rows",
    metadata,
    key_column("rejected_key"),
    from_batch(),
    number_column("row"),
    text_column("rule"),
    text_column("values"),
    text_column("raw"),
    *trail(),
    Index("rejected_rows_by_batch", "batch_key"),
)

findings = Table(
    "findings",
    metadata,
    key_column("finding_key"),
    from_batch(),
    text_column("level"),
    text_column("source"),
    number_column("row"),
    text_column("table"),
    text_column("key"),
    text_column("rule"),
    text_column("values"),
    number_column("amount"),
    text_column("currency"),
    *trail(),
    Index("findings_by_batch", "batch_key"),
)

#: ``closed_through`` of the latest event holds; ``company_id`` '' speaks for every company.
period_events = Table(
    "period_events",
    metadata,
    key_column("event_key"),
    text_column("company_id"),
    text_column("event"),  # close, reopen
    text_column("closed_through"),
    text_column("reason"),
    text_column("who"),
    *trail(),
    Index("period_events_by_company", "company_id", "event_key"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", TEXT, primary_key=True),
    Column("operation_id", TEXT, ForeignKey("operations.operation_id"), nullable=False),
    text_column("company_id"),
    text_column("subject"),  # what kind of thing is decided: receipt, task, customer …
    text_column("subject_key"),
    text_column("decision"),
    text_column("reason"),
    text_column("evidence"),
    text_column("step_key"),
    text_column("who"),
    *trail(),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", TEXT, primary_key=True),
    text_column("notebook"),
    text_column("company_id"),
    text_column("period"),
    text_column("step_key"),
    text_column("as_of"),
    number_column("known_at"),
    text_column("status"),
    text_column("who"),
    text_column("parameters"),
    text_column("tie_outs"),
    number_column("findings"),
    text_column("failed_step"),
    text_column("remedy"),
    text_column("fingerprint"),
    text_column("content_sha256"),
    text_column("folder"),
    number_column("started_at"),
    number_column("finished_at"),
    *trail(),
)
