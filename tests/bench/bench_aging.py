"""Ageing from columns against one numpy pass over them, and against pd.cut + pivot_table (PERFORMANCE, 1).

    python tests/bench/bench_aging.py [--items N] [--repeats R] [--without-pandas] [--without-numba]

Options take turns in each round; the ratio is of medians (and of minima) to the numpy pass of the same run.
Every answer is compared cell by cell before anything is printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench import aging_kernel
from workbench.aging_kernel import bucket_amounts
from workbench.policy import Buckets

CUSTOMERS, CURRENCIES = 50_000, 3
UPPER = Buckets().upper
LIMIT, PANDAS = "numpy sum of each column", "pd.cut + pivot_table"
#: Ratio to the limit that PERFORMANCE (1) asks for.
GOALS = {
    "numba, clustered": 1.5,
    "numba, unsorted": 5.0,
    "numpy, clustered": 15.0,
    "numpy, unsorted": 15.0,
}


def columns(items: int) -> dict[str, np.ndarray]:
    """Coded columns, clustered by customer: skewed customers × 3 currencies, days −60 … 500, cents."""
    rng = np.random.default_rng(20261031)
    share = 1 / np.arange(1, CUSTOMERS + 1) ** 0.8
    customer = rng.choice(CUSTOMERS, items, p=share / share.sum())
    group = np.sort(customer * CURRENCIES + rng.integers(0, CURRENCIES, items)).astype(np.int32)
    return {
        "group": group,
        "days": rng.integers(-60, 500, items).astype(np.int32),
        "amount": rng.integers(-(10**7), 10**9, items),
    }


def pivot(frame: pd.DataFrame) -> np.ndarray:
    """What people write."""
    edges = [-np.inf, *UPPER, np.inf]
    aged = frame.assign(bucket=pd.cut(frame["days"], edges))
    table = aged.pivot_table(
        index="group", columns="bucket", values="amount", aggfunc="sum", observed=False, fill_value=0
    )
    return table.reindex(range(CUSTOMERS * CURRENCIES), fill_value=0).to_numpy()


def peak(work: Callable[[], object]) -> int:
    """Bytes allocated at the worst moment, above what stood before."""
    tracemalloc.start()
    work()
    worst = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--without-pandas", action="store_true")
    parser.add_argument("--without-numba", action="store_true")
    chosen = parser.parse_args()
    clustered = columns(chosen.items)
    mixed = np.random.default_rng(7).permutation(chosen.items)
    unsorted = {name: column[mixed] for name, column in clustered.items()}
    input_bytes = sum(column.nbytes for column in clustered.values())
    groups = CUSTOMERS * CURRENCIES

    def aged(data: dict[str, np.ndarray], engine: aging_kernel.Engine) -> Callable[[], np.ndarray]:
        return lambda: bucket_amounts(
            data["group"], data["days"], data["amount"], UPPER, groups, engine=engine
        )

    options: dict[str, Callable[[], object]] = {
        LIMIT: lambda: [column.sum() for column in clustered.values()],
        "numpy, clustered": aged(clustered, "numpy"),
        "numpy, unsorted": aged(unsorted, "numpy"),
    }
    started = time.perf_counter()
    if not chosen.without_numba and aging_kernel.prepare_kernel():
        print(f"numba loaded and compiled in {time.perf_counter() - started:.2f} s, once a process")
        options["numba, clustered"] = aged(clustered, "numba")
        options["numba, unsorted"] = aged(unsorted, "numba")
    if not chosen.without_pandas:
        frame = pd.DataFrame(unsorted)
        options[PANDAS] = lambda: pivot(frame)

    expected = aged(clustered, "numpy")()
    for name, option in options.items():
        if name != LIMIT and not np.array_equal(option(), expected):
            raise SystemExit(f"{name} gives other figures")
    seconds: dict[str, list[float]] = {name: [] for name in options}
    for _ in range(chosen.repeats):
        for name, option in options.items():
            started = time.perf_counter()
            option()
            seconds[name].append(time.perf_counter() - started)

    limit = seconds[LIMIT]
    print(f"{chosen.items:,} items, {groups:,} groups, {input_bytes / 1e6:,.0f} MB of columns; answers equal")
    print(f"{'option':<26} {'median s':>9} {'x limit':>8} {'(minima)':>9} {'goal':>6} {'extra memory':>13}")
    for name, option in sorted(options.items(), key=lambda pair: statistics.median(seconds[pair[0]])):
        median = statistics.median(seconds[name])
        goal = f"{GOALS[name]:g}" if name in GOALS else ""
        print(
            f"{name:<26} {median:>9.4f} {median / statistics.median(limit):>8.1f} "
            f"{min(seconds[name]) / min(limit):>9.1f} {goal:>6} {peak(option) / input_bytes:>12.2f}x"
        )
    if not chosen.without_pandas:
        slow = statistics.median(seconds[PANDAS])
        for name in (name for name in options if name in GOALS):
            print(f"{name}: {slow / statistics.median(seconds[name]):,.0f} times as fast as {PANDAS}")


if __name__ == "__main__":
    main()
