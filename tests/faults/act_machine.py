"""A state machine over acts in a real book, judged by rules that are written a second time, plainly.

What is allowed, which acts the book contradicts and what comes of preparing again is worked out here from a
plain dictionary of documents; the book must come to the same, and must not change where it refuses.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import postgres_server
import pytest
from acting_world import CUT_OFF, day, make_book, prepare
from acts_world import WHOLE
from book_world import application, faults, import_items, ledger_hash, legs
from faults.plain_acts import (
    BINDING,
    LEADS,
    MOVES,
    SIGNED,
    SIGNERS,
    PlainAct,
    differences_of,
    note_move,
    refusal,
)
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from workbench import book as books
from workbench.acting import moving, reopening
from workbench.acting.ledger_now import LedgerNow
from workbench.book.postings import apply
from workbench.cases import Brought
from workbench.errors import MoveRefusedError, PostingRefusedError
from workbench.undo import undo_applications


class ActMachine(RuleBasedStateMachine):
    """A book of its own for each example; two customers' acts."""

    database = "sqlite"
    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.taken = postgres_server.taken()
        self.folder = tempfile.TemporaryDirectory()
        self.book = make_book(Path(self.folder.name), self.database)
        self.ledger = LedgerNow(self.book)
        #: By customer, what each document owed at the cut-off by all that is known now.
        self.owed: dict[str, dict[str, int]] = {"C1": {"F1": 100_00, "F2": 50_00}, "C2": {"F3": 100_00}}
        self.acts: dict[str, PlainAct] = {}
        self.old: list[PlainAct] = []
        self.today, self.notes, self.paid = 2, 0, 0
        self.in_force: list[tuple[str, int, int]] = []  # application, amount, day of effect

    @initialize()
    def draw_up(self) -> None:
        self.prepare_again()

    def teardown(self) -> None:
        assert faults(self.book) == []
        self.book.close()
        postgres_server.give_back(self.taken)
        self.folder.cleanup()

    # The book moves ------------------------------------------------------------------------------------

    @rule(
        customer=st.sampled_from(["C1", "C2"]),
        dated=st.sampled_from([-10, 0, 1, 3]),
        amount=st.sampled_from([-7_00, 9_00]),
    )
    def a_document_comes_late(self, customer: str, dated: int, amount: int) -> None:
        self.notes += 1
        number, when = f"N{self.notes}", day(dated).isoformat()
        import_items(
            self.book,
            {"document_number": number, "customer_id": customer, "original_amount": amount,
             "open_amount": amount, "document_date": when, "due_date": when,
             "document_kind": "invoice" if amount > 0 else "credit_note"},
            on=day(self.today) + dt.timedelta(days=self.notes),
        )  # fmt: skip
        if dated <= 0:
            self.owed[customer][number] = amount
        self.tally[f"late document, {'before' if dated <= 0 else 'after'} the cut-off"] += 1

    @rule(dated=st.sampled_from([-5, 5]))
    def c1_pays_an_invoice(self, dated: int) -> None:
        if self.paid == 3:
            return
        self.paid += 1
        name, amount = f"pay{self.paid}", 10_00
        leg = application(name, 1, amount, receipt_key=1, effective_date=day(dated).isoformat())
        apply(self.book, legs(leg))
        self.in_force.append((f"{name}/1", amount, dated))
        if dated <= 0:
            self.owed["C1"]["F1"] -= amount

    @rule(dated=st.sampled_from([0, 20]))
    def a_payment_is_undone(self, dated: int) -> None:
        possible = [one for one in self.in_force if one[2] <= dated]
        if not possible:
            return
        name, amount, _ = possible[0]
        what = {"today": day(30), "application": name, "date": day(dated), "who": "ana"}
        if dated <= 0 and self.acts["C1"].state in SIGNED:
            self._must_refuse("reversal-in-signed-act", lambda: undo_applications(self.book, **what))
            return
        undo_applications(self.book, **what)
        self.in_force.remove(possible[0])
        if dated <= 0:
            self.owed["C1"]["F1"] += amount
        self.tally[f"undone {'before' if dated <= 0 else 'after'} the cut-off"] += 1

    # Acts ----------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 8))
    def wait(self, days: int) -> None:
        self.today += days

    @rule()
    def prepare_again(self) -> None:
        done = prepare(self.book, customers=["C1", "C2"], on=day(self.today))
        opened = set()
        for customer, owed in self.owed.items():
            held = {name: amount for name, amount in owed.items() if amount}
            act = self.acts.get(customer)
            if act is not None and act.state != "reopened" and (act.held == held or act.state in SIGNED):
                continue
            if act is not None:
                self.old.append(act)
                act.state = "replaced"
            self.acts[customer] = PlainAct(customer, held, (act.version if act else 0) + 1, on=self.today)
            opened.add(self.acts[customer].name)
            self.tally["state draft"] += 1
            self.tally["state replaced"] += act is not None
        assert set(done.opened) == opened
        assert set(done.signed) == {one.name for one in self.acts.values() if self._is_contradicted(one)
                                    and one.state in SIGNED}  # fmt: skip

    @rule()
    def reopen_what_is_contradicted(self) -> None:
        done = reopening.reopen_contradicted_acts(self.book, who="ana", on=day(self.today))
        expected = [one for one in self.acts.values() if one.state in SIGNED and self._is_contradicted(one)]
        assert set(done.reopened) == {one.name for one in expected}
        for act in expected:
            act.state, act.on = "reopened", self.today
            self.tally["state reopened"] += 1
            self.tally["reopened by the book"] += 1

    @rule(customer=st.sampled_from(["C1", "C2"]), differs=st.booleans(), silent=st.booleans())
    def go_on(self, customer: str, differs: bool, silent: bool) -> None:
        """The next right move, so that every state is reached."""
        act = self.acts[customer]
        moves = {"draft": "send", "sent": "acknowledge", "acknowledged": "respond", "alternative": "respond",
                 "responded": "agree", "in_analysis": "agree", "agreed": "sign_us", "signed_us": "sign_both",
                 "signed_both": "close"}  # fmt: skip
        move = moves.get(act.state)
        if act.state == "acknowledged" and silent:
            move = "remind" if act.reminders < 2 else "declare_silent"
            self.today = max(self.today, act.sent + {"remind": 7 * (act.reminders + 1)}.get(move, 21))
        if act.state == "responded":
            move = {"silent": "record_alternative", "differs": "analyse"}.get(act.answer, "agree")
        if move is not None:
            answer = {"answer": "differs", "their_balance": act.ours - 10_00} if differs else {
                "answer": "agrees", "their_balance": None}  # fmt: skip
            self._try(act, move, who="bea", **(answer if move == "respond" else {}))

    @rule(customer=st.sampled_from(["C1", "C2"]), differs=st.booleans(), steps=st.integers(3, 9))
    def go_far(self, customer: str, differs: bool, steps: int) -> None:
        """Several right moves at once: states at the end are as often met as those at the beginning."""
        for _ in range(steps):
            self.go_on(customer, differs=differs, silent=False)

    @rule(
        customer=st.sampled_from(["C1", "C2"]),
        move=st.sampled_from(MOVES),
        who=st.sampled_from(["ana", "bea", ""]),
        answer=st.sampled_from(["agrees", "differs", "silent"]),
        theirs=st.sampled_from([None, 0, -10_00]),
        sum_of=st.sampled_from([0, 10_00, 9_99]),
        owner=st.sampled_from(["ana", ""]),
        has_actions=st.booleans(),
        has_file=st.booleans(),
        signer=st.sampled_from(SIGNERS),
        is_same=st.booleans(),
        back=st.sampled_from([0, 0, 0, 30]),
    )
    def try_anything(
        self, customer: str, move: str, who: str, answer: str, theirs: int | None, sum_of: int, owner: str,
        has_actions: bool, has_file: bool, signer: tuple[str, str], is_same: bool, back: int,
    ) -> None:  # fmt: skip
        act = self.acts[customer]
        brought: dict[str, Any] = {
            "respond": {"answer": answer, "their_balance": None if theirs is None else act.ours + theirs},
            "analyse": {"differences": differences_of(sum_of, owner)},
            "agree": {"actions": WHOLE["agree"]["actions"] if has_actions else []},
            "record_alternative": {"has_file": has_file},
            "sign_us": {"signer_name": signer[0], "signer_id": signer[1], "is_same": is_same},
            "sign_both": {"signer_name": signer[0], "signer_id": signer[1], "is_same": is_same},
        }.get(move, {})
        self._try(act, move, who=who, back=back, **brought)

    @rule(customer=st.sampled_from(["C1", "C2"]))
    def nothing_leads_elsewhere(self, customer: str) -> None:
        """From where the act stands, every move that does not start there, with all that it needs."""
        for act in (self.acts[customer], *self.old[-1:]):
            for move in MOVES:
                if (act.state, move) not in LEADS:
                    self._try(act, move, who="bea")
                    self.tally[f"forbidden {act.state} {move}"] += 1

    def _try(self, act: PlainAct, move: str, *, who: str, back: int = 0, **brought: Any) -> None:
        on = self.today - back
        content = self._content(act, move, on, brought)
        wanted = refusal(act, move, who, on, content, is_contradicted=self._is_contradicted(act))
        case = books.read.case(self.book, act.name)
        self.ledger.refresh()
        file = moving.KeptFile(f"{move}.pdf", "application/pdf", f"{act.name} {move} {on}".encode())
        has_file = content.pop("has_file", "file_sha256" in WHOLE[move])

        def go() -> str:
            return moving.move_act(
                self.book, case, move, Brought(who, day(on), reason=str(content.pop("reason", "")),
                content=content), file=file if has_file else None,
                ledger=self.ledger if move in BINDING else None,
            )  # fmt: skip

        if wanted:
            self._must_refuse(wanted, go)
            return
        assert go() == LEADS[act.state, move]
        note_move(act, move, on, content)
        self.tally[f"state {act.state}"] += 1
        self.tally[f"move {move}"] += 1

    def _content(self, act: PlainAct, move: str, on: int, brought: dict[str, Any]) -> dict[str, Any]:
        content = {**WHOLE[move], **{name: value for name, value in brought.items() if name != "is_same"}}
        content.pop("file_sha256", None)
        if move == "send":
            dates = [day(on + days).isoformat() for days in (7, 14, 21)]
            content |= {"reminder_dates": ",".join(dates[:2]), "silent_date": dates[2]}
        if "content_sha256" in content:
            content["content_sha256"] = (
                f"{act.name} {act.sha or on}" if brought.get("is_same", True) else "other"
            )
            if move in ("send", "agree"):
                content["content_sha256"] = f"{act.name} {on}"
        if move == "analyse" and "differences" not in brought:
            content["differences"] = differences_of(act.ours - act.theirs if act.answer == "differs" else 0)
        if move == "agree" and "actions" not in brought and not act.differences:
            content["actions"] = []
        return {name: value for name, value in content.items() if value is not None}

    def _is_contradicted(self, act: PlainAct) -> bool:
        return act.held != {name: amount for name, amount in self.owed[act.customer].items() if amount}

    def _must_refuse(self, cause: str, go: Any) -> None:
        before = ledger_hash(self.book)
        with pytest.raises((MoveRefusedError, PostingRefusedError)) as refused:
            go()
        assert refused.value.cause == cause
        assert ledger_hash(self.book) == before, "refused, and yet the book changed"
        self.tally[f"refused: {cause}"] += 1

    # After every step ----------------------------------------------------------------------------------

    @invariant()
    def the_book_says_what_the_notebook_says(self) -> None:
        told = reopening.read_acts(self.book).set_index("case_id")
        for act in (*self.acts.values(), *self.old):
            assert told.at[act.name, "state"] == act.state
            assert told.at[act.name, "our_balance"] == act.ours

    @invariant()
    def closed_means_signed_by_two_sides(self) -> None:
        for act in (*self.acts.values(), *self.old):
            if act.state in ("signed_both", "closed"):
                assert len(set(act.signers)) == 2

    @invariant()
    def coverage_is_what_both_signed_and_the_book_still_says(self) -> None:
        covered = reopening.cover(self.book, as_of=CUT_OFF).customers
        own = dict(zip(covered["customer_id"], covered["coverage"], strict=True))
        for act in self.acts.values():
            if any(self.owed[act.customer].values()):
                is_signed = act.state in ("signed_both", "closed") and not self._is_contradicted(act)
                assert (own[act.customer] == "signed") is is_signed


class ActMachineOnServer(ActMachine):
    database = "postgresql"


MACHINES = {"sqlite": ActMachine, "postgresql": ActMachineOnServer}
