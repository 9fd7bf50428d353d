"""A case moves as its machine says, by two people, and its moves stay; a refusal says what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from book_world import new_book

from workbench.book import Book, read
from workbench.book.audit import verify
from workbench.book.cases_in import Also, move_case, open_case
from workbench.book.stored_files import read_file, store_file
from workbench.cases import Brought, Case, CaseItem, Machine, Move, NewCase
from workbench.errors import MoveRefusedError, PostingRefusedError
from workbench.policy import Accounts

DAY = dt.date(2026, 10, 31)
TRANSFER = Machine(
    "trial",
    "draft",
    (
        Move("submit", frozenset({"draft"}), "submitted", needs=("owner",)),
        Move(
            "approve", frozenset({"submitted"}), "approved", unlike=("open", "submit"), roles=("controller",)
        ),
        Move("reject", frozenset({"submitted"}), "draft", needs=("reason",)),
    ),
)


@pytest.fixture
def book(tmp_path: Path, database: str) -> Book:
    return new_book(tmp_path, database=database)


def _open(book: Book) -> bool:
    return open_case(
        book, TRANSFER, NewCase("T-1", "CO01", {"why": "old"}, "C1", "COP", "2026-10", DAY, "", 1_500,
                                [CaseItem("document", 7, "FV-7", "COP", 1_500)]), who="ana", on=DAY,
    )  # fmt: skip


def _move(book: Book, move: str, who: str = "ana", *, also: Also | None = None, **more: Any) -> str:
    return move_case(book, TRANSFER, read.case(book, "T-1"), move, Brought(who, DAY, **more), also=also)


def test_a_case_opened_again_changes_nothing_and_otherwise_is_refused(book: Book) -> None:
    assert _open(book)
    assert not _open(book)
    with pytest.raises(PostingRefusedError, match="T-1"):
        open_case(book, TRANSFER, NewCase("T-1", "CO01", {"why": "new"}), who="ana", on=DAY)
    (row,) = read.cases(book, "CO01").to_dict("records")
    assert (row["state"], row["events"], row["case_amount"], row["opened_by"]) == ("draft", 1, 1_500, "ana")
    assert read.case_items(book, kind="trial")["item_id"].tolist() == ["FV-7"]


def test_moves_are_kept_in_order_and_one_operation_counts_once(book: Book) -> None:
    _open(book)
    draft, brought = read.case(book, "T-1"), Brought("ana", DAY, content={"owner": "ana"})
    for _ in range(2):
        assert move_case(book, TRANSFER, draft, "submit", brought) == "submitted"
    assert _move(book, "approve", "carla", role="controller") == "approved"
    events = read.case_events(book)
    assert events[["number", "move", "state", "who"]].to_numpy().tolist() == [
        [1, "open", "draft", "ana"],
        [2, "submit", "submitted", "ana"],
        [3, "approve", "approved", "carla"],
    ]
    case = read.case(book, "T-1")
    assert isinstance(case, Case)
    assert (case.state, case.as_of, case.events[1].content) == ("approved", DAY, {"owner": "ana"})
    assert case.items[0].item_amount == 1_500
    assert [one for one in verify(book) if not one.ok] == []


@pytest.mark.parametrize(
    ("rule", "move", "who", "more"),
    [
        ("case-move-unknown", "sign", "ana", {}),
        ("case-move-not-from-here", "approve", "carla", {"role": "controller"}),
        ("case-move-by-nobody", "submit", "", {"content": {"owner": "ana"}}),
        ("case-move-lacks", "submit", "ana", {}),
        ("case-move-lacks", "submit", "ana", {"content": {"owner": ""}}),
    ],
)
def test_a_draft_refuses_what_is_not_its_turn(
    book: Book, rule: str, move: str, who: str, more: dict[str, object]
) -> None:
    _open(book)
    with pytest.raises(MoveRefusedError) as refused:
        _move(book, move, who, **more)
    assert refused.value.cause == rule
    assert len(read.case_events(book)) == 1


@pytest.mark.parametrize(
    ("rule", "who", "role"),
    [
        ("case-move-role", "carla", "analyst"),
        ("case-move-same-person", "ana", "controller"),
        ("case-move-same-person", "luis", "controller"),
    ],
)
def test_who_prepared_or_submitted_does_not_approve(book: Book, rule: str, who: str, role: str) -> None:
    _open(book)
    _move(book, "submit", "luis", content={"owner": "ana"})
    with pytest.raises(MoveRefusedError) as refused:
        _move(book, "approve", who, role=role)
    assert refused.value.cause == rule
    assert "{" not in str(refused.value)


def test_a_case_is_told_as_it_was_known_then(book: Book) -> None:
    _open(book)
    before = book.clock() + dt.timedelta(hours=1)
    book.clock.now = before + dt.timedelta(days=1)  # type: ignore[attr-defined]  # the trial's own clock
    _move(book, "submit", content={"owner": "ana"})
    assert read.cases(book)["state"].tolist() == ["submitted"]
    assert read.cases(book, known_at=before)["state"].tolist() == ["draft"]


def test_what_belongs_to_a_move_is_written_with_it_or_not_at_all(book: Book) -> None:
    _open(book)

    def fails(_posting: object, case: Case) -> None:
        assert case.state == "draft"
        raise PostingRefusedError("case-unknown", case="other")

    with pytest.raises(PostingRefusedError):
        _move(book, "submit", content={"owner": "ana"}, also=fails)
    assert read.cases(book)["state"].tolist() == ["draft"]


def test_a_kept_file_comes_back_whole_and_stands_once(book: Book) -> None:
    content = bytes(range(256)) * 4_000  # in several parts
    sha256 = store_file(book, "acta.pdf", "application/pdf", content, who="ana")
    assert store_file(book, "otra.pdf", "application/pdf", content, who="luis") == sha256
    kept = read_file(book, sha256)
    assert (kept.content, kept.file) == (content, "acta.pdf")
    with pytest.raises(PostingRefusedError):
        read_file(book, "0" * 64)
    with pytest.raises(PostingRefusedError):
        store_file(book, "vacio.pdf", "application/pdf", b"")
    assert [one for one in verify(book) if not one.ok] == []


def test_accounts_are_texts_of_digits() -> None:
    assert all(value.isdigit() and len(value) == 6 for value in vars(Accounts()).values())


def test_an_approval_dated_before_what_it_approves_is_refused(book: Book) -> None:
    _open(book)
    _move(book, "submit", content={"owner": "ana"})
    early = Brought("eva", DAY - dt.timedelta(days=1), "controller")
    with pytest.raises(MoveRefusedError) as refused:
        move_case(book, TRANSFER, read.case(book, "T-1"), "approve", early)
    assert refused.value.cause == "case-move-before"
    assert [refused.value.values[name] for name in ("given_day", "earlier_day")] == [
        "2026-10-30",
        "2026-10-31",
    ]
    assert move_case(book, TRANSFER, read.case(book, "T-1"), "approve", replace(early, on=DAY)) == "approved"
