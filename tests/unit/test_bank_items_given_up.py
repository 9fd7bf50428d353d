"""What a bank item may not be given up for, and what is taken back when it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from book_world import import_receipts, import_receipts_as
from reconciling_world import ACCOUNT, COMPANY, POLICY, TODAY, bank_book

from workbench import moves, words
from workbench.book import Book, read
from workbench.book.audit import verify
from workbench.book.cases_in import move_case
from workbench.calendar import Period
from workbench.cases import Brought
from workbench.errors import MoveRefusedError
from workbench.policy import Policy
from workbench.reconciling import clearing


@pytest.fixture
def book(tmp_path: Path, database: str) -> Book:
    return bank_book(tmp_path, database=database)


def plan(book: Book, month: str) -> tuple[int, int]:
    return clearing.open_items(
        book, company=COMPANY, as_of=Period.parse(month).last_day, policy=POLICY, who="ana", on=TODAY
    )


def given_up(book: Book, line: str, policy: Policy = POLICY, who: str = "carla") -> str:
    """The item of that line, asked for by ana and approved."""
    items = read.case_items(book, kind="bank_item")
    case_id = str(items.loc[items["item_id"].eq(line), "case_id"].iat[0])
    if read.case(book, case_id).state != "write_off_asked":
        moves.move(book, case_id, "ask_write_off", Brought("ana", TODAY, reason="menor"), policy=policy)
    moves.move(book, case_id, "approve_write_off", Brought(who, TODAY, "controller"), policy=policy)
    return case_id


def refusal_of(call: Callable[..., object], *arguments: Any, **options: Any) -> MoveRefusedError:
    with pytest.raises(MoveRefusedError) as refused:
        call(*arguments, **options)
    return refused.value


def test_a_deposit_that_is_a_receipt_is_never_given_up_as_income(book: Book) -> None:
    """Its money could still pay an invoice: it would be counted twice."""
    plan(book, "2026-10")
    refused = refusal_of(given_up, book, "B5")
    assert (refused.cause, refused.values["receipt"]) == ("bank-item-is-receipt", "B5")
    assert read.journal_lines(book).empty
    assert "write_off_asked" in set(read.cases(book, kind="bank_item")["state"])
    for lang in words.LANGUAGES:
        assert "B5" in words.sentence(refused.cause, refused.values, lang)
    assert given_up(book, "A6")  # a line of the books alone is no receipt


@pytest.mark.parametrize(
    ("said", "is_same"),
    [
        ({}, True),  # the bank's own number for it
        ({"received_amount": 5_49}, False),
        ({"receipt_date": "2026-10-22"}, False),
        ({"receipt_id": "INT7", "receipt_date": "2026-10-22"}, True),  # named by the line's reference
        ({"receipt_id": "INT7", "received_amount": 6_00}, False),
        ({"account_id": "BANK-1", "received_amount": 6_00}, True),  # the line's own number in its account
        ({"account_id": "BANK-1", "receipt_date": "2025-10-21"}, False),  # of another year
        ({"account_id": "BANK-2"}, False),
        ({"receipt_id": "INT7", "account_id": "BANK-2"}, False),
    ],
)
def test_a_receipt_of_a_file_is_the_same_money_by_its_number_or_the_lines_reference(
    tmp_path: Path, database: str, said: dict[str, Any], is_same: bool
) -> None:
    book = bank_book(tmp_path, database=database)
    import_receipts(
        book, {"receipt_id": "B7", "receipt_date": "2026-10-21", "received_amount": 5_50, **said}, on=TODAY
    )
    plan(book, "2026-10")
    if is_same:
        assert refusal_of(given_up, book, "B7").cause == "bank-item-is-receipt"
    else:
        assert given_up(book, "B7")


def test_who_imports_the_cash_approves_no_bank_item_away(book: Book) -> None:
    plan(book, "2026-10")
    import_receipts_as(book, "bruno")
    for written in ("bruno", "Bruno "):
        refused = refusal_of(given_up, book, "A6", who=written)
        assert refused.cause == "bank-item-by-importer"
    assert read.journal_lines(book).empty
    assert given_up(book, "A6")


def test_an_item_opened_again_leaves_nothing_on_the_account_that_it_was_booked_to(book: Book) -> None:
    """Also where the organisation has given the bank account another number since."""
    moved_on = replace(
        POLICY, reconciliation=replace(POLICY.reconciliation, ledger_accounts=((ACCOUNT, "111099"),))
    )
    plan(book, "2026-10")
    case_id = given_up(book, "B7")
    again = Brought("carla", TODAY, "controller", reason="era otra cosa")
    assert moves.move(book, case_id, "reopen", again, policy=moved_on) == "open"
    lines = read.journal_lines(book)
    assert lines.groupby("account")[["entry_amount", "base_amount"]].sum().to_numpy().tolist() == [[0, 0]] * 2
    assert set(lines["account"]) == {POLICY.accounts.bank, POLICY.accounts.bank_item_income}
    assert [one for one in verify(book) if not one.ok] == []
    given_up(book, "B7", moved_on)
    assert "111099" in set(read.journal_lines(book)["account"])


def test_an_item_given_up_without_an_entry_opens_again_without_one(book: Book) -> None:
    """As books have it from before such an item was booked."""
    plan(book, "2026-10")
    items = read.case_items(book, kind="bank_item")
    case_id = str(items.loc[items["item_id"].eq("B7"), "case_id"].iat[0])
    for name, who in (("ask_write_off", "ana"), ("approve_write_off", "carla")):
        brought = Brought(who, TODAY, "controller", reason="menor")
        move_case(book, clearing.MACHINE, read.case(book, case_id), name, brought)
    again = Brought("carla", TODAY, "controller", reason="era otra cosa")
    assert moves.move(book, case_id, "reopen", again, policy=POLICY) == "open"
    assert read.journal_lines(book).empty
