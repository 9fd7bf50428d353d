"""Children forked from this warm process: what they tell comes by a pipe, and they can be killed at any word.

A child opens the book itself, after the fork: a connection serves one process. Where it stands in its work
is told by what it writes into the book, so a kill is aimed by deeds and not by the clock.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import postgres_server

from workbench import book as books

Tell = Callable[[str], None]
Work = Callable[[Tell], None]
END = "end"


@dataclass
class Child:
    """A process at work and the end of its pipe."""

    pid: int
    pipe: Any

    def words(self) -> Iterator[str]:
        """What it tells, a line at a time, until it is gone; half a line is no word."""
        for line in self.pipe:
            if line.endswith("\n"):
                yield line[:-1]

    def wait(self) -> int:
        """Its exit code, negative for the signal that ended it."""
        self.pipe.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork(work: Work, *, stand_at: int = -1) -> Child:
    """Begin ``work`` in a child, its last word being ``end``; at the word ``stand_at`` it stands still."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Child(pid, os.fdopen(reader))
    code = 1
    try:
        os.close(reader)
        told = 0

        def tell(word: str) -> None:
            nonlocal told
            os.write(writer, f"{word}\n".encode())
            told += 1
            if told == stand_at:
                signal.pause()

        work(tell)
        tell(END)
        code = 0
    except BaseException:  # noqa: BLE001 - the child's end is told, and it must never return into pytest
        os.write(writer, f"error {traceback.format_exc()!r}\n".encode())
    finally:
        try:
            postgres_server.drop_taken()
        finally:
            os._exit(code)
    raise AssertionError("unreachable")


def kill_at(work: Work, place: int, *, delay: float, is_standing: bool) -> list[str]:
    """Kill -9 after so many words, where it stands or ``delay`` seconds on; gives all that it told."""
    child = fork(work, stand_at=place if is_standing else -1)
    words: list[str] = []
    for word in child.words():
        words.append(word)
        if len(words) == place:
            if delay and not is_standing:
                time.sleep(delay)
            os.kill(child.pid, signal.SIGKILL)
    code = child.wait()
    assert code in (0, -signal.SIGKILL), words[-1:]
    return words


def tell_writes(book: books.Book, tell: Tell) -> None:
    """From now on this process tells each write of its own, inside the transaction that it belongs to."""
    dialect: Any = type(book.dialect)
    append = dialect.append_blocks

    def told(self: Any, connection: Any, table: Any, *rest: Any, **more: Any) -> None:
        append(self, connection, table, *rest, **more)
        tell(f"wrote {table.name}")

    dialect.append_blocks = told


def meet_before_writing(book: books.Book, table: str, met: Any) -> None:
    """From now on this process stands still a while between what it checks and what it writes to that table.

    It begins when all who are to ``met`` (a barrier) are there, and stands longest the first time: so each
    reads what the others are about to change, on any machine, unless a lock keeps them apart.
    """
    dialect: Any = type(book.dialect)
    append = dialect.append_blocks
    waits = itertools.chain([0.5], itertools.repeat(0.02))

    def late(self: Any, connection: Any, written: Any, *rest: Any, **more: Any) -> None:
        if written.name == table:
            time.sleep(next(waits))
        append(self, connection, written, *rest, **more)

    dialect.append_blocks = late
    met.wait(60)


def wait_for_the_dead(book: books.Book) -> None:
    """A server may still be ending a killed client's work: whoever has the write lock comes after it."""
    with book.writing_connection():
        pass
