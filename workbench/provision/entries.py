"""The proposed ledger entry of a close: charge, reversal and exchange of the calculation that is booked.

What was written off is entered by the write-off itself. Accounts come from ``policy.accounts`` (PUC).
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..journal import PROPOSED, double_entry
from ..policy import Accounts, Calculation

ORIGIN = "provision"


def propose_entries(
    movement: pd.DataFrame,
    movement_base: pd.DataFrame,
    *,
    booked: Calculation,
    accounts: Accounts,
    period: str,
    as_of: dt.date,
) -> pd.DataFrame:
    """The lines of one entry a company (``journal.PROPOSED``), debit positive; every entry sums to zero.

    A charge debits the expense and credits the allowance, a reversal debits the allowance and credits income;
    exchange on the allowance is a loss (debit) or a gain. ``movement``, ``movement_base``: those of
    ``Movement``, row by row.
    """
    is_booked = (movement_base["calculation"] == booked).to_numpy()
    held, base = movement[is_booked], movement_base[is_booked]
    moves = []
    # The texts are those of the ledger, whatever language the run speaks.
    for name, said, debit, credit, sign in (
        ("charge", "DETERIORO", accounts.impairment_expense, accounts.impairment, 1),
        ("reversal", "RECUPERACION DETERIORO", accounts.impairment, accounts.impairment_income, 1),
        ("exchange", "DIFC DETERIORO", accounts.exchange_loss, accounts.impairment, 1),
        ("exchange", "DIFC DETERIORO", accounts.impairment, accounts.exchange_gain, -1),
    ):
        column = f"{name}_amount"
        of_base = sign * base[column]
        is_own = (of_base > 0).to_numpy() if name == "exchange" else (of_base != 0).to_numpy()
        of_held = sign * held[column]
        moves.append(
            base.assign(
                entry_id=f"{ORIGIN}-{period}-" + base["company_id"],
                debit_account=debit, credit_account=credit,
                document_id="", case_id="", base_currency=base["currency"], currency=base["held_currency"],
                amount=of_held, base_amount=of_base, text=f"{said} " + base["held_currency"] + f" {period}",
            )[is_own]
        )  # fmt: skip
    if not any(len(part) for part in moves):
        return pd.DataFrame(columns=list(PROPOSED))
    return double_entry(pd.concat(moves, ignore_index=True), origin=ORIGIN, on=pd.Timestamp(as_of))
