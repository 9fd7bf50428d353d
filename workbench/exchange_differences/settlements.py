"""What settled each document in a foreign currency, day by day: as the ledger derives it, never otherwise.

``ledger.open_items_as_of`` alone says what is open on a day; this asks it for each document on each of the
document's own days, and what is less open than before was settled. Then it is told whose that is: our
application, its reversal, a clearing of the ERP, or only an extract.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from .. import ledger
from ..money import Amounts
from .results import SETTLEMENTS


class Facts(NamedTuple):
    """What the ledger derives open items from, in its order (frames of ``tables``)."""

    documents: pd.DataFrame
    observations: pd.DataFrame
    clearings: pd.DataFrame
    applications: pd.DataFrame
    reversals: pd.DataFrame

    def known(self, known_at: dt.datetime | None) -> Facts:
        """What was recorded by then."""
        if known_at is None:
            return self
        instant = pd.Timestamp(known_at)
        return Facts._make(frame[frame["recorded_at"] <= instant] for frame in self)

    def of(self, keys: pd.Series) -> Facts:
        """The facts of some documents only."""
        documents, observations, clearings, applications = (
            frame[frame["document_key"].isin(keys)] for frame in self[:4]
        )
        undone = self.reversals["application_id"].isin(applications["application_id"])
        return Facts(documents, observations, clearings, applications, self.reversals[undone])


def find_settlements(facts: Facts, receipts: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """``SETTLEMENTS`` of the documents in ``facts`` up to ``as_of``, that day inside.

    Per document Σ ``settled_amount`` = original − open as of that day, to the cent. The rate's day is the
    receipt's, the payment document's where the ERP cleared against one, else the day in the books; a
    reversal has the one of what it takes back. Sorted by document, day, source.
    """
    moved = _moved(facts, as_of)
    if moved.empty:
        return SETTLEMENTS.empty()
    own = _own_candidates(facts, receipts)
    cleared = _clearing_candidates(facts)
    shares = _shared(moved, own, cleared)
    documents = facts.documents.drop_duplicates("document_key")
    names = ["document_key", "company_id", "customer_id", "document_id", "document_date", "currency"]
    told = shares.merge(documents[names], on="document_key", how="left", validate="many_to_one")
    # An extract alone knows no other day than its own; a document's rate is never asked before its day.
    told["rate_date"] = told["rate_date"].fillna(told["settled_date"])
    order = ["document_key", "settled_date", "settled_by", "settled_id"]
    return SETTLEMENTS.conform(told.sort_values(order, kind="stable"))


def _moved(facts: Facts, as_of: dt.date) -> pd.DataFrame:
    """How much less of each document is open after each of its own days: document_key, settled_date, moved.

    One call of the ledger for all: of each document and day there is a copy whose days are all moved so that
    its day falls on one and the same cut-off; within a document nothing changes by that.
    """
    days = days_of(facts, as_of)
    documents = facts.documents.drop_duplicates("document_key")
    cutoff = np.datetime64(as_of, "s")
    copies = days.assign(copy=np.arange(len(days)), shift=cutoff - days["day"].to_numpy("datetime64[s]"))

    def copied(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
        both = frame.merge(copies[["document_key", "copy", "shift"]], on="document_key")
        moved_days = {name: both[name] + both["shift"] for name in names}
        return both.assign(**moved_days, document_key=both["copy"])

    applied = copied(facts.applications, "effective_date")
    undone = facts.reversals.merge(applied[["application_id", "copy", "shift"]], on="application_id")
    undone = undone.assign(
        effective_date=undone["effective_date"] + undone["shift"], application_id=_of_copy(undone)
    )
    open_items = ledger.open_items_as_of(
        copied(documents, "document_date"),
        copied(facts.observations, "observed_date"),
        copied(facts.clearings, "clearing_date", "extract_date"),
        applied.assign(application_id=_of_copy(applied)),
        undone,
        as_of=as_of,
        with_settled=True,
    )
    keys = documents["document_key"].to_numpy()
    original = documents["original_amount"].to_numpy()[pd.Index(keys).get_indexer(copies["document_key"])]
    place = pd.Index(open_items["document_key"]).get_indexer(copies["copy"])
    # Before its own day a document is not in the ledger: all of it is still to come.
    left = np.where(place >= 0, np.append(open_items["open_amount"].to_numpy(), 0)[place], original)
    is_first = (copies["document_key"] != copies["document_key"].shift()).to_numpy()
    before = np.where(is_first, original, np.roll(left, 1))
    stepped = copies.assign(moved=before - left)
    stepped = stepped[stepped["moved"] != 0]
    return stepped[["document_key", "day", "moved"]].rename(columns={"day": "settled_date"})


def _of_copy(frame: pd.DataFrame) -> pd.Series:
    return frame["application_id"] + "#" + frame["copy"].astype("str")


def days_of(facts: Facts, as_of: dt.date) -> pd.DataFrame:
    """Each document's days on which something may have happened to it, in order: document_key, day."""
    undone = facts.reversals.merge(
        facts.applications[["application_id", "document_key"]], on="application_id"
    )
    parts = [
        (facts.observations, "observed_date"),
        (facts.clearings, "clearing_date"),
        (facts.applications, "effective_date"),
        (undone, "effective_date"),
    ]
    days = pd.concat(
        [frame[["document_key", name]].rename(columns={name: "day"}) for frame, name in parts],
        ignore_index=True,
    )
    # A document's own day counts where something happened to it, for that may have been before.
    busy = facts.documents["document_key"].isin(days["document_key"])
    first = facts.documents.loc[busy, ["document_key", "document_date"]]
    days = pd.concat([days, first.rename(columns={"document_date": "day"})], ignore_index=True)
    is_own = days["document_key"].isin(facts.documents["document_key"]) & days["day"].notna()
    days = days[is_own & (days["day"] <= pd.Timestamp(as_of))].drop_duplicates()
    return days.sort_values(["document_key", "day"], ignore_index=True)


def _own_candidates(facts: Facts, receipts: pd.DataFrame) -> pd.DataFrame:
    """Our applications from their day on, and what was taken back on that of its reversal."""
    applied = facts.applications.drop_duplicates("application_id")
    undone = facts.reversals.sort_values("effective_date").drop_duplicates("application_id")
    both = applied.merge(
        undone[["application_id", "effective_date"]].rename(columns={"effective_date": "undone_date"}),
        on="application_id",
        how="left",
    )
    cash = receipts.drop_duplicates("receipt_key").set_index("receipt_key")
    paid_on = pd.Series(cash["receipt_date"].reindex(both["receipt_key"]).to_numpy(), index=both.index)
    both["receipt_id"] = cash["receipt_id"].reindex(both["receipt_key"]).fillna("").to_numpy()
    both["rate_date"] = paid_on.where(paid_on.notna(), both["effective_date"])
    # What was taken back on or before its own day never stood.
    both = both[~(both["undone_date"] <= both["effective_date"])]
    given = both.assign(settled_by="application", settled_date=both["effective_date"])
    taken = both[both["undone_date"].notna()]
    taken = taken.assign(
        settled_by="reversal", settled_date=taken["undone_date"], applied_amount=-taken["applied_amount"]
    )
    rows = pd.concat([given, taken], ignore_index=True)
    rows = rows.rename(columns={"application_id": "settled_id", "applied_amount": "amount"})
    return rows[
        [
            "document_key",
            "settled_date",
            "rate_date",
            "settled_by",
            "settled_id",
            "receipt_id",
            "kind",
            "amount",
        ]
    ]


def _clearing_candidates(facts: Facts) -> pd.DataFrame:
    """The ERP's clearings with the day of the payment that they cleared against, where there is one such."""
    clearings = facts.clearings.sort_values(["extract_date", "recorded_at"])
    clearings = clearings.drop_duplicates(["document_key", "clearing_document", "clearing_date"], keep="last")
    documents = facts.documents.drop_duplicates("document_key")
    names = ["document_key", "company_id", "customer_id", "currency", "document_kind", "document_date"]
    told = clearings.merge(documents[names], on="document_key", how="inner")
    payments = told[(told["document_kind"] == "payment") & (told["clearing_document"] != "")]
    group = ["company_id", "customer_id", "currency", "clearing_document", "clearing_date"]
    days = payments.groupby(group)["document_date"].agg(["min", "max"]).reset_index()
    days = days[days["min"] == days["max"]].rename(columns={"min": "paid_date"})
    told = told.merge(days[[*group, "paid_date"]], on=group, how="left")
    is_paid = told["paid_date"].notna() & (told["paid_date"] <= told["clearing_date"])
    return pd.DataFrame(
        {
            "document_key": told["document_key"],
            "settled_date": told["clearing_date"],
            "rate_date": told["paid_date"].where(is_paid, told["clearing_date"]),
            "settled_by": "clearing",
            "settled_id": told["clearing_document"],
            "receipt_id": "",
            "kind": "clearing",
            "amount": told["cleared_amount"],
        }
    )


def _shared(moved: pd.DataFrame, own: pd.DataFrame, cleared: pd.DataFrame) -> pd.DataFrame:
    """What moved of a document on a day, given to those who may have moved it; the rest is the extract's.

    Where our own applications and reversals of the day are exactly what moved, each has its amount. Else they
    and then the clearings take what they can of it, in the order of their ids: the ERP has confirmed a part.
    """
    keys = ["document_key", "settled_date"]
    own, cleared = (frame.merge(moved, on=keys, how="inner") for frame in (own, cleared))
    together = own.groupby(keys)["amount"].transform("sum")
    exact = own[together == own["moved"]].assign(share=lambda rows: rows["amount"])
    others = pd.concat([own[together != own["moved"]].assign(rank=0), cleared.assign(rank=1)])
    settled_whole = pd.MultiIndex.from_frame(exact[keys])
    others = others[~pd.MultiIndex.from_frame(others[keys]).isin(settled_whole)]
    others = others[np.sign(others["amount"]) == np.sign(others["moved"])]
    others = others.sort_values([*keys, "rank", "settled_id"], kind="stable")
    size: Amounts = others["amount"].abs().to_numpy(dtype=np.int64)
    others = others.assign(size=size)
    before = others.groupby(keys)["size"].cumsum().to_numpy(dtype=np.int64) - size
    target: Amounts = others["moved"].abs().to_numpy(dtype=np.int64)
    others["share"] = np.sign(others["moved"]) * np.clip(target - before, 0, size)
    told = pd.concat([exact, others[others["share"] != 0]], ignore_index=True)
    # What was given is taken off what moved, in whole numbers from first to last.
    both = pd.concat([moved.assign(rest=moved["moved"]), told.assign(rest=-told["share"])])
    rest = both.groupby(keys, sort=True)["rest"].sum().reset_index().rename(columns={"rest": "share"})
    rest = rest[rest["share"] != 0]
    rest = rest.assign(
        rate_date=rest["settled_date"], settled_by="extract", settled_id="", receipt_id="", kind="clearing"
    )
    names = [
        "document_key",
        "settled_date",
        "rate_date",
        "settled_by",
        "settled_id",
        "receipt_id",
        "kind",
        "share",
    ]
    every = pd.concat([told[names], rest[names]], ignore_index=True)
    return every.rename(columns={"share": "settled_amount"})
