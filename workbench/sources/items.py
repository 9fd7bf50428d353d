"""Items of customers' accounts: open, cleared or both, from an ERP's extract."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..tables import CUSTOMERS, ColumnType, Table
from .checked import (
    check_customers,
    check_rows,
    extract_date,
    finish,
    read_fields,
    restore_leading_zeros,
    settle_rivals,
)
from .parsed import Context, Parsed
from .sheets import Sheet

_COLUMNS: dict[str, ColumnType] = {
    "row": "integer",
    "company_id": "text",
    "fiscal_year": "text",
    "document_type": "text",
    "document_number": "text",
    "item": "text",
    "customer_id": "text",
    "customer_name": "text",
    "document_date": "date",
    "due_date": "date",
    "reception_date": "date",
    "currency": "text",
    "original_amount": "money",
    "is_original_stated": "flag",
    "open_amount": "money",
    "has_open_amount": "flag",
    "clearing_date": "date",
    "clearing_document": "text",
    "cleared_amount": "money",  # 0: the whole
    "reference": "text",
    "reference_document_id": "text",
    "order_id": "text",
    "centre_id": "text",
    "text": "text",
    "payment_terms": "text",
    "special_gl": "text",
    "payment_block": "text",
    "dunning_level": "text",
    "taxable_base": "money",
    "tax": "money",
    "document_kind": "text",
}
ITEMS = Table("items", ("company_id", "fiscal_year", "document_type", "document_number", "item"), _COLUMNS)

_KEY = ["company_id", "fiscal_year", "document_type", "document_number", "item"]
_CONTENT = [
    "customer_id",
    "document_date",
    "due_date",
    "currency",
    "original_amount",
    "open_amount",
    "whole_date",
    "whole_document",
]
#: Partial clearings of one document are rows of their own; a document is cleared whole only once.
_SAID_OF_ITS_CLEARING = ["clearing_date", "clearing_document", "cleared_amount"]


def read_items(sheet: Sheet, context: Context) -> Parsed:
    """Items with the inside sign: what the customer owes us is positive.

    A row with a clearing date was cleared, whole unless it says how much; one without is open. Where an
    amount stands alone the mapping says whether it is the original or what is left. Rows of one document
    that disagree are refused with their rivals; partial clearings of one document are rows that agree.
    """
    typed = read_fields(sheet, context)
    frame, has_value = typed.frame, typed.has_value
    restore_leading_zeros(sheet, frame, context)
    _sign(sheet, frame)
    _amounts(sheet, frame, has_value["original_amount"], has_value["open_amount"])
    frame["reference"] = np.where(frame["reference"] == "", frame["assignment"], frame["reference"])
    frame["document_kind"] = _kinds(sheet, frame)
    _judge(sheet, frame, context)
    whole = (frame["cleared_amount"] == 0).to_numpy()
    frame["whole_date"] = frame["clearing_date"].where(whole)
    frame["whole_document"] = frame["clearing_document"].where(whole, "")
    key = [*_KEY, "customer_id"] if sheet.mapping.strict.key_includes_customer else _KEY
    duplicate = settle_rivals(
        sheet, frame, key=key, content=_CONTENT, parts=_SAID_OF_ITS_CLEARING, name="document_number"
    )
    items = ITEMS.conform(frame)
    return finish(
        sheet,
        items,
        duplicate,
        sum_amounts=np.where(items["has_open_amount"], items["open_amount"], items["original_amount"]),
        extract_date=extract_date(sheet, frame),
        customers=_customers(sheet, items, duplicate),
    )


def _sign(sheet: Sheet, frame: pd.DataFrame) -> None:
    """The mapping's sign rule, applied once, here."""
    mapping = sheet.mapping
    money = ["original_amount", "open_amount", "cleared_amount", "taxable_base", "tax"]
    if mapping.sign == "reversed":
        frame[money] = -frame[money]
    if "debit_credit" in sheet.cells:
        is_debit = frame["debit_credit"].isin(mapping.debit_words)
        is_credit = frame["debit_credit"].isin(mapping.credit_words)
        sheet.refuse(~(is_debit | is_credit).to_numpy(), "debit-credit-unknown", "debit_credit")
        frame.loc[is_credit, money] = -frame.loc[is_credit, money]


def _amounts(sheet: Sheet, frame: pd.DataFrame, has_original: np.ndarray, has_open: np.ndarray) -> None:
    """Which amount a row states: the original, what is open, or both."""
    is_cleared = frame["clearing_date"].notna().to_numpy()
    if sheet.mapping.amount_alone == "open" and "open_amount" not in sheet.cells:
        has_open = has_original & ~is_cleared
        frame["open_amount"] = np.where(has_open, frame["original_amount"], 0)
        has_original = has_original & is_cleared
    sheet.refuse(~(has_original | has_open), "amount-missing", "original_amount")
    original = np.where(has_original, frame["original_amount"], frame["open_amount"])
    frame["original_amount"] = original
    frame["is_original_stated"] = has_original
    # An ERP that keeps the item's amount until it is cleared shows it open by giving no clearing date.
    still_open = ~has_open & ~is_cleared
    frame["open_amount"] = np.where(still_open, original, np.where(has_open, frame["open_amount"], 0))
    frame["has_open_amount"] = has_open | still_open


def _kinds(sheet: Sheet, frame: pd.DataFrame) -> np.ndarray:
    """What each document is in the trade's words, by its code, else by its sign."""
    kinds = {code: kind for code, kind in sheet.mapping.kinds.items() if code != "default"}
    default = sheet.mapping.kinds.get("default", "by_sign")
    by_sign = np.where(frame["original_amount"] < 0, "credit_note", "invoice")
    fallback = by_sign if default == "by_sign" else np.full(len(frame), default, dtype=object)
    codes, distinct = pd.factorize(frame["document_type"].to_numpy())
    for code, name in enumerate(distinct):
        if name and kinds and name not in kinds:
            count = int(((codes == code) & sheet.is_good).sum())
            if not count:
                continue
            sheet.findings.add("document-type-unknown", level="note", key=name, value=name, count=count)
    named = np.array([kinds.get(name, "") for name in distinct], dtype=object)[codes]
    return np.where(named == "", fallback, named)


def _judge(sheet: Sheet, frame: pd.DataFrame, context: Context) -> None:
    original, left = frame["original_amount"].to_numpy(), frame["open_amount"].to_numpy()
    check_rows(sheet, "zero-amount", original == 0, "original_amount")
    both = frame["has_open_amount"].to_numpy() & (original != 0)
    sheet.refuse(both & (np.sign(original) * np.sign(left) < 0), "sign", "open_amount")
    check_rows(sheet, "open-gt-original", both & (np.abs(left) > np.abs(original)), "open_amount")
    cleared = frame["cleared_amount"].to_numpy()
    sheet.refuse(np.sign(original) * np.sign(cleared) < 0, "sign", "cleared_amount")
    sheet.refuse(np.abs(cleared) > np.abs(original), "cleared-gt-original", "cleared_amount")
    sheet.refuse((cleared != 0) & frame["clearing_date"].isna(), "date-missing", "clearing_date")
    if context.as_of is not None:
        late = frame["document_date"].to_numpy() > np.datetime64(context.as_of)
        check_rows(sheet, "date-future", late, "document_date")
    check_customers(sheet, frame, context)


def _customers(sheet: Sheet, items: pd.DataFrame, duplicate: np.ndarray) -> pd.DataFrame:
    """The customers that the extract itself names, each with the name it carries most often."""
    if not sheet.mapping.customers_from_extract:
        return CUSTOMERS.empty()
    taken = items[sheet.is_good & ~duplicate]
    used = taken.groupby(["company_id", "customer_id", "customer_name"], sort=False).size().rename("uses")
    named = used.reset_index().sort_values(
        ["company_id", "customer_id", "uses", "customer_name"], ascending=[True, True, False, True]
    )
    best = named.drop_duplicates(["company_id", "customer_id"])
    spellings = len(named) - len(best)
    if spellings:
        sheet.findings.add("customer-names-differ", level="note", count=spellings, customers=len(best))
    blank = {name: "" for name in CUSTOMERS.columns if name not in best}
    return CUSTOMERS.conform(best.assign(**blank))
