"""What the ERP has cleared already: cash that may be in the ledger must not be applied again by amount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

#: The day of value at the bank and the day of booking in the ERP lie this near to each other.
NEAR_DAYS = 5
_GROUP = ["company_id", "customer_id", "currency", "_name"]


class Cleared:
    """Clearings of the ERP by company, customer, currency and amount: what each took in cash, and when."""

    def __init__(self, clearings: pd.DataFrame | None, open_items: pd.DataFrame, as_of: dt.date) -> None:
        #: By company and customer: by currency and amount.
        self._taken: dict[tuple[str, str], dict[tuple[str, int], list[tuple[dt.date, str]]]] = {}
        if clearings is None or clearings.empty:
            return
        # A clearing after the cutoff takes nothing yet: its items stand open and are candidates themselves.
        known = clearings[clearings["clearing_date"] <= pd.Timestamp(as_of)]
        days = known["clearing_date"].dt.strftime("%Y-%m-%d")
        document = known["clearing_document"]
        known = known.assign(_name=document.where(document.ne(""), days))
        # Stated again by a newer extract it is the same clearing.
        known = known.sort_values("recorded_at", kind="stable").drop_duplicates(
            ["document_key", "_name"], keep="last"
        )
        names = ["document_key", "company_id", "customer_id", "currency", "document_kind"]
        legs = known.merge(open_items[names], on="document_key", validate="many_to_one")
        # The payment that the ERP booked is the other side of its clearing, not what was paid.
        is_paid = (legs["cleared_amount"] > 0) | legs["document_kind"].eq("credit_note")
        groups = legs[is_paid].groupby(_GROUP, sort=True)
        net = groups.agg(amount=("cleared_amount", "sum"), day=("clearing_date", "max")).reset_index()
        net = net[net["amount"] > 0]
        rows = zip(*(net[name] for name in (*_GROUP, "amount")), net["day"].dt.date, strict=True)
        for company, customer, currency, name, amount, day in rows:
            taken = self._taken.setdefault((company, customer), {})
            taken.setdefault((currency, int(amount)), []).append((day, name))

    def limited_to(self, customers: Iterable[tuple[str, str]]) -> Cleared:
        """What was cleared of some customers, by company and customer."""
        limited = Cleared.__new__(Cleared)
        limited._taken = {one: self._taken[one] for one in customers if one in self._taken}
        return limited

    def near(self, company: str, customer: str, currency: str, amounts: Iterable[int], day: dt.date) -> str:
        """The clearing nearest to the day that took one of the amounts, by document or date; '' for none."""
        taken = self._taken.get((company, customer))
        if taken is None:
            return ""
        found = [
            (abs((when - day).days), name)
            for amount in set(amounts)
            for when, name in taken.get((currency, amount), ())
            if abs((when - day).days) <= NEAR_DAYS
        ]
        return min(found)[1] if found else ""
