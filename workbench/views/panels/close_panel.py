"""The close board: the month's tasks by state, who waits for whom, and the figures that must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import ipywidgets
import pandas as pd

from ... import words
from ...errors import WorkbenchError
from ...words import Language, formats, say
from .. import charts, jupyter_chart, pages, theme
from ..columns import Column, amount_text, cell_text, columns_of, heading_of, kind_of, period_text
from . import parts

#: States after which a task holds nobody up.
DONE = ("approved", "skipped", "done_pending_review")
#: What a task may carry beyond its id, name, day and state; shown in the detail where it is there.
_FACTS = ("deadline", "notebook", "run_id", "finished_at", "responsible", "check", "cause")
_ALL = "all"
#: Where a task's codes have their words.
_CODES = {"notebook": "notebooks.", "responsible": "close.role_", "check": "close.check_"}


@dataclass(frozen=True)
class CloseBoard:
    """One look at a close.

    ``tasks``: task_id, name, working_day, predecessors (text with commas, or a sequence of ids), state
    (``theme.STATE_LOOK``), and where known cause, notebook, run_id, finished_at, deadline, responsible,
    check, evidence (text; lines become a list). ``tie_outs``: notebook, name, expected, actual, passed;
    amounts are minor units with a ``currency`` column, or texts, or a dict by currency.
    """

    tasks: pd.DataFrame
    tie_outs: pd.DataFrame = field(default_factory=pd.DataFrame)


class ClosePanel:
    """Figures, tasks by state, the table of tasks with its detail, tie-outs; ``widget`` is what to show.

    ``load()`` looks anew; ``refresh_button`` calls it. Nothing here changes the close.
    """

    def __init__(
        self,
        *,
        load: Callable[[], CloseBoard],
        period: str,
        company: str = "",
        last_run: str = "",
        lang: Language | None = None,
        dark: bool = False,
    ) -> None:
        self.lang: Language = lang or words.language()
        self.dark = dark
        self.period = period
        self.board = CloseBoard(
            pd.DataFrame(columns=["task_id", "name", "working_day", "predecessors", "state"])
        )
        self.rows = pd.DataFrame()
        self._load = load
        self._chart: Any = None
        self._build(company, last_run)
        self.refresh()

    def _build(self, company: str, last_run: str) -> None:
        where = [company, period_text(self.period, self.lang)]
        if last_run:
            where.append(self._say("last-run", when=last_run))
        head = ipywidgets.HTML(
            f'<h1 class="wb-title">{escape(self._say("close-title"))}</h1>'
            f'<div class="wb-where">{escape(" · ".join(part for part in where if part))}</div>'
        )
        self.figures, self.message, self.detail = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.table_title, self.tie_outs = ipywidgets.HTML(), ipywidgets.HTML()
        self.table: Any = None
        states = [(self._say("state-all"), _ALL)]
        states += [(f"{sign} {self._state(name)}", name) for name, (_, sign) in theme.STATE_LOOK.items()]
        self.state = ipywidgets.Dropdown(
            description=heading_of("state", self.lang), options=states, value=_ALL
        )
        self.state.observe(lambda _change: self._show_table(), names="value")
        self.refresh_button = ipywidgets.Button(description=self._say("refresh"))
        self.refresh_button.on_click(lambda _button: self.refresh())
        self._chart_place, self._table_place = ipywidgets.VBox(), ipywidgets.VBox()
        filters = ipywidgets.HBox([self.state, self.refresh_button])
        main = ipywidgets.VBox([self.table_title, self._table_place, self._chart_place, self.tie_outs])
        self._side = side = ipywidgets.VBox([self.detail])
        work = ipywidgets.HBox([main, side])
        for box, name in (
            (filters, "wb-filters"), (main, "wb-main"), (side, "wb-side"), (work, "wb-work"),
            (self._chart_place, "wb-chart"),
        ):  # fmt: skip
            box.add_class(name)
        self.widget = parts.shell([head, self.figures, filters, self.message, work], dark=self.dark)

    def refresh(self) -> None:
        """Look anew; a refusal is said in place and what was shown stays."""
        try:
            with parts.busy(self.message, self.lang):
                self.board = self._load()
        except WorkbenchError as error:
            text = words.explain(error.cause, error.values, self.lang)
            self.message.value = parts.message_html(text, "wrong")
            return
        tasks = self.board.tasks
        self.message.value = ""
        self.figures.value = parts.bare(pages.key_figures_html(self._figures()))
        self.tie_outs.value = self._tie_outs_html(self.board.tie_outs)
        self._show_chart(tasks)
        self._show_table()

    def _figures(self) -> list[pages.Figure]:
        tasks, ties = self.board.tasks, self.board.tie_outs
        counts = tasks["state"].value_counts()
        done = int(counts.reindex(["approved", "skipped"]).fillna(0).sum())
        stuck = int(counts.reindex(["blocked", "failed", "rejected"]).fillna(0).sum())
        figures = [
            self._count("done", done, len(tasks), "good" if len(tasks) and done == len(tasks) else ""),
            self._count("review", int(counts.get("done_pending_review", 0)), len(tasks)),
            self._count("ready", int(counts.get("ready", 0) + counts.get("in_progress", 0)), len(tasks)),
            self._count("stuck", stuck, len(tasks), "wrong" if stuck else ""),
        ]
        if len(ties):
            agree = int(ties["passed"].astype(bool).sum())
            figures.append(self._count("ties", agree, len(ties), "good" if agree == len(ties) else "wrong"))
        return figures

    def _count(self, name: str, count: int, whole: int, tone: str = "") -> pages.Figure:
        of = self._say("of", count=formats.integer_text(whole, self.lang))
        return pages.Figure(self._say(f"close-{name}"), formats.integer_text(count, self.lang), of, tone)

    def _show_chart(self, tasks: pd.DataFrame) -> None:
        if not len(tasks):
            self._chart_place.children = ()
            return
        chart = charts.close_chart(
            tasks, title=self._say("close-chart"), subtitle=period_text(self.period, self.lang),
            lang=self.lang, dark=self.dark,
        )  # fmt: skip
        if self._chart is None:
            self._chart = jupyter_chart.offline_chart(chart)
        else:
            self._chart.chart = chart
        self._chart_place.children = (self._chart,)

    def _show_table(self) -> None:
        from itables.widget import ITable

        tasks = with_waits(self.board.tasks)
        if self.state.value != _ALL:
            tasks = tasks[tasks["state"] == self.state.value]
        self.rows = tasks.sort_values(["working_day", "task_id"], kind="stable").reset_index(drop=True)
        if not len(self.rows):
            empty = "close-empty" if not len(self.board.tasks) else "close-none-in-state"
            self._table_place.children = (
                ipywidgets.HTML(f'<div class="wb-empty">{escape(self._say(empty))}</div>'),
            )
            self.table_title.value = ""
            self._show_detail([])
            return
        late = self.rows["is_late"] if "is_late" in self.rows else [False] * len(self.rows)
        said = [
            self._signed(state, late=bool(is_late))
            for state, is_late in zip(self.rows["state"], late, strict=True)
        ]
        shown = self.rows.assign(state=said)
        names = [
            name
            for name in ("working_day", "name", "state", "waits_for", "holds_up", "deadline")
            if name in shown
        ]
        columns = [
            Column(column.name, "integer" if column.name == "working_day" else column.kind, column.heading)
            for column in columns_of(shown, names=names, headings={"name": self._say("task")}, lang=self.lang)
        ]
        frame, options = parts.table_options(shown, columns, self.lang)
        if self.table is None:
            self.table = ITable(frame, **options)
            self.table.observe(lambda change: self._show_detail(change["new"]), names="selected_rows")
        else:
            self.table.update(frame, selected_rows=[], **options)
        self._table_place.children = (self.table,)
        count = formats.integer_text(len(self.rows), self.lang)
        self.table_title.value = (
            f'<h2 class="wb-subtitle">{escape(self._say("tasks-count", count=count))}</h2>'
            f'<div class="wb-where">{escape(self._say("choose-task"))}</div>'
        )
        self._show_detail([])

    def _show_detail(self, selected: Sequence[int]) -> None:
        chosen = [place for place in selected if place < len(self.rows)]
        if not chosen:
            self.detail.value = f'<div class="wb-where">{escape(self._say("choose-task"))}</div>'
            self._side.layout.display = "none"  # the table has the whole width until a task is chosen
            return
        self._side.layout.display = None
        row = self.rows.iloc[chosen[0]]
        facts = [("state", self._signed(str(row["state"]), late=bool(row.get("is_late", False))))]
        for name in _FACTS:
            if name in row and not _is_absent(row[name]):
                column = Column(name, kind_of(name, self.rows), heading_of(name, self.lang))
                said = self._code(name, row[name])
                facts.append((name, said or cell_text(row[name], column, "", self.lang)))
        shown = "".join(
            f"<dt>{escape(heading_of(name, self.lang))}</dt><dd>{escape(text)}</dd>" for name, text in facts
        )
        by_id = self.board.tasks.set_index("task_id")
        pieces = [
            f'<h2 class="wb-subtitle">{escape(str(row["name"]))}</h2><dl class="wb-facts">{shown}</dl>',
            self._list_html("waits-for", [self._named(by_id, name) for name in row["waits_for_ids"]]),
            self._list_html("holds-up", [self._named(by_id, name) for name in row["holds_up_ids"]]),
        ]
        if "evidence" in row and not _is_absent(row["evidence"]):
            pieces.append(self._list_html("evidence", str(row["evidence"]).splitlines()))
        ties = self.board.tie_outs
        if len(ties) and not _is_absent(row.get("notebook", "")):
            pieces.append(self._tie_outs_html(ties[ties["notebook"] == row["notebook"]], is_short=True))
        self.detail.value = "".join(pieces)

    def _named(self, by_id: pd.DataFrame, task_id: str) -> str:
        if task_id not in by_id.index:
            return task_id
        task = by_id.loc[task_id]
        return f"{task['name']}: {self._signed(str(task['state']))}"

    def _list_html(self, name: str, lines: Sequence[str]) -> str:
        if not lines:
            return ""
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return f'<div class="wb-where">{escape(self._say(name))}</div><ul class="wb-list">{items}</ul>'

    def _tie_outs_html(self, ties: pd.DataFrame, *, is_short: bool = False) -> str:
        if not len(ties):
            return ""
        signs = {True: f"✓ {self._say('agrees')}", False: f"✗ {self._say('differs')}"}
        currencies = ties["currency"] if "currency" in ties else pd.Series("", index=ties.index)
        shown = pd.DataFrame(
            {
                "notebook": [self._code("notebook", name) or str(name) for name in ties["notebook"]],
                "name": [
                    self._said(f"notebooks.tie-{notebook}-{name}") or str(name)
                    for notebook, name in zip(ties["notebook"], ties["name"], strict=True)
                ],
                **{
                    side: [
                        tie_out_text(value, str(code), self.lang)
                        for value, code in zip(ties[side], currencies, strict=True)
                    ]
                    for side in ("expected", "actual")
                },
                "passed": [signs[bool(value)] for value in ties["passed"]],
            }
        )
        columns = ["name", "passed"] if is_short else list(shown.columns)
        return parts.bare(
            pages.table_html(
                shown, columns=columns, caption=self._say("tie-outs"), max_rows=200, lang=self.lang,
            )
        )  # fmt: skip

    def _signed(self, state: str, *, late: bool = False) -> str:
        sign = theme.STATE_LOOK.get(state, ("", ""))[1]
        said = f"{sign} {self._state(state)}".strip()
        return f"{said} · {self._say('late')}" if late else said

    def _state(self, state: str) -> str:
        return say(f"views.state-{state}", self.lang)

    def _code(self, column: str, code: object) -> str:
        """A code of a task in words; "" where there are none."""
        room = _CODES.get(column)
        return self._said(f"{room}{code}") if room else ""

    def _said(self, key: str) -> str:
        return say(key, self.lang) if words.has_words(key, self.lang) else ""

    def _say(self, name: str, **values: object) -> str:
        return say(f"panels.{name}", self.lang, **values)


def with_waits(tasks: pd.DataFrame) -> pd.DataFrame:
    """Who blocks whom: ``waits_for`` (unfinished predecessors) and ``holds_up`` (unfinished followers)."""
    states = dict(zip(tasks["task_id"], tasks["state"], strict=True))
    names = dict(zip(tasks["task_id"], tasks["name"], strict=True))
    before = {
        task_id: _ids(given) for task_id, given in zip(tasks["task_id"], tasks["predecessors"], strict=True)
    }
    waits: list[list[str]] = []
    holds: list[list[str]] = []
    for task_id, state in states.items():
        is_open = state not in DONE
        waits.append([name for name in before[task_id] if is_open and states.get(name) not in DONE])
        followers = [
            name for name, needed in before.items() if task_id in needed and states[name] not in DONE
        ]
        holds.append(followers if is_open else [])
    waiting = tasks.assign(waits_for_ids=_column(waits, tasks), holds_up_ids=_column(holds, tasks))
    for name in ("waits_for", "holds_up"):
        words_of = [", ".join(str(names.get(one, one)) for one in line) for line in waiting[f"{name}_ids"]]
        waiting[name] = pd.Series(words_of, index=tasks.index, dtype="str")
    return waiting


def _column(lists: list[list[str]], tasks: pd.DataFrame) -> pd.Series:
    return pd.Series(lists, index=tasks.index, dtype="object")


def tie_out_text(value: object, currency: str, lang: Language) -> str:
    """A tie-out's figure: minor units with a currency, a count, a text, or one of these by currency."""
    if isinstance(value, Mapping):
        return " · ".join(
            f"{tie_out_text(part, str(code), lang)} {code}" for code, part in sorted(value.items())
        )
    if value is None or isinstance(value, str):
        return value or formats.UNKNOWN
    number = int(str(value))
    return amount_text(number, currency, lang, cents=True) if currency else formats.integer_text(number, lang)


def _ids(given: object) -> list[str]:
    if isinstance(given, str):
        return [name.strip() for name in given.split(",") if name.strip()]
    return [str(name) for name in given] if isinstance(given, Sequence) else []


def _is_absent(value: object) -> bool:
    return value is None or value is pd.NaT or value == "" or value != value
