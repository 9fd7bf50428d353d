"""Rows a second: amounts at the rates of their own days, and the differences of a month of many documents.

``python tests/bench/bench_exchange.py [documents]``; beside it the same arithmetic one Fraction at a time.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ledger_frames import rates, receipts

from workbench.exchange import OfficialRates, in_minor_units, rounded
from workbench.exchange_differences import Facts, measure_differences
from workbench.policy import ExchangePolicy
from workbench.tables import APPLICATIONS, CLEARINGS, DOCUMENTS, OBSERVATIONS, REVERSALS, Table

FIRST = dt.date(2024, 1, 1)
DAYS = 1000


def official() -> pd.DataFrame:
    """A dollar and a euro of every day."""
    told = []
    for number in range(DAYS):
        day = str(FIRST + dt.timedelta(days=number))
        told.append(("trm", "USD", "COP", day, day, 4_000_000_000 + number * 1_370_000))
        told.append(("ecb", "EUR", "USD", day, day, 1_080_000 + number * 37))
    return rates(*told)


def whole(table: Table, count: int, **columns: object) -> pd.DataFrame:
    blank = {"text": "", "date": np.datetime64("NaT", "s"), "money": 0, "integer": 0, "flag": False}
    made = {
        name: columns.get(name, pd.Timestamp("2024-01-01", tz="UTC") if kind == "instant" else blank[kind])
        for name, kind in table.columns.items()
    }
    return table.conform(pd.DataFrame(made, index=range(count)))


def documents(count: int, rng: np.random.Generator) -> pd.DataFrame:
    days = np.datetime64(FIRST, "s") + rng.integers(0, DAYS - 40, count) * np.timedelta64(86_400, "s")
    keys = np.arange(count)
    return whole(
        DOCUMENTS, count, document_key=keys, company_id="CO01", document_kind="invoice",
        customer_id=np.char.add("C", (keys % 2000).astype(str)),
        document_id=np.char.add("F", keys.astype(str)),
        currency=np.where(keys % 5 == 0, "EUR", "USD"), document_date=days, due_date=days,
        original_amount=rng.integers(1, 5_000_000_00, count),
    )  # fmt: skip


def main(count: int) -> None:
    rng = np.random.default_rng(1)
    table, items = official(), documents(count, rng)
    amounts, days = items["original_amount"].to_numpy(), items["document_date"].to_numpy()
    started = time.perf_counter()
    valued = OfficialRates(table).values(amounts, items["currency"], days, to_currency="COP")
    took = time.perf_counter() - started
    assert valued.is_known.all()
    few = min(count, 20_000)
    plain = OfficialRates(table)
    started = time.perf_counter()
    one_by_one = [
        rounded(amount * in_minor_units(plain.ratio(currency, "COP", day) or 0, currency, "COP"))
        for amount, currency, day in zip(
            amounts[:few].tolist(), items["currency"][:few], items["document_date"][:few].dt.date, strict=True
        )
    ]
    slow = (time.perf_counter() - started) / few * count
    assert one_by_one == valued.amounts[:few].tolist()
    print(f"values: {count / took:,.0f} rows/s; one by one {count / slow:,.0f}; ratio {slow / took:.1f}")
    as_of = FIRST + dt.timedelta(days=DAYS - 1)
    before = as_of - dt.timedelta(days=30)
    paid = np.flatnonzero(rng.random(count) < 0.3)
    back = rng.integers(0, 29, len(paid)) * np.timedelta64(86_400, "s")
    applied = whole(
        APPLICATIONS, len(paid), application_id=np.char.add("A", paid.astype(str)), document_key=paid,
        receipt_key=-1, kind="payment", applied_amount=np.maximum(amounts[paid] // 2, 1),
        erp_open_amount=amounts[paid],
        effective_date=np.datetime64(as_of, "s") - back,
    )  # fmt: skip
    facts = Facts(items, OBSERVATIONS.empty(), CLEARINGS.empty(), applied, REVERSALS.empty())
    started = time.perf_counter()
    told = measure_differences(
        facts, receipts(), table, before=before, as_of=as_of, base_currency="COP", policy=ExchangePolicy()
    )
    took = time.perf_counter() - started
    assert told.findings.empty
    assert len(told.settlements) == len(paid)
    print(f"measure: {count / took:,.0f} documents/s, {len(paid):,} settlements, {took:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
