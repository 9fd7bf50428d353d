"""kill -9 while the book is written: nothing lost, nothing doubled, no half, and resumed to the same bytes.

Each kill is aimed by what the child has written, inside a transaction or between two. At least 95 of 100
must find it at work, after some write and before the end, or the trials proved nothing (TRUST, fact 9).
"""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import (
    CUSTOMER,
    Clock,
    application,
    faults,
    import_items,
    import_receipts,
    import_rows,
    ledger_hash,
    legs,
    new_book,
)
from faults.forked import END, Tell, kill_at, tell_writes, wait_for_the_dead

from workbench import book as books
from workbench import intake
from workbench.book import read
from workbench.book.postings import apply

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems"),
]
PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
#: The release run asks for 200 of each.
TRIALS = int(os.environ.get("WORKBENCH_TRIALS", "40"))
ON_ONE_BOOK = 20
ROWS, OPERATIONS = 100, 12
TODAY = dt.date(2026, 11, 3)


class Tally(Counter[str]):
    """What the trials did, so that nobody quotes a figure from an idle test."""

    def judge(self, what: str, began: float) -> None:
        print(f"\n{what}: {dict(sorted(self.items()))}, {time.monotonic() - began:.0f} s")
        assert self["at work"] >= 0.95 * self["trials"], "killed before the work or after it"

    def note(self, words: list[str]) -> None:
        self["trials"] += 1
        self["at work"] += any(word.startswith("wrote") for word in words) and words[-1] != END
        self["inside a transaction"] += words[-1].startswith("wrote")


def opened(url: str) -> books.Book:
    """As a process opens it after the fork; the clock stands, so that equal work gives equal bytes."""
    return books.open_book(url, clock=Clock(), busy_seconds=60)


def aims(chance: random.Random, words: int, later: int) -> Iterator[dict[str, Any]]:
    """Where to kill: half of the time on the spot, after any word but the last; else while it goes on.

    ``later`` words of its own are left then, so that the kill comes before the end.
    """
    while True:
        is_standing = chance.random() < 0.5
        yield {
            "place": chance.randint(1, words - 1 if is_standing else words - later),
            "delay": chance.choice([0.0, chance.uniform(0, 0.002)]),
            "is_standing": is_standing,
        }


def books_of_trials(
    folder: Path, database: str, fill: Callable[[books.Book], None]
) -> Iterator[tuple[int, str]]:
    """A fresh book for every so many trials: the trial's number on it, and the address."""
    for trial in range(TRIALS):
        if trial % ON_ONE_BOOK == 0:
            home = folder / str(trial)
            home.mkdir()
            book = new_book(home, database=database)
            fill(book)
            book.close()
        yield trial % ON_ONE_BOOK, book.url


# Import ------------------------------------------------------------------------------------------------


def a_file(folder: Path, number: int) -> Path:
    """A hundred items of its own."""
    path = folder / f"items-{number}.csv"
    head = (
        "company,fiscal_year,doc_type,document_no,item,customer,document_date,due_date,currency,amount,saldo"
    )
    rows = (
        f"CO01,2026,INV,{number:03}{row:05},001,C1,2026-09-01,2026-10-01,COP,{row + 1}.00,{row + 1}.00"
        for row in range(ROWS)
    )
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def import_one(book: books.Book, path: Path) -> intake.ImportResult:
    return intake.import_file(
        book, path, "open_items", today=TODAY, parameters=PARAMETERS, extract_date=dt.date(2026, 10, 31)
    )


def with_a_customer(book: books.Book) -> None:
    import_rows(book, "customers", CUSTOMER, {"customer_id": "C1"})


def test_an_import_killed_anywhere_is_whole_or_not_there(tmp_path: Path, database: str) -> None:
    began, tally = time.monotonic(), Tally()
    files = [a_file(tmp_path, number) for number in range(ON_ONE_BOOK)]
    unbroken = unbroken_imports(tmp_path, database, files)
    aim = aims(random.Random(20261031), 5, 2)  # documents, observations, import_batches, audit, end
    for trial, url in books_of_trials(tmp_path, database, with_a_customer):

        def work(tell: Tell, url: str = url, path: Path = files[trial]) -> None:
            with opened(url) as book:
                tell_writes(book, tell)
                import_one(book, path)

        told = kill_at(work, **next(aim))
        tally.note(told)
        with opened(url) as book:
            wait_for_the_dead(book)
            documents = read.documents(book)
            own = documents[documents["document_number"].str.startswith(f"{trial:03}")]
            assert len(documents) - len(own) == trial * ROWS
            assert (len(own), int(own["original_amount"].sum())) in [(0, 0), (ROWS, ROWS * (ROWS + 1) * 50)]
            assert own.shape[0] == ROWS or told[-1] != END, "what was answered is gone"
            assert faults(book) == []
            tally["whole"] += len(own) == ROWS
            assert import_one(book, files[trial]).status == ("duplicate" if len(own) else "accepted")
            assert ledger_hash(book) == unbroken[trial], "resumed, it is not what an unbroken run gives"
    tally.judge(f"import, {database}", began)


def unbroken_imports(folder: Path, database: str, files: list[Path]) -> list[str]:
    """The ledger's hash after each file of a run that nobody kills."""
    home = folder / "unbroken"
    home.mkdir()
    hashes = []
    with new_book(home, database=database) as book:
        with_a_customer(book)
        for path in files:
            assert import_one(book, path).status == "accepted"
            hashes.append(ledger_hash(book))
    return hashes


# Apply -------------------------------------------------------------------------------------------------


def operation(trial: int, number: int) -> pd.DataFrame:
    """70 of an invoice of 100: cash 60 of its own receipt, and a withholding of 10."""
    key = trial * OPERATIONS + number + 1
    name = f"ana-{key}"
    return legs(
        application(name, key, 60_00, application_id=f"{name}/1", receipt_key=key),
        application(name, key, 10_00, application_id=f"{name}/2", receipt_key=key, kind="withholding"),
    )


def filled(book: books.Book) -> None:
    numbers = range(1, ON_ONE_BOOK * OPERATIONS + 1)
    import_items(book, *({"document_number": str(number)} for number in numbers))
    import_receipts(book, *({"receipt_id": str(number)} for number in numbers))


def test_applications_killed_anywhere_are_whole_or_not_there(tmp_path: Path, database: str) -> None:
    began, tally = time.monotonic(), Tally()
    unbroken = unbroken_applications(tmp_path, database)
    aim = aims(random.Random(20261101), 4 * OPERATIONS, 8)  # operations, applications, audit, done; each
    for trial, url in books_of_trials(tmp_path, database, filled):

        def work(tell: Tell, url: str = url, trial: int = trial) -> None:
            with opened(url) as book:
                tell_writes(book, tell)
                for number in range(OPERATIONS):
                    apply(book, operation(trial, number), who="ana")
                    tell(f"done {trial * OPERATIONS + number + 1}")

        told = kill_at(work, **next(aim))
        tally.note(told)
        answered = {f"ana-{word.split()[1]}" for word in told if word.startswith("done")}
        with opened(url) as book:
            wait_for_the_dead(book)
            applied = read.applications(book)
            mine = applied[applied["document_key"] > trial * OPERATIONS]
            kept = set(mine["operation_id"])
            assert answered <= kept, "what was answered is gone"
            assert len(kept) <= len(answered) + 1
            assert sorted(mine["applied_amount"]) == [10_00] * len(kept) + [60_00] * len(kept), "a half"
            assert faults(book) == []
            tally["answered"] += len(answered)
            tally["kept, not yet answered"] += len(kept - answered)
            for number in range(OPERATIONS):
                posted = apply(book, operation(trial, number), who="ana")
                assert posted.stored in (0, 2)
                assert (posted.stored == 0) == (f"ana-{trial * OPERATIONS + number + 1}" in kept)
            assert ledger_hash(book) == unbroken[trial], "resumed, it is not what an unbroken run gives"
    tally.judge(f"apply, {database}", began)


def unbroken_applications(folder: Path, database: str) -> list[str]:
    """The ledger's hash after each trial's work, of a run that nobody kills."""
    home = folder / "unbroken"
    home.mkdir()
    hashes = []
    with new_book(home, database=database) as book:
        filled(book)
        for trial in range(ON_ONE_BOOK):
            for number in range(OPERATIONS):
                apply(book, operation(trial, number), who="ana")
            hashes.append(ledger_hash(book))
    return hashes
