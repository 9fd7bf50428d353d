"""Where partitions are decided: one after the other here, or by whoever keeps this interface.

A process pool stands in ``workbench.workers``; a cluster would be one more class with this method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Decides tasks anywhere: a task, the function and its result can be pickled, and share nothing."""

    def results(
        self, function: Callable[[Task], Result], tasks: Iterable[tuple[int, Task]]
    ) -> Iterator[tuple[int, Result]]:
        """Each task's number with what the function gives for it, in any order.

        ``tasks`` are made while they are taken, so only a few may be taken ahead.
        """
        ...


class InOneProcess:
    """One task after the other, in this process."""

    def results(
        self, function: Callable[[Task], Result], tasks: Iterable[tuple[int, Task]]
    ) -> Iterator[tuple[int, Result]]:
        """In the order of the tasks."""
        for number, task in tasks:
            yield number, function(task)
