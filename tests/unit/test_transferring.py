"""The over-180 control through the book: transfers, their reversals, old credits, exceptions, hand-overs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from book_world import RATE, application, faults, import_items, import_receipts, import_rows, legs
from over_180_world import (
    OCTOBER,
    POLICY,
    TODAY,
    account,
    file_of,
    make_book,
    move,
    open_items,
    posted,
    transferred,
)

from workbench import book as books
from workbench import credit_notes, ledger, over_180, transferring
from workbench.errors import MissingRateError, PeriodClosedError, PostingRefusedError
from workbench.tables import CUSTOMERS
from workbench.transferring import moving
from workbench.transferring.old_credits import find_old_credit

OVER = POLICY.accounts.over_180


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return make_book(tmp_path, database)


def _cause(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises((PostingRefusedError, PeriodClosedError, MissingRateError)) as refused:
        call(*arguments, **options)
    return str(refused.value.cause)


def _held(book: books.Book) -> Any:
    read = books.read
    return over_180.transferred_items(read.cases(book), read.case_events(book), read.case_items(book))


def _back(book: books.Book) -> list[str]:
    return transferring.propose_reversals(book, policy=POLICY, as_of=TODAY, who="ana", on=TODAY)


def test_each_customer_and_currency_has_a_transfer_and_a_repeat_proposes_nothing(book: books.Book) -> None:
    def propose() -> list[str]:
        return transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)

    assert len(propose()) == 2  # pesos and dollars
    assert propose() == []
    cases = books.read.cases(book).set_index("currency")
    assert cases.loc["COP", "case_amount"] == 140_00  # what is not due for 180 days and the credit stay
    assert cases.loc["USD", "case_amount"] == 30_00


def test_another_person_approves_and_the_posting_proposes_its_entry(book: books.Book) -> None:
    case_id = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)[0]
    assert _cause(move, book, case_id, "approve", "ana", "controller") == "case-move-same-person"
    assert _cause(move, book, case_id, "approve", "sara", "supervisor") == "case-move-role"
    assert _cause(move, book, case_id, "post", "eva") == "case-move-not-from-here"
    assert move(book, case_id, "approve", "eva", "controller") == "approved"
    assert move(book, case_id, "post", "ana") == "transferred"
    assert account(book, OVER) == {"COP": (140_00, 140_00)}
    assert account(book, POLICY.accounts.receivables) == {"COP": (-140_00, -140_00)}
    assert faults(book) == []


def test_what_was_collected_before_the_posting_is_not_transferred(book: books.Book) -> None:
    case_id = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)[0]
    move(book, case_id, "approve", "eva", "controller")
    books.postings.apply(book, legs(application("op", 1, 60_00, effective_date="2026-11-02")))
    assert _cause(move, book, case_id, "post", "ana") == "over-180-changed"
    assert account(book, OVER) == {}
    move(book, case_id, "withdraw", "ana", reason="cobrado")
    again = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)
    assert again == [f"{case_id}/2"]  # October's balance again, under a name of its own


def test_who_collects_between_the_look_and_the_lock_stops_the_posting(
    book: books.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)[0]
    move(book, case_id, "approve", "eva", "controller")
    look = moving.read_open_amounts

    def look_and_be_overtaken(*arguments: Any, **options: Any) -> dict[int, int]:
        seen = look(*arguments, **options)
        books.postings.apply(book, legs(application("op", 1, 60_00, effective_date="2026-11-02")))
        return seen

    monkeypatch.setattr(moving, "read_open_amounts", look_and_be_overtaken)
    assert _cause(move, book, case_id, "post", "ana") == "over-180-changed"
    assert account(book, OVER) == {}


def test_the_part_that_is_collected_goes_back_and_then_the_rest(book: books.Book) -> None:
    case_id = transferred(book)
    assert _back(book) == []
    books.postings.apply(book, legs(application("op", 1, 60_00, effective_date="2026-11-02")))
    assert _back(book) == [case_id]
    assert _cause(move, book, case_id, "post_part", "ana") == "case-move-same-person"
    assert _cause(move, book, case_id, "post_reversal", "eva") == "over-180-back-part"
    assert move(book, case_id, "post_part", "eva") == "transferred"
    assert account(book, OVER) == {"COP": (80_00, 80_00)}
    assert _held(book)["standing_amount"].sum() == 80_00
    posted(book, {1: 0, 2: 0})  # what is given up is no longer owed either
    assert _back(book) == [case_id]
    assert _cause(move, book, case_id, "post_part", "eva") == "over-180-back-whole"
    assert move(book, case_id, "post_reversal", "eva") == "reversed"
    assert account(book, OVER) == {"COP": (0, 0)}
    assert faults(book) == []


def test_a_reversal_can_be_rejected_and_asked_for_again(book: books.Book) -> None:
    case_id = transferred(book)
    books.postings.apply(book, legs(application("op", 1, 60_00, effective_date="2026-11-02")))
    _back(book)
    assert _cause(move, book, case_id, "reject_reversal", "ana", reason="no") == "case-move-same-person"
    assert move(book, case_id, "reject_reversal", "eva", reason="el pago se devuelve") == "transferred"
    asked = {"amounts": {"1": 100_01}}
    assert _cause(move, book, case_id, "propose_reversal", "ana", reason="x", content=asked) == (
        "over-180-back-too-much"
    )
    assert _back(book) == [case_id]


def test_dollars_go_at_the_rate_that_the_books_hold_them_at_and_come_back_at_the_same(
    book: books.Book,
) -> None:
    """Of 2026-01-01 at 4,000; that the dollar is at 4,300 on the day of the transfer makes no difference."""
    import_rows(
        book, "rates", RATE,
        {"valid_from": "2026-11-01", "valid_through": "2026-12-31", "rate": RATE["rate"] * 43 // 40},
        source="trm",
    )  # fmt: skip
    ids = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)
    case_id = next(one for one in ids if "/USD/" in one)
    move(book, case_id, "approve", "eva", "controller")
    move(book, case_id, "post", "ana")
    assert account(book, OVER) == {"USD": (30_00, 120_000_00)}
    third = {"amounts": {"4": 10_01}}
    move(book, case_id, "propose_reversal", "ana", reason="abono", content=third)
    move(book, case_id, "post_part", "eva")
    assert account(book, OVER) == {"USD": (19_99, 79_960_00)}
    rest = {"amounts": {"4": 19_99}}
    move(book, case_id, "propose_reversal", "ana", reason="pago", content=rest)
    move(book, case_id, "post_reversal", "eva")
    assert account(book, OVER) == {"USD": (0, 0)}


def test_dollars_older_than_the_first_rate_are_not_transferred(tmp_path: Path) -> None:
    """Of 2025-06-01, with rates from 2026-01-01 on: at what the books hold them nobody has said."""
    book = make_book(tmp_path)
    older = {"document_number": "1700001", "document_date": "2025-06-01", "due_date": "2025-07-01"}
    import_items(book, {**older, "original_amount": 10_00, "open_amount": 10_00, "currency": "USD"})
    ids = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)
    case_id = next(one for one in ids if "/USD/" in one)
    move(book, case_id, "approve", "eva", "controller")
    with pytest.raises(MissingRateError) as refused:
        move(book, case_id, "post", "ana")
    assert (refused.value.cause, refused.value.values["on"]) == ("rate-missing", "2025-06-01")
    assert (account(book, OVER), books.read.case(book, case_id).state) == ({}, "approved")


def test_no_entry_is_proposed_in_a_locked_period(book: books.Book) -> None:
    case_id = transferring.propose_transfers(book, policy=POLICY, period=OCTOBER, who="ana", on=TODAY)[0]
    move(book, case_id, "approve", "eva", "controller")
    books.postings.close_through(book, "CO01", dt.date(2026, 11, 30))
    assert _cause(move, book, case_id, "post", "ana") == "period-closed-posting"
    assert books.read.case(book, case_id).state == "approved"


def _credit(book: books.Book) -> dict[str, object]:
    """The old credit note of the small book, as the list has it."""
    receipts = ledger.unapplied_receipts(
        books.read.receipts(book), books.read.applications(book), books.read.reversals(book), as_of=TODAY
    )
    listed = credit_notes.list_old_credits(open_items(book), receipts, CUSTOMERS.empty(), as_of=TODAY)
    assert listed["document_id"].tolist() == ["1800005/2026/001"]
    return dict(listed.iloc[0])


def _propose(book: books.Book, action: str) -> str:
    return transferring.propose_credit(
        book, _credit(book), policy=POLICY, action=action, owner="S1", evidence="estado de cuenta", who="ana",
        on=TODAY,
    )  # fmt: skip


def test_an_old_credit_is_refunded_on_proof_by_a_controller(book: books.Book) -> None:
    case_id = _propose(book, "refund")
    assert _cause(_propose, book, "transfer") == "over-180-already"
    assert _cause(move, book, case_id, "approve", "sara", "supervisor") == "case-move-role"
    said = {"content": {"role": "controller"}, "file_sha256": file_of(book)}
    assert _cause(move, book, case_id, "approve", "eva", **said) == "case-move-role"
    assert _cause(move, book, case_id, "approve", "eva", "controller") == "case-move-lacks"
    assert _cause(move, book, case_id, "approve", "ana", "controller", file_sha256=file_of(book)) == (
        "case-move-same-person"
    )
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    assert move(book, case_id, "settle", "eva") == "settled"
    assert account(book, POLICY.accounts.bank) == {"COP": (-20_00, -20_00)}
    assert account(book, POLICY.accounts.receivables) == {"COP": (20_00, 20_00)}


def test_a_credit_to_be_applied_is_settled_once_it_is_gone(book: books.Book) -> None:
    case_id = _propose(book, "apply")
    move(book, case_id, "approve", "sara", "supervisor")
    assert _cause(move, book, case_id, "settle", "eva") == "old-credit-not-settled"
    pair = legs(
        application("set", 2, 20_00, receipt_key=-1, kind="credit_note", effective_date="2026-11-02"),
        application("set", 5, -20_00, receipt_key=-1, kind="credit_note", effective_date="2026-11-02"),
    )
    books.postings.apply(book, pair)
    assert move(book, case_id, "settle", "eva") == "settled"
    assert books.read.journal_lines(book).empty  # the application itself leaves for the ERP


def test_old_cash_that_is_nobodys_or_on_account_is_moved_with_its_entry(book: books.Book) -> None:
    old = {"receipt_date": "2026-01-10", "received_amount": 25_00}
    import_receipts(
        book, {"receipt_id": "D1", "customer_id": "", **old}, {"receipt_id": "D2", **old},
        on=dt.date(2026, 1, 31),
    )  # fmt: skip
    keys = books.read.receipts(book).set_index("receipt_id")["receipt_key"]
    whole = {"receipt_key": int(keys["D2"]), "kind": "on_account", "effective_date": "2026-01-10"}
    books.postings.apply(book, legs(application("acc", -1, 25_00, **whole)))
    for name, action, debit in (("D1", "transfer", "advances"), ("D2", "refund", "receivables")):
        found = find_old_credit(book, name, as_of=TODAY, policy=POLICY)
        case_id = transferring.propose_credit(
            book, found, policy=POLICY, action=action, owner="S1", evidence="extracto", who="ana", on=TODAY
        )
        move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
        assert move(book, case_id, "settle", "eva") == "settled"
        assert account(book, getattr(POLICY.accounts, debit)) == {"COP": (25_00, 25_00)}
    assert account(book, POLICY.accounts.old_credits) == {"COP": (-25_00, -25_00)}
    assert account(book, POLICY.accounts.bank) == {"COP": (-25_00, -25_00)}


def test_money_on_account_that_was_used_since_is_not_refunded(book: books.Book) -> None:
    old = {"receipt_id": "D2", "receipt_date": "2026-01-10", "received_amount": 25_00}
    import_receipts(book, old, on=dt.date(2026, 1, 31))
    key = int(books.read.receipts(book).set_index("receipt_id")["receipt_key"]["D2"])
    whole = {"receipt_key": key, "kind": "on_account", "effective_date": "2026-01-10"}
    leg = legs(application("acc", -1, 25_00, **whole))
    books.postings.apply(book, leg)
    case_id = transferring.propose_credit(
        book, find_old_credit(book, "D2", as_of=TODAY, policy=POLICY), policy=POLICY, action="refund",
        owner="S1", evidence="extracto", who="ana", on=TODAY,
    )  # fmt: skip
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    books.postings.reverse(
        book, leg["application_id"].tolist(), effective_date=TODAY, reason="se aplica", operation_id="back"
    )
    assert _cause(move, book, case_id, "settle", "eva") == "old-credit-not-settled"


def test_who_uses_the_credit_between_the_look_and_the_lock_stops_the_refund(
    book: books.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = _propose(book, "refund")
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    look = books.read.rates

    def look_and_be_overtaken(*arguments: Any, **options: Any) -> Any:
        set_off = {"receipt_key": -1, "kind": "credit_note", "effective_date": "2026-11-02"}
        books.postings.apply(
            book, legs(application("set", 2, 20_00, **set_off), application("set", 5, -20_00, **set_off))
        )
        return look(*arguments, **options)

    monkeypatch.setattr(books.read, "rates", look_and_be_overtaken)
    assert _cause(move, book, case_id, "settle", "eva") == "old-credit-not-settled"
    assert account(book, POLICY.accounts.bank) == {}


def test_a_proposal_for_a_credit_says_who_and_why(book: books.Book) -> None:
    credit = _credit(book)
    options: dict[str, Any] = {"policy": POLICY, "who": "ana", "on": TODAY}
    propose = transferring.propose_credit
    assert _cause(propose, book, credit, action="keep", owner="S1", evidence="x", **options) == (
        "old-credit-action-unknown"
    )
    assert (
        _cause(propose, book, credit, action="refund", owner="", evidence="x", **options)
        == "old-credit-lacks"
    )


def test_an_exception_is_approved_with_its_proof_and_read_by_the_provision(book: books.Book) -> None:
    options: dict[str, Any] = {
        "policy": POLICY,
        "company": "CO01",
        "customer": "C1",
        "who": "ana",
        "on": TODAY,
    }
    told = {"reason": "insured", "rate_permille": 100, "valid_through": dt.date(2026, 12, 31)}
    assert _cause(transferring.request_exception, book, **options, **{**told, "reason": "friend"}) == (
        "exception-content-wrong"
    )
    case_id = transferring.request_exception(book, **options, **told)
    assert _cause(move, book, case_id, "approve", "eva", "controller") == "case-move-lacks"
    move(book, case_id, "approve", "eva", "controller", file_sha256=file_of(book))
    found = over_180.exceptions_of_cases(books.read.cases(book), books.read.case_events(book))
    assert [(one.customer_id, one.rate_permille, one.approved_by) for one in found] == [("C1", 100, "eva")]
    assert _cause(move, book, case_id, "expire", "ana", on=dt.date(2026, 12, 31)) == "exception-not-expired"
    assert move(book, case_id, "expire", "ana", on=dt.date(2027, 1, 1)) == "expired"
    assert over_180.exceptions_of_cases(books.read.cases(book), books.read.case_events(book)) == ()


def test_a_hand_over_and_a_plan_hold_their_documents(book: books.Book) -> None:
    handed = transferring.propose_hand_over(
        book, [1, 2], policy=POLICY, reason="demanda", who="ana", on=TODAY
    )
    move(book, handed, "hand_to_lawyers", "eva", "controller", file_sha256=file_of(book))
    read = books.read
    told = over_180.handed_over_items(read.cases(book), read.case_items(book))
    assert dict(zip(told["document_key"], told["state"], strict=True)) == {1: "in_legal", 2: "in_legal"}
    options: dict[str, Any] = {"policy": POLICY, "who": "ana", "on": TODAY, "owner": "Marta",
                               "plan": "Nota", "plan_date": dt.date(2026, 11, 20)}  # fmt: skip
    assert _cause(transferring.plan_collection, book, [3], cause="ZZZ", **options) == "over-180-cause-unknown"
    assert _cause(transferring.plan_collection, book, [3, 4], cause="PRC", **options) == "over-180-of-several"
    plan = transferring.plan_collection(book, [3], cause="PRC", **options)
    revised = {"owner": "Marta", "cause": "DOC", "plan": "Acta", "plan_date": "2026-11-25"}
    move(book, plan, "revise", "ana", content=revised, reason="faltaba el acta")
    plans = over_180.plans_of_cases(read.cases(book), read.case_events(book), read.case_items(book))
    assert plans[["document_key", "cause", "plan"]].iloc[0].tolist() == [3, "DOC", "Acta"]
