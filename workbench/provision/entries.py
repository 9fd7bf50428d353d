"""The proposed ledger entry of a close: what the booked calculation moved, and the deferred tax.

What was written off is entered by the write-off itself. Accounts come from ``policy.accounts`` (PUC).
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..journal import PROPOSED, double_entry
from ..policy import Accounts, Calculation, ProvisionPolicy
from .explained import deferred_tax
from .movement import Movement

ORIGIN = "provision"
DEFERRED = "deferred_tax"


_WHOSE = ["calculation", "company_id", "customer_id", "held_currency"]


def propose_close(
    moved: Movement,
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    *,
    policy: ProvisionPolicy,
    accounts: Accounts,
    period: str,
    as_of: dt.date,
) -> pd.DataFrame:
    """The lines of a close: :func:`propose_entries` of the booked calculation, and deferred tax.

    ``opening``, ``closing``: balances as the movement has them. Entries of one company each, debit positive.
    """
    # A currency without a rate has no row in base currency: it is a finding, and nothing of it is booked.
    held = moved.base[_WHOSE].merge(moved.held, on=_WHOSE, how="left")
    booked = propose_entries(
        held, moved.base, booked=policy.booked, accounts=accounts, period=period, as_of=as_of
    )
    permille = policy.tax.deferred_permille
    deferred = propose_deferred_tax(
        opening, closing, rate_permille=permille, accounts=accounts, period=period, as_of=as_of
    )
    parts = [lines for lines in (booked, deferred) if len(lines)]
    return pd.concat(parts, ignore_index=True) if parts else booked


def propose_deferred_tax(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    *,
    rate_permille: int,
    accounts: Accounts,
    period: str,
    as_of: dt.date,
) -> pd.DataFrame:
    """One entry a company for the change in deferred tax since the last close (``journal.PROPOSED``).

    More deferred tax debits the asset and credits the result, less the other way round; base currency.
    """
    began, ended = (_deferred_by_company(frame, rate_permille) for frame in (opening, closing))
    rows = [
        {
            "company_id": company, "entry_id": f"{DEFERRED}-{period}-{company}", "customer_id": "",
            "debit_account": accounts.deferred_tax, "credit_account": accounts.deferred_tax_result,
            "document_id": "", "case_id": "", "currency": currency, "base_currency": currency,
            "amount": ended.get((company, currency), 0) - began.get((company, currency), 0),
            "text": f"IMPUESTO DIFERIDO CARTERA {period}",
        }
        for company, currency in sorted({*began, *ended})
    ]  # fmt: skip
    changed = [{**row, "base_amount": row["amount"]} for row in rows if row["amount"]]
    if not changed:
        return pd.DataFrame(columns=list(PROPOSED))
    return double_entry(pd.DataFrame(changed), origin=DEFERRED, on=pd.Timestamp(as_of))


def _deferred_by_company(balances: pd.DataFrame, rate_permille: int) -> dict[tuple[str, str], int]:
    found = deferred_tax(balances, rate_permille=rate_permille)
    sums = found.groupby(["company_id", "currency"])["deferred_tax_amount"].sum()
    return {(str(company), str(currency)): int(amount) for (company, currency), amount in sums.items()}


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
