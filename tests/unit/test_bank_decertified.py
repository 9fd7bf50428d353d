"""Approvals are taken from the months that changed: each by a look of its own, and what was moved is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from book_world import made_once
from reconciling_world import ACCOUNT, COMPANY, POLICY, TODAY, bank_book, import_ledger

from workbench.book import Book, read
from workbench.calendar import Period
from workbench.cases import Brought
from workbench.cli import main
from workbench.errors import BookBusyError
from workbench.reconciling import clearing, reporting

MONTHS = ("2026-08", "2026-09")
#: The move as it is, whatever a test puts in its place.
MOVE = reporting.move_report
AUGUST, SEPTEMBER = (f"bank-report:{COMPANY}:{ACCOUNT}:COP:{month}" for month in MONTHS)


@made_once
def _approved(folder: Path, *, database: str = "sqlite") -> Book:
    """Both months approved; then a line of August comes late."""
    book = bank_book(folder, database=database)
    for month in MONTHS:
        reporting.begin_report(
            book, company=COMPANY, account=ACCOUNT, currency="COP", period=Period.parse(month), policy=POLICY,
            who="ana", on=TODAY,
        )  # fmt: skip
        approve(book, month)
    import_ledger(book, ("2026-08-21", "A9", -20_00, "B2"))
    return book


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return _approved(tmp_path)


def approve(book: Book, month: str) -> None:
    last_day = Period.parse(month).last_day
    clearing.open_items(book, company=COMPANY, as_of=last_day, policy=POLICY, who="ana", on=TODAY)
    case_id = AUGUST if month == MONTHS[0] else SEPTEMBER
    for name, who, role in (
        ("save", "ana", "analyst"), ("submit", "ana", "analyst"), ("approve", "carla", "supervisor"),
    ):  # fmt: skip
        MOVE(book, case_id, name, Brought(who, TODAY, role), policy=POLICY)


def reopen(book: Book, case_id: str) -> None:
    MOVE(book, case_id, "reopen", Brought("carla", TODAY, "supervisor", reason="llegó tarde"), policy=POLICY)


def standing(book: Book) -> dict[str, str]:
    cases = read.cases(book, COMPANY, kind="bank_report")
    return dict(zip(cases["case_id"], cases["state"], strict=True))


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], *, after: int = 0, before: int = 0
) -> None:
    """Somebody acts after, or before, the so manieth move: a fixed route through the race."""
    count = 0

    def move(*arguments: Any, **options: Any) -> str:
        nonlocal count
        count += 1
        if count == before:
            act()
        state = MOVE(*arguments, **options)
        if count == after:
            act()
        return state

    monkeypatch.setattr(reporting, "move_report", move)


def decertify(book: Book, **more: Any) -> list[str]:
    return reporting.decertify_changed(
        book, company=COMPANY, policy=POLICY, who="sistema", on=TODAY, reason="cambió", **more
    )


def test_both_months_are_found_by_their_own_figures(book: Book) -> None:
    assert decertify(book) == [AUGUST, SEPTEMBER]
    assert standing(book) == {AUGUST: "saved", SEPTEMBER: "saved"}
    assert decertify(book) == []


def test_a_month_that_was_approved_anew_meanwhile_keeps_its_approval(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put_right() -> None:
        reopen(book, AUGUST)
        approve(book, "2026-08")

    meanwhile(monkeypatch, put_right, before=1)
    assert decertify(book) == [SEPTEMBER]
    assert standing(book) == {AUGUST: "approved", SEPTEMBER: "saved"}


@pytest.mark.parametrize("moment", [{"after": 1}, {"before": 2}])
def test_a_month_that_somebody_reopened_meanwhile_is_not_told_as_moved(
    book: Book, monkeypatch: pytest.MonkeyPatch, moment: dict[str, int]
) -> None:
    meanwhile(monkeypatch, lambda: reopen(book, SEPTEMBER), **moment)
    assert decertify(book) == [AUGUST]
    assert standing(book) == {AUGUST: "saved", SEPTEMBER: "saved"}


def test_what_was_moved_before_a_refusal_is_told(
    book: Book, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    def refuse() -> None:
        raise BookBusyError

    meanwhile(monkeypatch, refuse, before=2)
    monkeypatch.chdir(root)
    monkeypatch.setenv("WORKBENCH_BOOK", book.url)
    code = main(["bank", "decertify", "--company", COMPANY, "--reason", "cambió", "--json"])
    said = capsys.readouterr()
    assert (code, json.loads(said.out)["rule"]) == (5, "book-busy")
    assert "2026-08" in said.err
    assert "2026-09" not in said.err
    assert standing(book) == {AUGUST: "saved", SEPTEMBER: "approved"}
