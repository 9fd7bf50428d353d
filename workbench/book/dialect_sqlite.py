"""What only SQLite can do: STRICT tables, the body of its triggers, BEGIN IMMEDIATE, its files and locks.

Tried (TRUST, fact 1): SQLAlchemy's default on SQLite lets two processes over-apply a receipt, because the
driver sends no BEGIN before the SELECT. So the driver's own transactions are off and every writer begins
IMMEDIATE: it holds the book's one write lock before it reads what it checks.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, UniqueConstraint, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from ..errors import BookBusyError, MissingBookError, PeriodClosedError, PostingRefusedError, WorkbenchError
from .schema import CASH_TABLES

IS_WRITER = "workbench_is_writer"


def path_of(url: str) -> Path:
    """The file of ``sqlite:///path``; a book is always a file, never memory."""
    return Path(url.removeprefix("sqlite:///"))


def make_engine(url: str, *, busy_seconds: float) -> Engine:
    """Writers begin IMMEDIATE. A connection serves one thread at a time; a forked process makes its own."""
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON", "trusted_schema=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writer = connection.get_execution_options().get(IS_WRITER, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN DEFERRED")

    return engine


def use_wal(engine: Engine) -> None:
    """Readers go on while one writes; the setting stays in the file."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


def make_strict(metadata: MetaData) -> None:
    """STRICT: a text in a money column is refused rather than turned into a number."""
    for table in metadata.tables.values():
        table.dialect_options["sqlite"]["strict"] = True


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


def missing_triggers(connection: Connection, metadata: MetaData) -> list[str]:
    """Triggers that are gone or read otherwise than we made them."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    present = {str(name): str(sql) for name, sql in rows}
    wanted = trigger_statements(metadata)
    return [name for name, statement in wanted.items() if present.get(name) != statement]


def damage(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong in the file: pages, indexes, rows that point nowhere."""
    lines = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
    faults = [str(line) for line in lines if line != "ok"]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10)
    return faults + [f"{row[0]} {row[1]} → {row[2]}" for row in broken]


@contextlib.contextmanager
def translated(url: str) -> Iterator[None]:
    """SQLite's own errors as ours, so a person reads what happened and what to do."""
    try:
        yield
    except (OperationalError, IntegrityError, DatabaseError) as error:
        raise _ours(str(error.orig), url) or error from error
    except sqlite3.Error as error:
        raise _ours(str(error), url) or error from error


def _ours(message: str, url: str) -> WorkbenchError | None:
    book = str(path_of(url))
    if "database is locked" in message or "database table is locked" in message:
        return BookBusyError(book=book)
    if message.startswith("period-closed"):
        return PeriodClosedError("period-closed-posting", table=message.split(": ")[1])
    if message.startswith("append-only"):
        return PostingRefusedError("ledger-append-only", table=message.split(": ")[1])
    if "file is not a database" in message or "unable to open database" in message:
        return MissingBookError("book-not-a-book", book=book)
    if "readonly database" in message:
        return PostingRefusedError("book-read-only", book=book)
    return None


def compiled_insert(connection: Connection, table: Table, columns: list[str]) -> str:
    """A statement for raw rows in the order of ``columns``."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks(len(columns))})'


def marks(count: int) -> str:
    """As many placeholders as the driver wants them written."""
    return ", ".join("?" * count)


def raw_cursor(connection: Connection) -> Any:
    """The driver's own cursor inside this transaction."""
    return connection.connection.cursor()
