"""What each database does its own way, behind one interface; the rest of the book is portable SQL.

Whatever the database, one rule holds: **a writer holds the book's one write lock from before its first read
until it commits.** So what it checked still holds when it writes, the audit chain has one order, and nothing
need be tried again. Readers never wait.
"""

from __future__ import annotations

import abc
import contextlib
import os
import re
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ..errors import MissingBookError
from .appended import Block


@dataclass(frozen=True)
class RunHolder:
    """Who runs a company's month: '' is all companies; ``since`` in whole seconds since 1970, UTC."""

    period: str
    company: str
    who: str
    machine: str
    pid: int
    since: int


class Dialect(abc.ABC):
    """One kind of database. ``url`` is the book's; nothing here is open until :meth:`engine` is asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    @abc.abstractmethod
    def place(self) -> str:
        """Where the book is, as a person may read it: never with a password."""

    @property
    @abc.abstractmethod
    def shown_url(self) -> str:
        """The address as it may be printed: never with a password."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The last part of the place: the file's or the database's name."""

    @abc.abstractmethod
    def is_empty(self, engine: Engine) -> bool:
        """Whether there is nothing yet at the place, so that a book may be made there."""

    @abc.abstractmethod
    def engine(self, *, busy_seconds: float) -> Engine:
        """An engine whose connections wait so long for another writer, and no longer."""

    @abc.abstractmethod
    def make(self, connection: Connection, metadata: MetaData) -> None:
        """All tables and triggers, inside the writer's transaction."""

    @abc.abstractmethod
    def guard(self, connection: Connection, metadata: MetaData) -> None:
        """What guards these tables (triggers and what they call), as this program says it, where it is not.

        Inside the writer's transaction; an upgrade and a restore call it once their tables and rows stand.
        """

    @abc.abstractmethod
    def make_ready(self, engine: Engine) -> None:
        """Before the tables are made: what cannot be done inside a transaction."""

    @abc.abstractmethod
    def begin_reading(self, connection: Connection) -> Connection:
        """The connection whose transaction will see one state of the book, and change nothing."""

    @abc.abstractmethod
    def as_reader(self, connection: Connection) -> None:
        """In the transaction just begun: no more rights than a reader needs."""

    @abc.abstractmethod
    def begin_writing(self, connection: Connection) -> Connection:
        """The connection that will hold the write lock once its transaction begins."""

    @abc.abstractmethod
    def lock(self, connection: Connection, *, as_owner: bool) -> None:
        """In the transaction just begun: take the write lock, with no more rights than a writer needs.

        ``as_owner`` keeps the login's own rights: who makes, upgrades or restores a book changes tables.
        """

    @abc.abstractmethod
    def worries(self, connection: Connection) -> list[str]:
        """Rules of what is not as safe as it could be in the rights of whoever opened the book."""

    @abc.abstractmethod
    def hold_run(self, holder: RunHolder) -> contextlib.AbstractContextManager[None]:
        """Hold a company's month against runs on other machines; :class:`RunLockedError` says who has it.

        Nothing where the book is a file: the lock file beside it does (``runs.locks``).
        """

    @abc.abstractmethod
    def append(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Raw rows into a table, values in the order of ``columns``, by the fastest way the driver has."""

    @abc.abstractmethod
    def append_blocks(
        self, connection: Connection, table: Table, columns: Sequence[str], blocks: Iterable[Block]
    ) -> None:
        """The same for rows that come in blocks, whole and hashed."""

    @abc.abstractmethod
    def existing(
        self,
        connection: Connection,
        table: Table,
        key_columns: Sequence[str],
        keys: Sequence[Sequence[object]],
        fetch: Sequence[str],
    ) -> list[tuple[Any, ...]]:
        """For each of ``keys`` that the table holds: its position, then the columns to ``fetch``."""

    @abc.abstractmethod
    def trigger_count(self, metadata: MetaData) -> int:
        """How many triggers guard the book."""

    @abc.abstractmethod
    def missing_triggers(self, connection: Connection, metadata: MetaData) -> list[str]:
        """Triggers that are gone or read otherwise than we made them."""

    @abc.abstractmethod
    def damage(self, connection: Connection, metadata: MetaData) -> list[str]:
        """What the database itself finds wrong with what it stores of these tables."""

    @abc.abstractmethod
    def translated(self) -> contextlib.AbstractContextManager[None]:
        """The driver's errors as ours, so a person reads what happened and what to do."""


_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _leave_to_parent() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def safe_in_forks(engine: Engine) -> Engine:
    """The engine, which in a forked process opens connections of its own: one socket serves one process."""
    _engines.add(engine)
    return engine


def dialect_of(url: str) -> Dialect:
    """The dialect that a book's URL names; :class:`MissingBookError` for any other."""
    if url.startswith("sqlite:///") and url != "sqlite:///" and "?" not in url:
        from .dialect_sqlite import SQLite

        return SQLite(url)
    if url.startswith(("postgresql://", "postgresql+psycopg://")) and _is_sound(url):
        from .dialect_postgresql import PostgreSQL

        return PostgreSQL(url)
    raise MissingBookError("book-url-unknown", book=_without_password(url))


def _is_sound(url: str) -> bool:
    """Whether it parses; an ``@`` left in the machine's name is one of a password, not written as ``%40``."""
    try:
        return "@" not in (make_url(url).host or "")
    except (ArgumentError, ValueError):
        return False


def _without_password(url: str) -> str:
    """What somebody wrote as an address, which may be none, with nothing of a password left in it."""
    login, sign, rest = url.rpartition("@")
    shown = re.sub(r"(://[^:]*):.*", r"\1:***", login, flags=re.DOTALL) + sign + rest
    return re.sub(r"(pass\w*\s*=\s*)('[^']*'|[^&\s]*)", r"\1***", shown, flags=re.IGNORECASE)


def shown_url(url: str) -> str:
    """The address of a book as it may be printed: never with a password."""
    return dialect_of(url).shown_url


def name_of(url: str) -> str:
    """The book's file or database, without where it is."""
    return dialect_of(url).name


def hold_run(url: str, holder: RunHolder) -> contextlib.AbstractContextManager[None]:
    """Hold a company's month of that book against runs on other machines; see :meth:`Dialect.hold_run`."""
    return dialect_of(url).hold_run(holder)
