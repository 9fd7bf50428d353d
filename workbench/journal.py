"""Proposed entries of the general ledger (asientos, comprobantes): debit positive, every entry sums to zero.

The ERP stays the legal ledger: what is proposed here leaves in a file, and somebody posts it. Accounts come
from ``policy.accounts``, by the trade's name for them; a company gives its own numbers (PUC).
"""

from __future__ import annotations

import pandas as pd

from .errors import PostingRefusedError
from .tables import JOURNAL_LINES

#: What a proposed movement states; each becomes two lines.
_MOVEMENT = (
    "company_id", "entry_id", "debit_account", "credit_account", "customer_id", "document_id", "case_id",
    "currency", "amount", "base_currency", "base_amount", "text",
)  # fmt: skip
_SET_LATER = ("operation_id", "step_key", "period", "who", "recorded_at")
#: The lines of entries before the book has them.
PROPOSED = tuple(name for name in JOURNAL_LINES.columns if name not in _SET_LATER)


def double_entry(movements: pd.DataFrame, *, origin: str, on: pd.Timestamp) -> pd.DataFrame:
    """Two lines for each movement: its amount to the debit of one account and the credit of the other.

    ``movements``: ``company_id, entry_id, debit_account, credit_account, customer_id, document_id, case_id,
    currency, amount, base_currency, base_amount, text``; amounts in minor units. A negative amount changes
    the sides; a movement of nothing is left out. Movements of the same ``entry_id`` make one entry. Gives the
    columns ``PROPOSED`` in the order of entries. Raises :class:`PostingRefusedError` for an empty account.
    """
    moved = movements.loc[(movements["amount"] != 0) | (movements["base_amount"] != 0), list(_MOVEMENT)]
    for side in ("debit_account", "credit_account"):
        empty = moved[moved[side] == ""]
        if len(empty):
            raise PostingRefusedError(
                "entry-without-account", entry=str(empty["entry_id"].iloc[0]), origin=origin
            )
    moved = moved.reset_index(drop=True)
    sides = [
        moved.assign(
            account=moved[side],
            entry_amount=sign * moved["amount"],
            base_amount=sign * moved["base_amount"],
            place=2 * moved.index + place,
        )
        for place, (side, sign) in enumerate((("debit_account", 1), ("credit_account", -1)))
    ]
    lines = pd.concat(sides, ignore_index=True).sort_values(["entry_id", "place"], kind="stable")
    lines = lines.assign(
        origin=origin, posting_date=on, line=lines.groupby("entry_id", sort=False).cumcount() + 1
    )
    return lines[list(PROPOSED)].reset_index(drop=True)


def check_balanced(lines: pd.DataFrame) -> None:
    """Every entry sums to zero, in each currency and in each base currency.

    ``lines``: any frame with the amounts of ``JOURNAL_LINES``. Raises :class:`PostingRefusedError` naming the
    first entry that does not (``entry-unbalanced``).
    """
    for currency, amount in (("currency", "entry_amount"), ("base_currency", "base_amount")):
        sums = lines.groupby(["company_id", "entry_id", currency], sort=True)[amount].sum()
        wrong = sums[sums != 0]
        if len(wrong):
            company, entry, code = wrong.index[0]
            raise PostingRefusedError(
                "entry-unbalanced", entry=str(entry), company=str(company), currency=str(code),
                amount=int(wrong.iloc[0]),
            )  # fmt: skip


def balances_by_account(lines: pd.DataFrame) -> pd.DataFrame:
    """What entries move: ``company_id, account, base_currency, base_amount``, debit positive."""
    by = ["company_id", "account", "base_currency"]
    return lines.groupby(by, sort=True)["base_amount"].sum().reset_index()
