"""``workbench export``: one JSON object, exit codes, and no file that the book does not know of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from book_world import application, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench import cli
from workbench.book.postings import apply
from workbench.errors import PostingRefusedError


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    book = new_book(tmp_path)
    import_items(book, {})
    import_receipts(book, {})
    apply(book, legs(application("op", 1, 100_00)))
    return book


def export(
    book: books.Book, root: Path, out: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, Any]:
    code = cli.main(["export", "--period", "2026-10", "--out", str(out), "--book", book.url, "--json",
                     "--parameters", str(root / "parameters"), *more])  # fmt: skip
    return code, json.loads(capsys.readouterr().out)


def test_what_left_is_one_json_object_and_a_second_time_nothing_is_new(
    book: books.Book, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = export(book, root, tmp_path / "out", capsys)
    assert code == 0
    assert set(told) == {
        "file", "sha256", "status", "documents", "lines", "applications", "sums", "findings",
    }  # fmt: skip
    assert (told["status"], told["documents"], told["lines"], told["sums"]) == (
        "exported",
        1,
        2,
        {"COP": "100.00"},
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == [Path(told["file"]).name]
    code, told = export(book, root, tmp_path / "out", capsys)
    assert (code, told["status"], told["file"]) == (0, "nothing-new", "")


def test_what_the_erp_cleared_by_itself_is_a_finding_and_code_three(
    book: books.Book, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_items(book, {"open_amount": 0}, source="later")
    code, told = export(book, root, tmp_path / "out", capsys)
    assert (code, told["status"]) == (3, "nothing-new")
    assert [one["rule"] for one in told["findings"]] == ["posting-already-cleared"]
    assert all(one["message"] and one["remedy"] for one in told["findings"])


def test_an_unknown_layout_and_a_wrong_period_are_refused(
    book: books.Book, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(book, root, tmp_path / "out", capsys, "--layout", "nope")[0] == 2
    assert export(book, root, tmp_path / "out", capsys, "--period", "2026-13")[0] == 2
    assert not (tmp_path / "out").exists()


def test_a_file_that_the_book_refused_to_note_is_not_left_behind(
    book: books.Book,
    root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> int:
        raise PostingRefusedError("export-already-made", document="WB1", application="op/1")

    monkeypatch.setattr(books.postings, "record_export", refused)
    code = cli.main(["export", "--period", "2026-10", "--out", str(tmp_path / "out"), "--book", book.url,
                     "--parameters", str(root / "parameters")])  # fmt: skip
    assert code == 2
    assert list((tmp_path / "out").iterdir()) == []
