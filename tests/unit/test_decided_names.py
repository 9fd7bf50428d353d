"""How a person may call a document in the sheet: its reference, its number, its id; never a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from book_world import faults, import_items, new_book
from deciding_world import FIRST, bring_back, fill, import_receipts, write_sheet

from workbench import book as books


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """Of C1: FE990201, FE990202 (twice, once settled later), of C2: FE990201 too and FE990300."""
    book = new_book(tmp_path, database="sqlite")
    rows = [
        ("1800001", "FE990201", 100_00, "C1"), ("1800002", "FE-990202", 70_00, "C1"),
        ("1800003", "FE990203", 30_00, "C1"), ("1800004", "FE990203", 20_00, "C1"),
        ("1800005", "FE990201", 60_00, "C2"), ("1800006", "FE990300", 50_00, "C2"),
    ]  # fmt: skip
    import_items(book, *(
        {"document_number": number, "reference": name, "original_amount": amount, "open_amount": amount,
         "customer_id": customer} for number, name, amount, customer in rows
    ))  # fmt: skip
    import_receipts(book, {}, {"receipt_id": "R2", "received_amount": 40_00})
    return book


@pytest.mark.parametrize(
    ("written", "document"),
    [
        ("FE990201", "1800001"),  # C2 has one too: the receipt's customer comes first
        ("fe 990202", "1800002"),
        ("1800002", "1800002"),
        ("1800002/2026/001", "1800002"),
        ("FE990300", "1800006"),
    ],
)
def test_a_document_is_called_by_its_reference_number_or_id(
    book: books.Book, tmp_path: Path, root: Path, written: str, document: str
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {0: {"decision": "Cambiar", "decided_documents": written, "decided_amounts": "10,50"}})
    assert bring_back(book, sheet, root).findings.empty
    made = books.read.applications(book)
    numbers = books.read.documents(book).set_index("document_key")["document_number"]
    assert [numbers[key] for key in made["document_key"]] == [document]
    assert made["applied_amount"].tolist() == [10_50]
    assert faults(book) == []


def test_several_that_are_called_so_are_refused_by_their_ids(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sheet = write_sheet(book, tmp_path / "s.xlsx")
    fill(sheet, {0: {"decision": "Cambiar", "decided_documents": "FE990203", "decided_amounts": "10"}})
    found = bring_back(book, sheet, root).findings
    assert found["rule"].tolist() == ["decision-document-ambiguous"]
    told = json.loads(found["values"].iloc[0])
    assert told["candidates"] == "1800003/2026/001, 1800004/2026/001"
    assert told["cell"] == f"S{FIRST}"
    assert books.read.applications(book).empty
