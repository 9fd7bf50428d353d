"""What became of each range of days within a month, item by item, to the cent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..money import Amounts, sums_by
from ..tables import Table
from .history import History

#: What became of each range within one month, by segment. Items whose range is the last stay or are paid.
ROLLS = Table(
    "rolls",
    ("from_date", "company_id", "currency", "segment", "bucket"),
    {
        "from_date": "date",
        "through_date": "date",
        "company_id": "text",
        "currency": "text",
        "segment": "text",
        "bucket": "text",
        "items": "integer",  # in the range on from_date
        "rolled_items": "integer",
        "jumped_items": "integer",
        "before_amount": "money",
        "rolled_amount": "money",  # in the next range on through_date
        "jumped_amount": "money",  # beyond the next
        "stayed_amount": "money",
        "back_amount": "money",  # in an earlier range: its date was changed
        "paid_amount": "money",
    },
)


def count_rolls(history: History) -> pd.DataFrame:
    """What became of each range within each month of which all is known (``ROLLS``), sorted by its key."""
    parts = [_rolls_between(history, place) for place in range(len(history.days) - 1)]
    found = pd.concat(parts, ignore_index=True) if parts else ROLLS.empty()
    order = [*ROLLS.key[:-1], "_place"]
    names = {name: place for place, name in enumerate(history.buckets.names)}
    found = found.assign(_place=found["bucket"].map(names)).sort_values(order, kind="stable")
    return ROLLS.conform(found)


def _rolls_between(history: History, place: int) -> pd.DataFrame:
    """One month's rolls: from ``days[place]`` to the next."""
    names = history.buckets.names
    known = np.flatnonzero((history.codes[place] >= 0) & history.is_known(place)[history.group])
    code_before = history.codes[place][known].astype(np.int64)
    code_after = history.codes[place + 1][known].astype(np.int64)
    before = history.amounts[place][known]
    # An item never rolls with more than it had: what a reset clearing brought back was not there before.
    kept = np.minimum(before, history.amounts[place + 1][known])
    step = code_after - code_before
    is_open = code_after >= 0
    flat = history.group[known] * len(names) + code_before
    count = len(history.groups) * len(names)

    def amount(rows: npt.NDArray[np.bool_]) -> Amounts:
        return sums_by(flat, np.where(rows, kept, 0), count)

    def items(rows: npt.NDArray[np.bool_]) -> Amounts:
        return np.bincount(flat[rows], minlength=count).astype(np.int64)

    rolled, jumped = is_open & (step == 1), is_open & (step > 1)
    frame = history.groups.loc[history.groups.index.repeat(len(names))].reset_index(drop=True)
    frame = frame.assign(
        from_date=pd.Timestamp(history.days[place]),
        through_date=pd.Timestamp(history.days[place + 1]),
        bucket=np.tile(np.array(names, dtype=object), len(history.groups)),
        items=items(np.ones(len(flat), dtype=np.bool_)),
        rolled_items=items(rolled),
        jumped_items=items(jumped),
        before_amount=sums_by(flat, before, count),
        rolled_amount=amount(rolled),
        jumped_amount=amount(jumped),
        stayed_amount=amount(is_open & (step == 0)),
        back_amount=amount(is_open & (step < 0)),
        paid_amount=sums_by(flat, before - np.where(is_open, kept, 0), count),
    )
    return frame[(frame["items"] > 0).to_numpy()]
