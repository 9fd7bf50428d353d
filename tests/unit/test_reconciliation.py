"""Balance per bank = balance per books − debits not cleared + credits not cleared + in bank, not in books."""

from __future__ import annotations

import datetime as dt

import pytest
from reconciled_frames import reconcile, worked_example
from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench import reconciliation, words
from workbench.calendar import WorkingDays
from workbench.tables import BANK_BALANCES, BANK_LINES, BOOK_LINES


def test_the_worked_example_proves_with_these_signs() -> None:
    result = reconcile(*worked_example())
    proof = result.proof.iloc[0]
    assert proof["bank_amount"] == 1346
    assert proof["book_amount"] == 1710
    assert proof["debits_not_cleared"] == 300
    assert proof["credits_not_cleared"] == 90
    assert proof["bank_not_in_books"] == -20 - 4 - 200 + 70
    assert 1710 - 300 + 90 - 154 == 1346 == proof["expected_bank_amount"]
    assert proof["difference"] == 0
    assert "bank-proof-broken" not in set(result.findings["rule"])


def test_every_item_has_its_category_and_age() -> None:
    classified = reconcile(*worked_example()).classified
    columns = ["category", "detail", "lines", "amount", "oldest_days"]
    assert classified[columns].values.tolist() == [
        ["deposit_in_transit", "", 1, 300, 0],
        ["payment_not_cashed", "cheque", 1, -90, 16],
        ["returned_cheque", "deposit_unknown", 1, -200, 11],
        ["unbooked_bank_note", "commission", 1, -20, 21],
        ["unbooked_bank_note", "gmf", 1, -4, 21],
        ["unidentified", "no_receipt", 1, 70, 10],
    ]


def test_a_reference_with_another_amount_or_booked_twice_is_an_error() -> None:
    bank = bank_lines(
        {"date": "2026-10-05", "amount": 540, "line_id": "B77"},
        {"date": "2026-10-07", "amount": 10, "line_id": "B78"},
    )
    book = book_lines(
        {"date": "2026-10-05", "amount": 450, "reference": "B77"},
        {"date": "2026-10-07", "amount": 10, "reference": "B78"},
        {"date": "2026-10-07", "amount": 10, "reference": "B78"},
    )
    result = reconcile(bank, bank_balances(("2026-10-01", 0, "2026-10-31", 550)), book)
    assert result.outstanding_bank["category"].tolist() == ["error"]
    assert result.outstanding_book["category"].tolist() == ["error", "error"]
    assert result.proof["difference"].tolist() == [0]


@pytest.mark.parametrize(
    ("day", "meets"),
    [("2026-10-13", False), ("2026-10-14", True), ("2026-10-18", True), ("2026-10-19", False)],
)
def test_the_window_is_one_day_before_to_three_after(day: str, meets: bool) -> None:
    bank = bank_lines({"date": "2026-10-15", "amount": 500})
    for reference in ("", "L1"):
        book = book_lines({"date": day, "amount": 500, "reference": reference})
        assert len(reconcile(bank, BANK_BALANCES.empty(), book).matched) == meets


def test_with_a_calendar_the_window_counts_working_days() -> None:
    bank = bank_lines({"date": "2026-10-09", "amount": 500})
    book = book_lines({"date": "2026-10-15", "amount": 500})
    columbus = WorkingDays.of([dt.date(2026, 10, 12)])
    assert reconcile(bank, BANK_BALANCES.empty(), book).matched.empty
    assert len(reconcile(bank, BANK_BALANCES.empty(), book, working_days=columbus).matched) == 1


def test_equal_amounts_without_a_reference_stay_outstanding() -> None:
    bank = bank_lines({"date": "2026-10-15", "amount": 500}, {"date": "2026-10-15", "amount": 500})
    book = book_lines({"date": "2026-10-15", "amount": 500})
    result = reconcile(bank, bank_balances(("2026-10-01", 0, "2026-10-31", 1000)), book)
    assert result.matched.empty
    assert result.proof["difference"].tolist() == [0]


def test_accounts_and_currencies_never_meet() -> None:
    bank = bank_lines({"date": "2026-10-15", "amount": 500})
    for other in ({"account_id": "B2"}, {"currency": "USD"}, {"company_id": "CO02"}):
        assert reconcile(
            bank, BANK_BALANCES.empty(), book_lines({"date": "2026-10-15", "amount": 500, **other})
        ).matched.empty


def test_a_missing_statement_breaks_the_proof() -> None:
    bank, _, book = worked_example()
    result = reconcile(bank, bank_balances(("2026-10-01", 1000, "2026-10-31", 1400)), book)
    assert result.proof["difference"].tolist() == [54]
    assert result.findings["rule"].tolist()[0] == "bank-proof-broken"


def test_older_statements_are_inside_the_balance_carried_forward() -> None:
    bank, _, book = worked_example()
    older = bank_lines(
        {"date": "2026-09-10", "amount": 990, "bank_line_key": 90},
        {"date": "2026-09-30", "amount": 5, "bank_line_key": 91},
    )
    statements = bank_balances(
        ("2026-09-01", 5, "2026-09-30", 1000), ("2026-09-30", 1000, "2026-10-31", 1346)
    )
    import pandas as pd

    result = reconcile(pd.concat([older, bank]), statements, book)
    assert result.proof[["difference", "bank_not_in_books"]].values.tolist() == [[0, -154]]
    assert result.proof["from_date"].dt.date.tolist() == [dt.date(2026, 10, 1)]


def test_without_a_balance_carried_forward_the_statements_is_assumed_and_said() -> None:
    bank, statements, book = worked_example()
    result = reconcile(bank, statements, book[book["book_amount"] != 1000])
    assert result.proof["difference"].tolist() == [0]
    assert "book-opening-assumed" in result.findings["rule"].tolist()


def test_an_account_without_a_ledger_says_that_there_is_nothing_to_reconcile_with() -> None:
    bank, statements, book = worked_example()
    rules = reconcile(bank, statements, book.iloc[:0]).findings["rule"].tolist()
    assert "bank-account-without-ledger" in rules
    assert "book-opening-assumed" not in rules
    assert "bank-account-without-ledger" not in reconcile(bank, statements, book).findings["rule"].tolist()


def test_a_cutoff_inside_a_statement_counts_its_lines_to_that_day() -> None:
    result = reconcile(*worked_example(), as_of=dt.date(2026, 10, 15))
    assert result.proof[["bank_amount", "book_amount", "difference"]].values.tolist() == [[1476, 1410, 0]]


def test_no_bank_file_gives_empty_results() -> None:
    result = reconcile(BANK_LINES.empty(), BANK_BALANCES.empty(), BOOK_LINES.empty())
    for frame in (
        result.matched,
        result.outstanding_bank,
        result.outstanding_book,
        result.classified,
        result.proof,
        result.findings,
    ):
        assert frame.empty


def test_books_without_a_bank_and_a_bank_without_books_are_shown() -> None:
    bank, statements, book = worked_example()
    alone = reconcile(bank, statements, BOOK_LINES.empty())
    assert alone.proof["difference"].tolist() == [0]
    assert len(alone.outstanding_bank) == 5
    books = reconcile(BANK_LINES.empty(), BANK_BALANCES.empty(), book)
    assert books.proof["difference"].tolist() == [0]
    assert "bank-balance-unknown" in books.findings["rule"].tolist()


@pytest.mark.parametrize("category", reconciliation.CATEGORIES)
def test_every_category_has_words_and_a_finding(category: str) -> None:
    assert words.has_words(f"reconciliation.category_{category}")
    assert words.has_words(f"rules.bank-{category.replace('_', '-')}")
