"""Real files through their mappings into a real book, as ``workbench import`` does it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from book_world import Clock, faults, ledger_hash, new_book

from workbench import book as books
from workbench import intake
from workbench.book import read
from workbench.errors import BookBusyError, ParameterRefusedError
from workbench.ledger import open_items_as_of

TODAY = dt.date(2026, 11, 1)
OPEN_ITEMS = """company_id,document_id,customer_id,document_date,due_date,currency,amount,open_amount
CO01,1001,C1,2026-09-01,2026-10-01,COP,1000.00,400.00
CO01,1002,C1,2026-09-05,2026-10-05,USD,20.50,20.50
CO01,1003,C1,2026-09-06,2026-10-06,COP,-100.00,-100.00
"""
RECEIPTS = """payment_id,amount,currency,value_date,customer_id
R1,100.00,COP,2026-10-05,C1
R2,250.50,USD,2026-10-06,C1
"""
DOOR = {
    "file",
    "sha256",
    "status",
    "rows_in",
    "rows_stored",
    "rows_duplicate",
    "rows_rejected",
    "sums",
    "findings",
}
NAMES = ("documents", "observations", "clearings", "applications", "reversals")


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return new_book(tmp_path, database=database)


@pytest.fixture(autouse=True)
def _in_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def write(folder: Path, text: str, name: str = "items.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def bring(book: books.Book, path: Path, source: str, **more: object) -> intake.ImportResult:
    return intake.import_file(book, path, source, today=TODAY, **more)  # type: ignore[arg-type]  # mixed keywords


def test_the_answer_is_the_object_that_the_door_promises(book: books.Book, tmp_path: Path) -> None:
    told = bring(book, write(tmp_path, OPEN_ITEMS), "open_items").to_json()
    assert set(told) == DOOR
    assert told["status"] == "accepted"
    assert re.fullmatch(r"[0-9a-f]{64}", told["sha256"])
    assert told["sums"] == {"COP": "300.00", "USD": "20.50"}
    assert json.loads(json.dumps(told)) == told


def test_receipts_are_positive_at_the_door(book: books.Book, tmp_path: Path) -> None:
    result = bring(book, write(tmp_path, RECEIPTS), "receipts")
    assert result.to_json()["sums"] == {"COP": "100.00", "USD": "250.50"}
    assert read.receipts(book)["received_amount"].tolist() == [100_00, 250_50]


def test_the_same_bytes_again_write_nothing_at_all(book: books.Book, tmp_path: Path) -> None:
    path = write(tmp_path, OPEN_ITEMS)
    bring(book, path, "open_items")
    before, anchor = ledger_hash(book), books.audit.anchor(book)
    again = bring(book, path.rename(tmp_path / "other name.csv"), "open_items")
    assert (again.status, again.rows_in, again.rows_stored, again.rows_duplicate) == ("duplicate", 3, 0, 3)
    assert again.to_json()["findings"] == []
    assert (ledger_hash(book), books.audit.anchor(book)) == (before, anchor)


def test_a_file_taken_in_part_is_tried_again_when_what_was_missing_is_there(
    book: books.Book, tmp_path: Path
) -> None:
    first = bring(book, write(tmp_path, OPEN_ITEMS), "open_items")
    changed = OPEN_ITEMS.replace("1001,C1", "1001,C9").replace("1003", "1004")
    path = write(tmp_path, changed, "changed.csv")
    partial = bring(book, path, "open_items")
    assert (first.status, partial.status) == ("accepted", "partial")
    assert (partial.rows_stored, partial.rows_duplicate, partial.rows_rejected) == (1, 1, 1)
    anchor = books.audit.anchor(book)
    again = bring(book, path, "open_items")
    assert (again.status, again.rows_in, again.rows_duplicate, again.rows_rejected) == ("duplicate", 3, 2, 1)
    assert books.audit.anchor(book) == anchor


def test_a_refused_file_leaves_the_book_but_for_the_refusal(book: books.Book, tmp_path: Path) -> None:
    before = ledger_hash(book)
    path = write(tmp_path, "nothing,that,is,known\n1,2,3,4\n")
    refused = bring(book, path, "open_items")
    assert (refused.status, refused.rows_stored) == ("rejected", 0)
    assert refused.reason
    assert ledger_hash(book) == before
    batches = read.batches(book)
    assert batches["status"].tolist() == ["rejected"]
    assert batches["sha256"].tolist() == [refused.sha256]
    assert read.findings(book)["rule"].tolist() == refused.findings["rule"].tolist()
    assert bring(book, path, "open_items").status == "rejected"


def test_a_file_that_is_not_there_is_refused_in_words(book: books.Book, tmp_path: Path) -> None:
    refused = bring(book, tmp_path / "none.csv", "open_items")
    assert refused.status == "rejected"
    assert refused.to_json()["findings"][0]["rule"] == "file-missing"
    assert read.batches(book).empty


def test_an_unknown_source_is_said_before_anything_is_read(book: books.Book, tmp_path: Path) -> None:
    with pytest.raises(ParameterRefusedError):
        bring(book, write(tmp_path, OPEN_ITEMS), "no_such_source")


def test_a_trial_says_what_would_come_and_changes_nothing(book: books.Book, tmp_path: Path) -> None:
    anchor = books.audit.anchor(book)
    path = write(tmp_path, OPEN_ITEMS)
    assert bring(book, path, "open_items", dry_run=True).rows_stored == 3
    assert bring(book, write(tmp_path, "x\n", "bad.csv"), "open_items", dry_run=True).status == "rejected"
    assert books.audit.anchor(book) == anchor
    assert bring(book, path, "open_items").rows_stored == 3


def test_rows_that_cannot_be_read_are_kept_as_they_stood(book: books.Book, tmp_path: Path) -> None:
    path = write(tmp_path, OPEN_ITEMS.replace("20.50,20.50", "abc,20.50"))
    result = bring(book, path, "open_items")
    assert (result.status, result.rows_in, result.rows_rejected) == ("partial", 3, 1)
    kept = read.rejected_rows(book)
    assert "1002" in kept["raw"][0]
    assert "abc" in kept["raw"][0]
    assert result.rows_in == result.rows_stored + result.rows_duplicate + result.rows_rejected


def test_the_day_of_an_extract_is_the_one_given_else_today(book: books.Book, tmp_path: Path) -> None:
    bring(book, write(tmp_path, OPEN_ITEMS), "open_items", extract_date=dt.date(2026, 10, 31))
    newer = OPEN_ITEMS.replace(",400.00", ",300.00")
    bring(book, write(tmp_path, newer, "newer.csv"), "open_items")
    days = read.observations(book)["observed_date"].dt.strftime("%Y-%m-%d")
    assert sorted(set(days)) == ["2026-10-31", "2026-11-01"]


def test_cash_of_a_closed_period_is_kept_aside(book: books.Book, tmp_path: Path) -> None:
    books.postings.close_through(book, "", dt.date(2026, 10, 5), who="ana")
    result = bring(book, write(tmp_path, RECEIPTS), "receipts")
    assert (result.status, result.rows_stored, result.rows_rejected) == ("partial", 1, 1)
    told = result.to_json()["findings"][0]
    assert (told["rule"], told["row"]) == ("period-closed", 2)
    assert "2026-10-05" in told["message"]


def test_a_busy_book_is_no_refused_file(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database, busy_seconds=0.1)
    with book.writing_connection(), pytest.raises(BookBusyError):
        bring(book, write(tmp_path, OPEN_ITEMS), "open_items")


def open_by_currency(book: books.Book, as_of: dt.date, known_at: dt.datetime | None = None) -> dict[str, int]:
    facts = (getattr(read, name)(book, known_at=known_at) for name in NAMES)
    items = open_items_as_of(*facts, as_of=as_of, known_at=known_at)
    return {name: int(part.sum()) for name, part in items.groupby("currency")["open_amount"]}


def raw_open(folder: Path, as_of: dt.date) -> dict[str, int]:
    """Open amounts by currency out of the raw files, by the csv module alone."""
    items: dict[str, tuple[str, Decimal, dt.date, dt.date]] = {}
    with (folder / "closed_items.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["Invoice ID"]:
                dated, paid = (
                    dt.datetime.strptime(row[name], "%d-%b-%Y").replace(tzinfo=dt.UTC).date()
                    for name in ("Invoice Date", "Payment Date")
                )
                items[row["Invoice ID"]] = (row["Currency"], Decimal(row["Invoice Amount ($)"]), dated, paid)
    with (folder / "open_items.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            number = row["doc_id"].removesuffix(".0")
            dated = dt.date.fromisoformat(row["posting_date"])
            items[number] = (row["invoice_currency"], Decimal(row["total_open_amount"]), dated, dt.date.max)
    sums: dict[str, Decimal] = {}
    for currency, amount, dated, paid in items.values():
        if dated <= as_of < paid:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return {currency: int(amount * 100) for currency, amount in sums.items()}


@pytest.mark.slow
def test_highradius_is_what_the_raw_files_say_and_comes_in_once(book: books.Book, shared: Path) -> None:
    folder = shared / "data" / "highradius"
    closed = bring(book, folder / "closed_items.csv", "highradius_closed_items")
    opened = bring(book, folder / "open_items.csv", "highradius_open_items")
    for result in (closed, opened):
        assert result.rows_in == result.rows_stored + result.rows_duplicate + result.rows_rejected
    for as_of in (dt.date(2020, 2, 29), dt.date(2020, 3, 31), dt.date(2020, 4, 30)):
        assert open_by_currency(book, as_of) == raw_open(folder, as_of)
    before, anchor = ledger_hash(book), books.audit.anchor(book)
    for name in ("closed", "open"):
        again = bring(book, folder / f"{name}_items.csv", f"highradius_{name}_items")
        assert (again.status, again.rows_stored) == ("duplicate", 0)
    assert (ledger_hash(book), books.audit.anchor(book)) == (before, anchor)
    assert faults(book) == []


@pytest.mark.slow
def test_what_was_known_in_february_is_still_what_february_said(tmp_path: Path, shared: Path) -> None:
    """Issue A, shown when done 3: in two slices, as known at the end of the first."""
    folder, cutoff = shared / "data" / "highradius", dt.date(2020, 2, 29)
    clock = Clock()
    book = new_book(tmp_path, clock=clock)
    first = tmp_path / "first_slice.csv"
    with (folder / "closed_items.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    with first.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        for row in rows:
            dated, paid = (
                dt.datetime.strptime(row[name], "%d-%b-%Y").replace(tzinfo=dt.UTC).date()
                for name in ("Invoice Date", "Payment Date")
            )
            if dated <= cutoff:
                writer.writerow(row if paid <= cutoff else {**row, "Payment Date": ""})
    assert bring(book, first, "highradius_closed_items", extract_date=cutoff).rows_stored > 20_000
    known_at = book.latest_instant()
    said = open_by_currency(book, cutoff)
    clock.now += dt.timedelta(days=60)
    rest = dt.date(2020, 5, 31)
    second = bring(book, folder / "closed_items.csv", "highradius_closed_items", extract_date=rest)
    third = bring(book, folder / "open_items.csv", "highradius_open_items", extract_date=rest)
    assert second.rows_rejected == 1
    assert third.rows_rejected == 0
    assert open_by_currency(book, cutoff, known_at) == said
    for as_of in (cutoff, dt.date(2020, 3, 31), dt.date(2020, 4, 30)):
        assert open_by_currency(book, as_of) == raw_open(folder, as_of)
    assert open_by_currency(book, cutoff) != said  # two open invoices of the open file were not known then


def test_a_statement_of_an_account_that_is_not_ours_is_told(tmp_path: Path, root: Path) -> None:
    statement = "\n".join(
        [":20:X", ":25:NO-ES-NUESTRA", ":28C:1/1", ":60F:C261001COP1000,00",
         ":61:2610021002C50,00NTRFNONREF//B1", ":86:ABONO", ":62F:C261031COP1050,00", ""]
    )  # fmt: skip
    file = tmp_path / "ajeno.sta"
    file.write_text(statement, encoding="ascii")
    with books.open_book(f"sqlite:///{tmp_path / 'book.sqlite'}", create=True) as opened:
        result = intake.import_file(
            opened, file, "mt940", parameters=root / "parameters", today=dt.date(2026, 11, 2)
        )
    assert "unknown-account" in set(result.findings["rule"])


def test_a_statement_without_movements_comes_in_with_its_balance(book: books.Book, tmp_path: Path) -> None:
    quiet = ":20:X\n:25:CO-BOG-001\n:28C:1/1\n:60F:C261001COP1000,00\n:62F:C261031COP1000,00\n"
    before = books.fingerprint(book)
    result = bring(book, write(tmp_path, quiet, "quiet.sta"), "mt940")
    assert (result.status, result.rows_in) == ("accepted", 0)
    assert read.bank_balances(book)["closing_amount"].tolist() == [1000_00]
    assert books.fingerprint(book) != before
    assert bring(book, tmp_path / "quiet.sta", "mt940").status == "duplicate"


def test_a_wrong_extract_date_is_put_right_by_the_same_bytes(book: books.Book, tmp_path: Path) -> None:
    path = write(tmp_path, OPEN_ITEMS)
    wrong = bring(book, path, "open_items", extract_date=dt.date(2062, 10, 31))
    told = [finding for finding in wrong.to_json()["findings"] if finding["rule"] == "extract-date-in-future"]
    assert "2062-10-31" in told[0]["message"]
    assert "--extract-date" in told[0]["remedy"]
    assert bring(book, path, "open_items").status == "duplicate"
    right = bring(book, path, "open_items", extract_date=dt.date(2026, 10, 31))
    assert (right.status, right.rows_stored) == ("accepted", 3)
    assert "extract-date-in-future" not in set(right.findings["rule"])
    assert open_by_currency(book, dt.date(2026, 10, 31)) == {"COP": 300_00, "USD": 20_50}
    for day in (dt.date(2026, 10, 31), dt.date(2062, 10, 31), None):
        anchor = books.audit.anchor(book)
        assert bring(book, path, "open_items", extract_date=day).status == "duplicate"
        assert books.audit.anchor(book) == anchor


def test_items_of_customers_without_master_data_are_told_with_their_money(
    book: books.Book, tmp_path: Path
) -> None:
    master = "company_id,customer_id,customer_name\nCO01,C1,Uno\n"
    bring(book, write(tmp_path, master, "customers.csv"), "customers")
    some = OPEN_ITEMS.replace("1002,C1", "1002,C9").replace("1003,C1", "1003,C8")
    found = bring(book, write(tmp_path, some), "open_items").findings
    found = found[found["rule"] == "unknown-customer-in-items"]
    assert list(zip(found["currency"], found["amount"], found["level"], strict=True)) == [
        ("COP", -100_00, "warning"),
        ("USD", 20_50, "warning"),
    ]
    assert json.loads(found["values"].iloc[1])["customers"] == "C9"
    known = bring(book, write(tmp_path, OPEN_ITEMS.replace("100", "200"), "known.csv"), "open_items")
    assert known.findings.empty


def test_a_file_whose_sum_no_book_can_hold_is_refused_and_nothing_of_it_is_stored(
    book: books.Book, tmp_path: Path
) -> None:
    lines = [f"R{number},999999999999999.00,COP,2026-10-05,C1" for number in range(200)]
    file = write(tmp_path, "\n".join([RECEIPTS.splitlines()[0], *lines]) + "\n")
    before = ledger_hash(book)
    result = intake.import_file(book, file, "receipts", today=TODAY)
    assert (result.status, result.findings["rule"].tolist()) == ("rejected", ["amount-overflow"])
    assert ledger_hash(book) == before
