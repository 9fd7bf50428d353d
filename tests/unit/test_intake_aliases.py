"""Aliases from a file to the book and back: each once, the last word holds, and only who may see it does."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import CUSTOMER, START, Clock, faults, import_rows, ledger_hash, new_book

from workbench import book as books
from workbench import intake, tables
from workbench.book import read

TODAY = dt.date(2026, 11, 1)
HEAD = "kind,pattern,customer_id,valid_from,valid_through,approved_by\n"
WORDS = "text,Pagos del Norte,C1,2026-01-01,,Beatriz\n"
PAYER = "customer,C2,C1,,,Beatriz\n"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, database: str, clock: Clock) -> books.Book:
    book = new_book(tmp_path, database=database, clock=clock)
    for name, cluster in (("C1", "SUR"), ("C2", "NORTE")):
        import_rows(book, "customers", CUSTOMER, {"customer_id": name, "cluster_id": cluster})
    return book


@pytest.fixture(autouse=True)
def _in_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def bring(book: books.Book, folder: Path, lines: str) -> intake.ImportResult:
    path = folder / "aliases.csv"
    path.write_text(HEAD + lines, encoding="utf-8")
    return intake.import_file(book, path, "aliases", today=TODAY, who="ana")


def test_an_alias_is_kept_as_it_is_compared_and_stored_once(book: books.Book, tmp_path: Path) -> None:
    assert bring(book, tmp_path, WORDS + PAYER).status == "accepted"
    before = ledger_hash(book)
    again = bring(book, tmp_path, "texto,PAGOS  DEL  NORTE,C1,2026-01-01,,Beatriz\n" + PAYER)
    assert (again.status, again.rows_duplicate) == ("duplicate", 2)
    assert ledger_hash(book) == before
    held = read.aliases(book)
    assert held["pattern"].tolist() == ["C2", "PAGOS DEL NORTE"]
    assert held["approved_by"].tolist() == ["Beatriz", "Beatriz"]
    assert faults(book) == []


def test_a_last_day_is_a_newer_word_and_the_older_one_stays_known_as_it_was(
    book: books.Book, tmp_path: Path, clock: Clock
) -> None:
    bring(book, tmp_path, WORDS)
    clock.now += dt.timedelta(days=3)
    bring(book, tmp_path, WORDS.replace(",,", ",2026-10-31,"))
    assert read.aliases(book)["valid_through"].tolist() == [pd.Timestamp("2026-10-31")]
    assert read.aliases(book, known_at=START)["valid_through"].isna().all()
    assert read.aliases(book, as_of=dt.date(2025, 12, 31)).empty
    assert len(read.aliases(book, as_of=dt.date(2026, 1, 1))) == 1


def test_rows_that_may_not_be_aliases_are_refused_with_their_reason(book: books.Book, tmp_path: Path) -> None:
    result = bring(
        book,
        tmp_path,
        "text,Nadie firmó,C1,,,\ncustomer,C9,C1,,,Ana\ntext,Cliente nuevo,C9,,,Ana\ncustomer,C1,C1,,,Ana\n"
        "text,Dos veces,C1,,2026-01-31,Ana\ntext,Dos veces,C1,,2026-02-28,Ana\n" + WORDS,
    )
    assert (result.status, result.rows_in, result.rows_stored, result.rows_rejected) == ("partial", 7, 1, 6)
    assert sorted(result.findings["rule"]) == [
        "alias-not-approved",
        "alias-of-itself",
        "key-conflict",
        "key-conflict",
        "unknown-customer",
        "unknown-customer",
    ]
    assert read.aliases(book)["pattern"].tolist() == ["PAGOS DEL NORTE"]


def test_a_scoped_book_shows_the_aliases_of_its_own_customers(book: books.Book, tmp_path: Path) -> None:
    bring(book, tmp_path, WORDS + "customer,C1,C2,,,Beatriz\n")
    assert read.aliases(book.scoped(["NORTE"]))["customer_id"].tolist() == ["C2"]
    assert read.aliases(book.scoped([])).empty
    assert read.aliases(book, customers=["C1"])["pattern"].tolist() == ["PAGOS DEL NORTE"]
    assert read.aliases(book, "CO02").empty


@pytest.mark.parametrize(
    ("table", "name"), [(tables.ALIASES, "aliases"), (tables.ALIAS_EVIDENCE, "alias_evidence")]
)
def test_an_empty_read_has_the_tables_columns(book: books.Book, table: tables.Table, name: str) -> None:
    frame = getattr(read, name)(book)
    assert {column: str(kind) for column, kind in frame.dtypes.items()} == {
        column: tables.DTYPES[kind] for column, kind in table.columns.items()
    }
