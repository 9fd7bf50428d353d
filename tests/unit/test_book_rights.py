"""Who may do what in a book on a server: real logins, of the roles that the book has, and of none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import postgres_server
import psycopg
import pytest
from book_world import Clock, application, faults, import_items, import_receipts, legs, new_book, raw

from workbench import book as books
from workbench.book import read, rights_postgresql
from workbench.book.postings import apply, close_through, reverse
from workbench.book.schema import CASH_TABLES
from workbench.errors import MissingBookError, PostingRefusedError

LOGINS = {"wb_ana": "workbench_writer", "wb_luz": "workbench_reader", "wb_eva": ""}


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """A book with an invoice, made by its owner; the server knows an analyst, a reader and a stranger."""
    return known_to_logins(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> books.Book:
    """The same, once for all that are refused."""
    return known_to_logins(tmp_path_factory.mktemp("unchanged"))


def known_to_logins(folder: Path) -> books.Book:
    postgres_server.server()
    book = new_book(folder, database="postgresql")
    import_items(book, {})
    with postgres_server.admin() as connection:
        for login, role in LOGINS.items():
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone():
                connection.execute(f"CREATE ROLE {login} LOGIN" + (f" IN ROLE {role}" if role else ""))
    return book


def opened_as(book: books.Book, login: str) -> books.Book:
    url = postgres_server.url_of(postgres_server.database_of(book.url), user=login)
    return books.open_book(url, clock=Clock())


def test_an_analyst_does_all_that_the_book_is_for(book: books.Book) -> None:
    with opened_as(book, "wb_ana") as own:
        assert import_items(own, {"document_number": "2"}, source="second").status == "accepted"
        import_receipts(own, {})
        apply(own, legs(application("op", 1, 50_00)), who="ana")
        undone = {"reason": "x", "operation_id": "undo", "who": "ana"}
        reverse(own, ["op/1"], effective_date=dt.date(2026, 10, 6), **undone)
        close_through(own, "", dt.date(2026, 9, 30), who="ana")
        assert len(read.documents(own)) == 2
        assert faults(own) == []
        assert own.worries() == []


@pytest.mark.parametrize("login", ["wb_ana", "wb_luz", "wb_eva"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents SET original_amount = 1",
        "DELETE FROM documents",
        "TRUNCATE documents CASCADE",
        "DROP TABLE documents",
        "ALTER TABLE documents DISABLE TRIGGER ALL",
        "DROP TRIGGER documents_append_only ON documents",
        "CREATE OR REPLACE FUNCTION workbench_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (n int)",
    ],
)
def test_no_login_changes_what_is_there(unchanged: books.Book, login: str, statement: str) -> None:
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with postgres_server.connected(unchanged.url, login) as connection, refused:
        connection.execute(statement)


def test_a_reader_only_reads(book: books.Book) -> None:
    with opened_as(book, "wb_luz") as own:
        assert len(read.documents(own)) == 1
        with pytest.raises(PostingRefusedError) as refused:
            import_items(own, {"document_number": "2"})
        assert refused.value.cause == "book-read-only"
    no_right = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with postgres_server.connected(book.url, "wb_luz") as connection, no_right:
        connection.execute("INSERT INTO documents SELECT * FROM documents")


def test_a_login_of_no_role_sees_nothing(book: books.Book) -> None:
    with pytest.raises(MissingBookError) as refused:
        opened_as(book, "wb_eva")
    assert refused.value.cause == "book-without-right"


def test_the_owner_of_the_book_works_with_no_more_rights_than_the_others(book: books.Book) -> None:
    """The role stops it before a trigger would have to."""
    with pytest.raises(MissingBookError), book.writing_connection() as connection:
        connection.exec_driver_sql("UPDATE documents SET original_amount = 1")
    with book.reading() as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "workbench_reader"
    assert book.worries() == []


def test_a_table_of_ones_own_does_not_hide_the_closed_periods(book: books.Book) -> None:
    import_receipts(book, {})
    close_through(book, "", dt.date(2026, 9, 30), who="ana")
    with postgres_server.connected(book.url, "wb_ana") as connection:
        connection.execute("CREATE TEMPORARY TABLE period_events (LIKE period_events)")
        columns = connection.execute("SELECT * FROM receipts").description
        picked = {
            "receipt_key": "99",
            "receipt_id": "'new'",
            "line_id": "'new'",
            CASH_TABLES["receipts"]: "'2026-09-30'",
        }
        values = ", ".join(picked.get(column.name, f'"{column.name}"') for column in columns)
        with pytest.raises(psycopg.Error, match="period-closed"):
            connection.execute(f"INSERT INTO receipts SELECT {values} FROM receipts")


def test_where_the_owner_may_not_take_the_role_it_is_said(book: books.Book) -> None:
    with made_by_a_login_without_power("wb_owner") as own:
        assert own.worries() == ["book-works-as-owner"]
        assert import_items(own, {}).status == "accepted"


def test_where_no_roles_can_be_made_the_book_is_made_without_and_it_is_said(
    book: books.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights_postgresql, "WRITER", "wb_other_writer")
    monkeypatch.setattr(rights_postgresql, "READER", "wb_other_reader")
    with made_by_a_login_without_power("wb_owner") as own:
        assert own.worries() == ["book-roles-missing"]
        assert import_items(own, {}).status == "accepted"
        assert faults(own) == []


def test_roles_that_were_taken_away_or_made_later_are_given_again_by_the_owner(book: books.Book) -> None:
    with raw(book) as connection:
        connection.execute(
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM workbench_writer, workbench_reader"
        )
    book.close()
    assert book.worries() == ["book-roles-missing"]
    assert book.renew_guards() == []
    with opened_as(book, "wb_luz") as reader:
        assert reader.renew_guards() == []


def made_by_a_login_without_power(login: str) -> books.Book:
    name = postgres_server.empty_database()
    with postgres_server.admin() as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone():
            connection.execute(f"CREATE ROLE {login} LOGIN")
        connection.execute(f'ALTER DATABASE "{name}" OWNER TO {login}')
    return books.open_book(postgres_server.url_of(name, user=login), create=True, clock=Clock())
