"""The audit chain: one entry an action, and every kind of tampering seen, the record named."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest
from book_world import (
    application,
    faults,
    import_items,
    import_receipts,
    is_file,
    legs,
    made_once,
    new_book,
    raw,
)

from workbench import book as books
from workbench.book.canonical import canonical_json
from workbench.book.postings import apply, close_through, set_setting
from workbench.book.transactions import entry_hash


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    book = new_book(folder, database=database)
    import_items(book, {"document_number": "1"}, {"document_number": "2"})
    import_receipts(book, {})
    apply(book, legs(application("a", 1, 60_00)), who="ana")
    apply(book, legs(application("b", 2, 40_00)), who="luz")
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def tamper(book: books.Book, *statements: str) -> None:
    """As somebody does who may do everything: the triggers are dropped first and put back after."""
    connection = raw(book)
    if is_file(book):
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        connection.execute("PRAGMA foreign_keys = OFF")
        before, after = [f'DROP TRIGGER "{name}"' for name, _ in triggers], [sql for _, sql in triggers]
    else:
        before, after = ["SET session_replication_role = replica"], []
    for statement in (*before, *statements, *after):
        connection.execute(statement)
    connection.close()


def test_each_action_has_one_entry_and_an_idle_one_has_none(book: books.Book) -> None:
    connection = raw(book)
    rows = connection.execute("SELECT seq, action, who, payload FROM audit ORDER BY seq").fetchall()
    connection.close()
    assert [row[:3] for row in rows] == [
        (1, "book-made", ""), (2, "import", ""), (3, "import", ""), (4, "apply", "ana"), (5, "apply", "luz"),
    ]  # fmt: skip
    assert json.loads(rows[3][3])["tables"]["applications"]["rows"] == 1
    apply(book, legs(application("a", 1, 60_00)))
    set_setting(book, "as_of", "")
    assert books.audit.anchor(book).count == 5


def test_a_sound_book_passes(book: books.Book) -> None:
    assert faults(book) == []
    checks = {one.check: one.count for one in books.audit.verify(book)}
    assert (checks["audit-chain"], checks["rows-documents"], checks["rows-applications"]) == (5, 2, 2)


@pytest.mark.parametrize(
    ("attack", "fault"),
    [
        ("UPDATE documents SET original_amount = 1 WHERE document_key = 2", "rows-documents: documents 2"),
        ("UPDATE applications SET applied_amount = 1 WHERE application_id = 'b/2'",
         "rows-applications: applications b/2"),
        ("UPDATE receipts SET customer_id = 'X'", "rows-receipts: receipts 1"),
        ("DELETE FROM documents WHERE document_key = 2", "rows-documents: documents 2 (audit 2)"),
        ("DELETE FROM observations", "rows-observations: observations 1 (audit 2)"),
        ("UPDATE audit SET who = 'nobody' WHERE seq = 4", "audit-chain: audit 4"),
        ("DELETE FROM audit WHERE seq = 3", "audit-chain: audit 3"),
    ],
)  # fmt: skip
def test_tampering_is_seen_and_the_record_named(book: books.Book, attack: str, fault: str) -> None:
    tamper(book, attack)
    assert fault in faults(book)


def test_a_row_slipped_in_with_a_right_hash_is_still_seen(book: books.Book) -> None:
    columns = "company_id, closed_through, recorded_at, audit_seq, row_hash"
    tamper(book, f"INSERT INTO period_events (event_key, {columns}) VALUES (1, 'CO01', '', 1, 4, 'x')")
    assert "rows-period_events: period_events 1" in faults(book)


def test_a_dropped_trigger_is_seen(book: books.Book) -> None:
    connection = raw(book)
    name = "documents_no_update" if is_file(book) else "documents_append_only"
    connection.execute(f"DROP TRIGGER {name}" + ("" if is_file(book) else " ON documents"))
    connection.close()
    assert f"triggers: {name}" in faults(book)


def test_only_an_anchor_kept_elsewhere_shows_a_tail_cut_off_or_a_chain_rewritten(book: books.Book) -> None:
    kept = books.audit.anchor(book)
    assert [one.ok for one in books.audit.verify(book, anchors=[kept])].count(False) == 0
    tables = ("applications", "operations")
    tamper(book, *(f"DELETE FROM {table} WHERE audit_seq = 5" for table in tables),
           "DELETE FROM audit WHERE seq = 5")  # fmt: skip
    assert faults(book) == []
    broken = [one.check for one in books.audit.verify(book, anchors=[kept]) if not one.ok]
    assert broken == ["audit-anchors"]


def test_a_rewritten_last_entry_is_seen_by_the_anchor(book: books.Book) -> None:
    kept = books.audit.anchor(book)
    connection = raw(book)
    seq, version, at, _, action, payload, previous = connection.execute(
        "SELECT seq, hash_version, recorded_at, who, action, payload, previous_hash FROM audit WHERE seq = 5"
    ).fetchone()
    connection.close()
    forged = entry_hash(seq, version, at, "eve", action, payload, previous)
    tamper(book, f"UPDATE audit SET who = 'eve', entry_hash = '{forged}' WHERE seq = 5")
    assert faults(book) == []
    assert not all(one.ok for one in books.audit.verify(book, anchors=[kept]))


def test_cash_slipped_into_a_closed_period_is_seen(book: books.Book) -> None:
    close_through(book, "", dt.date(2026, 9, 30), who="ana")
    tamper(
        book,
        "INSERT INTO reversals SELECT application_id, operation_id, company_id, '2026-09-30', '', '', '', "
        "recorded_at, 7, 'x' FROM applications LIMIT 1",
    )
    assert any(fault.startswith("closed-periods: reversals") for fault in faults(book))


def test_over_application_by_hand_is_seen(book: books.Book) -> None:
    tamper(book, "UPDATE receipts SET received_amount = 99")
    assert "receipts-applied-once: receipts 1" in faults(book)


@pytest.mark.parametrize("value", [1.0, True, None, {"a": 0.5}, [None]])
def test_only_whole_numbers_and_text_are_hashed(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_a_file_with_damaged_pages_is_said_to_be_damaged(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    import_items(book, {"document_number": "1"}, {"document_number": "2"})
    book.close()
    path = Path(book.url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents_by_customer'")
    page = root.fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size + 100 : page * size] = bytes(size - 100)
    path.write_bytes(bytes(content))
    assert any(fault.startswith("file: ") for fault in faults(book))
