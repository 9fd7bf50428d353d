"""A book of an older schema brought to this program's: after a backup, in one transaction, proved or undone.

Whoever is killed midway leaves the old book, because nothing is visible before the commit; the next upgrade
finds the backup that was made and goes on. It is asked for (``workbench upgrade``) and never happens by the
way: a book that several machines share must not become unreadable for the others because one was updated.
"""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import Connection, MetaData

from ...errors import MissingBookError, WorkbenchError
from .. import schema
from ..audit import examine
from ..backups import BackedUp, back_up, noted
from ..contents import Content, contents, head_in, tables_in, version_in
from ..dialect_sqlite import SQLite
from ..opened import Book, Clock, open_as_is, utc_now
from ..transactions import writing
from . import revisions


@dataclass(frozen=True)
class Upgraded:
    """From which schema to which, the backup made before, what was compared; equal if nothing was done."""

    book: str
    from_version: int
    to_version: int
    backup: BackedUp | None = None
    tables: dict[str, Content] = field(default_factory=dict)
    new_tables: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def upgrade(
    url: str,
    *,
    backups: Path | None = None,
    who: str = "",
    clock: Clock = utc_now,
    busy_seconds: float = 10.0,
) -> Upgraded:
    """Bring the book to this program's schema; nothing is done where it has it.

    ``backups`` is the folder of the backup made before: beside a book's file, ``outputs`` for a server's.
    Raises :class:`WorkbenchError` (``upgrade-unsound``, ``upgrade-differs``), and leaves the book as it was,
    where it does not verify before or after, or its rows, sums or hashes differ.
    """
    book = open_as_is(url, clock=clock, busy_seconds=busy_seconds)
    dialect = book.dialect
    try:
        with book.reading() as connection:
            version = version_in(connection)
        if version > schema.SCHEMA_VERSION:
            raise MissingBookError(
                "book-newer", book=dialect.place, version=version, known=schema.SCHEMA_VERSION
            )
        if version == schema.SCHEMA_VERSION:
            return Upgraded(dialect.place, version, version)
        if backups is None:
            backups = dialect.path.parent if isinstance(dialect, SQLite) else Path("outputs")
        return _upgrade(book, backups, who)
    finally:
        book.close()


def _upgrade(book: Book, backups: Path, who: str) -> Upgraded:
    wanted = schema.SCHEMA_VERSION
    with writing(book, "book-upgraded", who=who, as_owner=True) as posting:
        connection = posting.connection
        version = version_in(connection)
        if version == wanted:  # another upgrade was quicker
            return Upgraded(book.dialect.place, version, version)
        past = tables_in(connection)
        _require_sound(book, connection, past)
        backup = _backed_up(book, backups, version, head_in(connection))
        before = contents(connection, past)
        revisions.run(connection, after=version)
        book.dialect.guard(connection, schema.metadata)
        _compare(before, contents(connection, past))
        _require_sound(book, connection, schema.metadata)
        posting.subject.update({"from": version, "to": wanted, "backup": backup.sha256})
        posting.insert("settings", ["name", "value"], [("schema_version", str(wanted))])
    new = tuple(sorted(schema.metadata.tables.keys() - past.tables.keys()))
    return Upgraded(book.dialect.place, version, wanted, backup, before, new)


def _require_sound(book: Book, connection: Connection, tables: MetaData) -> None:
    for check in examine(book.dialect, connection, tables):
        if not check.ok:
            raise WorkbenchError(
                "upgrade-unsound", book=book.dialect.place, check=check.check, fault=check.first_fault
            )


def _compare(before: Mapping[str, Content], after: Mapping[str, Content]) -> None:
    for table, held in before.items():
        holds = after[table]
        for what in ("rows", "sums", "sha256"):
            if getattr(held, what) != getattr(holds, what):
                raise WorkbenchError(
                    "upgrade-differs",
                    table=table,
                    what=what,
                    before=getattr(held, what),
                    after=getattr(holds, what),
                )


def _backed_up(book: Book, folder: Path, version: int, head: dict[str, object]) -> BackedUp:
    """The backup of this very state that an upgrade cut off has left, else a new one.

    Under the write lock nobody else upgrades this book, so parts of such backups are leftovers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{Path(book.dialect.name).stem}-schema-{version}"
    pattern = glob.escape(stem)
    for part in folder.glob(f".{pattern}-*.part*"):
        part.unlink(missing_ok=True)
    for file in sorted(folder.glob(f"{pattern}-*.sqlite")):
        with contextlib.suppress(WorkbenchError):
            made = noted(file)
            if made is not None and made.anchor == head:
                return made
    return back_up(book, folder / f"{stem}-{book.clock():%Y%m%dT%H%M%S%fZ}.sqlite")
