"""A small world for tests of the book: real books on either database, frames as ``sources`` makes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pandas as pd
import postgres_server
from postgres_server import DATABASES

from workbench import book as books
from workbench.book.batches import ImportBatch
from workbench.book.postings import StoreResult, store_batch
from workbench.book.schema import LEDGER_TABLES
from workbench.tables import BANK_BALANCES, CUSTOMERS

START = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
OCTOBER = dt.date(2026, 10, 31)


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now


@cache
def _empty_book() -> bytes:
    """Made once: eighty tables and triggers cost more than a test."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "book.sqlite"
        books.open_book(f"sqlite:///{file}", create=True, clock=Clock()).close()
        return file.read_bytes()


#: Books that tests opened; conftest closes them when a test ends, before its database is given back.
_opened: list[books.Book] = []


def new_book(
    folder: Path,
    *,
    database: str = "sqlite",
    clock: Clock | None = None,
    busy_seconds: float = 10.0,
) -> books.Book:
    """The book of that folder, made where there is none: a file, or a database whose address it holds."""
    url = _address(folder, database)
    book = books.open_book(url, create=True, clock=clock or Clock(), busy_seconds=busy_seconds)
    _opened.append(book)
    return book


def made_once(make: Callable[..., books.Book]) -> Callable[..., books.Book]:
    """For a function that fills a new book of a folder: a file is filled once, and each caller has a copy.

    On a server it is filled each time.
    """

    @cache
    def content() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), database="sqlite").close()  # so that all of it is in the one file
            return (Path(folder) / "book.sqlite").read_bytes()

    @wraps(make)
    def made(folder: Path, database: str = "sqlite") -> books.Book:
        if database != "sqlite":
            return make(folder, database=database)
        file = folder / "book.sqlite"
        assert not file.exists(), "a book is made in a folder of its own"
        file.write_bytes(content())
        return new_book(folder)

    return made


def _address(folder: Path, database: str) -> str:
    assert database in DATABASES
    note = folder / "book.address"
    if note.exists():
        return note.read_text()
    if database == "postgresql":
        note.write_text(postgres_server.take_empty_book())
        return note.read_text()
    file = folder / "book.sqlite"
    if not file.exists():
        file.write_bytes(_empty_book())
    return f"sqlite:///{file}"


def close_books() -> None:
    """Let go of every book still open."""
    while _opened:
        _opened.pop().close()


def is_file(book: books.Book) -> bool:
    """Whether the book is a SQLite file."""
    return book.url.startswith("sqlite:///")


def copy_of(book: books.Book, folder: Path) -> books.Book:
    """The same book in another folder."""
    book.close()  # so that all of it is in the one file, and nobody is at work in the database
    if is_file(book):
        shutil.copy(book.url.removeprefix("sqlite:///"), folder / "book.sqlite")
        return new_book(folder)
    (folder / "book.address").write_text(postgres_server.take_copy(book.url))
    return new_book(folder, database="postgresql")


def raw(book: books.Book) -> Any:
    """The book as anybody with sqlite3 opens the file, or as a superuser with psycopg the database.

    Both give ``execute(…)`` with ``fetchone`` and ``fetchall``, each statement its own transaction.
    """
    if is_file(book):
        return sqlite3.connect(book.url.removeprefix("sqlite:///"), isolation_level=None)
    postgres_server.spoil(book.url)
    return postgres_server.admin(postgres_server.database_of(book.url))


ITEM: dict[str, Any] = {
    "company_id": "CO01", "fiscal_year": "2026", "document_type": "RV", "document_number": "1800001",
    "item": "001", "customer_id": "C1", "customer_name": "Uno", "document_date": "2026-09-01",
    "due_date": "2026-10-01", "reception_date": None, "currency": "COP", "original_amount": 100_00,
    "is_original_stated": True, "open_amount": 100_00, "has_open_amount": True, "clearing_date": None,
    "clearing_document": "", "cleared_amount": 0, "reference": "", "reference_document_id": "",
    "order_id": "", "centre_id": "", "text": "", "payment_terms": "", "special_gl": "", "payment_block": "",
    "dunning_level": "", "taxable_base": 0, "tax": 0, "document_kind": "invoice",
}  # fmt: skip
LINE: dict[str, Any] = {
    "company_id": "CO01", "account_id": "BANK-1", "line_id": "REF1", "booking_date": "2026-10-05",
    "value_date": "2026-10-05", "currency": "COP", "bank_amount": 100_00, "line_kind": "deposit",
    "reference": "", "text": "abono", "payer_name": "UNO SAS",
}  # fmt: skip
RECEIPT: dict[str, Any] = {
    "company_id": "CO01", "account_id": "", "receipt_id": "R1", "receipt_date": "2026-10-05",
    "currency": "COP", "received_amount": 100_00, "customer_id": "C1", "text": "", "payer_name": "",
    "payer_tax_id": "", "payer_account": "",
}  # fmt: skip
CUSTOMER: dict[str, Any] = dict.fromkeys(CUSTOMERS.columns, "") | {"company_id": "CO01"}
RATE: dict[str, Any] = {
    "source": "trm", "from_currency": "USD", "to_currency": "COP", "valid_from": "2026-10-01",
    "valid_through": "2026-10-01", "rate": 4_000_000_000,
}  # fmt: skip
ADVICE: dict[str, Any] = {
    "company_id": "CO01", "remittance_id": "", "line": 0, "receipt_id": "R1", "customer_id": "C1",
    "payer_name": "", "advice_date": "2026-10-05", "currency": "COP", "reference": "1800001",
    "advised_amount": 100_00, "deduction": 0, "reason": "",
}  # fmt: skip
BOOK_LINE: dict[str, Any] = {
    "company_id": "CO01", "account_id": "BANK-1", "line_id": "L1", "posting_date": "2026-10-05",
    "currency": "COP", "book_amount": 100_00, "reference": "", "text": "",
}  # fmt: skip
BALANCE: dict[str, Any] = {
    "company_id": "CO01", "account_id": "BANK-1", "currency": "COP", "opening_date": "2026-10-01",
    "opening_amount": 0, "closing_date": "2026-10-05", "closing_amount": 100_00,
}  # fmt: skip


def frame_of(base: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a mapping, the base filling what it does not say; dates are days."""
    frame = pd.DataFrame([{**base, **row} for row in rows], columns=list(base))
    for name in frame.columns:
        if name.endswith("_date") or name.startswith("valid_"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame.insert(0, "row", range(2, len(frame) + 2))
    return frame


def import_rows(
    book: books.Book,
    kind: str,
    base: Mapping[str, Any],
    *rows: Mapping[str, Any],
    on: dt.date = OCTOBER,
    source: str = "sap",
    dry_run: bool = False,
    balances: pd.DataFrame | None = None,
    **settings: Any,
) -> StoreResult:
    frame = frame_of(base, rows)
    text = f"{source} {kind} {on} {frame.to_json(date_format='iso')}"
    batch = ImportBatch(
        file="rows.csv", sha256=hashlib.sha256(text.encode()).hexdigest(), source=source, kind=kind,
        extract_date=on, frame=frame, rows_in=len(frame),
        balances=BANK_BALANCES.empty() if balances is None else balances, **settings,
    )  # fmt: skip
    return store_batch(book, batch, dry_run=dry_run)


def import_items(book: books.Book, *rows: Mapping[str, Any], **settings: Any) -> StoreResult:
    return import_rows(book, "items", ITEM, *rows, **settings)


def import_lines(book: books.Book, *rows: Mapping[str, Any], **settings: Any) -> StoreResult:
    return import_rows(book, "bank_statement", LINE, *rows, source="bank", **settings)


def import_receipts(book: books.Book, *rows: Mapping[str, Any], **settings: Any) -> StoreResult:
    return import_rows(book, "receipts", RECEIPT, *rows, source="receipts", **settings)


def import_receipts_as(book: books.Book, who: str) -> None:
    """Somebody brings a receipt of no account in."""
    frame = frame_of(RECEIPT, [{"receipt_id": "R9", "receipt_date": "2026-11-02"}])
    batch = ImportBatch(
        file="r.csv", sha256="9" * 64, source="receipts", kind="receipts", extract_date=dt.date(2026, 11, 3),
        frame=frame, rows_in=1, balances=BANK_BALANCES.empty(),
    )  # fmt: skip
    store_batch(book, batch, who=who)


def application(operation: str, document_key: int, amount: int, **more: Any) -> dict[str, Any]:
    leg = {
        "application_id": f"{operation}/{document_key}", "operation_id": operation, "receipt_key": 1,
        "document_key": document_key, "kind": "payment", "applied_amount": amount,
        "effective_date": "2026-10-05", "rule": "exact-references", "evidence": "{}",
    }  # fmt: skip
    return {**leg, **more}


def legs(*rows: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    frame["effective_date"] = pd.to_datetime(frame["effective_date"]).astype("datetime64[s]")
    return frame


def ledger_hash(book: books.Book) -> str:
    """The content of every ledger table, row by row."""
    told = hashlib.sha256()
    with book.reading() as connection:
        for table in LEDGER_TABLES:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY 1'):
                told.update(repr((table, tuple(row))).encode())
    return told.hexdigest()


def faults(book: books.Book) -> list[str]:
    return [f"{one.check}: {one.first_fault}" for one in books.audit.verify(book) if not one.ok]
