"""The open items that receipts may take from, indexed by customer and amount; what is taken is gone.

An item enters the pool on its document date, so that a receipt never sees a later document; where the loader
says until when it may be taken (a month matched again), it leaves the day after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..references import Mention, ReferenceIndex, Shape
from .order_index import OrderIndex

if TYPE_CHECKING:
    from .hypotheses import Account as LaidOut  # which rests on this module

_EPOCH = dt.date(1970, 1, 1).toordinal()
Account = tuple[str, str, str]  # company, customer, currency
#: Kinds a customer pays when it pays its whole account; others (advances, refunds) need a person.
USUAL_KINDS = frozenset({"invoice", "debit_note", "credit_note"})


@dataclass
class AccountItems:
    """One customer's open items of one currency: their total, and the items of each amount."""

    total: int = 0
    positions: set[int] = field(default_factory=set)
    by_amount: dict[int, set[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The same as the lists of the pool, for sums over many items at once; ``groups`` as there."""

    open: np.ndarray
    due: np.ndarray
    date: np.ndarray
    base: np.ndarray
    tax: np.ndarray
    groups: tuple[np.ndarray, ...]


class Pool:
    """Items by position, in the trade's tie-break: due date, document date, number, id, book key."""

    #: What it reads of ``tables.OPEN_ITEMS``.
    COLUMNS = (
        "document_key", "document_id", "company_id", "fiscal_year", "document_type", "document_number",
        "customer_id", "currency", "document_kind", "open_amount", "erp_open_amount", "original_amount",
        "taxable_base", "tax", "payment_terms", "order_id", "centre_id", "document_date", "due_date",
        "special_gl", "payment_block", "reference",
    )  # fmt: skip

    def __init__(
        self,
        open_items: pd.DataFrame,
        last_days: Mapping[int, dt.date] | None = None,
        resolved: Mapping[tuple[str, str], Mention] | None = None,
        shapes: Mapping[str, frozenset[Shape]] | None = None,
    ) -> None:
        """``resolved``: of whole fields, by company, what they name: positions are rows of the frame.

        ``shapes``: by company, how all its documents are called, wherever their items are.
        """
        self._shapes = shapes
        items, order = in_trade_order(open_items)
        position = np.empty(len(items), dtype=np.int64)
        position[order] = np.arange(len(items))
        self._position: list[int] = position.tolist()
        self._resolved = {name: self.placed(mention) for name, mention in (resolved or {}).items()}
        self.document_key: list[int] = items["document_key"].tolist()
        self.document_id: list[str] = items["document_id"].tolist()
        self.company: list[str] = items["company_id"].tolist()
        self.customer: list[str] = items["customer_id"].tolist()
        self.currency: list[str] = items["currency"].tolist()
        #: Each once, in order.
        self.currencies = tuple(sorted(set(self.currency)))
        self.kind: list[str] = items["document_kind"].tolist()
        self.open: list[int] = items["open_amount"].tolist()
        self.erp_open: list[int] = items["erp_open_amount"].tolist()
        self.original: list[int] = items["original_amount"].tolist()
        self.base: list[int] = items["taxable_base"].tolist()
        self.tax: list[int] = items["tax"].tolist()
        self.terms: list[str] = items["payment_terms"].tolist()
        self.date: list[int] = _days(items["document_date"]).tolist()
        self.due: list[int] = _days(items["due_date"].fillna(items["document_date"])).tolist()
        #: Codes of terms, order and centre, −1 where there is none.
        self.groups: list[list[int]] = [
            _codes(items[name]) for name in ("payment_terms", "order_id", "centre_id")
        ]
        self.columns = Columns(
            open=np.array(self.open, dtype=np.int64),
            due=np.array(self.due, dtype=np.int64),
            date=np.array(self.date, dtype=np.int64),
            base=np.array(self.base, dtype=np.int64),
            tax=np.array(self.tax, dtype=np.int64),
            groups=tuple(np.array(codes, dtype=np.int64) for codes in self.groups),
        )
        self.is_usual = [kind in USUAL_KINDS for kind in self.kind]
        #: Of the account asked last: its positions, and what is reckoned of them (``amounts``).
        self.last_laid_out: tuple[list[int], LaidOut] | None = None
        self._ordered = items[["company_id", "order_id"]]
        self._orders: OrderIndex | None = None
        self.document: list[int] = _documents(items).tolist()
        self.is_blocked: list[bool] = (
            (items["special_gl"].ne("") | items["payment_block"].ne("")).to_numpy().tolist()
        )
        self._account = list(zip(self.company, self.customer, self.currency, strict=True))
        self.accounts: dict[Account, AccountItems] = {}
        self._alive: set[int] = set()
        self._coming = sorted(
            (row for row in range(len(items)) if self.open[row] and not self.is_blocked[row]),
            key=lambda row: (self.date[row], row),
        )
        self._next = 0
        # The one who pays never sees when a document was closed: it is there, or it is there no longer.
        ends = last_days or {}
        leaving = [
            (ends[key].toordinal() - _EPOCH, position)
            for position, key in enumerate(self.document_key)
            if key in ends
        ]
        self._leaving = sorted(leaving, reverse=True)
        names = ["company_id", "document_id", "document_number", "reference"]
        self._names = items[names]
        self._references: dict[str, ReferenceIndex] | None = None

    def admit(self, day: int) -> None:
        """Let in what is dated by that day (days since 1970)."""
        while self._next < len(self._coming) and self.date[self._coming[self._next]] <= day:
            position = self._coming[self._next]
            self._next += 1
            self._put(position)

        while self._leaving and self._leaving[-1][0] < day:
            position = self._leaving.pop()[1]
            if position in self._alive:
                self.take([position])

    def _put(self, position: int) -> None:
        self._alive.add(position)
        account = self.accounts.get(self._account[position])
        if account is None:
            account = self.accounts[self._account[position]] = AccountItems()
        account.total += self.open[position]
        account.positions.add(position)
        account.by_amount.setdefault(self.open[position], set()).add(position)

    def leave_open(self, position: int, amount: int) -> None:
        """Take an item but for so much of it, which stays open for later receipts."""
        self.take([position])
        self.open[position] = self.columns.open[position] = amount
        self._put(position)

    def take(self, positions: Iterable[int]) -> None:
        """Take whole items out of the pool."""
        for position in positions:
            self._alive.remove(position)
            account = self.accounts[self._account[position]]
            account.total -= self.open[position]
            account.positions.remove(position)
            account.by_amount[self.open[position]].remove(position)

    def is_alive(self, position: int) -> bool:
        return position in self._alive

    def is_settled(self, position: int) -> bool:
        """Nothing open: paid before, or taken by an earlier receipt."""
        if self.open[position] == 0:
            return True
        return not self.is_blocked[position] and position not in self._alive and not self.is_coming(position)

    def is_coming(self, position: int) -> bool:
        """Dated after the receipts taken so far."""
        return self._next < len(self._coming) and self.date[position] >= self.date[self._coming[self._next]]

    def placed(self, mention: Mention) -> Mention:
        """A mention of rows of the frame as one of positions."""
        if not mention.positions:
            return mention
        positions = [self._position[row] for row in mention.positions]
        return Mention(mention.written, tuple(sorted(positions)))

    def resolve(self, company: str, name: str) -> Mention | None:
        """The items that a whole field names, looked up among all documents beforehand."""
        return self._resolved.get((company, name))

    def references(self, company: str) -> ReferenceIndex:
        """The documents of a company by what they are called; an unknown company has none."""
        if self._references is None:  # most receipts name theirs exactly, and no other way is looked for
            self._references = _index_references(self._names, self.document, self._shapes)
        return self._references.get(company) or ReferenceIndex((), (self._shapes or {}).get(company))

    @property
    def orders(self) -> OrderIndex:
        """The orders of its documents by name."""
        if self._orders is None:
            self._orders = OrderIndex(self._ordered)
        return self._orders

    def total(self, positions: Iterable[int]) -> int:
        return sum(self.open[position] for position in positions)

    def by_document(self, positions: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The positions grouped by document (instalments are items of one), oldest due first."""
        grouped: dict[int, list[int]] = {}
        for position in sorted(positions):
            grouped.setdefault(self.document[position], []).append(position)
        return {document: tuple(items) for document, items in grouped.items()}


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970; an absent date comes first, so that nothing is hidden for lack of one."""
    days: np.ndarray = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days


def _codes(texts: pd.Series) -> list[int]:
    """Numbers in the order of the texts, so that they compare alike whatever else is in the pool."""
    codes: list[int] = pd.factorize(texts.where(texts != "", None), sort=True)[0].tolist()
    return codes


def in_trade_order(open_items: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The items, oldest due first, and of each the row in which it was given."""
    given = open_items.reset_index(drop=True)
    due = given["due_date"].fillna(given["document_date"])
    number = pd.to_numeric(given["document_number"].str.slice(0, 15), errors="coerce").fillna(0)
    ordered = given.assign(_due=due, _number=number).sort_values(
        ["_due", "document_date", "_number", "document_id", "document_key"],
        kind="stable",
        na_position="first",
    )
    order = ordered.index.to_numpy()
    return ordered.drop(columns=["_due", "_number"]).reset_index(drop=True), order


def _documents(items: pd.DataFrame) -> np.ndarray:
    """A number a document: instalments share it."""
    keys = ["company_id", "fiscal_year", "document_type", "document_number", "customer_id"]
    numbered: np.ndarray = items.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    return numbered


def _index_references(
    items: pd.DataFrame, document: list[int], shapes: Mapping[str, frozenset[Shape]] | None
) -> dict[str, ReferenceIndex]:
    names: dict[str, list[tuple[int, str, int, int]]] = {}
    called = zip(
        *(items[name].tolist() for name in ("company_id", "document_id", "document_number", "reference")),
        document,
        strict=True,
    )
    for position, (company, document_id, number, reference, group) in enumerate(called):
        known = names.setdefault(company, [])
        known.append((0, document_id, position, group))
        if number != document_id:
            known.append((0, number, position, group))
        if reference and reference not in (document_id, number):
            known.append((1, reference, position, group))
    return {company: ReferenceIndex(known, (shapes or {}).get(company)) for company, known in names.items()}
