"""What the state machine draws from: a few items, receipts and statement lines, few days, and their files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import hypothesis.strategies as st
from faults.plain_ledger import Cash, Row

ASKED = ("2026-09-30", "2026-10-31", "2026-11-30")


def _row(number: str, company: str, customer: str, day: str, currency: str, original: int) -> Row:
    return Row(f"18000{number}", company, customer, day, day[:8] + "28", currency, original)


ROWS = (
    _row("01", "CO01", "C1", "2026-08-15", "COP", 100_00),
    _row("02", "CO01", "C1", "2026-09-20", "COP", 60_00),
    _row("03", "CO01", "C1", "2026-09-05", "COP", -40_00),
    _row("04", "CO01", "C2", "2026-09-10", "USD", 50_00),
    _row("05", "CO02", "C1", "2026-10-02", "COP", 80_00),
    _row("06", "CO01", "C2", "2026-09-01", "COP", 70_00),  # seen by its open amount before its original
)
RECEIPTS = tuple(
    Cash("CO01", "", f"R{number}", day, amount)
    for number, day, amount in ((1, "2026-09-12", 90_00), (2, "2026-10-05", 60_00), (3, "2026-11-03", 120_00))
)
LINES = (
    replace(RECEIPTS[0], account="BANK-1"),  # the bank's word on what the receipts file may have named
    Cash("CO01", "BANK-1", "L2", "2026-10-06", 45_00),
    Cash("CO01", "BANK-1", "L3", "2026-10-06", -3_00),
    Cash("CO01", "BANK-1", "L4", "2026-11-20", 80_00),
)
EXTRACT_DAYS = st.sampled_from(["2026-09-30", "2026-10-15", "2026-10-31", "2026-11-30"])
POSTING_DAYS = st.sampled_from(["2026-09-12", "2026-10-05", "2026-10-31", "2026-11-01", "2026-11-20"])
#: Tenths of the item, so that whole, nothing and the same again happen often.
PARTS = st.sampled_from([0, 2, 3, 5, 5, 8, 10, 10])
CASH_NAMES = st.sampled_from(
    [("", "R1"), ("", "R2"), ("", "R3"), ("BANK-1", "R1"), ("BANK-1", "L2"), ("BANK-1", "L4")]
)
KINDS = st.sampled_from(["payment", "payment", "withholding"])
ITEMS = st.integers(0, len(ROWS) - 1)


@dataclass(frozen=True)
class DrawnFile:
    source: str
    lines: tuple[str, ...]
    day: str
    rows: tuple[Any, ...]


HEADS = {
    "open_items": "company,fiscal_year,doc_type,document_no,item,customer,document_date,due_date,currency,"
    "original_amount,saldo",
    "receipts": "payment_id,company,receipt_date,currency,amount",
}


def amount_text(amount: int) -> str:
    return f"{'-' * (amount < 0)}{abs(amount) // 100}.{abs(amount) % 100:02}"


def _kind(row: Row) -> tuple[str, str]:
    return ("CN", "credit_note") if row.number.endswith("3") else ("INV", "invoice")


def item_line(row: Row) -> str:
    amounts = f"{amount_text(row.original)},{amount_text(row.open or 0)}"
    named = f"{row.company},2026,{_kind(row)[0]},{row.number},001,{row.customer}"
    return f"{named},{row.document_day},{row.due_day},{row.currency},{amounts}"


def frame_row(row: Row) -> dict[str, Any]:
    """The row as ``sources`` would give it."""
    document_type, kind = _kind(row)
    return {
        "company_id": row.company, "document_type": document_type, "document_kind": kind,
        "document_number": row.number, "customer_id": row.customer, "document_date": row.document_day,
        "due_date": row.due_day, "currency": row.currency, "original_amount": row.original,
        "is_original_stated": row.original != 0, "open_amount": row.open or 0,
        "has_open_amount": row.open is not None, "clearing_date": row.clearing_day or None,
        "clearing_document": row.clearing_document, "cleared_amount": row.cleared,
    }  # fmt: skip
