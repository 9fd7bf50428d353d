"""The open book: where it is, who reads and writes, and what they may see."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from types import TracebackType

from sqlalchemy import Connection, Engine, inspect, select

from ..errors import MissingBookError, PostingRefusedError
from .dialect import Dialect, dialect_of
from .schema import SCHEMA_VERSION, audit, metadata, settings

Clock = Callable[[], dt.datetime]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def utc_now() -> dt.datetime:
    """The clock of a book that was given none."""
    return dt.datetime.now(dt.UTC)


def microseconds(instant: dt.datetime) -> int:
    """An instant as the book stores it: whole microseconds since 1970, UTC."""
    return (instant.astimezone(dt.UTC) - EPOCH) // dt.timedelta(microseconds=1)


def instant_of(stored: int) -> dt.datetime:
    """The stored integer as an instant again."""
    return EPOCH + dt.timedelta(microseconds=int(stored))


@dataclass(frozen=True)
class Book:
    """An open book. A view made by :meth:`scoped` sees its clusters' customers and writes nothing.

    Use it as a context manager, or call :meth:`close`. Between reads and writes nothing is locked, so a book
    may stay open for days; the files beside it (-wal, -shm) are part of it until it is closed.
    """

    url: str
    engine: Engine
    dialect: Dialect
    clock: Clock = utc_now
    clusters: frozenset[str] | None = None

    def scoped(self, clusters: Collection[str]) -> Book:
        """The same book, showing only customers of these clusters; no cluster shows no customer at all."""
        wanted = frozenset(clusters)
        return replace(self, clusters=wanted if self.clusters is None else self.clusters & wanted)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the book."""
        with self.dialect.translated(), self.engine.connect() as connection:
            reader = self.dialect.begin_reading(connection)
            with reader.begin():
                self.dialect.as_reader(reader)
                yield reader

    @contextlib.contextmanager
    def writing_connection(self, *, as_owner: bool = False) -> Iterator[Connection]:
        """A connection that holds the book's write lock from its first statement to its commit.

        It may read and append, no more; ``as_owner`` (to make, upgrade or restore) also what the login may.
        """
        if self.clusters is not None:
            raise PostingRefusedError("book-read-only", book=self.dialect.place)
        with self.dialect.translated(), self.engine.connect() as connection:
            writer = self.dialect.begin_writing(connection)
            with writer.begin():
                self.dialect.lock(writer, as_owner=as_owner)
                yield writer

    def latest_instant(self) -> dt.datetime:
        """When the newest fact was recorded. As known at this instant is as known now, whatever the clock."""
        with self.reading() as connection:
            last = connection.execute(
                select(audit.c.recorded_at).order_by(audit.c.seq.desc()).limit(1)
            ).scalar()
        return instant_of(last or 0)

    def setting(self, name: str, default: str = "") -> str:
        """The latest value of a setting, such as ``as_of``."""
        newest = (
            select(settings.c.value).where(settings.c.name == name).order_by(settings.c.setting_key.desc())
        )
        with self.reading() as connection:
            value = connection.execute(newest.limit(1)).scalar()
        return default if value is None else str(value)

    def worries(self) -> list[str]:
        """Rules of what is not as safe as it could be in the rights of whoever opened the book."""
        with self.reading() as connection:
            return self.dialect.worries(connection)

    def renew_guards(self) -> list[str]:
        """Triggers and roles as this program says, where they are not; gives the worries that stay.

        Only who owns the book can: for others it stays as it is.
        """
        with contextlib.suppress(MissingBookError), self.writing_connection(as_owner=True) as connection:
            self.dialect.guard(connection, metadata)
        self.close()  # a connection knows its rights from when it was opened
        return self.worries()

    def close(self) -> None:
        """Let go of the file, or of the server's connections."""
        self.engine.dispose()

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_book(url: str, *, create: bool = False, clock: Clock = utc_now, busy_seconds: float = 10.0) -> Book:
    """The book at ``sqlite:///path`` or ``postgresql://…``; with ``create`` a new one where there is none.

    ``clock`` gives the instant that is recorded with each fact (tests pass their own). A writer waits
    ``busy_seconds`` for another one, then :class:`BookBusyError`. :class:`MissingBookError` where there is no
    book, the place holds something else, or it was made by a newer workbench.
    """
    book, is_new = _at(url, clock, busy_seconds)
    if is_new and not create:
        raise MissingBookError(book=book.dialect.place)
    if is_new:
        _make(book)
    _check_version(book)
    return book


def open_as_is(url: str, *, clock: Clock = utc_now, busy_seconds: float = 10.0) -> Book:
    """The book of whatever schema, to be backed up or upgraded; its figures need :func:`open_book`."""
    book, is_new = _at(url, clock, busy_seconds)
    if is_new:
        raise MissingBookError(book=book.dialect.place)
    with book.reading() as connection:
        if not _has_tables(connection):
            raise MissingBookError("book-not-a-book", book=book.dialect.place)
    return book


def _at(url: str, clock: Clock, busy_seconds: float) -> tuple[Book, bool]:
    """The place as a book, and whether nothing is there yet."""
    dialect = dialect_of(url)
    with dialect.translated():
        engine = dialect.engine(busy_seconds=busy_seconds)
        return Book(url, engine, dialect, clock), dialect.is_empty(engine)


def _make(book: Book) -> None:
    """All tables and triggers, or none: two that start at once make one book."""
    with book.dialect.translated():
        book.dialect.make_ready(book.engine)
    with book.writing_connection(as_owner=True) as connection:
        if _has_tables(connection):
            return
        book.dialect.make(connection, metadata)
    book.close()  # a connection knows its rights from when it was opened
    _begin(book)


def _begin(book: Book) -> None:
    """The book's first entry, which says its schema."""
    from .transactions import writing

    with writing(book, "book-made") as posting:
        if posting.seq == 1:
            posting.insert("settings", ["name", "value"], [("schema_version", str(SCHEMA_VERSION))])


def _has_tables(connection: Connection) -> bool:
    return connection.dialect.has_table(connection, "audit")


def _check_version(book: Book) -> None:
    with book.reading() as connection:
        if not _has_tables(connection):
            raise MissingBookError("book-not-a-book", book=book.dialect.place)
    version = int(book.setting("schema_version", "0"))
    if not version and _is_whole(book):  # who made it was killed between its tables and its first entry
        _begin(book)
        version = int(book.setting("schema_version", "0"))
    if version > SCHEMA_VERSION:
        raise MissingBookError("book-newer", book=book.dialect.place, version=version, known=SCHEMA_VERSION)
    if version < SCHEMA_VERSION:
        raise MissingBookError("book-older", book=book.dialect.place, version=version, known=SCHEMA_VERSION)


def _is_whole(book: Book) -> bool:
    with book.reading() as connection:
        return metadata.tables.keys() <= set(inspect(connection).get_table_names())
