"""Which of a file's rows the book already has: keys go into a temporary table and meet the unique index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import schema
from .transactions import Posting


def existing(
    posting: Posting,
    table: str,
    key_columns: Sequence[str],
    keys: Sequence[Sequence[object]],
    fetch: Sequence[str],
) -> list[tuple[Any, ...]]:
    """For each row of ``keys`` that the table holds: its position, then the columns to ``fetch``."""
    if not keys:
        return []
    target = schema.metadata.tables[table]
    return posting.dialect.existing(posting.connection, target, key_columns, keys, fetch)


def enter_companies(posting: Posting, companies: Iterable[str]) -> None:
    """Companies that the book meets for the first time."""
    wanted = sorted(set(companies) - {""})
    known = {
        wanted[row[0]] for row in existing(posting, "companies", ["company_id"], [(c,) for c in wanted], [])
    }
    posting.insert("companies", ["company_id"], [(company,) for company in wanted if company not in known])
