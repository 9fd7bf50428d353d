"""Close tasks wait for one another, complete by their own evidence and open again when it changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from workbench import close, words
from workbench.calendar import Period, WorkingDays
from workbench.close import Task
from workbench.errors import PolicyError

PERIOD = Period(2026, 10)
DAYS = WorkingDays.of([dt.date(2026, 11, 2)])
TASKS = (
    Task("match", "Aplicar", 1, (), "payment_matching"),
    Task("age", "Edades", 2, ("match",), "aging_review"),
    Task("send", "Enviar", 3, ("age",)),
)


def run(notebook: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "notebook": notebook,
        "status": "done",
        "tie_outs": 2,
        "tie_outs_passed": 2,
        "content_sha256": "aa",
        "finished_at": "2026-11-03T10:00:00Z",
        "who": "ana",
    }
    return {**plain, **changes}


def decision(task: str, said: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "task_id": task,
        "decision": said,
        "content_sha256": "aa",
        "who": "luis",
        "reason": "",
        "decided_at": "2026-11-03T12:00:00Z",
    }
    return {**plain, **changes}


def states(
    runs: list[dict[str, Any]], decisions: list[dict[str, Any]] | None = None, **options: Any
) -> pd.DataFrame:
    evidence = pd.DataFrame(runs, columns=list(close.EVIDENCE.columns))
    said = None if decisions is None else pd.DataFrame(decisions)
    tasks = options.pop("tasks", TASKS)
    frame = close.task_states(tasks, evidence, said, period=PERIOD, working_days=DAYS, **options)
    return frame.set_index("task_id")


def test_before_any_run_the_first_is_ready_and_the_others_wait() -> None:
    frame = states([])
    assert frame["state"].to_dict() == {"match": "ready", "age": "not_started", "send": "not_started"}
    assert frame["waits_for"].to_dict() == {"match": "", "age": "match", "send": "age"}
    assert frame["blocks"].to_dict() == {"match": "age, send", "age": "send", "send": ""}
    assert frame["due_date"].dt.date.tolist() == [dt.date(2026, 11, d) for d in (3, 4, 5)]


def test_a_run_whose_tie_outs_hold_completes_its_task_and_frees_the_next() -> None:
    frame = states([run("payment_matching")])
    assert frame["state"].tolist() == ["done_pending_review", "ready", "not_started"]
    assert frame.at["match", "cause"] == "by-its-check"
    unreviewed = tuple(
        Task(t.task_id, t.name, t.working_day, t.predecessors, t.notebook, has_review=False) for t in TASKS
    )
    assert states([run("payment_matching")], tasks=unreviewed).at["match", "state"] == "approved"


@pytest.mark.parametrize(
    ("changes", "state", "cause"),
    [
        ({"tie_outs_passed": 1}, "blocked", "tie-outs-open"),
        ({"tie_outs": 0, "tie_outs_passed": 0}, "blocked", "tie-outs-open"),
        ({"status": "stopped"}, "blocked", "run-stopped"),
        ({"status": "failed"}, "failed", "run-failed"),
        ({"status": "running", "finished_at": None}, "in_progress", ""),
    ],
)
def test_a_run_that_does_not_pass_leaves_its_task_open(
    changes: dict[str, Any], state: str, cause: str
) -> None:
    frame = states([run("payment_matching", **changes)])
    assert frame.loc["match", ["state", "cause"]].tolist() == [state, cause]
    assert frame.at["age", "state"] != "ready"


def test_the_latest_run_counts_whatever_the_order_of_rows() -> None:
    runs = [
        run("payment_matching", finished_at="2026-11-04T10:00:00Z"),
        run("payment_matching", status="failed"),
    ]
    for order in (runs, runs[::-1]):
        assert states(order).at["match", "state"] == "done_pending_review"


def test_an_approval_holds_for_its_content_and_falls_with_another() -> None:
    approved = [decision("match", "approve")]
    assert states([run("payment_matching")], approved).at["match", "state"] == "approved"
    changed = states([run("payment_matching", content_sha256="bb")], approved)
    assert changed.loc["match", ["state", "cause"]].tolist() == ["done_pending_review", "evidence-changed"]


def test_a_rejection_stands_until_the_work_is_done_again() -> None:
    rejected = [decision("match", "reject", reason="falta el banco")]
    frame = states([run("payment_matching")], rejected)
    assert frame.loc["match", ["state", "cause"]].tolist() == ["rejected", "falta el banco"]
    assert frame.at["age", "state"] == "blocked"
    again = states([run("payment_matching", content_sha256="bb")], rejected)
    assert again.at["match", "state"] == "done_pending_review"


def test_nobody_approves_their_own_run() -> None:
    frame = states([run("payment_matching")], [decision("match", "approve", who="ana")])
    assert frame.loc["match", ["state", "cause"]].tolist() == ["done_pending_review", "same-person"]


def test_an_approval_never_stands_over_a_failed_check() -> None:
    failed = run("payment_matching", tie_outs_passed=1)
    assert states([failed], [decision("match", "approve")]).at["match", "state"] == "blocked"


def test_what_was_done_before_a_predecessor_opened_again_is_blocked() -> None:
    frame = states([run("payment_matching", status="failed"), run("aging_review")])
    assert frame.loc["age", ["state", "cause", "waits_for"]].tolist() == [
        "blocked",
        "predecessor-open",
        "match",
    ]
    assert frame.at["match", "blocks"] == "age, send"


def test_skipping_frees_the_next_and_blocking_says_why() -> None:
    frame = states(
        [], [decision("match", "skip", reason="sin banco"), decision("age", "block", reason="ERP caído")]
    )
    assert frame.loc["match", ["state", "cause", "decided_by"]].tolist() == ["skipped", "sin banco", "luis"]
    assert frame.loc["age", ["state", "cause"]].tolist() == ["blocked", "ERP caído"]


def test_a_manual_task_is_done_when_a_person_says_so() -> None:
    done = [run("payment_matching"), run("aging_review")]
    assert states(done, [decision("send", "start")]).at["send", "state"] == "in_progress"
    assert states(done, [decision("send", "submit")]).at["send", "state"] == "done_pending_review"
    approved = [
        decision("send", "submit"),
        decision("send", "approve", content_sha256="", decided_at="2026-11-04T00:00:00Z"),
    ]
    assert states(done, approved).at["send", "state"] == "approved"


def test_a_task_is_late_the_day_after_its_due_day() -> None:
    assert not states([], today=dt.date(2026, 11, 3)).at["match", "is_late"]
    assert states([], today=dt.date(2026, 11, 4)).at["match", "is_late"]
    assert not states([run("payment_matching")], today=dt.date(2026, 11, 4)).at["match", "is_late"]


@pytest.mark.parametrize(
    ("tasks", "rule"),
    [
        (
            [Task("a", "A", 1, ("b",)), Task("b", "B", 1, ("c",)), Task("c", "C", 1, ("a",))],
            "close-tasks-in-circle",
        ),
        ([Task("a", "A", 1, ("a",))], "close-tasks-in-circle"),
        ([Task("a", "A", 1, ("x",))], "close-predecessor-unknown"),
        ([Task("a", "A", 1), Task("a", "B", 2)], "close-task-twice"),
        ([Task("a", "A", 1, check="run-done")], "close-check-without-notebook"),
    ],
)
def test_a_calendar_that_cannot_be_worked_is_refused(tasks: list[Task], rule: str) -> None:
    with pytest.raises(PolicyError) as refused:
        close.order_tasks(tasks)
    assert refused.value.cause == rule
    assert words.has_words(f"rules.{rule}.remedy")


def test_a_circle_is_named_in_the_order_of_waiting() -> None:
    with pytest.raises(PolicyError) as refused:
        close.order_tasks([Task("a", "A", 1, ("b",)), Task("b", "B", 1, ("a",))])
    assert refused.value.values["tasks"] in ("a → b → a", "b → a → b")


def test_every_state_has_its_words() -> None:
    for state in close.STATES:
        assert words.has_words(f"close.state_{state}")
