"""Small frames for the upper trade's tests: say what matters, the rest has a plain value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench import tables

ITEM: dict[str, Any] = {
    "company_id": "CO01",
    "fiscal_year": "2026",
    "document_type": "RV",
    "item": "001",
    "document_kind": "invoice",
    "customer_id": "C1",
    "document_date": "2026-01-10",
    "due_date": "2026-02-10",
    "reception_date": None,
    "currency": "COP",
    "reference": "",
    "reference_document_id": "",
    "order_id": "",
    "centre_id": "",
    "text": "",
    "payment_terms": "",
    "special_gl": "",
    "taxable_base": 0,
    "tax": 0,
    "recorded_at": "2026-01-10T00:00:00Z",
    "pending_applications": 0,
    "payment_block": "",
    "dunning_level": "",
}
RECEIPT: dict[str, Any] = {
    "company_id": "CO01",
    "account_id": "B1",
    "receipt_date": "2026-03-02",
    "currency": "COP",
    "customer_id": "",
    "text": "",
    "payer_name": "",
    "payer_tax_id": "",
    "payer_account": "",
    "recorded_at": "2026-03-02T00:00:00Z",
}
ADVICE: dict[str, Any] = {
    "company_id": "CO01",
    "remittance_id": "A1",
    "receipt_id": "",
    "customer_id": "",
    "payer_name": "",
    "advice_date": None,
    "currency": "COP",
    "deduction": 0,
    "reason": "",
    "recorded_at": "2026-03-02T00:00:00Z",
}


def open_items(*rows: dict[str, Any]) -> pd.DataFrame:
    """Items by ``number`` and ``amount``; a negative one is a credit note unless its kind is given."""
    made = []
    for key, row in enumerate(rows, start=1):
        number, amount = row["number"], row["amount"]
        kind = "credit_note" if amount < 0 else "invoice"
        given = {name: value for name, value in row.items() if name not in ("number", "amount")}
        own = {
            "document_key": key,
            "document_number": number,
            "document_id": number,
            "document_kind": kind,
            "original_amount": amount,
            "erp_open_amount": amount,
            "open_amount": amount,
        }
        made.append({**ITEM, **own, **given})
    return _conform(made, tables.OPEN_ITEMS)


def receipts(*rows: dict[str, Any]) -> pd.DataFrame:
    """Receipts by ``id`` and ``amount``."""
    made = []
    for key, row in enumerate(rows, start=1):
        given = {name: value for name, value in row.items() if name not in ("id", "amount")}
        own = {"receipt_key": key, "receipt_id": row["id"], "received_amount": row["amount"]}
        made.append({**RECEIPT, **own, **given})
    return _conform(made, tables.RECEIPTS)


def remittances(*rows: dict[str, Any]) -> pd.DataFrame:
    """Advice lines by ``reference`` and ``amount``."""
    made = []
    for line, row in enumerate(rows, start=1):
        given = {name: value for name, value in row.items() if name != "amount"}
        made.append({**ADVICE, "line": line, "advised_amount": row["amount"], **given})
    return _conform(made, tables.REMITTANCES)


def customers(*rows: dict[str, Any]) -> pd.DataFrame:
    """Customers by ``customer_id``, with whatever else is given."""
    blank = {**dict.fromkeys(tables.CUSTOMERS.columns, ""), "company_id": "CO01"}
    return _conform([{**blank, **row} for row in rows], tables.CUSTOMERS)


def bank_lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Bank lines by ``date`` and ``amount``."""
    made = []
    for key, row in enumerate(rows, start=1):
        given = {name: value for name, value in row.items() if name not in ("date", "amount")}
        own = {
            "bank_line_key": key,
            "company_id": "CO01",
            "account_id": "B1",
            "line_id": f"L{key}",
            "booking_date": row["date"],
            "value_date": row["date"],
            "currency": "COP",
            "bank_amount": row["amount"],
            "line_kind": "deposit",
            "reference": "",
            "text": "",
            "recorded_at": "2026-11-01T00:00:00Z",
        }
        made.append({**own, **given})
    return _conform(made, tables.BANK_LINES)


def bank_balances(*rows: tuple[str, int, str, int]) -> pd.DataFrame:
    """Statements as (opening date, opening, closing date, closing)."""
    made = [
        {
            "company_id": "CO01",
            "account_id": "B1",
            "currency": "COP",
            "opening_date": opened,
            "opening_amount": opening,
            "closing_date": closed,
            "closing_amount": closing,
            "recorded_at": "2026-11-01T00:00:00Z",
        }
        for opened, opening, closed, closing in rows
    ]
    return _conform(made, tables.BANK_BALANCES)


def book_lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Ledger lines of the bank account by ``date`` and ``amount``."""
    made = []
    for key, row in enumerate(rows, start=1):
        given = {name: value for name, value in row.items() if name not in ("date", "amount")}
        own = {
            "book_line_key": key,
            "company_id": "CO01",
            "account_id": "B1",
            "line_id": f"BA{key}",
            "posting_date": row["date"],
            "currency": "COP",
            "book_amount": row["amount"],
            "reference": "",
            "text": "",
            "recorded_at": "2026-11-01T00:00:00Z",
        }
        made.append({**own, **given})
    return _conform(made, tables.BOOK_LINES)


def _conform(rows: list[dict[str, Any]], table: tables.Table) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(table.columns))
    for name, kind in table.columns.items():
        if kind == "date":
            frame[name] = pd.to_datetime(frame[name])
    return table.conform(frame)
