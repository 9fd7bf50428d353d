"""A small book with suggestions to decide on, and the workbook filled in as a person does in Excel."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from book_world import import_items, import_receipts, made_once, new_book

from workbench import book as books
from workbench import decisions, intake, ledger
from workbench.decisions import SHEET_COLUMNS
from workbench.views import decision_sheet

TODAY = dt.date(2026, 11, 3)
ALL_TIME = dt.date(9999, 12, 31)
FACTS = ("documents", "observations", "clearings", "applications", "reversals")
#: First row of data in the sheet.
FIRST = 8


@made_once
def make_book(folder: Path, database: str = "sqlite") -> books.Book:
    """Invoices of 100.00, 70.00 and 30.00, a credit note of 20.00; receipts of 100.00 and 40.00."""
    book = new_book(folder, database=database)
    invoices = (("1800001", 100_00), ("1800002", 70_00), ("1800003", 30_00), ("1800004", -20_00))
    import_items(book, *(
        {"document_number": number, "original_amount": amount, "open_amount": amount,
         "document_kind": "invoice" if amount > 0 else "credit_note"}
        for number, amount in invoices
    ))  # fmt: skip
    import_receipts(book, {}, {"receipt_id": "R2", "received_amount": 40_00})
    return book


def open_now(book: books.Book) -> pd.DataFrame:
    facts = (getattr(books.read, name)(book) for name in FACTS)
    return ledger.open_items_as_of(*facts, as_of=ALL_TIME, with_settled=True)


def unapplied_now(book: books.Book) -> pd.DataFrame:
    read = books.read
    return ledger.unapplied_receipts(
        read.receipts(book), read.applications(book), read.reversals(book), as_of=ALL_TIME
    )


def offered(book: books.Book) -> pd.DataFrame:
    """R1 may pay 1800001, or 1800002 and 1800003; nothing is proposed for R2."""
    items = open_now(book).set_index("document_key")
    legs = [(1, 1, 100_00), (2, 2, 70_00), (2, 3, 30_00)]
    suggested = pd.DataFrame(
        [{"receipt_key": 1, "receipt_id": "R1", "company_id": "CO01", "customer_id": "C1", "currency": "COP",
          "proposal": number, "rank": number, "document_key": key, "kind": "payment",
          "applied_amount": amount, "document_id": items.at[key, "document_id"],
          "rule": "few-documents", "evidence": "{}"}
         for number, key, amount in legs]
    )  # fmt: skip
    left = unapplied_now(book).assign(reason="ambiguous")
    return decisions.offer_decisions(suggested, left[left["unapplied_amount"] > 0], open_now(book))


def write_sheet(book: books.Book, path: Path) -> Path:
    frame = offered(book)
    decision_sheet.write_decision_sheet(
        path, frame.assign(rule_words=frame["rule"]), company="CO01", period="2026-10",
        as_of=dt.date(2026, 10, 31),
    )  # fmt: skip
    return path


_SAVES = itertools.count(1)


def fill(path: Path, said: dict[int, dict[str, Any]]) -> Path:
    """``said``: by data row (from 0), what is written into its columns; saved as a spreadsheet does."""
    workbook = openpyxl.load_workbook(path)
    for place, words in said.items():
        for name, value in words.items():
            workbook.active.cell(FIRST + place, SHEET_COLUMNS.index(name) + 1).value = value
    # A person's two saves are never of one second; here they may be, and would be the same bytes.
    workbook.properties.revision = str(next(_SAVES))
    workbook.save(path)
    return path


def bring_back(
    book: books.Book, path: Path, root: Path, *, who: str = "ana", today: dt.date = TODAY, **options: Any
) -> intake.ImportResult:
    parameters = options.pop("parameters", root / "parameters")
    return intake.import_file(
        book, path, "suggestions", parameters=parameters, today=today, who=who, **options
    )  # fmt: skip
