"""What a ledger is made of, and what it shows on a day as known at an instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pandas as pd

from .. import ledger
from ..applications import account_customers
from ..tables import CLEARINGS

#: A document's key, or below -1 the money of one receipt that stands on account of one customer.
IDENTITY = "identity"


@dataclass(frozen=True)
class Facts:
    """The book's frames of those names; ``exported``: ``tables.ERP_EXPORT_LINES``."""

    documents: pd.DataFrame
    observations: pd.DataFrame
    clearings: pd.DataFrame
    applications: pd.DataFrame
    reversals: pd.DataFrame
    receipts: pd.DataFrame
    exported: pd.DataFrame

    def open_items(self, *, as_of: dt.date, known_at: dt.datetime | None = None) -> pd.DataFrame:
        """Every item on a day, settled ones too, and money on account as its customer's credit.

        ``tables.OPEN_ITEMS``; Σ ``open_amount`` of a customer and currency is its balance.
        """
        items = ledger.open_items_as_of(
            self.documents, self.observations, self.clearings, self.applications, self.reversals,
            as_of=as_of, known_at=known_at, with_settled=True,
        )  # fmt: skip
        return ledger.with_credits_on_account(
            items, self.documents, self.receipts, self.applications, self.reversals, self.exported,
            as_of=as_of, known_at=known_at,
        )  # fmt: skip

    def with_applications(self, applications: pd.DataFrame) -> Facts:
        """The same facts with other applications (a run's own beside those of the book)."""
        return replace(self, applications=applications)


@dataclass(frozen=True)
class View:
    """The ledger on a day as known at an instant: items by identity, legs in force, clearings."""

    as_of: dt.date
    known_at: dt.datetime | None
    items: pd.DataFrame  # tables.OPEN_ITEMS and IDENTITY
    legs: pd.DataFrame  # tables.APPLICATIONS in force, with IDENTITY and customer_id of those on account


class Identities:
    """One number for what stands on account of a customer from a receipt, the same in every view."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str], int] = {}

    def number(self, receipt_key: int, customer_id: str) -> int:
        return -2 - self._numbers.setdefault((receipt_key, customer_id), len(self._numbers))


def see(facts: Facts, identities: Identities, *, as_of: dt.date, known_at: dt.datetime | None) -> View:
    """The ledger of a day as known at an instant."""
    items = facts.open_items(as_of=as_of, known_at=known_at)
    identity = items["document_key"].to_numpy().copy()
    on_account = items.index[identity < -1]
    receipt = ledger.receipts_on_account(items.loc[on_account])
    for row, key, customer in zip(on_account, receipt, items.loc[on_account, "customer_id"], strict=True):
        identity[row] = identities.number(int(key), str(customer))
    legs = ledger.active_applications(facts.applications, facts.reversals, as_of=as_of, known_at=known_at)
    own = legs["document_key"].to_numpy() < 0
    owners = account_customers(legs, facts.receipts, facts.documents) if own.any() else {}
    of_leg = legs["document_key"].to_numpy().copy()
    customers = pd.Series([owners.get(one, "") for one in legs["application_id"]], legs.index, dtype="str")
    for row in legs.index[own]:
        of_leg[row] = identities.number(int(legs.at[row, "receipt_key"]), str(customers.at[row]))
    legs = legs.assign(**{IDENTITY: of_leg}, customer_id=customers)
    is_seen = own | legs[IDENTITY].isin(items["document_key"]).to_numpy()
    return View(as_of, known_at, items.assign(**{IDENTITY: identity}), legs[is_seen].reset_index(drop=True))


def clearings_by(facts: Facts, view: View) -> pd.DataFrame:
    """The ERP's clearings dated by the view's day and known at its instant, each as last stated."""
    known = CLEARINGS.conform(facts.clearings)
    if view.known_at is not None:
        known = known[known["recorded_at"] <= pd.Timestamp(view.known_at)]
    known = known[known["clearing_date"] <= pd.Timestamp(view.as_of)]
    day = known["clearing_date"].dt.strftime("%Y-%m-%d").fillna("")
    name = known["clearing_document"].where(known["clearing_document"] != "", day)
    newest = known.assign(_name=name).sort_values(["extract_date", "recorded_at", "cleared_amount"])
    return newest.drop_duplicates(["document_key", "_name"], keep="last").drop(columns="_name")
