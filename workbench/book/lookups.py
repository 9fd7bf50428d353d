"""Which of a file's rows the book already has: keys go into a temporary table and meet the unique index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, and_, select

from . import dialect_sqlite, schema
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
    staged = Table(
        "wanted_keys",
        MetaData(),
        Column("n", Integer, primary_key=True),
        *(_like(target.c[name], f"k{number}") for number, name in enumerate(key_columns)),
        prefixes=["TEMPORARY"],
    )
    staged.create(posting.connection)
    cursor = dialect_sqlite.raw_cursor(posting.connection)
    statement = dialect_sqlite.compiled_insert(posting.connection, staged, list(staged.columns.keys()))
    cursor.executemany(statement, [(n, *key) for n, key in enumerate(keys)])
    meets = and_(*(target.c[name] == staged.c[f"k{number}"] for number, name in enumerate(key_columns)))
    query = select(staged.c.n, *(target.c[name] for name in fetch)).join_from(staged, target, meets)
    rows = posting.connection.execute(query).all()
    staged.drop(posting.connection)
    return [tuple(row) for row in rows]


def _like(column: Column[Any], name: str) -> Column[Any]:
    return Column(name, Text if isinstance(column.type, Text) else BigInteger, nullable=False)


def enter_companies(posting: Posting, companies: Iterable[str]) -> None:
    """Companies that the book meets for the first time."""
    wanted = sorted(set(companies) - {""})
    known = {
        wanted[row[0]] for row in existing(posting, "companies", ["company_id"], [(c,) for c in wanted], [])
    }
    posting.insert("companies", ["company_id"], [(company,) for company in wanted if company not in known])
