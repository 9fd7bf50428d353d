"""The frames of a customers' reconciliation: balances held against each other, what met, what differs."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ...tables import Table

ACCOUNT = ["company_id", "customer_id", "currency"]
#: By what a line of theirs met ours; ``number-net``: all lines of one number together on either side.
RULES = ("number", "number-net", "amount-date", "group")

#: One row an account: ours − theirs = Σ differences, to the cent, where the customer sent a list.
BALANCES = Table(
    "customer_balances",
    tuple(ACCOUNT),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "list_date": "date",  # of their list; NaT: none that speaks of the cut-off
        "has_list": "flag",
        "our_amount": "money",
        "uncompared_amount": "money",  # of ours, what no list speaks of
        "their_amount": "money",
        "balance_difference": "money",  # ours − uncompared − theirs
        "explained_amount": "money",  # Σ differences with a cause
        "without_cause_amount": "money",
        "matched_count": "integer",
        "difference_count": "integer",
    },
)

#: One row a line of theirs that met documents of ours.
MATCHED_LINES = Table(
    "customer_matched",
    (*ACCOUNT, "ledger_line_key"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "ledger_line_key": "integer",
        "their_number": "text",
        "their_amount": "money",
        "document_id": "text",  # ours, the first where it met several
        "reference": "text",
        "document_count": "integer",
        "rule": "text",  # one of RULES
    },
)

#: One row a difference, signed as what it adds to ours − theirs.
DIFFERENCES = Table(
    "customer_differences",
    ("difference_id",),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "side": "text",  # ours: not in theirs; theirs: not in ours; both: another amount
        "cause": "text",  # one of policy.customer_reconciliation.CAUSES
        "document_id": "text",  # ours
        "reference": "text",  # as printed
        "their_number": "text",
        "document_date": "date",
        "our_amount": "money",
        "their_amount": "money",
        "difference_amount": "money",  # ours − theirs
        "grounds": "text",  # JSON object: why this cause
        "rivals": "text",  # what it may be instead, where nobody can tell
        "owner": "text",
        "due_date": "date",
        "first_seen_date": "date",  # the cut-off on which it was first seen
        "age_days": "integer",
        "state": "text",  # of its case: new where there is none yet
        "case_id": "text",
        "difference_id": "text",  # the same next month while the same thing differs
    },
)

#: What differed before and no longer does.
SOLVED = Table(
    "customer_differences_solved",
    ("case_id",),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "case_id": "text",
        "difference_id": "text",
        "reference": "text",
        "cause": "text",
        "difference_amount": "money",
        "first_seen_date": "date",
        "age_days": "integer",
    },
)


@dataclass(frozen=True)
class CustomersReconciled:
    """Frames of the tables of these names; ``solved`` is filled by ``carry_differences``."""

    balances: pd.DataFrame
    matched: pd.DataFrame
    differences: pd.DataFrame
    solved: pd.DataFrame
    findings: pd.DataFrame
