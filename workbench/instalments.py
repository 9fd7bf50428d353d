"""Instalments (cuotas) are items of one document: what is paid on it settles the oldest due first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from .calendar import day_numbers
from .money import Amounts, checked_sum, sums_by

Positions = npt.NDArray[np.int64]


def settle_oldest_first(items: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """An amount named for a whole document, spread over its items (cuotas), the oldest due first.

    ``items``: ``document_key, group, due_date, item, open_amount`` and, where known, ``document_date``
    (it serves where the due date is absent, and breaks ties before the item number does). ``amounts``:
    ``group, amount`` and, where the payer names one, ``item``: a named amount goes to that item only, and
    is served first; the others follow in the order of their rows. An amount settles items of its own sign.

    Gives ``group, amount_position`` (the row in ``amounts``)``, document_key, amount``: one row a share.
    What did not fit has ``document_key`` −1, so Σ ``amount`` is what was asked, per row of ``amounts``,
    to the cent.
    """
    ordered = items.iloc[_oldest_first(items)]
    asked = pd.DataFrame(
        {
            "group": amounts["group"].to_numpy(),
            "item": amounts["item"].to_numpy() if "item" in amounts else "",
            "amount": amounts["amount"].to_numpy(dtype=np.int64),
            "amount_position": np.arange(len(amounts)),
        }
    )
    codes = pd.factorize(pd.concat([ordered["group"], asked["group"]], ignore_index=True))[0]
    names = pd.concat([ordered["item"], asked["item"]], ignore_index=True).astype("str")
    lines = pd.factorize(names)[0] + codes * (len(names) + 1)
    is_named = (asked["item"].astype("str") != "").to_numpy()
    count = len(ordered)
    left: Amounts = ordered["open_amount"].to_numpy(dtype=np.int64)
    shares = []
    for rows, groups in ((np.flatnonzero(is_named), lines), (np.flatnonzero(~is_named), codes)):
        for sign in (1, -1):
            row, item, share = _shares(
                groups[count:][rows],
                np.maximum(sign * asked["amount"].to_numpy()[rows], 0),
                groups[:count],
                np.maximum(sign * left, 0),
            )
            found = item >= 0
            left = left - sign * sums_by(item[found], share[found], count)
            shares.append(pd.DataFrame({"row": rows[row], "place": item, "amount": sign * share}))
    settled = pd.concat(shares, ignore_index=True)
    # What did not fit comes last of its amount.
    settled = settled.sort_values(["row", "place"], key=lambda part: part.where(part >= 0, count))
    keys = np.append(ordered["document_key"].to_numpy(dtype=np.int64), -1)
    return pd.DataFrame(
        {
            "group": asked["group"].to_numpy()[settled["row"]],
            "amount_position": settled["row"].to_numpy(),
            "document_key": keys[settled["place"]],
            "amount": settled["amount"].to_numpy(),
        }
    )


def _oldest_first(items: pd.DataFrame) -> Positions:
    """The order in which items are settled: due date, document date, item number."""
    document_day = day_numbers(items["document_date" if "document_date" in items else "due_date"].to_numpy())
    due_day = np.where(items["due_date"].isna(), document_day, day_numbers(items["due_date"].to_numpy()))
    names = items["item"].astype("str")
    # "2" before "10", and "0002" with "2".
    number = pd.factorize(names.str.zfill(20), sort=True)[0]
    order: Positions = np.lexsort((items["document_key"], number, document_day, due_day))
    return order


def _shares(
    asked_groups: Positions, asked: Amounts, item_groups: Positions, room: Amounts
) -> tuple[Positions, Positions, Amounts]:
    """Asked amounts laid over the items' room, both in their order, group by group.

    Each group is a stretch of one number line on which amounts and items lie end to end; the cuts of both
    make the shares. Gives row of the amount, position of the item (−1: no room left) and the share.
    """
    checked_sum(np.concatenate([asked, room]))
    asked_order = np.argsort(asked_groups, kind="stable")
    item_order = np.argsort(item_groups, kind="stable")
    count = 1 + max(asked_groups.max(initial=-1), item_groups.max(initial=-1))
    asked_total, room_total = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(asked_total, asked_groups, asked)
    np.add.at(room_total, item_groups, room)
    stretch = np.maximum(asked_total, room_total)
    start = np.cumsum(stretch) - stretch

    asked_start = _laid(asked[asked_order], asked_groups[asked_order], start, asked_total)
    item_start = _laid(room[item_order], item_groups[item_order], start, room_total)
    asked_end, item_end = asked_start + asked[asked_order], item_start + room[item_order]
    cuts = np.unique(np.concatenate([asked_start, asked_end, item_start, item_end]))
    low, share = cuts[:-1], np.diff(cuts)
    row = np.searchsorted(asked_start, low, side="right") - 1
    item = np.searchsorted(item_start, low, side="right") - 1
    is_asked = (row >= 0) & (low < np.append(asked_end, 0)[row])
    has_room = (item >= 0) & (low < np.append(item_end, 0)[item])
    item = np.where(has_room, np.append(item_order, -1)[item], -1)
    row = np.append(asked_order, -1)[row]
    return row[is_asked], item[is_asked], share[is_asked]


def _laid(amounts: Amounts, groups: Positions, start: Amounts, totals: Amounts) -> Amounts:
    """Where each amount begins on the number line, its group beginning at ``start``."""
    before_group = np.cumsum(totals) - totals
    begins: Amounts = np.cumsum(amounts) - amounts - before_group[groups] + start[groups]
    return begins
