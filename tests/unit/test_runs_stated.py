"""What the close before stated is part of what a close starts from: stated anew, the close runs anew."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from book_world import import_items, new_book

from workbench.book.close_postings import post_close
from workbench.runs.steps import fingerprint_of

SEPTEMBER, OCTOBER = dt.date(2026, 9, 30), dt.date(2026, 10, 31)
REVALUED = {
    "company_id": "CO01", "document_key": 1, "customer_id": "C1", "currency": "USD", "base_currency": "COP",
    "open_amount": 100, "carried_amount": 4000_00, "revalued_amount": 4100_00,
}  # fmt: skip
PROVIDED = {
    "company_id": "CO01", "calculation": "ifrs9", "customer_id": "C1", "currency": "COP", "segment": "",
    "bucket": "d1_30", "exposure_amount": 100, "provision_amount": 10, "base_currency": "COP",
    "base_provision_amount": 10,
}  # fmt: skip


@pytest.mark.parametrize(("table", "row"), [("revaluations", REVALUED), ("provision_balances", PROVIDED)])
def test_what_an_earlier_close_stated_is_taken_back_by_a_close_that_runs_again(
    tmp_path: Path, database: str, table: str, row: dict[str, object]
) -> None:
    book = new_book(tmp_path, database=database)
    import_items(book, {"document_number": "1800001", "currency": "USD"})

    def start() -> str:
        return fingerprint_of(book, company="", as_of=OCTOBER, family="2026-10/all")

    def state(day: dt.date, operation: str) -> None:
        post_close(
            book, {table: pd.DataFrame([row])}, operation_id=operation, period=f"{day:%Y-%m}", as_of=day,
            who="run:one", step_key=operation.removeprefix("run:one/"),
        )  # fmt: skip

    before = start()
    state(SEPTEMBER, "run:one/2026-09/all/a")
    after = start()
    assert after != before
    state(OCTOBER, "run:one/2026-10/all/b")
    assert start() == after, "its own words are no start"
