"""Entries proposed for what the bank has booked and we have not: its notes, and cheques that came back.

Each note goes to the account of its kind against the bank's own; a returned cheque goes back to receivables.
Nothing is posted here: an accountant keys or exports the entry, and the next ledger shows the line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..exchange import OfficialRates
from ..journal import double_entry
from ..policy import Accounts

ORIGIN = "bank_note"
#: Kind of note (``policy.NOTE_KINDS``) → field of ``policy.Accounts``.
_ACCOUNT_OF = {
    "gmf": "financial_tax",
    "vat": "input_vat",
    "withholding": "prepaid_withholding",
    "interest": "interest_income",
    "commission": "commissions",
    "other_note": "bank_charges",
}


def propose_entries(
    outstanding_bank: pd.DataFrame,
    *,
    accounts: Accounts,
    bank_accounts: Mapping[str, str],
    base_currency: str,
    rates: pd.DataFrame,
    on: dt.date,
) -> pd.DataFrame:
    """Balanced entries (``journal.PROPOSED``), one a bank line: debit positive, minor units.

    ``bank_accounts``: our bank account → its account in the ledger; unknown ones go to ``accounts.bank``.
    Interest the bank pays is a credit, whatever it takes a debit. The base amount is at the official rate of
    the line's own day; without a rate the line is left out, for nobody knows its pesos.
    """
    is_note = outstanding_bank["category"].eq("unbooked_bank_note")
    is_returned = outstanding_bank["category"].eq("returned_cheque")
    lines = outstanding_bank[is_note | is_returned]
    valued = OfficialRates(rates).values(
        lines["bank_amount"].to_numpy(),
        lines["currency"],
        lines["booking_date"].to_numpy(),
        to_currency=base_currency,
    )
    lines = lines.assign(base_amount=valued.amounts)[np.asarray(valued.is_known, dtype=np.bool_)]
    against = [
        accounts.receivables if category == "returned_cheque" else getattr(accounts, _ACCOUNT_OF[detail])
        for category, detail in zip(lines["category"], lines["detail"], strict=True)
    ]
    own = [bank_accounts.get(account, accounts.bank) for account in lines["account_id"]]
    movements = pd.DataFrame({
        "company_id": lines["company_id"], "entry_id": "BN-" + lines["account_id"] + "-" + lines["line_id"],
        "debit_account": own, "credit_account": against, "customer_id": "", "document_id": lines["line_id"],
        "case_id": "", "currency": lines["currency"], "amount": lines["bank_amount"],
        "base_currency": base_currency, "base_amount": lines["base_amount"], "text": lines["text"],
    })  # fmt: skip
    return double_entry(movements, origin=ORIGIN, on=pd.Timestamp(on))
