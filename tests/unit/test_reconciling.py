"""The report of a bank account goes through the book: prepared by one, approved by another, in order."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reconciling_world import ACCOUNT, COMPANY, POLICY, TODAY, bank_book, import_ledger

from workbench import moves
from workbench.book import Book, read
from workbench.book.audit import verify
from workbench.calendar import Period
from workbench.cases import Brought
from workbench.errors import MoveRefusedError, PostingRefusedError
from workbench.reconciliation import cleaning
from workbench.reconciling import by_hand, clearing, reporting
from workbench.reconciling.look import Look

OCTOBER = dt.date(2026, 10, 31)


@pytest.fixture
def book(tmp_path: Path, database: str) -> Book:
    return bank_book(tmp_path, database=database)


def begin(book: Book, month: str) -> str:
    return reporting.begin_report(
        book, company=COMPANY, account=ACCOUNT, currency="COP", period=Period.parse(month), policy=POLICY,
        who="ana", on=TODAY,
    )  # fmt: skip


def move(book: Book, case_id: str, name: str, who: str = "ana", **more: Any) -> str:
    role = {"carla": "supervisor"}.get(who.strip().lower(), "analyst")
    return reporting.move_report(book, case_id, name, Brought(who, TODAY, role, **more), policy=POLICY)


def plan(book: Book, month: str) -> tuple[int, int]:
    return clearing.open_items(
        book, company=COMPANY, as_of=Period.parse(month).last_day, policy=POLICY, who="ana", on=TODAY
    )


def approve(book: Book, *months: str) -> str:
    case_id = ""
    for month in months:
        case_id = begin(book, month)
        plan(book, month)
        for name, who in (("save", "ana"), ("submit", "ana"), ("approve", "carla")):
            state = move(book, case_id, name, who)
        assert state == "approved"
    return case_id


def states(book: Book) -> list[tuple[str, str, bool]]:
    frame = reporting.read_states(book, company=COMPANY, as_of=OCTOBER, policy=POLICY)
    return list(zip(frame["period"], frame["state"], frame["still_holds"].tolist(), strict=True))


@pytest.mark.slow
def test_three_months_are_proved_and_approved_one_after_the_other(book: Book) -> None:
    approve(book, "2026-08", "2026-09", "2026-10")
    assert states(book) == [(month, "approved", True) for month in ("2026-08", "2026-09", "2026-10")]
    assert [one for one in verify(book) if not one.ok] == []


def test_a_month_does_not_begin_before_the_one_before_it_is_approved(book: Book) -> None:
    with pytest.raises(MoveRefusedError, match="2026-08") as refusal:
        begin(book, "2026-09")
    assert refusal.value.cause == "bank-report-earlier-open"
    approve(book, "2026-08")
    assert begin(book, "2026-09").endswith("2026-09")


def test_who_prepared_approves_nothing_not_even_after_somebody_else_saved(book: Book) -> None:
    case_id = begin(book, "2026-08")
    plan(book, "2026-08")
    move(book, case_id, "save", "carla")
    move(book, case_id, "save", "ana")
    move(book, case_id, "submit", "ana")
    for written in ("carla", "Carla "):
        with pytest.raises(MoveRefusedError) as refusal:
            move(book, case_id, "approve", written)
        assert refusal.value.cause == "case-move-same-person"
    with pytest.raises(MoveRefusedError) as refusal:
        move(book, case_id, "approve", "luis")
    assert refusal.value.cause == "case-move-role"
    assert move(book, case_id, "reject", "carla", reason="falta el soporte") == "saved"


def test_items_without_an_owner_keep_a_report_from_being_submitted(book: Book) -> None:
    case_id = begin(book, "2026-08")
    move(book, case_id, "save")
    with pytest.raises(MoveRefusedError, match="2 partida") as refusal:
        move(book, case_id, "submit")
    assert refusal.value.cause == "bank-report-unplanned"
    assert plan(book, "2026-08") == (2, 0)
    assert plan(book, "2026-08") == (0, 0)
    assert move(book, case_id, "submit") == "submitted"


def test_a_line_that_comes_later_is_seen_and_takes_the_approval_away(book: Book) -> None:
    case_id = approve(book, "2026-08")
    import_ledger(book, ("2026-08-21", "A9", -20_00, "B2"))
    assert states(book)[0] == ("2026-08", "approved", False)
    taken = reporting.decertify_changed(book, company=COMPANY, policy=POLICY, who="sistema", on=TODAY)
    assert taken == [case_id]
    assert states(book)[0] == ("2026-08", "saved", True)
    assert reporting.decertify_changed(book, company=COMPANY, policy=POLICY, who="s", on=TODAY) == []


def test_figures_that_changed_since_the_submission_are_not_approved(book: Book) -> None:
    case_id = begin(book, "2026-08")
    plan(book, "2026-08")
    move(book, case_id, "save")
    move(book, case_id, "submit")
    import_ledger(book, ("2026-08-21", "A9", -20_00, "B2"))
    with pytest.raises(MoveRefusedError) as refusal:
        move(book, case_id, "approve", "carla")
    assert refusal.value.cause == "bank-report-changed"


def test_lines_put_together_by_hand_stand_in_the_next_reconciliation_until_undone(book: Book) -> None:
    def outstanding() -> set[str]:
        made = Look.at(book, COMPANY, POLICY).reconcile(OCTOBER)
        return {*made.outstanding_bank["line_id"], *made.outstanding_book["line_id"]}

    assert {"B6", "A7"} < outstanding()
    group = make(book, ["B6"], ["A7"])
    assert not {"B6", "A7"} & outstanding()
    assert make(book, ["B6"], ["A7"]) == group
    assert undo(book, group) == "undone"
    assert {"B6", "A7"} < outstanding()
    assert make(book, ["B6"], ["A7"]) == group
    case_id = f"bank-match:{group}"
    assert [event.move for event in read.case(book, case_id).events] == ["open", "undo", "make_again"]


def test_what_a_person_says_of_an_approved_report_is_not_the_books_word(book: Book) -> None:
    group = make(book, ["B6"], ["A7"])
    undo(book, group)
    said = Brought("ana", TODAY, reason="sí era", content={"approved_in": "x"})
    assert moves.move(book, f"bank-match:{group}", "make_again", said, policy=POLICY) == "made"
    assert read.case(book, f"bank-match:{group}").events[-1].content == {}


def make(book: Book, bank: list[str], ledger: list[str]) -> str:
    return by_hand.make_match(
        book, Brought("ana", TODAY, reason="mismo soporte"), company=COMPANY, account=ACCOUNT, bank_ids=bank,
        book_ids=ledger, policy=POLICY,
    )  # fmt: skip


def undo(book: Book, group: str, as_of: dt.date = OCTOBER) -> str:
    brought = Brought("ana", TODAY, reason="no era")
    return by_hand.undo_match(book, group, brought, company=COMPANY, policy=POLICY, as_of=as_of)


@pytest.mark.parametrize(
    ("bank", "ledger", "rule"),
    [
        (["B5"], ["A6"], "bank-match-sums-differ"),
        (["B5"], [], "bank-match-one-sided"),
        (["B5", "B6"], ["A6", "A7"], "bank-match-many-to-many"),
        (["B99"], ["A6"], "bank-line-unknown"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    book: Book, bank: list[str], ledger: list[str], rule: str
) -> None:
    with pytest.raises(PostingRefusedError) as refusal:
        make(book, bank, ledger)
    assert refusal.value.cause == rule
    assert read.cases(book, kind="bank_match").empty


def test_what_a_rule_put_together_is_taken_apart_and_stays_so(book: Book) -> None:
    made = Look.at(book, COMPANY, POLICY).reconcile(OCTOBER).matched.set_index("bank_line_id")
    group = str(made.loc["B4", "group_id"].iloc[0])
    assert undo(book, group) == "undone"
    after = Look.at(book, COMPANY, POLICY).reconcile(OCTOBER)
    assert "B4" in after.outstanding_bank["line_id"].tolist()
    assert group not in set(after.matched["group_id"])
    assert (after.proof["difference"] == 0).all()


@pytest.mark.slow
def test_an_approved_report_keeps_its_matches_until_it_is_reopened(book: Book) -> None:
    case_id = approve(book, "2026-08", "2026-09")
    made = Look.at(book, COMPANY, POLICY).reconcile(OCTOBER).matched.set_index("bank_line_id")
    group = str(made.loc["B4", "group_id"].iloc[0])
    with pytest.raises(MoveRefusedError, match="2026-09") as refusal:
        undo(book, group)
    assert refusal.value.cause == "bank-match-in-approved-report"
    # A match of October's lines does not touch September.
    free = make(book, ["B6"], ["A7"])
    not_that = Brought("ana", TODAY, reason="no era")
    assert moves.move(book, f"bank-match:{free}", "undo", not_that, policy=POLICY) == "undone"
    move(book, case_id, "reopen", "carla", reason="B4 no es eso")
    assert undo(book, group) == "undone"


def test_items_are_cleared_when_they_meet_and_written_off_by_a_second_person(book: Book) -> None:
    plan(book, "2026-08")
    opened = read.cases(book, kind="bank_item")
    assert sorted(opened["state"]) == ["assigned", "assigned"]
    assert plan(book, "2026-09") == (0, 2)
    assert set(read.cases(book, kind="bank_item")["state"]) == {"cleared"}
    plan(book, "2026-10")
    live = read.cases(book, kind="bank_item")
    case_id = next(one for one in live["case_id"] if ":A6:" in one)
    moves.move(book, case_id, "ask_write_off", Brought("ana", TODAY, reason="menor valor"), policy=POLICY)
    with pytest.raises(MoveRefusedError) as refusal:
        moves.move(book, case_id, "approve_write_off", Brought("ana", TODAY, "supervisor"), policy=POLICY)
    assert refusal.value.cause == "case-move-same-person"
    carla = Brought("carla", TODAY, "controller")
    assert moves.move(book, case_id, "approve_write_off", carla, policy=POLICY) == "written_off"


@pytest.mark.parametrize(("line", "bank_side"), [("B7", 5_50), ("A6", -90_00)])
def test_a_bank_item_given_up_is_an_entry_that_makes_books_and_bank_agree(
    book: Book, line: str, bank_side: int
) -> None:
    """B7 came to the bank alone: the books take it in. A6 stands in the books alone: it leaves them."""
    policy = replace(
        POLICY, reconciliation=replace(POLICY.reconciliation, ledger_accounts=((ACCOUNT, "111099"),))
    )
    plan(book, "2026-10")
    items = read.case_items(book, kind="bank_item")
    case_id = items.loc[items["item_id"].eq(line), "case_id"].iat[0]
    carla = Brought("carla", TODAY, "controller", reason="no era")

    def entered() -> dict[str, int]:
        lines = read.journal_lines(book)
        return lines[lines["case_id"] == case_id].groupby("account")["base_amount"].sum().to_dict()

    moves.move(book, case_id, "ask_write_off", Brought("ana", TODAY, reason="menor valor"), policy=policy)
    assert entered() == {}
    moves.move(book, case_id, "approve_write_off", carla, policy=policy)
    other = POLICY.accounts.bank_item_income if bank_side > 0 else POLICY.accounts.bank_item_expense
    assert entered() == {"111099": bank_side, other: -bank_side}
    moves.move(book, case_id, "reopen", carla, policy=policy)
    assert entered() == {"111099": 0, other: 0}
    moves.move(book, case_id, "ask_write_off", Brought("ana", TODAY, reason="otra vez"), policy=policy)
    moves.move(book, case_id, "approve_write_off", carla, policy=policy)
    assert entered() == {"111099": bank_side, other: -bank_side}


def test_the_plan_says_who_clears_what_by_when_and_what_is_overdue(book: Book) -> None:
    frame = clearing.read_plan(book, company=COMPANY, as_of=dt.date(2026, 8, 31), policy=POLICY)
    assert frame[["line_id", "owner", "cause", "state", "is_overdue"]].to_numpy().tolist() == [
        ["B2", "accounting", "commission", "open", False],
        ["A2", "treasury", "deposit_in_transit", "open", False],
    ]
    assert frame["due_date"].dt.date.tolist() == [dt.date(2026, 9, 2), dt.date(2026, 9, 3)]
    plan(book, "2026-08")
    case_id = read.cases(book, kind="bank_item")["case_id"].sort_values().iat[0]
    for content, rule in (
        ({"owner": "luis", "action": "llamar", "due_date": "2026-10-01"}, "bank-item-due-past"),
        ({"owner": "luis", "action": "llamar"}, "case-move-lacks"),
    ):
        with pytest.raises(MoveRefusedError) as refusal:
            clearing.move_item(book, case_id, "assign", Brought("ana", TODAY, content=content), policy=POLICY)
        assert refusal.value.cause == rule
    own = {"owner": "luis", "action": "llamar al banco", "due_date": "2026-11-06"}
    clearing.move_item(book, case_id, "assign", Brought("ana", TODAY, content=own), policy=POLICY)
    frame = clearing.read_plan(book, company=COMPANY, as_of=dt.date(2026, 8, 31), policy=POLICY)
    row = frame[frame["case_id"] == case_id].iloc[0]
    assert [row["owner"], row["action"], row["due_date"].date()] == [
        "luis",
        "llamar al banco",
        dt.date(2026, 11, 6),
    ]


def test_a_note_that_was_given_up_is_not_proposed_a_second_time(book: Book) -> None:
    plan(book, "2026-10")
    look = Look.at(book, COMPANY, POLICY)
    left = look.reconcile(OCTOBER).outstanding_bank
    before = clearing.read_plan(book, company=COMPANY, as_of=OCTOBER, policy=POLICY)
    assert cleaning.still_to_book(left, before)["line_id"].tolist() == left["line_id"].tolist()
    case_id = before.loc[before["line_id"].eq("B7"), "case_id"].iat[0]
    moves.move(book, case_id, "ask_write_off", Brought("ana", TODAY, reason="menor valor"), policy=POLICY)
    moves.move(book, case_id, "approve_write_off", Brought("carla", TODAY, "controller"), policy=POLICY)
    after = clearing.read_plan(book, company=COMPANY, as_of=OCTOBER, policy=POLICY)
    kept = cleaning.still_to_book(left, after)["line_id"].tolist()
    assert "B7" in left["line_id"].tolist()
    assert kept == [one for one in left["line_id"] if one != "B7"]
