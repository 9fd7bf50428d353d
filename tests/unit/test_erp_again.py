"""A posting file asked for once more: what was sent, less what the ERP has confirmed, and a warning."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from book_world import application, faults, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench import exports, words
from workbench.book import read
from workbench.book.postings import apply, reverse
from workbench.calendar import Period

LEFT, ANSWERED = dt.date(2026, 11, 2), dt.date(2026, 11, 4)


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """October: invoices 1 and 2 of 100.00 paid; credit note 3 set off against invoice 4."""
    book = new_book(tmp_path)
    import_items(
        book,
        {"document_number": "1"},
        {"document_number": "2"},
        {"document_number": "3", "original_amount": -30_00, "open_amount": -30_00},
        {"document_number": "4", "original_amount": 30_00, "open_amount": 30_00},
    )
    import_receipts(book, {"received_amount": 200_00})
    apply(book, legs(application("op", 1, 100_00), application("op", 2, 100_00)))
    return book


def leave(
    book: books.Book, folder: Path, root: Path, period: str, on: dt.date = LEFT, **more: Any
) -> exports.Exported:
    return exports.export_postings(
        book, period=Period.parse(period), layout="generic", out=folder / "out", on=on,
        parameters=root / "parameters", **more,
    )  # fmt: skip


def rules(left: exports.Exported) -> list[str]:
    return left.planned.findings["rule"].tolist()


def test_again_is_the_file_that_was_sent_with_what_it_held_of_an_earlier_month(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sent = leave(book, tmp_path, root, "2026-11")
    assert rules(sent) == ["posting-of-earlier-period"]
    again = leave(book, tmp_path, root, "2026-11", again=True)
    assert (again.sha256, again.sums) == (sent.sha256, {"COP": 200_00})
    assert read.erp_export_lines(book)["attempt"].tolist() == [1, 1, 2, 2]
    # It left in the file of November, so there is nothing of October to write again.
    assert leave(book, tmp_path, root, "2026-10", again=True).status == "nothing-new"
    assert not faults(book)


def test_again_warns_that_only_one_of_the_two_files_may_be_loaded(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sent = leave(book, tmp_path, root, "2026-10")
    again = leave(book, tmp_path, root, "2026-10", again=True)
    assert rules(again) == ["posting-sent-again"]
    (said,) = again.to_json()["findings"]
    assert said["level"] == "warning"
    assert Path(sent.file).name in said["message"]
    assert "200,00 COP" in said["message"]
    assert "dos veces" in said["message"]


def test_what_the_erp_has_confirmed_is_not_sent_again_and_is_named(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root, "2026-10")
    import_items(book, {"document_number": "1", "open_amount": 0}, on=ANSWERED, source="later")
    again = leave(book, tmp_path, root, "2026-10", ANSWERED, again=True)
    assert again.sums == {"COP": 100_00}
    assert again.planned.lines["document_number"].tolist() == ["2", ""]
    assert again.planned.lines["posting_amount"].sum() == 0
    assert rules(again) == ["posting-again-confirmed", "posting-sent-again"]
    assert again.planned.findings["key"].tolist()[0].endswith("1")


def test_a_set_off_confirmed_in_part_stays_behind_whole(book: books.Book, tmp_path: Path, root: Path) -> None:
    credit = {"receipt_key": -1, "rule": "billing-reference"}
    apply(book, legs(application("set", 3, -30_00, kind="credit_note", **credit),
                     application("set", 4, 30_00, kind="payment", **credit)))  # fmt: skip
    leave(book, tmp_path, root, "2026-10")
    import_items(book, {"document_number": "4", "original_amount": 30_00, "open_amount": 0},
                 on=ANSWERED, source="later")  # fmt: skip
    again = leave(book, tmp_path, root, "2026-10", ANSWERED, again=True)
    assert again.planned.lines["document_number"].tolist() == ["1", "2", ""]
    assert again.planned.lines.groupby("erp_document")["posting_amount"].sum().tolist() == [0]
    assert rules(again) == ["posting-again-confirmed", "posting-sent-again"]


def test_what_was_reversed_after_it_left_is_in_the_file_still_and_its_reversal_follows(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    sent = leave(book, tmp_path, root, "2026-10")
    reverse(book, ["op/1"], effective_date=dt.date(2026, 10, 30), reason="error", operation_id="undo")
    assert leave(book, tmp_path, root, "2026-10", again=True).sha256 == sent.sha256
    back = leave(book, tmp_path, root, "2026-10")
    assert back.planned.lines["posting"].unique().tolist() == ["reversal"]
    both = leave(book, tmp_path, root, "2026-10", again=True)
    assert both.sums == {"COP": 100_00}
    assert both.planned.lines["posting"].unique().tolist() == ["application", "reversal"]


def test_the_words_of_it_stand_in_both_languages() -> None:
    for rule in ("posting-sent-again", "posting-again-confirmed"):
        for lang in words.LANGUAGES:
            assert words.has_words(f"rules.{rule}.remedy", lang), rule
