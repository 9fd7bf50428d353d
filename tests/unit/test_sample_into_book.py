"""The sample goes into a book whole, also after it was cut off, and never into somebody's own book."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from workbench import book as books
from workbench import intake
from workbench.sample.into_book import fill_book

TODAY = dt.date(2026, 11, 3)


def _fill(url: str, tmp_path: Path, root: Path) -> bool:
    return fill_book(url, tmp_path / "out", through="2026-10", parameters=root / "parameters", today=TODAY)


def test_an_import_that_was_cut_off_is_taken_up(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    real, seen = intake.import_file, []

    def cut_off(*given: object, **more: object) -> object:
        seen.append(given[1])
        if len(seen) > 3:
            raise KeyboardInterrupt
        return real(*given, **more)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(intake, "import_file", cut_off)
    with pytest.raises(KeyboardInterrupt):
        _fill(url, tmp_path, root)
    monkeypatch.setattr(intake, "import_file", real)
    assert _fill(url, tmp_path, root)
    with books.open_book(url) as book:
        listed = next(tmp_path.rglob("imports.csv")).read_text(encoding="utf-8").splitlines()[1:]
        assert len(books.read.batches(book)) == len(listed) > 9
        assert not books.read.receipts(book).empty
    assert not _fill(url, tmp_path, root)


def test_a_book_of_ones_own_is_left_alone(tmp_path: Path, root: Path) -> None:
    url = f"sqlite:///{tmp_path / 'book.sqlite'}"
    customers = tmp_path / "customers.csv"
    customers.write_text("customer_id,customer_name,cluster\n000123,Alimentos Andinos SAS,NORTE\n")
    with books.open_book(url, create=True) as book:
        intake.import_file(book, customers, "customers", parameters=root / "parameters", today=TODAY)
    assert not _fill(url, tmp_path, root)
