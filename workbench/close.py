"""The close calendar (calendario de cierre): tasks, who waits for whom, and states that check themselves.

A task with a notebook completes itself when the latest run of that notebook passes its check, and opens
again when the content of that run is no longer what was approved. Source: DOMAIN, sections 18 and 21.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal, get_args

import pandas as pd

from .calendar import Period, WorkingDays
from .errors import PolicyError
from .tables import Table
from .words import say

State = Literal[
    "not_started",
    "ready",
    "in_progress",
    "done_pending_review",
    "approved",
    "rejected",
    "blocked",
    "skipped",
    "failed",
]
STATES: tuple[State, ...] = get_args(State)
#: States that let the tasks behind go on (Done or Skipped).
DONE: frozenset[State] = frozenset({"done_pending_review", "approved", "skipped"})

#: ``tie-outs``: the run is done and every tie-out passed; ``run-done``: it is done; ``manual``: a person
#: says so.
Check = Literal["tie-outs", "run-done", "manual"]
CHECKS: tuple[Check, ...] = get_args(Check)

#: What the runner knows of the runs of one company and period; ``who`` ran it.
EVIDENCE = Table(
    "evidence",
    ("notebook", "finished_at"),
    {
        "notebook": "text",
        "status": "text",  # running, done, stopped, failed
        "tie_outs": "integer",
        "tie_outs_passed": "integer",
        "content_sha256": "text",
        "finished_at": "instant",  # NaT while it runs
        "who": "text",
    },
)
#: What people said: start, submit, approve, reject, skip, block; ``content_sha256`` as they saw it.
DECISIONS = Table(
    "decisions",
    ("task_id", "decided_at"),
    {
        "task_id": "text",
        "decision": "text",
        "content_sha256": "text",
        "who": "text",
        "reason": "text",
        "decided_at": "instant",
    },
)
TASK_STATES = Table(
    "task_states",
    ("task_id",),
    {
        "task_id": "text",
        "name": "text",
        "working_day": "integer",
        "due_date": "date",
        "role": "text",
        "notebook": "text",
        "state": "text",  # one of STATES
        "cause": "text",  # why it is so, words in close.po or a person's reason; "" where the state says it
        "waits_for": "text",  # unfinished predecessors, ", " between
        "blocks": "text",  # unfinished tasks behind it, near and far
        "tie_outs": "integer",
        "tie_outs_passed": "integer",
        "content_sha256": "text",  # of the evidence
        "finished_at": "instant",
        "decided_by": "text",
        "is_late": "flag",
    },
)


@dataclass(frozen=True)
class Task:
    """One line of the calendar. ``working_day`` counts from the month's end: WD1, WD-1; there is no WD0.

    ``name`` empty: the words of ``close.task_<task_id>``. ``check`` defaults to ``tie-outs`` for a task
    with a notebook and to ``manual`` without. ``has_review``: somebody else must approve it.
    """

    task_id: str
    name: str
    working_day: int
    predecessors: tuple[str, ...] = ()
    notebook: str | None = None
    check: Check | None = None
    role: str = "analyst"
    has_review: bool = True


@dataclass(frozen=True)
class _Standing:
    """A task's state before its neighbours are looked at."""

    state: State
    cause: str = ""
    decided_by: str = ""


def order_tasks(tasks: Sequence[Task]) -> list[Task]:
    """The tasks so that each comes after what it waits for, by working day and id where free.

    Raises ``PolicyError``: an id twice, a predecessor that is no task, a check without its notebook, or a
    circle, whose tasks are named in order.
    """
    by_id = {task.task_id: task for task in tasks}
    if len(by_id) != len(tasks):
        ids = [task.task_id for task in tasks]
        raise PolicyError("close-task-twice", task=next(name for name in ids if ids.count(name) > 1))
    for task in tasks:
        for name in task.predecessors:
            if name not in by_id:
                raise PolicyError("close-predecessor-unknown", task=task.task_id, predecessor=name)
        if task.check not in (None, "manual") and not task.notebook:
            raise PolicyError("close-check-without-notebook", task=task.task_id, check=task.check)
    sorter = TopologicalSorter({task.task_id: sorted(task.predecessors) for task in tasks})
    try:
        sorter.prepare()
    except CycleError as error:
        raise PolicyError("close-tasks-in-circle", tasks=" → ".join(reversed(error.args[1]))) from None
    ordered: list[Task] = []
    while sorter.is_active():
        ready = sorted((by_id[name] for name in sorter.get_ready()), key=lambda t: (t.working_day, t.task_id))
        ordered.extend(ready)
        sorter.done(*(task.task_id for task in ready))
    return ordered


def task_states(
    tasks: Sequence[Task],
    evidence: pd.DataFrame,
    decisions: pd.DataFrame | None = None,
    *,
    period: Period,
    working_days: WorkingDays,
    today: dt.date | None = None,
) -> pd.DataFrame:
    """Where each task of a period stands (``TASK_STATES``), in the order in which they can be done.

    ``evidence``: ``EVIDENCE`` of one company and period, ``decisions``: ``DECISIONS``, both in any order;
    the latest run and the latest decision count. A task is *ready* when all its predecessors are done or
    skipped, and its evidence counts only then: what was made before a predecessor opened again is blocked.
    An approval holds for the content it was given for; with other content the task opens again. Nobody
    approves their own run. Without ``today`` nothing is late; on its due day a task is not yet.

    Raises ``PolicyError`` as :func:`order_tasks` does. Source: DOMAIN, sections 18 and 21.
    """
    ordered = order_tasks(tasks)
    runs = _latest(EVIDENCE.conform(evidence), "notebook", "finished_at")
    said = _latest(
        DECISIONS.empty() if decisions is None else DECISIONS.conform(decisions), "task_id", "decided_at"
    )
    states: dict[str, _Standing] = {}
    rows: list[dict[str, object]] = []
    for task in ordered:
        run = runs.get(task.notebook or "")
        waits_for = [name for name in sorted(task.predecessors) if states[name].state not in DONE]
        standing = _with_predecessors(_standing(task, run, said.get(task.task_id)), waits_for, states)
        states[task.task_id] = standing
        due = working_days.close_day(period, task.working_day)
        rows.append(
            {
                "task_id": task.task_id,
                "name": task.name or say(f"close.task_{task.task_id}"),
                "working_day": task.working_day,
                "due_date": due,
                "role": task.role,
                "notebook": task.notebook or "",
                "state": standing.state,
                "cause": standing.cause,
                "waits_for": ", ".join(waits_for),
                "tie_outs": run["tie_outs"] if run else 0,
                "tie_outs_passed": run["tie_outs_passed"] if run else 0,
                "content_sha256": run["content_sha256"] if run else "",
                "finished_at": run["finished_at"] if run else pd.NaT,
                "decided_by": standing.decided_by,
                "is_late": today is not None and due < today and standing.state not in DONE,
            }
        )
    blocks = _blocks(ordered, states)
    return TASK_STATES.conform(
        pd.DataFrame(
            [{**row, "blocks": ", ".join(blocks[str(row["task_id"])])} for row in rows],
            columns=list(TASK_STATES.columns),
        )
    )


Row = Mapping[str, object]


def _latest(frame: pd.DataFrame, key: str, instant: str) -> dict[str, Row]:
    """The last row of each key; one without an instant is still going on, so it is the last."""
    ordered = frame.sort_values([key, instant, *(c for c in frame.columns if c not in (key, instant))])
    return {str(row[key]): row for row in ordered.to_dict("records")}


def _standing(task: Task, run: Row | None, decision: Row | None) -> _Standing:
    """The state by the task's own evidence and the latest decision on it."""
    content = str(run["content_sha256"]) if run else ""
    if decision is not None:
        said, who, reason = (str(decision[name]) for name in ("decision", "who", "reason"))
        if said in ("skip", "block"):
            return _Standing("skipped" if said == "skip" else "blocked", reason, who)
        if said in ("approve", "reject") and str(decision["content_sha256"]) != content:
            own = _by_evidence(task, run)
            # What was decided was another content: the decision falls, the task opens again.
            return _Standing(own.state, "evidence-changed") if own.state == "done_pending_review" else own
        if said == "reject":
            return _Standing("rejected", reason, who)
        if said == "approve":
            own = _by_evidence(task, run)
            if _checks_itself(task) and own.state not in DONE:
                return own
            if run is not None and who == str(run["who"]) and task.has_review:
                return _Standing("done_pending_review", "same-person", who)
            return _Standing("approved", "", who)
        if not _checks_itself(task):
            done: State = "done_pending_review" if task.has_review else "approved"
            return _Standing(done if said == "submit" else "in_progress", "", who)
    return _by_evidence(task, run)


def _checks_itself(task: Task) -> bool:
    return task.notebook is not None and task.check != "manual"


def _by_evidence(task: Task, run: Row | None) -> _Standing:
    if run is None or not _checks_itself(task):
        return _Standing("ready")
    status = str(run["status"])
    if status == "running":
        return _Standing("in_progress")
    if status == "stopped":
        return _Standing("blocked", "run-stopped")
    if status != "done":
        return _Standing("failed", "run-failed")
    if task.check in (None, "tie-outs") and not 0 < int(str(run["tie_outs"])) == int(
        str(run["tie_outs_passed"])
    ):
        return _Standing("blocked", "tie-outs-open")
    return _Standing("done_pending_review" if task.has_review else "approved", "by-its-check")


def _with_predecessors(
    standing: _Standing, waits_for: list[str], states: Mapping[str, _Standing]
) -> _Standing:
    """A task that waits is not ready; what it has done before its predecessors does not count yet."""
    if not waits_for or standing.state in ("skipped", "failed", "rejected"):
        return standing
    if standing.state == "blocked" and standing.cause not in ("run-stopped", "tie-outs-open"):
        return standing
    stuck = any(states[name].state in ("blocked", "failed", "rejected") for name in waits_for)
    if stuck or standing.state in DONE:
        return _Standing("blocked", "predecessor-open", standing.decided_by)
    return _Standing("not_started") if standing.state == "ready" else standing


def _blocks(ordered: Sequence[Task], states: Mapping[str, _Standing]) -> dict[str, list[str]]:
    """For each unfinished task, the unfinished ones that cannot go on because of it, near and far."""
    behind: dict[str, set[str]] = {task.task_id: set() for task in ordered}
    for task in reversed(ordered):
        if states[task.task_id].state in DONE:
            continue
        for name in task.predecessors:
            behind[name] |= {task.task_id, *behind[task.task_id]}
    place = {task.task_id: number for number, task in enumerate(ordered)}
    return {
        name: sorted(tasks, key=place.__getitem__) if states[name].state not in DONE else []
        for name, tasks in behind.items()
    }
