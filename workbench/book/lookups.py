"""Which of a file's rows the book already has: keys go into a temporary table and meet the unique index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import literal, select

from . import schema
from .columns import Column
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


#: Keys looked up at a time: fewer would have PostgreSQL read the whole table more often.
_PART = 250_000


@dataclass(frozen=True)
class Found:
    """The rows, by their position, whose key a table holds; of each, what was fetched, in the same order."""

    positions: np.ndarray
    fetched: dict[str, list[Any]]

    def numbers(self, name: str) -> np.ndarray:
        """What was fetched from a column of whole numbers."""
        return np.array(self.fetched[name], dtype="int64")


def existing_columns(
    posting: Posting, table: str, keys: dict[str, Column], positions: np.ndarray, fetch: Sequence[str]
) -> Found:
    """:func:`existing` for many rows: those at ``positions`` of the columns that make the key."""
    target = schema.metadata.tables[table]
    found: list[tuple[Any, ...]] = []
    if len(positions) and not is_empty(posting, table):
        count = max(len(column) for column in keys.values())
        taken = [column if len(positions) == count else column.take(positions) for column in keys.values()]
        for start in range(0, len(positions), _PART):
            part = list(zip(*(column.values(start, start + _PART) for column in taken), strict=True))
            rows = posting.dialect.existing(posting.connection, target, list(keys), part, fetch)
            found += [(start + row[0], *row[1:]) for row in rows] if start else rows
    columns = list(zip(*found, strict=True)) if found else [()] * (1 + len(fetch))
    return Found(
        positions[np.array(columns[0], dtype="int64")],
        {name: list(values) for name, values in zip(fetch, columns[1:], strict=True)},
    )


def is_empty(posting: Posting, table: str) -> bool:
    """Whether a table has no row at all, so that nothing need be looked up in it."""
    target = schema.metadata.tables[table]
    return posting.connection.execute(select(literal(1)).select_from(target).limit(1)).first() is None


def enter_companies(posting: Posting, companies: Iterable[str]) -> None:
    """Companies that the book meets for the first time."""
    wanted = sorted(set(companies) - {""})
    known = {
        wanted[row[0]] for row in existing(posting, "companies", ["company_id"], [(c,) for c in wanted], [])
    }
    posting.insert("companies", ["company_id"], [(company,) for company in wanted if company not in known])
