"""A period closed again counts once: the later statement holds, earlier ones are told of earlier instants."""

from __future__ import annotations

import datetime as dt
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
from book_world import import_items, new_book

from workbench.book import Book, read
from workbench.book.close_postings import booked_of_case, enter_close, post_close
from workbench.book.transactions import writing
from workbench.journal import double_entry

DAY = dt.date(2026, 10, 31)
START = dt.datetime(2026, 11, 2, 14, tzinfo=dt.UTC)
PROVISION, EXCHANGE = "run:provision", "run:exchange_differences"


@pytest.fixture
def book(tmp_path: Path, database: str) -> Book:
    return new_book(tmp_path, database=database)


def lines(
    amount: int, *companies: str, entry: str = "E1", case: str = "", origin: str = "provision"
) -> pd.DataFrame:
    rows = [
        {
            "company_id": company, "entry_id": f"{entry}-{company}", "debit_account": "519910",
            "credit_account": "139905", "customer_id": "C1", "document_id": "F1", "case_id": case,
            "currency": "COP", "amount": amount, "base_currency": "COP", "base_amount": amount, "text": "",
        }
        for company in companies
    ]  # fmt: skip
    return double_entry(pd.DataFrame(rows), origin=origin, on=pd.Timestamp(DAY))


def provided(amount: int, company: str = "CO01") -> pd.DataFrame:
    row = {
        "company_id": company, "calculation": "ifrs9", "customer_id": "C1", "currency": "COP",
        "segment": "all", "bucket": "d1_30", "exposure_amount": amount * 10, "provision_amount": amount,
        "base_currency": "COP", "base_provision_amount": amount,
    }  # fmt: skip
    return pd.DataFrame([row])


class Closes:
    """Closes as the runs post them, an hour apart."""

    def __init__(self, book: Book) -> None:
        self.book, self._number = book, count(1)

    def post(
        self, who: str = PROVISION, period: str = "2026-10", company: str = "all", **frames: pd.DataFrame
    ) -> str:
        number = next(self._number)
        step = f"{period}/{company}/{number:064d}"
        self.book.clock.now = self.at(number)  # type: ignore[attr-defined]  # the trial's own clock
        post_close(
            self.book, frames, operation_id=f"{who}/{step}", period=period, as_of=DAY, who=who, step_key=step
        )
        return step

    @staticmethod
    def at(number: int) -> dt.datetime:
        return START + dt.timedelta(hours=number)

    def debits(self, **asked: object) -> list[tuple[str, int]]:
        found = read.journal_lines(self.book, **asked)  # type: ignore[arg-type]  # as a test asks
        found = found[found["entry_amount"] > 0]
        return list(zip(found["company_id"], found["entry_amount"].tolist(), strict=True))


@pytest.fixture
def closes(book: Book) -> Closes:
    return Closes(book)


def test_of_a_period_closed_twice_the_later_entries_and_balances_hold(closes: Closes) -> None:
    closes.post(journal_lines=lines(100, "CO01"), provision_balances=provided(100))
    closes.post(journal_lines=lines(70, "CO01"), provision_balances=provided(70))
    assert closes.debits() == [("CO01", 70)]
    assert read.provision_balances(closes.book)["provision_amount"].tolist() == [70]


def test_what_was_known_between_both_is_the_earlier_one(closes: Closes) -> None:
    closes.post(journal_lines=lines(100, "CO01"), provision_balances=provided(100))
    closes.post(journal_lines=lines(70, "CO01"), provision_balances=provided(70))
    between = closes.at(1) + dt.timedelta(minutes=30)
    assert closes.debits(known_at=between) == [("CO01", 100)]
    assert read.provision_balances(closes.book, known_at=between)["provision_amount"].tolist() == [100]
    assert closes.debits(known_at=START) == []


def test_every_case_posts_for_itself_and_all_of_it_stands(closes: Closes) -> None:
    for number, amount in enumerate((5, 6), start=1):
        with writing(closes.book, "move-case", who="ana") as posting:
            made = lines(amount, "CO01", entry=f"T{number}", case="T", origin="over_180")
            enter_close(
                posting,
                {"journal_lines": made},
                operation_id=f"T#{number}:entry",
                period="2026-10",
                as_of=DAY,
            )
    closes.post(journal_lines=lines(100, "CO01"))
    assert closes.debits() == [("CO01", 5), ("CO01", 6), ("CO01", 100)]
    with writing(closes.book, "move-case", who="ana") as posting:
        booked = booked_of_case(posting, "T", "519910")
        assert {name: (one.amount, one.base_amount) for name, one in booked.items()} == {"F1": (11, 11)}
        assert booked_of_case(posting, "U", "519910") == {}


def test_other_months_notebooks_and_companies_are_not_replaced(closes: Closes) -> None:
    closes.post(period="2026-09", journal_lines=lines(1, "CO01"))
    closes.post(EXCHANGE, journal_lines=lines(2, "CO01"))
    closes.post(journal_lines=lines(4, "CO01", "CO02"))
    closes.post(company="CO02", journal_lines=lines(8, "CO02"))
    assert closes.debits() == [("CO01", 1), ("CO01", 2), ("CO01", 4), ("CO02", 8)]
    assert closes.debits(company="CO02") == [("CO02", 8)]


def test_a_close_that_has_nothing_to_say_any_more_replaces_too(closes: Closes) -> None:
    closes.post(journal_lines=lines(100, "CO01", "CO02"), provision_balances=provided(100))
    closes.post(company="CO01", journal_lines=lines(0, "CO01"), provision_balances=provided(0).iloc[:0])
    assert closes.debits() == [("CO02", 100)]
    assert read.provision_balances(closes.book).empty
    closes.post(journal_lines=lines(0, "CO01"))
    assert closes.debits() == []


def test_a_later_close_without_entries_leaves_none_of_the_earlier(closes: Closes) -> None:
    closes.post(journal_lines=lines(100, "CO01"), provision_balances=provided(100))
    closes.post(journal_lines=lines(0, "CO01"), provision_balances=provided(30))
    assert closes.debits() == []


def test_a_step_left_out_reads_as_if_it_had_posted_nothing(closes: Closes) -> None:
    closes.post(journal_lines=lines(100, "CO01"))
    second = closes.post(journal_lines=lines(70, "CO01"))
    assert closes.debits(except_steps=(second,)) == [("CO01", 100)]


def test_a_revaluation_posted_again_is_the_later_one(closes: Closes) -> None:
    import_items(closes.book, {"currency": "USD"})
    key = int(read.documents(closes.book)["document_key"].iloc[0])
    for amount in (2_000, 2_100):
        row = {"company_id": "CO01", "document_key": key, "customer_id": "C1", "currency": "USD",
               "open_amount": 500, "base_currency": "COP", "carried_amount": 1_900,
               "revalued_amount": amount}  # fmt: skip
        closes.post(EXCHANGE, revaluations=pd.DataFrame([row]))
    assert read.revaluations(closes.book)["revalued_amount"].tolist() == [2_100]
