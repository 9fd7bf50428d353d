"""Rows in blocks: the same facts however they come, hashes of every version, texts of every kind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from book_world import faults, import_items, import_receipts, new_book, raw

from workbench import book as books
from workbench import tables
from workbench.book import arrow_frames, read, schema
from workbench.book.canonical import canonical_json, digest, row_hash
from workbench.book.frames import frame_of
from workbench.book.transactions import GENESIS, entry_hash

AWKWARD = [
    "a\tb",
    "a\nb",
    "a\\tb",
    "\\N",
    "\\",
    "tab\\\t",
    "a\rb",
    "a\r\nb",
    "  x ",
    "é—“ñ”",
    "\x1f",
    "0012",
    "1e5",
]


def test_texts_of_every_kind_come_back_as_they_were(tmp_path: Path, database: str) -> None:
    with new_book(tmp_path, database=database) as book:
        rows = [{"document_number": str(n), "text": text} for n, text in enumerate(AWKWARD)]
        import_items(book, *rows)
        assert books.read.documents(book)["text"].tolist() == AWKWARD
        assert faults(book) == []


@pytest.fixture
def old_book(tmp_path: Path) -> books.Book:
    """A book whose every hash is of version 1, as one was made before there was a second."""
    book = new_book(tmp_path)
    import_items(book, {"document_number": "1", "text": "a\tb"}, {"document_number": "2"})
    import_receipts(book, {})
    connection = raw(book)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA foreign_keys = OFF")
    for name, _ in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    _with_old_hashes(connection)
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()
    return book


def _with_old_hashes(connection: sqlite3.Connection) -> None:
    previous = GENESIS
    for entry in connection.execute("SELECT * FROM audit ORDER BY seq").fetchall():
        payload = json.loads(entry[5])
        for table, facts in payload["tables"].items():
            marks = []
            for row in connection.execute(
                f'SELECT *, rowid FROM "{table}" WHERE audit_seq = ?', entry[:1]
            ).fetchall():
                marks.append(row_hash(row[:-2]))
                connection.execute(f'UPDATE "{table}" SET row_hash = ? WHERE rowid = ?', (marks[-1], row[-1]))
            facts["sha256"] = digest(sorted(marks))
        values = (entry[0], 1, *entry[2:5], canonical_json(payload), previous)
        previous = entry_hash(*values)
        connection.execute(
            "UPDATE audit SET hash_version = 1, payload = ?, previous_hash = ?, entry_hash = ? WHERE seq = ?",
            (*values[5:], previous, entry[0]),
        )  # fmt: skip


def test_entries_of_the_first_hash_version_still_verify_and_new_ones_follow_them(
    old_book: books.Book,
) -> None:
    assert faults(old_book) == []
    import_items(old_book, {"document_number": "3"})
    assert faults(old_book) == []


def test_a_row_changed_under_the_first_hash_version_is_named(old_book: books.Book) -> None:
    connection = raw(old_book)
    connection.execute("DROP TRIGGER documents_no_update")
    connection.execute("UPDATE documents SET original_amount = 7 WHERE document_key = 2")
    connection.close()
    assert "rows-documents: documents 2" in faults(old_book)


#: What Arrow must give as the driver does: quotes, percent signs, days that are absent, negative amounts.
READ_BACK = [
    {"document_number": "1", "text": "50% \"off\" 'x' %s", "customer_id": "A%'\\", "order_id": "0012"},
    {"document_number": "2", "text": "", "open_amount": -3, "original_amount": -7, "customer_id": "B"},
    {"document_number": "3", "text": "é—ñ", "is_original_stated": False, "original_amount": 0},
    {"document_number": "6", "reception_date": "2026-10-02", "tax": -1},
]  # fmt: skip


@pytest.mark.parametrize(
    "more", [[], [{"document_number": "4", "text": "a\nb"}, {"document_number": "5", "text": "\x1f"}]]
)
def test_frames_by_arrow_are_those_of_the_driver_to_the_bit(
    tmp_path: Path, database: str, more: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_book(tmp_path, database=database) as book:
        import_items(book, *READ_BACK, *more)
        import_receipts(book, {}, {"receipt_id": "R2", "received_amount": 5})
        reads = [
            lambda: books.read.documents(book),
            lambda: books.read.documents(book, customers=["A%'\\", "C1"]),
            lambda: books.read.documents(book.scoped(["NORTE"])),
            lambda: books.read.observations(book, company="CO01"),
            lambda: books.read.receipts(book, known_at=book.latest_instant()),
            lambda: books.read.customers(book),
        ]
        by_driver = [read() for read in reads]
        monkeypatch.setattr(arrow_frames, "LARGE", 0)
        for read, frame in zip(reads, by_driver, strict=True):
            pd.testing.assert_frame_equal(read(), frame, check_exact=True, check_freq=True)
        assert "A%'\\" in by_driver[1]["customer_id"].tolist()


def test_a_reader_by_arrow_sees_what_its_transaction_sees(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setattr(arrow_frames, "LARGE", 0)
    with new_book(tmp_path, database=database) as book:
        import_items(book, {"document_number": "1"})
        query = read.select_columns(tables.OBSERVATIONS, schema.observations)
        with book.reading() as connection:
            by_arrow = arrow_frames.arrow_frame(connection, query, tables.OBSERVATIONS)
            assert by_arrow is not None
            assert len(by_arrow) == 1
            import_items(book, {"document_number": "2"})
            assert len(frame_of(connection, query, tables.OBSERVATIONS)) == 1
        assert len(read.observations(book)) == 2
