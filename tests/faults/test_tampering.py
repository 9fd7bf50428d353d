"""Six kinds of tampering, a hundred of each: all seen, the record named, by an anchor kept outside."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from pathlib import Path

import pytest
from book_world import (
    CUSTOMER,
    application,
    faults,
    import_items,
    import_lines,
    import_receipts,
    import_rows,
    is_file,
    legs,
    new_book,
)
from faults.tampering import KINDS, UNSEEN_WITHOUT_ANCHOR, Tamperer

from workbench import book as books
from workbench.book import schema
from workbench.book.audit import Anchor, anchor, examine
from workbench.book.postings import apply, close_through, record_decision, reverse, set_setting

OF_EACH = {"sqlite": 100, "postgresql": int(os.environ.get("WORKBENCH_TRIALS", "30"))}


def filled(folder: Path, database: str) -> books.Book:
    """Three dozen actions of every kind."""
    book = new_book(folder, database=database)
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1"}, {"customer_id": "C2"})
    for month in (8, 9, 10):
        shown = [{"document_number": f"18{n:02}", "open_amount": 100_00 - month * n} for n in range(1, 9)]
        import_items(book, *shown, on=dt.date(2026, month, 28))
    import_items(book, {"document_number": "1801", "due_date": "2027-01-01"})  # contradicts: kept aside
    import_receipts(book, *({"receipt_id": f"R{n}"} for n in range(1, 5)))
    import_lines(book, *({"line_id": f"L{n}", "bank_amount": n * 50_00} for n in range(1, 5)))
    for n in range(1, 9):
        apply(
            book,
            legs(application(f"op{n}", n, n * 5_00, receipt_key=n, effective_date="2026-10-06")),
            who="ana",
        )
    for n in (2, 3):
        said = {"reason": "x", "operation_id": f"undo{n}", "who": "luz"}
        reverse(book, [f"op{n}/{n}"], effective_date=dt.date(2026, 10, 7), **said)
    close_through(book, "", dt.date(2026, 9, 30), who="ana")
    for n in range(3):
        record_decision(
            book, operation_id=f"d{n}", decision="accept", subject="receipt", subject_key=f"R{n}", who="ana"
        )
        set_setting(book, "as_of", f"2026-10-{n + 1:02}")
    return book


def seen(book: books.Book, tamperer: Tamperer, anchors: list[Anchor]) -> list[str]:
    checks = examine(book.dialect, tamperer.connection, schema.metadata, anchors=anchors)
    return [f"{one.check}: {one.first_fault}" for one in checks if not one.ok]


def tamper(book: books.Book, kind: str, kept: Anchor, chance: random.Random) -> None:
    """Once, undone at the end; AssertionError where it is not seen or the record not named."""
    with book.engine.connect() as connection:
        if is_file(book):
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        with connection.begin() as transaction:
            tamperer = Tamperer(connection, is_file(book), chance)
            named = getattr(tamperer, kind)()
            tamperer.rearm()
            if kind in UNSEEN_WITHOUT_ANCHOR:
                assert not any(
                    one.startswith(("audit", "rows", "triggers")) for one in seen(book, tamperer, [])
                )
            told = seen(book, tamperer, [kept])
            assert any(all(part in one for part in named) for one in told), (kind, named, told)
            assert not any(one.startswith("triggers") for one in told), "the triggers were put back"
            transaction.rollback()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_tampering_is_seen_and_the_record_named(tmp_path: Path, database: str, kind: str) -> None:
    book, began = filled(tmp_path, database), time.monotonic()
    kept, chance = anchor(book), random.Random(f"{kind} 20261101")
    for _ in range(OF_EACH[database]):
        tamper(book, kind, kept, chance)
    assert faults(book) == [], "each was undone"
    print(f"\n{database}, {kind}: all {OF_EACH[database]} seen, {time.monotonic() - began:.0f} s")


def test_one_tampering_of_each_kind_is_seen(tmp_path: Path, database: str) -> None:
    book = filled(tmp_path, database)
    for kind in KINDS:
        tamper(book, kind, anchor(book), random.Random(7))
