"""What only PostgreSQL can do: one advisory lock for writers, COPY, triggers in PL/pgSQL, its errors.

Tried (TRUST, fact 2): READ COMMITTED and REPEATABLE READ both let two sessions over-apply a receipt. Here a
writer takes the book's advisory lock as its transaction's first statement and holds it to the commit, so
writers follow one another as they do on SQLite, and with READ COMMITTED each statement after the lock sees
all that was committed before it. Nothing fails for serialisation, so nothing need be tried again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from ..errors import BookBusyError, MissingBookError, PeriodClosedError, PostingRefusedError, WorkbenchError
from .dialect import Dialect
from .schema import CASH_TABLES

#: Any number will do as long as every workbench takes the same; it spells "cartera".
_LOCK = 0x63617274657261
_APPEND_ONLY, _PERIOD_CLOSED = "WB001", "WB002"
_LOCKED, _READ_ONLY, _NO_RIGHT = "55P03", "25006", "42501"


class PostgreSQL(Dialect):
    """A book in a database (``postgresql://user@host/database``), in the schema of its search path."""

    @property
    def place(self) -> str:
        return make_url(self.url).render_as_string(hide_password=True)

    def is_empty(self) -> bool:
        engine = self.engine(busy_seconds=10)
        try:
            with engine.connect() as connection:
                return connection.exec_driver_sql("SELECT to_regclass('audit')").scalar() is None
        finally:
            engine.dispose()

    def engine(self, *, busy_seconds: float) -> Engine:
        url = make_url(self.url).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="READ COMMITTED")
        return engine.execution_options(workbench_busy_ms=int(busy_seconds * 1000))

    def make_ready(self, engine: Engine) -> None:
        """Nothing: tables and triggers are made inside one transaction."""

    def make(self, connection: Connection, metadata: MetaData) -> None:
        metadata.create_all(connection)
        self.guard(connection, metadata)

    def guard(self, connection: Connection, metadata: MetaData) -> None:
        statements = trigger_statements(metadata)
        cursor = _cursor(connection)  # not through SQLAlchemy, which would read % as a placeholder
        for statement in _functions().values():
            cursor.execute(statement)
        for name in self.missing_triggers(connection, metadata):
            cursor.execute(statements[name])

    def begin_reading(self, connection: Connection) -> Connection:
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def begin_writing(self, connection: Connection) -> Connection:
        return connection

    def lock(self, connection: Connection) -> None:
        wait = connection.get_execution_options()["workbench_busy_ms"]
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    def append(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        _copy(_cursor(connection), f'"{table.name}"', columns, rows)

    def existing(
        self,
        connection: Connection,
        table: Table,
        key_columns: Sequence[str],
        keys: Sequence[Sequence[object]],
        fetch: Sequence[str],
    ) -> list[tuple[Any, ...]]:
        places = range(len(key_columns))
        types = (
            'text COLLATE "C"' if isinstance(table.c[name].type, Text) else "bigint" for name in key_columns
        )
        columns = ", ".join(f"k{place} {kind} NOT NULL" for place, kind in zip(places, types, strict=True))
        meets = " AND ".join(
            f't."{name}" = w.k{place}' for place, name in zip(places, key_columns, strict=True)
        )
        shown = "".join(f', t."{name}"' for name in fetch)
        cursor = _cursor(connection)
        cursor.execute(f"CREATE TEMPORARY TABLE wanted_keys (n bigint NOT NULL, {columns}) ON COMMIT DROP")
        numbered = [(number, *key) for number, key in enumerate(keys)]
        _copy(cursor, "wanted_keys", ["n", *(f"k{place}" for place in places)], numbered)
        cursor.execute("ANALYZE wanted_keys")
        cursor.execute(f'SELECT w.n{shown} FROM wanted_keys w JOIN "{table.name}" t ON {meets} ORDER BY w.n')
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute("DROP TABLE wanted_keys")
        return rows

    def trigger_count(self, metadata: MetaData) -> int:
        return len(trigger_statements(metadata))

    def missing_triggers(self, connection: Connection, metadata: MetaData) -> list[str]:
        rows = connection.exec_driver_sql(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
        )
        present = {str(row[0]) for row in rows}
        return [name for name in trigger_statements(metadata) if name not in present]

    def damage(self, connection: Connection) -> list[str]:
        return []

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except DBAPIError as error:
            raise self._ours(error.orig) or error from error
        except psycopg.Error as error:
            raise self._ours(error) or error from error

    def _ours(self, error: object) -> WorkbenchError | None:
        import psycopg

        state = str(getattr(error, "sqlstate", "") or "")
        message = str(error).splitlines()[0] if str(error) else ""
        if state == _LOCKED:
            return BookBusyError(book=self.place)
        if state == _PERIOD_CLOSED:
            return PeriodClosedError("period-closed-posting", table=message.split(": ")[1])
        if state == _APPEND_ONLY:
            return PostingRefusedError("ledger-append-only", table=message.split(": ")[1])
        if state in (_READ_ONLY, _NO_RIGHT):
            return PostingRefusedError("book-read-only", book=self.place)
        if not state and isinstance(
            error, psycopg.OperationalError
        ):  # no session: wrong host, port, database
            return MissingBookError("book-not-a-book", book=self.place)
        return None


def _functions() -> dict[str, str]:
    """What the triggers call."""
    functions = {
        "workbench_append_only": (
            "CREATE OR REPLACE FUNCTION workbench_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = '{_APPEND_ONLY}'; END $$"
        )
    }
    for table_name, day in CASH_TABLES.items():
        closed = (
            "coalesce((SELECT closed_through FROM period_events e WHERE e.company_id = {} "
            "ORDER BY event_key DESC LIMIT 1), '')"
        )
        name = f"workbench_{table_name}_open_period"
        functions[name] = (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS (SELECT 1 FROM (SELECT company_id, min({day}) AS day FROM fresh GROUP BY 1) f"
            f" WHERE f.day <= greatest({closed.format('f.company_id')}, {closed.format(repr(''))})) THEN "
            f"RAISE EXCEPTION 'period-closed: {table_name}' USING ERRCODE = '{_PERIOD_CLOSED}'; "
            "END IF; RETURN NULL; END $$"
        )
    return functions


def trigger_statements(metadata: MetaData) -> dict[str, str]:
    """Every trigger by name: nothing is updated, deleted or emptied, and no cash enters a closed period."""
    statements = {}
    for table in metadata.sorted_tables:
        name = f"{table.name}_append_only"
        statements[name] = (
            f'CREATE TRIGGER "{name}" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table.name}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION workbench_append_only()"
        )
    for table_name in CASH_TABLES:
        name = f"{table_name}_open_period"
        statements[name] = (
            f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table_name}" REFERENCING NEW TABLE AS fresh '
            f"FOR EACH STATEMENT EXECUTE FUNCTION workbench_{name}()"
        )
    return statements


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor inside this transaction."""
    return connection.connection.cursor()
