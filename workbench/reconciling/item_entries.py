"""Proposed ledger entries of bank items that are given up: the books are made to agree with the bank."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..book.close_postings import enter_entry, take_back_entries
from ..book.transactions import Posting
from ..cases import Case
from ..exchange import translate
from ..policy import Policy

ORIGIN = "bank_item"


def enter_write_off(
    posting: Posting, case: Case, *, policy: Policy, rates: pd.DataFrame, on: dt.date
) -> None:
    """The bank's account against income or expense, an entry a case, at the rate of ``on``.

    What only the bank shows is booked; what only the books show is taken out of them. What the account gains
    is income (``accounts.bank_item_income``), what it loses an expense.
    """
    item = case.items[0]
    gained = item.item_amount if item.item_kind == "bank_line" else -item.item_amount
    moved = _movement(case, gained, policy)
    moved["base_amount"] = translate(moved, ["base_amount"], rates, on=on, to_currency=policy.base_currency)[
        "base_amount"
    ]
    enter_entry(posting, case, moved, origin=ORIGIN, name="entry", on=on)


def enter_back(posting: Posting, case: Case, *, on: dt.date) -> None:
    """What its entries have left is taken back to the cent, on the accounts to which they were made."""
    take_back_entries(posting, case, origin=ORIGIN, text="bank-item-reopened", name="entry", on=on)


def _movement(case: Case, gained: int, policy: Policy) -> pd.DataFrame:
    own, item = policy.accounts, case.items[0]
    return pd.DataFrame([{
        "company_id": case.company_id, "entry_id": case.next_entry, "customer_id": "",
        "document_id": item.item_id, "case_id": case.case_id, "currency": item.currency, "amount": gained,
        "base_currency": policy.base_currency, "base_amount": gained, "text": "bank-item-written-off",
        "debit_account": _bank_account(case, policy),
        "credit_account": own.bank_item_income if gained > 0 else own.bank_item_expense,
    }])  # fmt: skip


def _bank_account(case: Case, policy: Policy) -> str:
    return dict(policy.reconciliation.ledger_accounts).get(case.subject_key, policy.accounts.bank)
