"""Customers, receipts, the bank's ledger account and remittance advices: one row, one fact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..tables import BOOK_LINES, CUSTOMERS, RECEIPTS, REMITTANCES, ColumnType, Table
from .checked import (
    check_cash_day,
    check_customers,
    check_rows,
    finish,
    group_codes,
    read_fields,
    restore_leading_zeros,
    settle_rivals,
)
from .parsed import Context, Parsed
from .sheets import Sheet


def as_read(table: Table, *without: str) -> Table:
    """A table of the book before the book has it: its row in the file instead of the book's own columns."""
    columns: dict[str, ColumnType] = {"row": "integer"}
    columns.update({name: kind for name, kind in table.columns.items() if name not in without})
    return Table(table.name, (), columns)


CUSTOMER_ROWS = as_read(CUSTOMERS)
RECEIPT_ROWS = as_read(RECEIPTS, "receipt_key", "recorded_at")
LEDGER_ROWS = as_read(BOOK_LINES, "book_line_key", "recorded_at")
REMITTANCE_ROWS = as_read(REMITTANCES, "recorded_at")


def read_customers(sheet: Sheet, context: Context) -> Parsed:
    """Customers by company and number; the same number twice with other details is refused, both rows."""
    frame = read_fields(sheet, context).frame
    content = [name for name in CUSTOMERS.columns if name not in CUSTOMERS.key]
    duplicate = settle_rivals(sheet, frame, key=list(CUSTOMERS.key), content=content, name="customer_id")
    return finish(sheet, CUSTOMER_ROWS.conform(frame), duplicate)


def read_receipts(sheet: Sheet, context: Context) -> Parsed:
    """Payments received, positive; the same receipt id twice with other content is refused, both rows."""
    frame = read_fields(sheet, context).frame
    restore_leading_zeros(sheet, frame, context)
    if sheet.mapping.sign == "reversed":
        frame["received_amount"] = -frame["received_amount"]
    amounts = frame["received_amount"].to_numpy()
    check_rows(sheet, "zero-amount", amounts == 0, "received_amount")
    check_rows(sheet, "sign", amounts < 0, "received_amount")
    check_customers(sheet, frame, context)
    posting = _post_as_of(sheet, frame, context)
    check_cash_day(sheet, frame, "receipt_date", context, posting=posting)
    key = ["company_id", "account_id", "receipt_id"]
    content = [name for name in RECEIPT_ROWS.columns if name not in ("row", *key)]
    duplicate = settle_rivals(sheet, frame, key=key, content=content, name="receipt_id")
    receipts = RECEIPT_ROWS.conform(frame)
    if posting is not None:
        receipts["posting_date"] = posting
    return finish(sheet, receipts, duplicate, sum_of="received_amount")


def _post_as_of(sheet: Sheet, frame: pd.DataFrame, context: Context) -> pd.Series | None:
    """The day on which the receipts are posted, where the mapping says that it is the book's own day."""
    if sheet.mapping.strict.posting_date != "as-of":
        return None
    if context.as_of is None:
        raise FileRefusedError("as-of-missing", file=sheet.raw.file)
    return pd.Series(np.datetime64(context.as_of, "s"), index=frame.index)


def read_ledger_lines(sheet: Sheet, context: Context) -> Parsed:
    """Lines of the bank's account in our ledger ("auxiliar de bancos"), debit positive.

    An entry may carry several lines: those that are alike in everything are told apart by their occurrence.
    """
    frame = read_fields(sheet, context).frame
    one_column = "book_amount" in sheet.cells
    amount = frame["book_amount"] if one_column else frame["debit"] - frame["credit"]
    frame["book_amount"] = -amount if sheet.mapping.sign == "reversed" else amount
    if one_column and "debit_credit" in sheet.cells:
        is_credit = frame["debit_credit"].isin(sheet.mapping.credit_words)
        known = is_credit | frame["debit_credit"].isin(sheet.mapping.debit_words)
        sheet.refuse(~known.to_numpy(), "debit-credit-unknown", "debit_credit")
        frame["book_amount"] = frame["book_amount"].where(~is_credit, -frame["book_amount"])
    check_rows(sheet, "zero-amount", (frame["book_amount"] == 0).to_numpy(), "book_amount")
    lines = LEDGER_ROWS.conform(frame)
    lines["line_id"] = _told_apart(lines, ["company_id", "account_id", "line_id"])
    return finish(sheet, lines, np.zeros(len(lines), dtype=bool), sum_of="book_amount")


def _told_apart(lines: pd.DataFrame, key: list[str]) -> pd.Series:
    """The entry's number, with ``#2``, ``#3`` … on its further lines in the order of the file."""
    occurrence = lines.groupby(group_codes(lines, key)).cumcount() + 1
    numbered = lines["line_id"] + "#" + occurrence.astype("str")
    return lines["line_id"].where(occurrence == 1, numbered)


def read_remittances(sheet: Sheet, context: Context) -> Parsed:
    """Lines of remittance advices: what the customer pays of a document and what it holds back.

    Without an id an advice is known by its receipt, else by payer and day; lines number as in the file.
    """
    frame = read_fields(sheet, context).frame
    by_payer = frame["payer_name"] + "|" + frame["advice_date"].dt.strftime("%Y-%m-%d").fillna("")
    nobody = (frame["receipt_id"] == "") & ((frame["payer_name"] == "") | frame["advice_date"].isna())
    sheet.refuse(nobody.to_numpy() & (frame["remittance_id"] == "").to_numpy(), "advice-of-nobody")
    sheet.refuse((frame["deduction"] < 0).to_numpy(), "sign", "deduction")  # what is held back is positive
    says_nothing = (frame["advised_amount"] == 0) & (frame["deduction"] == 0)
    sheet.refuse(says_nothing.to_numpy(), "zero-amount", "advised_amount")
    own = frame["receipt_id"].where(frame["receipt_id"] != "", by_payer)
    frame["remittance_id"] = frame["remittance_id"].where(frame["remittance_id"] != "", own)
    frame["line"] = frame.groupby(["company_id", "remittance_id"], sort=False).cumcount() + 1
    lines = REMITTANCE_ROWS.conform(frame)
    return finish(sheet, lines, np.zeros(len(lines), dtype=bool), sum_of="advised_amount")
