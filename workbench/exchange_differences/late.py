"""What became known of days that a close has already booked: settled then, known only now.

A clearing of 25 January in February's extract is in no settlement of February's days and was in none of
January's close. It is what today's facts say of the days through the close before, less what the facts said
that the close before knew; what was known and is no more (a reversal dated then) counts with the other sign.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from .results import REALISED
from .settlements import Facts

_MONEY = [name for name, kind in REALISED.columns.items() if kind == "money"]


def touched_since(facts: Facts, issued_at: dt.datetime) -> pd.Series:
    """The keys of documents of which anything was recorded after ``issued_at``, and of those that were
    cleared with them: a payment known late gives its day's rate to what it cleared."""
    instant = pd.Timestamp(issued_at)
    applied = facts.applications[["application_id", "document_key"]]
    undone = facts.reversals.merge(applied, on="application_id")
    keys = pd.concat(
        [frame.loc[frame["recorded_at"] > instant, "document_key"] for frame in (*facts[:4], undone)],
        ignore_index=True,
    )
    clearings = facts.clearings[facts.clearings["clearing_document"] != ""]
    shared = clearings.loc[clearings["document_key"].isin(keys), "clearing_document"]
    met = clearings.loc[clearings["clearing_document"].isin(shared), "document_key"]
    return pd.concat([keys, met], ignore_index=True).drop_duplicates()


def settled_late(now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """``now`` less ``then`` (both ``REALISED``, of the same days), one row a settlement that differs."""
    taken = then.assign(**{name: -then[name] for name in _MONEY})
    both = pd.concat([now[list(REALISED.columns)], taken[list(REALISED.columns)]], ignore_index=True)
    same = [name for name in REALISED.columns if name not in _MONEY]
    sums = both.groupby(same, sort=True, dropna=False)[_MONEY].sum().reset_index()
    return REALISED.conform(sums[(sums[_MONEY] != 0).any(axis=1)])
