"""Real processes on one book: none over-applies, none loses what it was told is done, none leaves a half."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from book_world import application, faults, import_items, import_receipts, legs, new_book

from workbench import book as books
from workbench.book import read
from workbench.book.postings import apply

WORKER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from book_world import application, legs
from workbench import book as books
from workbench.book.postings import apply
from workbench.errors import PostingRefusedError

url, name, count = sys.argv[2], sys.argv[3], int(sys.argv[4])
with books.open_book(url, busy_seconds=120) as book:
    print("ready", flush=True)
    sys.stdin.readline()
    for receipt in range(1, count + 1):
        leg = application(f"{name}-{receipt}", receipt, 60_00, receipt_key=receipt)
        try:
            apply(book, legs(leg), who=name)
            print(json.dumps([name, receipt, "done"]), flush=True)
        except PostingRefusedError as refused:
            print(json.dumps([name, receipt, refused.cause]), flush=True)
"""


def worker(book: books.Book, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(Path(__file__).parent.parent), book.url, name, str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def filled(folder: Path, count: int, database: str) -> books.Book:
    """As many invoices of 100 and receipts of 100 as asked; 60 fits each of them once, not twice."""
    book = new_book(folder, database=database)
    import_items(book, *({"document_number": str(number)} for number in range(1, count + 1)))
    import_receipts(book, *({"receipt_id": str(number)} for number in range(1, count + 1)))
    return book


def test_two_processes_apply_each_receipt_once_between_them(tmp_path: Path, database: str) -> None:
    count = 15
    book = filled(tmp_path, count, database)
    workers = [worker(book, name, count) for name in ("ana", "luz")]
    for process in workers:
        go(process)
    answers = [json.loads(line) for process in workers for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in workers] == [0, 0]
    done = [receipt for _, receipt, answer in answers if answer == "done"]
    assert sorted(done) == list(range(1, count + 1))
    refused = {answer for _, _, answer in answers} - {"done"}
    assert refused == {"receipt-over-applied"}
    assert read.applications(book)["applied_amount"].tolist() == [60_00] * count
    assert faults(book) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_kill_9_loses_nothing_that_was_answered_and_leaves_no_half(tmp_path: Path, database: str) -> None:
    trials, count = 20, 40
    chance = random.Random(20261031)
    killed_at_work = 0
    for trial in range(trials):
        folder = tmp_path / str(trial)
        folder.mkdir()
        book = filled(folder, count, database)
        process = worker(book, "ana", count)
        go(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.wait()
        answered = [json.loads(line) for line in (first + rest).splitlines() if line.endswith("]")]
        kept = set(read.applications(book)["operation_id"])
        assert {f"ana-{receipt}" for _, receipt, _ in answered} <= kept
        assert len(kept) <= len(answered) + 1
        assert faults(book) == []
        killed_at_work += 0 < len(kept) < count
        # Begun again, it ends where an unbroken run ends.
        redo = legs(*(application(f"ana-{n}", n, 60_00, receipt_key=n) for n in range(1, count + 1)))
        posted = apply(book, redo, who="ana")
        assert (posted.stored, posted.repeated) == (count - len(kept), len(kept))
    assert killed_at_work >= trials * 0.9, "the kills came before or after the work, and so proved nothing"


IMPORTER = """
import sys
sys.path.insert(0, sys.argv[1])
from book_world import import_items
from workbench import book as books

with books.open_book(sys.argv[2]) as book:
    print("ready", flush=True)
    sys.stdin.readline()
    import_items(book, *({"document_number": str(number)} for number in range(int(sys.argv[3]))))
    print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems")
def test_an_import_killed_midway_is_whole_or_not_there(tmp_path: Path, database: str) -> None:
    count, trials = 3000, 12
    chance = random.Random(7)
    command = [sys.executable, "-c", IMPORTER, str(Path(__file__).parent.parent)]
    seen = set()
    took = 0.0
    for trial in range(trials + 1):
        folder = tmp_path / str(trial)
        folder.mkdir()
        book = new_book(folder, database=database)
        process = subprocess.Popen(
            [*command, book.url, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        begun = time.monotonic()
        go(process)
        if trial == 0:  # unbroken, to know how long the work takes
            assert process.stdout.readline() == "done\n"
            took = time.monotonic() - begun
            process.wait()
            continue
        time.sleep(chance.uniform(0.2, 1.1) * took)
        process.send_signal(signal.SIGKILL)
        process.wait()
        stored = len(read.documents(book))
        assert stored in (0, count)
        assert faults(book) == []
        seen.add(stored)
        assert import_items(book, *({"document_number": str(n)} for n in range(count))).rows_in == count
        assert len(read.documents(book)) == count
    assert 0 in seen, "no trial was killed before its end"
