"""The provision on real items, with the count behind every rate; and how long a history of many items takes.

    python tests/bench/bench_provision.py [--items N] [--months M] [--only real|speed]  # WORKBENCH_SHARED

Real: HighRadius, rates of 2019 applied to 31 March 2020, back-test of the first quarter on 1 to 90 days (only
three paid rows there were over 180 days late: older ranges take the policy's fallback). Speed: seconds of the
history, the rolls, the rates and the three books beside one derivation of the open items of the same facts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import highradius_rolls as real
from ledger_frames import Facts

from workbench import aging, ledger, provision, roll_rates
from workbench.policy import MatrixPolicy, ProvisionPolicy
from workbench.tables import APPLICATIONS, CLEARINGS, CUSTOMERS, DOCUMENTS, OBSERVATIONS, REVERSALS

AS_OF = np.datetime64("2026-10-31")
CUSTOMER_COUNT = 20_000


def show_real(shared: Path) -> None:
    """Rates with their counts, the matrix, the back-test."""
    items = real.read_items(shared)
    people, book = real.customers_of(items), real.book_of(items)
    history = roll_rates.observe_history(*book, people, as_of=real.APPLIED, policy=real.POLICY)
    rolls = roll_rates.count_rolls(history)
    rates = roll_rates.estimate_rates(rolls, policy=real.POLICY, through=real.LEARNED)
    print(f"HighRadius: {len(items):,} items; rates of 2019 by currency and business code")
    print(f"{'':18}{'items':>8}{'behind':>8}  {'whose':10}{'roll':>14}{'loss':>14}  source")
    for row in rates.to_dict("records"):
        name = f"{row['currency']} {row['segment']} {row['bucket']}"
        roll = "-" if row["bucket"] == rates["bucket"].iloc[-1] else _percent(row["roll_ppm"])
        told = f"{row['items']:>8,}{row['rate_items']:>8,}  {row['rate_level'] or '-':10}"
        print(f"{name:18.18}{told}{roll:>14}{_percent(row['loss_ppm']):>14}  {row['rate_source']}")
    aged = aging.age_open_items(book.open_items(str(real.APPLIED)), as_of=real.APPLIED)
    debts = provision.debts_of(aged, people, policy=real.POLICY)
    matrix = provision.provide_matrix(debts, rates, policy=real.POLICY, as_of=real.APPLIED).items
    print(f"\nmatrix on {real.APPLIED}, major units")
    sums = matrix.groupby(["currency", "bucket"])[["open_amount", "ifrs9_amount"]].sum()
    counts = matrix.groupby(["currency", "bucket"]).size()
    for key, row in sums.iterrows():
        name = " ".join(map(str, key))
        print(
            f"{name:18}{counts[key]:>8,}{row['open_amount'] / 100:>18,.2f}{row['ifrs9_amount'] / 100:>16,.2f}"
        )
    tested = provision.back_test(history, rolls, policy=real.POLICY, split=real.LEARNED).rolls
    print("\nback-test: rates of 2019 on January to March 2020, 1 to 90 days")
    for row in tested[tested["bucket"].isin(real.NAMES[1:4])].to_dict("records"):
        name = f"{row['currency']} {row['bucket']}"
        print(
            f"{name:18}{row['items']:>8,}{row['rate_items']:>8,}"
            f"  predicted {_percent(row['predicted_ppm']):>13} {row['predicted_amount'] / 100:>14,.2f}"
            f"  realised {_percent(row['realised_ppm']):>13} {row['realised_amount'] / 100:>14,.2f}"
        )


def show_speed(items: int, months: int) -> None:
    """Each step once; what it costs beside one derivation of the open items."""
    book, people = _made(items)
    policy = MatrixPolicy(months=months, tested_months=1)
    day = AS_OF.astype(object)
    one, open_items = _timed(lambda: ledger.open_items_as_of(*book, as_of=day))
    whole, history = _timed(lambda: roll_rates.observe_history(*book, people, as_of=day, policy=policy))
    counted, rolls = _timed(lambda: roll_rates.count_rolls(history))
    rated, rates = _timed(lambda: roll_rates.estimate_rates(rolls, policy=policy, through=day))
    aged = aging.age_open_items(open_items, as_of=day)
    three, books = _timed(
        lambda: provision.provide_books(aged, people, rates, policy=ProvisionPolicy(matrix=policy), as_of=day)
    )
    ends = len(history.days)
    print(f"\n{items:,} documents, {ends} month ends, {int(rolls['items'].sum()):,} item-months counted")
    print(f"open items once          {one:8.2f} s   1.00x")
    print(f"history, {ends} ends         {whole:8.2f} s   {whole / one / ends:.2f}x a month end")
    print(f"rolls                    {counted:8.2f} s   {counted / one:.2f}x")
    print(f"rates                    {rated:8.2f} s   {rated / one:.2f}x")
    print(f"three books, {len(books.by_item):,} debts {three:8.2f} s   {three / one:.2f}x")


def _made(count: int) -> tuple[Facts, pd.DataFrame]:
    """Documents of 17 months, most of them cleared around their due date; a seed of its own."""
    rng = np.random.default_rng(20261)
    issued = np.datetime64("2025-06-01") + rng.integers(0, 510, count).astype("timedelta64[D]")
    due = issued + rng.choice([30, 60, 90], count).astype("timedelta64[D]")
    paid = due + (rng.exponential(35, count).astype(np.int64) - 15).astype("timedelta64[D]")
    amount = (np.exp(rng.normal(13, 1.2, count)) * 100).astype(np.int64) + 1
    is_paid = (paid <= AS_OF) & (rng.random(count) < 0.97)
    number = np.arange(count)
    names = np.array([f"C{n:05d}" for n in range(CUSTOMER_COUNT)], dtype=object)
    instant = pd.Timestamp("2026-10-31", tz="UTC")
    owner = names[rng.integers(0, CUSTOMER_COUNT, count)]
    documents = _frame(
        DOCUMENTS, count, document_key=number, company_id="CO01", customer_id=owner,
        document_id=number.astype(str), document_kind="invoice", original_amount=amount, recorded_at=instant,
        document_date=issued.astype("datetime64[s]"), due_date=due.astype("datetime64[s]"),
        currency=np.where(rng.random(count) < 0.2, "USD", "COP"),
    )  # fmt: skip
    cleared, left = np.flatnonzero(is_paid), np.flatnonzero(~is_paid)
    clearings = _frame(
        CLEARINGS, len(cleared), document_key=cleared, clearing_date=paid[cleared].astype("datetime64[s]"),
        cleared_amount=amount[cleared], extract_date=AS_OF.astype("datetime64[s]"), recorded_at=instant,
    )  # fmt: skip
    sights = _frame(
        OBSERVATIONS, len(left), document_key=left, observed_date=AS_OF.astype("datetime64[s]"),
        open_amount=amount[left], recorded_at=instant,
    )  # fmt: skip
    people = _frame(
        CUSTOMERS, CUSTOMER_COUNT, company_id="CO01", customer_id=names,
        cluster_id=np.array([f"K{n % 8}" for n in range(CUSTOMER_COUNT)], dtype=object),
    )  # fmt: skip
    return Facts(documents, sights, clearings, APPLICATIONS.empty(), REVERSALS.empty()), people


def _frame(table: Any, count: int, **columns: Any) -> pd.DataFrame:
    blank: dict[str, Any] = {"text": "", "date": pd.NaT, "money": 0, "integer": 0, "flag": False}
    plain = {name: columns.get(name, blank.get(kind, "")) for name, kind in table.columns.items()}
    frame: pd.DataFrame = table.conform(pd.DataFrame(plain, index=range(count)))
    return frame


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _percent(ppm: int) -> str:
    return "not observed" if ppm < 0 else f"{ppm / 10_000:.4f} %"


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--items", type=int, default=1_000_000)
    reader.add_argument("--months", type=int, default=12)
    reader.add_argument("--only", choices=["real", "speed"])
    given = reader.parse_args()
    shared = Path(os.environ.get("WORKBENCH_SHARED") or Path(__file__).resolve().parents[3] / "shared")
    if given.only != "speed" and (shared / "data").is_dir():
        show_real(shared)
    if given.only != "real":
        show_speed(given.items, given.months)


if __name__ == "__main__":
    main()
