"""How far a run or a close has come, on standard error: bars for a person, one line a step for a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..words import say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from .manifest import RunResult

SIGNS = {"done": "✓", "stopped": "■", "failed": "✗"}


class Progress:
    """Says what is under way; silent when nobody looks."""

    def __init__(self, bars: Bars | None, *, shown: bool) -> None:
        self._bars = bars
        self._shown = shown
        self._tasks: dict[str, TaskID] = {}

    @classmethod
    @contextmanager
    def open(cls, *, shown: bool) -> Iterator[Progress]:
        """Bars on a terminal, lines elsewhere, nothing when not shown."""
        if not shown or not sys.stderr.isatty():
            yield cls(None, shown=shown)
            return
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[step]}"),
        )
        with Bars(*columns, console=Console(stderr=True)) as bars:
            yield cls(bars, shown=True)

    def started(self, notebook: str) -> None:
        """A notebook begins; how many cells it has is known with its first."""
        if self._bars is not None:
            self._tasks[notebook] = self._bars.add_task(say(f"notebooks.{notebook}"), total=None, step="")

    def cell(self, notebook: str, done: int, cells: int, heading: str) -> None:
        """The cell after ``done`` others begins, under that heading."""
        if self._bars is not None:
            self._bars.update(self._tasks[notebook], completed=done, total=cells, step=heading)

    def ended(self, result: RunResult) -> None:
        """Sign, name and how it came out."""
        name = say(f"notebooks.{result.notebook}")
        words = say(f"runs.ended-{result.status}")
        if self._bars is not None:
            task = self._tasks[result.notebook]
            self._bars.update(
                task, total=1, completed=1, description=f"{SIGNS[result.status]} {name}", step=words
            )
        elif self._shown:
            print(f"{SIGNS[result.status]} {name}: {words}", file=sys.stderr, flush=True)

    def skipped(self, result: RunResult) -> None:
        """A step that stands already from before."""
        if self._shown:
            line = f"= {say(f'notebooks.{result.notebook}')}: {say('runs.stands', run_id=result.run_id)}"
            if self._bars is not None:
                self._bars.console.print(line, highlight=False)
            else:
                print(line, file=sys.stderr, flush=True)
