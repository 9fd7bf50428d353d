"""Exports and the wires that pay them: what was settled, or is still owed, without any."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ..applications import finding
from ..money import checked_sum
from .results import EXPORT_STATES, EXPORTS


def list_exports(
    documents: pd.DataFrame,
    open_items: pd.DataFrame,
    settlements: pd.DataFrame,
    wires: pd.DataFrame,
    paid: list[list[int]],
    *,
    as_of: dt.date,
    base_currency: str,
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Invoices in other currencies that were open at the cut-off or settled in the period, and a finding a
    company and currency for what was settled whole although no wire is known that pays it.

    ``paid``: of each wire the documents. An export's declarations are those of its wires.
    """
    of_wire: dict[int, list[int]] = {}
    for wire, keys in enumerate(paid):
        for key in keys:
            of_wire.setdefault(key, []).append(wire)
    settled = settlements.groupby("document_key")["settled_amount"].sum()
    left = open_items.drop_duplicates("document_key").set_index("document_key")["open_amount"]
    is_export = documents["document_kind"].eq("invoice") & documents["currency"].ne(base_currency)
    is_shown = documents["document_key"].isin(settled.index) | documents["document_key"].isin(
        left[left != 0].index
    )
    own = documents[is_export & is_shown].reset_index(drop=True)
    keys = own["document_key"].tolist()
    ids, declared = wires["wire_id"].tolist(), wires["export_declarations"].tolist()
    wired = [of_wire.get(key, []) for key in keys]
    open_amount = np.array([int(left.get(key, 0)) for key in keys], dtype=np.int64)
    has_wire = np.array([bool(one) for one in wired], dtype=bool)
    without = np.where(open_amount == 0, "paid_without_wire", "open_without_wire")
    exports = EXPORTS.conform(
        own.assign(
            days_since=(pd.Timestamp(as_of) - own["document_date"]).dt.days.fillna(0).astype("int64"),
            settled_amount=np.array([int(settled.get(key, 0)) for key in keys], dtype=np.int64),
            open_amount=open_amount,
            wires=[" ".join(ids[one] for one in places) for places in wired],
            export_declarations=[_together(declared, places) for places in wired],
            export_state=np.where(has_wire, "wired", without),
        )
    )
    # What asks for an answer comes first, the oldest of it before the others.
    rank = exports["export_state"].map({state: place for place, state in enumerate(EXPORT_STATES)})
    order = ["_rank", "document_date", "company_id", "customer_id", "document_id"]
    exports = exports.assign(_rank=rank).sort_values(order, ignore_index=True).drop(columns="_rank")
    return exports, _paid_without(exports)


def _together(declared: list[str], places: list[int]) -> str:
    return " ".join(dict.fromkeys(word for place in places for word in declared[place].split()))


def _paid_without(exports: pd.DataFrame) -> list[dict[str, object]]:
    lacking = exports[exports["export_state"] == "paid_without_wire"]
    return [
        finding(
            "export-paid-without-wire", table="exports", key=f"{company}/{currency}",
            amount=checked_sum(rows["settled_amount"].to_numpy()), currency=str(currency),
            count=len(rows), document=rows["document_id"].iloc[0], customer=rows["customer_id"].iloc[0],
        )
        for (company, currency), rows in lacking.groupby(["company_id", "currency"], sort=True)
    ]  # fmt: skip
