"""Money on account is a credit of its customer: on no document, and in every list; nobody's is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from book_world import CUSTOMER, faults, import_items, import_receipts, import_rows, new_book
from deciding_world import TODAY, bring_back, fill, open_now, unapplied_now

from workbench import aging, credit_notes, decisions, exports, ledger
from workbench import book as books
from workbench.calendar import Period
from workbench.cli import main
from workbench.matching.results import SUGGESTED
from workbench.undo import undo_applications
from workbench.views import decision_sheet

LAST = dt.date(2026, 10, 31)


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    """One receipt of 40.00 of which nobody knows who paid; customer C1 of the master has a tax id."""
    book = new_book(tmp_path, database=database)
    import_receipts(book, {"receipt_id": "R1", "received_amount": 40_00, "customer_id": ""})
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1", "tax_id": "900123456"}, source="customers")
    return book


def sheet(book: books.Book, path: Path, document: str = "") -> Path:
    left = unapplied_now(book).assign(reason="unidentified")
    frame = decisions.offer_decisions(SUGGESTED.empty(), left, open_now(book))
    decision_sheet.write_decision_sheet(
        path, frame.assign(rule_words=""), company="CO01", period="2026-10", as_of=LAST
    )
    return fill(path, {0: {"decision": "A cuenta", "decided_documents": document}})


def with_credits(book: books.Book, day: dt.date = LAST) -> pd.DataFrame:
    read = books.read
    names = ("documents", "observations", "clearings", "applications", "reversals")
    documents, *facts = (getattr(read, name)(book) for name in names)
    items = ledger.open_items_as_of(documents, *facts, as_of=day)
    return ledger.with_credits_on_account(
        items, documents, read.receipts(book), *facts[2:], read.erp_export_lines(book), as_of=day
    )


def test_what_goes_on_account_of_nobody_is_refused_with_what_to_do(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    result = bring_back(book, sheet(book, tmp_path / "s.xlsx"), root)
    assert result.rows_rejected == 1
    assert result.findings["rule"].tolist() == ["decision-account-customer-missing"]
    result = bring_back(book, sheet(book, tmp_path / "t.xlsx", "C9"), root)
    assert result.findings["rule"].tolist() == ["decision-account-customer-unknown"]
    assert books.read.applications(book).empty


@pytest.mark.parametrize("written", ["C1", "900.123.456"])
def test_it_is_a_credit_of_its_customer_in_every_list(
    book: books.Book, tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    assert bring_back(book, sheet(book, tmp_path / "s.xlsx", written), root).status == "accepted"
    assert faults(book) == []
    items = with_credits(book)
    assert items["customer_id"].tolist() == ["C1"]
    summary = aging.summarise_aging(aging.age_open_items(items, as_of=LAST), by=["customer_id"])
    told = summary.iloc[0]
    assert (told["unapplied"], told["total"], told["pending_applications"]) == (-40_00, -40_00, 40_00)
    late = LAST + dt.timedelta(days=400)
    old = credit_notes.list_old_credits(
        with_credits(book, late), unapplied_now(book), books.read.customers(book), as_of=late
    )
    assert old[["customer_id", "document_id", "credit_amount"]].values.tolist() == [["C1", "R1", -40_00]]

    assert main(["list", "receipts", "--book", book.url, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["customer_id"], row["unapplied_amount"], row["on_account_amount"]) == ("C1", "0.00", "40.00")

    movement = aging.explain_movement(with_credits(book, dt.date(2026, 9, 30)), items).iloc[0]
    assert [movement[name] for name in ("opening", "credited", "cleared", "applied", "closing")] == [
        0, 0, 0, 40_00, -40_00
    ]  # fmt: skip


def test_it_leaves_for_the_erp_under_its_customer_and_is_not_counted_twice(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    bring_back(book, sheet(book, tmp_path / "s.xlsx", "C1"), root)
    made = exports.export_postings(
        book, period=Period(2026, 10), layout="generic", out=tmp_path / "o", on=LAST,
        parameters=root / "parameters",
    )  # fmt: skip
    assert set(made.planned.lines["customer_id"]) == {"C1"}
    number = made.planned.lines["erp_document"].iat[0]
    booked = {"document_number": "14001", "original_amount": -40_00, "open_amount": -40_00,
              "document_kind": "payment", "reference": number, "document_date": "2026-10-20"}  # fmt: skip
    import_items(book, booked)
    assert with_credits(book)["open_amount"].tolist() == [-40_00]


def test_undone_it_is_there_to_be_applied_again(book: books.Book, tmp_path: Path, root: Path) -> None:
    bring_back(book, sheet(book, tmp_path / "s.xlsx", "C1"), root)
    undo_applications(book, today=TODAY, receipt="R1", who="ana")
    assert unapplied_now(book)["unapplied_amount"].tolist() == [40_00]
    assert with_credits(book, TODAY).empty
