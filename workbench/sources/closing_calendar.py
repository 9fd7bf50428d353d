"""``parameters/closing_calendar.yaml`` to the tasks of the close, named in the reader's language."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from ..close import CHECKS, Check, Task, order_tasks
from ..errors import PolicyError
from ..words import language
from .strict_yaml import read_yaml
from .yaml_shapes import Shape


def load_closing_calendar(directory: Path) -> tuple[Task, ...]:
    """The tasks in the order of the file, by working day as a person wrote them.

    An unknown predecessor, a circle, working day 0 or a misspelt setting raises :class:`PolicyError`.
    """
    return read_closing_calendar(Path(directory) / "closing_calendar.yaml")


def read_closing_calendar(path: Path) -> tuple[Task, ...]:
    """The same for a file of any name."""
    top = Shape.of(read_yaml(path), file=path.name, error=PolicyError)
    tasks = tuple(_task(part) for part in top.entries("tasks"))
    top.nothing_else()
    if not tasks:
        top.wrong("tasks", "")
    order_tasks(tasks)
    return tasks


def _task(part: Shape) -> Task:
    names = {lang: text.text() for lang, text in part.items("name")}
    working_day = part.integer_of("working_day")
    if working_day == 0:
        part.wrong("working_day", 0)
    check = part.choice("check", CHECKS) if part.has("check") else None
    task = Task(
        task_id=part.text_of("id"),
        name=names.get(language(), ""),
        working_day=working_day,
        predecessors=part.texts_of("after"),
        notebook=part.text_of("notebook", "") or None,
        check=cast(Check, check) if check else None,
        role=part.text_of("role", "analyst"),
        has_review=part.truth_of("review", True),
    )
    part.nothing_else()
    return task
