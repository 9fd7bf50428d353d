"""What searches for sets of documents cost beside combinations and ``dpss``, and two processes beside one.

``python tests/bench/bench_subsets.py [--times N] [--receipts N]``

Ratios of PERFORMANCE (3) and (9): any size of 30 documents and up to four of 200 in a millisecond each, 1,000
times ``itertools`` at 20 documents, 100 times ``dpss`` (left out where it is not installed: ``uv pip install
--target DIR dpss``, and DIR in ``PYTHONPATH``); 1.6 times as fast with two processes; parts cost 2 % at most.
Medians, the options in turn. Amounts are odd; each target is a set of them.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

import bench_scale
import numpy as np

from workbench import matching
from workbench.matching import partitions
from workbench.policy import MatchingPolicy
from workbench.subsets import find_subsets
from workbench.workers import InProcesses

CASES = ((20, None), (28, None), (30, None), (60, 4), (100, 4), (200, 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--receipts", type=int, default=20_000, help="for one and two processes; 0: not")
    chosen = parser.parse_args()
    draw = np.random.default_rng(20261)
    find_subsets(np.array([3, 5, 7]), 8)
    find_subsets(np.array([3, 5, 7]), 8, largest=4)
    for n, largest in CASES:
        cost = statistics.median(one_search(draw, n, largest) for _ in range(chosen.times))
        goal = "at most 1 ms" if n in (30, 200) else ""
        size = "any size" if largest is None else f"up to {largest}"
        print(f"n = {n:>3}, {size:<9} {cost * 1e3:>9.3f} ms a search {goal}", flush=True)
    beside_combinations(draw)
    beside_dpss(draw, chosen.times)
    if chosen.receipts:
        beside_processes(draw, chosen.receipts)


def one_search(draw: np.random.Generator, n: int, largest: int | None) -> float:
    amounts, target = drawn(draw, n, largest)
    started = time.process_time()
    found = find_subsets(amounts, target, largest=largest)
    spent = time.process_time() - started
    if found.verdict not in ("unique", "ambiguous"):
        raise SystemExit(f"a set that is there was not found: {amounts.tolist()}, {target}")
    return spent


def drawn(draw: np.random.Generator, n: int, largest: int | None) -> tuple[Any, int]:
    """Amounts in minor units, odd, and the sum of a few of them."""
    amounts = draw.integers(10_000, 100_000_000, n) * 2 + 1
    size = int(draw.integers(2, (largest or 6) + 1))
    return amounts, int(draw.choice(amounts, size, replace=False).sum())


def beside_combinations(draw: np.random.Generator) -> None:
    """Every combination of 20 documents: only who has seen all may say that an answer is the only one."""
    ours, theirs = [], []
    for number in range(21):
        amounts, target = drawn(draw, 20, None)
        ours.append(took(find_subsets, amounts, target))
        if number % 7 == 0:
            theirs.append(took(all_combinations, amounts.tolist(), target))
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"itertools at n = 20: {statistics.median(theirs):.2f} s, {ratio:,.0f} x ours; to reach 1,000 x")


def all_combinations(amounts: list[int], target: int) -> list[tuple[int, ...]]:
    sizes = range(1, len(amounts) + 1)
    return [one for size in sizes for one in itertools.combinations(amounts, size) if sum(one) == target]


def beside_dpss(draw: np.random.Generator, times: int) -> None:
    """Its work grows with the amounts, so they are small: pesos, no cents."""
    try:
        import dpss
    except ImportError:
        print("dpss is left out: it is not installed")
        return
    ours, theirs = [], []
    for _ in range(min(times, 7)):
        amounts = draw.integers(1_000, 100_000, 15) * 2 + 1
        target = int(draw.choice(amounts, 4, replace=False).sum())
        ours.append(took(find_subsets, amounts, target, largest=4))
        theirs.append(took(dpss.find_subset, amounts.tolist(), target, 4))
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"dpss, 15 documents up to 4, amounts up to 200,000: {statistics.median(theirs):.2f} s,"
          f" {ratio:,.0f} x ours; to reach 100 x")  # fmt: skip


def beside_processes(draw: np.random.Generator, receipts: int) -> None:
    """The same receipts by one process whole, by one in parts, and by two."""
    items, owner, amounts = bench_scale.make_items(draw, receipts * 5)
    paid, _ = bench_scale.make_receipts(draw, items, owner, amounts, receipts)
    wall: dict[str, list[float]] = {"whole": [], "parted": [], "two processes": []}
    usual = partitions.WORK

    def match(executor: Any = None) -> None:
        matching.match_receipts(
            paid, items, policy=MatchingPolicy(), as_of=bench_scale.AS_OF, executor=executor
        )

    spent: dict[str, list[float]] = {"whole": [], "parted": []}
    for _ in range(3):
        for name, work, executor in (
            ("whole", 10**9, None),
            ("parted", usual, None),
            ("two processes", usual, InProcesses(2)),
        ):
            partitions.WORK = work
            started, cpu = time.perf_counter(), time.process_time()
            match(executor)
            wall[name].append(time.perf_counter() - started)
            if executor is None:
                spent[name].append(time.process_time() - cpu)
    partitions.WORK = usual
    one, two = statistics.median(wall["parted"]), statistics.median(wall["two processes"])
    cost = statistics.median(spent["parted"]) / statistics.median(spent["whole"]) - 1
    print(f"{receipts:,} receipts: one process {one:.1f} s, two {two:.1f} s: {one / two:.2f} x; to reach"
          f" 1.6 x; parts cost {cost:+.1%} CPU; to stay within 2 %")  # fmt: skip


def took(work: Callable[..., object], *given: object, **named: object) -> float:
    started = time.process_time()
    work(*given, **named)
    return max(time.process_time() - started, 1e-7)


if __name__ == "__main__":
    main()
