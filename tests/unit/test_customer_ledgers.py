"""Customers' own ledgers: from their file to the book, and which of their lists holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from book_world import CUSTOMER, faults, import_rows, new_book

from workbench import book as books
from workbench import intake
from workbench.book import read
from workbench.sources import Context, load_mapping, read_content

TODAY = dt.date(2026, 11, 5)
OCTOBER, SEPTEMBER = dt.date(2026, 10, 31), dt.date(2026, 9, 30)
HEAD = "Cliente;Factura;Tipo;Fecha;Moneda;Saldo\n"
LIST = HEAD + "C1;FE1;Factura;2026-10-01;COP;100.00\nC1;FE1;Factura;2026-10-01;COP;100.00\n"


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    book = new_book(tmp_path, database=database)
    for name in ("C1", "C2"):
        import_rows(book, "customers", CUSTOMER, {"customer_id": name})
    return book


def bring(
    book: books.Book, folder: Path, root: Path, text: str, on: dt.date = OCTOBER
) -> intake.ImportResult:
    path = folder / "auxiliar.csv"
    path.write_text(text, encoding="utf-8")
    return intake.import_file(
        book, path, "customer_ledger", parameters=root / "parameters", extract_date=on, today=TODAY
    )


def held(book: books.Book, as_of: dt.date | None = None) -> list[tuple[str, str, str, int]]:
    lines = read.customer_ledger_lines(book, as_of=as_of)
    names = ("customer_id", "document_number", "currency", "ledger_amount")
    return sorted(zip(*(lines[name] for name in names), strict=True))


def test_a_line_twice_is_two_lines_and_the_file_twice_is_one_list(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    first = bring(book, tmp_path, root, LIST)
    assert (first.status, first.rows_stored, first.sums) == ("accepted", 2, {"COP": 200_00})
    assert bring(book, tmp_path, root, LIST).status == "duplicate"
    assert held(book) == [("C1", "FE1", "COP", 100_00)] * 2
    assert faults(book) == []


def test_the_newest_list_holds_and_the_ones_before_it_can_be_asked_for(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    bring(book, tmp_path, root, LIST, on=SEPTEMBER)
    bring(book, tmp_path, root, HEAD + "C1;FE2;Factura;2026-10-09;COP;7.00\nC2;X;;;COP;1.00\n")
    assert held(book) == [("C1", "FE2", "COP", 7_00), ("C2", "X", "COP", 1_00)]
    assert held(book, SEPTEMBER) == [("C1", "FE1", "COP", 100_00)] * 2
    bring(book, tmp_path, root, LIST.replace("FE1", "FE0"), on=SEPTEMBER)  # late: an older day's correction
    assert ("C1", "FE2", "COP", 7_00) in held(book)
    assert held(book, SEPTEMBER) == [("C1", "FE0", "COP", 100_00)] * 2


def test_a_list_corrected_on_its_day_replaces_the_first_and_one_in_dollars_stands_beside_it(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    bring(book, tmp_path, root, LIST)
    bring(book, tmp_path, root, HEAD + "C1;EX1;Factura;2026-10-01;USD;5.00\n")
    bring(book, tmp_path, root, HEAD + "C1;FE3;Factura;2026-10-01;COP;30.00\n")
    assert held(book) == [("C1", "EX1", "USD", 5_00), ("C1", "FE3", "COP", 30_00)]


def test_a_bad_row_is_kept_aside_and_the_rest_is_taken(book: books.Book, tmp_path: Path, root: Path) -> None:
    text = LIST + "C9;FE9;Factura;2026-10-01;COP;1.00\nC1;FE8;Factura;2026-10-01;COP;doce\n"
    result = bring(book, tmp_path, root, text)
    assert (result.status, result.rows_in, result.rows_stored, result.rows_rejected) == ("partial", 4, 2, 2)
    assert set(result.findings["rule"]) >= {"unknown-customer", "amount-format"}


def test_a_total_that_is_not_the_sum_of_its_lines_is_told(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    result = bring(book, tmp_path, root, LIST + "Total;;;;COP;201.00\n")
    told = result.findings[result.findings["rule"] == "totals-differ"]
    assert told["amount"].tolist() == [1_00]
    right = bring(book, tmp_path, root, LIST + "Total;;;;COP;200.00\n")
    assert "totals-differ" not in set(right.findings["rule"])


@pytest.mark.parametrize(
    ("sign", "heads", "cells", "amount"),
    [
        ("as_is", "Saldo", "-5.00", -5_00),
        ("reversed", "Saldo", "-5.00", 5_00),
        ("by_kind", "Saldo", "5.00", -5_00),  # the row is a payment
        ("by_side", "Saldo;Naturaleza", "5.00;D", -5_00),
        ("by_side", "Saldo;Naturaleza", "5.00;C", 5_00),
        ("as_is", "Débito;Crédito", "5.00;", -5_00),  # their debit takes from what they owe
        ("as_is", "Débito;Crédito", ";5.00", 5_00),
        ("reversed", "Débito;Crédito", "5.00;", 5_00),
    ],
)
def test_inside_positive_is_what_they_owe_us(
    root: Path, sign: str, heads: str, cells: str, amount: int
) -> None:
    mapping = replace(load_mapping(root / "parameters", "customer_ledger"), sign=sign)
    text = f"Cliente;Factura;Tipo;{heads}\nC1;P1;Pago;{cells}\n"
    parsed = read_content(text.encode(), mapping, file="a.csv", context=Context())
    assert parsed.frame["ledger_amount"].tolist() == [amount]


def test_a_list_whose_payments_all_add_to_the_debt_is_told(root: Path) -> None:
    mapping = load_mapping(root / "parameters", "customer_ledger")
    text = HEAD + "C1;FE1;Factura;2026-10-01;COP;9.00\nC1;P1;Pago;2026-10-02;COP;5.00\n"
    parsed = read_content(text.encode(), mapping, file="a.csv", context=Context())
    assert parsed.findings["rule"].tolist() == ["ledger-signs-odd"]
    as_meant = read_content(
        text.replace(";5.00", ";-5.00").encode(), mapping, file="a.csv", context=Context()
    )
    assert as_meant.findings.empty
