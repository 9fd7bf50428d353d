"""Proposed entries: two lines a movement, every entry sums to zero, posted once, refused where closed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import new_book
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from workbench.book import Book, read
from workbench.book.close_postings import post_close
from workbench.book.postings import close_through
from workbench.errors import PeriodClosedError, PostingRefusedError
from workbench.journal import balances_by_account, check_balanced, double_entry

ON = pd.Timestamp("2026-10-31")


def _movements(*amounts: tuple[str, int, int]) -> pd.DataFrame:
    rows = [
        {
            "company_id": "CO01", "entry_id": entry, "debit_account": "519910", "credit_account": "139905",
            "customer_id": "C1", "document_id": "", "case_id": "", "currency": "USD", "amount": amount,
            "base_currency": "COP", "base_amount": base, "text": "deterioro",
        }
        for entry, amount, base in amounts
    ]  # fmt: skip
    return pd.DataFrame(rows)


@settings(max_examples=tries(100), deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(-9, 9), st.integers(-9, 9)), min_size=1)
)
def test_every_entry_sums_to_zero_and_accounts_move_by_what_was_said(
    rows: list[tuple[str, int, int]],
) -> None:
    lines = double_entry(_movements(*rows), origin="provision", on=ON)
    check_balanced(lines)
    moved = dict(zip(*(balances_by_account(lines)[name] for name in ("account", "base_amount")), strict=True))
    total = sum(base for _, _, base in rows)
    assert moved.get("519910", 0) == total
    assert moved.get("139905", 0) == -total
    assert len(lines) == 2 * sum(1 for _, amount, base in rows if amount or base)


def test_an_entry_that_does_not_balance_is_named() -> None:
    lines = double_entry(_movements(("A", 10, 40), ("B", 5, 20)), origin="provision", on=ON)
    lines.loc[3, "base_amount"] += 1
    with pytest.raises(PostingRefusedError) as refused:
        check_balanced(lines)
    assert refused.value.values["entry"] == "B"
    with pytest.raises(PostingRefusedError):
        double_entry(_movements(("A", 1, 1)).assign(credit_account=""), origin="provision", on=ON)


def test_a_close_is_posted_once_and_not_into_a_closed_period(tmp_path: Path, database: str) -> None:
    book: Book = new_book(tmp_path, database=database)
    lines = double_entry(_movements(("A", 10, 40)), origin="provision", on=ON)

    def post(frame: pd.DataFrame, operation: str = "run-1") -> int:
        return post_close(
            book,
            {"journal_lines": frame},
            operation_id=operation,
            period="2026-10",
            as_of=ON.date(),
            who="ana",
        )

    assert [post(lines), post(lines)] == [2, 0]
    with pytest.raises(PostingRefusedError):
        post(lines.assign(text="otro"))
    kept = read.journal_lines(book, "CO01")
    assert kept[["account", "entry_amount", "base_amount"]].to_numpy().tolist() == [
        ["519910", 10, 40],
        ["139905", -10, -40],
    ]
    close_through(book, "CO01", dt.date(2026, 10, 31), who="ana")
    with pytest.raises(PeriodClosedError):
        post(lines, "run-2")
