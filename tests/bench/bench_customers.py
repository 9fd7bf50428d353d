"""Statements and reconciliation of every customer in one run: rows a second, beside a plain merge of pandas.

``python tests/bench/bench_customers.py [customers] [documents each]``: a made-up month in which every
customer sends its list, numbers written in its own way, one line in fifty different. The merge joins both
lists on the printed number and says nothing of what does not join: the least that anybody could do.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ledger_frames import frame

from workbench import statements
from workbench.policy import Policy
from workbench.reconciliation import customers
from workbench.tables import (
    APPLICATIONS,
    CLEARINGS,
    CUSTOMER_LEDGER_LINES,
    DOCUMENTS,
    ERP_EXPORT_LINES,
    OBSERVATIONS,
    RECEIPTS,
    REVERSALS,
)

AS_OF = dt.date(2026, 10, 31)


def make_facts(count: int, each: int, rng: np.random.Generator) -> statements.Facts:
    """``each`` documents a customer over a year, a third of them cleared by payments in the ERP."""
    size = count * each
    place = np.arange(size)
    day = np.datetime64(AS_OF) - rng.integers(0, 360, size)
    cleared = rng.random(size) < 1 / 3
    documents = pd.DataFrame(
        {name: "" for name in DOCUMENTS.columns if DOCUMENTS.columns[name] == "text"}, index=range(size)
    ).assign(
        document_key=place,
        company_id="CO01",
        fiscal_year="2026",
        document_type="RV",
        document_number=[f"18{number:08d}" for number in place.tolist()],
        item="001",
        document_id=[f"18{number:08d}/2026/001" for number in place.tolist()],
        document_kind="invoice",
        customer_id=[f"C{number:05d}" for number in (place // each).tolist()],
        document_date=day.astype("datetime64[s]"),
        due_date=(day + 30).astype("datetime64[s]"),
        reception_date=pd.NaT,
        currency="COP",
        original_amount=rng.integers(10_000_000, 5_000_000_000, size),
        reference=[f"FE{number + 10_000}" for number in place.tolist()],
        taxable_base=0,
        tax=0,
        recorded_at=pd.Timestamp("2026-11-01T00:00:00Z"),
    )
    gone = documents[cleared]
    clearings = pd.DataFrame(
        {
            "document_key": gone["document_key"],
            "clearing_date": gone["document_date"] + pd.Timedelta(days=40),
            "clearing_document": [f"14{number:08d}" for number in gone["document_key"].tolist()],
            "cleared_amount": gone["original_amount"],
            "extract_date": pd.Timestamp(AS_OF),
            "recorded_at": pd.Timestamp("2026-11-01T00:00:00Z"),
        }
    )
    return statements.Facts(
        DOCUMENTS.conform(documents), frame(OBSERVATIONS, []), CLEARINGS.conform(clearings),
        frame(APPLICATIONS, []), frame(REVERSALS, []), frame(RECEIPTS, []), frame(ERP_EXPORT_LINES, []),
    )  # fmt: skip


def make_lists(open_items: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every open item as its customer writes it; one in fifty is missing, one in fifty at another amount."""
    kept = open_items[rng.random(len(open_items)) > 0.02].reset_index(drop=True)
    number = kept["reference"].str.slice(2)
    style = pd.factorize(kept["customer_id"])[0] % 4
    written = np.select(
        [style == 0, style == 1, style == 2], [kept["reference"], "FE-" + number, "fe 000" + number], number
    )
    amount = kept["open_amount"].to_numpy()
    other = rng.random(len(kept)) < 0.02
    return CUSTOMER_LEDGER_LINES.conform(
        kept.assign(
            ledger_line_key=np.arange(len(kept)), line_id="", document_number=written, line_kind="invoice",
            ledger_amount=np.where(other, amount - amount // 7, amount), row=np.arange(len(kept)),
            observed_date=pd.Timestamp(AS_OF), reference="", text="",
        )
    )  # fmt: skip


def main(count: int, each: int) -> None:
    rng = np.random.default_rng(7)
    facts = make_facts(count, each, rng)
    began = time.perf_counter()
    made = statements.make_statements(facts, from_date=dt.date(2026, 10, 1), as_of=AS_OF)
    stated = time.perf_counter() - began
    lists = make_lists(made.open_items, rng)
    began = time.perf_counter()
    told = customers.reconcile_customers(
        made.open_items,
        lists,
        customers.Surroundings(documents=facts.documents),
        as_of=AS_OF,
        policy=Policy(),
    )
    compared = time.perf_counter() - began
    began = time.perf_counter()
    joined = made.open_items.merge(
        lists, left_on=["customer_id", "reference"], right_on=["customer_id", "document_number"]
    )
    merged = time.perf_counter() - began
    rows = len(made.open_items) + len(lists)
    assert told.differences["difference_amount"].sum() == told.balances["balance_difference"].sum()
    print(f"customers {count:,}   documents {len(facts.documents):,}   open {len(made.open_items):,}")
    print(f"statements      {stated:7.2f} s   {len(facts.documents) / stated:10,.0f} documents/s")
    print(f"reconciliation  {compared:7.2f} s   {rows / compared:10,.0f} rows/s of both lists")
    print(f"  matched {len(told.matched):,}   differences {len(told.differences):,}")
    print(f"plain merge     {merged:7.2f} s   {rows / merged:10,.0f} rows/s, joins {len(joined):,}")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3])) if len(sys.argv) > 2 else main(2_000, 150)
