"""A booking shown as one line here and payment by payment there is in the book once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import faults, new_book
from camt_files import Made, Movement, Payment, camt

from workbench import book as books
from workbench import intake
from workbench.book import read

TODAY = dt.date(2026, 11, 1)
PAYMENTS = [Payment(30000, "ANDINOS", "FV-1"), Payment(20000, "CARIBE", "FV-2")]
SPLIT = Movement(50000, "R1", payments=PAYMENTS)
WHOLE = Movement(50000, "R1")
OTHER = Movement(-700, "R2", words="COMISION")
MT940 = (
    ":20:S\n:25:CO-BOG-001\n:28C:1/1\n:60F:C261001COP1000,\n:61:2610031003C500,NTRFNONREF//R1\n:86:LOTE\n"
    ":61:2610031003D7,NCHGNONREF//R2\n:86:COMISION\n:62F:C261031COP1493,\n-\n"
)


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return new_book(tmp_path, database=database)


def taken(book: books.Book, folder: Path, text: str, source: str, root: Path) -> intake.ImportResult:
    path = folder / f"{len(list(folder.iterdir()))}.txt"
    path.write_text(text, encoding="utf-8")
    return intake.import_file(book, path, source, today=TODAY, parameters=root / "parameters")


def lines(book: books.Book) -> list[tuple[str, int]]:
    found = read.bank_lines(book)
    return sorted(zip(found["line_id"], found["bank_amount"], strict=True))


@pytest.mark.parametrize("notified_first", [True, False])
@pytest.mark.parametrize("notification_splits", [True, False])
def test_a_notification_and_its_statement_are_the_same_money(
    book: books.Book, tmp_path: Path, root: Path, *, notified_first: bool, notification_splits: bool
) -> None:
    one, other = (SPLIT, WHOLE) if notification_splits else (WHOLE, SPLIT)
    notification = camt(Made([one]), message="054")
    statement = camt(Made([other, OTHER]))
    order = [(notification, "camt054"), (statement, "camt053")]
    results = [
        taken(book, tmp_path, text, source, root)
        for text, source in (order if notified_first else order[::-1])
    ]
    assert sum(amount for _, amount in lines(book)) == 49300
    first_shape = (one if notified_first else other).payments
    named = ["R1/1", "R1/2", "R2"] if first_shape else ["R1", "R2"]
    assert [line_id for line_id, _ in lines(book)] == named
    receipts = read.receipts(book)
    assert receipts["received_amount"].sum() == 50000
    second = results[1]
    assert second.rows_in == second.rows_stored + second.rows_duplicate + second.rows_rejected
    assert second.rows_duplicate == (2 if first_shape else 1)
    assert not {"line-vanished", "key-conflict"} & set(second.findings["rule"])
    assert faults(book) == []


def test_a_statement_of_another_format_meets_the_payments_too(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    taken(book, tmp_path, camt(Made([SPLIT]), message="054"), "camt054", root)
    result = taken(book, tmp_path, MT940, "mt940", root)
    assert (result.rows_stored, result.rows_duplicate) == (1, 2)
    assert sum(amount for _, amount in lines(book)) == 49300


def test_amounts_that_differ_stand_both_and_it_is_said(book: books.Book, tmp_path: Path, root: Path) -> None:
    taken(book, tmp_path, camt(Made([SPLIT]), message="054"), "camt054", root)
    result = taken(book, tmp_path, camt(Made([Movement(60000, "R1")])), "camt053", root)
    assert "batch-shown-otherwise" in result.findings["rule"].tolist()
    assert [amount for _, amount in lines(book)] == [60000, 30000, 20000]


def test_references_that_only_look_alike_are_lines_of_their_own(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    taken(book, tmp_path, camt(Made([Movement(500, "R1"), Movement(5, "X/7")])), "camt053", root)
    alike = Made([Movement(500, "R1/1"), Movement(5, "X"), Movement(1, "R1/02")], first_day="2026-10-05")
    result = taken(book, tmp_path, camt(alike), "camt053", root)
    assert (result.rows_stored, result.rows_duplicate) == (3, 0)


def test_an_interim_report_never_counts_twice(book: books.Book, tmp_path: Path, root: Path) -> None:
    interim = (
        ":20:I\n:25:CO-BOG-001\n:28C:1/1\n:34F:COP0,\n:13D:2610031200-0500\n"
        ":61:2610031003C500,NTRFNONREF//R1\n:86:PAGO\n:90C:1COP500,\n-\n"
    )
    kept_aside = taken(book, tmp_path, interim, "mt942", root)
    assert (kept_aside.rows_stored, kept_aside.rows_rejected) == (0, 1)
    assert lines(book) == []
    for name in ("policy.yaml", "organisation.yaml"):
        (tmp_path / name).write_bytes((root / "parameters" / name).read_bytes())
    (tmp_path / "sources").mkdir()
    shipped = (root / "parameters/sources/mt942.yaml").read_text(encoding="utf-8")
    (tmp_path / "sources/early.yaml").write_text(
        shipped.replace("interim: reject", "interim: accept"), encoding="utf-8"
    )
    (tmp_path / "i.sta").write_text(interim, encoding="utf-8")
    early = intake.import_file(book, tmp_path / "i.sta", "early", today=TODAY, parameters=tmp_path)
    assert early.rows_stored == 1
    final = taken(book, tmp_path, MT940, "mt940", root)
    assert (final.rows_stored, final.rows_duplicate) == (1, 1)
    assert sum(amount for _, amount in lines(book)) == 49300
    assert taken(book, tmp_path, interim + "\n", "mt942", root).rows_stored == 0


def test_one_statement_by_two_formats_with_other_references_is_refused_the_second_time(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    statement = camt(Made([Movement(50000, "CAMT-1"), Movement(-700, "CAMT-2")]))
    assert taken(book, tmp_path, statement, "camt053", root).status == "accepted"
    again = taken(book, tmp_path, statement.replace("CAMT-", "OTHER-"), "camt053", root)
    assert (again.status, again.findings["rule"].tolist()) == ("rejected", ["statement-told-otherwise"])
    assert sum(amount for _, amount in lines(book)) == 49300
    longer = camt(Made([Movement(50000, "CAMT-1"), Movement(-700, "CAMT-2"), Movement(9, "CAMT-3")]))
    assert taken(book, tmp_path, longer, "camt053", root).rows_stored == 1
