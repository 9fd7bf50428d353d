"""Every past schema upgrades, on both databases, and answers to the cent what it answered in its time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import past_world
import postgres_server
import pytest
from fixtures import make_past_book
from sqlalchemy import inspect

from workbench import book as books
from workbench.book import schema
from workbench.book.audit import Anchor, verify
from workbench.book.contents import contents, tables_in
from workbench.book.migrations import revisions
from workbench.book.migrations.upgrades import upgrade
from workbench.book.opened import open_as_is

#: The oldest passes through every revision there is, so at the desk it is enough; each takes seconds.
OLDEST_FIRST = [
    past_world.PAST[0],
    *(pytest.param(one, marks=pytest.mark.slow) for one in past_world.PAST[1:]),
]

#: What PostgreSQL says of a book: columns, constraints, indexes, triggers, functions, rights.
CATALOGUE = """
SELECT 'column', table_name, column_name || ' ' || data_type || ' ' || coalesce(collation_name, '') || ' '
    || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns
    WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'rights', relname, coalesce(relacl::text, '') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


def catalogue(url: str) -> list[tuple[str, ...]]:
    """All that makes a book's place what it is, in an order that does not depend on how it came about."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        rows = connection.execute("SELECT type, tbl_name, name, coalesce(sql, '') FROM sqlite_master")
        found = sorted(rows.fetchall())
        connection.close()
        return found
    with postgres_server.admin(postgres_server.database_of(url)) as server:
        return sorted(server.execute(CATALOGUE).fetchall())


def test_every_past_schema_has_its_fixture() -> None:
    assert list(range(1, schema.SCHEMA_VERSION)) == past_world.PAST


@pytest.mark.parametrize("version", OLDEST_FIRST)
def test_a_past_book_upgrades_and_answers_as_it_did(version: int, database: str, tmp_path: Path) -> None:
    url = past_world.past_book(tmp_path, version, database)
    expected = past_world.told(version)
    with open_as_is(url) as old, old.reading() as connection:
        before = contents(connection, tables_in(connection))

    done = upgrade(url, backups=tmp_path, who="ana")

    assert (done.from_version, done.to_version) == (version, schema.SCHEMA_VERSION)
    assert done.tables == before
    with books.open_book(url) as book:
        anchors = [Anchor(**expected["anchor"])]
        assert [one for one in verify(book, anchors=anchors) if not one.ok] == []
        assert make_past_book.answers(book) == expected["answers"]
        with book.reading() as connection:
            last = connection.execute(schema.audit.select().order_by(schema.audit.c.seq.desc())).first()
    assert last is not None
    assert (last.action, last.who, last.seq) == ("book-upgraded", "ana", expected["anchor"]["count"] + 1)
    assert done.backup is not None
    assert done.backup.sha256 in last.payload


@pytest.mark.parametrize("version", OLDEST_FIRST)
def test_an_upgraded_place_is_as_a_new_one(version: int, database: str, tmp_path: Path) -> None:
    url = past_world.past_book(tmp_path, version, database)
    upgrade(url, backups=tmp_path)
    fresh = past_world.empty_place(tmp_path, database)
    books.open_book(fresh, create=True).close()
    assert catalogue(url) == catalogue(fresh)


@pytest.mark.parametrize("version", past_world.PAST)
def test_the_fixture_is_of_the_schema_that_its_revision_makes(version: int, tmp_path: Path) -> None:
    def of_tables(url: str) -> list[tuple[str, ...]]:
        return [row for row in catalogue(url) if row[0] != "trigger"]

    made = f"sqlite:///{tmp_path / 'made.sqlite'}"
    place = books.Book(
        made, books.opened.dialect_of(made).engine(busy_seconds=1), books.opened.dialect_of(made)
    )
    with place.writing_connection() as connection:
        revisions.run(connection, after=0, through=version)
    place.close()
    assert of_tables(made) == of_tables(f"sqlite:///{past_world.past_file(tmp_path, version)}")


def test_a_revision_adds_tables_and_leaves_those_there_are(tmp_path: Path) -> None:
    """So a row's hash covers all columns of its table, in every schema."""
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    place = books.Book(url, books.opened.dialect_of(url).engine(busy_seconds=1), books.opened.dialect_of(url))
    known: dict[str, list[str]] = {}
    for version in range(schema.SCHEMA_VERSION):
        with place.writing_connection() as connection:
            revisions.run(connection, after=version, through=version + 1)
            found = inspect(connection)
            holds = {
                name: [one["name"] for one in found.get_columns(name)] for name in found.get_table_names()
            }
        assert {name: holds[name] for name in known} == known
        known = holds
    assert known == {name: list(table.columns.keys()) for name, table in schema.metadata.tables.items()}
