"""Faults planted on purpose, a few characters each, and the checks that must see them.

A fault is a change of the text of one function of the product, made in a forked child: what it changes is
gone with the child. Where the text is no longer there, planting fails, so no fault is tried in name only.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import random
import sqlite3
import sys
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import postgres_server
from book_world import (
    Clock,
    application,
    faults,
    import_items,
    import_lines,
    import_receipts,
    legs,
    raw,
)
from faults import test_kill_nine, test_races, test_tampering
from faults.book_machine import MACHINES
from faults.forked import END, fork, kill_at, tell_writes
from faults.walked import walk

from workbench import book as books
from workbench.book import read, schema
from workbench.book.postings import apply, close_through

Check = Callable[[Path], None]


@dataclass(frozen=True)
class Fault:
    """``place``: module:function or module:Class.method; ``old`` becomes ``new`` in its text."""

    name: str
    check: str
    place: str
    old: str
    new: str

    def plant(self) -> None:
        """In this process, for good, wherever the function was imported to."""
        module_name, _, path = self.place.partition(":")
        module = importlib.import_module(f"workbench.{module_name}")
        owner, _, name = path.rpartition(".")
        home: Any = getattr(module, owner) if owner else module
        before = inspect.getattr_static(home, name)
        text = textwrap.dedent(inspect.getsource(getattr(before, "__wrapped__", before)))
        assert self.old in text, f"{self.place} no longer says {self.old!r}: plant this fault anew"
        made: dict[str, Any] = {}
        code = "from __future__ import annotations\n" + text.replace(self.old, self.new)
        exec(compile(code, f"<planted: {self.name}>", "exec"), vars(module), made)
        for one in (
            [home] if owner else [m for n, m in list(sys.modules.items()) if n.startswith("workbench")]
        ):
            for key, value in list(vars(one).items()):
                if value is before:
                    setattr(one, key, made[name])


# Checks ------------------------------------------------------------------------------------------------


def machine(folder: Path) -> None:
    """The state machine along the route that passes every boundary."""
    walk(MACHINES["sqlite"]())


def made(folder: Path) -> books.Book:
    """A book made here and now, by what the code now says, with some of everything in it."""
    book = books.open_book(f"sqlite:///{folder / 'planted.sqlite'}", create=True, clock=Clock())
    import_items(book, {}, {"document_number": "2"})
    import_receipts(book, {}, {"receipt_id": "R2", "receipt_date": "2026-11-02"})
    import_lines(book, {}, {"line_id": "L2", "booking_date": "2026-11-03"})
    apply(book, legs(application("op", 1, 50_00)))
    apply(book, legs(application("op2", 2, 50_00, receipt_key=2, effective_date="2026-11-04")))
    return book


def walls(folder: Path) -> None:
    """What the database refuses by itself: twice the same key, a change, cash on the last closed day."""
    book = made(folder)
    close_through(book, "", dt.date(2026, 10, 31), who="ana")
    connection = raw(book)
    connection.execute("PRAGMA foreign_keys = OFF")
    for table in schema.metadata.sorted_tables:
        row = connection.execute(f'SELECT * FROM "{table.name}" LIMIT 1').fetchone()
        if row is None:
            continue
        key = table.primary_key.columns.values()[0].name
        _must_refuse(connection, f'UPDATE "{table.name}" SET "{key}" = "{key}"')
        _must_refuse(connection, f'DELETE FROM "{table.name}"')
    for table, columns in UNIQUE.items():
        names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        values = [
            f'"{name}"' if name in columns else ("999" if n == 0 else f'"{name}"')
            for n, name in enumerate(names)
        ]
        _must_refuse(connection, f'INSERT INTO "{table}" SELECT {", ".join(values)} FROM "{table}" LIMIT 1')
    for table, day in schema.CASH_TABLES.items():
        names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        new = {
            names[0]: "998",
            "receipt_id": "'X'",
            "line_id": "'X'",
            "application_id": "'X'",
            day: "'2026-10-31'",
        }
        source = f'"{table}"' if table != "reversals" else "(SELECT *, '' AS reason FROM applications)"
        values = [new.get(name, f'"{name}"') for name in names]
        _must_refuse(connection, f'INSERT INTO "{table}" SELECT {", ".join(values)} FROM {source} LIMIT 1')
    connection.close()


#: By the rule, not read from the schema, which may be what is at fault.
UNIQUE = {
    "documents": ("company_id", "fiscal_year", "document_type", "document_number", "item", "customer_scope"),
    "receipts": ("company_id", "account_id", "line_year", "receipt_id"),
    "bank_lines": ("company_id", "account_id", "line_year", "line_id"),
    "observations": ("document_key", "observed_date", "open_amount", "is_absent"),
}


def _must_refuse(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    except sqlite3.IntegrityError:
        return
    raise AssertionError(f"the database took: {statement}")


def verify(folder: Path) -> None:
    """A sound book passes every check of itself."""
    assert faults(made(folder)) == []


def cents(folder: Path) -> None:
    """Amounts beyond 2**53, where a float has no cents left, come back as they went in."""
    amount = 9_007_199_254_740_993
    book = made(folder)
    import_items(book, {"document_number": "big", "original_amount": amount, "open_amount": amount})
    import_receipts(book, {"receipt_id": "big", "received_amount": amount})
    apply(book, legs(application("big", 3, amount, receipt_key=5)))
    for name, column in (("documents", "original_amount"), ("observations", "open_amount"),
                         ("receipts", "received_amount"), ("applications", "applied_amount")):  # fmt: skip
        assert amount in getattr(read, name)(book)[column].tolist(), f"{name}.{column}"
    assert faults(book) == []


def race(folder: Path, database: str = "sqlite") -> None:
    """Four processes at the same receipts, made to meet: by chance alone a quick machine lets none."""
    test_races.race(folder, database, processes=4, count=24, at_once=2, is_met=True)


def race_on_postgresql(folder: Path) -> None:
    race(folder, "postgresql")


def tampering(folder: Path) -> None:
    """Some of each kind are seen and named."""
    book = test_tampering.filled(folder, "sqlite")
    chance = random.Random(3)
    for kind in test_tampering.KINDS:
        for _ in range(25 if kind == "edit" else 5):
            test_tampering.tamper(book, kind, books.audit.anchor(book), chance)


def kill(folder: Path) -> None:
    """An import killed at each of its writes leaves all or nothing."""
    path = test_kill_nine.a_file(folder, 1)
    for place in range(1, 5):
        home = folder / str(place)
        home.mkdir()
        with test_kill_nine.new_book(home) as book:
            test_kill_nine.with_a_customer(book)
            url = book.url

        def work(tell: Callable[[str], None], url: str = url) -> None:
            with test_kill_nine.opened(url) as book:
                tell_writes(book, tell)
                test_kill_nine.import_one(book, path)

        assert kill_at(work, place, delay=0, is_standing=True)[-1] != END
        with test_kill_nine.opened(url) as book:
            assert read.documents(book).empty
            assert faults(book) == []


CHECKS: dict[str, Check] = {
    "state machine": machine, "walls": walls, "verify": verify, "cents": cents, "race": race,
    "race, PostgreSQL": race_on_postgresql, "tampering": tampering, "kill -9": kill,
}  # fmt: skip


def outcome(check: str, fault: Fault | None = None) -> str:
    """What came of a check in a child of its own, the fault in it or none: '' where it passed."""
    if check == "race, PostgreSQL":
        postgres_server.server()  # by this process: one that a child started would outlive it

    def work(_tell: Callable[[str], None]) -> None:
        if fault is not None:
            fault.plant()
        with tempfile.TemporaryDirectory() as folder:
            CHECKS[check](Path(folder))

    child = fork(work)
    words = list(child.words())
    code = child.wait()
    if words[-1:] == [END]:
        return ""
    assert words, f"the child left without a word: {code}"
    return words[-1]


FAULTS = (
    Fault("unique keys dropped", "walls", "book.dialect_sqlite:SQLite.make",
          "metadata.create_all(connection)",
          "[table.constraints.discard(key) for table in metadata.tables.values() for key in"
          " list(table.constraints) if str(key.name).endswith('_key')]; metadata.create_all(connection)"),
    Fault("a full receipt refused (<= to <)", "state machine", "book.applied:_check_receipts",
          "0 <= total <= amount", "0 <= total < amount"),
    Fault("a receipt may give one cent more", "state machine", "book.applied:_check_receipts",
          "0 <= total <= amount", "0 <= total <= amount + 1"),
    Fault("a document's cap misses its last cent (<= to <)", "state machine", "book.applied:_fits",
          "0 <= total <= room", "0 <= total < room"),
    Fault("no audit row for a reversal", "state machine", "book.transactions:Posting.finish",
          "if not self.appended:", 'if not self.appended or self.action == "reverse":'),
    Fault("amounts read as floats", "cents", "book.frames:column_of",
          'return np.array(values, dtype="int64")\n',
          'return np.array(values, dtype="float64").astype("int64")\n'),
    Fault("the reversal's date forgotten", "state machine", "ledger:active_applications",
          'undone.loc[undone["effective_date"] <= day, "application_id"]', 'undone["application_id"]'),
    Fault("known_at ignored by the reader", "state machine", "book.selections:as_known",
          "if known_at is not None:", "if False:"),
    Fault("known_at ignored by the ledger", "state machine", "ledger:_known",
          "if known_at is None else", "if True else"),
    Fault("no trigger for closed periods", "walls", "book.dialect_sqlite:trigger_statements",
          "in CASH_TABLES.items()", "in ()"),
    Fault("the last closed day open again (<= to <)", "walls", "book.dialect_sqlite:trigger_statements",
          "<= max(", "< max("),
    Fault("the operation's id not entered", "state machine", "book.applied:_fresh",
          'posting.insert("operations"', '(lambda *_: None)("operations"'),
    Fault("the same id for something else let pass", "state machine", "book.applied:_fresh",
          "if wanted[ids[number]] != content", "if False"),
    Fault("the sign of credit notes flipped", "state machine", "ledger:open_items_as_of",
          "np.where(original < 0, -1, 1)", "np.where(original < 0, 1, 1)"),
    Fault("a duplicate counted as stored", "state machine", "book.batches:conclude",
          "len(outcome.stored), len(rejected)", "len(batch.frame) - len(refused), len(rejected)"),
    Fault("the row's hash leaves a column out", "tampering", "book.canonical:row_texts",
          "zip(*columns, strict=True)", "zip(*columns[:2], *columns[3:], strict=True)"),
    Fault("absent items stay open", "state machine", "book.absences:enter_absences",
          "for company in sorted(outcome.companies)", "for company in ()"),
    Fault("no write lock (BEGIN DEFERRED)", "race", "book.dialect_sqlite:SQLite.engine",
          "BEGIN IMMEDIATE", "BEGIN DEFERRED"),
    Fault("no advisory lock", "race, PostgreSQL", "book.dialect_postgresql:PostgreSQL.lock",
          'f"SELECT pg_advisory_xact_lock({_LOCK})"', '"SELECT 1"'),
    Fault("rejected rows dropped in silence", "state machine", "book.batches:record",
          "in rejected],", "in ()],"),
    Fault("a clearing said twice counted twice", "state machine", "ledger:_stated_clearings",
          "rows = _last_of_each((position, is_named, identity), newest_first)",
          "rows = np.arange(len(position))"),
    Fault("a key given again", "state machine", "book.transactions:Posting.next_key",
          ".scalar_one()) + 1", ".scalar_one())"),
    Fault("the chain not linked", "verify", "book.transactions:writing", "str(previous))", "GENESIS)"),
    Fault("anchors not looked at", "tampering", "book.audit:_anchors", "!= one.head", "is None"),
    Fault("no transaction around an action", "kill -9", "book.dialect_sqlite:SQLite.engine",
          'connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN DEFERRED")', "pass"),
    Fault("a set-off that does not sum to nothing", "state machine", "book.applied:_check_set_off",
          "if total:", "if total > 1_000_000:"),
    Fault("one leg of a set-off reversed alone", "state machine", "book.reversed:_check_what_is_left",
          "if any(sums.values()) or is_half_exchanged(posting, operations):", "if False:"),
    Fault("one customer's credit for another's debt", "state machine", "book.applied:_check_set_off",
          '["company_id", "customer_id", "currency"]', '["company_id", "currency"]'),
)  # fmt: skip
