"""One business action, one transaction, one audit row: every write to the book goes through here.

A :class:`Posting` gives rows their key, their instant, the audit entry's number and their hash. When the
action ends, the entry that lists how many rows it put into which table, and the hash over them, is chained
to the entry before it. An action that writes nothing leaves no entry.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Select, Text, func, select

from ..errors import PostingRefusedError
from .appended import Appended, Block, Rows, blocks_of, completed
from .canonical import HASH_VERSION, canonical_json, content_sha256
from .columns import Column
from .dialect import Dialect
from .opened import Book, microseconds
from .schema import audit, metadata, operations

GENESIS = "0" * 64
_MICROSECOND = 1


@dataclass
class Posting:
    """An action under way: insert rows, note what it was about, read inside the same lock."""

    dialect: Dialect
    connection: Connection
    action: str
    who: str
    seq: int
    recorded_at: int
    previous_hash: str
    subject: dict[str, object] = field(default_factory=dict)
    #: What has gone into each table so far.
    appended: dict[str, Appended] = field(default_factory=dict)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> range:
        """Append raw rows in the order given; integer keys are numbered here and returned as a range."""
        types = metadata.tables[table].c
        plain = zip(*rows, strict=True) if rows else [()] * len(columns)
        given = {
            name: Rows(values, isinstance(types[name].type, Text))
            for name, values in zip(columns, plain, strict=True)
        }
        return self.insert_columns(table, given, len(rows))

    def insert_columns(self, table: str, columns: Mapping[str, Column], count: int) -> range:
        """The same for many rows, given as columns: they become rows a block at a time."""
        target = metadata.tables[table]
        own_key = target.primary_key.columns.values()[0].name
        is_numbered = own_key not in columns
        first = self.next_key(table) if is_numbered and count else 1
        if count:
            filled = completed(
                target, columns, count, first=first if is_numbered else None,
                trail=(self.recorded_at, self.seq),
            )  # fmt: skip
            told = self.appended.setdefault(table, Appended(is_numbered))
            names = [column.name for column in target.columns]
            self.dialect.append_blocks(self.connection, target, names, blocks_of(filled, count, told))
        return range(first, first + count)

    def next_key(self, table: str) -> int:
        """The number the next row of this table gets; safe, for one writer at a time holds the lock."""
        key = metadata.tables[table].primary_key.columns.values()[0]
        return int(self.connection.execute(select(func.coalesce(func.max(key), 0))).scalar_one()) + 1

    def is_repeat(self, operation_id: str, content: object) -> bool:
        """Whether this operation was already done; the same id with other content is refused.

        A new one is entered, so the caller goes on to do it in this transaction.
        """
        if not operation_id:
            raise PostingRefusedError("operation-without-id", action=self.action)
        wanted = content_sha256(content)
        known = self.connection.execute(
            select(operations.c.content_sha256).where(operations.c.operation_id == operation_id)
        ).scalar()
        if known is None:
            self.insert(
                "operations",
                ["operation_id", "action", "content_sha256"],
                [(operation_id, self.action, wanted)],
            )
            return False
        if known != wanted:
            raise PostingRefusedError("operation-id-reused", operation=operation_id)
        return True

    def rows(self, query: Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
        """Plain tuples, read under the lock."""
        return [tuple(row) for row in self.connection.execute(query).all()]

    def finish(self) -> None:
        """Chain the audit entry; without rows there is nothing to audit."""
        if not self.appended:
            return
        tables = {table: appended.told() for table, appended in self.appended.items()}
        payload = canonical_json({"subject": self.subject, "tables": tables})
        values = (HASH_VERSION, self.recorded_at, self.who, self.action, payload, self.previous_hash)
        entry = Block.of_row([self.seq, *values], mark=entry_hash(self.seq, *values))
        self.dialect.append_blocks(self.connection, audit, [column.name for column in audit.columns], [entry])


def entry_hash(
    seq: int, version: int, recorded_at: int, who: str, action: str, payload: str, previous_hash: str
) -> str:
    """The hash of an audit entry, the previous one's among what it covers."""
    return content_sha256([seq, version, recorded_at, who, action, payload, previous_hash])


class _Undo(Exception):  # noqa: N818 - not an error: a trial that leaves the book as it was
    pass


@contextlib.contextmanager
def writing(
    book: Book,
    action: str,
    *,
    who: str = "",
    is_trial: bool = False,
    as_owner: bool = False,
) -> Iterator[Posting]:
    """A transaction that commits with its audit row, or not at all; ``is_trial`` undoes it at the end.

    All rows bear one instant, later than every instant in the book, even where the clock went back.
    ``as_owner``: an upgrade changes tables too.
    """
    with contextlib.suppress(_Undo), book.writing_connection(as_owner=as_owner) as connection:
        last = connection.execute(
            select(audit.c.seq, audit.c.recorded_at, audit.c.entry_hash).order_by(audit.c.seq.desc()).limit(1)
        ).first()
        seq, recorded_at, previous = (0, 0, GENESIS) if last is None else last
        instant = max(microseconds(book.clock()), int(recorded_at) + _MICROSECOND)
        posting = Posting(book.dialect, connection, action, who, int(seq) + 1, instant, str(previous))
        yield posting
        posting.finish()
        if is_trial:
            raise _Undo
