"""A run beside the ERP: its control account is a tie-out where a balance was given, its answers are shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from book_world import application, import_items, import_receipts, import_rows, legs, new_book

from workbench import book as books
from workbench import exports, ledger, runs
from workbench.book.postings import apply
from workbench.calendar import Period
from workbench.errors import TieOutError

BALANCE = {"company_id": "CO01", "account_id": "130505", "balance_date": "2026-10-31", "currency": "COP",
           "balance_amount": 0}  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> books.Book:
    """An invoice of 100.00 with 40.00 applied: 60.00 open, 40.00 pending, 100.00 in the ERP."""
    monkeypatch.chdir(root)
    book = new_book(tmp_path)
    monkeypatch.setenv("WORKBENCH_BOOK", book.url)
    import_items(book, {})
    import_receipts(book, {"received_amount": 40_00})
    apply(book, legs(application("op", 1, 40_00)))
    return book


def tie_out(shown: list[Any] | None = None, made: list[Any] | None = None) -> Any:
    """A run to its tie-out with the ERP; ``shown`` takes what it shows, ``made`` the run, should it stop."""
    run = runs.start("aging_review", period="2026-10")
    if made is not None:
        made.append(run)
    if shown is not None:
        run.show = lambda thing, **_: shown.append(thing)  # type: ignore[method-assign]  # looked at, not drawn
    names = ("documents", "observations", "clearings", "applications", "reversals")
    facts = {name: run.read(name) for name in names}
    items = ledger.open_items_as_of(*facts.values(), as_of=run.as_of)
    run.tie_out_with_erp(items, facts["observations"])
    return run


def tied(run: Any) -> list[tuple[str, object, bool]]:
    return [(tie["name"], tie["expected"], tie["passed"]) for tie in run._state.tie_outs]


def test_without_a_balance_and_without_an_export_nothing_is_said(
    book: books.Book, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tie_out()
    assert tied(run) == []
    assert run.findings.empty
    assert "control_balances" not in {entry["name"] for entry in run._state.inputs}


def test_the_balance_of_the_cut_off_day_is_a_tie_out(book: books.Book) -> None:
    import_rows(book, "control_balances", BALANCE, {"balance_amount": 100_00}, {"balance_date": "2026-09-30"})
    assert tied(tie_out()) == [("control-balance", {"COP": "100.00"}, True)]


def test_a_balance_that_differs_stops_the_run_and_names_the_difference(book: books.Book) -> None:
    import_rows(book, "control_balances", BALANCE, {"balance_amount": 100_01})
    with pytest.raises(TieOutError) as stopped:
        tie_out()
    assert "100,01" in str(stopped.value.values["expected"]) or "100.01" in str(
        stopped.value.values["expected"]
    )


@pytest.mark.parametrize(("is_sent", "reason"), [(False, "applied-not-sent"), (True, "sent-not-confirmed")])
def test_a_balance_that_already_has_what_was_applied_names_it_as_the_cause(
    book: books.Book, root: Path, tmp_path: Path, is_sent: bool, reason: str
) -> None:
    import_rows(book, "control_balances", BALANCE, {"balance_amount": 60_00})
    if is_sent:
        exports.export_postings(
            book, period=Period.parse("2026-10"), layout="generic", out=tmp_path / "out",
            on=dt.date(2026, 10, 29), parameters=root / "parameters",
        )  # fmt: skip
    runs_made: list[Any] = []
    with pytest.raises(TieOutError):
        tie_out(made=runs_made)
    assert runs_made[0].findings["rule"].tolist() == [f"control-account-{reason}"]
    assert runs_made[0].findings["amount"].tolist() == [-40_00]


def test_what_the_erp_contradicts_is_a_finding_of_the_run(
    book: books.Book, root: Path, tmp_path: Path
) -> None:
    exports.export_postings(
        book, period=Period.parse("2026-10"), layout="generic", out=tmp_path / "out",
        on=dt.date(2026, 10, 29), parameters=root / "parameters",
    )  # fmt: skip
    assert tie_out().findings.empty
    import_items(book, {"open_amount": 70_00}, source="later")
    assert tie_out().findings["rule"].tolist() == ["posting-other-amount"]


def test_an_export_asks_for_no_run_again_and_a_run_made_after_it_shows_what_left(
    book: books.Book, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = books.fingerprint(book)
    exported = exports.export_postings(
        book, period=Period.parse("2026-10"), layout="generic", out=tmp_path / "out",
        on=dt.date(2026, 10, 30), parameters=root / "parameters",
    )  # fmt: skip
    assert exported.status == "exported"
    assert books.fingerprint(book) == before
    shown: list[Any] = []
    run = tie_out(shown)
    assert run.findings.empty
    assert [(one["state"].tolist(), one["posted_amount"].tolist()) for one in shown] == [
        (["pending"], [40_00])
    ]
