"""What a person decides by stands in the sheet, locked and outside the seals; the most money comes first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from book_world import CUSTOMER, import_items, import_receipts, import_rows, new_book
from deciding_world import FIRST, bring_back, offered, open_now

from workbench import book as books
from workbench import credit_notes, decisions
from workbench.decisions import CONTEXT, SHEET_COLUMNS
from workbench.runs.named import Names
from workbench.runs.result_files import write_offered

AS_OF = dt.date(2026, 10, 31)


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """As ``deciding_world.make_book``, with references, a name, what the bank said, and one of nobody."""
    book = new_book(tmp_path, database="sqlite")
    rows = (("1800001", "FE1", 100_00), ("1800002", "FE2", 70_00), ("1800003", "FE3", 30_00),
            ("1800004", "NC4", -20_00))  # fmt: skip
    import_items(book, *(
        {"document_number": number, "reference": name, "original_amount": amount, "open_amount": amount,
         "document_kind": "invoice" if amount > 0 else "credit_note"} for number, name, amount in rows
    ))  # fmt: skip
    import_receipts(
        book,
        {"text": "TRANSFERENCIA", "payer_name": "LACTEOS"},
        {"receipt_id": "R0", "received_amount": 900_00, "customer_id": ""},
        {"receipt_id": "R2", "received_amount": 400_00},
    )
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1", "customer_name": "Lácteos del Norte"})
    return book


def written(book: books.Book, folder: Path, frame: pd.DataFrame) -> Path:
    names = Names()
    for name in ("customers", "documents", "receipts"):
        names.learn(name, getattr(books.read, name)(book))
    write_offered(folder, frame, company="CO01", period="2026-10", as_of=AS_OF, names=names)
    return folder / "suggestions.xlsx"


def cells(path: Path, row: int, names: tuple[str, ...] = CONTEXT) -> list[object]:
    sheet = openpyxl.load_workbook(path).active
    return [sheet.cell(row, SHEET_COLUMNS.index(name) + 1).value for name in names]


def test_a_row_says_who_what_when_and_what_the_bank_said_and_the_most_money_comes_first(
    book: books.Book, tmp_path: Path
) -> None:
    path = written(book, tmp_path, offered(book))
    sheet = openpyxl.load_workbook(path).active
    receipts = [sheet.cell(row, 1).value for row in range(FIRST, sheet.max_row + 1)]
    assert list(dict.fromkeys(receipts)) == ["R2", "R1", "R0"]  # of nobody last, though it is the largest
    name, text, payer, reference, due = cells(path, FIRST + 1)
    assert (name, reference, text, payer) == ("Lácteos del Norte", "FE1", "TRANSFERENCIA", "LACTEOS")
    assert isinstance(due, dt.datetime)
    for column in CONTEXT:
        assert sheet.cell(FIRST, SHEET_COLUMNS.index(column) + 1).protection.locked


def test_no_decision_is_bound_to_it_and_a_sheet_of_before_is_read_as_it_was(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    path = written(book, tmp_path, offered(book))
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    sheet.cell(FIRST + 1, SHEET_COLUMNS.index("decision") + 1).value = "Aceptar"
    for column in sorted(map(SHEET_COLUMNS.index, CONTEXT), reverse=True):
        sheet.delete_cols(column + 1)
    workbook.save(tmp_path / "before.xlsx")
    result = bring_back(book, tmp_path / "before.xlsx", root)
    assert (result.rows_stored, result.findings.empty) == (1, True)


def test_a_credit_note_is_called_by_its_number_and_its_customer_by_name(
    book: books.Book, tmp_path: Path
) -> None:
    items = open_now(book)
    matched = credit_notes.match_credit_notes(items, as_of=AS_OF)
    path = written(book, tmp_path, decisions.offer_set_offs(matched.suggested, matched.unapplied, items))
    assert cells(path, FIRST, ("customer_name", "bank_text")) == ["Lácteos del Norte", "NC4"]
    assert cells(path, FIRST - 1, ("bank_text",)) == ["Número de la nota"]
