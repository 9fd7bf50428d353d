"""Processes that decide partitions beside one another: a pool behind ``matching.executors.Executor``."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

from .errors import ParameterRefusedError
from .matching.executors import Executor, InOneProcess

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Says how many processes decide partitions; absent: as many as this machine has cores for us.
VARIABLE = "WORKBENCH_PROCESSES"
#: Receipts below which further processes take longer to start than they save.
FEWEST_RECEIPTS = 20_000
#: Tasks made ahead of each process, so that none waits and few take memory.
_AHEAD = 2


class InProcesses:
    """A pool of processes, started at the first task and ended after the last.

    They come from a process that has only imported, so none inherits our frames, threads or sockets; where
    the system knows no such thing they are started plainly.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def results(
        self, function: Callable[[Task], Result], tasks: Iterable[tuple[int, Task]]
    ) -> Iterator[tuple[int, Result]]:
        """As they are done; a few tasks are made ahead."""
        waiting: dict[Future[Result], int] = {}
        coming = iter(tasks)
        with ProcessPoolExecutor(
            self._processes, mp_context=_context(), initializer=_end_with_parent
        ) as pool:
            while True:
                while len(waiting) < self._processes * _AHEAD:
                    try:
                        number, task = next(coming)
                    except StopIteration:
                        break
                    waiting[pool.submit(function, task)] = number
                    del task
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for one in done:
                    yield waiting.pop(one), one.result()


def executor_for(receipts: int, processes: int | None = None, *, fewest: int = FEWEST_RECEIPTS) -> Executor:
    """What is worth its start for so many receipts; ``processes``: else ``WORKBENCH_PROCESSES`` says.

    ``fewest``: from how many on, where it is something else than receipts that is made.
    """
    count = processes or processes_here()
    return InProcesses(count) if count > 1 and receipts >= fewest else InOneProcess()


def processes_here() -> int:
    """How many processes are asked for; a value that is no number of them is refused."""
    said = os.environ.get(VARIABLE, "")
    if not said:
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else os.cpu_count() or 1
    if not said.isdecimal() or not 1 <= int(said) <= 1000:
        raise ParameterRefusedError("processes-wrong", name=VARIABLE, value=said)
    return int(said)


def _end_with_parent() -> None:
    """In a process of the pool: end when whoever started it is gone, however it went.

    Killed, it tells nobody, and its processes would wait for tasks for ever.
    """
    parent = multiprocessing.parent_process()

    def wait_for_end() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_for_end, daemon=True).start()


def _context() -> multiprocessing.context.BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["workbench.matching.match"])
    return context
