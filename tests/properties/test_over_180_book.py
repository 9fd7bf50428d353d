"""Transfers, payments, write-offs, recoveries in any order: the accounts and the ledger hold to the cent."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from book_world import application, faults, import_receipts, legs, new_book
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from over_180_world import OCTOBER, POLICY, TODAY, account, approve, evidenced, make_book, move
from tries import tries

from workbench import book as books
from workbench import over_180, transferring, write_offs
from workbench.book.open_amounts import read_open_amounts
from workbench.errors import PostingRefusedError

ORIGINALS = {1: 100_00, 2: 40_00, 4: 30_00}
OVER, INCOME = POLICY.accounts.over_180, POLICY.accounts.written_off_income
CURRENCY = {1: "COP", 2: "COP", 4: "USD"}


@cache
def _made_once() -> bytes:
    """The small book with twenty receipts of each currency."""
    with tempfile.TemporaryDirectory() as folder:
        book = make_book(Path(folder))
        import_receipts(book, *(
            {"receipt_id": f"P{number}", "received_amount": 200_00, "receipt_date": "2026-11-02",
             "currency": "USD" if number % 2 else "COP"} for number in range(40)
        ), on=TODAY)  # fmt: skip
        book.close()
        return (Path(folder) / "book.sqlite").read_bytes()


class Books(RuleBasedStateMachine):
    """One small book; ``paid`` is what came by cash, ``back`` what was recovered, by document."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "book.sqlite").write_bytes(_made_once())
        self.book = new_book(self.folder)
        self.receipts = books.read.receipts(self.book).set_index("receipt_id")["receipt_key"].to_dict()
        self.used = {"COP": 0, "USD": 0}
        self.paid, self.back = dict.fromkeys(ORIGINALS, 0), dict.fromkeys(ORIGINALS, 0)

    def receipt(self, key: int) -> str:
        currency = CURRENCY[key]
        self.used[currency] += 1
        return f"P{2 * self.used[currency] + (currency == 'USD') - 2}"

    def states(self, kind: str, *states: str) -> list[str]:
        cases = books.read.cases(self.book, kind=kind)
        return sorted(cases.loc[cases["state"].isin(states), "case_id"])

    def open(self, key: int) -> int:
        return read_open_amounts(self.book, [key])[key]

    @rule()
    def transfer(self) -> None:
        new = transferring.propose_transfers(self.book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)
        for case_id in new:
            move(self.book, case_id, "approve", "eva", "controller")
            items = books.read.case(self.book, case_id).items
            if all(self.open(item.item_key) == item.item_amount for item in items):
                move(self.book, case_id, "post", "ana")
                continue
            with pytest.raises(PostingRefusedError, match="debe"):  # October's balance was paid since
                move(self.book, case_id, "post", "ana")
            move(self.book, case_id, "withdraw", "ana", reason="cambió")

    @rule()
    def take_back(self) -> None:
        transferring.propose_reversals(self.book, policy=POLICY, as_of=TODAY, who="ana", on=TODAY)
        for case_id in self.states("over_180_transfer", "reversal_proposed"):
            case = books.read.case(self.book, case_id)
            whole = sum(over_180.standing_amounts(case).values()) == sum(over_180.asked_back(case).values())
            move(self.book, case_id, "post_reversal" if whole else "post_part", "eva")

    @rule(key=st.sampled_from(sorted(ORIGINALS)), share=st.integers(1, 4))
    def pay(self, key: int, share: int) -> None:
        amount = self.open(key) // share
        if amount:
            name = self.receipt(key)
            leg = application(
                f"pay-{name}", key, amount, receipt_key=self.receipts[name], effective_date="2026-11-02"
            )
            books.postings.apply(self.book, legs(leg))
            self.paid[key] += amount

    @rule(key=st.sampled_from(sorted(ORIGINALS)), share=st.integers(1, 3))
    def give_up(self, key: int, share: int) -> None:
        amount = self.open(key) // share
        if amount:
            case_id = evidenced(self.book, {key: amount})
            if books.read.case(self.book, case_id).state != "prepared":
                return  # the same amount was given up before: the same case
            for who, role in (("eva", "controller"), ("luis", "director")):
                if books.read.case(self.book, case_id).state != "approved":
                    approve(self.book, case_id, who, role)
            move(self.book, case_id, "post", "eva")

    @rule(pick=st.integers(0, 5), share=st.integers(1, 3))
    def recover(self, pick: int, share: int) -> None:
        cases = self.states("write_off", "posted", "partly_recovered")
        if not cases:
            return
        case_id = cases[pick % len(cases)]
        left = write_offs.written_off(books.read.case(self.book, case_id))
        (key, amount), *_ = left.items()
        part = max(amount // share, 1)
        name = "recover" if part == amount else "recover_part"
        told: dict[str, Any] = {"receipt_id": self.receipt(key), "content": {"recovered": {str(key): part}}}
        move(self.book, case_id, name, "eva", **told)
        self.paid[key] += part
        self.back[key] += part

    @rule(pick=st.integers(0, 5))
    def undo(self, pick: int) -> None:
        cases = self.states("write_off", "posted")
        if cases:
            move(self.book, cases[pick % len(cases)], "undo", "eva", reason="error")

    @invariant()
    def everything_holds(self) -> None:
        if not hasattr(self, "book"):
            return
        read = books.read
        frames = (read.cases(self.book), read.case_events(self.book), read.case_items(self.book))
        held = over_180.transferred_items(*frames)
        standing = held.groupby("currency")["standing_amount"].sum().to_dict()
        assert {code: one[0] for code, one in account(self.book, OVER).items()} == {
            code: amount for code, amount in standing.items() if code in account(self.book, OVER)
        }
        given_up = write_offs.given_up_items(*frames).groupby("document_key")["written_off_amount"].sum()
        for key, original in ORIGINALS.items():
            assert original == self.open(key) + self.paid[key] + int(given_up.get(key, 0))
        income = account(self.book, INCOME)
        for currency in ("COP", "USD"):
            came = sum(amount for key, amount in self.back.items() if CURRENCY[key] == currency)
            assert income.get(currency, (0, 0))[0] == -came

    def teardown(self) -> None:
        if hasattr(self, "book"):
            assert faults(self.book) == []
            self.book.close()
            shutil.rmtree(self.folder)


@pytest.mark.slow
def test_the_accounts_and_the_ledger_hold_whatever_is_done() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=tries(5), stateful_step_count=8, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
