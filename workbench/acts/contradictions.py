"""Which signed acts the book contradicts by now: the same cut-off, with what has become known since.

A credit note that came later but is dated before the cut-off, an application reversed, a clearing dated back:
each changes what the book says of the day that was signed. What is dated after the cut-off changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

from ..tables import CASE_ITEMS, OPEN_ITEMS, Table
from .machine import SIGNED

_WHOSE = ["company_id", "customer_id", "currency"]
#: One row a document whose amount is no longer what the act holds; key ``case_id, document_key``.
CONTRADICTIONS = Table(
    "contradictions",
    ("case_id", "document_key"),
    {
        "case_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "as_of_date": "date",
        "state": "text",
        "document_key": "integer",
        "document_id": "text",
        "change": "text",  # amount, gone (nothing of it is open any more), appeared (it was not in the act)
        "act_amount": "money",  # 0 where it was not in the act
        "book_amount": "money",  # 0 where nothing is open
        "difference": "money",  # the book now − the act; Σ = the change of the balance
    },
)


def find_contradictions(
    acts: pd.DataFrame,
    case_items: pd.DataFrame,
    open_items: pd.DataFrame,
    *,
    as_of: dt.date,
    states: Collection[str] = SIGNED,
) -> pd.DataFrame:
    """The documents in which the book contradicts acts of the cut-off ``as_of`` (``CONTRADICTIONS``).

    ``acts``: ``histories.ACTS``; only those of ``as_of`` in one of ``states`` are looked at. ``case_items``:
    what they hold (``tables.CASE_ITEMS``). ``open_items``: the book's, as of ``as_of`` and as known now, with
    the credits on account (``tables.OPEN_ITEMS``). A document counts by its key and its open amount; one
    with nothing open is as none. Amounts in minor units, signed.
    """
    judged = acts[acts["state"].isin(list(states)) & (acts["as_of_date"] == pd.Timestamp(as_of))]
    heads = judged[["case_id", *_WHOSE, "as_of_date", "state"]]
    held = CASE_ITEMS.conform(case_items)
    held = held[held["item_kind"] == "document"].rename(
        columns={"item_key": "document_key", "item_id": "act_document_id", "item_amount": "act_amount"}
    )
    held = heads.merge(held[["case_id", "document_key", "act_document_id", "act_amount"]], on="case_id")
    now = OPEN_ITEMS.conform(open_items)[[*_WHOSE, "document_key", "document_id", "open_amount"]]
    now = heads.merge(now[now["open_amount"] != 0], on=_WHOSE)
    both = held.merge(now, on=[*heads.columns, "document_key"], how="outer")
    act_amount, book_amount = (both[name].fillna(0).astype("int64") for name in ("act_amount", "open_amount"))
    both = both.assign(
        act_amount=act_amount,
        book_amount=book_amount,
        difference=book_amount - act_amount,
        document_id=both["document_id"].fillna(both["act_document_id"]),
        change=np.select([act_amount == 0, book_amount == 0], ["appeared", "gone"], "amount"),
    )
    found = CONTRADICTIONS.conform(both[both["difference"] != 0])
    return found.sort_values([*_WHOSE, "case_id", "document_key"], ignore_index=True)
