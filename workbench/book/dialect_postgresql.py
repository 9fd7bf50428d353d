"""What only PostgreSQL can do: one advisory lock for writers, COPY, roles, triggers, its errors as ours.

Tried (TRUST, fact 2): READ COMMITTED and REPEATABLE READ both let two sessions over-apply a receipt. Here a
writer takes the book's advisory lock as its transaction's first statement and holds it to the commit, so
writers follow one another as they do on SQLite, and with READ COMMITTED each statement after the lock sees
all that was committed before it. Nothing of ours can fail for serialisation (writers are READ COMMITTED,
readers READ ONLY) or deadlock (all take that lock first, and no other), so nothing is tried again; where
somebody else's session brings either about, nothing was changed and the answer is "busy".
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from ..errors import (
    BookBusyError,
    BookInterruptedError,
    MissingBookError,
    PeriodClosedError,
    PostingRefusedError,
    WorkbenchError,
)
from .appended import BLOCK, Block
from .damage_postgresql import faults_of
from .dialect import Dialect, RunHolder, safe_in_forks
from .locks_postgresql import hold_run
from .rights_postgresql import READER, WRITER, grant_roles, look_up_roles, may_append, taking, worries_of
from .triggers_postgresql import (
    APPEND_ONLY,
    PERIOD_CLOSED,
    function_statements,
    trigger_statements,
    wrong_triggers,
)

#: Any number will do as long as every workbench takes the same; it spells "cartera".
_LOCK = 0x63617274657261
#: Triggers made again in place and sessions without an end to their idleness are as old as this.
_OLDEST = 14
#: A writer that says nothing for so long is cut off, so that a frozen machine does not keep the lock.
_SILENT = "15min"
#: What is answered as done has reached the disk, whatever the server was told to spare.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)
#: So that a machine that is gone is known to be gone in a minute, on either side.
_GIVEN = {
    "application_name": "workbench",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_ALIVE_HERE = "tcp_keepalives_idle=30 tcp_keepalives_interval=10 tcp_keepalives_count=3"

#: SQLSTATEs: lock_timeout; deadlock and serialization, which can only be brought in by others.
_BUSY = {"55P03", "40P01", "40001"}
_READ_ONLY, _NO_RIGHT, _STOPPED, _DISK_FULL = "25006", "42501", "57014", "53100"
_NO_SCHEMA = "3F000"


class PostgreSQL(Dialect):
    """A book in a database (``postgresql://user@host/database``), in the schema of its search path."""

    @property
    def _address(self) -> URL:
        return make_url(self.url)

    @property
    def place(self) -> str:
        return self.shown_url

    @property
    def shown_url(self) -> str:
        kept = {name: value for name, value in self._address.query.items() if "pass" not in name}
        return self._address.set(query=kept).render_as_string(hide_password=True)

    @property
    def name(self) -> str:
        return str(self._address.database)

    def is_empty(self, engine: Engine) -> bool:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT to_regclass('audit')").scalar() is None

    def engine(self, *, busy_seconds: float) -> Engine:
        """Connections are tried before they are used: after a restart of the server the next action works."""
        told = self._address.query
        given = {name: value for name, value in _GIVEN.items() if name not in told}
        engine = create_engine(
            self._address.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            use_native_hstore=False,
            connect_args=given,
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, record: Any) -> None:
            if connection.info.server_version < _OLDEST * 10_000:
                raise MissingBookError("book-server-old", book=self.place, needed=_OLDEST)
            encoding = connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":  # others cannot hold what banks write, and would break off in an import
                reason = f"server_encoding = {encoding} ≠ UTF8"
                raise MissingBookError("book-server-refuses", book=self.place, reason=reason)
            connection.autocommit = True
            with connection.cursor() as cursor:
                for setting in _ALIVE_HERE.split():
                    cursor.execute(f"SET {setting}")
                look_up_roles(cursor, record.info)
            connection.autocommit = False

        busy_ms = max(1, int(busy_seconds * 1000))  # 0 would be "for ever"
        return safe_in_forks(engine.execution_options(workbench_busy_ms=busy_ms))

    def make_ready(self, engine: Engine) -> None:
        """Nothing: tables and triggers are made inside one transaction."""

    def make(self, connection: Connection, metadata: MetaData) -> None:
        metadata.create_all(connection)
        self.guard(connection, metadata)

    def guard(self, connection: Connection, metadata: MetaData) -> None:
        cursor = _cursor(connection)  # not through SQLAlchemy, which would read % as a placeholder
        cursor.execute("SELECT quote_ident(current_schema())")
        for statement in function_statements(cursor.fetchone()[0]):
            cursor.execute(statement)
        statements = trigger_statements(metadata)
        for name in self.missing_triggers(connection, metadata):
            if name in statements:
                cursor.execute(statements[name].replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1))
        grant_roles(cursor, [table.name for table in metadata.sorted_tables])

    def begin_reading(self, connection: Connection) -> Connection:
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def as_reader(self, connection: Connection) -> None:
        role = taking(connection, READER)
        if role:
            _cursor(connection).execute(role)

    def begin_writing(self, connection: Connection) -> Connection:
        return connection

    def lock(self, connection: Connection, *, as_owner: bool) -> None:
        """One message to the server; what follows the lock sees all that was committed before it."""
        if not as_owner and not may_append(connection):
            raise PostingRefusedError("book-read-only", book=self.place)
        statements = [
            f"SET LOCAL lock_timeout = {connection.get_execution_options()['workbench_busy_ms']}",
            f"SET LOCAL idle_in_transaction_session_timeout = '{_SILENT}'",
            _DURABLE,
            f"SELECT pg_advisory_xact_lock({_LOCK})",
            "" if as_owner else taking(connection, WRITER),
        ]
        _cursor(connection).execute("; ".join(filter(None, statements)))

    def worries(self, connection: Connection) -> list[str]:
        return worries_of(connection)

    def hold_run(self, holder: RunHolder) -> contextlib.AbstractContextManager[None]:
        return hold_run(self, holder)

    def append(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        _copy(_cursor(connection), f'"{table.name}"', columns, rows)

    def append_blocks(
        self, connection: Connection, table: Table, columns: Sequence[str], blocks: Iterable[Block]
    ) -> None:
        """By COPY; a thread of its own feeds the server while the next block is made."""
        from psycopg.copy import QueuedLibpqWriter

        names = ", ".join(f'"{name}"' for name in columns)
        cursor, coming = _cursor(connection), iter(blocks)
        first = next(coming)
        writer = QueuedLibpqWriter(cursor) if len(first.marks) == BLOCK else None
        with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN', writer=writer) as copy:
            for block in itertools.chain([first], coming):
                copy.write(block.copy_text())

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
        return list(wrong_triggers(connection, metadata))

    def damage(self, connection: Connection, metadata: MetaData) -> list[str]:
        return list(faults_of(connection, metadata))

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        try:
            import psycopg
        except ImportError:
            raise MissingBookError("book-driver-missing", book=self.place) from None
        try:
            yield
        except DBAPIError as error:
            is_open = error.connection_invalidated or error.statement is not None
            raise self._ours(error.orig, is_open=is_open) or error from error
        except psycopg.Error as error:  # of a cursor of ours, so of a connection that once stood
            raise self._ours(error, is_open=True) or error from error

    def _ours(self, error: object, *, is_open: bool) -> WorkbenchError | None:
        import psycopg

        state = str(getattr(error, "sqlstate", "") or "")
        message = str(error).splitlines()[0] if str(error) else ""
        if state in _BUSY:
            return BookBusyError(book=self.place)
        if state == PERIOD_CLOSED:
            return PeriodClosedError("period-closed-posting", table=message.split(": ")[1])
        if state == APPEND_ONLY:
            return PostingRefusedError("ledger-append-only", table=message.split(": ")[1])
        if state == _READ_ONLY:
            return PostingRefusedError("book-read-only", book=self.place)
        if state == _NO_RIGHT:
            return MissingBookError("book-without-right", book=self.place)
        if state == _NO_SCHEMA:  # the address asks for a search path that leads nowhere
            return MissingBookError("book-server-refuses", book=self.place, reason=message)
        if state == _DISK_FULL:
            return BookInterruptedError("book-disk-full", book=self.place)
        if state == _STOPPED:
            return BookInterruptedError("book-statement-stopped", book=self.place)
        is_option = not is_open and isinstance(
            error, psycopg.ProgrammingError
        )  # one that libpq does not know
        if not is_option and not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return None
        if is_open:
            return BookInterruptedError(book=self.place)
        return self._not_opened(message)

    def _not_opened(self, message: str) -> MissingBookError:
        """Why there is no connection; whether login, password or database, the server's own words say."""
        from psycopg.pq import PGconn, Ping

        url = self._address
        asked = {"host": url.query.get("host") or url.host, "port": url.port, "connect_timeout": 10}
        words = " ".join(f"{name}='{value}'" for name, value in asked.items() if value)
        is_there = PGconn.ping(words.encode()) == Ping.OK
        reason = message.rpartition("FATAL: ")[2].strip() or message
        rule = "book-server-refuses" if is_there else "book-server-absent"
        return MissingBookError(rule, book=self.place, reason=reason)


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor inside this transaction."""
    return connection.connection.cursor()
