"""An upgrade is asked for, proved, or undone: the book is of the old schema or the new one, never between."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import past_world
import pytest
from sqlalchemy import Connection

from workbench import book as books
from workbench import cli
from workbench.book.migrations import revisions
from workbench.book.migrations.upgrades import upgrade
from workbench.book.schema import SCHEMA_VERSION
from workbench.errors import MissingBookError, WorkbenchError


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past_world.past_file(tmp_path_factory.mktemp("past"), 1)


@pytest.fixture
def file(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made_once, tmp_path / "book.sqlite"))


def content(file: Path) -> str:
    """The book as SQLite tells it, statement by statement."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def backups(file: Path) -> list[Path]:
    return sorted(file.parent.glob("book-schema-1-*.sqlite"))


@contextlib.contextmanager
def refusing(rule: str) -> Iterator[WorkbenchError]:
    told = WorkbenchError(rule)
    with pytest.raises(WorkbenchError) as raised:
        yield told
    assert raised.value.cause == rule
    told.values = raised.value.values


def test_an_older_book_is_refused_with_the_command_that_upgrades_it(file: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(past_world.FIXTURES.parent.parent)
    before = content(file)
    url = f"sqlite:///{file}"
    for arguments in (
        ["init"],
        ["import", "README.md", "--source", "customers"],
        ["run", "aging_review", "-p", "period=2026-10"],
        ["close", "--period", "2026-10"],
        ["verify"],
    ):
        code = cli.main([*arguments, "--book", url, "--lang", "es"])
        said = capsys.readouterr().err
        assert (code, "workbench upgrade" in said) == (2, True), (arguments, said)
    assert content(file) == before


def test_the_command_upgrades_and_says_so_and_again_does_nothing(file: Path, capsys) -> None:
    url = f"sqlite:///{file}"
    assert cli.main(["upgrade", "--book", url, "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["from_version"], done["to_version"]) == (1, SCHEMA_VERSION)
    assert done["tables"]["documents"]["rows"] == past_world.told(1)["tables"]["documents"][0]
    assert "original_amount COP" in done["tables"]["documents"]["sums"]
    assert [done["backup"]["file"]] == [str(path) for path in backups(file)]
    after = content(file)
    assert cli.main(["upgrade", "--book", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["backup"] is None
    assert content(file) == after
    assert len(backups(file)) == 1


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM rates WHERE rate_key = 3", "rows"),
        ("UPDATE documents SET original_amount = original_amount + 1 WHERE document_key = 1", "sums"),
        ("UPDATE customers SET customer_name = 'otro' WHERE version_key = 1", "sha256"),
    ],
)
def test_a_revision_that_changes_what_was_there_is_undone(
    file: Path, monkeypatch, damage: str, what: str
) -> None:
    honest = revisions.run

    def faulty(connection: Connection, *, after: int, **through: int) -> None:
        honest(connection, after=after, **through)
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_%'"
        ).fetchall():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(damage)

    monkeypatch.setattr(revisions, "run", faulty)
    before = content(file)
    with refusing("upgrade-differs") as told:
        upgrade(f"sqlite:///{file}")
    assert told.values["what"] == what
    assert content(file) == before
    # The backup made then is of this very state: the next upgrade takes it, and makes no other.
    monkeypatch.setattr(revisions, "run", honest)
    (left,) = backups(file)
    done = upgrade(f"sqlite:///{file}")
    assert done.backup is not None
    assert (done.backup.file, backups(file)) == (str(left), [left])


def test_a_backup_of_another_state_is_not_taken_for_this_one(file: Path) -> None:
    other = file.with_name("book-schema-1-20200101T000000000000Z.sqlite")
    shutil.copy(file, other)
    shutil.copy(file, file.with_name(".book-schema-1-x.sqlite.abc.part"))
    Path(f"{other}.json").write_text(json.dumps({"sha256": "x"}))
    done = upgrade(f"sqlite:///{file}")
    assert done.backup is not None
    assert done.backup.file != str(other)
    assert not list(file.parent.glob(".*.part"))


def test_a_book_that_does_not_verify_is_not_upgraded(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER receipts_no_update")
        connection.execute("UPDATE receipts SET received_amount = 1 WHERE receipt_key = 1")
    before = content(file)
    with refusing("upgrade-unsound") as told:
        upgrade(f"sqlite:///{file}")
    assert told.values["fault"] == "receipts 1"
    assert content(file) == before


def test_no_book_and_a_newer_book_are_refused(file: Path) -> None:
    with pytest.raises(MissingBookError):
        upgrade(f"sqlite:///{file.parent / 'none.sqlite'}")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER settings_no_update")
        connection.execute("UPDATE settings SET value = '99' WHERE name = 'schema_version'")
    with refusing("book-newer"):
        upgrade(f"sqlite:///{file}")


def test_a_book_whose_maker_was_killed_before_its_first_entry_is_finished(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    place = books.Book(url, books.opened.dialect_of(url).engine(busy_seconds=1), books.opened.dialect_of(url))
    with place.writing_connection(as_owner=True) as connection:
        place.dialect.make(connection, books.opened.metadata)
    place.close()
    with books.open_book(url) as book:
        assert book.setting("schema_version") == str(SCHEMA_VERSION)
        assert [one for one in books.audit.verify(book) if not one.ok] == []
