"""What the database itself refuses, whoever asks: our own code, or anybody with sqlite3 or psycopg."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from book_world import (
    ADVICE,
    BALANCE,
    BOOK_LINE,
    CUSTOMER,
    RATE,
    Clock,
    application,
    copy_of,
    frame_of,
    import_items,
    import_lines,
    import_receipts,
    import_rows,
    is_file,
    ledger_hash,
    legs,
    new_book,
    raw,
)

from workbench import book as books
from workbench.book.dialect_postgresql import _LOCK
from workbench.book.postings import apply, close_through, record_decision, record_run, reverse, set_setting
from workbench.book.schema import CASH_TABLES, TRADE_TABLES, metadata
from workbench.book.stored_files import enter_file
from workbench.book.transactions import writing
from workbench.errors import BookBusyError, MissingBookError, PeriodClosedError, PostingRefusedError


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, database: str) -> books.Book:
    """A book with at least one row in every table."""
    book = new_book(tmp_path_factory.mktemp("full"), database=database)
    import_items(book, {"is_original_stated": False}, source="first")
    import_items(book, {}, {"document_number": "2", "clearing_date": "2026-10-02", "has_open_amount": False})
    import_items(book, {"currency": "USD"}, source="a conflict, for a rejected row and a finding")
    import_receipts(book, {})
    import_lines(book, {}, balances=frame_of(BALANCE, [{}]))
    import_rows(book, "bank_ledger", BOOK_LINE, {})
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1"})
    import_rows(book, "rates", RATE, {})
    import_rows(book, "remittances", ADVICE, {})
    apply(book, legs(application("op", 1, 50_00)))
    apply(book, legs(application("kept", 1, 10_00)))
    reverse(
        book, ["op/1"], effective_date=dt.date(2026, 10, 6), reason="error", operation_id="undo", who="ana"
    )
    close_through(book, "", dt.date(2026, 9, 30), who="ana")
    record_decision(book, operation_id="d", decision="accept", subject="receipt", subject_key="R1", who="ana")
    record_run(book, {"run_id": "r1", "notebook": "aging_review", "status": "done"})
    with writing(book, "trade") as posting:
        for table in TRADE_TABLES:
            posting.insert(table, ["company_id", "batch_key"], [("CO01", 1)])
        posting.insert("aliases", ["company_id", "batch_key"], [("CO01", 1)])
        posting.insert("alias_evidence", ["decision_id", "receipt_key"], [("d", 1)])
        for table in ("customer_ledger_lines", "wires"):
            posting.insert(table, ["company_id", "batch_key"], [("CO01", 1)])
        for table in ("provision_balances", "journal_lines"):
            posting.insert(table, ["operation_id"], [("d",)])
        posting.insert("revaluations", ["operation_id", "document_key"], [("d", 1)])
        posting.insert("cases", ["case_id"], [("A1",)])
        posting.insert("case_events", ["case_id", "operation_id", "number"], [("A1", "d", 1)])
        posting.insert("case_items", ["case_id", "item_number"], [("A1", 1)])
        enter_file(posting, "acta.pdf", "application/pdf", b"%PDF")
        posting.insert("erp_exports", ["company_id"], [("CO01",)])
        posting.insert("erp_export_lines", ["export_key", "application_id"], [(1, "op/1")])
    return book


@pytest.fixture
def full(made_once: books.Book, tmp_path: Path) -> books.Book:
    return copy_of(made_once, tmp_path)


def attack(book: books.Book, statement: str, word: str) -> None:
    """As somebody who may do anything: the statement is refused, by that word."""
    import psycopg

    connection = raw(book)
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match=word):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("table", [table.name for table in metadata.sorted_tables])
def test_no_row_is_updated_deleted_or_replaced(made_once: books.Book, table: str) -> None:
    connection = raw(made_once)
    assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0], "no row to try on"
    connection.close()
    key = metadata.tables[table].primary_key.columns.values()[0].name
    attack(made_once, f'UPDATE "{table}" SET "{key}" = "{key}"', "append-only")
    attack(made_once, f'DELETE FROM "{table}"', "append-only")
    if is_file(made_once):
        attack(made_once, f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"', "append-only")
        return
    attack(made_once, f'TRUNCATE "{table}" CASCADE', "append-only")
    again = f'INSERT INTO "{table}" SELECT * FROM "{table}" ON CONFLICT ("{key}") DO UPDATE SET "{key}" = 1'
    attack(made_once, again, "append-only")


def test_a_text_is_no_money(made_once: books.Book) -> None:
    values = [f'"{column.name}"' for column in metadata.tables["documents"].columns]
    columns = [column.name for column in metadata.tables["documents"].columns]
    values[columns.index("document_key")] = "99"
    values[columns.index("document_number")] = "'99'"
    values[columns.index("original_amount")] = "'12abc'"
    statement = f"INSERT INTO documents SELECT {', '.join(values)} FROM documents WHERE document_key = 1"
    attack(made_once, statement, "cannot store TEXT|invalid input syntax for type bigint")


@pytest.mark.parametrize(("table", "day"), CASH_TABLES.items())
def test_raw_sql_puts_no_cash_into_a_closed_period(made_once: books.Book, table: str, day: str) -> None:
    columns = [column.name for column in metadata.tables[table].columns]
    values = [f'"{name}"' for name in columns]
    values[columns.index(day)] = "'2026-09-30'"
    key = metadata.tables[table].primary_key.columns.values()[0]
    fresh = {"reversals": "'kept/1'"}.get(table, "'new'")  # a reversal is of something not yet reversed
    values[0] = fresh if key.type.python_type is str else "99"
    for name in ("receipt_id", "line_id"):
        if name in columns:
            values[columns.index(name)] = "'new'"
    statement = f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} LIMIT 1"
    attack(made_once, statement, "period-closed")


def test_no_way_of_writing_puts_cash_into_a_closed_period(full: books.Book) -> None:
    apply(full, legs(application("old", 1, 10_00)))
    close_through(full, "CO01", dt.date(2026, 10, 31), who="ana")
    before = ledger_hash(full)
    with pytest.raises(PeriodClosedError) as refused:
        apply(full, legs(application("late", 1, 10_00)))
    assert refused.value.values["closed_through"] == "2026-10-31"
    with pytest.raises(PeriodClosedError) as refused:
        apply(full, legs(application("late", 1, 10_00, effective_date="2026-10-31")))
    assert refused.value.values["closed_through"] == "2026-10-31", "by our own check, before the trigger"
    result = import_receipts(full, {"receipt_id": "R2"})
    assert (result.status, result.rows_rejected) == ("rejected", 1)
    assert result.findings["rule"].tolist() == ["period-closed"]
    assert ledger_hash(full) == before
    apply(full, legs(application("open", 1, 10_00, effective_date="2026-11-01")))
    with pytest.raises(PeriodClosedError):
        reverse(
            full, ["old/1"], effective_date=dt.date(2026, 10, 31), reason="x", operation_id="u", who="ana"
        )


def test_a_line_known_before_the_close_is_a_duplicate_after_it(full: books.Book) -> None:
    close_through(full, "CO01", dt.date(2026, 10, 31), who="ana")
    assert import_lines(full, {}).status == "duplicate"


def test_where_there_is_no_book_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingBookError) as missing:
        books.open_book(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert missing.value.cause == "book-missing"
    other = tmp_path / "notes.sqlite"
    other.write_text("these are my notes, not a database, and they are long enough to look like one" * 20)
    with pytest.raises(MissingBookError) as wrong:
        books.open_book(f"sqlite:///{other}")
    assert wrong.value.cause == "book-not-a-book"
    with pytest.raises(MissingBookError):
        books.open_book("mysql://somewhere/else")


def test_opening_twice_makes_one_book(tmp_path: Path, database: str) -> None:
    first = new_book(tmp_path, database=database)
    import_items(first, {})
    assert len(books.read.documents(new_book(tmp_path, database=database))) == 1


def test_a_locked_book_is_busy_and_unchanged(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database, busy_seconds=0.2)
    holder = raw(book)
    holder.execute("BEGIN IMMEDIATE" if is_file(book) else f"SELECT pg_advisory_lock({_LOCK})")
    with pytest.raises(BookBusyError):
        import_items(book, {})
    assert books.read.documents(book).empty  # reading goes on meanwhile
    holder.execute("ROLLBACK" if is_file(book) else "SELECT pg_advisory_unlock_all()")
    holder.close()
    assert import_items(book, {}).status == "accepted"


def test_a_scoped_view_writes_nothing(full: books.Book) -> None:
    with pytest.raises(PostingRefusedError) as refused:
        close_through(full.scoped(["NORTE"]), "", dt.date(2026, 12, 31))
    assert refused.value.cause == "book-read-only"


def test_instants_rise_even_when_the_clock_goes_back(tmp_path: Path, database: str) -> None:
    clock = Clock()
    book = new_book(tmp_path, database=database, clock=clock)
    import_items(book, {})
    clock.now -= dt.timedelta(days=1)
    import_items(book, {"document_number": "2"})
    instants = books.read.documents(book)["recorded_at"]
    assert instants[1] > instants[0]
    assert book.latest_instant() == instants[1]


def test_all_rows_of_one_import_bear_one_instant(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database)
    import_items(book, {}, {"document_number": "2"})
    assert books.read.documents(book)["recorded_at"].nunique() == 1


def test_a_book_of_an_older_version_is_refused_until_it_is_brought_to_this_one(
    tmp_path: Path, database: str
) -> None:
    book = new_book(tmp_path, database=database)
    set_setting(book, "schema_version", "1")
    book.close()
    with pytest.raises(MissingBookError) as refused:
        new_book(tmp_path, database=database)
    assert refused.value.cause == "book-older"
