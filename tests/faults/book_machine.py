"""Whatever is done to a book in whatever order, after every step TRUST's I1 to I9 hold and old answers stand.

The machine does to a real book what it tells ``plain_ledger``, which says beforehand what must come of it.
"""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from book_world import (
    application,
    import_items,
    import_lines,
    import_receipts,
    ledger_hash,
    legs,
)
from faults.machine_base import MachineBase
from faults.machine_world import (
    ASKED,
    CASH_NAMES,
    EXTRACT_DAYS,
    HEADS,
    ITEMS,
    KINDS,
    LINES,
    PARTS,
    POSTING_DAYS,
    RECEIPTS,
    ROWS,
    DrawnFile,
    amount_text,
    frame_row,
    item_line,
)
from faults.plain_ledger import Cash, Leg, Refused, Row
from hypothesis.stateful import initialize, rule

from workbench import intake
from workbench.book import audit, read
from workbench.book.postings import apply, reverse

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
TODAY = dt.date(2027, 1, 5)


class BookMachine(MachineBase):
    """On SQLite; :class:`PostgresMachine` on the other."""

    @initialize(
        chosen=st.lists(ITEMS, min_size=3, max_size=6, unique=True),
        receipts=st.lists(st.sampled_from(RECEIPTS), min_size=1, unique=True),
    )
    def begin_with_something(self, chosen: list[int], receipts: list[Cash]) -> None:
        day = ASKED[0]
        self._import_items([self._seen(ROWS[n], 10, day) for n in chosen], day, "parts")
        self._import_receipts(receipts)

    # Imports -------------------------------------------------------------------------------------------

    @rule(
        chosen=st.lists(st.tuples(ITEMS, PARTS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]),
        day=EXTRACT_DAYS,
        is_complete=st.booleans(),
        odd=st.sampled_from(["", "", "", "conflict", "torn", "twice"]),
    )
    def import_items(self, chosen: list[tuple[int, int]], day: str, is_complete: bool, odd: str) -> None:
        rows = [self._seen(ROWS[n], tenths, day) for n, tenths in chosen]
        if is_complete:
            self._import_items(rows, day, "whole")
            return
        if odd == "conflict" and rows[0].key in self.plain.documents:
            rows[0] = replace(rows[0], due_day="2027-01-31")
        if odd == "torn" and rows[0].key in self.plain.documents:
            rows.append(replace(rows[0], open=(rows[0].open or 0) // 2 + 1))
        self._import_items([*rows, rows[-1]] if odd == "twice" else rows, day, "parts")

    @staticmethod
    def _seen(row: Row, tenths: int, day: str) -> Row:
        """Item 6 states no original before November; it never begins with nothing."""
        is_bare = row is ROWS[5] and day < "2026-11"
        shown = row.original * max(tenths, 2 if is_bare else 0) // 10
        return replace(row, open=shown, original=0 if is_bare else row.original)

    @rule(
        item=ITEMS,
        tenths=PARTS,
        on=POSTING_DAYS,
        number=st.sampled_from(["", "9001", "9002"]),
        day=EXTRACT_DAYS,
    )
    def import_a_clearing(self, item: int, tenths: int, on: str, number: str, day: str) -> None:
        row = ROWS[item]
        cleared = row.original * tenths // 10
        self._import_items(
            [replace(row, clearing_day=on, clearing_document=number, cleared=cleared)], day, "cleared"
        )

    def _import_items(self, rows: list[Row], day: str, source: str) -> None:
        self.imports.append(("items", (rows, day, source)))
        self._begin()
        stored, rejected = self.plain.take_items(rows, day, source, is_complete=source == "whole")
        result = import_items(
            self.book, *map(frame_row, rows), on=dt.date.fromisoformat(day), source=source,
            is_complete=source == "whole",
        )  # fmt: skip
        self._wrote(True)
        self._is_counted(result, len(rows), stored, rejected)

    @rule(chosen=st.lists(st.sampled_from(RECEIPTS), min_size=1, unique=True), is_other=st.booleans())
    def import_receipts(self, chosen: list[Cash], is_other: bool) -> None:
        if is_other and ("", chosen[0].id) in self.plain.cash:
            chosen = [replace(chosen[0], amount=chosen[0].amount + 1), *chosen[1:]]
        self._import_receipts(chosen)

    def _import_receipts(self, rows: list[Cash]) -> None:
        self.imports.append(("receipts", (rows,)))
        self._begin()
        stored, rejected = self.plain.take_receipts(rows)
        named = [
            {"receipt_id": one.id, "receipt_date": one.day, "received_amount": one.amount, "customer_id": ""}
            for one in rows
        ]
        result = import_receipts(self.book, *named)
        self._wrote(True)
        self._is_counted(result, len(rows), stored, rejected)

    @rule(chosen=st.lists(st.sampled_from(LINES), min_size=1, unique=True), is_other=st.booleans())
    def import_a_statement(self, chosen: list[Cash], is_other: bool) -> None:
        if is_other and chosen[0].id in self.plain.lines:
            chosen = [replace(chosen[0], amount=chosen[0].amount + 1), *chosen[1:]]
        self._import_statement(chosen)

    def _import_statement(self, rows: list[Cash]) -> None:
        self.imports.append(("statement", (rows,)))
        lines = [
            {"line_id": one.id, "booking_date": one.day, "value_date": one.day, "bank_amount": one.amount,
             "line_kind": "deposit" if one.amount > 0 else "fee"}
            for one in rows
        ]  # fmt: skip
        self._begin()
        try:
            stored, rejected = self.plain.take_statement(rows)
        except Refused:
            self._must_refuse(lambda: import_lines(self.book, *lines))
            return
        result = import_lines(self.book, *lines)
        self._wrote(True)
        self._is_counted(result, len(rows), stored, rejected)

    @rule(which=st.integers(0, 99))
    def import_again(self, which: int) -> None:
        if self.imports:
            kind, given = self.imports[which % len(self.imports)]
            before, is_open = ledger_hash(self.book), not self.plain.closed
            getattr(self, f"_import_{kind}")(*given)
            assert not is_open or kind == "items" or ledger_hash(self.book) == before

    @rule(
        chosen=st.lists(st.tuples(ITEMS, PARTS), min_size=1, max_size=3, unique_by=lambda pair: pair[0]),
        day=EXTRACT_DAYS,
    )
    def import_a_file_of_items(self, chosen: list[tuple[int, int]], day: str) -> None:
        rows = [replace(ROWS[n], open=ROWS[n].original * tenths // 10) for n, tenths in chosen]
        self._import_file(DrawnFile("open_items", tuple(map(item_line, rows)), day, tuple(rows)))

    @rule(chosen=st.lists(st.sampled_from(RECEIPTS), min_size=1, unique=True))
    def import_a_file_of_receipts(self, chosen: list[Cash]) -> None:
        lines = tuple(f"{one.id},{one.company},{one.day},COP,{amount_text(one.amount)}" for one in chosen)
        self._import_file(DrawnFile("receipts", lines, "2026-11-01", tuple(chosen)))

    @rule(which=st.integers(0, 99))
    def import_a_file_again(self, which: int) -> None:
        if self.files:
            self._import_file(list(self.files)[which % len(self.files)])

    def _import_file(self, file: DrawnFile) -> None:
        path = self.home / "rows.csv"
        path.write_text("\n".join([HEADS[file.source], *file.lines]) + "\n")
        before, is_known, plain = ledger_hash(self.book), self.files.get(file, False), deepcopy(self.plain)
        self._begin()
        if file.source == "receipts":
            stored, rejected = self.plain.take_receipts(list(file.rows))
        else:
            stored, rejected = self.plain.take_items(
                list(file.rows), file.day, file.source, is_complete=False
            )
        result = intake.import_file(
            self.book, path, file.source, today=TODAY, parameters=PARAMETERS,
            extract_date=dt.date.fromisoformat(file.day),
        )  # fmt: skip
        self._is_counted(result, len(file.rows), stored, rejected)
        if is_known:  # all of its rows are in the book: nothing is written, not even that it came
            assert (result.status, stored) == ("duplicate", 0)
            assert ledger_hash(self.book) == before
            self.plain = plain
        else:
            entries = audit.anchor(self.book).count
            assert 0 <= entries - self.entries <= 1
            self._wrote(entries > self.entries)
        self.files[file] = is_known or rejected == 0

    # Decisions -----------------------------------------------------------------------------------------

    @rule(
        name=CASH_NAMES,
        shares=st.lists(
            st.tuples(ITEMS, PARTS, st.sampled_from(["payment", "payment", "withholding"])),
            min_size=1,
            max_size=2,
        ),
        day=POSTING_DAYS,
        extra=st.sampled_from([0, 0, 0, 1, -1]),
    )
    def apply_cash(
        self, name: tuple[str, str], shares: list[tuple[int, int, str]], day: str, extra: int
    ) -> None:
        """Of what is left, so that caps are met to the cent and passed by one."""
        given = []
        for item, tenths, kind in shares:
            key, left = ROWS[item].key, 50_00
            if key in self.plain.documents:
                erp_open, pending = self.plain.open_of(key, day)
                left = erp_open - pending
            given.append((name, key, kind, left * tenths // 10 + extra))
        self._apply(given, day)

    @rule(name=CASH_NAMES, item=ITEMS, day=POSTING_DAYS, extra=st.sampled_from([0, 0, 1]))
    def apply_all_that_is_left(self, name: tuple[str, str], item: int, day: str, extra: int) -> None:
        left = self.plain.cash[name].amount - self.plain.applied_of(name) if name in self.plain.cash else 1
        self._apply([(name, ROWS[item].key, "payment", left + extra)], day)

    @rule(item=ITEMS, tenths=PARTS, day=POSTING_DAYS, short=st.sampled_from([0, 0, 0, 1]))
    def set_off_the_credit_note(self, item: int, tenths: int, day: str, short: int) -> None:
        amount = 40_00 * tenths // 10
        self._apply(
            [
                (None, ROWS[2].key, "credit_note", -amount),
                (None, ROWS[item].key, "credit_note", amount - short),
            ],
            day,
        )

    @rule(name=CASH_NAMES, amount=st.sampled_from([10_00, 60_00, 90_00]), day=POSTING_DAYS)
    def put_on_account(self, name: tuple[str, str], amount: int, day: str) -> None:
        self._apply([(name, None, "on_account", amount)], day)

    @rule(which=st.integers(0, 99), is_other=st.booleans())
    def apply_again(self, which: int, is_other: bool) -> None:
        if self.plain.legs:
            name = self.plain.legs[which % len(self.plain.legs)].operation
            given = [leg for leg in self.plain.legs if leg.operation == name]
            if is_other:
                given[0] = replace(given[0], amount=given[0].amount + 1)
            self._apply_legs(given)

    def _apply(self, given: list[tuple[Any, ...]], day: str) -> None:
        operation = f"op{self.operations}"
        self.operations += 1
        self._apply_legs(
            [Leg(f"{operation}/{n}", operation, *one, day) for n, one in enumerate(given)]  # type: ignore[arg-type]  # mixed
        )

    def _apply_legs(self, given: list[Leg]) -> None:
        keys = self._keys()
        rows = [
            application(
                leg.operation, keys.get(leg.document, 999) if leg.document else -1, leg.amount,
                application_id=leg.id, receipt_key=keys.get(leg.cash, 999) if leg.cash else -1,
                kind=leg.kind, effective_date=leg.day,
            )
            for leg in given
        ]  # fmt: skip
        self._begin()
        try:
            stored = self.plain.apply([replace(leg, company="", erp_open=0, at=0) for leg in given])
        except Refused:
            self._must_refuse(lambda: apply(self.book, legs(*rows)))
            return
        posted = apply(self.book, legs(*rows))
        assert (posted.stored, posted.repeated) == (stored, len(given) - stored)
        self.tally["applied" if stored else "applied again"] += 1
        self._wrote(stored > 0)

    def _keys(self) -> dict[Any, int]:
        documents, receipts = read.documents(self.book), read.receipts(self.book)
        items = zip(
            documents["company_id"], documents["document_id"].str[:7], documents["document_key"], strict=True
        )
        cash = zip(receipts["account_id"], receipts["receipt_id"], receipts["receipt_key"], strict=True)
        return {(one, two): int(key) for one, two, key in [*items, *cash]}

    @rule(
        which=st.lists(st.integers(0, 99), min_size=1, max_size=2),
        day=POSTING_DAYS,
        is_old=st.sampled_from([False, False, True]),
    )
    def reverse_some(self, which: list[int], day: str, is_old: bool) -> None:
        if not self.plain.legs:
            return
        ids = sorted({self.plain.legs[n % len(self.plain.legs)].id for n in which})
        operation = f"undo{self.operations - is_old}"
        self.operations += 1
        said = {"effective_date": dt.date.fromisoformat(day), "reason": "x", "operation_id": operation}
        self._begin()
        try:
            stored = self.plain.reverse(ids, operation, day, "x")
        except Refused:
            self._must_refuse(lambda: reverse(self.book, ids, who="ana", **said))
            return
        assert reverse(self.book, ids, who="ana", **said).stored == stored
        self.tally["reversed" if stored else "reversed again"] += 1
        self._wrote(stored > 0)

    # Decisions that fit: by chance alone hardly any would be taken ---------------------------------------

    @rule(
        which=st.integers(0, 99),
        shares=st.lists(st.tuples(st.integers(0, 99), PARTS, KINDS), min_size=1, max_size=2),
        day=POSTING_DAYS,
        extra=st.sampled_from([0, 0, 0, 0, 1]),
        is_late=st.sampled_from([False, False, True]),
    )
    def apply_where_it_fits(
        self, which: int, shares: list[tuple[int, int, str]], day: str, extra: int, is_late: bool
    ) -> None:
        """Cash to documents of its company and currency, as much as is there and owed; or one cent more."""
        plain = self.plain
        name = sorted(plain.cash)[which % len(plain.cash)]
        cash = plain.cash[name]
        keys = self._documents(cash.company, cash.currency)
        if not keys:
            return
        rest, given = cash.amount - plain.applied_of(name), []
        day = self._open_day(cash.company, day, cash.day)
        for at, tenths, kind in shares:
            key = keys[at % len(keys)]
            day = max(day, plain.documents[key].first.document_day)
            erp_open, pending = plain.open_of(key, day)
            amount = min((erp_open - pending) * tenths // 10, rest) + extra
            given.append((name, key, kind, amount))
            rest -= amount
        if is_late:  # the last closed day, where the documents are that old
            days = [plain.documents[key].first.document_day for _, key, _, _ in given]
            day = max(plain.closed_day(cash.company), cash.day, *days)
        self._apply(given, day)

    @rule(at=st.integers(0, 99), day=POSTING_DAYS, part=st.sampled_from([2, 5, 10]))
    def set_off_where_it_fits(self, at: int, day: str, part: int) -> None:
        note = ROWS[2].key
        keys = [key for key in self._documents("CO01", "COP") if key != note]
        if note not in self.plain.documents or not keys:
            return
        key = keys[at % len(keys)]
        day = self._open_day("CO01", day, self.plain.documents[key].first.document_day)
        left = [
            abs(erp_open - pending)
            for erp_open, pending in (self.plain.open_of(one, day) for one in (note, key))
        ]
        amount = min(left) * part // 10
        self._apply([(None, note, "credit_note", -amount), (None, key, "credit_note", amount)], day)

    @rule(which=st.integers(0, 99), day=POSTING_DAYS)
    def reverse_where_it_fits(self, which: int, day: str) -> None:
        """A whole operation that stands."""
        standing = self.plain.in_force()
        if standing:
            one = standing[which % len(standing)]
            places = [n for n, leg in enumerate(self.plain.legs) if leg.operation == one.operation]
            self.reverse_some(places, self._open_day(one.company, day, one.day), False)

    def _documents(self, company: str, currency: str) -> list[tuple[str, str]]:
        documents = self.plain.documents.items()
        return sorted(k for k, one in documents if (k[0], one.first.currency) == (company, currency))

    def _open_day(self, company: str, *days: str) -> str:
        """The latest of these and of the day after the last closed one."""
        closed = self.plain.closed_day(company)
        after = dt.date.fromisoformat(closed) + dt.timedelta(days=1) if closed else dt.date.min
        return max(*days, after.isoformat())


class PostgresMachine(BookMachine):
    database = "postgresql"


MACHINES: dict[str, type[BookMachine]] = {"sqlite": BookMachine, "postgresql": PostgresMachine}
