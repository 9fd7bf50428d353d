"""Ageing of the real HighRadius items against a calculation with the csv module and plain integers only.

The frames are built here, without the book; the book has a test of its own.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from ledger_frames import Facts, facts, frame

from workbench import aging
from workbench.policy import Buckets
from workbench.tables import DOCUMENTS

CUTOFFS = [dt.date(2020, 2, 29), dt.date(2020, 3, 31), dt.date(2020, 4, 30)]
NAMES = ("not_due", "d1_30", "d31_60", "d61_90", "d91_120", "d121_180", "d181_360", "d361_plus")
Item = tuple[str, str, int, dt.date, dt.date, dt.date | None]


def _cents(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_exact())


def _day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=dt.UTC).date()


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def raw(shared: Path) -> list[Item]:
    """id, currency, cents, document date, due date, day paid: each distinct row with an invoice id, once."""
    folder = shared / "data/highradius"
    paid = {
        (
            row["Invoice ID"],
            row["Currency"],
            _cents(row["Invoice Amount ($)"]),
            _day(row["Invoice Date"]),
            _day(row["Due Date"]),
            _day(row["Payment Date"]),
        )
        for row in _rows(folder / "closed_items.csv")
        if row["Invoice ID"]
    }
    unpaid = {
        (
            row["doc_id"].removesuffix(".0"),
            row["invoice_currency"],
            _cents(row["total_open_amount"]),
            dt.date.fromisoformat(row["posting_date"]),
            dt.date.fromisoformat(row["due_in_date"]),
            None,
        )
        for row in _rows(folder / "open_items.csv")
    }
    return [*sorted(paid), *sorted(unpaid, key=lambda item: item[0])]


@pytest.fixture(scope="module")
def book(raw: list[Item]) -> Facts:
    """The same rows as facts: a document each, a clearing where it was paid, a sight where it was open."""
    documents = frame(
        DOCUMENTS,
        [
            {
                "document_key": key,
                "document_id": number,
                "currency": currency,
                "original_amount": cents,
                "document_date": document_date,
                "due_date": due_date,
            }
            for key, (number, currency, cents, document_date, due_date, _) in enumerate(raw)
        ],
        company_id="U001",
    )
    clearings = [
        {
            "document_key": key,
            "clearing_date": item[5],
            "cleared_amount": item[2],
            "extract_date": "2020-05-22",
        }
        for key, item in enumerate(raw)
        if item[5] is not None
    ]
    sights = [
        {"document_key": key, "observed_date": "2020-05-22", "open_amount": item[2]}
        for key, item in enumerate(raw)
        if item[5] is None
    ]
    return facts(documents, clearings=clearings, observations=sights)


def _calculated(raw: list[Item], cutoff: dt.date) -> dict[tuple[str, str], int]:
    """Cents by currency and range of what was issued by the cutoff and not paid by then."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for _, currency, cents, document_date, due_date, day_paid in raw:
        if document_date <= cutoff and (day_paid is None or day_paid > cutoff):
            days = (cutoff - due_date).days
            edges = (0, 30, 60, 90, 120, 180, 360)
            sums[currency, NAMES[sum(days > edge for edge in edges)]] += cents
    return {key: cents for key, cents in sums.items() if cents}


@pytest.mark.parametrize("cutoff", CUTOFFS, ids=str)
def test_each_currency_and_range_equals_the_calculation_from_the_raw_files(
    raw: list[Item], book: Facts, cutoff: dt.date
) -> None:
    aged = aging.age_open_items(book.open_items(cutoff.isoformat()), as_of=cutoff)
    summary = aging.summarise_aging(aged, by=["currency"]).set_index("currency")
    expected = _calculated(raw, cutoff)
    ours = {
        (str(currency), name): int(summary.loc[currency, name])
        for currency in summary.index
        for name in Buckets().names
        if summary.loc[currency, name]
    }
    assert ours == expected
    assert len(expected) > 4, "an idle test: hardly anything was open"
    for currency in ("USD", "CAD"):
        total = sum(cents for (name, _), cents in expected.items() if name == currency)
        assert summary.loc[currency, "total"] == total > 0


def test_the_month_is_explained_to_the_cent(book: Facts) -> None:
    opening = book.open_items("2020-02-29", with_settled=True)
    closing = book.open_items("2020-03-31", with_settled=True)
    movement = aging.explain_movement(opening, closing).set_index("currency")
    explained = movement["opening"] + movement["invoiced"] - movement["cleared"]
    pd.testing.assert_series_equal(explained, movement["closing"], check_names=False)
    assert (movement[["invoiced", "cleared"]] > 0).all().all()
