"""The frames of the statements: a row a customer and currency, its movements, what stays open."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import ColumnType, Table

#: Whose statement it is.
ACCOUNT = ["company_id", "customer_id", "currency"]

#: What moves a balance, in the order in which a statement tells it. The first five are documents of the
#: ledger; then what our applications say; ``transfer``: settled by another customer's payment, or it paid for
#: another; ``clearing``: the ERP settled it and brings no document that says with what.
KINDS = (
    "invoice",
    "debit_note",
    "credit_note",
    "payment",
    "other",
    "withholding",
    "discount",
    "fee",
    "exchange",
    "tolerance",
    "write_off",
    "transfer",
    "clearing",
)


def amount_column(kind: str) -> str:
    """The column of :data:`STATEMENTS` that sums the movements of a kind."""
    return f"{kind}_amount"


#: The columns that sum what moved in the period.
MOVED = tuple(amount_column(kind) for kind in KINDS)
_SUMMED: dict[str, ColumnType] = dict.fromkeys(MOVED, "money")

#: One row a customer and currency. Signed as the ledger: positive is what the customer owes us.
STATEMENTS = Table(
    "statements",
    tuple(ACCOUNT),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "from_date": "date",  # first day whose movements are told
        "through_date": "date",  # the cut-off
        "opening_amount": "money",  # as it was stated: as known when the statement before was issued
        "late_amount": "money",  # what became known since of the days before from_date
        **_SUMMED,
        "closing_amount": "money",
        "debit_amount": "money",  # Σ open debits, and Σ open credits (negative): together the closing
        "credit_amount": "money",
        "pending_amount": "money",  # applied by us and not yet confirmed by the ERP: off the closing already
        "open_count": "integer",
    },
)

#: One row a movement, in the order of the statement; ``balance_amount`` runs from the opening to the closing.
MOVEMENTS = Table(
    "statement_movements",
    (*ACCOUNT, "line"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "line": "integer",  # 1, 2, … in each account
        "movement_date": "date",
        "kind": "text",  # one of KINDS
        "is_late": "flag",  # of the days before from_date, known since the statement before
        "document_id": "text",  # the document, the receipt, or the ERP's clearing document
        "reference": "text",  # the number as printed; of a payment what it settles
        "document_count": "integer",  # how many documents it moves; 0 where it is on none
        "movement_amount": "money",
        "balance_amount": "money",
    },
)

#: What is open on the cut-off, aged; an item that our applications settle whole is no longer open.
OPEN_LIST = Table(
    "statement_open_items",
    ("company_id", "customer_id", "currency", "document_key"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "document_key": "integer",
        "document_id": "text",
        "document_kind": "text",
        "reference": "text",
        "document_date": "date",
        "due_date": "date",
        "special_gl": "text",
        "original_amount": "money",
        "pending_applications": "money",
        "open_amount": "money",
        "days_overdue": "integer",
        "bucket": "text",
    },
)


@dataclass(frozen=True)
class Statements:
    """``summarised`` (:data:`STATEMENTS`), ``movements`` (:data:`MOVEMENTS`), ``open_list``
    (:data:`OPEN_LIST`); ``open_items``: the ledger's rows behind the list (``tables.OPEN_ITEMS``)."""

    summarised: pd.DataFrame
    movements: pd.DataFrame
    open_list: pd.DataFrame
    open_items: pd.DataFrame

    def of(self, company_id: str, customer_id: str, currency: str) -> Statements:
        """One customer's statement in one currency."""
        names = (company_id, customer_id, currency)

        def own(frame: pd.DataFrame) -> pd.DataFrame:
            is_own = pd.Series(True, index=frame.index)
            for column, name in zip(ACCOUNT, names, strict=True):
                is_own &= frame[column] == name
            return frame[is_own].reset_index(drop=True)

        return Statements(
            own(self.summarised), own(self.movements), own(self.open_list), own(self.open_items)
        )
