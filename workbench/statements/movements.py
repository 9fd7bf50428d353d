"""What moved each balance from one view of the ledger to another, to the cent.

Documents move it by their original amount, our applications and their undoing by their kind. What the ERP
cleared moves a balance only by what our applications had not said before; clearings of items of one account
against one another move nothing. A remainder that no fact explains is still a movement (``clearing``).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ..money import sums_by
from .facts import IDENTITY, Facts, Identities, View, see
from .naming import listed
from .results import ACCOUNT
from .settled import settled_lines

#: A movement before it has a place in its statement.
LINE = [*ACCOUNT, "movement_date", "kind", "document_id", "reference", "document_count", "movement_amount"]
_DOCUMENT_KINDS = ("invoice", "debit_note", "credit_note", "payment")
_LEG_KINDS = {"on_account": "payment"}
_UNIT = [IDENTITY, *ACCOUNT, "document_id", "document_kind", "document_date", "reference", "original_amount"]


def explain_movements(
    facts: Facts,
    *,
    before: dt.date,
    after: dt.date,
    known_before: dt.datetime | None = None,
    known_after: dt.datetime | None = None,
) -> pd.DataFrame:
    """The movements of every account from the end of one day to the end of another (columns ``LINE``).

    Their Σ is the change of Σ ``Facts.open_items``, per company, customer and currency. With the same day
    twice and two instants: what became known between them.
    """
    identities = Identities()
    first = see(facts, identities, as_of=before, known_at=known_before)
    return explain_views(facts, first, see(facts, identities, as_of=after, known_at=known_after))


def explain_views(facts: Facts, before: View, after: View) -> pd.DataFrame:
    """The same, of two views made with the same identities."""
    began, ended = _gone_and_new(before.legs, after.legs)
    legs = pd.concat([_leg_moves(began, facts, -1), _leg_moves(ended, facts, 1)], ignore_index=True)
    units = _units(before, after, legs, facts)
    index = pd.Index(units[IDENTITY].to_numpy())
    is_new = ~units[IDENTITY].isin(before.items[IDENTITY]).to_numpy()
    is_new &= units[IDENTITY].isin(after.items[IDENTITY]).to_numpy() & (units[IDENTITY] >= 0).to_numpy()
    moved = _open_by(after, index) - _open_by(before, index)
    place = index.get_indexer(legs[IDENTITY].to_numpy())
    legs = legs.assign(**{name: units[name].to_numpy()[place] for name in ACCOUNT})
    moved -= np.where(is_new, units["original_amount"].to_numpy(), 0)
    moved -= sums_by(place, legs["movement_amount"].to_numpy(), len(units))
    left = units.assign(movement_amount=moved)[moved != 0]
    lines = [_document_lines(units[is_new]), _leg_lines(legs, units, place, facts)]
    lines.append(settled_lines(left, facts, before, after))
    return pd.concat([part[LINE] for part in lines if len(part)] or [_none()], ignore_index=True)


def _none() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in LINE}).astype(
        {"movement_amount": "int64", "document_count": "int64", "movement_date": "datetime64[s]"}
    )


def _gone_and_new(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    is_new = ~after["application_id"].isin(before["application_id"])
    is_gone = ~before["application_id"].isin(after["application_id"])
    return after[is_new], before[is_gone]


def _leg_moves(legs: pd.DataFrame, facts: Facts, sign: int) -> pd.DataFrame:
    """Legs as movements; one that ended moves on the day it was undone."""
    days = legs["effective_date"]
    if sign > 0 and len(legs):
        undone = facts.reversals.drop_duplicates("application_id").set_index("application_id")
        days = legs["application_id"].map(undone["effective_date"]).fillna(days)
    kind = legs["kind"].replace(_LEG_KINDS)
    # A note that a receipt was paid less by is told as a document; with the receipt it makes up its cash.
    is_taken = kind.eq("credit_note") & legs["receipt_key"].ge(0)
    return legs.assign(
        movement_date=days.astype("datetime64[s]"),
        movement_amount=sign * legs["applied_amount"],
        kind=kind.mask(is_taken, "payment"),
        is_undone=sign > 0,
    )


def _units(before: View, after: View, legs: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Every item and every sum on account that either view or a leg knows, once."""
    parts = [after.items[_UNIT], before.items[_UNIT]]
    apart = legs[legs["document_key"] < 0]
    if len(apart):
        cash = facts.receipts.drop_duplicates("receipt_key").set_index("receipt_key")
        told = {name: apart["receipt_key"].map(cash[name]) for name in ("company_id", "currency")}
        told |= {
            "document_id": apart["receipt_key"].map(cash["receipt_id"]),
            "document_date": apart["receipt_key"].map(cash["receipt_date"]).astype("datetime64[s]"),
        }
        own = apart.assign(**told, document_kind="payment", reference="", original_amount=0)
        parts.append(own[_UNIT])
    units = pd.concat(parts, ignore_index=True)
    return units.drop_duplicates(IDENTITY, ignore_index=True)


def _open_by(view: View, index: pd.Index) -> np.ndarray:
    place = index.get_indexer(view.items[IDENTITY].to_numpy())
    return sums_by(place, view.items["open_amount"].to_numpy(), len(index))


def _document_lines(new: pd.DataFrame) -> pd.DataFrame:
    """Documents that were not there before."""
    kind = new["document_kind"].where(new["document_kind"].isin(_DOCUMENT_KINDS), "other")
    return new.assign(
        movement_date=new["document_date"],
        kind=kind,
        document_count=1,
        movement_amount=new["original_amount"],
    )


def _leg_lines(legs: pd.DataFrame, units: pd.DataFrame, place: np.ndarray, facts: Facts) -> pd.DataFrame:
    """One line a receipt (else an operation), day and kind; a note set off in its own account is none."""
    if legs.empty:
        return _none()
    said = units["reference"].where(units["reference"] != "", units["document_id"]).to_numpy()[place]
    cash = facts.receipts.drop_duplicates("receipt_key").set_index("receipt_key")["receipt_id"]
    is_document = (legs["document_key"] >= 0).to_numpy()
    has_receipt = (legs["receipt_key"] >= 0).to_numpy()
    own = legs.assign(
        _settled=np.where(is_document, said, ""),
        _source=np.where(has_receipt, legs["receipt_key"].astype("str"), legs["operation_id"]),
        _receipt=cash.reindex(legs["receipt_key"]).fillna("").to_numpy(),
    )
    keys = [*ACCOUNT, "movement_date", "kind", "is_undone", "_source"]
    group = own.groupby(keys, sort=True)
    own = own.assign(_group=group.ngroup())
    lines = group.agg(movement_amount=("movement_amount", "sum"), document_id=("_receipt", "first"))
    told = listed(own["_group"], own["_settled"])
    lines = lines.reset_index().assign(
        reference=told.names.reindex(range(len(lines))).fillna("").to_numpy(),
        document_count=told.counts.reindex(range(len(lines))).fillna(0).astype("int64").to_numpy(),
    )
    is_nameless = lines["document_id"] == ""
    lines["document_id"] = lines["document_id"].where(~is_nameless, lines["reference"])
    lines["reference"] = lines["reference"].where(~is_nameless, "")
    return lines[lines["movement_amount"] != 0]
