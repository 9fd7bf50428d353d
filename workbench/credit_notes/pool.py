"""What may be set off: the open items of customers with credit notes, and what is left of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..applications import first_open_day
from ..references import ReferenceIndex
from .disputes import Disputes

Account = tuple[str, str, str]
ACCOUNT = ("company_id", "customer_id", "currency")
Item = Mapping[str, Any]
_IN_ORDER = ["document_date", "document_id", "document_key"]
_DOCUMENT = ["company_id", "fiscal_year", "document_type", "document_number", "customer_id"]


class Pool:
    """Items by key; ``left`` is taken down as notes are set off.

    An item that the ERP shows open and our applications have settled stays as a rival (``left`` 0), and so do
    blocked and special ones, which are never taken (not ``usable``): what was ambiguous before does not
    become clear because the other one was served or may not be paid today, and a second run finds nothing.
    What the ERP has settled too only answers to its own name: a note that states it is not another's whose
    number is alike.
    """

    def __init__(
        self,
        open_items: pd.DataFrame,
        *,
        as_of: dt.date,
        open_from: Mapping[str, dt.date],
        disputes: Disputes,
    ) -> None:
        self.as_of, self.disputes, self._open_from = as_of, disputes, open_from
        known = open_items[open_items["open_amount"].ne(0) | open_items["erp_open_amount"].ne(0)]
        is_here = known["document_date"].isna() | (known["document_date"] <= pd.Timestamp(as_of))
        usable = is_here & known["special_gl"].eq("") & known["payment_block"].eq("")
        is_note = known["document_kind"].eq("credit_note") & (known["erp_open_amount"] <= 0)
        is_note &= known["open_amount"] <= 0
        notes = known[is_note].sort_values(_IN_ORDER)
        self.notes_frame = notes[notes["open_amount"] < 0]
        # Invoices of customers without credit notes can wait outside: most of a large book.
        accounts = pd.MultiIndex.from_frame(notes[list(ACCOUNT)])
        beside = pd.MultiIndex.from_frame(known[list(ACCOUNT)]).isin(accounts)
        owed = (known["erp_open_amount"] > 0) | (known["open_amount"] > 0)
        debts = known[is_here & beside & owed]
        debts = debts.assign(_due=debts["due_date"].fillna(debts["document_date"]))
        debts = debts.sort_values(["_due", *_IN_ORDER])
        is_over = ~open_items["document_key"].isin(known["document_key"])
        is_over &= ~(open_items["document_date"] > pd.Timestamp(as_of))
        is_over &= pd.MultiIndex.from_frame(open_items[list(ACCOUNT)]).isin(accounts)
        settled = open_items[is_over].sort_values(_IN_ORDER)
        both = pd.concat([notes, debts, settled])
        self.items: dict[int, Item] = {row["document_key"]: row for row in both.to_dict("records")}
        self.left = {key: int(row["open_amount"]) for key, row in self.items.items()}
        self.usable = set(known.loc[usable, "document_key"].tolist())
        numbers = both.groupby(_DOCUMENT, sort=False, dropna=False).ngroup().tolist()
        self._document = dict(zip(both["document_key"].tolist(), numbers, strict=True))
        self._place = {key: place for place, key in enumerate(debts["document_key"].tolist())}
        self.notes = self._by_account(notes["document_key"].tolist())
        self.debts = self._by_account(debts["document_key"].tolist())
        is_credit = settled["document_kind"].eq("credit_note")
        self._settled = {
            True: self._by_account(settled.loc[is_credit, "document_key"].tolist()),
            False: self._by_account(settled.loc[settled["original_amount"] > 0, "document_key"].tolist()),
        }
        self._indices: dict[tuple[Account, bool], ReferenceIndex] = {}

    def account(self, key: int) -> Account:
        row = self.items[key]
        return row["company_id"], row["customer_id"], row["currency"]

    def debts_of(self, note: int) -> list[int]:
        """Invoices and debit notes of the note's own account, the first due first; rivals too."""
        return self.debts.get(self.account(note), [])

    def named(self, account: Account, name: str, *, among_notes: bool = False) -> list[int]:
        """Items of an account that a whole field names, settled ones too, the first due first."""
        mention = self._index(account, among_notes).resolve(name)
        return self._first_due(mention.positions) if mention else []

    def mentioned(self, account: Account, text: str) -> list[int]:
        """Invoices and debit notes whose numbers stand in a text; a number that is settled is no other's."""
        found = {key for one in self._index(account, False).find(text) for key in one.positions}
        return self._first_due(tuple(key for key in found if key in self._place))

    def documents(self, keys: list[int]) -> dict[int, list[int]]:
        """The items by the document they are instalments of, in the order given."""
        grouped: dict[int, list[int]] = {}
        for key in keys:
            grouped.setdefault(self._document[key], []).append(key)
        return grouped

    def alive(self, keys: list[int]) -> list[int]:
        """Those of which something may be taken."""
        return [key for key in keys if self.left[key] and key in self.usable]

    def total(self, keys: list[int]) -> int:
        """What may be taken of these items together, minor units."""
        return sum(self.left[key] for key in self.alive(keys))

    def is_whole(self, key: int) -> bool:
        """Nothing of it was taken by what is not confirmed, nor in this run."""
        return self.left[key] == int(self.items[key]["erp_open_amount"])

    def is_closed(self, company: str) -> bool:
        opened = self.opened(company)
        return opened > self.as_of

    def opened(self, company: str) -> dt.date:
        """The first day on which this company takes postings; the cutoff where nothing is closed."""
        return first_open_day(self._open_from, company) or self.as_of

    def _first_due(self, keys: tuple[int, ...]) -> list[int]:
        return sorted(keys, key=lambda key: (self._place.get(key, -1), key))

    def _by_account(self, keys: list[int]) -> dict[Account, list[int]]:
        grouped: dict[Account, list[int]] = {}
        for key in keys:
            grouped.setdefault(self.account(key), []).append(key)
        return grouped

    def _index(self, account: Account, among_notes: bool) -> ReferenceIndex:
        if (account, among_notes) not in self._indices:
            keys = (self.notes if among_notes else self.debts).get(account, [])
            keys = keys + self._settled[among_notes].get(account, [])
            names: list[tuple[int, str, int, int]] = []
            for key in keys:
                row, document = self.items[key], self._document[key]
                names.extend((0, row[name], key, document) for name in ("document_id", "document_number"))
                if row["reference"] and not among_notes:
                    names.append((1, row["reference"], key, document))
            self._indices[(account, among_notes)] = ReferenceIndex(names)
        return self._indices[(account, among_notes)]
