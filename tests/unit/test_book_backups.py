"""Backup and restore: a file that is a book itself, proved before it has its name; nothing is overwritten."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import past_world
import pytest
from book_world import faults, import_items, import_receipts, new_book, raw

from workbench import book as books
from workbench import cli
from workbench.book.audit import anchor
from workbench.book.backups import back_up, restore
from workbench.book.contents import contents, tables_in
from workbench.book.postings import set_setting
from workbench.book.schema import metadata
from workbench.errors import (
    BookBusyError,
    MissingBookError,
    ParameterRefusedError,
    PostingRefusedError,
    WorkbenchError,
)


def filled(folder: Path, database: str = "sqlite") -> books.Book:
    """A book with items, a receipt, a closed month, and text that is hard to carry."""
    book = new_book(folder, database=database)
    import_items(
        book, {"text": "línea\ncon\ttab \\N ünïcode 漢"}, {"document_number": "2", "currency": "USD"}
    )
    import_receipts(book, {})
    books.postings.close_through(book, "", books.read.receipts(book)["receipt_date"].max().date(), who="ana")
    return book


@contextlib.contextmanager
def refusing(kind: type[WorkbenchError], rule: str) -> Iterator[WorkbenchError]:
    """That error with that rule, whatever language it speaks; its values are there afterwards."""
    told = kind(rule)
    with pytest.raises(kind) as raised:
        yield told
    assert raised.value.cause == rule
    told.values = raised.value.values


def holds(url: str) -> dict[str, object]:
    """Everything in a book, with its chain's head and fingerprint."""
    with books.open_book(url) as book:
        assert faults(book) == []
        with book.reading() as connection:
            held: dict[str, object] = dict(contents(connection, tables_in(connection)))
        return held | {"fingerprint": books.fingerprint(book), "head": anchor(book).head}


@pytest.mark.parametrize("there", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_backup_of_either_database_is_restored_on_either(database: str, there: str, tmp_path: Path) -> None:
    book = filled(tmp_path, database)
    made = back_up(book, tmp_path / "backup.sqlite")
    place = past_world.empty_place(tmp_path, there)
    done = restore(Path(made.file), place)
    assert holds(place) == holds(book.url) == holds(f"sqlite:///{made.file}")
    assert done.anchor == made.anchor == {"count": anchor(book).count, "head": anchor(book).head}
    assert done.tables == made.tables
    assert made.tables["documents"] == 2
    assert made.tables.keys() == metadata.tables.keys()
    with books.open_book(place) as again:
        set_setting(again, "a", "life goes on")
        assert faults(again) == []
        with pytest.raises(WorkbenchError), again.writing_connection() as own:  # trigger, or role
            own.exec_driver_sql("DELETE FROM documents")


def test_others_write_while_a_backup_is_made_and_it_holds_one_state(tmp_path: Path) -> None:
    book = filled(tmp_path)
    held = threading.Event()
    go_on = threading.Event()

    def write() -> None:
        with book.writing_connection() as connection:
            connection.exec_driver_sql(
                "INSERT INTO companies VALUES ('X', '', '', 1, 1, 'not committed yet')"
            )
            held.set()
            go_on.wait(30)
            connection.rollback()

    writer = threading.Thread(target=write)
    writer.start()
    held.wait(30)
    try:
        made = back_up(book, tmp_path / "backup.sqlite")
    finally:
        go_on.set()
        writer.join()
    assert made.tables["companies"] == 1


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    book = filled(tmp_path)
    file = tmp_path / "there.sqlite"
    file.write_text("mine")
    with refusing(ParameterRefusedError, "backup-exists"):
        back_up(book, file)
    assert file.read_text() == "mine"


def test_who_sees_a_part_of_the_book_takes_no_copy_of_it(tmp_path: Path) -> None:
    with refusing(PostingRefusedError, "book-read-only"):
        back_up(filled(tmp_path).scoped(["SUR"]), tmp_path / "all.sqlite")
    assert not (tmp_path / "all.sqlite").exists()


def test_in_a_folder_a_backup_bears_its_date_and_tells_what_it_is(tmp_path: Path) -> None:
    book = filled(tmp_path)
    (tmp_path / "backups").mkdir()
    made = back_up(book, tmp_path / "backups")
    assert Path(made.file).name == "book-20261101T120000Z.sqlite"
    beside = json.loads(Path(f"{made.file}.json").read_text())
    assert beside["anchor"] == made.anchor
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == [
        "book-20261101T120000Z.sqlite",
        "book-20261101T120000Z.sqlite.json",
    ]


def test_a_book_with_a_fault_leaves_no_backup(tmp_path: Path) -> None:
    book = filled(tmp_path)
    with raw(book) as connection:
        connection.execute("DROP TRIGGER documents_no_update")
        connection.execute("UPDATE documents SET original_amount = 1 WHERE document_key = 2")
    with refusing(WorkbenchError, "backup-not-proved") as refused:
        back_up(book, tmp_path / "out" / "backup.sqlite")
    assert refused.values["fault"] == "documents 2"
    assert list((tmp_path / "out").iterdir()) == []


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _edit(statement: str) -> object:
    def spoil(file: Path) -> None:
        connection = sqlite3.connect(file, isolation_level=None)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(statement)
        connection.close()

    return spoil


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (_cut, "backup-damaged"),
        (lambda file: file.write_text("no book, but long enough to be looked at " * 50), "backup-damaged"),
        (_edit("UPDATE documents SET original_amount = 1"), "backup-damaged"),
        (_edit("DELETE FROM receipts"), "backup-damaged"),
        (_edit("DELETE FROM audit WHERE seq > 2"), "backup-damaged"),
        (_edit("UPDATE settings SET value = '99' WHERE name = 'schema_version'"), "book-newer"),
        (_edit("DROP TABLE audit"), "backup-not-a-book"),
        (Path.unlink, "backup-missing"),
    ],
)  # fmt: skip
def test_a_damaged_backup_is_refused_with_its_reason_and_nothing_changes(spoil, rule, tmp_path: Path) -> None:
    file = Path(back_up(filled(tmp_path), tmp_path / "backup.sqlite").file)
    spoil(file)
    Path(f"{file}.json").unlink()  # judged by itself: the note would tell that the bytes are others
    place = tmp_path / "place"
    place.mkdir()
    with refusing(MissingBookError, rule):
        restore(file, f"sqlite:///{place / 'book.sqlite'}")
    assert list(place.iterdir()) == []


def test_bytes_that_are_not_the_noted_ones_are_refused(tmp_path: Path) -> None:
    file = Path(back_up(filled(tmp_path), tmp_path / "backup.sqlite").file)
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 1")  # nothing that a check of the book would see
    connection.close()
    with refusing(MissingBookError, "backup-damaged") as refused:
        restore(file, f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert refused.values["check"] == "sha256"


def test_a_damaged_backup_leaves_a_database_empty(tmp_path: Path, database: str) -> None:
    file = Path(back_up(filled(tmp_path), tmp_path / "backup.sqlite").file)
    _edit("UPDATE documents SET original_amount = 1")(file)  # type: ignore[operator]  # a closure
    Path(f"{file}.json").unlink()
    place = past_world.empty_place(tmp_path, database)
    with refusing(MissingBookError, "backup-damaged"):
        restore(file, place)
    books.open_book(place, create=True).close()  # the place is free still


def test_a_book_with_data_is_not_replaced_and_moved_aside_only_when_asked(tmp_path: Path) -> None:
    book = filled(tmp_path)
    made = back_up(book, tmp_path / "backup.sqlite")
    set_setting(book, "later", "1")
    before = holds(book.url)
    with refusing(ParameterRefusedError, "restore-place-taken"):
        restore(Path(made.file), book.url)
    with book.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM documents").scalar()
        with pytest.raises(BookBusyError):
            restore(Path(made.file), book.url, move_aside=True)
    assert holds(book.url) == before
    book.close()
    done = restore(Path(made.file), book.url, move_aside=True)
    assert holds(f"sqlite:///{done.moved_aside}") == before
    assert holds(book.url) == holds(f"sqlite:///{made.file}")


def test_an_empty_book_makes_place(tmp_path: Path) -> None:
    made = back_up(filled(tmp_path), tmp_path / "backup.sqlite")
    (tmp_path / "b").mkdir()
    empty = new_book(tmp_path / "b")
    empty.close()
    restore(Path(made.file), empty.url)
    assert holds(empty.url) == holds(f"sqlite:///{made.file}")


def test_a_database_with_a_book_is_not_restored_over(tmp_path: Path, database: str) -> None:
    book = filled(tmp_path, database)
    made = back_up(book, tmp_path / "backup.sqlite")
    before = holds(book.url)
    with refusing(ParameterRefusedError, "restore-place-taken"):
        restore(Path(made.file), book.url)
    assert holds(book.url) == before


def test_the_commands_answer_in_json_and_refuse_with_two(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    book = filled(tmp_path)
    book.close()

    def call(*arguments: str) -> tuple[int, object]:
        code = cli.main([*arguments, "--json"])
        said = capsys.readouterr().out
        return code, json.loads(said) if said else None

    code, made = call("backup", "--to", "b.sqlite", "--book", book.url)
    assert code == 0
    assert isinstance(made, dict)
    assert made["tables"]["documents"] == 2
    assert made["anchor"]["count"] == 4
    assert call("backup", "--to", "b.sqlite", "--book", book.url)[0] == 2
    code, done = call("restore", "b.sqlite", "--book", "sqlite:///new.sqlite")
    assert code == 0
    assert isinstance(done, dict)
    assert (done["anchor"], done["sha256"]) == (made["anchor"], made["sha256"])
    assert call("restore", "b.sqlite", "--book", "sqlite:///new.sqlite")[0] == 2
    assert call("backup", "--to", "c.sqlite", "--book", "sqlite:///none.sqlite")[0] == 2
    assert not (tmp_path / "none.sqlite").exists()
