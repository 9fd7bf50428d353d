"""The book's rules a second time, in plain Python over lists, from what was asked of it and nothing it says.

Days are ISO text, money whole minor units, ``at`` the number of the action that recorded a fact. It says
beforehand what an import stores and whether cash is taken, and what every document still owes on any day as
known after any action. Source: DOMAIN, sections 1 and 6; TRUST, I1 to I9.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

ALL_TIME = "9999-12-31"
CASH = ("payment", "credit_note", "on_account")


@dataclass(frozen=True)
class Row:
    """A row of an extract: what it says of an item, and either what is open of it or how it was cleared."""

    number: str
    company: str
    customer: str
    document_day: str
    due_day: str
    currency: str
    original: int  # 0: not stated
    open: int | None = None
    clearing_day: str = ""
    clearing_document: str = ""
    cleared: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.company, self.number

    @property
    def content(self) -> tuple[str, ...]:
        return self.customer, self.document_day, self.due_day, self.currency

    @property
    def size(self) -> int:
        return self.original or self.open or self.cleared


@dataclass
class Document:
    first: Row
    at: int
    stated: tuple[int, int] | None  # amount, at
    sights: dict[tuple[str, int, bool], tuple[int, str]] = field(default_factory=dict)  # → at, source
    #: Clearing day, document, amount, extract day → at.
    clearings: dict[tuple[str, str, int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Cash:
    """Money that came in, by account and id."""

    company: str
    account: str
    id: str
    day: str
    amount: int
    currency: str = "COP"
    at: int = 0

    @property
    def money(self) -> tuple[str, str, str, int, str]:
        return self.company, self.id, self.day, self.amount, self.currency


@dataclass(frozen=True)
class Leg:
    id: str
    operation: str
    cash: tuple[str, str] | None  # account, id
    document: tuple[str, str] | None
    kind: str
    amount: int
    day: str
    company: str = ""
    erp_open: int = 0
    at: int = 0

    @property
    def content(self) -> tuple[object, ...]:
        return self.id, self.cash, self.document, self.kind, self.amount, self.day


class Refused(Exception):  # noqa: N818 - the plain ledger's own no
    pass


@dataclass
class PlainLedger:
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    cash: dict[tuple[str, str], Cash] = field(default_factory=dict)
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)  # of the statement: day, amount
    legs: list[Leg] = field(default_factory=list)
    undone: dict[str, tuple[str, int]] = field(default_factory=dict)  # day, at
    operations: dict[str, object] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    complete: set[tuple[str, str]] = field(default_factory=set)  # company, day of complete extracts
    at: int = 0

    # Extracts ------------------------------------------------------------------------------------------

    def take_items(self, rows: list[Row], day: str, source: str, *, is_complete: bool) -> tuple[int, int]:
        """Rows stored and rejected; the rest is known already."""
        refused = {n for n, row in enumerate(rows) if self._contradicts(row, rows)}
        stored: set[int] = set()
        for n, row in enumerate(rows):
            if n in refused:
                continue
            if row.key not in self.documents:
                stated = (row.original, self.at) if row.original else None
                self.documents[row.key] = Document(row, self.at, stated)
                stored.add(n)
            own = self.documents[row.key]
            if own.stated is None and row.original:
                own.stated = (row.original, self.at)
                stored.add(n)
        for n, row in enumerate(rows):
            if n in refused or row.open is None:
                continue
            own, sight = self.documents[row.key], (day, row.open, False)
            if sight not in own.sights:
                own.sights[sight] = (self.at, source)
                stored.add(n)
        for n, row in enumerate(rows):
            if n in refused or not row.clearing_day:
                continue
            own = self.documents[row.key]
            said = (row.clearing_day, row.clearing_document, row.cleared or row.size)
            is_money_new = not any(other[:3] == said for other in own.clearings)
            if (*said, day) not in own.clearings:
                own.clearings[(*said, day)] = self.at
                if is_money_new:
                    stored.add(n)
        if is_complete:
            self._note_absences({row.key for row in rows}, {row.company for row in rows}, day, source)
        return len(stored), len(refused)

    def _contradicts(self, row: Row, rows: list[Row]) -> bool:
        for other in rows:
            if other.key == row.key and (other.content, other.original, other.open) != (
                row.content, row.original, row.open,
            ):  # fmt: skip
                return True
        known = self.documents.get(row.key)
        if known is None:
            return False
        is_other_money = bool(known.stated and row.original and known.stated[0] != row.original)
        return known.first.content != row.content or is_other_money

    def _note_absences(
        self, present: set[tuple[str, str]], companies: set[str], day: str, source: str
    ) -> None:
        for company in sorted(companies):
            days = {other for one, other in self.complete if one == company}
            for earlier, later in (
                (max((d for d in days if d < day), default=None), day),
                (day, min((d for d in days if d > day), default=None)),
            ):
                if earlier is None or later is None:
                    continue
                for key, document in self.documents.items():
                    shown = [
                        (at, amount)
                        for (when, amount, _), (at, by) in document.sights.items()
                        if when == earlier and by == source
                    ]
                    gone = key[0] == company and shown and max(shown)[1] != 0
                    is_there = key in present and later == day
                    is_there |= any(when == later and not absent for when, _, absent in document.sights)
                    if gone and not is_there:
                        document.sights.setdefault((later, 0, True), (self.at, source))
            self.complete.add((company, day))

    # Cash in -------------------------------------------------------------------------------------------

    def take_receipts(self, rows: list[Cash]) -> tuple[int, int]:
        """Rows of a receipts file without account: stored and rejected."""
        stored = rejected = 0
        for row in rows:
            known = self.cash.get(("", row.id))
            if known is not None:
                rejected += known.money != row.money
            elif any(other.account and other.money == row.money for other in self.cash.values()):
                pass
            elif row.day <= self.closed_day(row.company):
                rejected += 1
            else:
                self.cash[("", row.id)] = replace(row, at=self.at)
                stored += 1
        return stored, rejected

    def take_statement(self, rows: list[Cash]) -> tuple[int, int]:
        """Lines of the bank; :class:`Refused` whole where one is dated in a closed period."""
        fresh = [row for row in rows if row.id not in self.lines]
        if any(row.day <= self.closed_day(row.company) for row in fresh):
            raise Refused
        rejected = sum(
            self.lines[row.id] != (row.day, row.amount) for row in rows if row.id in self.lines
        )  # fmt: skip
        for row in fresh:
            self.lines[row.id] = (row.day, row.amount)
            named = self.cash.get(("", row.id))
            if row.amount > 0 and not (named and named.money == row.money):
                self.cash[(row.account, row.id)] = replace(row, at=self.at)
        return len(fresh), rejected

    # Decisions -----------------------------------------------------------------------------------------

    def apply(self, legs: list[Leg]) -> int:
        """Enter one operation; rows entered, 0 where it was done before; :class:`Refused`."""
        operation = legs[0].operation
        content = sorted((leg.content for leg in legs), key=str)
        if operation in self.operations:
            self._insist(self.operations[operation] == content)
            return 0
        for leg in legs:
            document = self.documents.get(leg.document) if leg.document else None
            cash = self.cash.get(leg.cash) if leg.cash else None
            self._insist(
                (document is None) == (leg.document is None) and (cash is None) == (leg.cash is None)
            )
            self._insist(bool(document or (leg.kind == "on_account" and cash)) and leg.amount != 0)
            if document and cash:
                self._insist(
                    (document.first.company, document.first.currency) == (cash.company, cash.currency)
                )
            if document and leg.kind in CASH:
                self._insist((leg.amount < 0) == (document.first.size < 0))
            self._insist(
                leg.day >= max(document.first.document_day if document else "", cash.day if cash else "")
            )
            self._insist(leg.day > self.closed_day(self._company(leg)))
        for name in {leg.cash for leg in legs if leg.cash}:
            new = sum(leg.amount for leg in legs if leg.cash == name and leg.kind in CASH)
            self._insist(0 <= new + self.applied_of(name) <= self.cash[name].amount)
        for key in {leg.document for leg in legs if leg.document}:
            self._insist(self._has_room(key, [leg for leg in legs if leg.document == key]))
        set_off: dict[tuple[str, str, str], int] = defaultdict(int)
        for leg in legs:
            if leg.cash is None and leg.document and leg.kind in CASH:
                first = self.documents[leg.document].first
                set_off[first.company, first.customer, first.currency] += leg.amount
        self._insist(not any(set_off.values()))
        self.operations[operation] = content
        for leg in legs:
            erp_open = self.open_of(leg.document, ALL_TIME)[0] if leg.document else 0
            self.legs.append(replace(leg, company=self._company(leg), erp_open=erp_open, at=self.at))
        return len(legs)

    def _has_room(self, key: tuple[str, str], legs: list[Leg]) -> bool:
        new, first = sum(leg.amount for leg in legs), min(leg.day for leg in legs)
        standing = [leg for leg in self.in_force() if leg.document == key]
        later = sum(leg.amount for leg in standing if leg.day > first)
        then, now = self.open_of(key, first), self.open_of(key, ALL_TIME)
        fits_some_day = _fits(new + then[1] + later, then[0]) or _fits(new + now[1], now[0])
        return fits_some_day and _fits(new + sum(leg.amount for leg in standing), self.original_of(key))

    def reverse(self, ids: list[str], operation: str, day: str, reason: str) -> int:
        content = (sorted(ids), day, reason)
        if operation in self.operations:
            self._insist(self.operations[operation] == content)
            return 0
        legs = [leg for leg in self.legs if leg.id in ids]
        self._insist(len(legs) == len(ids) and not any(one in self.undone for one in ids))
        for leg in legs:
            self._insist(day >= leg.day and day > self.closed_day(leg.company))
        before = dict(self.undone)
        self.undone.update({leg.id: (day, self.at) for leg in legs})
        try:
            for name in {leg.cash for leg in legs if leg.cash}:
                self._insist(0 <= self.applied_of(name) <= self.cash[name].amount)
            for one in {leg.operation for leg in legs}:
                self._insist(sum(leg.amount for leg in self.in_force() if leg.operation == one
                                 and leg.cash is None and leg.kind in CASH) == 0)  # fmt: skip
        except Refused:
            self.undone = before
            raise
        self.operations[operation] = content
        return len(ids)

    def closed_day(self, company: str) -> str:
        return max(self.closed.get(company, ""), self.closed.get("", ""))

    # Answers -------------------------------------------------------------------------------------------

    def in_force(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.id not in self.undone]

    def applied_of(self, name: tuple[str, str]) -> int:
        return sum(leg.amount for leg in self.in_force() if leg.cash == name and leg.kind in CASH)

    def original_of(self, key: tuple[str, str], known: int | None = None) -> int:
        document, known = self.documents[key], self.at if known is None else known
        if document.stated and document.stated[1] <= known:
            return document.stated[0]
        seen = [abs(amount) for (_, amount, _), (at, _) in document.sights.items() if at <= known]
        first = document.first.size
        return (-1 if first < 0 else 1) * max([abs(first), *seen])

    def open_of(self, key: tuple[str, str], day: str, known: int | None = None) -> tuple[int, int]:
        """What the ERP shows open of it on that day, and what of this we have applied already."""
        known = self.at if known is None else known
        document = self.documents[key]
        original = self.original_of(key, known)
        sign, size = (-1 if original < 0 else 1), abs(original)
        cleared = self._clearings_of(document, known)
        inferred = 0
        sights = [
            (when, at, amount) for (when, amount, _), (at, _) in document.sights.items()
            if when <= day and at <= known
        ]  # fmt: skip
        if sights:
            when, _, seen = max(sights)
            explained = sum(amount for on, _, amount in cleared if on <= when)
            told = sum(amount for on, said, amount in cleared if on <= when and said < when)
            gone = size - sign * seen
            inferred = gone - explained if gone >= explained else -min(explained - gone, told)
        erp_open = size - sum(amount for on, _, amount in cleared if on <= day) - inferred
        erp_open = min(max(erp_open, 0), size)
        undone = {one for one, (on, at) in self.undone.items() if on <= day and at <= known}
        active = [
            leg
            for leg in self.legs
            if leg.document == key and leg.day <= day and leg.at <= known and leg.id not in undone
        ]
        if not active:
            return sign * erp_open, 0
        base = min(active, key=lambda leg: (leg.at, leg.day, leg.id))
        confirmed = max(abs(base.erp_open) - erp_open, 0)
        ours = sum(sign * leg.amount for leg in active) - confirmed
        return sign * erp_open, sign * min(max(ours, 0), erp_open)

    def _clearings_of(self, document: Document, known: int) -> list[tuple[str, str, int]]:
        """Clearing day, day of the extract that says so, amount: each clearing once, as last stated."""
        last: dict[tuple[bool, str], tuple[str, int, str, int]] = {}
        for (on, number, amount, extract), at in document.clearings.items():
            name = (bool(number), number or on)
            if at <= known:
                last[name] = max(last.get(name, ("", 0, "", 0)), (extract, at, on, abs(amount)))
        named_on: dict[str, str] = defaultdict(str)
        for (is_named, _), (extract, _, on, _) in last.items():
            if is_named:
                named_on[on] = max(named_on[on], extract)
        return [
            (on, extract, amount) for (is_named, _), (extract, _, on, amount) in last.items()
            if is_named or named_on[on] <= extract
        ]  # fmt: skip

    def balances(self, day: str, known: int | None = None) -> dict[tuple[str, str], tuple[int, int]]:
        """ERP open and pending of every document dated by then and known by then."""
        known = self.at if known is None else known
        return {
            key: self.open_of(key, day, known)
            for key, document in self.documents.items()
            if document.at <= known and document.first.document_day <= day
        }

    def _company(self, leg: Leg) -> str:
        return leg.document[0] if leg.document else self.cash[leg.cash].company if leg.cash else ""

    @staticmethod
    def _insist(holds: bool) -> None:
        if not holds:
            raise Refused


def _fits(total: int, room: int) -> bool:
    return 0 <= total <= room if room >= 0 else room <= total <= 0
