"""Acts through the book: drawn up once, moved by people, bound to what the book says, else reopened."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from acting_world import ACTIONS, C1, C2, C3, CUT_OFF, DIFFERENCES, bring, day, make_book, prepare, send, sign
from acts_world import WHOLE
from book_world import application, faults, import_items, ledger_hash, legs

from workbench import book as books
from workbench.acting import answers, moving, reopening
from workbench.acting.ledger_now import LedgerNow
from workbench.acting.pages import act_page
from workbench.book.postings import apply
from workbench.cases import Brought
from workbench.errors import BookMovedOnError, MoveRefusedError, PostingRefusedError
from workbench.undo import undo_applications
from workbench.views.documents.content import content_sha256

NOTE = {"document_number": "N1", "document_kind": "credit_note", "original_amount": -20_00,
        "open_amount": -20_00, "customer_id": "C1"}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def cause_of(refused: pytest.ExceptionInfo[PostingRefusedError]) -> str:
    return refused.value.cause


def state_of(book: books.Book, case_id: str = C1) -> str:
    return books.read.case(book, case_id).state


def late_note(book: books.Book, dated: str, number: str = "N1") -> None:
    import_items(
        book, {**NOTE, "document_number": number, "document_date": dated, "due_date": dated},
        on=dt.date(2026, 11, 20),
    )  # fmt: skip


def test_acts_are_drawn_up_once_a_customer_and_currency(book: books.Book) -> None:
    assert prepare(book).opened == (C1, C2, C3)
    before = ledger_hash(book)
    again = prepare(book, on=day(9), who="otro")
    assert (again.opened, again.kept) == ((), (C1, C2, C3))
    assert ledger_hash(book) == before
    case = books.read.case(book, C1)
    assert case.case_amount == sum(item.item_amount for item in case.items) == 150_00
    assert case.content["summary"] == {"opening": 150_00}
    assert [books.read.case(book, one).content["language"] for one in (C1, C3)] == ["es", "both"]
    assert faults(book) == []


def test_acts_of_chosen_customers_only(book: books.Book) -> None:
    assert prepare(book, customers=["C2"]).opened == (C2,)
    assert prepare(book).opened == (C1, C3)


def test_an_act_says_the_same_for_ever(book: books.Book) -> None:
    prepare(book)
    first = content_sha256(act_page(books.read.case(book, C1)))
    late_note(book, "2026-10-20")
    assert content_sha256(act_page(books.read.case(book, C1))) == first


def test_what_was_sent_is_kept_with_its_hash(book: books.Book) -> None:
    prepare(book)
    assert send(book) == "sent"
    event = books.read.case(book, C1).last("send")
    assert event is not None
    kept = moving.act_file(book, C1)
    assert hashlib.sha256(kept.content).hexdigest() == event.file_sha256
    assert kept.content.startswith(b"%PDF")
    assert event.content["reminder_dates"] == "2026-11-10,2026-11-17"


def test_who_differs_is_analysed_agreed_and_signed_by_two(book: books.Book) -> None:
    prepare(book)
    send(book)
    moving.acknowledge_act(book, C1, Brought("ana", day(3)), acknowledged_by="Pedro")
    said = {"answer": "differs", "answered_by": "Pedro", "their_balance": 140_00}
    moving.record_response(book, C1, Brought("ana", day(4)), **said)
    moving.analyse(book, C1, Brought("ana", day(5)), differences=DIFFERENCES)
    with pytest.raises(MoveRefusedError) as refused:
        moving.agree(book, C1, Brought("ana", day(6)))
    assert cause_of(refused) == "act-without-actions"
    assert moving.agree(book, C1, Brought("ana", day(6)), actions=ACTIONS) == "agreed"
    agreed = books.read.case(book, C1)
    event = agreed.last("agree")
    assert event is not None
    assert event.content["content_sha256"] == content_sha256(act_page(agreed))
    with pytest.raises(MoveRefusedError) as own:
        sign(book, C1, "sign_us", day(7), who="ana")
    assert cause_of(own) == "case-move-same-person"
    sign(book, C1, "sign_us", day(7))
    sign(book, C1, "sign_both", day(8))
    assert moving.close_act(book, C1, Brought("ana", day(9))) == "closed"
    assert faults(book) == []


def test_silence_is_chased_and_handled_by_what_was_paid_later(book: books.Book) -> None:
    prepare(book)
    send(book)
    with pytest.raises(MoveRefusedError) as early:
        moving.remind(book, C1, Brought("ana", day(9)))
    assert cause_of(early) == "act-reminder-too-early"
    moving.remind(book, C1, Brought("ana", day(10)))
    moving.remind(book, C1, Brought("ana", day(17)))
    moving.declare_silent(book, C1, Brought("ana", day(24)))
    silent, how = Brought("ana", day(25), reason="sin respuesta"), "subsequent_receipts"
    with pytest.raises(MoveRefusedError) as bare:
        moving.record_alternative_procedure(book, C1, silent, procedure=how)
    assert cause_of(bare) == "act-procedure-without-evidence"
    apply(book, legs(application("op", 1, 30_00, receipt_key=2, effective_date="2026-11-05")))
    assert moving.record_alternative_procedure(book, C1, silent, procedure=how) == "alternative"
    event = books.read.case(book, C1).last("record_alternative")
    assert event is not None
    assert [one["amount"] for one in event.content["receipts"]] == [-30_00]  # type: ignore[attr-defined]  # a list
    covered = reopening.cover(book, as_of=CUT_OFF).customers.set_index("customer_id")
    assert covered.at["C1", "coverage"] == "alternative"


# What the book says since -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["signed_us", "closed"])
def test_a_credit_note_that_comes_later_reopens_a_signed_act_of_its_day(book: books.Book, state: str) -> None:
    prepare(book)
    bring(book, state)
    late_note(book, "2026-10-20")
    done = reopening.reopen_contradicted_acts(book, who="ana", on=day(21))
    assert done.reopened == (C1,)
    assert done.contradictions[["document_id", "change", "difference"]].to_numpy().tolist() == [
        ["N1/2026/001", "appeared", -20_00]
    ]
    event = books.read.case(book, C1).last("reopen")
    assert event is not None
    assert "N1" in event.reason
    assert state_of(book) == "reopened"
    assert reopening.reopen_contradicted_acts(book, who="ana", on=day(21)).reopened == ()
    next_one = prepare(book, on=day(22))
    assert (next_one.opened, next_one.replaced) == ((f"{C1[:-1]}2",), (C1,))
    assert books.read.case(book, f"{C1[:-1]}2").case_amount == 130_00
    assert state_of(book) == "replaced"
    assert faults(book) == []


def test_a_later_dated_movement_reopens_nothing(book: books.Book) -> None:
    prepare(book)
    bring(book, "closed")
    late_note(book, "2026-11-01")
    apply(book, legs(application("op", 1, 30_00, receipt_key=2, effective_date="2026-11-05")))
    assert reopening.reopen_contradicted_acts(book, who="ana", on=day(21)).reopened == ()
    assert prepare(book, on=day(21)).opened == ()


def test_an_application_dated_back_reopens_the_act(book: books.Book) -> None:
    prepare(book)
    bring(book, "signed_both")
    apply(book, legs(application("op", 1, 100_00)))
    assert reopening.reopen_contradicted_acts(book, who="ana", on=day(21)).reopened == (C1,)


@pytest.mark.parametrize("step", ["send", "agree", "close"])
def test_figures_that_the_book_no_longer_says_neither_leave_nor_bind(book: books.Book, step: str) -> None:
    prepare(book)
    if step != "send":
        bring(book, {"agree": "responded", "close": "signed_both"}[step])
    late_note(book, "2026-10-20")
    steps = {
        "send": lambda: send(book, on=25),
        "agree": lambda: moving.agree(book, C1, Brought("ana", day(25))),
        "close": lambda: moving.close_act(book, C1, Brought("ana", day(25))),
    }
    with pytest.raises(MoveRefusedError) as refused:
        steps[step]()
    assert cause_of(refused) == "act-contradicted"
    assert refused.value.values["document"] == "N1/2026/001"


def test_a_look_at_the_ledger_that_is_old_by_now_is_taken_again(book: books.Book) -> None:
    prepare(book)
    old = LedgerNow(book)
    case = books.read.case(book, C1)
    assert old.changes(case) == []
    late_note(book, "2026-10-20")
    brought = Brought("ana", day(25), content={**WHOLE["send"], "content_sha256": "x"})
    file = moving.KeptFile("x.pdf", "application/pdf", b"x")
    with pytest.raises(BookMovedOnError):
        moving.move_act(book, case, "send", brought, ledger=old, file=file)
    assert state_of(book) == "draft"
    with pytest.raises(MoveRefusedError) as refused:
        send(book, on=25, ledger=old)
    assert cause_of(refused) == "act-contradicted"


def test_an_unsigned_act_that_the_book_contradicts_is_replaced_and_a_signed_one_listed(
    book: books.Book,
) -> None:
    prepare(book)
    bring(book, "signed_us")
    bring(book, "responded", C2)
    late_note(book, "2026-10-20")
    import_items(
        book, {**NOTE, "document_number": "N2", "customer_id": "C2", "document_date": "2026-10-20"},
        on=dt.date(2026, 11, 21),
    )  # fmt: skip
    again = prepare(book, on=day(22))
    assert (again.replaced, again.signed, again.kept) == ((C2,), (C1,), (C3,))
    assert state_of(book, C2) == "replaced"


def test_undo_would_change_what_was_signed_unless_it_is_dated_later(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    prepare(book)
    assert books.read.case(book, C1).case_amount == 90_00
    bring(book, "closed")
    before = ledger_hash(book)
    for when in (day(-10), CUT_OFF):
        with pytest.raises(PostingRefusedError) as refused:
            undo_applications(book, today=day(12), application="op/1", date=when, who="ana")
        assert cause_of(refused) == "reversal-in-signed-act"
        assert refused.value.values["act"] == C1
    assert ledger_hash(book) == before
    undone = undo_applications(book, today=day(12), application="op/1", who="ana")
    assert undone.effective_date == day(12)
    assert reopening.reopen_contradicted_acts(book, who="ana", on=day(12)).reopened == ()


def test_undo_goes_back_once_the_act_is_reopened(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    prepare(book)
    bring(book, "closed")
    reopening.reopen_act(book, C1, Brought("ana", day(12), reason="el pago era de otro cliente"))
    undo_applications(book, today=day(12), application="op/1", date=CUT_OFF, who="ana")
    assert prepare(book, on=day(12)).replaced == (C1,)
    assert books.read.case(book, f"{C1[:-1]}2").case_amount == 150_00


def test_money_on_account_of_a_signed_act_stays_too(book: books.Book) -> None:
    leg = application("op", -1, 40_00, kind="on_account", application_id="op/account")
    apply(book, legs(leg))
    prepare(book)
    assert books.read.case(book, C1).case_amount == 110_00
    bring(book, "signed_us")
    with pytest.raises(PostingRefusedError) as refused:
        undo_applications(book, today=day(12), application="op/account", date=CUT_OFF, who="ana")
    assert cause_of(refused) == "reversal-in-signed-act"


def test_an_act_of_another_customer_or_currency_does_not_hold_an_undo_back(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    prepare(book)
    bring(book, "closed", C2)
    bring(book, "closed", C3)
    bring(book, "agreed")
    undo_applications(book, today=day(12), application="op/1", date=CUT_OFF, who="ana")


def test_coverage_in_the_book(book: books.Book) -> None:
    prepare(book)
    bring(book, "closed")
    covered = reopening.cover(book, as_of=CUT_OFF)
    assert dict(zip(covered.customers["customer_id"], covered.customers["coverage"], strict=True)) == {
        "C1": "signed", "C2": "in_progress", "C3": "in_progress",
    }  # fmt: skip
    late_note(book, "2026-10-20")
    assert reopening.cover(book, as_of=CUT_OFF).customers["coverage"].tolist()[0] == "contradicted"


# Lists of customers as answers ------------------------------------------------------------------------------


def compared(*rows: tuple[str, str, int, int | None]) -> pd.DataFrame:
    """Balances of both ledgers: customer, currency, ours, theirs (``None``: no list)."""
    return pd.DataFrame([
        {"company_id": "CO01", "customer_id": customer, "currency": currency,
         "list_date": pd.Timestamp(CUT_OFF), "has_list": theirs is not None, "our_amount": ours,
         "their_amount": theirs or 0}
        for customer, currency, ours, theirs in rows
    ])  # fmt: skip


def found(**more: object) -> dict[str, object]:
    return {"company_id": "CO01", "customer_id": "C1", "currency": "COP", "side": "both",
            "cause": "withholding", "document_id": "F1/2026/001", "reference": "", "their_number": "F1",
            "our_amount": 100_00, "their_amount": 90_00, "difference_amount": 10_00, "owner": "tax",
            "due_date": pd.Timestamp(2026, 11, 30), "difference_id": "d1", **more}  # fmt: skip


def test_a_list_that_a_customer_sent_answers_its_act_with_every_difference(book: books.Book) -> None:
    prepare(book)
    for one in (C1, C2, C3):
        send(book, one)
    balances = compared(
        ("C1", "COP", 150_00, 147_00), ("C2", "COP", 100_00, 100_00), ("C3", "USD", 20_00, None)
    )
    only_theirs = found(
        side="theirs", our_amount=0, their_amount=7_00, difference_amount=-7_00, difference_id="d2"
    )
    differences = pd.DataFrame([found(), only_theirs])
    said = {"as_of": CUT_OFF, "who": "ana", "on": day(5)}
    done = answers.answer_from_lists(book, balances, differences, **said)
    assert (done.agrees, done.differs, done.other) == ((C2,), (C1,), ())
    assert [state_of(book, one) for one in (C1, C2, C3)] == ["in_analysis", "responded", "sent"]
    event = books.read.case(book, C1).last("analyse")
    assert event is not None
    first, second = event.content["differences"]  # type: ignore[misc]  # a list of two
    assert (first["ours"], first["theirs"], first["amount"]) == (100_00, 90_00, 10_00)
    assert ("ours" in second, second["amount"]) == (False, -7_00)
    assert moving.agree(book, C1, Brought("ana", day(6)), actions=ACTIONS) == "agreed"
    assert answers.answer_from_lists(book, balances, differences, **said).agrees == ()


def test_equal_balances_of_unequal_documents_go_into_the_act_as_differences(book: books.Book) -> None:
    prepare(book)
    send(book)
    only_theirs = found(
        side="theirs", our_amount=0, their_amount=10_00, difference_amount=-10_00, difference_id="d2"
    )
    balances = compared(("C1", "COP", 150_00, 150_00))
    differences = pd.DataFrame([found(), only_theirs])
    done = answers.answer_from_lists(book, balances, differences, as_of=CUT_OFF, who="ana", on=day(5))
    assert (done.agrees, state_of(book)) == ((C1,), "in_analysis")
    with pytest.raises(MoveRefusedError) as refused:
        moving.agree(book, C1, Brought("ana", day(6)))
    assert cause_of(refused) == "act-without-actions"


def test_a_list_compared_with_another_balance_answers_nothing(book: books.Book) -> None:
    prepare(book)
    send(book)
    other = answers.answer_from_lists(
        book,
        compared(("C1", "COP", 130_00, 130_00)),
        pd.DataFrame([found()]),
        as_of=CUT_OFF,
        who="ana",
        on=day(5),
    )
    assert (other.other, state_of(book)) == ((C1,), "sent")


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (("F1/2026/001", "F1/2026/002"), ["FE1 /001", "FE1 /002"]),
        (("F1/2026/001", "F2/2026/001"), ["FE1 · F1/2026/001", "FE1 · F2/2026/001"]),
    ],
)
def test_items_of_one_reference_are_told_apart(
    book: books.Book, ids: tuple[str, ...], shown: list[str]
) -> None:
    prepare(book)
    case = books.read.case(book, C1)
    notes = [json.dumps({**json.loads(one.note), "reference": "FE1"}) for one in case.items]
    items = tuple(
        replace(one, item_id=name, note=note) for one, name, note in zip(case.items, ids, notes, strict=True)
    )
    assert [one.document for one in act_page(replace(case, items=items)).open_items] == shown
    alone = replace(items[0], item_amount=case.case_amount)
    assert [one.document for one in act_page(replace(case, items=(alone,))).open_items] == ["FE1"]
