"""What a book holds, whatever its schema: tables as the database has them, rows, sums and a hash of each.

An upgrade compares them before and after; a backup or a restored book tells them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, Table, func, literal, select

from .canonical import row_hash
from .schema import audit, settings

CHUNK = 10_000
_MONEY = ("taxable_base", "tax", "deduction", "margin")


@dataclass(frozen=True)
class Content:
    """A table's rows, the sum of each money column by currency (minor units), and a hash over all rows."""

    rows: int
    sums: dict[str, int]
    sha256: str


def tables_in(connection: Connection) -> MetaData:
    """The book's tables as the database describes them: those whose rows bear the audit's trail."""
    found = MetaData()
    found.reflect(connection)
    for table in list(found.tables.values()):
        if table.name != "audit" and not {"audit_seq", "row_hash"} <= set(table.columns.keys()):
            found.remove(table)
    return found


def has_book(connection: Connection) -> bool:
    """Whether there is a book at all."""
    return connection.dialect.has_table(connection, "audit")


def version_in(connection: Connection) -> int:
    """The schema that the book says it has."""
    said = select(settings.c.value).where(settings.c.name == "schema_version")
    return int(connection.execute(said.order_by(settings.c.setting_key.desc()).limit(1)).scalar() or 0)


def head_in(connection: Connection) -> dict[str, object]:
    """How many audit entries there are and the hash of the last: the anchor to be kept elsewhere."""
    own = audit.c
    count, head = connection.execute(select(own.seq, own.entry_hash).order_by(own.seq.desc()).limit(1)).one()
    return {"count": int(count), "head": str(head)}


def rows_in(connection: Connection, table: Table) -> Iterator[list[tuple[object, ...]]]:
    """All rows by their key, some thousands at a time."""
    query = select(table).order_by(*table.primary_key.columns)
    if connection.dialect.name == "sqlite":  # its driver hands over plain rows as they are read
        cursor = connection.execute(query).cursor
        while cursor is not None and (rows := cursor.fetchmany(CHUNK)):
            yield list(rows)
        return
    for part in connection.execute(query.execution_options(stream_results=True)).partitions(CHUNK):
        yield [tuple(row) for row in part]


def contents(connection: Connection, metadata: MetaData) -> dict[str, Content]:
    """What these tables hold, by name; the audit, which the comparing action adds to, is not among them."""
    told = {}
    for table in metadata.sorted_tables:
        if table.name != "audit":
            count, mark = 0, hashlib.sha256()
            for rows in rows_in(connection, table):
                count += len(rows)
                mark.update("".join(map(row_hash, rows)).encode())
            told[table.name] = Content(count, _sums(connection, table), mark.hexdigest())
    return told


def counts(connection: Connection, metadata: MetaData) -> dict[str, int]:
    """How many rows each table has, in the order of their names."""
    return {
        name: int(connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one())
        for name in sorted(metadata.tables)
    }


def _sums(connection: Connection, table: Table) -> dict[str, int]:
    columns = [one for one in table.columns if one.name.endswith("_amount") or one.name in _MONEY]
    if not columns:
        return {}
    currency = table.c.currency if "currency" in table.c else literal("")
    query = select(currency, *(func.sum(column) for column in columns)).group_by(currency)
    return {
        f"{column.name} {row[0]}".strip(): int(total)
        for row in connection.execute(query)
        for column, total in zip(columns, row[1:], strict=True)
    }
