"""Which of a file's rows the book already has: keys go into a temporary table and meet the unique index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Text

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
    places = range(len(key_columns))
    types = ("TEXT" if isinstance(target.c[name].type, Text) else "BIGINT" for name in key_columns)
    columns = ", ".join(f"k{place} {kind} NOT NULL" for place, kind in zip(places, types, strict=True))
    meets = " AND ".join(f't."{name}" = w.k{place}' for place, name in zip(places, key_columns, strict=True))
    shown = "".join(f', t."{name}"' for name in fetch)
    # Written out rather than composed: it runs several times a file, and composing costs more than running.
    cursor = dialect_sqlite.raw_cursor(posting.connection)
    cursor.execute(f"CREATE TEMPORARY TABLE wanted_keys (n INTEGER PRIMARY KEY, {columns})")
    marks = dialect_sqlite.marks(len(key_columns) + 1)
    cursor.executemany(f"INSERT INTO wanted_keys VALUES ({marks})", [(n, *key) for n, key in enumerate(keys)])
    cursor.execute(f'SELECT w.n{shown} FROM wanted_keys w JOIN "{table}" t ON {meets} ORDER BY w.n')
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.execute("DROP TABLE wanted_keys")
    return rows


def enter_companies(posting: Posting, companies: Iterable[str]) -> None:
    """Companies that the book meets for the first time."""
    wanted = sorted(set(companies) - {""})
    known = {
        wanted[row[0]] for row in existing(posting, "companies", ["company_id"], [(c,) for c in wanted], [])
    }
    posting.insert("companies", ["company_id"], [(company,) for company in wanted if company not in known])
