"""Reads: the frames' shapes, who may see what, as known at an instant, and how fast."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pandas as pd
import pytest
from book_world import (
    CUSTOMER,
    Clock,
    application,
    frame_of,
    import_items,
    import_lines,
    import_receipts,
    import_rows,
    legs,
    made_once,
    new_book,
)

from workbench import book as books
from workbench import tables
from workbench.book import read
from workbench.book.postings import apply, record_run

TABLES = [
    tables.DOCUMENTS, tables.OBSERVATIONS, tables.CLEARINGS, tables.APPLICATIONS, tables.REVERSALS,
    tables.RECEIPTS, tables.BANK_LINES, tables.BANK_BALANCES, tables.BOOK_LINES, tables.REMITTANCES,
    tables.RATES, tables.CUSTOMERS, tables.FINDINGS,
]  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    """Customers C1 in SUR, C2 in NORTE, C3 in no cluster; an invoice and a receipt each; a bank line."""
    return filled(tmp_path, database)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory, database: str) -> books.Book:
    """The same, once for all that only look at it."""
    return filled(tmp_path_factory.mktemp("unchanged"), database)


@made_once
def filled(folder: Path, database: str) -> books.Book:
    book = new_book(folder, database=database)
    places = {"C1": "SUR", "C2": "NORTE", "C3": ""}
    rows = [{"customer_id": name, "cluster_id": cluster} for name, cluster in places.items()]
    import_rows(book, "customers", CUSTOMER, *rows)
    import_items(book, *({"document_number": name, "customer_id": name} for name in places))
    import_receipts(book, *({"receipt_id": name, "customer_id": name} for name in places))
    import_lines(book, {})
    apply(book, legs(application("a", 1, 10_00), application("b", 2, 10_00, receipt_key=2)))
    return book


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_read_has_exactly_the_columns_and_types_of_its_table(
    unchanged: books.Book, table: tables.Table
) -> None:
    for view in (unchanged, unchanged.scoped([])):
        frame = getattr(read, table.name)(view)
        expected = {name: tables.DTYPES[kind] for name, kind in table.columns.items()}
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == expected
        pd.testing.assert_frame_equal(frame, table.conform(frame))


def test_a_scope_shows_its_clusters_and_nothing_else(book: books.Book) -> None:
    south = book.scoped(["SUR"])
    assert read.customers(south)["customer_id"].tolist() == ["C1"]
    assert read.documents(south)["customer_id"].tolist() == ["C1"]
    assert read.receipts(south)["customer_id"].tolist() == ["C1"]
    assert read.observations(south)["document_key"].tolist() == [1]
    assert read.applications(south)["application_id"].tolist() == ["a/1"]


@pytest.mark.parametrize("clusters", [[], [""], ["UNKNOWN"]])
def test_an_empty_or_unknown_scope_shows_nothing(book: books.Book, clusters: list[str]) -> None:
    nothing = book.scoped(clusters)
    for name in (
        "customers documents observations applications receipts bank_lines batches findings rejected_rows"
    ).split():
        assert getattr(read, name)(nothing).empty, name


def test_a_receipt_of_nobody_is_shown_to_no_cluster(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "", "cluster_id": "SUR"})
    assert read.receipts(book.scoped(["SUR"]))["customer_id"].tolist() == ["C1"]


def test_a_scope_cannot_be_widened(book: books.Book) -> None:
    assert read.customers(book.scoped(["SUR"]).scoped(["SUR", "NORTE"]))["customer_id"].tolist() == ["C1"]
    assert read.customers(book.scoped(["SUR"]).scoped(["NORTE"])).empty


def test_scopes_are_parts_of_the_whole(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C3", "cluster_id": "CENTRO"})
    parts = [read.documents(book.scoped([name]))["document_key"] for name in ("SUR", "NORTE", "CENTRO")]
    whole = read.documents(book)["document_key"]
    assert sorted(pd.concat(parts)) == sorted(whole)


def test_scope_follows_the_customer_when_he_changes_cluster(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1", "cluster_id": "NORTE"})
    assert read.documents(book.scoped(["SUR"])).empty
    assert set(read.documents(book.scoped(["NORTE"]))["customer_id"]) == {"C1", "C2"}


def test_reads_know_only_what_was_recorded_by_then(book: books.Book) -> None:
    then = book.latest_instant()
    import_items(book, {"document_number": "late"})
    assert len(read.documents(book)) == 4
    assert len(read.documents(book, known_at=then)) == 3
    assert len(read.observations(book, known_at=then)) == 3


def test_reads_are_limited_to_a_company_and_customers(book: books.Book) -> None:
    import_items(book, {"company_id": "CO02"})
    assert len(read.documents(book, "CO02")) == 1
    assert len(read.observations(book, "CO02")) == 1
    assert read.documents(book, customers={"C2"})["customer_id"].tolist() == ["C2"]
    assert read.observations(book, customers={"C2"})["document_key"].tolist() == [2]


def test_runs_come_back_as_they_were_recorded(tmp_path: Path, database: str) -> None:
    clock = Clock()
    book = new_book(tmp_path, database=database, clock=clock)
    run = {"run_id": "r", "notebook": "aging_review", "status": "done", "finished_at": clock.now}
    assert (record_run(book, run), record_run(book, run)) == (True, False)
    recorded = read.runs(book, period="")
    assert recorded["finished_at"].tolist() == [clock.now]


@pytest.mark.slow
def test_a_hundred_thousand_documents_are_read_in_two_seconds_of_work(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database)
    numbers = [{"document_number": str(number)} for number in range(1000)]
    frame = pd.concat([frame_of_items(numbers)] * 100, ignore_index=True)
    frame["document_number"] = [str(number) for number in range(len(frame))]
    frame["row"] = range(2, len(frame) + 2)
    batch = books.postings.ImportBatch(
        "big.csv", "0" * 64, "sap", "items", Clock().now.date(), frame, rows_in=len(frame)
    )
    assert books.postings.store_batch(book, batch).rows_stored == 100_000
    begun = time.process_time()
    documents = read.documents(book)
    assert time.process_time() - begun < 2
    assert len(documents) == 100_000


def frame_of_items(rows: list[dict[str, str]]) -> pd.DataFrame:
    from book_world import ITEM

    return frame_of(ITEM, rows)


def test_every_read_of_facts_shows_what_acts_by_a_day_and_was_known_at_an_instant(
    tmp_path: Path, database: str
) -> None:
    clock = Clock()
    book = new_book(tmp_path, database=database, clock=clock)
    for day in ("2026-09-30", "2026-10-31"):
        number, on = day[5:7], dt.date.fromisoformat(day)
        item = {
            "document_number": number,
            "document_date": day,
            "due_date": day,
            "clearing_document": "K",
            "clearing_date": day,
            "cleared_amount": 10_00,
            "open_amount": 90_00,
        }
        import_items(book, item, on=on)
        import_receipts(book, {"receipt_id": number, "receipt_date": day})
        clock.now += dt.timedelta(days=1)
    first = book_first_instant(book)
    for name in ("documents", "observations", "clearings", "receipts"):
        reader = getattr(read, name)
        assert len(reader(book)) == 2, name
        assert len(reader(book, as_of=dt.date(2026, 10, 30))) == 1, name
        assert len(reader(book, as_of=dt.date(2026, 10, 31))) == 2, name
        assert len(reader(book, as_of=dt.date(2026, 9, 29))) == 0, name
        assert len(reader(book, known_at=first)) == 1, name
    for name in (
        "applications",
        "reversals",
        "bank_lines",
        "bank_balances",
        "book_lines",
        "remittances",
        "rates",
    ):
        assert getattr(read, name)(book, as_of=dt.date(2026, 10, 31)).empty, name


def book_first_instant(book: books.Book) -> dt.datetime:
    """When the first receipt, and all before it, were recorded."""
    return read.receipts(book)["recorded_at"].min().to_pydatetime()
