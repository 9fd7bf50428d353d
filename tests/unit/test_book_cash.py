"""Applications and reversals: nothing doubled, nothing over-applied, undone only as a new fact."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from book_world import (
    application,
    faults,
    import_items,
    import_receipts,
    ledger_hash,
    legs,
    made_once,
    new_book,
)

from workbench import book as books
from workbench.book import read
from workbench.book.postings import Posted, apply, reverse
from workbench.errors import PostingRefusedError
from workbench.ledger import open_items_as_of

NAMES = ("documents", "observations", "clearings", "applications", "reversals")


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    """Invoices 1 and 2 of 100, a credit note 3 of −40, a dollar invoice 4; receipts of 100 and 150."""
    book = new_book(folder, database=database)
    import_items(
        book,
        {"document_number": "1"},
        {"document_number": "2"},
        {"document_number": "3", "original_amount": -40_00, "open_amount": -40_00},
        {"document_number": "4", "currency": "USD"},
    )
    import_receipts(book, {}, {"receipt_id": "R2", "received_amount": 150_00})
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def open_on(book: books.Book, day: dt.date, known_at: dt.datetime | None = None) -> dict[str, int]:
    items = open_items_as_of(*(getattr(read, name)(book) for name in NAMES), as_of=day, known_at=known_at)
    return dict(zip(items["document_number"], items["open_amount"].tolist(), strict=True))


def cause(book: books.Book, *rows: dict[str, object]) -> str:
    before = ledger_hash(book)
    with pytest.raises(PostingRefusedError) as refused:
        apply(book, legs(*rows))
    assert ledger_hash(book) == before
    return refused.value.cause


def test_the_same_operation_twice_is_one(book: books.Book) -> None:
    first = apply(book, legs(application("op", 1, 60_00)), who="ana", step_key="s")
    again = apply(book, legs(application("op", 1, 60_00)))
    assert (first, again) == (Posted(1, 0), Posted(0, 1))
    applied = read.applications(book)
    assert applied["applied_amount"].tolist() == [60_00]
    assert applied["erp_open_amount"].tolist() == [100_00]
    assert applied["step_key"].tolist() == ["s"]


def test_the_same_operation_with_other_content_is_refused(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 60_00)))
    assert cause(book, application("op", 1, 61_00)) == "operation-id-reused"
    assert cause(book, application("op", 1, 60_00), application("op", 2, 1_00)) == "operation-id-reused"
    assert cause(book, application("", 1, 1_00)) == "operation-without-id"


def test_a_receipt_gives_no_more_than_came_in(book: books.Book) -> None:
    apply(book, legs(application("a", 1, 60_00)))
    assert cause(book, application("b", 2, 40_01)) == "receipt-over-applied"
    assert apply(book, legs(application("b", 2, 40_00))).stored == 1


def test_a_document_loses_no_more_than_it_owes(book: books.Book) -> None:
    apply(book, legs(application("a", 1, 60_00)))
    second = application("b", 1, 40_01, receipt_key=2, application_id="b/1")
    assert cause(book, second) == "document-over-applied"
    earlier = {**second, "effective_date": "2026-10-05", "applied_amount": 100_00}
    assert cause(book, earlier) == "document-over-applied"
    assert apply(book, legs({**second, "applied_amount": 40_00})).stored == 1


def test_what_is_applied_later_counts_against_what_is_applied_before_it(book: books.Book) -> None:
    apply(book, legs(application("later", 1, 100_00, effective_date="2026-10-20")))
    backdated = application("before", 1, 10_00, receipt_key=2, effective_date="2026-10-10")
    assert cause(book, backdated) == "document-over-applied"


def test_what_the_erp_has_cleared_cannot_be_applied_again(book: books.Book) -> None:
    cleared = {"document_number": "1", "clearing_date": "2026-10-03", "has_open_amount": False}
    import_items(book, {**cleared, "open_amount": 0}, source="cleared")
    assert cause(book, application("a", 1, 100_00)) == "document-over-applied"


def test_cash_counted_before_the_erp_cleared_it_is_confirmed_not_doubled(book: books.Book) -> None:
    cleared = {"document_number": "1", "clearing_date": "2026-10-20", "has_open_amount": False}
    import_items(book, {**cleared, "open_amount": 0}, source="cleared", on=dt.date(2026, 11, 30))
    assert apply(book, legs(application("a", 1, 100_00))).stored == 1
    assert open_on(book, dt.date(2026, 10, 10))["1"] == 0
    assert "1" not in open_on(book, dt.date(2026, 11, 30))


def test_all_or_nothing(book: books.Book) -> None:
    good, bad = application("good", 1, 50_00), application("bad", 2, 60_00)
    assert cause(book, good, bad) == "receipt-over-applied"
    assert read.applications(book).empty


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"document_key": 99}, "application-without-document"),
        ({"receipt_key": 99}, "application-without-receipt"),
        ({"kind": "gift"}, "application-kind-wrong"),
        ({"applied_amount": 0}, "application-kind-wrong"),
        ({"document_key": 4}, "application-crosses-books"),
        ({"applied_amount": -1}, "application-sign-wrong"),
        ({"effective_date": "2026-10-04"}, "application-too-early"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_application_that_makes_no_sense_is_refused(
    book: books.Book, change: dict[str, object], rule: str
) -> None:
    assert cause(book, application("op", 1, 10_00) | change) == rule


def test_a_credit_note_in_a_receipts_set_lets_it_reach_further(book: books.Book) -> None:
    note = application("op", 3, -40_00, kind="credit_note")
    apply(book, legs(application("op", 1, 100_00), application("op", 2, 40_00), note))
    assert open_on(book, dt.date(2026, 10, 31)) == {"1": 0, "2": 60_00, "3": 0, "4": 100_00}


def test_other_kinds_reduce_the_document_and_take_no_cash(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 97_50), application("op", 1, 2_50, kind="withholding",
                                                              application_id="op/w")))  # fmt: skip
    assert open_on(book, dt.date(2026, 10, 31))["1"] == 0
    assert apply(book, legs(application("rest", 2, 2_50))).stored == 1


def test_a_set_off_without_a_receipt_sums_to_nothing(book: books.Book) -> None:
    note = application("so", 3, -40_00, kind="credit_note", receipt_key=-1)
    invoice = application("so", 1, 40_00, kind="credit_note", receipt_key=-1)
    assert cause(book, note, {**invoice, "applied_amount": 39_99}) == "set-off-unbalanced"
    dollars = {**invoice, "document_key": 4, "application_id": "so/4"}
    assert cause(book, note, dollars) == "set-off-unbalanced", "a peso settles no dollar"
    apply(book, legs(note, invoice))
    assert open_on(book, dt.date(2026, 10, 31))["1"] == 60_00
    with pytest.raises(PostingRefusedError) as refused:
        reverse(book, ["so/1"], effective_date=dt.date(2026, 11, 1), reason="x", operation_id="u", who="ana")
    assert refused.value.cause == "reversal-leaves-one-leg"
    both = ["so/1", "so/3"]
    reverse(book, both, effective_date=dt.date(2026, 11, 1), reason="x", operation_id="u", who="ana")
    assert open_on(book, dt.date(2026, 11, 1))["1"] == 100_00
    assert faults(book) == []


def test_nobodys_credit_note_settles_the_invoice_of_another_customer(tmp_path: Path, database: str) -> None:
    book = new_book(tmp_path, database=database)
    credit = {"document_number": "3", "original_amount": -40_00, "open_amount": -40_00}
    own, others_own = {"document_number": "1"}, {"document_number": "5", "customer_id": "C9"}
    import_items(book, own, {"document_number": "2"}, credit, {"document_number": "4"}, others_own)
    note = application("so", 3, -40_00, kind="credit_note", receipt_key=-1)
    others = application("so", 5, 40_00, kind="credit_note", receipt_key=-1)
    assert cause(book, note, others) == "set-off-unbalanced"
    assert (
        cause(
            book,
            {**note, "applied_amount": -20_00},
            {**others, "applied_amount": 10_00},
            application("so", 1, 10_00, kind="credit_note", receipt_key=-1),
        )
        == "set-off-unbalanced"
    )
    assert apply(book, legs(note, {**others, "document_key": 2, "application_id": "so/2"})).stored == 2


def test_money_on_account_needs_no_document(book: books.Book) -> None:
    apply(book, legs(application("op", -1, 100_00, kind="on_account", application_id="op/x")))
    assert read.applications(book)["document_key"].tolist() == [-1]
    assert cause(book, application("more", 1, 1)) == "receipt-over-applied"


def test_a_reversal_is_a_new_fact_from_its_own_day(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 100_00)))
    then = book.latest_instant()
    done = reverse(
        book, ["op/1"], effective_date=dt.date(2026, 10, 20), reason="cheque", operation_id="u", who="ana"
    )
    assert done == Posted(1, 0)
    assert open_on(book, dt.date(2026, 10, 19))["1"] == 0
    assert open_on(book, dt.date(2026, 10, 20))["1"] == 100_00
    assert open_on(book, dt.date(2026, 10, 20), known_at=then)["1"] == 0
    assert apply(book, legs(application("anew", 1, 100_00, effective_date="2026-10-21"))).stored == 1


def test_an_application_is_reversed_once(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 100_00)))
    terms = {"effective_date": dt.date(2026, 10, 20), "reason": "x", "who": "ana"}
    reverse(book, ["op/1"], operation_id="u", **terms)  # type: ignore[arg-type]  # a dict of mixed values
    assert reverse(book, ["op/1"], operation_id="u", **terms) == Posted(0, 1)  # type: ignore[arg-type]  # the same
    for ids, operation, day, rule in (
        (["op/1"], "v", 20, "application-already-reversed"),
        (["none"], "w", 20, "reversal-without-application"),
        (["op/1"], "u", 21, "operation-id-reused"),
    ):
        with pytest.raises(PostingRefusedError) as refused:
            reverse(
                book,
                ids,
                effective_date=dt.date(2026, 10, day),
                reason="x",
                operation_id=operation,
                who="ana",
            )
        assert refused.value.cause == rule


def test_a_reversal_is_not_dated_before_what_it_undoes(book: books.Book) -> None:
    apply(book, legs(application("op", 1, 100_00)))
    with pytest.raises(PostingRefusedError) as refused:
        reverse(book, ["op/1"], effective_date=dt.date(2026, 10, 4), reason="x", operation_id="u", who="ana")
    assert refused.value.cause == "reversal-too-early"


def test_a_step_does_not_read_what_it_posted_itself(book: books.Book) -> None:
    apply(book, legs(application("a", 1, 10_00)), step_key="mine")
    apply(book, legs(application("b", 2, 10_00)), step_key="other")
    assert read.applications(book, without_step_key="mine")["application_id"].tolist() == ["b/2"]


def test_the_fingerprint_hears_people_and_files_but_not_the_close_itself(book: books.Book) -> None:
    first = books.fingerprint(book, "CO01")
    apply(book, legs(application("a", 1, 10_00)), step_key="close:matching")
    assert books.fingerprint(book, "CO01") == first
    apply(book, legs(application("b", 2, 10_00)))
    second = books.fingerprint(book, "CO01")
    assert second != first
    import_items(book, {"company_id": "CO02"})
    assert books.fingerprint(book, "CO01") == second
    assert books.fingerprint(book) != second
