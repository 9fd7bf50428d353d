"""What undo says of its date: which one it took, which months get the money back, which one it could be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import application, legs
from deciding_world import TODAY, make_book

from workbench.book.postings import apply, close_through
from workbench.cli import main
from workbench.commands import deciding


@pytest.fixture(autouse=True)
def _third_of_november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "today", lambda: TODAY)


def undone(folder: Path, capsys: pytest.CaptureFixture[str], *more: str, closed: str = "") -> str:
    book = make_book(folder)
    apply(book, legs(application("op", 1, 60_00)))  # of 5 October
    if closed:
        close_through(book, "CO01", dt.date.fromisoformat(closed), who="luis")
    assert main(["undo", "--receipt", "R1", "--book", book.url, "--lang", "es", *more]) == 0
    return capsys.readouterr().out


def test_undo_of_an_earlier_month_says_that_its_runs_do_not_get_it_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = undone(tmp_path, capsys)
    assert "sin --date es hoy" in said
    assert "no en las de 2026-10" in said
    assert "dé --date 2026-10-31" in said


def test_undo_offers_no_day_in_a_closed_month(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = undone(tmp_path, capsys, closed="2026-10-31")
    assert "no en las de 2026-10" in said
    assert "dé --date" not in said


def test_undo_on_a_day_of_the_month_gives_its_runs_the_money_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = undone(tmp_path, capsys, "--date", "2026-10-31")
    assert "2026-10-31, la fecha que dio" in said
    assert "La corrida de 2026-10 lo vuelve a ver sin aplicar" in said
