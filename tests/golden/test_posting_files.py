"""Posting files to the byte: a small made-up book, both layouts, the ERP's decimal mark and encoding.

The expected files stand in ``postings/``; they were checked by hand against the figures of the book below.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import application, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench import exports
from workbench.book.postings import apply, reverse
from workbench.calendar import Period

EXPECTED = Path(__file__).parent / "postings"


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """One receipt over two invoices with a withholding and a peso of tolerance; a credit note set off;
    a payment on account."""
    book = new_book(tmp_path)
    import_items(
        book,
        {"document_number": "0001800001", "fiscal_year": "2026", "document_type": "RV", "item": "001",
         "original_amount": 11_900_000_00, "open_amount": 11_900_000_00, "customer_id": "0000100200"},
        {"document_number": "0001800002", "fiscal_year": "2026", "document_type": "RV", "item": "001",
         "original_amount": 500_001_00, "open_amount": 500_001_00, "customer_id": "0000100200"},
        {"document_number": "0001700009", "fiscal_year": "2026", "document_type": "DG", "item": "001",
         "original_amount": -80_000_50, "open_amount": -80_000_50, "customer_id": "0000100300"},
        {"document_number": "0001800003", "fiscal_year": "2026", "document_type": "RV", "item": "002",
         "original_amount": 200_000_00, "open_amount": 200_000_00, "customer_id": "0000100300"},
    )  # fmt: skip
    import_receipts(
        book,
        {"receipt_id": "CO-7731", "received_amount": 12_150_000_00, "customer_id": "0000100200"},
        {"receipt_id": '=CMD;"x"', "received_amount": 1_234_567_89, "customer_id": "0000100300"},
    )
    apply(
        book,
        legs(
            application("pago", 1, 11_650_000_00),
            application("pago", 1, 250_000_00, application_id="pago/rfte", kind="withholding"),
            application("pago", 2, 500_000_00),
            application("pago", 2, 1_00, application_id="pago/redo", kind="tolerance"),
            application("cruce", 3, -80_000_50, receipt_key=-1, kind="credit_note", rule="billing-reference"),
            application("cruce", 4, 80_000_50, receipt_key=-1, kind="payment", rule="billing-reference"),
            application("anticipo", -1, 1_234_567_89, receipt_key=2, kind="on_account"),
        ),
    )
    return book


@pytest.mark.parametrize("layout", ["generic", "sap_clearing"])
def test_the_posting_file_is_as_the_layout_says_to_the_byte(
    book: books.Book, root: Path, tmp_path: Path, layout: str
) -> None:
    left = exports.export_postings(
        book, period=Period.parse("2026-10"), layout=layout, out=tmp_path / "out", on=dt.date(2026, 11, 2),
        parameters=root / "parameters",
    )  # fmt: skip
    expected = next(EXPECTED.glob(f"{layout}.*"))
    assert Path(left.file).read_bytes() == expected.read_bytes()
    assert left.to_json()["sums"] == {"COP": "13634568.89"}
    assert left.documents == 3


def test_a_reversal_of_what_has_left_leaves_with_its_signs_turned(
    book: books.Book, root: Path, tmp_path: Path
) -> None:
    october = {"layout": "sap_clearing", "out": tmp_path, "parameters": root / "parameters"}
    exports.export_postings(
        book,
        period=Period.parse("2026-10"),
        on=dt.date(2026, 11, 2),
        **october,  # type: ignore[arg-type]  # mixed
    )
    reverse(
        book, ["cruce/3", "cruce/4"], effective_date=dt.date(2026, 11, 3), reason="error", operation_id="u1"
    )
    left = exports.export_postings(
        book,
        period=Period.parse("2026-11"),
        on=dt.date(2026, 11, 4),
        **october,  # type: ignore[arg-type]  # mixed
    )
    assert Path(left.file).read_bytes() == (EXPECTED / "sap_reversal.txt").read_bytes()
