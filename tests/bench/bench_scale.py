"""A million receipts against five million open items on two cores: done, by stage, with the memory it took.

``python tests/bench/bench_scale.py [--receipts N] [--items N] [--processes N] [--seed N]``

Receipts of known payers: named documents, one document or two by amount, sums that mean no document. Time is
wall time, and CPU of this process and of those that decide; memory is the most that was resident so far.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from workbench import matching, tables
from workbench.matching.executors import InOneProcess
from workbench.policy import MatchingPolicy
from workbench.workers import InProcesses

AS_OF = dt.date(2026, 10, 31)
ITEMS_A_CUSTOMER = 23
#: One receipt in so many means no document; of the others half name theirs, one in five pays two.
UNRELATED, NAMED, TWO = 0.1, 0.5, 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=5_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261)
    chosen = parser.parse_args()
    stages = Stages()
    draw = np.random.default_rng(chosen.seed)
    items, owner, amounts = make_items(draw, chosen.items)
    stages.ended(f"{len(items):,} open items made")
    receipts, truth = make_receipts(draw, items, owner, amounts, chosen.receipts)
    stages.ended(f"{len(receipts):,} receipts made")
    executor = Watched(InProcesses(chosen.processes)) if chosen.processes > 1 else InOneProcess()
    stages.helpers = executor if isinstance(executor, Watched) else None
    matched = matching.match_receipts(
        receipts, items, policy=MatchingPolicy(), as_of=AS_OF, executor=executor, progress=stages.progress
    )
    stages.ended("matched")
    proof = matching.prove_conservation(receipts, matched)
    stages.ended("conservation proved")
    if (proof["difference"] != 0).any():
        raise SystemExit(f"cash was lost:\n{proof}")
    judge(matched, truth, len(receipts), stages)


class Stages:
    """Prints what each stage took."""

    def __init__(self) -> None:
        self._started, self._cpu, self._told = time.perf_counter(), cpu(), time.perf_counter()
        self.helpers: Watched | None = None
        self.wall: dict[str, float] = {}
        self.spent: dict[str, float] = {}

    def ended(self, stage: str) -> None:
        wall, spent = time.perf_counter() - self._started, cpu() - self._cpu
        cpu_of, resident = self.helpers.spent() if self.helpers else (0.0, [])
        self.wall[stage], self.spent[stage] = wall, spent + cpu_of
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        beside = f" ({cpu_of:.1f} of the others)" if cpu_of else ""
        others = (
            f", of each of the others {', '.join(f'{one:.2f}' for one in resident)} GB" if resident else ""
        )
        print(f"{stage}: {wall:.1f} s, {spent + cpu_of:.1f} CPU s{beside}; most resident so far"
              f" {own:.2f} GB{others}", flush=True)  # fmt: skip
        self._started, self._cpu = time.perf_counter(), cpu()

    def progress(self, done: int, whole: int) -> None:
        if time.perf_counter() - self._told > 15 or done == whole:
            self._told = time.perf_counter()
            print(f"  {done:,} of {whole:,} receipts decided, {self._told - self._started:.0f} s"
                  " into this stage", file=sys.stderr, flush=True)  # fmt: skip


def make_items(draw: np.random.Generator, count: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Invoices, by customer; texts never as Python objects."""
    owner = np.sort(draw.integers(0, max(count // ITEMS_A_CUSTOMER, 1), count))
    amounts = np.exp(draw.normal(13, 1.2, count)).astype(np.int64) * 100 + draw.integers(0, 100, count)
    number = pd.Series(np.arange(10_000_000, 10_000_000 + count)).astype("str")
    issued = pd.Timestamp("2026-04-01") + pd.to_timedelta(draw.integers(0, 180, count), unit="D")
    frame = {name: blank(kind, count) for name, kind in tables.OPEN_ITEMS.columns.items()}
    frame |= {
        "document_key": np.arange(1, count + 1),
        "company_id": constant("CO01", count),
        "customer_id": "C" + pd.Series(owner).astype("str"),
        "document_type": constant("RV", count),
        "document_kind": constant("invoice", count),
        "document_id": "FE-" + number,
        "document_number": number,
        "currency": constant("COP", count),
        "document_date": issued,
        "due_date": issued + pd.to_timedelta(30, unit="D"),
        "original_amount": amounts,
        "open_amount": amounts,
        "erp_open_amount": amounts,
    }
    return tables.OPEN_ITEMS.conform(pd.DataFrame(frame)), owner, amounts


def make_receipts(
    draw: np.random.Generator, items: pd.DataFrame, owner: np.ndarray, amounts: np.ndarray, count: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Receipts, and what each pays: by receipt key, first and second document (−1: none)."""
    first = np.sort(draw.choice((len(items) - 1) // 2, count, replace=False) * 2)
    is_related = draw.random(count) >= UNRELATED
    has_two = is_related & (draw.random(count) < TWO) & (owner[first] == owner[first + 1])
    amount = amounts[first] + np.where(has_two, amounts[first + 1], 0)
    amount = np.where(is_related, amount, amount + draw.integers(1, 10_000_000, count))
    documents = items["document_id"]
    named = documents.take(first).reset_index(drop=True)
    second = documents.take(first + 1).reset_index(drop=True)
    text = named.where(~has_two, named + " " + second)
    text = ("PAGO " + text).where(is_related & (draw.random(count) < NAMED), "TRANSFERENCIA ACH")
    frame = {name: blank(kind, count) for name, kind in tables.RECEIPTS.columns.items()}
    frame |= {
        "receipt_key": np.arange(1, count + 1),
        "receipt_id": "R" + pd.Series(np.arange(count)).astype("str"),
        "company_id": constant("CO01", count),
        "account_id": constant("B1", count),
        "receipt_date": pd.Timestamp("2026-10-01") + pd.to_timedelta(draw.integers(0, 31, count), unit="D"),
        "currency": constant("COP", count),
        "received_amount": amount,
        "customer_id": "C" + pd.Series(owner[first]).astype("str"),
        "text": text,
    }
    truth = pd.DataFrame(
        {
            "receipt_key": frame["receipt_key"],
            "first": np.where(is_related, first + 1, -1),
            "second": np.where(has_two, first + 2, -1),
        }
    )
    return tables.RECEIPTS.conform(pd.DataFrame(frame)), truth


def judge(matched: matching.Matched, truth: pd.DataFrame, receipts: int, stages: Stages) -> None:
    taken = matched.applied.groupby("receipt_key")["document_key"].agg(["min", "max"])
    both = truth.set_index("receipt_key").join(taken, how="inner")
    last = both["second"].where(both["second"] > 0, both["first"])
    right = int(((both["min"] == both["first"]) & (both["max"] == last)).sum())
    wall, spent = stages.wall["matched"], stages.spent["matched"]
    related = int((truth["first"] > 0).sum())
    print(f"applied {len(taken):,}, right {right:,} of {related:,} that mean documents"
          f" ({right / max(related, 1):.1%}), wrong {len(taken) - right:,};"
          f" {receipts / wall:,.0f} receipts a second, {receipts / spent:,.0f} a CPU second")  # fmt: skip


def constant(text: str, count: int) -> pd.Series:
    return pd.Series(text, index=range(count), dtype="str")


def blank(kind: str, count: int) -> object:
    if kind == "text":
        return constant("", count)
    if kind == "instant":
        return pd.Series(pd.Timestamp("2026-10-31", tz="UTC"), index=range(count))
    return pd.Series(pd.NaT, index=range(count)) if kind == "date" else np.zeros(count, dtype=np.int64)


def cpu() -> float:
    """Seconds of this process."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


class Watched:
    """An executor whose processes say what they have spent."""

    def __init__(self, executor: InProcesses) -> None:
        self._executor = executor
        self._spent: dict[int, tuple[float, int]] = {}

    def results(
        self, function: Callable[[Any], Any], tasks: Iterable[tuple[int, Any]]
    ) -> Iterator[tuple[int, Any]]:
        for number, (process, seconds, resident, result) in self._executor.results(
            partial(measured, function), tasks
        ):
            before = self._spent.get(process, (0.0, 0))[0]
            self._spent[process] = before + seconds, resident
            yield number, result

    def spent(self) -> tuple[float, list[float]]:
        """CPU seconds since the last time, and what each process had resident at the most (GB)."""
        whole = sum(seconds for seconds, _ in self._spent.values())
        resident = [one / 2**20 for _, one in self._spent.values()]
        self._spent = {}
        return whole, resident


def measured(function: Callable[[Any], Any], task: Any) -> tuple[int, float, int, Any]:
    started = cpu()
    result = function(task)
    return os.getpid(), cpu() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, result


if __name__ == "__main__":
    main()
