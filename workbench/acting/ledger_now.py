"""The open items of a cut-off as the book knows them now, read once as long as nothing moves them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pandas as pd

from .. import acts
from .. import book as books
from ..book.signed_balances import Known, known_now, ledger_mark
from ..book.transactions import Posting
from ..cases import Case
from ..errors import BookMovedOnError, MoveRefusedError
from ..money import to_text
from ..statements import Facts

_FACTS = ("documents", "observations", "clearings", "applications", "reversals", "receipts")


def read_facts(book: books.Book, company: str = "") -> Facts:
    """All that open items of a company ('': of all) are derived from."""
    frames = {name: getattr(books.read, name)(book, company) for name in _FACTS}
    return Facts(**frames, exported=books.read.erp_export_lines(book, company))


class LedgerNow:
    """Open items by company and cut-off; what was read serves until the ledger's mark moves."""

    def __init__(self, book: books.Book) -> None:
        self._book = book
        self.known: Known = known_now(book)
        self._facts: dict[str, Facts] = {}
        self._items: dict[tuple[str, dt.date], dict[tuple[str, str], dict[int, tuple[int, str]]]] = {}

    def refresh(self) -> Known:
        """Forget what was read where the book has moved on."""
        known = known_now(self._book)
        if known.mark != self.known.mark:
            self._facts, self._items = {}, {}
        self.known = known
        return known

    def facts(self, company: str) -> Facts:
        """The facts of a company."""
        if company not in self._facts:
            self._facts[company] = read_facts(self._book, company)
        return self._facts[company]

    def open_items(self, company: str, as_of: dt.date) -> pd.DataFrame:
        """Everything open at a cut-off (``tables.OPEN_ITEMS``), credits on account included."""
        items = self.facts(company).open_items(as_of=as_of, known_at=self.known.known_at)
        return items[items["open_amount"] != 0]

    def account(self, case: Case) -> dict[int, tuple[int, str]]:
        """By document key: what is open of an act's customer and currency at its cut-off, and its name."""
        assert case.as_of is not None, "an act has a cut-off"
        key = (case.company_id, case.as_of)
        if key not in self._items:
            items = self.open_items(*key)
            names = ("customer_id", "currency", "document_key", "open_amount", "document_id")
            found: dict[tuple[str, str], dict[int, tuple[int, str]]] = defaultdict(dict)
            for who, code, number, amount, called in zip(
                *(items[name].tolist() for name in names), strict=True
            ):
                found[who, code][number] = (amount, called)
            self._items[key] = dict(found)
        return self._items[key].get((case.customer_id, case.currency), {})

    def changes(self, case: Case) -> list[acts.Change]:
        """Where the book says of the cut-off something else than the act."""
        held = {item.item_key: item.item_amount for item in case.items if item.item_kind == "document"}
        return acts.compare_items(held, {key: amount for key, (amount, _) in self.account(case).items()})

    def check(self, case: Case) -> None:
        """Refuse (``act-contradicted``) an act that is no longer what the book says of its cut-off."""
        found = self.changes(case)
        if not found:
            return
        names = {item.item_key: item.item_id for item in case.items}
        names |= {key: called for key, (_, called) in self.account(case).items()}
        first = found[0]
        act, book = (
            f"{to_text(amount, case.currency)} {case.currency}"
            for amount in (first.act_amount, first.book_amount)
        )
        raise MoveRefusedError(
            "act-contradicted", case=case.case_id, count=len(found), document=names[first.key],
            act_money=act, book_money=book,
        )  # fmt: skip

    def check_unchanged(self, posting: Posting) -> None:
        """Under the writer's lock: nothing has moved an open amount since the look."""
        if ledger_mark(posting.connection) != self.known.mark:
            raise BookMovedOnError
