"""The desk behind ``notebooks/apps/close_board``: the calendar's tasks beside what the runs left."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd

from .. import close, money
from ..calendar import Period, WorkingDays
from ..runs.folders import RunPlace
from ..runs.manifest import read_manifest
from ..sources.closing_calendar import load_closing_calendar
from ..sources.holidays_file import colombian_holidays
from ..views.panels.close_panel import CloseBoard, ClosePanel
from ..words import say
from . import desks

ALL = "all"


def open_desk() -> Any:
    """The widget of the close board."""
    return desks.open_desk(_build)


def _build(desk: desks.Desk) -> Any:
    if not desk.person.sees_all and not desk.person.clusters:
        return desks.notice(say("apps.scope_none", desk.lang), "attention")
    places = closes(desk.out)
    if not places:
        return desks.notice(say("apps.close_never", desk.lang))
    chosen = ipywidgets.Dropdown(
        description=say("apps.close", desk.lang),
        options=[
            (f"{period} · {company}" if company else period, (period, company)) for period, company in places
        ],
        value=places[0],
    )
    place = ipywidgets.VBox()
    hidden = [] if desk.sees_every_cluster else [desks.notice(say("apps.amounts_hidden", desk.lang))]

    def show(period_and_company: tuple[str, str]) -> None:
        period, company = period_and_company
        panel = ClosePanel(
            load=lambda: board(desk, period, company),
            period=period,
            company=_company(company, desk),
            last_run=_last_run(desk, period, company),
            lang=desk.lang,
            dark=desk.dark,
        )
        boxes = [box for box in panel.widget.children if "wb-filters" in box._dom_classes]
        boxes[0].children = (chosen, *boxes[0].children)
        place.children = (panel.widget, *hidden)

    chosen.observe(lambda change: show(change["new"]), names="value")
    show(places[0])
    return place


def closes(out: Path) -> list[tuple[str, str]]:
    """Period and company ("": all) of every close that left something, the newest period first."""
    found = {
        (path.parent.parent.name, path.parent.name) for path in out.glob("[0-9][0-9][0-9][0-9]-[01][0-9]/*/*")
    }
    ordered = sorted(found, key=lambda pair: pair[1])
    ordered = sorted(ordered, key=lambda pair: pair[0], reverse=True)
    return [(period, "" if company == ALL else company) for period, company in ordered]


def board(desk: desks.Desk, period: str, company: str) -> CloseBoard:
    """States of the tasks and the figures that must agree, from the newest run of each notebook.

    Amounts are of the whole company: who looks after some clusters only sees whether they agree.
    """
    tasks = load_closing_calendar(desk.parameters)
    notebooks = sorted({task.notebook for task in tasks if task.notebook})
    manifests = [found for name in notebooks if (found := _newest(desk.out, period, company, name))]
    month = Period.parse(period)
    holidays = colombian_holidays(range(month.year - 1, month.year + 2))
    states = close.task_states(
        tasks,
        pd.DataFrame([_evidence(one) for one in manifests], columns=list(close.EVIDENCE.columns)),
        period=month,
        working_days=WorkingDays.of(holidays),
        today=desks.today(),
    )
    by_id = {task.task_id: task for task in tasks}
    run_ids = {str(one["notebook"]): str(one["run_id"]) for one in manifests}
    causes = {
        code: say(f"apps.cause_{code.replace('-', '_')}", desk.lang)
        for code in (
            "run-stopped run-failed tie-outs-open predecessor-open evidence-changed same-person by-its-check"
        ).split()
    }
    shown = states.assign(
        predecessors=[", ".join(by_id[name].predecessors) for name in states["task_id"]],
        run_id=[run_ids.get(name, "") for name in states["notebook"]],
        deadline=states["due_date"],
        responsible=states["role"],
        cause=[causes.get(cause, cause) for cause in states["cause"]],
    )
    return CloseBoard(shown, _tie_outs(manifests, has_amounts=desk.sees_every_cluster))


def _newest(out: Path, period: str, company: str, notebook: str) -> dict[str, Any] | None:
    """The manifest of the newest run, good or bad: a board that hid a failure would lie."""
    folders = sorted(RunPlace(out, period, company, notebook).finished(), key=lambda folder: folder.name)
    return dict(read_manifest(folders[-1])) if folders else None


def _evidence(manifest: dict[str, Any]) -> dict[str, object]:
    ties = manifest["tie_outs"]
    return {
        "notebook": manifest["notebook"],
        "status": manifest["status"],
        "tie_outs": len(ties),
        "tie_outs_passed": sum(bool(tie["passed"]) for tie in ties),
        "content_sha256": manifest["content_sha256"],
        "finished_at": manifest["run"]["finished_at"],
        "who": manifest["run"]["who"],
    }


def _tie_outs(manifests: list[dict[str, Any]], *, has_amounts: bool) -> pd.DataFrame:
    rows = [
        {
            "notebook": manifest["notebook"],
            "name": tie["name"],
            "expected": _figure(tie["expected"]) if has_amounts else "",
            "actual": _figure(tie["actual"]) if has_amounts else "",
            "passed": tie["passed"],
        }
        for manifest in manifests
        for tie in manifest["tie_outs"]
    ]
    return pd.DataFrame(rows, columns=["notebook", "name", "expected", "actual", "passed"])


def _figure(value: object) -> object:
    """Money by currency in minor units again, so that the panel writes it as the reader does."""
    if not isinstance(value, dict):
        return value
    return {code: money.to_minor(Decimal(str(amount)), code) for code, amount in value.items()}


def _last_run(desk: desks.Desk, period: str, company: str) -> str:
    from ..calendar import parse_instant

    finished = [
        str(manifest["run"]["finished_at"])
        for notebook in {task.notebook for task in load_closing_calendar(desk.parameters) if task.notebook}
        if (manifest := _newest(desk.out, period, company, notebook))
    ]
    return desks.instant_text(parse_instant(max(finished)), desk.lang) if finished else ""


def _company(company: str, desk: desks.Desk) -> str:
    return company or say("apps.all_companies", desk.lang)
