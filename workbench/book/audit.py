"""The audit chain and what ``workbench verify`` checks: the book holds what was put in, and nothing else.

Each business action has one entry: who, when, what, how many rows of which tables and a hash over them,
chained to the entry before. A chain alone does not show that its tail was cut or all of it rewritten, so
:func:`anchor` (count and head) is kept elsewhere: in each run's manifest, in what a customer signs.
``workbench verify`` takes the anchors from the manifests in its outputs' folder (``runs.anchors``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, MetaData, make_url, select

from . import schema
from .canonical import content_sha256
from .checks import sound_figures
from .contents import rows_in
from .dialect import Dialect
from .opened import Book
from .rows_found import RowsFound
from .transactions import GENESIS, entry_hash


@dataclass(frozen=True)
class Anchor:
    """How many audit entries there were, and the hash of the last one.

    ``first`` and ``place`` tell whose they are: the hash of the first entry, and of where the book stands. A
    book rewritten whole where it stands keeps its place, one copied elsewhere keeps its first entry.
    """

    count: int
    head: str
    first: str = ""
    place: str = ""

    def is_of(self, book: Anchor) -> bool:
        """Whether this was once the anchor of the book whose anchor is given."""
        return self.place == book.place or (self.first == book.first != GENESIS)


@dataclass(frozen=True)
class Check:
    """One thing looked at: how many were looked at, whether all is well, and the first that is not."""

    check: str
    count: int
    ok: bool
    first_fault: str

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def anchor(book: Book) -> Anchor:
    """To be kept outside the book."""
    own = schema.audit.c
    entries = select(own.seq, own.entry_hash)
    with book.reading() as connection:
        last = connection.execute(entries.order_by(own.seq.desc()).limit(1)).first()
        first = connection.execute(entries.order_by(own.seq).limit(1)).first()
    if last is None or first is None:
        return Anchor(0, GENESIS, GENESIS, _place(book))
    return Anchor(int(last[0]), str(last[1]), str(first[1]), _place(book))


def _place(book: Book) -> str:
    """Where the book stands, without a word of user or password, as a hash: manifests are shown around."""
    url = make_url(book.url)
    is_file = url.get_backend_name() == "sqlite"
    where = (
        [str(Path(str(url.database)).resolve())]
        if is_file
        else [str(url.host or url.query.get("host")), str(url.port or 5432), str(url.database)]
    )
    return content_sha256([url.get_backend_name(), *where])


def verify(book: Book, *, anchors: Iterable[Anchor] = ()) -> list[Check]:
    """Every check; ``anchors`` are earlier ones kept elsewhere, which the chain must still pass."""
    with book.reading() as connection:
        checks = examine(book.dialect, connection, schema.metadata, anchors=anchors)
        checks += [_check(name, count, faults) for name, count, faults in sound_figures(connection)]
    return checks


def examine(
    dialect: Dialect, connection: Connection, metadata: MetaData, *, anchors: Iterable[Anchor] = ()
) -> list[Check]:
    """The checks that hold of the tables of any schema, in a transaction under way."""
    entries = [tuple(row) for row in connection.execute(select(schema.audit).order_by(schema.audit.c.seq))]
    checks = [_chain(entries), _anchors(entries, list(anchors)), *_rows(connection, metadata, entries)]
    checks.append(
        _check("triggers", dialect.trigger_count(metadata), dialect.missing_triggers(connection, metadata))
    )
    checks.append(_check("file", 1, dialect.damage(connection, metadata)))
    return checks


def _check(name: str, count: int, faults: Iterable[str]) -> Check:
    first = next(iter(faults), "")
    return Check(name, count, not first, first)


def _chain(entries: list[tuple[object, ...]]) -> Check:
    """Numbers without a gap, each entry's hash right and resting on the one before."""
    return _check("audit-chain", len(entries), _chain_faults(entries))


def _chain_faults(entries: list[tuple[object, ...]]) -> Iterator[str]:
    previous = GENESIS
    for number, entry in enumerate(entries, start=1):
        if entry[0] != number:
            yield f"audit {number}"
        if entry[6] != previous or entry_hash(*entry[:7]) != entry[7]:  # type: ignore[arg-type]  # STRICT types
            yield f"audit {entry[0]}"
        previous = str(entry[7])


def _anchors(entries: list[tuple[object, ...]], anchors: list[Anchor]) -> Check:
    heads = {0: GENESIS} | {int(str(entry[0])): str(entry[7]) for entry in entries}
    faults = (f"audit {one.count}" for one in anchors if heads.get(one.count) != one.head)
    return _check("audit-anchors", len(anchors), faults)


def _rows(connection: Connection, metadata: MetaData, entries: list[tuple[object, ...]]) -> list[Check]:
    """Each table against its rows' own hashes and against what the audit entries say of it."""
    said: dict[str, dict[int, dict[str, object]]] = defaultdict(dict)
    versions = {int(str(entry[0])): int(str(entry[1])) for entry in entries}
    for entry in entries:
        for name, facts in _told(str(entry[5])).items():
            said[name][int(str(entry[0]))] = facts
    checks = []
    for table in metadata.sorted_tables:
        if table.name != "audit":
            rows = RowsFound(table, versions)
            for part in rows_in(connection, table):
                rows.look_at(part)
            checks.append(_check(f"rows-{table.name}", rows.count, rows.faults(said[table.name])))
    return checks


def _told(payload: str) -> dict[str, dict[str, object]]:
    """What an entry says of each table; nothing where it was made unreadable: the chain's check names it."""
    try:
        tables = json.loads(payload)["tables"]
        return {table: {name: facts[name] for name in _FACTS} for table, facts in tables.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}


_FACTS = ("first_key", "last_key", "rows", "sha256")
