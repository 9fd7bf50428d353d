"""Two and eight processes at 1,000 receipts on one book: none applied twice, no error but a refusal."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from book_world import application, faults, import_items, import_receipts, legs, new_book
from faults.forked import END, Tell, fork, meet_before_writing

from workbench import book as books
from workbench.book import read
from workbench.book.postings import apply
from workbench.errors import PostingRefusedError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="children are forked")
RECEIPTS = 1_000


def filled(folder: Path, count: int, database: str) -> str:
    """As many invoices of 100 and receipts of 100 as asked; 60 fits each of them once, not twice."""
    with new_book(folder, database=database) as book:
        import_items(book, *({"document_number": str(number)} for number in range(1, count + 1)))
        import_receipts(book, *({"receipt_id": str(number)} for number in range(1, count + 1)))
        return book.url


def racer(
    url: str, name: str, count: int, at_once: int, seed: int, met: Any = None
) -> Callable[[Tell], None]:
    """Tries every receipt, ``at_once`` of them in a transaction, in an order of its own.

    With ``met``, a barrier: all in one order, from one moment on, and slowly.
    """

    def work(tell: Tell) -> None:
        batches = [range(first, first + at_once) for first in range(1, count + 1, at_once)]
        with books.open_book(url, busy_seconds=300) as book:
            if met is None:
                random.Random(seed).shuffle(batches)
            else:
                meet_before_writing(book, "operations", met)
            for batch in batches:
                rows = [application(f"{name}-{one}", one, 60_00, receipt_key=one) for one in batch]
                try:
                    apply(book, legs(*rows), who=name)
                    tell("done")
                except PostingRefusedError as refused:
                    tell(refused.cause)

    return work


def race(
    folder: Path, database: str, processes: int, count: int, at_once: int, *, is_met: bool = False
) -> None:
    """``is_met``: no chance in it, each process is made to meet the others."""
    url = filled(folder, count, database)
    met = multiprocessing.get_context("fork").Barrier(processes) if is_met else None
    began = time.monotonic()
    children = [fork(racer(url, f"p{n}", count, at_once, n, met)) for n in range(processes)]
    words = [list(child.words()) for child in children]
    assert [child.wait() for child in children] == [0] * processes, "a process did not end well"
    took = time.monotonic() - began
    answers = Counter(word for own in words for word in own)
    batches = count // at_once
    print(f"\n{database}: {processes} × {count} receipts, {at_once} at once: {dict(answers)}, {took:.0f} s")
    assert answers == {"done": batches, "receipt-over-applied": batches * (processes - 1), END: processes}
    with books.open_book(url) as book:
        applied = read.applications(book)
        assert sorted(applied["receipt_key"]) == list(range(1, count + 1))
        assert applied["applied_amount"].tolist() == [60_00] * count
        assert faults(book) == []


def test_two_processes_apply_each_receipt_once_between_them(tmp_path: Path, database: str) -> None:
    race(tmp_path, database, processes=2, count=12, at_once=1)


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "at_once"), [(2, 2), (8, 10)])
def test_a_thousand_receipts_are_applied_once_each(
    tmp_path: Path, database: str, processes: int, at_once: int
) -> None:
    race(tmp_path, database, processes, RECEIPTS, at_once)
