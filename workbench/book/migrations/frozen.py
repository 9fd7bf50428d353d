"""The words of the past schemas: columns as they were, whatever the present tables become.

A copy of ``schema_records``' words on purpose: a revision says what was done then, and must go on saying so.
A schema that changes a word brings its own here, under another name.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Text
from sqlalchemy.dialects import postgresql

BIG = BigInteger().with_variant(Integer(), "sqlite")
TEXT = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def texts(*names: str) -> list[Column[str]]:
    """Texts, '' where absent."""
    return [Column(name, TEXT, nullable=False, server_default="") for name in names]


def numbers(*names: str) -> list[Column[int]]:
    """Whole numbers of 64 bits, 0 where absent."""
    return [Column(name, BIG, nullable=False, server_default="0") for name in names]


def key(name: str) -> Column[int]:
    """The book's own number of a row."""
    return Column(name, BIG, primary_key=True, autoincrement=False)


def text_key(name: str, target: str = "") -> Column[str]:
    """A text that names the row; ``target`` where it is another table's."""
    return Column(name, TEXT, *([ForeignKey(target)] if target else []), primary_key=True)


def reference(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    """Another table's number."""
    return Column(name, BIG, ForeignKey(target), nullable=nullable)


def text_reference(name: str, target: str) -> Column[str]:
    """Another table's text key."""
    return Column(name, TEXT, ForeignKey(target), nullable=False)


def from_batch() -> Column[int]:
    """The import that brought the row; written last."""
    target = ForeignKey("import_batches.batch_key", deferrable=True, initially="DEFERRED")
    return Column("batch_key", BIG, target, nullable=False)


def trail() -> tuple[Column[int], Column[int], Column[str]]:
    """When the row became known, the audited action that wrote it, the hash of its content."""
    target = ForeignKey("audit.seq", deferrable=True, initially="DEFERRED")
    return (
        Column("recorded_at", BIG, nullable=False),
        Column("audit_seq", BIG, target, nullable=False, index=True),
        Column("row_hash", Text, nullable=False),
    )
