"""Small frames of what people and rules did, for tests of learning."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.book.read import DECISIONS
from workbench.tables import APPLICATIONS, CLEARINGS, DOCUMENTS, RECEIPTS, REVERSALS, Table

DAY = pd.Timestamp("2026-03-01", tz="UTC")


def _frame(table: Table, usual: dict[str, Any], rows: tuple[dict[str, Any], ...]) -> pd.DataFrame:
    blank: dict[str, Any] = {
        name: {"text": "", "money": 0, "integer": 0, "flag": False}.get(kind)
        for name, kind in table.columns.items()
    }
    full = [{**blank, **usual, **row} for row in rows]
    return table.conform(pd.DataFrame(full, columns=list(table.columns)))


def applications(*numbers: int, owner: int = 1, **change: Any) -> pd.DataFrame:
    """One application of its own operation a number, on the document of that owner (``documents``)."""
    rows = tuple({"application_id": f"a{number}", "operation_id": f"o{number}", "receipt_key": number,
                  "document_key": owner, **change} for number in numbers)  # fmt: skip
    usual = {"kind": "payment", "applied_amount": 1, "effective_date": pd.Timestamp("2026-03-01"),
             "rule": "window", "evidence": "{}", "recorded_at": DAY}  # fmt: skip
    return _frame(APPLICATIONS, usual, rows)


def reversals(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"effective_date": pd.Timestamp("2026-03-02"), "reason": "error",
             "recorded_at": DAY + pd.Timedelta(days=1)}  # fmt: skip
    return _frame(REVERSALS, usual, rows)


def decisions(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"company_id": "CO01", "subject": "receipt", "decision": "accept", "who": "ana",
             "recorded_at": DAY + pd.Timedelta(days=1)}  # fmt: skip
    return _frame(DECISIONS, usual, rows)


def documents(*rows: dict[str, Any]) -> pd.DataFrame:
    """Without rows: document 1 of C1, 2 of C2, 3 of C3."""
    usual = {"company_id": "CO01", "customer_id": "C1", "document_kind": "invoice", "currency": "COP",
             "document_date": pd.Timestamp("2026-01-01"), "due_date": pd.Timestamp("2026-02-01"),
             "original_amount": 100_00, "recorded_at": DAY}  # fmt: skip
    some = rows or tuple({"document_key": key, "customer_id": f"C{key}"} for key in (1, 2, 3))
    return _frame(DOCUMENTS, usual, some)


def clearings(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"clearing_date": pd.Timestamp("2026-02-10"), "clearing_document": "P1", "cleared_amount": 100_00,
             "extract_date": pd.Timestamp("2026-02-28"), "recorded_at": DAY}  # fmt: skip
    return _frame(CLEARINGS, usual, rows)


def receipts(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {"company_id": "CO01", "currency": "COP", "receipt_date": pd.Timestamp("2026-02-10"),
             "received_amount": 100_00, "recorded_at": DAY}  # fmt: skip
    return _frame(RECEIPTS, usual, rows)
