"""The frames every room passes to the next: columns, types, keys and the one sign rule.

**Sign.** Inside, positive is what the customer owes us: invoices and debit notes are positive, credit
notes and payments booked in the ERP are negative. A bank line or receipt is cash, not yet a ledger
entry: ``received_amount`` and ``bank_amount`` are positive when money came in. An applied amount has
the sign of what it reduces: positive on an invoice, negative on a credit note. Cash kinds
(``CASH_KINDS``) + unapplied = received; the other kinds reduce a document by what was not received
(positive) or take a surplus (negative). At the doors receipts are positive and credit notes negative.

**Types.** Money is int64 minor units of the row's ``currency``; ids and text are text, ``""`` where
absent; dates are days (``NaT`` where absent), instants are UTC. ``*_key`` columns are the book's own
integers, good for joins inside one book and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from .errors import TableShapeError
from .money import exponent

ColumnType = Literal["text", "date", "instant", "money", "integer", "flag"]

DTYPES: dict[ColumnType, str] = {
    "text": "str",
    "date": "datetime64[s]",
    "instant": "datetime64[us, UTC]",
    "money": "int64",
    "integer": "int64",
    "flag": "bool",
}

CASH_KINDS = ("payment", "credit_note", "on_account")
OTHER_KINDS = ("withholding", "discount", "fee", "exchange", "tolerance")
#: What a document is in the trade's words; ``document_type`` keeps the source's own code.
DOCUMENT_KINDS = ("invoice", "debit_note", "credit_note", "payment", "other")


@dataclass(frozen=True)
class Table:
    """Names and types of a frame's columns, in order; ``key`` names the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, ColumnType]

    def empty(self) -> pd.DataFrame:
        """No rows, every column with its type."""
        return self.conform(pd.DataFrame({name: [] for name in self.columns}))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A new frame with exactly these columns, cast; a missing one raises :class:`TableShapeError`."""
        missing = [name for name in self.columns if name not in frame.columns]
        if missing:
            raise TableShapeError(table=self.name, columns=", ".join(missing))
        if self._is_conformed(frame):
            return frame.copy(deep=False)
        return pd.DataFrame(
            {name: _cast(frame[name], kind) for name, kind in self.columns.items()}, index=None
        ).reset_index(drop=True)

    def _is_conformed(self, frame: pd.DataFrame) -> bool:
        """Whether a frame is so already; rooms hand each other such frames all the time."""
        if list(frame.columns) != list(self.columns) or not isinstance(frame.index, pd.RangeIndex):
            return False
        kinds = self.columns.values()
        if any(str(dtype) != DTYPES[kind] for dtype, kind in zip(frame.dtypes, kinds, strict=True)):
            return False
        texts = [name for name, kind in self.columns.items() if kind == "text"]
        is_ranged = frame.index.start == 0 and frame.index.step == 1
        return is_ranged and not bool(frame[texts].isna().to_numpy().any())

    def money_columns(self) -> list[str]:
        return [name for name, kind in self.columns.items() if kind == "money"]


def _cast(column: pd.Series, kind: ColumnType) -> pd.Series:
    if kind == "text":
        return column.fillna("").astype("str") if column.isna().any() else column.astype("str")
    if kind == "instant":
        return pd.to_datetime(column, utc=True).astype(DTYPES[kind])
    return column.astype(DTYPES[kind])


CUSTOMERS = Table(
    "customers",
    ("company_id", "customer_id"),
    {
        "company_id": "text",
        "customer_id": "text",
        "customer_name": "text",
        "tax_id": "text",
        "country": "text",
        "cluster_id": "text",
        "supervisor_id": "text",
        "parent_customer_id": "text",
        "payer_account": "text",
    },
)

#: One row an item; instalments are items of one document. ``original_amount`` never changes.
DOCUMENTS = Table(
    "documents",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "fiscal_year": "text",
        "document_type": "text",
        "document_number": "text",
        "item": "text",
        "document_id": "text",  # what a person calls it: number[/year][/item]
        "document_kind": "text",  # one of DOCUMENT_KINDS
        "customer_id": "text",
        "document_date": "date",
        "due_date": "date",
        "reception_date": "date",
        "currency": "text",
        "original_amount": "money",
        "reference": "text",
        "reference_document_id": "text",  # a credit note's invoice
        "order_id": "text",
        "centre_id": "text",
        "text": "text",
        "payment_terms": "text",
        "special_gl": "text",
        "taxable_base": "money",  # 0 where the source does not say
        "tax": "money",
        "recorded_at": "instant",
    },
)

#: What an extract said of an item on a day. ``is_absent``: a complete extract no longer had it.
OBSERVATIONS = Table(
    "observations",
    ("document_key", "observed_date", "recorded_at"),
    {
        "document_key": "integer",
        "observed_date": "date",
        "open_amount": "money",
        "is_absent": "flag",
        "payment_block": "text",
        "dunning_level": "text",
        "recorded_at": "instant",
    },
)

#: ERP clearings: facts with an effective date, learned from the extract of ``extract_date``.
CLEARINGS = Table(
    "clearings",
    ("document_key", "clearing_document", "clearing_date", "recorded_at"),
    {
        "document_key": "integer",
        "clearing_date": "date",
        "clearing_document": "text",
        "cleared_amount": "money",  # sign of the item
        "extract_date": "date",
        "recorded_at": "instant",
    },
)

#: Ours, not yet confirmed by the ERP. A credit note applied to an invoice is two rows of one operation.
APPLICATIONS = Table(
    "applications",
    ("application_id",),
    {
        "application_id": "text",
        "operation_id": "text",  # made by the caller; the same one twice is one
        "receipt_key": "integer",  # -1 where no receipt is involved
        "document_key": "integer",
        "kind": "text",  # CASH_KINDS or OTHER_KINDS
        "applied_amount": "money",  # sign of the document it reduces
        "effective_date": "date",
        "rule": "text",
        "evidence": "text",
        "erp_open_amount": "money",  # what the ERP showed open when it was applied
        "step_key": "text",  # the run step that made it, "" for a person's
        "recorded_at": "instant",
    },
)

REVERSALS = Table(
    "reversals",
    ("application_id",),
    {
        "application_id": "text",
        "effective_date": "date",
        "reason": "text",
        "recorded_at": "instant",
    },
)

RECEIPTS = Table(
    "receipts",
    ("receipt_key",),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "account_id": "text",  # our bank account, "" for a receipts file without one
        "receipt_date": "date",
        "currency": "text",
        "received_amount": "money",  # positive: money came in
        "customer_id": "text",  # "" until somebody knows
        "text": "text",
        "payer_name": "text",
        "payer_tax_id": "text",
        "payer_account": "text",
        "recorded_at": "instant",
    },
)

BANK_LINES = Table(
    "bank_lines",
    ("bank_line_key",),
    {
        "bank_line_key": "integer",
        "company_id": "text",
        "account_id": "text",
        "line_id": "text",  # the bank's reference, or the content and its occurrence number
        "booking_date": "date",
        "value_date": "date",
        "currency": "text",
        "bank_amount": "money",  # credit positive, debit negative
        "line_kind": "text",  # deposit, returned_cheque, fee, tax, interest, transfer, other
        "reference": "text",
        "text": "text",
        "recorded_at": "instant",
    },
)

#: Opening and closing balance of each imported statement, proved against its lines.
BANK_BALANCES = Table(
    "bank_balances",
    ("account_id", "currency", "opening_date", "closing_date"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "opening_date": "date",
        "opening_amount": "money",
        "closing_date": "date",
        "closing_amount": "money",
        "recorded_at": "instant",
    },
)

#: The bank's account in our ledger (auxiliar de bancos): debit positive.
BOOK_LINES = Table(
    "book_lines",
    ("book_line_key",),
    {
        "book_line_key": "integer",
        "company_id": "text",
        "account_id": "text",
        "line_id": "text",
        "posting_date": "date",
        "currency": "text",
        "book_amount": "money",
        "reference": "text",
        "text": "text",
        "recorded_at": "instant",
    },
)

REMITTANCES = Table(
    "remittances",
    ("remittance_id", "line"),
    {
        "company_id": "text",
        "remittance_id": "text",
        "line": "integer",
        "receipt_id": "text",  # or payer name and advice date
        "customer_id": "text",
        "payer_name": "text",
        "advice_date": "date",
        "currency": "text",
        "reference": "text",
        "advised_amount": "money",
        "deduction": "money",
        "reason": "text",
        "recorded_at": "instant",
    },
)

#: ``rate``: to-currency per one from-currency, × money.RATE_SCALE, in force from … through, inclusive.
RATES = Table(
    "rates",
    ("source", "from_currency", "to_currency", "valid_from"),
    {
        "source": "text",
        "from_currency": "text",
        "to_currency": "text",
        "valid_from": "date",
        "valid_through": "date",
        "rate": "integer",
        "recorded_at": "instant",
    },
)

#: Open items as of a day, as known at an instant. ``open_amount`` is net of ``pending_applications``.
OPEN_ITEMS = Table(
    "open_items",
    ("document_key",),
    {
        **DOCUMENTS.columns,
        "erp_open_amount": "money",
        "pending_applications": "money",  # positive on an invoice that a receipt reduces
        "open_amount": "money",  # erp_open_amount − pending_applications
        "payment_block": "text",
        "dunning_level": "text",
    },
)

#: A door: ``aging_by_item.csv``.
AGING_BY_ITEM = Table(
    "aging_by_item",
    ("company_id", "document_type", "document_id"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_id": "text",
        "document_type": "text",
        "currency": "text",
        "document_date": "date",
        "due_date": "date",
        "open_amount": "money",
        "pending_applications": "money",
        "days_overdue": "integer",
        "bucket": "text",
    },
)

#: Finding levels: ``error`` and ``warning`` count towards exit code 3, ``note`` only informs.
FINDINGS = Table(
    "findings",
    (),
    {
        "level": "text",
        "source": "text",  # file or table
        "row": "integer",  # as a person counts in the file, 0 where no row is meant
        "table": "text",
        "key": "text",
        "rule": "text",  # kebab-case, its words in words/
        "values": "text",  # JSON object that fills the sentence
        "amount": "money",
        "currency": "text",
    },
)


def to_door(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame as a machine's file shows it: decimal text with a point, ISO days, text ids.

    Money needs a ``currency`` column; rows without one (``""``) must hold 0 and show nothing.
    """
    conformed = table.conform(frame)
    shown = {}
    for name, kind in table.columns.items():
        column = conformed[name]
        if kind == "money":
            shown[name] = decimal_text(column.to_numpy(), conformed["currency"])
        elif kind == "date":
            shown[name] = column.dt.strftime("%Y-%m-%d").fillna("")
        elif kind == "instant":
            shown[name] = column.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").fillna("")
        elif kind == "flag":
            shown[name] = column.map({True: "true", False: "false"})
        else:
            shown[name] = column.astype("str")
    return pd.DataFrame(shown)


def decimal_text(amounts: np.ndarray, currencies: pd.Series) -> pd.Series:
    """Minor units as decimal text, vectorised: one pass a currency."""
    text = np.full(len(amounts), "", dtype=object)
    codes, names = pd.factorize(currencies)
    for code, currency in enumerate(names):
        rows = codes == code
        if not currency:
            continue
        decimals = exponent(currency)
        scale = 10**decimals
        values = amounts[rows].astype(np.int64)
        sign = np.where(values < 0, "-", "")
        whole = (np.abs(values) // scale).astype(str)
        shown = np.char.add(sign, whole)
        if decimals:
            part = np.char.zfill((np.abs(values) % scale).astype(str), decimals)
            shown = np.char.add(np.char.add(shown, "."), part)
        text[rows] = shown
    return pd.Series(text, index=currencies.index, dtype="str")
