"""Backups and their return: one file that is a book itself, made while others read and write, and proved.

A backup of a book in a server is a SQLite book too, so it can be opened, verified and restored anywhere; the
rows, their hashes and the audit chain are the same on both databases. A file gets its name only when its
copy has been verified, and no file is ever overwritten.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from ..errors import (
    BookBusyError,
    MissingBookError,
    ParameterRefusedError,
    PostingRefusedError,
    WorkbenchError,
)
from . import schema
from .audit import Check, examine, verify
from .contents import counts, has_book, head_in, rows_in, tables_in, version_in
from .dialect import Dialect, dialect_of
from .dialect_sqlite import SQLite
from .files import complete, file_sha256, part_of
from .migrations import revisions
from .opened import Book, Clock, utc_now


@dataclass(frozen=True)
class BackedUp:
    """A file that holds a book: what was in it, and the head of its audit chain, to be kept elsewhere."""

    file: str
    sha256: str
    bytes: int
    made_at: str
    schema_version: int
    tables: dict[str, int]
    anchor: dict[str, object]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Restored:
    """A book made from a backup: where, out of which file, and where an earlier book was moved to."""

    book: str
    file: str
    sha256: str
    schema_version: int
    tables: dict[str, int]
    anchor: dict[str, object]
    moved_aside: str = ""

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def back_up(book: Book, to: Path) -> BackedUp:
    """A verified copy of the book, of any schema, in the new file ``to``; in a folder, under a dated name.

    Beside it ``FILE.json`` says what the backup is. Others may read and write meanwhile; the copy is one
    state of the book. Raises :class:`ParameterRefusedError` where the file is there already, and
    :class:`WorkbenchError` where the copy does not prove: then the book itself has a fault.
    """
    if book.clusters is not None:  # who sees a part of the book takes no copy of all of it
        raise PostingRefusedError("book-read-only", book=book.dialect.place)
    now = book.clock()
    file = to / f"{Path(book.dialect.name).stem}-{now:%Y%m%dT%H%M%SZ}.sqlite" if to.is_dir() else to
    if file.exists():
        raise ParameterRefusedError("backup-exists", file=str(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    with part_of(file) as part:
        with book.dialect.translated():
            _copy(book, part)
        version, tables, head = _proved(part, "backup-not-proved", place=book.dialect.place)
        made = BackedUp(
            str(file),
            file_sha256(part),
            part.stat().st_size,
            f"{now:%Y-%m-%dT%H:%M:%SZ}",
            version,
            tables,
            head,
        )
        note = json.dumps(made.to_json() | {"file": file.name}, ensure_ascii=False, indent=1)
        _named(part, file, "backup-exists", note=note, file=str(file))
    return made


def restore(
    source: Path, url: str, *, clock: Clock = utc_now, move_aside: bool = False, busy_seconds: float = 10.0
) -> Restored:
    """The book of a backup at ``url``, where there is none or an empty one; proved before it has its name.

    ``move_aside`` moves a book that is there to a dated name beside it (a file), if nobody has it open; a
    server's database must be empty. Raises :class:`MissingBookError` for a file that is no sound backup and
    :class:`ParameterRefusedError` for a place that is taken; nothing is changed then.
    """
    if not source.is_file():
        raise MissingBookError("backup-missing", file=str(source))
    sha256 = file_sha256(source)
    noted(source, sha256)
    dialect = dialect_of(url)
    if isinstance(dialect, SQLite):
        return _restore_file(source, sha256, dialect, clock(), move_aside=move_aside)
    _proved(source, "backup-damaged", place=str(source))
    book = Book(url, dialect.engine(busy_seconds=busy_seconds), dialect, clock)
    try:
        with dialect.translated():
            if not dialect.is_empty(book.engine):
                raise ParameterRefusedError("restore-place-taken", book=dialect.place)
            dialect.make_ready(book.engine)
        with (
            _plain(source) as held,
            held.reading() as reader,
            book.writing_connection(as_owner=True) as writer,
        ):
            if has_book(writer):  # another restore was quicker
                raise ParameterRefusedError("restore-place-taken", book=dialect.place)
            fill(reader, dialect, writer)
            version, tables, head = version_in(writer), counts(writer, tables_in(writer)), head_in(writer)
            _require(examine(dialect, writer, tables_in(writer)), "backup-damaged", place=str(source))
    finally:
        book.close()
    return Restored(dialect.place, str(source), sha256, version, tables, head)


def fill(reader: Connection, dialect: Dialect, writer: Connection) -> None:
    """All rows of a book, with their hashes and the audit chain, into tables made anew; then the guards."""
    revisions.run(writer, after=0, through=version_in(reader))
    found = tables_in(reader)
    for table in found.sorted_tables:
        names = [column.name for column in table.columns]
        for rows in rows_in(reader, table):
            dialect.append(writer, table, names, rows)
    dialect.guard(writer, tables_in(writer))


def _copy(book: Book, part: Path) -> None:
    """SQLite copies its own file in one transaction; of a server's book the rows are taken over."""
    if isinstance(book.dialect, SQLite):
        raw = book.engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM INTO ?", (str(part),))
        finally:
            raw.close()
        return
    with _plain(part) as copy, book.reading() as reader, copy.writing_connection(as_owner=True) as writer:
        fill(reader, copy.dialect, writer)


def _restore_file(
    source: Path, sha256: str, dialect: SQLite, now: dt.datetime, *, move_aside: bool
) -> Restored:
    path = dialect.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with part_of(path) as part:
        try:
            with contextlib.closing(
                sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
            ) as held:
                held.execute("VACUUM INTO ?", (str(part),))
        except sqlite3.DatabaseError as error:
            raise MissingBookError(
                "backup-damaged", file=str(source), check="file", fault=str(error)
            ) from error
        version, tables, head = _proved(part, "backup-damaged", place=str(source))
        with _plain(part) as book, dialect.translated():
            book.dialect.make_ready(book.engine)
        moved = _vacated(dialect, path, now, move_aside=move_aside)
        _named(part, path, "restore-place-taken", book=dialect.place)
    return Restored(dialect.place, str(source), sha256, version, tables, head, moved)


def _named(part: Path, place: Path, rule: str, *, note: str = "", **values: object) -> None:
    try:
        complete(part, place, note=note)
    except FileExistsError:
        raise ParameterRefusedError(rule, **values) from None


def _vacated(dialect: SQLite, path: Path, now: dt.datetime, *, move_aside: bool) -> str:
    """Make the place free: a book with data is moved aside only when asked, and never while it is open."""
    if not path.exists() or path.stat().st_size == 0:
        path.unlink(missing_ok=True)  # a file of no bytes
        return ""
    if not move_aside and not _has_only_begun(path):
        raise ParameterRefusedError("restore-place-taken", book=dialect.place)
    with dialect.translated(), contextlib.closing(sqlite3.connect(path, timeout=2)) as own:
        # Only a connection that is alone may leave WAL: afterwards the book is this one file.
        if own.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
            raise BookBusyError(book=dialect.place)
    aside = path.with_name(f"{path.stem}-moved-{now:%Y%m%dT%H%M%S%fZ}{path.suffix}")
    os.link(path, aside)
    path.unlink()
    return str(aside)


def _has_only_begun(path: Path) -> bool:
    """Whether nothing but the book's own making stands in it."""
    with contextlib.suppress(WorkbenchError), _plain(path) as book, book.reading() as connection:
        return [str(one) for one in connection.execute(select(schema.audit.c.action)).scalars()] == [
            "book-made"
        ]
    return False


def _proved(file: Path, rule: str, *, place: str) -> tuple[int, dict[str, int], dict[str, object]]:
    """Schema, rows and chain's head of a file that verifies as a book; else the rule with the first fault."""
    try:
        with _plain(file) as book:
            with book.reading() as connection:
                if not has_book(connection):
                    raise MissingBookError("backup-not-a-book", file=place)
                version, tables = version_in(connection), tables_in(connection)
                if version > schema.SCHEMA_VERSION:
                    raise MissingBookError(
                        "book-newer", book=place, version=version, known=schema.SCHEMA_VERSION
                    )
                told = version, counts(connection, tables), head_in(connection)
                if version < schema.SCHEMA_VERSION:
                    _require(examine(book.dialect, connection, tables), rule, place=place)
            if version == schema.SCHEMA_VERSION:
                _require(verify(book), rule, place=place)
    except sqlite3.DatabaseError as error:
        raise MissingBookError(rule, file=place, check="file", fault=str(error)) from error
    return told


def _require(checks: list[Check], rule: str, *, place: str) -> None:
    broken = next((one for one in checks if not one.ok), None)
    if broken is not None:
        kind = WorkbenchError if rule == "backup-not-proved" else MissingBookError
        raise kind(rule, file=place, check=broken.check, fault=broken.first_fault)


def noted(file: Path, sha256: str = "") -> BackedUp | None:
    """What ``FILE.json`` says of a backup; ``None`` where no such note is left.

    Raises :class:`MissingBookError` where the file is no longer the one that was noted.
    """
    try:
        told = json.loads(Path(f"{file}.json").read_text(encoding="utf-8"))
        made = BackedUp(**told | {"file": str(file)})
    except (FileNotFoundError, ValueError, TypeError):
        return None
    sha256 = sha256 or file_sha256(file)
    if made.sha256 != sha256:
        raise MissingBookError("backup-damaged", file=str(file), check="sha256", fault=sha256)
    return made


@contextlib.contextmanager
def _plain(file: Path) -> Iterator[Book]:
    """The file as a book of whatever schema; nothing is made, and the file's journal stays what it is."""
    dialect = dialect_of(f"sqlite:///{file}")
    book = Book(dialect.url, dialect.engine(busy_seconds=2), dialect)
    try:
        with dialect.translated():
            yield book
    finally:
        book.close()
