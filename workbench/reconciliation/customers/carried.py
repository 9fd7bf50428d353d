"""Differences from month to month: how old each is, who has it, what was solved since.

A difference becomes a case when a month's reconciliation is written; the case is opened, given to somebody,
and solved. What no longer differs is shown as solved, and closed by the next run that is written.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd

from ...cases import Machine, Move
from .results import DIFFERENCES, SOLVED, CustomersReconciled

KIND = "difference"
#: States in which somebody still has to do something.
LIVE = ("open", "assigned")
#: Who opens and solves by itself.
RUN = "run:"

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
    first = known["as_of_date"].to_numpy().astype("datetime64[s]")
    first = np.where(np.isnat(first), np.datetime64(as_of, "s"), first)
    # What this very month's run has opened is new to it, however often it is made.
    is_new = known["state"].isna() | (known["state"].eq("open") & (first == np.datetime64(as_of, "s")))
    told = differences.assign(
        first_seen_date=first,
        age_days=(np.datetime64(as_of, "s") - first).astype("timedelta64[D]").astype(np.int64),
        state=np.where(is_new, "new", known["state"].fillna("new").replace("solved", "open")),
        case_id=[f"{KIND}:{one}" for one in differences["difference_id"]],
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
    is_live = own["state"].isin(LIVE)
    is_live |= own["last_who"].str.startswith(RUN) & own["last_date"].eq(pd.Timestamp(as_of))
    gone = own[
        is_live
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


def cases_to_open(differences: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """The differences that are first seen on ``as_of``."""
    is_new = differences["state"].eq("new") & differences["first_seen_date"].eq(pd.Timestamp(as_of))
    return differences[is_new].reset_index(drop=True)
