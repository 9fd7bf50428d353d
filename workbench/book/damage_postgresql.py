"""What PostgreSQL knows to be wrong with what it stores: keys, indexes, constraints, pages."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, UniqueConstraint

_CONSTRAINTS = """
SELECT c.relname, k.contype, k.convalidated, k.conname,
    (SELECT array_agg(a.attname::text ORDER BY u.n)
     FROM unnest(k.conkey) WITH ORDINALITY u(number, n)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND k.contype IN ('p', 'u', 'f')
"""
_INDEXES = """
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relnamespace = quote_ident(current_schema())::regnamespace
    AND NOT (x.indisvalid AND x.indisready AND x.indislive) ORDER BY 1
"""
#: Pages whose checksum did not fit when they were read; unknown (NULL) where checksums are off.
_PAGES = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"


def faults_of(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Each fault in words: a key or reference that is gone or was never checked, a broken index or page."""
    found = set()
    for table, kind, is_checked, name, columns in connection.exec_driver_sql(_CONSTRAINTS):
        found.add((str(table), str(kind), tuple(columns)))
        if not is_checked and table in metadata.tables:
            yield f"{table} {name}"
    for wanted in sorted(_wanted(metadata) - found):
        yield f"{wanted[0]} ({', '.join(wanted[2])})"
    for (name,) in connection.exec_driver_sql(_INDEXES):
        yield str(name)
    pages = connection.exec_driver_sql(_PAGES).scalar()
    if pages:
        yield f"checksum_failures {pages}"


def _wanted(metadata: MetaData) -> set[tuple[str, str, tuple[str, ...]]]:
    """Every key and reference of the schema: table, kind as the catalogue has it, columns in order."""
    wanted = set()
    for table in metadata.sorted_tables:
        wanted.add((table.name, "p", tuple(column.name for column in table.primary_key.columns)))
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                wanted.add((table.name, "u", tuple(column.name for column in constraint.columns)))
        for column in table.columns:
            if column.foreign_keys:
                wanted.add((table.name, "f", (column.name,)))
            if column.unique:
                wanted.add((table.name, "u", (column.name,)))
    return wanted
