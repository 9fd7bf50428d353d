"""What only SQLite can do: STRICT tables, the body of its triggers, BEGIN IMMEDIATE, its files and locks.

Tried (TRUST, fact 1): SQLAlchemy's default on SQLite lets two processes over-apply a receipt, because the
driver sends no BEGIN before the SELECT. So the driver's own transactions are off and every writer begins
IMMEDIATE: it holds the book's one write lock before it reads what it checks.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, Text, UniqueConstraint, create_engine, event
from sqlalchemy.exc import DatabaseError

from ..errors import (
    BookBusyError,
    BookInterruptedError,
    MissingBookError,
    PeriodClosedError,
    PostingRefusedError,
    WorkbenchError,
)
from .appended import Block
from .dialect import Dialect, RunHolder, safe_in_forks
from .schema import CASH_TABLES

_IS_WRITER = "workbench_is_writer"


class SQLite(Dialect):
    """A book in one file (``sqlite:///path``), with its -wal and -shm beside it while it is open."""

    @property
    def path(self) -> Path:
        """The file; a book is always a file, never memory."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def place(self) -> str:
        return str(self.path)

    @property
    def shown_url(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        return self.path.name

    def is_empty(self, engine: Engine) -> bool:
        return not self.path.exists() or self.path.stat().st_size == 0

    def engine(self, *, busy_seconds: float) -> Engine:
        """A connection serves one thread at a time; a forked process makes its own."""
        engine = create_engine(self.url, connect_args={"timeout": busy_seconds, "isolation_level": None})

        @event.listens_for(engine, "connect")
        def _prepare(connection: sqlite3.Connection, _record: object) -> None:
            cursor = connection.cursor()
            for pragma in (
                "foreign_keys=ON",
                "synchronous=FULL",
                "recursive_triggers=ON",
                "trusted_schema=OFF",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            is_writer = connection.get_execution_options().get(_IS_WRITER, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN DEFERRED")

        return safe_in_forks(engine)

    def make_ready(self, engine: Engine) -> None:
        """Readers go on while one writes (WAL); the setting stays in the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            raw.close()

    def make(self, connection: Connection, metadata: MetaData) -> None:
        """STRICT: a text in a money column is refused rather than turned into a number."""
        for table in metadata.tables.values():
            table.dialect_options["sqlite"]["strict"] = True
        metadata.create_all(connection)
        self.guard(connection, metadata)

    def guard(self, connection: Connection, metadata: MetaData) -> None:
        statements = trigger_statements(metadata)
        for name in self.missing_triggers(connection, metadata):
            connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"')
            connection.exec_driver_sql(statements[name])

    def begin_reading(self, connection: Connection) -> Connection:
        return connection

    def as_reader(self, connection: Connection) -> None:
        """A file's rights are the file's."""

    def begin_writing(self, connection: Connection) -> Connection:
        return connection.execution_options(**{_IS_WRITER: True})

    def lock(self, connection: Connection, *, as_owner: bool) -> None:
        """BEGIN IMMEDIATE has taken it."""

    def worries(self, connection: Connection) -> list[str]:
        return []

    def hold_run(self, holder: RunHolder) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def append(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        _cursor(connection).executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows)

    def append_blocks(
        self, connection: Connection, table: Table, columns: Sequence[str], blocks: Iterable[Block]
    ) -> None:
        rows = itertools.chain.from_iterable(block.rows() for block in blocks)
        self.append(connection, table, columns, rows)

    def existing(
        self,
        connection: Connection,
        table: Table,
        key_columns: Sequence[str],
        keys: Sequence[Sequence[object]],
        fetch: Sequence[str],
    ) -> list[tuple[Any, ...]]:
        """Written out rather than composed: it runs several times a file, and composing costs more."""
        places = range(len(key_columns))
        types = ("TEXT" if isinstance(table.c[name].type, Text) else "BIGINT" for name in key_columns)
        columns = ", ".join(f"k{place} {kind} NOT NULL" for place, kind in zip(places, types, strict=True))
        meets = " AND ".join(
            f't."{name}" = w.k{place}' for place, name in zip(places, key_columns, strict=True)
        )
        shown = "".join(f', t."{name}"' for name in fetch)
        marks = ", ".join("?" * (len(key_columns) + 1))
        cursor = _cursor(connection)
        cursor.execute(f"CREATE TEMPORARY TABLE wanted_keys (n INTEGER PRIMARY KEY, {columns})")
        numbered = [(number, *key) for number, key in enumerate(keys)]
        cursor.executemany(f"INSERT INTO wanted_keys VALUES ({marks})", numbered)
        cursor.execute(f'SELECT w.n{shown} FROM wanted_keys w JOIN "{table.name}" t ON {meets} ORDER BY w.n')
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.execute("DROP TABLE wanted_keys")
        return rows

    def trigger_count(self, metadata: MetaData) -> int:
        return len(trigger_statements(metadata))

    def missing_triggers(self, connection: Connection, metadata: MetaData) -> list[str]:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        present = {str(name): str(sql) for name, sql in rows}
        wanted = trigger_statements(metadata)
        return [name for name, statement in wanted.items() if present.get(name) != statement]

    def damage(self, connection: Connection, metadata: MetaData) -> list[str]:
        """Pages, indexes, rows that point nowhere."""
        lines = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
        faults = [str(line) for line in lines if line != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10)
        return faults + [f"{row[0]} {row[1]} → {row[2]}" for row in broken]

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise self._ours(str(error.orig)) or error from error
        except sqlite3.Error as error:
            raise self._ours(str(error)) or error from error

    def _ours(self, message: str) -> WorkbenchError | None:
        if "database is locked" in message or "database table is locked" in message:
            return BookBusyError(book=self.place)
        if message.startswith("period-closed"):
            return PeriodClosedError("period-closed-posting", table=message.split(": ")[1])
        if message.startswith("append-only"):
            return PostingRefusedError("ledger-append-only", table=message.split(": ")[1])
        if "file is not a database" in message or "unable to open database" in message:
            return MissingBookError("book-not-a-book", book=self.place)
        if "readonly database" in message:
            return PostingRefusedError("book-read-only", book=self.place)
        if "disk is full" in message:
            return BookInterruptedError("book-disk-full", book=self.place)
        if "disk I/O error" in message:  # full where a lock file is made, gone, or failing
            return BookInterruptedError("book-disk-failed", book=self.place)
        if "malformed" in message:
            return BookInterruptedError("book-file-damaged", book=self.place)
        return None


def trigger_statements(metadata: MetaData) -> dict[str, str]:
    """Every trigger by name: nothing is updated, deleted or replaced, and no cash enters a closed period."""
    statements: dict[str, str] = {}
    for table in metadata.sorted_tables:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table.name}_no_{verb.lower()}"
            statements[name] = (
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table.name}" '
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table.name}'); END"
            )
        name = f"{table.name}_no_replace"
        statements[name] = _no_replace(name, table)
    for table_name, day in CASH_TABLES.items():
        name = f"{table_name}_open_period"
        closed = (
            "coalesce((SELECT closed_through FROM period_events WHERE company_id = {} "
            "ORDER BY event_key DESC LIMIT 1), '')"
        )
        statements[name] = (
            f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table_name}" '
            f"WHEN NEW.{day} <= max({closed.format('NEW.company_id')}, {closed.format(repr(''))}) "
            f"BEGIN SELECT RAISE(ABORT, 'period-closed: {table_name}'); END"
        )
    return statements


def _no_replace(name: str, table: Table) -> str:
    """INSERT OR REPLACE deletes without telling the delete trigger, but where a connection asks for it."""
    keys = [[column.name for column in table.primary_key.columns]]
    keys += [
        [column.name for column in constraint.columns]
        for constraint in sorted(table.constraints, key=lambda one: str(one.name))
        if isinstance(constraint, UniqueConstraint)
    ]
    exists = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{table.name}" WHERE '
        + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        + ")"
        for key in keys
    )
    return (
        f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table.name}" WHEN {exists} '
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table.name}'); END"
    )


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor inside this transaction."""
    return connection.connection.cursor()
