"""Differences from month to month: how old each is, who has it, what was solved since.

A difference becomes a case when a month's reconciliation is written; the case is opened, given to somebody,
and solved. What no longer differs is shown as solved, and closed by the next run that is written.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pandas as pd

from ...cases import Machine, Move
from .results import DIFFERENCES, SOLVED, CustomersReconciled

KIND = "difference"
#: States in which somebody still has to do something.
LIVE = ("open", "assigned")

#: What can be done with a difference between both ledgers.
DIFFERENCE = Machine(
    kind=KIND,
    initial="open",
    moves=(
        Move("assign", frozenset(LIVE), "assigned", needs=("owner", "due_date")),
        Move("solve", frozenset(LIVE), "solved", needs=("reason",)),
        Move("reopen", frozenset({"solved"}), "open", needs=("reason",)),
    ),
)


def carry_differences(
    reconciled: CustomersReconciled, cases: pd.DataFrame, *, as_of: dt.date
) -> CustomersReconciled:
    """The differences with the day on which each was first seen, its age, its case's state and owner.

    ``cases``: ``tables.CASES``; those of kind ``difference`` of a cut-off after ``as_of`` say nothing.
    ``solved``: cases not yet solved, of customers who sent a list, whose difference is no more.
    """
    own = cases[cases["kind"].eq(KIND) & (cases["as_of_date"] <= pd.Timestamp(as_of))]
    own = own.drop_duplicates("subject_key").set_index("subject_key")
    differences = reconciled.differences
    known = own.reindex(differences["difference_id"])
    first = pd.Series(known["as_of_date"].to_numpy(), differences.index).fillna(
        differences["first_seen_date"]
    )
    told = differences.assign(
        first_seen_date=first.astype("datetime64[s]"),
        age_days=(pd.Timestamp(as_of) - first).dt.days,
        state=pd.Series(known["state"].to_numpy(), differences.index).fillna("new").astype("str"),
        case_id=pd.Series(known["case_id"].to_numpy(), differences.index).fillna("").astype("str"),
    )
    return replace(
        reconciled,
        differences=DIFFERENCES.conform(told),
        solved=_solved(own.reset_index(), reconciled, as_of),
    )


def _solved(own: pd.DataFrame, reconciled: CustomersReconciled, as_of: dt.date) -> pd.DataFrame:
    """Live cases of customers with a list that differ no more."""
    balances = reconciled.balances[reconciled.balances["has_list"]]
    compared = set(zip(balances["company_id"], balances["customer_id"], strict=True))
    is_compared = [pair in compared for pair in zip(own["company_id"], own["customer_id"], strict=True)]
    gone = own[
        own["state"].isin(LIVE)
        & pd.Series(is_compared, index=own.index, dtype=bool)
        & ~own["subject_key"].isin(reconciled.differences["difference_id"])
        & (own["as_of_date"] < pd.Timestamp(as_of))
    ]
    contents = [json.loads(content) for content in gone["content"]]
    return SOLVED.conform(
        gone.assign(
            difference_id=gone["subject_key"],
            reference=[str(content.get("reference", "")) for content in contents],
            cause=[str(content.get("cause", "")) for content in contents],
            difference_amount=gone["case_amount"],
            first_seen_date=gone["as_of_date"],
            age_days=(pd.Timestamp(as_of) - gone["as_of_date"]).dt.days,
        )
    )


def cases_to_open(differences: pd.DataFrame) -> pd.DataFrame:
    """The differences that no case stands for yet."""
    return differences[differences["case_id"].eq("")].reset_index(drop=True)
