"""Three closes in a row: what each revalues the next takes back, and the ledger shows every difference."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from book_world import application, import_items, import_receipts, legs
from runs_world import ROOT, copied, make_company

from workbench import book as books
from workbench.book import read
from workbench.book.postings import apply, reverse
from workbench.runs import runner

pytestmark = pytest.mark.slow
MONTHS = ("2026-08", "2026-09", "2026-10")
CUSTOMERS, GAIN, LOSS = "130510", "421020", "530525"


def run(url: str, period: str, out: Path) -> Path:
    """The folder of one written run."""
    result = runner.run_notebook(
        "exchange_differences", {"period": period}, book_url=url, out=out, write=True,
        parameters_dir=ROOT / "parameters", notebooks_dir=ROOT / "notebooks",
    )  # fmt: skip
    assert result.status == "done", result.message
    return Path(result.folder)


def cents(frame: pd.DataFrame, name: str) -> int:
    return sum(int(text.replace(".", "")) for text in frame[name])


def add_a_debt_in_euros(url: str) -> None:
    """An invoice in euros of July, of which something is paid in September."""
    with books.open_book(url) as book:
        customer = read.customers(book)["customer_id"].max()
        import_items(
            book,
            {
                "document_number": "7001", "customer_id": customer, "currency": "EUR",
                "original_amount": 50_000_33, "open_amount": 50_000_33,
                "document_date": "2026-07-15", "due_date": "2026-09-15",
            },
            on=dt.date(2026, 7, 31),
        )  # fmt: skip
        import_receipts(
            book,
            {
                "receipt_id": "EUR1", "receipt_date": "2026-09-10", "currency": "EUR",
                "received_amount": 20_000_11, "customer_id": customer,
            },
        )  # fmt: skip
        documents, receipts = read.documents(book), read.receipts(book)
        key = int(documents.loc[documents["currency"] == "EUR", "document_key"].iloc[0])
        receipt = int(receipts.loc[receipts["currency"] == "EUR", "receipt_key"].iloc[0])
        paid = application("eur", key, 20_000_11, receipt_key=receipt, effective_date="2026-09-10")
        apply(book, legs(paid), who="prueba")


def take_the_payment_back(url: str) -> None:
    with books.open_book(url) as book:
        applied = read.applications(book)
        ids = applied.loc[applied["operation_id"] == "eur", "application_id"].tolist()
        day = dt.date(2026, 10, 5)
        reverse(book, ids, effective_date=day, reason="prueba", operation_id="undo-eur", who="prueba")


def test_three_months_of_differences_are_the_ledgers_to_the_cent(tmp_path: Path) -> None:
    url = copied(make_company(tmp_path, months=4), tmp_path / "own")
    add_a_debt_in_euros(url)
    differences, closing = 0, None
    euro: dict[str, list[int]] = {}
    for period in MONTHS:
        if period == MONTHS[-1]:
            take_the_payment_back(url)
        folder = run(url, period, tmp_path / "out")
        statement = pd.read_csv(folder / "exchange_statement.csv", dtype=str)
        assert {"EUR", "USD"} <= set(statement["currency"])
        assert closing in (None, cents(statement, "opening_base"))
        closing = cents(statement, "closing_base")
        compared = pd.read_csv(folder / "accounting_and_tax.csv", dtype=str)
        differences += cents(compared, "accounting_base")
        euros = pd.read_csv(folder / "exchange_settlements.csv", dtype=str).query("currency == 'EUR'")
        assert euros["settled_by"].tolist() == {"2026-09": ["application"], "2026-10": ["reversal"]}.get(
            period, []
        )
        euro[period] = [cents(euros, name) for name in ("settled_amount", "paid_base", "realised_base")]
    assert any(euro["2026-09"])
    assert euro["2026-10"] == [-amount for amount in euro["2026-09"]]
    with books.open_book(url) as book:
        lines, kept = read.journal_lines(book), read.revaluations(book)
        assert [one.first_fault for one in books.audit.verify(book) if not one.ok] == []
    lines = lines[lines["origin"].str.startswith("exchange_")]
    by_account = lines.groupby("account")["base_amount"].sum()
    assert by_account[CUSTOMERS] == differences
    assert by_account[GAIN] + by_account[LOSS] == -differences
    assert (lines.groupby(["operation_id", "entry_id"])["base_amount"].sum() == 0).all()
    assert sorted(kept["period"].unique()) == list(MONTHS)
    taken_back = lines[(lines["origin"] == "exchange_reversed") & (lines["account"] == CUSTOMERS)]
    for before, period in pairwise(MONTHS):
        posted = kept[kept["period"] == before]
        made = (posted["revalued_amount"] - posted["carried_amount"]).sum()
        own = taken_back[taken_back["period"] == period]
        assert own["base_amount"].sum() == -made
        assert set(own["posting_date"]) == {pd.Timestamp(f"{period}-01")}

    again = run(url, MONTHS[-1], tmp_path / "out")
    with books.open_book(url) as book:
        assert len(read.revaluations(book)) == len(kept)
        assert read.journal_lines(book)["origin"].str.startswith("exchange_").sum() == len(lines)
    assert json.loads((again / "manifest.json").read_text())["status"] == "done"
