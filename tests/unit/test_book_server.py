"""A book on a server: what can go wrong on the way there, who else is at it, what is loosened in it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import postgres_server
import pytest
from book_world import (
    copy_of,
    faults,
    import_items,
    import_lines,
    import_receipts,
    ledger_hash,
    new_book,
    raw,
)

from workbench import book as books
from workbench.book import read
from workbench.book.schema import metadata
from workbench.book.transactions import writing
from workbench.errors import BookInterruptedError, MissingBookError, RunLockedError

PASSWORD = "s3cret-of-nobody"


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    postgres_server.server()
    return new_book(tmp_path, database="postgresql")


def refusal(url: str) -> MissingBookError:
    with pytest.raises(MissingBookError) as refused:
        books.open_book(url)
    assert PASSWORD not in str(refused.value)
    assert PASSWORD not in str(refused.value.values)
    return refused.value


def test_a_server_that_is_not_there_is_told_from_one_that_refuses(book: books.Book) -> None:
    away = refusal(f"postgresql://ana:{PASSWORD}@127.0.0.1:1/cartera")
    assert away.cause == "book-server-absent"
    assert away.values["book"] == "postgresql://ana:***@127.0.0.1:1/cartera"
    unknown = refusal(postgres_server.url_of("no_such_database"))
    assert unknown.cause == "book-server-refuses"
    assert "no_such_database" in str(unknown.values["reason"])


def test_a_wrong_password_is_said_and_not_shown(book: books.Book) -> None:
    if os.environ.get("WORKBENCH_TEST_POSTGRES"):
        pytest.skip("the server of others asks for passwords as it likes")
    login = postgres_server.LOGIN_WITH_PASSWORD
    with postgres_server.admin() as connection:
        connection.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'right' IN ROLE workbench_reader")
    database = postgres_server.database_of(book.url)
    assert refusal(postgres_server.url_of(database, user=login, password=PASSWORD)).cause == (
        "book-server-refuses"
    )
    with books.open_book(postgres_server.url_of(database, user=login, password="right")) as own:
        assert read.documents(own).empty


def test_a_database_without_a_book_has_none(book: books.Book) -> None:
    assert refusal(postgres_server.url_of("template1")).cause == "book-missing"


def end_sessions(book: books.Book) -> None:
    with postgres_server.admin() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [postgres_server.database_of(book.url)],
        )


def test_after_the_server_let_go_of_its_sessions_the_next_action_works(book: books.Book) -> None:
    assert read.documents(book).empty
    end_sessions(book)
    assert import_items(book, {}).status == "accepted"
    end_sessions(book)
    assert len(read.documents(book)) == 1


def test_a_connection_lost_midway_is_said_and_nothing_of_it_is_stored(book: books.Book) -> None:
    before = ledger_hash(book)

    def write_and_lose_the_server() -> None:
        with writing(book, "import") as posting:
            posting.insert("settings", ["name", "value"], [("as_of", "2026-10-31")])
            end_sessions(book)  # so that the commit finds nobody

    with pytest.raises(BookInterruptedError) as lost:
        write_and_lose_the_server()
    assert lost.value.cause == "book-connection-lost"
    assert ledger_hash(book) == before
    assert import_items(book, {}).status == "accepted"


@pytest.mark.slow
def test_while_the_server_is_away_it_is_said_and_when_it_is_back_the_work_goes_on(book: books.Book) -> None:
    assert import_items(book, {}).status == "accepted"
    before = ledger_hash(book)
    with postgres_server.switched_off(), pytest.raises(MissingBookError) as away:
        import_items(book, {"document_number": "2"}, source="second")
    assert away.value.cause == "book-server-absent"
    assert ledger_hash(book) == before
    assert import_items(book, {"document_number": "2"}, source="second").status == "accepted"
    assert faults(book) == []


@pytest.mark.parametrize(
    ("attack", "fault"),
    [
        ("ALTER TABLE documents DISABLE TRIGGER documents_append_only", "triggers: documents_append_only"),
        ("ALTER TABLE documents ENABLE REPLICA TRIGGER documents_append_only",
         "triggers: documents_append_only"),
        ("CREATE OR REPLACE FUNCTION workbench_append_only() RETURNS trigger LANGUAGE plpgsql AS "
         "'BEGIN RETURN NULL; END'", "triggers: "),
        ("ALTER FUNCTION workbench_receipts_open_period() SET search_path = pg_temp, public",
         "triggers: receipts_open_period"),
        ("DROP TRIGGER receipts_append_only ON receipts; CREATE TRIGGER receipts_append_only BEFORE UPDATE "
         "ON receipts EXECUTE FUNCTION workbench_append_only()", "triggers: receipts_append_only"),
        ("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
         " CREATE TRIGGER mine BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION mine()",
         "triggers: mine"),
        ("CREATE RULE quiet AS ON INSERT TO receipts DO INSTEAD NOTHING", "triggers: quiet"),
        ("ALTER TABLE documents DROP CONSTRAINT documents_key", "file: documents (company_id, fiscal_year"),
        ("ALTER TABLE observations DROP CONSTRAINT observations_document_key_fkey",
         "file: observations (document_key)"),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'documents_by_customer'::regclass",
         "file: documents_by_customer"),
    ],
)  # fmt: skip
def test_whatever_is_loosened_is_seen(book: books.Book, attack: str, fault: str) -> None:
    with raw(book) as connection:
        connection.execute(attack)
    assert any(found.startswith(fault) for found in faults(book)), faults(book)


def test_what_was_loosened_is_made_fast_again_by_the_owner(book: books.Book) -> None:
    with raw(book) as connection:
        connection.execute("DROP FUNCTION workbench_append_only CASCADE")
        connection.execute("ALTER TABLE receipts DISABLE TRIGGER receipts_open_period")
    assert len([one for one in faults(book) if one.startswith("triggers")]) == 1
    assert book.renew_guards() == []
    assert faults(book) == []
    with book.reading() as connection:
        assert book.dialect.trigger_count(metadata) > len(metadata.sorted_tables)
        assert book.dialect.missing_triggers(connection, metadata) == []


def test_threads_of_one_process_write_one_after_the_other(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database, busy_seconds=60)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            import_items(book, {"document_number": str(number)}, source=f"thread {number}")
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(read.documents(book)) == 6
    assert faults(book) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_connections_of_its_own(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database)
    import_items(book, {})
    child = os.fork()
    if child == 0:
        try:
            done = import_items(book, {"document_number": "2"}, source="child").status == "accepted"
            os._exit(0 if done and len(read.documents(book)) == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert len(read.documents(book)) == 2
    assert import_items(book, {"document_number": "3"}, source="parent").status == "accepted"


def holder(company: str, *, period: str = "2026-10", who: str = "Ana María") -> books.RunHolder:
    return books.RunHolder(period, company, who, "maq-1", 77, 1_793_534_400)


@pytest.mark.parametrize(
    ("first", "second", "is_free"),
    [
        ("", "", False),
        ("", "CO01", False),
        ("CO01", "", False),
        ("CO01", "CO01", False),
        ("CO01", "CO02", True),
    ],
)
def test_one_run_at_a_time_whatever_machine_asks(
    book: books.Book, first: str, second: str, is_free: bool
) -> None:
    with books.hold_run(book.url, holder(first)):
        if is_free:
            with books.hold_run(book.url, holder(second)):
                pass
        else:
            with pytest.raises(RunLockedError) as locked, books.hold_run(book.url, holder(second, who="luz")):
                pass
            told = locked.value.values
            assert (told["who"], told["machine"], told["pid"]) == ("Ana Maria", "maq-1", "77")
            assert told["since"] == "2026-11-01T12:00:00+00:00"
        with books.hold_run(book.url, holder(second, period="2026-11")):
            pass
    with books.hold_run(book.url, holder(second)):
        pass


def test_the_same_files_give_the_same_book_on_either_database(tmp_path: Path) -> None:
    postgres_server.server()
    told = []
    for database in postgres_server.DATABASES:
        (tmp_path / database).mkdir()
        book = new_book(tmp_path / database, database=database)
        import_items(book, {"text": "Ñandú “uno” \t\\N"}, {"document_number": "b"}, {"document_number": "B"})
        import_items(book, {"document_number": "á"}, {"document_number": "a"}, source="unsorted")
        import_receipts(book, {}, {"receipt_id": "é"})
        import_lines(book, {}, {"line_id": "Z"}, {"line_id": "z"})
        with book.reading() as connection:
            payloads = connection.exec_driver_sql("SELECT payload, entry_hash FROM audit ORDER BY seq").all()
        told.append((ledger_hash(book), [tuple(row) for row in payloads], books.fingerprint(book)))
        assert faults(book) == []
    assert told[0] == told[1]


def test_a_copy_is_the_same_book(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database)
    import_items(book, {})
    (tmp_path / "copy").mkdir()
    assert ledger_hash(copy_of(book, tmp_path / "copy")) == ledger_hash(book)


def test_a_book_stands_in_the_schema_that_its_address_names(book: books.Book) -> None:
    with raw(book) as connection:
        connection.execute('CREATE SCHEMA "De Ana"')
    mark = "&" if "?" in book.url else "?"
    url = f"{book.url}{mark}options=-csearch_path%3D%22De%5C%20Ana%22"
    with books.open_book(url, create=True) as own:
        assert import_items(own, {"document_number": "9"}).status == "accepted"
        assert read.documents(own)["document_number"].tolist() == ["9"]
        assert faults(own) == []
        assert own.worries() == []
    assert read.documents(book).empty


def test_a_book_in_a_file_needs_no_driver_of_a_server(tmp_path: Path) -> None:
    code = (
        "import sys; from workbench import book; book.open_book(sys.argv[1], create=True).close();"
        "assert not {'psycopg', 'workbench.book.dialect_postgresql'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, f"sqlite:///{tmp_path / 'b.sqlite'}"], check=True)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ana:s3cret@h/db",
        "mysql://ana:s3cret@h/db",
        "postgresql://ana:s3cret@h:notaport/db",
        "postgresql://ana:x@s3cret@h/db",
        "postgres://ana@h/db?password=s3cret",
        "host=h password=s3cret",
        "sqlite:///book.sqlite?timeout=s",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    refused = refusal(url)
    assert refused.cause == "book-url-unknown"
    assert "s3cret" not in str(refused)


def test_an_option_that_no_server_has_is_told() -> None:
    refused = refusal("postgresql://ana:s3cret@127.0.0.1:1/db?nosuch=1")
    assert refused.cause == "book-server-absent"
    assert "nosuch" in str(refused.values["reason"])
    assert "s3cret" not in str(refused)


def test_a_schema_that_is_not_there_is_told() -> None:
    postgres_server.server()
    url = postgres_server.url_of(postgres_server.empty_database())
    told = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dnowhere"
    with pytest.raises(MissingBookError) as refused:
        books.open_book(told, create=True)
    assert refused.value.cause == "book-server-refuses"
    assert "schema" in str(refused.value.values["reason"])


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_letter_is_refused_before_there_is_a_book(encoding: str) -> None:
    postgres_server.server()
    name = f"wb_encoded_{encoding.lower()}"
    with postgres_server.admin() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(
            f"CREATE DATABASE \"{name}\" ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    try:
        with pytest.raises(MissingBookError) as refused:
            books.open_book(postgres_server.url_of(name), create=True)
        assert encoding in str(refused.value)
    finally:
        with postgres_server.admin() as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
