"""The real HighRadius items as facts, and the same roll rates worked out with csv and plain integers only.

One company; a cluster a business code, so that a code of few items takes its currency's rate.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from ledger_frames import Facts, facts, frame

from workbench.policy import MatrixPolicy
from workbench.tables import CUSTOMERS, DOCUMENTS

COMPANY = "HR"
#: Rates of 2019, applied to what stood open at the end of March 2020.
LEARNED, APPLIED = dt.date(2019, 12, 31), dt.date(2020, 3, 31)
POLICY = MatrixPolicy(tested_months=3)
EDGES = (0, 30, 60, 90, 120, 150, 180)
NAMES = ("not_due", "d1_30", "d31_60", "d61_90", "d91_120", "d121_150", "d151_180", "d181_plus")


class Item(NamedTuple):
    number: str
    code: str
    currency: str
    cents: int
    document_day: dt.date
    due_day: dt.date
    paid_day: dt.date | None


def read_items(shared: Path) -> list[Item]:
    """Each distinct row with an invoice id, once, as ``test_highradius_aging`` has them."""
    folder = shared / "data/highradius"
    paid = {
        Item(
            row["Invoice ID"],
            row["Business Code"],
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
        Item(
            row["doc_id"].removesuffix(".0"),
            row["business_code"],
            row["invoice_currency"],
            _cents(row["total_open_amount"]),
            dt.date.fromisoformat(row["posting_date"]),
            dt.date.fromisoformat(row["due_in_date"]),
            None,
        )
        for row in _rows(folder / "open_items.csv")
    }
    return [*sorted(paid), *sorted(unpaid, key=lambda item: item.number)]


def book_of(items: list[Item]) -> Facts:
    """A document each, a clearing where it was paid, a sight where it was open."""
    documents = frame(
        DOCUMENTS,
        [
            {
                "document_key": key,
                "document_id": item.number,
                "customer_id": item.code,
                "currency": item.currency,
                "original_amount": item.cents,
                "document_date": item.document_day,
                "due_date": item.due_day,
            }
            for key, item in enumerate(items)
        ],
        company_id=COMPANY,
        document_kind="invoice",
    )
    clearings = [
        {
            "document_key": key,
            "clearing_date": item.paid_day,
            "cleared_amount": item.cents,
            "extract_date": "2020-05-22",
        }
        for key, item in enumerate(items)
        if item.paid_day
    ]
    sights = [
        {"document_key": key, "observed_date": "2020-05-22", "open_amount": item.cents}
        for key, item in enumerate(items)
        if not item.paid_day
    ]
    return facts(documents, clearings=clearings, observations=sights)


def customers_of(items: list[Item]) -> pd.DataFrame:
    """A customer a business code, in the cluster of that name."""
    codes = sorted({item.code for item in items})
    return frame(CUSTOMERS, [{"customer_id": code, "cluster_id": code} for code in codes], company_id=COMPANY)


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every end of a month from one to the other, both inside."""
    ends = []
    day = first
    while day <= last:
        ends.append(day)
        after = day + dt.timedelta(days=1)
        day = (after.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return ends


class Rolled(NamedTuple):
    count: int
    before: int
    rolled: int


def rolls_by_hand(items: list[Item], first: dt.date, last: dt.date) -> dict[tuple[str, str, str], Rolled]:
    """By currency, code and range: item-months, cents then, and cents that stood in the next range after."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    ends = month_ends(first, last)
    for before, after in pairwise(ends):
        for item in items:
            place = place_of(item, before)
            if place is None:
                continue
            one = found[item.currency, item.code, NAMES[place]]
            one[0] += 1
            one[1] += item.cents
            if place_of(item, after) == place + 1:
                one[2] += item.cents
    return {key: Rolled(*values) for key, values in found.items()}


def place_of(item: Item, day: dt.date) -> int | None:
    """Which range an item stands in on a day, ``None`` where it is not open."""
    if item.cents <= 0 or item.document_day > day or (item.paid_day is not None and item.paid_day <= day):
        return None
    return sum((day - item.due_day).days > edge for edge in EDGES)


def rates_by_hand(
    rolled: dict[tuple[str, str, str], Rolled], currency: str, code: str
) -> list[tuple[int, Fraction | None]]:
    """How many items stand behind each roll, and the roll: the code's own from 30 on, else the currency's."""
    rates: list[tuple[int, Fraction | None]] = []
    for name in NAMES[:-1]:
        own = rolled.get((currency, code, name), Rolled(0, 0, 0))
        whole = [value for key, value in rolled.items() if key[0] == currency and key[2] == name]
        joined = Rolled(*(sum(part) for part in zip(*whole, strict=True))) if whole else Rolled(0, 0, 0)
        used = own if own.count >= 30 else joined
        rates.append((used.count, Fraction(used.rolled, used.before)) if used.count >= 30 else (0, None))
    return rates


def losses_by_hand(rates: list[tuple[int, Fraction | None]]) -> list[Fraction]:
    """The loss rate of each range; the sample rates of B5.5.35 where nobody saw enough."""
    sample = [Fraction(n, 100) for n in (1, 2, 3, 3, 20, 20, 20)]
    losses = [Fraction(1)]
    for place in range(6, -1, -1):
        roll = rates[place][1]
        losses.insert(0, sample[place] if roll is None else roll * losses[0])
    return losses


def _cents(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_exact())


def _day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=dt.UTC).date()


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
