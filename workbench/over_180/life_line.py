"""The life line of a debt (línea de vida): normal, watched, over, transferred, handed over, given up.

Source: DOMAIN, section 7.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..policy import Over180Policy
from ..tables import Table

#: In the order of a debt's life; ``credit`` is what we owe, and no debt.
STAGES = (
    "normal", "watch", "pre_180", "over_180", "transfer_proposed", "transfer_approved", "transferred",
    "insurance", "legal", "partly_recovered", "written_off", "recovered", "credit",
)  # fmt: skip

LIFE_LINE = Table(
    "life_line",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "cluster_id": "text",
        "supervisor_id": "text",
        "document_id": "text",
        "document_type": "text",
        "currency": "text",
        "due_date": "date",
        "days_overdue": "integer",
        "days_at_next_close": "integer",
        "stage": "text",  # of STAGES
        "open_amount": "money",
        "transferred_amount": "money",  # what of it stands on the over-180 account
        "written_off_amount": "money",  # given up and not recovered
        "recovered_amount": "money",
    },
)


def place_on_life_line(
    aged: pd.DataFrame,
    customers: pd.DataFrame,
    transferred: pd.DataFrame,
    handed_over: pd.DataFrame,
    written_off: pd.DataFrame,
    *,
    as_of: dt.date,
    next_close: dt.date,
    policy: Over180Policy,
) -> pd.DataFrame:
    """``LIFE_LINE``: each item in one stage; Σ ``open_amount`` by stage is Σ open, per currency.

    ``aged``: ``aging.age_open_items`` with settled items, so that what was written off is seen; one that owes
    nothing and never was written off has no row. ``transferred``: ``transfers.TRANSFERRED``; ``handed_over``:
    ``hand_overs.HANDED_OVER``; ``written_off``: ``write_offs.GIVEN_UP``.

    Normal below ``watch_days``; watched from that day on; before 180 when it crosses ``over_days`` by the
    next close; exactly ``over_days`` is not over. Legal or insurance before the transfer's stage; an item
    given up in part stays in the stage of what is still owed.
    """
    keys = ["company_id", "customer_id"]
    known = customers[[*keys, "cluster_id", "supervisor_id"]].drop_duplicates(keys)
    grouped = written_off.groupby("document_key")
    given_up = grouped[["written_off_amount", "recovered_amount"]].sum().assign(state=grouped["state"].last())
    rows = aged[(aged["open_amount"] != 0) | aged["document_key"].isin(given_up.index)]
    rows = rows.merge(known, on=keys, how="left")
    key = rows["document_key"]
    standing = transferred.groupby("document_key")["standing_amount"].sum()
    live = transferred[
        transferred["state"].isin(("proposed", "approved", "transferred", "reversal_proposed"))
    ]
    transfer = live.drop_duplicates("document_key", keep="last").set_index("document_key")["state"]
    elsewhere = handed_over.drop_duplicates("document_key", keep="last").set_index("document_key")["state"]
    rows = rows.assign(
        days_at_next_close=rows["days_overdue"] + (next_close - as_of).days,
        transferred_amount=key.map(standing).fillna(0).astype("int64"),
        written_off_amount=key.map(given_up["written_off_amount"]).fillna(0).astype("int64"),
        recovered_amount=key.map(given_up["recovered_amount"]).fillna(0).astype("int64"),
    )
    now, then, owed = rows["days_overdue"], rows["days_at_next_close"], rows["open_amount"]
    state, place = _said(key, transfer), _said(key, elsewhere)
    is_partly = _said(key, given_up["state"]).eq("partly_recovered")
    choices = [
        (rows["open_amount"].lt(0) | (owed.eq(0) & rows["original_amount"].lt(0)), "credit"),
        (owed.eq(0) & rows["written_off_amount"].gt(0) & is_partly, "partly_recovered"),
        (owed.eq(0) & rows["written_off_amount"].gt(0), "written_off"),
        (owed.eq(0), "recovered"),
        (place.eq("in_legal"), "legal"),
        (place.eq("with_insurer"), "insurance"),
        (state.isin(("transferred", "reversal_proposed")), "transferred"),
        (state.eq("approved"), "transfer_approved"),
        (state.eq("proposed"), "transfer_proposed"),
        (now > policy.over_days, "over_180"),
        (then > policy.over_days, "pre_180"),
        (now >= policy.watch_days, "watch"),
    ]
    stages = np.select([told.to_numpy() for told, _ in choices], [name for _, name in choices], "normal")
    placed = LIFE_LINE.conform(rows.assign(stage=stages))
    return placed.sort_values(["company_id", "customer_id", "currency", "document_key"], ignore_index=True)


def _said(keys: pd.Series, words: pd.Series) -> pd.Series:
    """The word of each key, '' where there is none."""
    known = words.to_dict()
    return pd.Series([known.get(key, "") for key in keys.tolist()], index=keys.index, dtype="str")


def summarise_life_line(life_line: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Items and money of each stage and value of ``by``, per currency, in the order of ``STAGES``."""
    keys = [*by, "stage", "currency"]
    money = ["open_amount", "transferred_amount", "written_off_amount", "recovered_amount"]
    summed = life_line.assign(items=1).groupby(keys, sort=True)[["items", *money]].sum().reset_index()
    place = summed["stage"].map({name: number for number, name in enumerate(STAGES)})
    ordered = summed.assign(_place=place).sort_values([*by, "_place", "currency"], ignore_index=True)
    return ordered.drop(columns="_place").astype(dict.fromkeys(("items", *money), "int64"))
