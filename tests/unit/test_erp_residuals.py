"""A residual item there and back: what the posting says, what the ERP's next extract answers, and undo."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from book_world import START, Clock, application, faults, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench import exports
from workbench.book import read
from workbench.book.postings import apply, reverse
from workbench.calendar import Period
from workbench.ledger import open_items_as_of

OCTOBER, NOVEMBER = Period.parse("2026-10"), Period.parse("2026-11")
LEFT, LAST = dt.date(2026, 11, 2), dt.date(2026, 11, 30)
CLOCK = Clock()
RESIDUAL = json.dumps({
    "decision": "residual", "rest": "residual", "rest_amount": "10.00", "rest_code": "PREC",
    "rest_days": 30, "rest_effect": "claim",
})  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> books.Book:
    """Invoice 1 of 100.00: R1 pays 90.00 of it on 5 October, and the rest is to be a residual item."""
    CLOCK.now = START
    book = new_book(tmp_path, clock=CLOCK)
    import_items(book, {"document_number": "1"})
    import_receipts(book, {"received_amount": 90_00}, {"receipt_id": "R2", "received_amount": 5_00})
    apply(book, legs(application("op", 1, 90_00, evidence=RESIDUAL)))
    return book


def leave(
    book: books.Book, folder: Path, root: Path, layout: str = "generic", **more: Any
) -> exports.Exported:
    CLOCK.now += dt.timedelta(hours=1)
    told = {"period": OCTOBER, "on": LEFT, **more}
    return exports.export_postings(
        book, layout=layout, out=folder / "out", parameters=root / "parameters", **told
    )  # fmt: skip


def extract(book: books.Book, on: dt.date, invoice: int, *others: dict[str, Any]) -> None:
    """An extract: what is open of the invoice, and other documents."""
    CLOCK.now += dt.timedelta(hours=1)
    import_items(
        book, {"document_number": "1", "original_amount": 100_00, "open_amount": invoice}, *others, on=on
    )


def new_item(amount: int, of: str = "1", number: str = "900") -> dict[str, Any]:
    return {"document_number": number, "original_amount": amount, "open_amount": amount,
            "reference_document_id": of, "document_date": "2026-11-03", "due_date": "2026-12-03"}  # fmt: skip


def owed(book: books.Book) -> int:
    names = ("documents", "observations", "clearings", "applications", "reversals")
    items = open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=LAST)
    return int(items["open_amount"].sum())


def state(book: books.Book, posting: str = "application") -> tuple[str, str, int]:
    told = exports.answers(book, as_of=LAST)
    row = told.states[told.states["posting"] == posting].iloc[0]
    assert len(told.findings) == (row["state"] == "contradicted")
    return row["state"], row["reason"], int(row["difference"])


def test_the_posting_clears_the_document_whole_and_opens_the_rest_beside_it(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    left = leave(book, tmp_path, root)
    assert left.sums == {"COP": 90_00}
    with Path(left.file).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shown = [(row["kind"], row["amount"], row["settlement"], row["reason_code"], row["effect"],
              row["document_number"], row["origin_document"], row["due_date"]) for row in rows]  # fmt: skip
    assert shown == [
        ("payment", "-100.00", "residual", "PREC", "claim", "1", "", ""),
        ("residual", "10.00", "residual_item", "PREC", "claim", "", "1", "2026-11-04"),
        ("cash", "90.00", "", "", "", "", "", ""),
    ]
    assert read.erp_export_lines(book)["exported_amount"].tolist() == [90_00]
    again = leave(book, tmp_path, root, again=True)
    assert again.sha256 == left.sha256
    assert not faults(book)


def test_sap_takes_it_with_its_own_posting_key_and_reason(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    lines = Path(leave(book, tmp_path, root, "sap_clearing").file).read_text(encoding="cp1252").splitlines()
    cells = [line.split(";") for line in lines if line.startswith("L;WS")]
    assert [(row[3], row[6], row[7], row[15]) for row in cells] == [
        ("15", "100,00", "H", "PREC"), ("06", "10,00", "S", "PREC"), ("40", "90,00", "S", ""),
    ]  # fmt: skip
    assert (cells[1][9], cells[1][16], cells[1][-1]) == ("", "1", "04.11.2026")


def test_the_new_document_that_names_its_origin_confirms_it_and_the_debt_stays_the_same(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    assert (state(book)[:2], owed(book)) == (("pending", "not-answered"), 10_00)
    extract(book, dt.date(2026, 11, 4), 0, new_item(10_00))
    assert (state(book), owed(book)) == (("confirmed", "seen-cleared", 0), 10_00)
    assert leave(book, tmp_path, root).status == "nothing-new"
    assert not faults(book)


@pytest.mark.parametrize(
    ("day", "invoice", "others", "answer"),
    [
        (4, 0, [], ("pending", "residual-not-seen", 0)),
        (8, 0, [], ("contradicted", "residual-missing", -10_00)),
        (8, 0, [new_item(10_00, of="77")], ("contradicted", "residual-missing", -10_00)),
        (4, 0, [new_item(7_00)], ("contradicted", "residual-other-amount", -3_00)),
        (4, 10_00, [], ("contradicted", "residual-not-split", 0)),
        (8, 100_00, [], ("contradicted", "still-open", 90_00)),
        (4, 0, [new_item(6_00), new_item(4_00, number="901")], ("confirmed", "seen-cleared", 0)),
    ],
)
def test_whatever_else_the_erp_did_is_told(
    book: books.Book, tmp_path: Path, root: Path, day: int, invoice: int, others: list[Any], answer: Any
) -> None:
    leave(book, tmp_path, root)
    extract(book, dt.date(2026, 11, day), invoice, *others)
    assert state(book) == answer


def test_undone_before_it_left_it_never_leaves(book: books.Book, tmp_path: Path, root: Path) -> None:
    reverse(book, ["op/1"], effective_date=dt.date(2026, 10, 6), reason="error", operation_id="u")
    assert leave(book, tmp_path, root).status == "nothing-new"
    assert owed(book) == 100_00


def test_undone_after_it_left_the_reversal_takes_the_residual_item_back_too(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    extract(book, dt.date(2026, 11, 4), 0, new_item(10_00))
    CLOCK.now += dt.timedelta(hours=1)
    reverse(book, ["op/1"], effective_date=dt.date(2026, 11, 5), reason="error", operation_id="u")
    lines = leave(book, tmp_path, root, period=NOVEMBER, on=dt.date(2026, 11, 6)).planned.lines
    assert list(zip(lines["settlement"], lines["posting_amount"], strict=True)) == [
        ("residual", 100_00), ("residual_item", -10_00), ("", -90_00),
    ]  # fmt: skip
    extract(book, dt.date(2026, 11, 8), 100_00)
    assert state(book, "reversal") == ("contradicted", "residual-still-open", 0)
    gone = {**new_item(10_00), "open_amount": 0}
    extract(book, dt.date(2026, 11, 9), 100_00, gone)
    assert state(book, "reversal")[:2] == ("confirmed", "open-again")
    assert owed(book) == 100_00
    assert not faults(book)


def test_a_rest_of_which_more_was_taken_leaves_as_a_partial_payment(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    CLOCK.now += dt.timedelta(hours=1)
    apply(book, legs(application("later", 1, 5_00, receipt_key=2)))
    left = leave(book, tmp_path, root)
    assert left.planned.findings["rule"].tolist() == ["posting-residual-changed"]
    lines = left.planned.lines
    assert sorted(zip(lines["settlement"], lines["posting_amount"], strict=True)) == [
        ("", -5_00), ("", 5_00), ("", 90_00), ("partial", -90_00),
    ]  # fmt: skip
    assert not lines["erp_document"].str.startswith("WS").any()
    extract(book, dt.date(2026, 11, 4), 5_00)
    assert state(book)[0] == "confirmed"
    assert owed(book) == 5_00


def test_what_is_applied_to_a_document_that_left_cleared_stays_behind(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    leave(book, tmp_path, root)
    apply(book, legs(application("later", 1, 5_00, receipt_key=2)))
    late = leave(book, tmp_path, root)
    assert late.status == "nothing-new"
    assert late.planned.findings["rule"].tolist() == ["posting-after-residual"]
