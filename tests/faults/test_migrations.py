"""kill -9 in an upgrade or a backup, and disks that fill: the old book or the new one, and nothing lost.

A kill is aimed by the statements that the child has sent; most fall between the first change of the schema
and the commit. Printed is what was struck, so that nobody quotes a figure from an idle test.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import past_world
import postgres_server
import pytest
from book_world import Clock, import_items, ledger_hash, new_book
from faults.forked import END, Tell, fork, kill_at
from sqlalchemy import Engine, event

from workbench import book as books
from workbench.book.audit import verify
from workbench.book.backups import back_up, noted, restore
from workbench.book.contents import Content, contents, tables_in, version_in
from workbench.book.migrations.upgrades import upgrade
from workbench.book.opened import open_as_is
from workbench.book.schema import SCHEMA_VERSION
from workbench.errors import WorkbenchError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of POSIX systems"),
]
#: Of the upgrade, shared by the schemas that there have been.
TRIALS = int(os.environ.get("WORKBENCH_TRIALS", "120")) // len(past_world.PAST)
FILLED = 20


def tell_statements(tell: Tell) -> None:
    """From now on this process tells each statement it has sent, by its first words."""

    @event.listens_for(Engine, "after_cursor_execute")
    def told(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        tell("changed" if statement.lstrip().upper().startswith(("CREATE", "INSERT")) else "read")


def held(url: str) -> tuple[int, dict[str, Content]]:
    """The book's schema and what is in its tables."""
    with open_as_is(url) as book, book.reading() as connection:
        return version_in(connection), contents(connection, tables_in(connection))


def of_past(url: str, folder: Path, trial: int) -> str:
    """A copy of the past book for one trial."""
    if url.startswith("sqlite"):
        home = folder / str(trial)
        home.mkdir()
        return f"sqlite:///{shutil.copy(url.removeprefix('sqlite:///'), home / 'book.sqlite')}"
    return postgres_server.take_copy(url)


@pytest.mark.parametrize("version", past_world.PAST)
def test_an_upgrade_killed_anywhere_leaves_the_old_book_or_the_new(
    version: int, database: str, tmp_path: Path
) -> None:
    began, tally, chance = time.monotonic(), Counter[str](), random.Random(20261122)
    past = past_world.past_book(tmp_path, version, database)
    before = held(past)[1]
    aimed = fork(_upgrading(of_past(past, tmp_path, -1), tmp_path / "aim"))
    words, told_at = zip(*((word, time.monotonic()) for word in aimed.words()), strict=True)
    first = words.index("changed") + 1
    for trial in range(TRIALS if database == "sqlite" else TRIALS // 3):
        url, kept = of_past(past, tmp_path, trial), tmp_path / f"kept-{trial}"
        aim = chance.choices(["early", "changing", "commit"], [15, 70, 15])[0]
        place = chance.randint(1, first - 1) if aim == "early" else chance.randint(first, len(words) - 1)
        if aim == "commit":  # somewhere between the last statement and the end
            told = kill_at(
                _upgrading(url, kept), len(words) - 1, delay=chance.uniform(0, 0.03), is_standing=False
            )
        else:  # a running one is struck in the first half of what it has left to do, however fast the machine
            left_to_do = told_at[-1] - told_at[place - 1]
            told = kill_at(
                _upgrading(url, kept),
                place,
                delay=chance.uniform(0, left_to_do / 2),
                is_standing=chance.random() < 0.5,
            )
            if told[-1] == END:  # it got away on a busy machine: struck anew, standing, in a past book anew
                url, kept = of_past(past, tmp_path, trial + 1_000), tmp_path / f"kept-{trial}-again"
                told = kill_at(_upgrading(url, kept), place, delay=0, is_standing=True)
        if database == "postgresql":
            _wait_for_the_dead(url)
        now, content = held(url)
        tally.update(["trials", "new" if now == SCHEMA_VERSION else "old"])
        tally["after the first change, before the end"] += "changed" in told and told[-1] != END
        tally["aimed at the commit"] += aim == "commit"
        tally["at work"] += told[-1] != END and aim != "commit"
        if now == version:
            assert content == before
        left = sorted(kept.glob("*.sqlite"))
        done = upgrade(url, backups=kept)
        assert now == SCHEMA_VERSION or done.backup is not None
        if left and done.backup is not None:
            assert [done.backup.file] == [str(file) for file in left], "the backup left was not recognised"
        assert not list(kept.glob(".*.part")) or done.backup is None
        with books.open_book(url) as book:
            assert [one for one in verify(book) if not one.ok] == []
            with book.reading() as connection:
                now_held = contents(connection, tables_in(connection))
        changed = {name for name in before if now_held[name] != before[name]}
        assert changed == {"settings"}
    print(
        f"\nupgrade {version} on {database}: {dict(sorted(tally.items()))}, {time.monotonic() - began:.0f} s"
    )
    assert tally["at work"] >= 0.95 * (tally["trials"] - tally["aimed at the commit"])
    assert tally["after the first change, before the end"] >= 0.5 * tally["trials"]
    assert tally["old"] >= 0.5 * tally["trials"]


def _upgrading(url: str, kept: Path) -> Callable[[Tell], None]:
    def work(tell: Tell) -> None:
        tell_statements(tell)
        upgrade(url, backups=kept)

    return work


def _wait_for_the_dead(url: str) -> None:
    with open_as_is(url, busy_seconds=60) as book, book.writing_connection():
        pass


def test_a_backup_killed_anywhere_leaves_no_file_under_its_name_or_a_whole_one(tmp_path: Path) -> None:
    tally, chance = Counter[str](), random.Random(7)
    book = new_book(tmp_path)
    import_items(book, *({"document_number": str(number)} for number in range(2_000)))
    url = book.url
    book.close()
    head = held(url)

    def backing_up(file: Path) -> Callable[[Tell], None]:
        def work(tell: Tell) -> None:
            tell_statements(tell)
            tell("begun")
            with open_as_is(url, clock=Clock()) as own:
                back_up(own, file)

        return work

    words = list(fork(backing_up(tmp_path / "aim.sqlite")).words())
    for trial in range(40):
        file = tmp_path / "backups" / f"{trial}.sqlite"
        place = chance.randint(1, len(words) - 1)
        told = kill_at(
            backing_up(file), place, delay=chance.uniform(0, 0.05), is_standing=chance.random() < 0.3
        )
        tally["at work"] += told[-1] != END
        if file.exists():
            tally["whole"] += 1
            assert noted(file) is not None
            restore(file, f"sqlite:///{tmp_path / f'again-{trial}.sqlite'}")
        else:
            tally["none"] += 1
        assert held(url) == head
    print(f"\nbackup: {dict(sorted(tally.items()))}")
    assert tally["at work"] >= 30


# Disks that fill ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB of its own; only root may have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, leaving: int) -> Path:
    """Take all of the disk but so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb") as stream:
        stream.truncate(0)
        free = shutil.disk_usage(disk).free
        stream.write(b"\0" * max(0, free - leaving))
    return ballast


def _rows(number: int) -> list[dict[str, object]]:
    return [{"document_number": f"{number}-{row}", "text": "x" * 200} for row in range(1_500)]


def test_an_import_on_a_disk_that_fills_is_whole_or_not_there(small_disk: Path) -> None:
    tally, chance = Counter[str](), random.Random(1)
    book = new_book(small_disk)
    import_items(book, *_rows(0), on=dt.date(2026, 10, 31))
    for trial in range(1, 3 * FILLED):
        if tally.total() - tally["stored"] == FILLED:
            break
        book.close()
        before = ledger_hash(book)
        ballast = _fill(small_disk, chance.randint(0, 700_000))
        try:
            import_items(book, *_rows(trial)[:600])
            tally["stored"] += 1
            ballast.unlink()
        except (WorkbenchError, OSError) as error:
            tally[getattr(error, "cause", type(error).__name__)] += 1
            ballast.unlink()
            assert ledger_hash(book) == before
        assert [one for one in verify(book) if not one.ok] == []
    print(f"\nimport, disk filled: {dict(tally)}")
    assert tally["book-disk-full"] >= FILLED // 2


def test_a_backup_on_a_disk_that_fills_leaves_no_file_under_its_name(
    small_disk: Path, tmp_path: Path
) -> None:
    tally, chance = Counter[str](), random.Random(2)
    book = new_book(tmp_path)
    import_items(book, *_rows(0))
    before = held(book.url)
    need = Path(back_up(book, tmp_path / "one.sqlite").file).stat().st_size
    for trial in range(2 * FILLED):
        if tally.total() - tally["made"] == FILLED:
            break
        ballast = _fill(small_disk, chance.randint(0, int(need * 1.1)))
        file = small_disk / f"{trial}.sqlite"
        try:
            back_up(book, file)
            tally["made"] += 1
            assert noted(file) is not None
        except (WorkbenchError, OSError) as error:
            tally[getattr(error, "cause", type(error).__name__)] += 1
            assert not file.exists()
        ballast.unlink()
        for left in small_disk.iterdir():
            assert left.name.startswith(file.name), "a part was left behind"
            left.unlink()
    assert held(book.url) == before
    print(f"\nbackup, disk filled: {dict(tally)}")
    assert tally.total() - tally["made"] == FILLED


def test_an_upgrade_on_a_disk_that_fills_leaves_the_old_book(small_disk: Path) -> None:
    tally, chance = Counter[str](), random.Random(3)
    file = past_world.past_file(small_disk, 1)
    size = file.stat().st_size
    before = held(f"sqlite:///{file}")
    for trial in range(4 * FILLED):
        if tally.total() - tally["upgraded"] == FILLED:
            break
        home = small_disk / str(trial)
        home.mkdir()
        url = f"sqlite:///{shutil.copy(file, home / 'book.sqlite')}"
        ballast = _fill(small_disk, chance.randint(0, 2 * size))
        try:
            upgrade(url)
            tally["upgraded"] += 1
            ballast.unlink()
        except (WorkbenchError, OSError) as error:
            tally[getattr(error, "cause", type(error).__name__)] += 1
            ballast.unlink()
            assert held(url) == before
            upgrade(url)
        with books.open_book(url) as book:
            assert [one for one in verify(book) if not one.ok] == []
        shutil.rmtree(home)
    print(f"\nupgrade, disk filled: {dict(tally)}")
    assert tally.total() - tally["upgraded"] == FILLED
