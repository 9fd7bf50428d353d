"""A book with one bank account over three months, small enough to know every line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
from book_world import BALANCE, BOOK_LINE, LINE, import_lines, import_rows, made_once, new_book

from workbench.book import Book
from workbench.calendar import Period
from workbench.policy import Policy

COMPANY, ACCOUNT = "CO01", "BANK-1"
POLICY = Policy()
TODAY = dt.date(2026, 11, 3)
#: By month: what the bank shows and what we booked, (day, id, amount, reference).
MONTHS: dict[str, tuple[list[tuple[int, str, int, str]], list[tuple[int, str, int, str]]]] = {
    "2026-08": (
        [(5, "B1", 500_00, "R1"), (20, "B2", -20_00, "")],
        [(5, "A1", 500_00, "R1"), (31, "A2", 300_00, "CT1")],
    ),
    "2026-09": (
        [(1, "B3", 300_00, "CT1"), (15, "B4", 700_00, "")],
        [(7, "A3", -20_00, "B2"), (15, "A4", 400_00, ""), (15, "A5", 300_00, "")],
    ),
    "2026-10": (
        [(9, "B5", 100_00, ""), (20, "B6", 250_00, ""), (21, "B7", 5_50, "INT7")],
        [(9, "A6", 90_00, ""), (28, "A7", 250_00, "")],
    ),
}


@made_once
def bank_book(folder: Path, *, database: str = "sqlite") -> Book:
    """The book with statements and ledger of the three months; the bank opens with 1.000 and so do we."""
    book = new_book(folder, database=database)
    balance = 1000_00
    import_ledger(book, ("2026-08-01", "SI", balance, ""))
    for month, (bank, ledger) in MONTHS.items():
        closing = balance + sum(amount for _, _, amount, _ in bank)
        import_statement(book, month, balance, closing, bank)
        import_ledger(
            book, *((f"{month}-{day:02d}", name, amount, said) for day, name, amount, said in ledger)
        )
        balance = closing
    return book


def import_statement(
    book: Book, month: str, opening: int, closing: int, lines: list[tuple[int, str, int, str]]
) -> None:
    period = Period.parse(month)
    balances = pd.DataFrame([{
        **BALANCE, "opening_date": period.first_day, "opening_amount": opening,
        "closing_date": period.last_day, "closing_amount": closing,
    }])  # fmt: skip
    for name in ("opening_date", "closing_date"):
        balances[name] = pd.to_datetime(balances[name]).astype("datetime64[s]")
    kinds = {True: "deposit", False: "fee"}
    others = {"B7": "interest"}  # money in that nobody paid: no receipt
    rows: list[dict[str, Any]] = [
        {**LINE, "line_id": name, "booking_date": f"{month}-{day:02d}", "value_date": f"{month}-{day:02d}",
         "bank_amount": amount, "reference": said, "text": f"mov {name}",
         "line_kind": others.get(name, kinds[amount > 0])}
        for day, name, amount, said in lines
    ]  # fmt: skip
    import_lines(book, *rows, balances=balances)


def import_ledger(book: Book, *lines: tuple[str, str, int, str]) -> None:
    """Book lines as (day, id, amount, reference)."""
    rows = [
        {**BOOK_LINE, "posting_date": day, "line_id": name, "book_amount": amount, "reference": said}
        for day, name, amount, said in lines
    ]
    import_rows(book, "bank_ledger", BOOK_LINE, *rows, source="ledger")
