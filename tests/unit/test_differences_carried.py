"""Differences from month to month: the same identity, first day and age, its case, what was solved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import CUSTOMER, faults, import_rows, new_book
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledger_frames import frame
from tries import tries

from workbench import book as books
from workbench import cases, moves
from workbench.book import read
from workbench.errors import MoveRefusedError
from workbench.policy import Policy
from workbench.reconciliation import customers
from workbench.reconciling import differences
from workbench.tables import CUSTOMER_LEDGER_LINES, OPEN_ITEMS

SEPTEMBER, OCTOBER, NOVEMBER = dt.date(2026, 9, 30), dt.date(2026, 10, 31), dt.date(2026, 11, 30)
RUN = "run:customer_reconciliation"


def reconcile(
    ours: dict[str, int], theirs: dict[str, int], as_of: dt.date, known: pd.DataFrame | None = None
) -> customers.CustomersReconciled:
    mine = frame(
        OPEN_ITEMS,
        [
            {"document_key": n, "document_id": f"D{number}", "document_number": f"D{n}", "reference": number,
             "open_amount": amount, "original_amount": amount, "document_kind": "invoice",
             "document_date": "2026-09-01"}
            for n, (number, amount) in enumerate(ours.items())
        ],
        company_id="CO01", customer_id="C1", currency="COP",
    )  # fmt: skip
    own = frame(
        CUSTOMER_LEDGER_LINES,
        [{"document_number": number, "ledger_amount": amount} for number, amount in theirs.items()],
        company_id="CO01", customer_id="C1", currency="COP", observed_date=as_of.isoformat(),
    )  # fmt: skip
    made = customers.reconcile_customers(
        mine, own, customers.Surroundings(documents=mine), as_of=as_of, policy=Policy()
    )
    return made if known is None else customers.carry_differences(made, known, as_of=as_of)


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    book = new_book(tmp_path, database=database)
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1"})
    return book


def close(book: books.Book, ours: dict[str, int], theirs: dict[str, int], as_of: dt.date) -> dict[str, int]:
    made = reconcile(ours, theirs, as_of, read.cases(book))
    return differences.post_differences(book, made, period=f"{as_of:%Y-%m}", as_of=as_of, who=RUN)


def aged(made: customers.CustomersReconciled) -> list[tuple[str, int, str]]:
    rows = made.differences
    return sorted(zip(rows["reference"], rows["age_days"], rows["state"], strict=True))


def test_a_difference_keeps_its_identity_when_its_cause_and_side_change() -> None:
    apart = reconcile({"FE1001": 100}, {"X1": 0}, SEPTEMBER).differences
    other = reconcile({"FE1001": 100}, {"fe-1001": 95}, OCTOBER).differences
    theirs = reconcile({"FE9": 0}, {"FE 1001": 95}, OCTOBER).differences
    ids = {frame["difference_id"].iloc[0] for frame in (apart, other, theirs)}
    assert len(ids) == 1
    assert [frame["side"].iloc[0] for frame in (apart, other, theirs)] == ["ours", "both", "theirs"]


def test_its_age_counts_from_the_cut_off_on_which_it_was_first_seen(book: books.Book) -> None:
    assert close(book, {"FE1001": 100}, {"X1": 0}, SEPTEMBER) == {"opened": 1, "solved": 0}
    now = reconcile({"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER, read.cases(book))
    assert aged(now) == [("FE1001", 31, "open"), ("FE1002", 0, "new")]
    assert close(book, {"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER) == {"opened": 1, "solved": 0}
    assert faults(book) == []


def test_the_same_month_again_shows_the_same_and_changes_nothing(book: books.Book) -> None:
    close(book, {"FE1001": 100, "FE1003": 3}, {"X1": 0}, SEPTEMBER)
    before = reconcile({"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER, read.cases(book))
    assert close(book, {"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER) == {"opened": 1, "solved": 1}
    after = reconcile({"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER, read.cases(book))
    pd.testing.assert_frame_equal(before.differences, after.differences)
    pd.testing.assert_frame_equal(before.solved, after.solved)
    count = len(read.case_events(book))
    close(book, {"FE1001": 100, "FE1002": 7}, {"X1": 0}, OCTOBER)
    assert len(read.case_events(book)) == count


def test_what_differs_no_more_is_solved_and_comes_back_as_the_same(book: books.Book) -> None:
    close(book, {"FE1001": 100}, {"X1": 0}, SEPTEMBER)
    gone = reconcile({"FE1001": 100}, {"FE1001": 100}, OCTOBER, read.cases(book))
    assert gone.solved[["reference", "age_days", "difference_amount"]].values.tolist() == [
        ["FE1001", 31, 100]
    ]
    close(book, {"FE1001": 100}, {"FE1001": 100}, OCTOBER)
    assert read.cases(book)["state"].tolist() == ["solved"]
    back = reconcile({"FE1001": 100}, {"X1": 0}, NOVEMBER, read.cases(book))
    assert aged(back) == [("FE1001", 61, "open")]
    close(book, {"FE1001": 100}, {"X1": 0}, NOVEMBER)
    assert read.cases(book)["state"].tolist() == ["open"]


def test_a_customer_who_sent_no_list_solves_nothing(book: books.Book) -> None:
    close(book, {"FE1001": 100}, {"X1": 0}, SEPTEMBER)
    silent = reconcile({"FE1001": 100}, {}, OCTOBER, read.cases(book))
    assert silent.solved.empty


def by(who: str, **content: object) -> cases.Brought:
    return cases.Brought(who, OCTOBER, content=content)


def test_a_person_takes_it_and_solves_it_by_the_one_door(book: books.Book) -> None:
    close(book, {"FE1001": 100}, {"X1": 0}, SEPTEMBER)
    case_id = read.cases(book)["case_id"].iloc[0]
    with pytest.raises(MoveRefusedError):
        moves.move(book, case_id, "assign", by("ana", owner="luis"), policy=Policy())
    given = by("ana", owner="luis", due_date="2026-11-05")
    moves.move(book, case_id, "assign", given, policy=Policy())
    now = reconcile({"FE1001": 100}, {"X1": 0}, OCTOBER, read.cases(book))
    assert aged(now) == [("FE1001", 31, "assigned")]
    entered = cases.Brought("luis", OCTOBER, reason="entered")
    state = moves.move(book, case_id, "solve", entered, policy=Policy())
    assert state == "solved"


class Differences(RuleBasedStateMachine):
    """Every state is reached, and what the machine does not allow is refused with what is missing."""

    def __init__(self) -> None:
        super().__init__()
        first = cases.CaseEvent(1, cases.OPEN, "open", SEPTEMBER, "", {}, "", RUN)
        self.case = cases.Case(
            "difference:1", "difference", "CO01", "C1", "COP", "2026-09", SEPTEMBER, "1", 100, {}, (first,)
        )

    def move(self, name: str, **brought: str) -> None:
        reason = brought.pop("reason", "")
        told = cases.Brought("ana", OCTOBER, reason=reason, content=brought)
        state = cases.next_state(differences.MACHINE, self.case, name, told)
        event = cases.CaseEvent(len(self.case.events) + 1, name, state, OCTOBER, reason, brought, "", "ana")
        self.case = cases.Case(**{**vars(self.case), "events": (*self.case.events, event)})

    @rule(owner=st.sampled_from(["", "luis"]))
    def assign(self, owner: str) -> None:
        if self.case.state == "solved" or not owner:
            with pytest.raises(MoveRefusedError):
                self.move("assign", owner=owner, due_date="2026-11-05")
        else:
            self.move("assign", owner=owner, due_date="2026-11-05")
            assert self.case.state == "assigned"

    @rule(reason=st.sampled_from(["", "entered"]))
    def solve(self, reason: str) -> None:
        if self.case.state == "solved" or not reason:
            with pytest.raises(MoveRefusedError):
                self.move("solve", reason=reason)
        else:
            self.move("solve", reason=reason)
            assert self.case.state == "solved"

    @precondition(lambda self: self.case.state == "solved")
    @rule()
    def reopen(self) -> None:
        self.move("reopen", reason="differs again")
        assert self.case.state == "open"

    @invariant()
    def stands_where_the_machine_knows(self) -> None:
        assert self.case.state in differences.MACHINE.states


Differences.TestCase.settings = settings(max_examples=tries(15), stateful_step_count=12, deadline=None)
TestDifferences = Differences.TestCase
