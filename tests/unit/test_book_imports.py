"""Files into the book: what is new is stored, what is known is counted, what contradicts is kept aside."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import (
    ADVICE,
    BALANCE,
    BOOK_LINE,
    CUSTOMER,
    RATE,
    RECEIPT,
    faults,
    frame_of,
    import_items,
    import_lines,
    import_receipts,
    import_rows,
    ledger_hash,
    new_book,
)

from workbench import book as books
from workbench.book import read
from workbench.errors import FileRefusedError
from workbench.ledger import open_items_as_of
from workbench.tables import CUSTOMERS

NOVEMBER = dt.date(2026, 11, 30)


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return new_book(tmp_path, database=database)


def open_amounts(book: books.Book, as_of: dt.date = dt.date(2026, 12, 31)) -> dict[str, int]:
    names = ("documents", "observations", "clearings", "applications", "reversals")
    items = open_items_as_of(*(getattr(read, name)(book) for name in names), as_of=as_of)
    return dict(zip(items["document_id"], items["open_amount"].tolist(), strict=True))


def test_the_same_rows_again_change_nothing(book: books.Book) -> None:
    rows = ({}, {"item": "002", "clearing_date": "2026-10-02", "has_open_amount": False, "open_amount": 0})
    first = import_items(book, *rows)
    before = ledger_hash(book)
    second = import_items(book, *rows)
    assert (first.status, first.rows_stored, first.sums) == ("accepted", 2, {"COP": 200_00})
    assert (second.status, second.rows_stored, second.rows_duplicate, second.sums) == ("duplicate", 0, 2, {})
    assert ledger_hash(book) == before


def test_a_newer_open_amount_is_an_observation_never_a_conflict(book: books.Book) -> None:
    import_items(book, {})
    newer = import_items(book, {"open_amount": 40_00, "payment_block": "A"}, on=NOVEMBER)
    assert (newer.status, newer.rows_stored, newer.sums) == ("accepted", 1, {"COP": 40_00})
    seen = read.observations(book)
    assert seen["open_amount"].tolist() == [100_00, 40_00]
    assert seen["payment_block"].tolist() == ["", "A"]
    assert len(read.documents(book)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": "C2"},
        {"document_date": "2026-09-02"},
        {"due_date": None},
        {"currency": "USD"},
        {"original_amount": 100_01},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_key_with_other_content_is_a_conflict(book: books.Book, change: dict[str, object]) -> None:
    import_items(book, {})
    before = ledger_hash(book)
    result = import_items(book, change, {"document_number": "2"}, on=NOVEMBER)
    assert (result.status, result.rows_stored, result.rows_rejected) == ("partial", 1, 1)
    assert result.findings["rule"].tolist() == ["key-conflict"]
    assert next(iter(change)) in result.findings["values"][0]
    kept = read.rejected_rows(book)
    assert (kept["row"].tolist(), kept["rule"].tolist()) == ([2], ["key-conflict"])
    assert "1800001" in kept["raw"][0]
    documents = read.documents(book)
    assert documents["document_number"].tolist() == ["1800001", "2"]
    assert ledger_hash(book) != before


def test_a_strict_source_refuses_the_file_that_contradicts_the_book(book: books.Book) -> None:
    import_items(book, {})
    before = ledger_hash(book)
    with pytest.raises(FileRefusedError) as refused:
        import_items(book, {"document_number": "2"}, {"currency": "USD"}, refuse_file_on_conflict=True)
    assert refused.value.cause == "key-conflict"
    assert ledger_hash(book) == before
    assert len(read.batches(book)) == 1


def test_rows_of_one_file_that_contradict_each_other_are_both_refused(book: books.Book) -> None:
    result = import_items(book, {}, {"open_amount": 90_00}, {"document_number": "2"})
    assert (result.rows_stored, result.rows_rejected) == (1, 2)
    assert read.documents(book)["document_number"].tolist() == ["2"]


def test_the_customer_is_part_of_the_key_only_where_the_mapping_says_so(book: books.Book) -> None:
    result = import_items(book, {}, {"customer_id": "C2"}, key_includes_customer=True)
    assert result.rows_stored == 2
    assert import_items(book, {}, {"customer_id": "C2"}, source="other").rows_rejected == 2


def test_an_original_that_no_extract_stated_is_the_largest_seen(book: books.Book) -> None:
    import_items(book, {"original_amount": 60_00, "open_amount": 60_00, "is_original_stated": False})
    earlier = dt.date(2026, 9, 30)
    import_items(
        book,
        {"original_amount": 80_00, "open_amount": 80_00, "is_original_stated": False},
        on=earlier,
        source="late",
    )
    assert read.documents(book)["original_amount"].tolist() == [80_00]
    stated = import_items(book, {"has_open_amount": False, "open_amount": 0}, source="stated")
    assert stated.status == "accepted"
    assert read.documents(book)["original_amount"].tolist() == [100_00]
    other = import_items(book, {"original_amount": 99_00, "has_open_amount": False}, source="x")
    assert other.findings["rule"].tolist() == ["key-conflict"]


def test_a_clearing_stated_by_a_newer_extract_stands_beside_the_older(book: books.Book) -> None:
    cleared = {"clearing_date": "2026-10-20", "clearing_document": "9", "has_open_amount": False}
    import_items(book, cleared)
    assert import_items(book, cleared).status == "duplicate"
    later = import_items(book, cleared, on=NOVEMBER)
    assert (later.status, later.rows_stored, later.rows_duplicate, later.sums) == ("accepted", 0, 1, {})
    assert read.clearings(book)["cleared_amount"].tolist() == [100_00, 100_00]
    assert open_amounts(book) == {}


def test_partial_clearings_of_one_document_are_rows_that_agree(book: books.Book) -> None:
    part = {"clearing_date": "2026-10-20", "has_open_amount": False, "open_amount": 0}
    result = import_items(
        book,
        {**part, "clearing_document": "8", "cleared_amount": 30_00},
        {**part, "clearing_document": "9", "cleared_amount": 20_00},
    )
    assert (result.rows_stored, result.rows_rejected) == (2, 0)
    assert open_amounts(book) == {"1800001/2026/001": 50_00}


def test_a_clearing_of_the_whole_document_settles_the_oldest_instalment_first(book: books.Book) -> None:
    import_items(
        book,
        {"item": "001", "due_date": "2026-12-01"},
        {"item": "002", "due_date": "2026-11-01"},
    )
    whole = {
        "item": "", "original_amount": 200_00, "clearing_date": "2026-11-05", "clearing_document": "9",
        "cleared_amount": 130_00, "has_open_amount": False, "open_amount": 0,
    }  # fmt: skip
    result = import_items(book, whole, on=NOVEMBER, source="cleared")
    assert (result.status, len(read.documents(book))) == ("accepted", 2)
    assert open_amounts(book) == {"1800001/2026/001": 70_00}
    assert import_items(book, whole, on=NOVEMBER, source="cleared").status == "duplicate"


def test_instalments_and_the_clearing_of_their_document_may_come_in_one_file(book: books.Book) -> None:
    whole = {
        "item": "", "original_amount": 200_00, "clearing_date": "2026-10-05", "cleared_amount": 250_00,
        "has_open_amount": False, "open_amount": 0,
    }  # fmt: skip
    result = import_items(book, {"item": "001"}, {"item": "002"}, whole)
    assert result.rows_stored == 3
    assert open_amounts(book) == {}
    assert result.findings["rule"].tolist() == ["clearing-above-document"]
    assert result.findings["amount"].tolist() == [50_00]


def test_an_item_that_a_complete_extract_no_longer_shows_is_cleared_with_a_finding(book: books.Book) -> None:
    import_items(book, {}, {"document_number": "2"}, is_complete=True)
    result = import_items(book, {}, on=NOVEMBER, is_complete=True)
    assert result.findings["rule"].tolist() == ["item-absent-from-extract"]
    assert result.findings["amount"].tolist() == [100_00]
    assert set(open_amounts(book, dt.date(2026, 11, 29))) == {"1800001/2026/001", "2/2026/001"}
    assert set(open_amounts(book, NOVEMBER)) == {"1800001/2026/001"}
    again = import_items(book, {}, on=NOVEMBER, is_complete=True)
    assert (again.status, len(again.findings)) == ("duplicate", 0)


def test_only_items_of_the_same_source_and_company_can_be_absent(book: books.Book) -> None:
    import_items(book, {}, is_complete=True)
    import_items(book, {"document_number": "2"}, is_complete=True, source="other")
    import_items(book, {"document_number": "3", "company_id": "CO02"}, is_complete=True, on=NOVEMBER)
    import_items(book, {"document_number": "4"}, is_complete=False, on=NOVEMBER)
    assert not read.observations(book)["is_absent"].any()


def test_a_row_that_could_not_be_read_is_not_absent(book: books.Book) -> None:
    import_items(book, {}, {"document_number": "2"}, is_complete=True)
    unread = pd.DataFrame([{"row": 3, "raw": "CO01;2;abc", "rule": "amount-format", "values": "{}"}])
    frame = frame_of_items({})
    batch = books.postings.ImportBatch(
        "x.csv", "0" * 64, "sap", "items", NOVEMBER, frame, rows_in=2, rejected=unread, is_complete=True
    )
    assert "item-absent-from-extract" not in set(books.postings.store_batch(book, batch).findings["rule"])


def frame_of_items(*rows: dict[str, object]) -> pd.DataFrame:
    from book_world import ITEM

    return frame_of(ITEM, rows)


def test_complete_extracts_may_come_in_any_order(tmp_path: Path, database: str) -> None:
    files = {
        dt.date(2026, 9, 30): ["1", "2"],
        dt.date(2026, 10, 31): ["2", "3"],
        dt.date(2026, 11, 30): ["3"],
    }
    seen = []
    for name, order in (("in_order", sorted(files)), ("backwards", sorted(files, reverse=True))):
        (tmp_path / name).mkdir()
        book = new_book(tmp_path / name, database=database)
        for day in order:
            dated = {"1": "2026-09-01", "2": "2026-09-01", "3": "2026-10-01"}
            rows = [{"document_number": number, "document_date": dated[number]} for number in files[day]]
            import_items(book, *rows, on=day, is_complete=True)
        seen.append([open_amounts(book, day) for day in sorted(files)])
    assert seen[0] == seen[1]
    assert [list(amounts) for amounts in seen[0]] == [
        ["1/2026/001", "2/2026/001"],
        ["2/2026/001", "3/2026/001"],
        ["3/2026/001"],
    ]


def test_deposits_of_a_statement_are_receipts_and_nothing_else_is(book: books.Book) -> None:
    result = import_lines(
        book,
        {},
        {"line_id": "REF2", "bank_amount": -5_00, "line_kind": "fee"},
        {"line_id": "REF3", "bank_amount": 3_00, "line_kind": "interest"},
        balances=frame_of(BALANCE, [{}]),
    )
    assert result.sums == {"COP": 98_00}
    receipts = read.receipts(book)
    assert receipts["receipt_id"].tolist() == ["REF1"]
    assert receipts["received_amount"].tolist() == [100_00]
    assert receipts["payer_name"].tolist() == ["UNO SAS"]
    assert read.bank_balances(book)["closing_amount"].tolist() == [100_00]


def test_overlapping_statements_add_only_their_difference(book: books.Book) -> None:
    import_lines(book, {"line_id": "A"}, {"line_id": "B", "booking_date": "2026-10-06"})
    second = import_lines(
        book,
        {"line_id": "B", "booking_date": "2026-10-06"},
        {"line_id": "C", "booking_date": "2026-10-07"},
    )
    assert (second.rows_stored, second.rows_duplicate, second.sums) == (1, 1, {"COP": 100_00})
    assert read.receipts(book)["receipt_id"].tolist() == ["A", "B", "C"]
    assert second.findings.empty


def test_identical_lines_without_a_reference_are_counted_not_merged(book: books.Book) -> None:
    twin = {"line_id": ""}
    import_lines(book, twin)
    second = import_lines(book, twin, twin)
    assert (second.rows_stored, second.rows_duplicate) == (1, 1)
    assert len(read.bank_lines(book)) == 2


def test_a_line_that_an_overlapping_file_no_longer_shows_is_a_finding(book: books.Book) -> None:
    import_lines(book, {"line_id": "A"}, {"line_id": "B"}, {"line_id": "C", "booking_date": "2026-10-06"})
    second = import_lines(book, {"line_id": "A"}, {"line_id": "C", "booking_date": "2026-10-06"})
    assert second.findings["rule"].tolist() == ["line-vanished"]
    assert second.findings["key"].tolist() == ["B"]
    assert len(read.bank_lines(book)) == 3


def test_a_second_statement_of_the_same_day_accuses_nobody(book: books.Book) -> None:
    import_lines(book, {"line_id": "A"})
    assert import_lines(book, {"line_id": "B"}).findings.empty


def test_the_last_day_of_a_file_accuses_nobody_unless_it_is_shown_to_overlap(book: books.Book) -> None:
    morning = {"line_id": "B", "booking_date": "2026-10-06"}
    import_lines(book, {"line_id": "A"}, morning)
    evening = {"line_id": "C", "booking_date": "2026-10-06"}
    assert import_lines(book, {"line_id": "A"}, evening).findings.empty
    third = import_lines(book, {"line_id": "A"}, {"line_id": "D", "booking_date": "2026-10-07"})
    assert sorted(third.findings["key"]) == ["B", "C"]


def test_a_deposit_that_a_receipts_file_named_before_is_counted_once(book: books.Book) -> None:
    import_receipts(book, {"account_id": "BANK-1", "receipt_id": "REF1"})
    assert import_lines(book, {}).status == "accepted"
    assert read.receipts(book)["customer_id"].tolist() == ["C1"]
    assert import_receipts(book, {"account_id": "BANK-1", "receipt_id": "REF1"}).status == "duplicate"


def test_a_receipts_file_that_comes_after_the_statement_adds_nothing(book: books.Book) -> None:
    import_lines(book, {})
    late = import_receipts(book, {"account_id": "BANK-1", "receipt_id": "REF1"})
    assert late.status == "duplicate"
    assert len(read.receipts(book)) == 1


def test_a_receipt_that_the_statement_contradicts_is_a_finding(book: books.Book) -> None:
    import_receipts(book, {"account_id": "BANK-1", "receipt_id": "REF1", "received_amount": 1})
    assert import_lines(book, {}).findings["rule"].tolist() == ["receipt-unlike-statement"]


def banked(book: books.Book) -> list[tuple[str, str]]:
    receipts = read.receipts(book)
    return list(zip(receipts["account_id"], receipts["receipt_id"], strict=True))


def test_a_receipt_without_account_is_the_deposit_that_the_bank_showed_before(book: books.Book) -> None:
    import_lines(book, {})
    late = import_receipts(book, {"receipt_id": "REF1"}, {"receipt_id": "REF1", "receipt_date": "2025-10-05"})
    assert (late.rows_stored, late.rows_duplicate, late.rows_rejected) == (1, 1, 0)
    assert banked(book) == [("BANK-1", "REF1"), ("", "REF1")]
    other = import_receipts(book, {"receipt_id": "REF1", "received_amount": 1_00})
    assert other.rows_stored == 1


def test_a_deposit_is_the_receipt_without_account_that_a_file_named_before(book: books.Book) -> None:
    import_receipts(book, {"receipt_id": "REF1"})
    assert import_lines(book, {}).rows_stored == 1
    assert banked(book) == [("", "REF1")]
    assert import_receipts(book, {"receipt_id": "REF1", "text": "again"}).status == "duplicate"
    second = import_lines(book, {"account_id": "BANK-2"})
    assert second.findings["rule"].tolist() == ["receipt-also-in-bank"]
    assert banked(book) == [("", "REF1"), ("BANK-2", "REF1")]


def test_a_receipt_that_several_accounts_show_is_kept_aside(book: books.Book) -> None:
    import_lines(book, {}, {"account_id": "BANK-2"})
    late = import_receipts(book, {"receipt_id": "REF1"})
    assert (late.status, late.rows_rejected) == ("rejected", 1)
    assert late.findings["rule"].tolist() == ["receipt-also-in-bank"]
    assert len(banked(book)) == 2
    assert faults(book) == []


def test_a_balance_without_movements_is_news_once(book: books.Book) -> None:
    before = books.fingerprint(book, "CO01")
    quiet = import_lines(book, balances=frame_of(BALANCE, [{}]))
    assert (quiet.status, quiet.rows_in, quiet.sums) == ("accepted", 0, {})
    said = books.fingerprint(book, "CO01")
    assert said != before
    assert import_lines(book, balances=frame_of(BALANCE, [{}])).status == "duplicate"
    assert books.fingerprint(book, "CO01") == said


def test_a_statement_that_continues_another_says_which_lines_it_was_not_given_credit_for(
    book: books.Book,
) -> None:
    alike = {"line_id": "2026-10-05|10000|COP|x|1"}  # without a reference: known by its content
    import_lines(book, alike, balances=frame_of(BALANCE, [{}]))
    noon = {"opening_date": "2026-10-05", "opening_amount": 100_00, "closing_amount": 200_00}
    second = import_lines(book, alike, balances=frame_of(BALANCE, [noon]))
    assert second.rows_duplicate == 1
    assert second.findings["rule"].tolist() == ["lines-known-in-next-statement"]
    assert second.findings["amount"].tolist() == [100_00]
    whole = {"closing_date": "2026-10-06", "closing_amount": 300_00}
    again = [{}, noon, whole]  # what shows the continued statement again is given its lines
    assert import_lines(book, alike, balances=frame_of(BALANCE, again)).findings.empty


def test_banks_use_their_references_again_next_year(book: books.Book) -> None:
    import_lines(book, {})
    assert import_lines(book, {"booking_date": "2027-10-05", "bank_amount": 7_00}).rows_stored == 1
    conflict = import_lines(book, {"bank_amount": 7_00})
    assert conflict.findings["rule"].tolist() == ["key-conflict"]
    assert import_lines(book, {"account_id": "BANK-2", "bank_amount": 7_00}).rows_stored == 1


def test_a_statement_with_a_new_line_in_a_closed_period_is_refused_whole(book: books.Book) -> None:
    books.postings.close_through(book, "CO01", dt.date(2026, 9, 30), who="ana")
    with pytest.raises(FileRefusedError) as refused:
        import_lines(book, {}, {"line_id": "OLD", "booking_date": "2026-09-30"})
    assert refused.value.cause == "period-closed"
    assert read.bank_lines(book).empty


def test_a_receipt_is_booked_on_its_posting_date_where_the_source_gives_one(book: books.Book) -> None:
    books.postings.close_through(book, "", dt.date(2026, 9, 30), who="ana")
    late = {**RECEIPT, "posting_date": "2026-10-31"}
    result = import_rows(book, "receipts", late, {"receipt_date": "2024-02-29"})
    assert result.status == "accepted"


def test_customers_are_versions_and_the_latest_holds(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "1", "cluster_id": "SUR"})
    before = book.latest_instant()
    again = import_rows(book, "customers", CUSTOMER, {"customer_id": "1", "cluster_id": "SUR"}, source="x")
    moved = import_rows(book, "customers", CUSTOMER, {"customer_id": "1", "cluster_id": "NORTE"})
    assert (again.status, moved.status) == ("duplicate", "accepted")
    assert read.customers(book)["cluster_id"].tolist() == ["NORTE"]
    assert read.customers(book, known_at=before)["cluster_id"].tolist() == ["SUR"]


def test_an_extract_names_only_customers_that_the_book_has_not_met(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1", "customer_name": "Uno SAS"})
    named = CUSTOMERS.conform(
        frame_of(CUSTOMER, [{"customer_id": "C1", "customer_name": "UNO"}, {"customer_id": "C2"}])
    )
    import_items(book, {}, customers=named)
    assert read.customers(book)["customer_name"].tolist() == ["Uno SAS", ""]


def test_a_rate_may_hold_longer_than_was_known_but_never_change(book: books.Book) -> None:
    import_rows(book, "rates", RATE, {})
    longer = import_rows(book, "rates", RATE, {"valid_through": "2026-10-04"})
    assert longer.status == "accepted"
    assert read.rates(book)["valid_through"].dt.day.tolist() == [4]
    other = import_rows(book, "rates", RATE, {"rate": 1})
    assert other.findings["rule"].tolist() == ["key-conflict"]
    assert read.rates(book)["rate"].tolist() == [4_000_000_000]


def test_advices_are_known_by_their_content(book: books.Book) -> None:
    import_rows(book, "remittances", ADVICE, {}, {"reference": "1800002"})
    again = import_rows(book, "remittances", ADVICE, {"reference": "1800002"}, {}, {"reference": "1800003"})
    assert (again.rows_stored, again.rows_duplicate) == (1, 2)
    assert read.remittances(book)["line"].tolist() == [1, 2, 3]


def test_the_bank_account_in_our_ledger_is_stored_by_reference(book: books.Book) -> None:
    assert import_rows(book, "bank_ledger", BOOK_LINE, {}).sums == {"COP": 100_00}
    assert import_rows(book, "bank_ledger", BOOK_LINE, {}).status == "duplicate"


def test_a_trial_changes_nothing(book: books.Book) -> None:
    before = ledger_hash(book)
    result = import_items(book, {}, dry_run=True)
    assert (result.status, result.rows_stored) == ("accepted", 1)
    assert ledger_hash(book) == before
    assert books.audit.anchor(book).count == 1


def test_everything_imported_passes_verification(book: books.Book) -> None:
    import_items(book, {}, {"document_number": "2"}, is_complete=True)
    import_items(book, {"currency": "USD"}, on=NOVEMBER, is_complete=True)
    import_lines(book, {})
    import_receipts(book, {})
    assert faults(book) == []
