"""The sub-ledger against the ledger: what customers owe by their items, and by the control account.

Σ what the ERP shows open (our open items + what we applied and it has not confirmed yet) is the balance of
the control account, per company and currency, to the cent. Source: ARCHITECTURE, "cash is counted once".
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..applications import collect_findings, finding
from ..money import to_text
from ..tables import CONTROL_BALANCES, OPEN_ITEMS, Table

Mask = npt.NDArray[np.bool_]

#: One row a company and currency with a balance on the day. ``difference`` = control − items.
CONTROL_ACCOUNTS = Table(
    "control_accounts",
    ("company_id", "currency"),
    {
        "company_id": "text",
        "currency": "text",
        "accounts": "text",
        "control_amount": "money",
        "items_amount": "money",  # open_amount + pending_applications
        "open_amount": "money",
        "pending_applications": "money",
        "difference": "money",
        "reason": "text",  # agrees, one of PENDING, special-ledger, not-seen-since, unknown
        "special_ledger_amount": "money",  # items with a special G/L indicator
        "not_seen_amount": "money",  # items that the newest extract of their company did not show
    },
)
#: A difference that is what the ERP has posted already and no extract of items has confirmed yet: what left
#: for it, what never left by a file, or both together.
PENDING = ("sent-not-confirmed", "applied-not-sent", "applied-not-confirmed")


def compare_control_account(
    open_items: pd.DataFrame,
    observations: pd.DataFrame,
    control_balances: pd.DataFrame,
    *,
    as_of: dt.date,
    states: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``CONTROL_ACCOUNTS`` of the balances given for exactly ``as_of``, and a finding a difference.

    ``open_items``: ``tables.OPEN_ITEMS`` as of that day. All accounts of a company and currency are its
    balance together. Nothing is compared where no balance was given. A reason is named only where its amount
    is the whole difference: applications that the items do not show confirmed (``states``:
    ``POSTING_STATES``, tell those that left from the others), the special ledger that the accounts given
    leave out, or items that the newest extract no longer showed; else it is unknown.
    """
    day = pd.Timestamp(as_of)
    given = CONTROL_BALANCES.conform(control_balances)
    given = given[given["balance_date"] == day].sort_values(["company_id", "currency", "account_id"])
    items = OPEN_ITEMS.conform(open_items)
    is_special = (items["special_gl"] != "").to_numpy()
    is_unseen = _not_seen_lately(items, observations, day)
    rows, found = [], []
    for (company, code), accounts in given.groupby(["company_id", "currency"], sort=True):
        currency = str(code)
        own = ((items["company_id"] == company) & (items["currency"] == currency)).to_numpy()
        control = sum(accounts["balance_amount"].tolist())
        owed, special, unseen = (
            sum(items["erp_open_amount"][own & mask].tolist()) for mask in (own, is_special, is_unseen)
        )
        difference = control - owed
        sent, unsent = _unconfirmed(items[own], states, str(company), currency)
        reason = "unknown"
        if difference == 0:
            reason = "agrees"
        elif pending := _pending_reason(difference, sent, unsent):
            reason = pending
        elif special and difference == -special:
            reason = "special-ledger"
        elif unseen and difference == -unseen:
            reason = "not-seen-since"
        mine = items[own]
        rows.append(
            {
                "company_id": company, "currency": currency, "control_amount": control,
                "accounts": ", ".join(accounts["account_id"]), "items_amount": owed,
                "open_amount": int(mine["open_amount"].sum()),
                "pending_applications": int(mine["pending_applications"].sum()),
                "difference": difference, "reason": reason, "special_ledger_amount": special,
                "not_seen_amount": unseen,
            }
        )  # fmt: skip
        if difference:
            amounts = {
                "control": control, "items": owed, "difference": difference, "sent": sent, "unsent": unsent,
            }  # fmt: skip
            money = {f"{name}_money": f"{to_text(one, currency)} {currency}" for name, one in amounts.items()}
            found.append(
                finding(
                    f"control-account-{reason}", table="control_balances", key=str(company), level="error",
                    amount=difference, currency=currency, company=company, as_of_day=as_of.isoformat(),
                    **money,
                )
            )  # fmt: skip
    compared = pd.DataFrame(rows, columns=list(CONTROL_ACCOUNTS.columns))
    return CONTROL_ACCOUNTS.conform(compared), collect_findings(found)


def _unconfirmed(
    items: pd.DataFrame, states: pd.DataFrame | None, company: str, currency: str
) -> tuple[int, int]:
    """What was applied and is not confirmed: what has left for the ERP, and what has not.

    Payments on account are in the states alone. Without states nothing is known to have left.
    """
    if states is None:
        return 0, sum(items["pending_applications"].tolist())
    own = states[(states["company_id"] == company) & (states["currency"] == currency)]
    own = own[(own["posting"] == "application") & (own["state"] != "confirmed")]
    rest = own["posted_amount"] - own["answered_amount"]
    has_left = own["export_date"].notna()
    return sum(rest[has_left].tolist()), sum(rest[~has_left].tolist())


def _pending_reason(difference: int, sent: int, unsent: int) -> str:
    """Which of :data:`PENDING` is the whole difference; '' where none is."""
    if sent and difference == -sent:
        return "sent-not-confirmed"
    if unsent and difference == -unsent:
        return "applied-not-sent"
    return "applied-not-confirmed" if sent and unsent and difference == -(sent + unsent) else ""


def _not_seen_lately(items: pd.DataFrame, observations: pd.DataFrame, day: pd.Timestamp) -> Mask:
    """Items that an extract of their company, newer than the last one to show them, does not have."""
    seen = observations[observations["observed_date"] <= day]
    last = seen.groupby("document_key")["observed_date"].max()
    own = pd.Series(last.reindex(items["document_key"]).to_numpy(), index=items.index)
    newest = own.groupby(items["company_id"]).transform("max")
    is_older: Mask = (own < newest).to_numpy()
    return is_older
