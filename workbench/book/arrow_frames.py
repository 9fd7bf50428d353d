"""Large tables into frames by Arrow, several times faster than a Python value at a time; the same frame.

SQLite: each row leaves the database as one text, by its own ``printf`` on the transaction's own connection,
and Arrow's CSV reader takes thousands at once. (Never by a second SQLite library in one process, as ADBC's
is: when one of them closes the file, the system drops the locks of the other.) PostgreSQL: by ADBC, on a
connection that takes over the transaction's snapshot and role. Where pyarrow or ADBC is not installed, or a
text holds a separator, the driver's own rows serve.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import Column, Connection, Select, func, select
from sqlalchemy import Table as StoredTable
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

from ..tables import ColumnType, Table

if TYPE_CHECKING:
    import pyarrow as pa

#: Below so many rows in the table the driver is as fast.
LARGE = 20_000
_PART = 20_000
_BETWEEN = "\x1f"


def arrow_frame(connection: Connection, query: Select[Any], table: Table) -> pd.DataFrame | None:
    """The query's rows as that table's frame; ``None`` where the driver's rows must serve."""
    if importlib.util.find_spec("pyarrow") is None or not _is_large(connection, query):
        return None
    kinds = list(table.columns.values())
    if connection.dialect.name == "sqlite":
        rows = _packed_rows(connection, query, kinds)
    elif _is_reader(connection) and importlib.util.find_spec("adbc_driver_postgresql") is not None:
        rows = _adbc_rows(connection, query)
    else:
        return None
    if rows is None:
        return None
    return pd.DataFrame(
        {
            name: _column_of(values, kind)
            for (name, kind), values in zip(table.columns.items(), rows.columns, strict=True)
        },
        copy=False,
    )


def _is_large(connection: Connection, query: Select[Any]) -> bool:
    """By the highest key, or the count, of the table that the query's first column is from."""
    own = next((one.table for one in query.selected_columns if isinstance(one, Column)), None)
    if not isinstance(own, StoredTable) or len(query.selected_columns) < 2:
        return False  # a query over a query has no key of its own to ask
    key = own.primary_key.columns.values()
    is_numbered = len(key) == 1 and key[0].type.python_type is int
    size = func.max(key[0]) if is_numbered else func.count()
    return int(connection.execute(select(size).select_from(own)).scalar() or 0) >= LARGE


def _is_reader(connection: Connection) -> bool:
    """Another connection cannot see what a writer has not committed."""
    return bool(connection.get_execution_options().get("postgresql_readonly"))


def _packed_rows(connection: Connection, query: Select[Any], kinds: list[ColumnType]) -> pa.Table | None:
    import pyarrow as pa

    marks = _BETWEEN.join("%s" if kind in ("text", "date") else "%d" for kind in kinds)
    packed = query.with_only_columns(func.printf(marks, *query.selected_columns))
    parts = []
    for rows in _parts(connection, packed):
        part = _unpacked(rows, kinds)
        if part is None:
            return None
        parts.append(part)
    return pa.concat_tables(parts) if parts else None


def _parts(connection: Connection, packed: Select[Any]) -> Iterator[list[str]]:
    cursor = connection.execute(packed).cursor
    try:
        while rows := cursor.fetchmany(_PART):
            yield [row[0] for row in rows]
    finally:
        cursor.close()


def _unpacked(rows: list[str], kinds: list[ColumnType]) -> pa.Table | None:
    """Rows of one text each as columns; ``None`` where some text holds what parts values or rows."""
    import pyarrow as pa
    from pyarrow import csv

    types = {"text": pa.large_string(), "date": pa.dictionary(pa.int32(), pa.large_string())}
    names = [str(place) for place in range(len(kinds))]
    content = "\n".join(rows).encode()
    if content.startswith(b"\xef\xbb\xbf"):
        return None
    try:
        part = csv.read_csv(
            pa.BufferReader(content),
            csv.ReadOptions(column_names=names, use_threads=False, block_size=len(content) + 1),
            csv.ParseOptions(delimiter=_BETWEEN, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types={
                    name: types.get(kind, pa.int64()) for name, kind in zip(names, kinds, strict=True)
                },
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return part if part.num_rows == len(rows) else None


def _adbc_rows(connection: Connection, query: Select[Any]) -> pa.Table:
    """On a connection of its own, closed after: it sees what this transaction sees, with its rights."""
    from adbc_driver_postgresql import dbapi

    dialect = psycopg_dialect.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    statement = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    role = connection.exec_driver_sql("SELECT current_user").scalar_one()
    path = connection.exec_driver_sql("SELECT current_setting('search_path')").scalar_one()
    address = connection.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with dbapi.connect(address) as reader, reader.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        cursor.execute(f"SET LOCAL search_path = {path}")
        cursor.execute('SET LOCAL ROLE "{}"'.format(role.replace('"', '""')))
        cursor.execute(statement)
        return cursor.fetch_arrow_table()


def _column_of(values: pa.ChunkedArray, kind: ColumnType) -> Any:
    """One column with its type, numpy's at once: sums over Arrow's own are slower by far."""
    if kind == "text":
        return pd.array(values, dtype="str")
    if kind == "date":
        return _days_of(values)
    numbers = values.to_numpy()
    if kind == "instant":
        return pd.DatetimeIndex(numbers.view("datetime64[us]"), tz="UTC")
    return numbers.astype(bool) if kind == "flag" else numbers


def _days_of(values: pa.ChunkedArray) -> np.ndarray:
    import pyarrow as pa

    is_coded = pa.types.is_dictionary(values.type)
    coded = (values if is_coded else values.dictionary_encode()).unify_dictionaries().combine_chunks()
    days = np.array(coded.dictionary.to_pylist(), dtype="datetime64[D]").astype("datetime64[s]")
    taken: np.ndarray = days[coded.indices.to_numpy()]
    return taken
