"""Remittance advices and cleared items by the generic mappings: what the doors promise of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import new_book

from workbench import book as books
from workbench import intake
from workbench.book import read
from workbench.ledger import open_items_as_of

BY_RECEIPT = """receipt_id,reference,amount,deduction,reason
R1,1800001,900.00,100.00,RFTE
R1,1800002,50.00,,
R2,1800003,0.00,25.00,CALI
"""
BY_PAYER = """pagador;fecha_aviso;referencia;importe;deducción;motivo
ACME SAS;2026-10-05;1800001;900.00;100.00;RFTE
ACME SAS;2026-10-06;1800001;900.00;100.00;RFTE
;2026-10-06;1800009;1.00;;
ACME SAS;2026-10-06;1800004;10.00;-1.00;RFTE
ACME SAS;2026-10-06;1800005;0.00;0.00;
"""
CLEARED = """\
document_id,customer_id,document_date,currency,amount,cleared_amount,closed_date,clearing_document
1,C1,2026-09-01,COP,100.00,40.00,2026-10-01,D1
1,C1,2026-09-01,COP,100.00,60.00,2026-10-09,D2
2,C1,2026-09-01,COP,-30.00,,2026-10-09,D2
3,C1,2026-09-01,COP,50.00,60.00,2026-10-09,D3
4,C1,2026-09-01,COP,50.00,-5.00,2026-10-09,D3
5,C1,2026-09-01,COP,50.00,5.00,,
"""


@pytest.fixture
def book(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> books.Book:
    monkeypatch.chdir(root)
    return new_book(tmp_path)


def bring(book: books.Book, folder: Path, text: str, source: str) -> intake.ImportResult:
    path = folder / f"{source}.csv"
    path.write_text(text, encoding="utf-8")
    return intake.import_file(
        book, path, source, today=dt.date(2026, 11, 1), extract_date=dt.date(2026, 10, 31)
    )


def test_an_advice_is_known_by_its_receipt_and_keeps_what_is_held_back(
    book: books.Book, tmp_path: Path
) -> None:
    result = bring(book, tmp_path, BY_RECEIPT, "remittances")
    assert (result.status, result.to_json()["sums"]) == ("accepted", {"COP": "950.00"})
    lines = read.remittances(book)
    assert lines["remittance_id"].tolist() == ["R1", "R1", "R2"]
    assert lines["line"].tolist() == [1, 2, 1]
    assert lines["deduction"].tolist() == [100_00, 0, 25_00]


def test_an_advice_without_receipt_is_known_by_payer_and_day_and_one_of_nobody_is_kept_aside(
    book: books.Book, tmp_path: Path
) -> None:
    result = bring(book, tmp_path, BY_PAYER, "remittances")
    assert (result.status, result.rows_stored, result.rows_rejected) == ("partial", 2, 3)
    assert read.rejected_rows(book)["rule"].tolist() == ["advice-of-nobody", "sign", "zero-amount"]
    assert read.remittances(book)["remittance_id"].tolist() == ["ACME SAS|2026-10-05", "ACME SAS|2026-10-06"]


def test_partial_clearings_of_one_document_are_two_facts_each_on_its_day(
    book: books.Book, tmp_path: Path
) -> None:
    result = bring(book, tmp_path, CLEARED, "cleared_items")
    assert result.status == "partial"
    assert read.rejected_rows(book)["rule"].tolist() == ["cleared-gt-original", "sign", "date-missing"]
    names = ("documents", "observations", "clearings", "applications", "reversals")
    open_on = {
        day: dict(zip(items["document_number"], items["open_amount"].tolist(), strict=True))
        for day in (dt.date(2026, 9, 30), dt.date(2026, 10, 1), dt.date(2026, 10, 9))
        for items in [open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=day)]
    }
    assert open_on == {
        dt.date(2026, 9, 30): {"1": 100_00, "2": -30_00}, dt.date(2026, 10, 1): {"1": 60_00, "2": -30_00},
        dt.date(2026, 10, 9): {},
    }  # fmt: skip
