"""A month of statements as PDF beside Typst's bare compile of the same files (issue D, 5).

    PYTHONPATH=tests python tests/bench/bench_documents.py [--customers N] [--processes P] [--block B]

Ours: ``bulk.write_documents`` whole (sums checked, words and figures in the reader's way, content hash, PDF/A
with the content inside, written whole to disk). Bare: ``typst.compile`` of the very same templates and data,
ready in memory, nothing written. Both take turns, block by block and each first in half of them, so a busy
machine slows both; the ratio says what the house adds. Then the same month in processes, once more over what
is there (a run taken up), and peak memory of this process and of the largest one beside.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from documents_world import statement

from workbench.views.documents import bulk, pages
from workbench.views.documents.shapes import StatementPage
from workbench.workers import InProcesses


def month(customers: int) -> Iterator[StatementPage]:
    """Statements of 4 to 17 movements and 5 to 16 open items, one in fifty of 120 and 150."""
    languages = ("es", "es", "es", "en", "both")
    for number in range(customers):
        movements, items = (150, 120) if number % 50 == 49 else (4 + number % 14, 5 + number % 12)
        page = statement(items, movements, language=languages[number % len(languages)])
        yield replace(page, statement_id=f"EC-{number:05d}", customer_id=f"C{number:05d}")


def peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Stopwatch:
    """Seconds by the wall and of every core, added up."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def run(self, work: Callable[[], None]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


def in_turns(customers: int, block: int, folder: Path) -> tuple[Stopwatch, Stopwatch]:
    """Ours and the bare compile, taken in turns."""
    ours, bare = Stopwatch(), Stopwatch()
    coming = month(customers)
    number = 0
    while taken := list(islice(coming, block)):
        projects = [pages.project_of(page) for page in taken]

        def write(taken: list[StatementPage] = taken) -> None:
            for _ in bulk.write_documents(taken, folder):
                pass

        def compile_alone(projects: list[pages.Project] = projects) -> None:
            for project in projects:
                pages.compile_project(project.files, "", project.at)

        turns = [(ours, write), (bare, compile_alone)]
        for watch, work in turns if number % 2 else turns[::-1]:
            watch.run(work)
        number += 1
    return ours, bare


def written_and_peak(task: Any) -> tuple[bulk.Written, int]:
    """In a process of the pool: a document, and the most memory that process had."""
    return bulk._write(task), peak_megabytes()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=2000)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--block", type=int, default=50)
    given = asked.parse_args()
    pages.make_pdf(statement(1, 1))  # fonts are read once
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = in_turns(given.customers, given.block, Path(folder) / "alone")
        per_minute = 60 * given.customers
        print(f"{given.customers:,} statements, one process")
        for name, watch in (("ours", ours), ("bare", bare)):
            each, cpu = 1000 * watch.wall / given.customers, 1000 * watch.cpu / given.customers
            print(
                f"  {name}  {per_minute / watch.wall:>8,.0f} a minute  {each:6.1f} ms each, {cpu:.1f} of CPU"
            )
        print(f"  ours ÷ bare = {ours.wall / bare.wall:.2f} wall, {ours.cpu / bare.cpu:.2f} CPU")
        print(f"  peak {peak_megabytes()} MB")
        began = time.perf_counter()
        again = [one.is_new for one in bulk.write_documents(month(given.customers), Path(folder) / "alone")]
        print(f"  taken up again: {sum(again)} made anew, {time.perf_counter() - began:.1f} s")
        (Path(folder) / "beside").mkdir()
        began = time.perf_counter()
        tasks = enumerate(bulk._tasks(month(given.customers), Path(folder) / "beside", ""))
        done = [result for _, result in InProcesses(given.processes).results(written_and_peak, tasks)]
        beside = time.perf_counter() - began
        size = sum(written.bytes for written, _ in done) / len(done) / 1024
        print(f"{given.processes} processes: {per_minute / beside:,.0f} a minute, {size:.0f} KB each")
        print(f"  peak of the largest {max(peak for _, peak in done)} MB")


if __name__ == "__main__":
    main()
