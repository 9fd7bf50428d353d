"""What the ERP settled and nobody had told: told by the clearing documents, else by the day it was seen."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ..tables import OBSERVATIONS
from .facts import IDENTITY, Facts, View, clearings_by
from .naming import listed
from .results import ACCOUNT

_LINE = [*ACCOUNT, "movement_date", "kind", "document_id", "reference", "document_count", "movement_amount"]


def settled_lines(left: pd.DataFrame, facts: Facts, before: View, after: View) -> pd.DataFrame:
    """Lines that sum to ``movement_amount`` of each item of ``left``, by account.

    Clearings of one clearing document that cancel within an account are none. What is left of one is a
    ``transfer`` where the document cancels over all accounts (somebody else's payment); else, up to the
    payments it used up, a ``payment`` that our applications had told before; the rest a ``clearing``.
    """
    taken_over = _taken_over(left[left[IDENTITY] < 0], facts, before, after)
    items = left[left[IDENTITY] >= 0]
    lines = _by_clearing(items, facts, before, after)
    grouped = _by_group(lines)
    return pd.concat([taken_over[_LINE], grouped[_LINE]], ignore_index=True)


def _by_clearing(items: pd.DataFrame, facts: Facts, before: View, after: View) -> pd.DataFrame:
    """A row a clearing where the clearings are what the item moved; else one row an item."""
    stated = _new_clearings(facts, before, after)
    stated = stated[stated["document_key"].isin(items[IDENTITY])]
    sign = items.set_index(IDENTITY)["original_amount"].lt(0).map({True: -1, False: 1})
    amounts = -stated["document_key"].map(sign) * stated["cleared_amount"].abs()
    stated = stated.assign(movement_amount=amounts.astype("int64"))
    told = stated.groupby("document_key")["movement_amount"].sum().reindex(items[IDENTITY])
    is_whole = told.eq(items["movement_amount"].to_numpy()).to_numpy()
    whole, rest = items[is_whole], items[~is_whole]
    newest = stated.sort_values("clearing_date").drop_duplicates("document_key", keep="last")
    newest = newest.set_index("document_key")
    seen = _seen_on(facts, before, after)
    rest = rest.assign(
        clearing_date=_first_known(
            newest["clearing_date"].reindex(rest[IDENTITY]).to_numpy(),
            seen.reindex(rest[IDENTITY]).to_numpy(),
            last=after.as_of,
        ),
        clearing_document=newest["clearing_document"].reindex(rest[IDENTITY]).fillna("").to_numpy(),
    )
    own = ["document_key", "clearing_date", "clearing_document", "movement_amount"]
    joined = whole.drop(columns="movement_amount").merge(
        stated[own], left_on=IDENTITY, right_on="document_key"
    )
    both = pd.concat([joined.drop(columns="document_key"), rest], ignore_index=True)
    first = _first_day(before, after)
    days = both["clearing_date"].where(both["clearing_date"] >= first, first)
    return both.assign(movement_date=days.astype("datetime64[s]"))


def _first_known(*days: np.ndarray, last: dt.date) -> np.ndarray:
    """Of each row the first day given; the last day where there is none."""
    known = np.full(len(days[0]), np.datetime64(last, "s"))
    for day in reversed(days):
        stated = day.astype("datetime64[s]")
        known = np.where(np.isnat(stated), known, stated)
    return known


def _new_clearings(facts: Facts, before: View, after: View) -> pd.DataFrame:
    """What was cleared and known in the later view and was not in the earlier one."""
    names = ["document_key", "clearing_document", "clearing_date", "cleared_amount"]
    now, then = clearings_by(facts, after)[names], clearings_by(facts, before)[names]
    both = now.merge(then, on=names, how="left", indicator=True)
    return both[both["_merge"] == "left_only"].drop(columns="_merge").reset_index(drop=True)


def _seen_on(facts: Facts, before: View, after: View) -> pd.Series:
    """The newest sight of each item in the later view: the day on which an extract showed less open."""
    seen = OBSERVATIONS.conform(facts.observations)
    if after.known_at is not None:
        seen = seen[seen["recorded_at"] <= pd.Timestamp(after.known_at)]
    seen = seen[seen["observed_date"] <= pd.Timestamp(after.as_of)]
    return seen.groupby("document_key")["observed_date"].max()


def _first_day(before: View, after: View) -> pd.Timestamp:
    """No movement of a period is dated before it; what became known late keeps its own day."""
    if after.as_of > before.as_of:
        return pd.Timestamp(before.as_of) + pd.Timedelta(days=1)
    return pd.Timestamp("1970-01-01")


def _taken_over(apart: pd.DataFrame, facts: Facts, before: View, after: View) -> pd.DataFrame:
    """Money on account that the ERP has booked as an item of its own since: the item stands for it now."""
    if apart.empty:
        return apart.assign(movement_date=pd.NaT, kind="payment", document_count=0)
    by_number = facts.documents[facts.documents["original_amount"] < 0]
    by_number = by_number.drop_duplicates("reference").set_index("reference")["document_date"]
    sent = facts.exported.drop_duplicates("application_id", keep="last").set_index("application_id")
    legs = after.legs[after.legs[IDENTITY].isin(apart[IDENTITY])]
    number = sent["erp_document"].reindex(legs["application_id"])
    day = by_number.reindex(number).to_numpy().astype("datetime64[s]")
    days = pd.Series(day, index=legs[IDENTITY].to_numpy()).groupby(level=0).max()
    told = pd.Series(_first_known(days.reindex(apart[IDENTITY]).to_numpy(), last=after.as_of), apart.index)
    told = told.clip(_first_day(before, after), pd.Timestamp(after.as_of))
    return apart.assign(movement_date=told, kind="payment", document_count=0)


def _by_group(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of each clearing document and account together, split into the kinds they are."""
    if lines.empty:
        return lines.assign(kind="clearing", document_count=0)
    day = lines["movement_date"].dt.strftime("%Y-%m-%d")
    name = lines["clearing_document"].where(lines["clearing_document"] != "", day)
    is_note = lines["document_kind"].eq("payment")
    own = lines.assign(
        _name=name,
        _used=lines["movement_amount"].where(is_note, 0),
        _said=lines["reference"].where(lines["reference"] != "", lines["document_id"]),
    )
    keys = [*ACCOUNT, "_name"]
    group = own.groupby(keys, sort=True)
    told = listed(group.ngroup(), own["_said"])
    sums = group.agg(
        movement_amount=("movement_amount", "sum"),
        used=("_used", "sum"),
        movement_date=("movement_date", "max"),
        document_id=("clearing_document", "first"),
    ).reset_index()
    sums = sums.assign(reference=told.names.to_numpy(), document_count=told.counts.to_numpy())
    whole = own.groupby(["company_id", "currency", "_name"])["movement_amount"].transform("sum")
    has_name = own["clearing_document"] != ""
    crossed = own.assign(_crossed=whole.eq(0) & has_name).groupby(keys, sort=True)["_crossed"].first()
    is_crossed = crossed.to_numpy().astype(bool)
    amount = sums["movement_amount"].to_numpy()
    payment = np.where(is_crossed, 0, np.minimum(np.maximum(amount, 0), np.maximum(sums["used"], 0)))
    parts = [
        sums.assign(kind="transfer", movement_amount=np.where(is_crossed, amount, 0)),
        sums.assign(kind="payment", movement_amount=payment),
        sums.assign(kind="clearing", movement_amount=np.where(is_crossed, 0, amount - payment)),
    ]
    both = pd.concat(parts, ignore_index=True)
    both["document_id"] = both["document_id"].where(both["document_id"] != "", both["reference"])
    return both[both["movement_amount"] != 0]
