"""Credits over 180 days (créditos a más de 180 días): each with age, owner, and what can be done with it.

Credit notes and payments open in the ledger, and receipts in the bank that nobody has applied. Proposed are
application, refund or transfer; a person decides, and a second one approves. Source: DOMAIN, "What the job
needs beyond the anchors": the other side of the transfers over 180 days.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..tables import Table
from .legs import evidence_text
from .pool import ACCOUNT

#: ``apply``: the customer owes in this currency; ``refund``: it owes nothing; ``transfer``: nobody knows
#: whose it is, or it stands in a special ledger that nets with nothing.
ACTIONS = ("apply", "refund", "transfer")
#: Who approves each (DOMAIN 21).
_APPROVERS = {"apply": "supervisor", "refund": "controller", "transfer": "controller"}

OLD_CREDITS = Table(
    "old_credits",
    ("document_kind", "document_key"),
    {
        "action": "text",  # one of ACTIONS
        "document_kind": "text",  # of DOCUMENT_KINDS, or deposit for a receipt
        "document_key": "integer",  # a receipt's own key
        "document_id": "text",
        "company_id": "text",
        "customer_id": "text",  # "" for a deposit that nobody has identified
        "document_date": "date",
        "age_days": "integer",
        "currency": "text",
        "credit_amount": "money",  # negative: what we owe or hold
        "debt_amount": "money",  # what the same customer owes in this currency
        "owner": "text",  # supervisor of the customer, else its cluster
        "approver": "text",  # who approves it
        "evidence": "text",
    },
)


def list_old_credits(
    open_items: pd.DataFrame,
    receipts: pd.DataFrame,
    customers: pd.DataFrame,
    suggested: pd.DataFrame | None = None,
    *,
    as_of: dt.date,
    over_days: int = 180,
) -> pd.DataFrame:
    """``OLD_CREDITS``, the oldest first.

    ``open_items``: ``tables.OPEN_ITEMS`` after the run; ``receipts``: with ``unapplied_amount``
    (``ledger.unapplied_receipts``); ``suggested``: ``SUGGESTED``. Age is counted from the document's own
    day to ``as_of``; at exactly ``over_days`` it is not over. One without a day is listed, the last, with age
    0: nobody can say that it is not old. Minor units.
    """
    own = open_items[open_items["open_amount"] < 0]
    ledger = own.assign(credit_amount=own["open_amount"])
    cash = receipts[receipts["unapplied_amount"] > 0]
    deposits = cash.rename(
        columns={"receipt_key": "document_key", "receipt_id": "document_id", "receipt_date": "document_date"}
    ).assign(document_kind="deposit", special_gl="", credit_amount=-cash["unapplied_amount"])
    names = ["document_kind", "document_key", "document_id", *ACCOUNT, "document_date", "special_gl",
             "credit_amount"]  # fmt: skip
    both = pd.concat([ledger[names], deposits[names]], ignore_index=True)
    age = (pd.Timestamp(as_of) - both["document_date"]).dt.days
    both["age_days"] = age.fillna(0).astype("int64")
    old = both[(age > over_days) | age.isna()].reset_index(drop=True)
    debts = open_items[(open_items["open_amount"] > 0) & open_items["special_gl"].eq("")]
    owed = debts.groupby(list(ACCOUNT))["open_amount"].sum().to_dict()
    offers = {} if suggested is None else _proposals(suggested)
    owners = {
        (row["company_id"], row["customer_id"]): row["supervisor_id"] or row["cluster_id"]
        for row in customers[["company_id", "customer_id", "supervisor_id", "cluster_id"]].to_dict("records")
    }
    rows = [_judged(row, owed, offers, owners) for row in old.to_dict("records")]
    listed = OLD_CREDITS.conform(pd.DataFrame(rows, columns=list(OLD_CREDITS.columns)))
    order = ["document_date", "company_id", "currency", "document_id", "document_kind", "document_key"]
    return listed.sort_values(order, ignore_index=True)


def _judged(
    row: dict[str, object],
    owed: dict[tuple[str, str, str], int],
    offers: dict[int, int],
    owners: dict[tuple[str, str], str],
) -> dict[str, object]:
    company, customer, currency = (str(row[name]) for name in ACCOUNT)
    debt = int(owed.get((company, customer, currency), 0)) if customer else 0
    facts: dict[str, object] = {}
    if row["special_gl"]:
        action = "transfer"
        facts["special_ledger"] = row["special_gl"]
    elif not customer:
        action = "transfer"
        facts["unidentified"] = row["document_id"]
    else:
        action = "apply" if debt else "refund"
        if row["document_kind"] == "credit_note" and offers.get(int(str(row["document_key"]))):
            facts["proposals"] = offers[int(str(row["document_key"]))]
    return {
        **row,
        "debt_amount": debt,
        "action": action,
        "approver": _APPROVERS[action],
        "owner": owners.get((company, customer), ""),
        "evidence": evidence_text(facts) if facts else "",
    }


def _proposals(suggested: pd.DataFrame) -> dict[int, int]:
    """How many answers each note has."""
    counts = suggested.groupby("credit_document_key")["proposal"].nunique()
    return {int(key): int(count) for key, count in counts.items()}
