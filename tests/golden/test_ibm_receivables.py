"""IBM's set of receivables through its mapping into a book, against a reading with the csv module alone."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from book_world import faults, new_book

from workbench import book as books
from workbench import intake
from workbench.book import read
from workbench.ledger import open_items_as_of

FILE = "WA_Fn-UseC_-Accounts-Receivable.csv"
CUTOFFS = [
    dt.date(2012, 1, 3),
    dt.date(2012, 6, 30),
    dt.date(2013, 1, 2),
    dt.date(2013, 12, 2),
    dt.date(2014, 1, 9),
]


class Invoice(NamedTuple):
    number: str
    customer: str
    cents: int
    dated: dt.date
    due: dt.date
    settled: dt.date
    is_disputed: bool


def _day(text: str) -> dt.date:
    month, day, year = text.split("/")
    return dt.date(int(year), int(month), int(day))


@pytest.fixture(scope="module")
def invoices(shared: Path) -> list[Invoice]:
    with (shared / "data/ibm" / FILE).open(newline="", encoding="utf-8") as stream:
        return [
            Invoice(
                row["invoiceNumber"], row["customerID"], int(Decimal(row["InvoiceAmount"]) * 100),
                _day(row["InvoiceDate"]), _day(row["DueDate"]), _day(row["SettledDate"]),
                row["Disputed"] == "Yes",
            )
            for row in csv.DictReader(stream)
        ]  # fmt: skip


@pytest.fixture(scope="module")
def world(
    root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[books.Book, intake.ImportResult]:
    book = new_book(tmp_path_factory.mktemp("ibm"))
    result = intake.import_file(
        book, shared / "data/ibm" / FILE, "ibm_receivables", today=dt.date(2026, 11, 1),
        parameters=root / "parameters",
    )  # fmt: skip
    return book, result


def test_every_invoice_is_stored_and_the_sum_is_that_of_the_file(
    world: tuple[books.Book, intake.ImportResult], invoices: list[Invoice]
) -> None:
    book, result = world
    assert (result.status, result.rows_in, result.rows_stored) == ("accepted", 2466, 2466)
    assert result.sums == {"USD": sum(one.cents for one in invoices)}
    documents = read.documents(book)
    stored = zip(
        documents["document_number"], documents["customer_id"], documents["original_amount"], strict=True
    )
    assert Counter(stored) == Counter((one.number, one.customer, one.cents) for one in invoices)
    assert documents["document_number"].str.len().eq(10).all()  # the zeros in front are there
    assert len(read.customers(book)) == len({one.customer for one in invoices}) == 100
    assert set(documents.loc[documents["text"] == "Yes", "document_number"]) == {
        one.number for one in invoices if one.is_disputed
    }
    assert not faults(book)


def test_each_invoice_has_one_clearing_on_its_settled_day(
    world: tuple[books.Book, intake.ImportResult], invoices: list[Invoice]
) -> None:
    book, _ = world
    documents, clearings = read.documents(book), read.clearings(book)
    numbers = dict(zip(documents["document_key"], documents["document_number"], strict=True))
    told = {
        numbers[key]: (day.date(), amount)
        for key, day, amount in zip(
            clearings["document_key"], clearings["clearing_date"], clearings["cleared_amount"], strict=True
        )
    }
    assert told == {one.number: (one.settled, one.cents) for one in invoices}
    assert len(clearings) == 2466


@pytest.mark.parametrize("as_of", CUTOFFS)
def test_what_is_open_on_a_day_is_what_was_dated_by_then_and_not_settled_by_then(
    world: tuple[books.Book, intake.ImportResult], invoices: list[Invoice], as_of: dt.date
) -> None:
    book, _ = world
    names = ("documents", "observations", "clearings", "applications", "reversals")
    items = open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=as_of)
    expected = {one.number: one.cents for one in invoices if one.dated <= as_of < one.settled}
    assert dict(zip(items["document_number"], items["open_amount"].tolist(), strict=True)) == expected
    overdue = items[items["due_date"] < str(as_of)]["open_amount"].sum()
    assert overdue == sum(
        one.cents for one in invoices if one.dated <= as_of < one.settled and one.due < as_of
    )


def test_the_extract_speaks_of_its_last_day_and_the_same_bytes_again_are_known(
    world: tuple[books.Book, intake.ImportResult], invoices: list[Invoice], root: Path, shared: Path
) -> None:
    book, _ = world
    last = max(max(one.settled, one.dated) for one in invoices)
    assert read.batches(book)["extract_date"].dt.date.tolist() == [last]
    again = intake.import_file(
        book, shared / "data/ibm" / FILE, "ibm_receivables", today=dt.date(2026, 11, 1),
        parameters=root / "parameters",
    )  # fmt: skip
    assert (again.status, again.rows_duplicate) == ("duplicate", 2466)
