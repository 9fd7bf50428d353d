"""The desk behind ``notebooks/apps/aging_explorer``: panel, answers, and the signed figures beside."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ipywidgets

from .. import book
from ..calendar import Period
from ..sources.policy_file import load_policy
from ..views.columns import amount_text
from ..views.panels.aging_panel import AgingPanel, AgingQuestion, key_amounts
from ..views.panels.parts import message_html
from ..words import say
from ..words.formats import date_text
from . import desks
from .aging_answers import AgingAnswers
from .signed_runs import SignedRun, signed_runs

NOTEBOOK = "aging_review"


def open_desk() -> Any:
    """The widget of the ageing explorer."""
    return desks.open_desk(lambda desk: AgingExplorer(desk).widget)


class AgingExplorer(AgingPanel):
    """The panel with two more filters (company, as known at) and a line that names the signed run."""

    def __init__(self, desk: desks.Desk) -> None:
        self.desk = desk
        self.runs = signed_runs(desk.out, NOTEBOOK)
        companies = sorted(book.read.companies(desk.book)["company_id"])
        policy = load_policy(desk.parameters)
        self.answers = AgingAnswers(
            desk.book, policy=policy, runs=self.runs, company=_only(companies, self.runs)
        )
        as_of = _first_day_shown(desk, self.runs, self.answers)
        last_import = book.read.latest_batch(desk.book)
        self.signed = ipywidgets.HTML()
        super().__init__(
            summarise=self.answers.summarise,
            list_items=self.answers.list_items,
            export=self.answers.export,
            as_of=as_of,
            currencies=self.answers.currencies(as_of),
            company=self.answers.company or say("apps.all_companies", desk.lang),
            scope=desk.scope,
            last_import=desks.instant_text(last_import[1], desk.lang) if last_import else "",
            basis=policy.aging.basis,
            credits=policy.aging.credits,
            lang=desk.lang,
            dark=desk.dark,
        )
        self._add_filters(companies)

    def _add_filters(self, companies: list[str]) -> None:
        lang = self.desk.lang
        known = [(say("apps.known_now", lang), "")]
        known += [
            (say("apps.known_by_run", lang, period=run.period, run=run.run_id), run.run_id)
            for run in self.runs
        ]
        self.known_at = ipywidgets.Dropdown(description=say("apps.known_at", lang), options=known, value="")
        self.known_at.observe(lambda change: self._know(change["new"]), names="value")
        self.company = ipywidgets.Dropdown(
            description=say("apps.company", lang),
            options=[(say("apps.all_companies", lang), ""), *((name, name) for name in companies)],
            value=self.answers.company,
        )
        self.company.observe(lambda change: self._choose_company(change["new"]), names="value")
        more = [self.known_at, *([self.company] if len(companies) > 1 else [])]
        places = list(self.widget.children)
        filters = next(box for box in places if "wb-filters" in box._dom_classes)
        filters.children = (*filters.children, *more)
        self.widget.children = (
            *places[: places.index(filters)],
            self.signed,
            *places[places.index(filters) :],
        )

    def _know(self, run_id: str) -> None:
        """As the run knew it: its instant and its cutoff, so that its figures come out again."""
        run = next((run for run in self.runs if run.run_id == run_id), None)
        self.answers.known_at = run.known_at if run is not None else None
        if run is not None and self.as_of.value != run.as_of:
            self.as_of.value = run.as_of  # which asks anew
        else:
            self.refresh()

    def _choose_company(self, company: str) -> None:
        self.answers.company = company
        self.where = ()
        self.refresh()

    def refresh(self) -> None:
        """As the panel does; the day that changes are told from is the close before the day shown."""
        day = self.as_of.value
        if day is not None:
            before = self.answers.run_before(day)
            self.answers.shown_as_of = day
            self.last_close = before.as_of if before is not None else None
        super().refresh()
        if day is not None and self.currency.value:
            self.signed.value = self._signed_html(day)

    def _signed_html(self, day: dt.date) -> str:
        """Whether what is shown equals what was signed, and which run that is."""
        lang = self.desk.lang
        run = self.answers.run_of(day)
        if run is None:
            last = self.runs[0] if self.runs else None
            if last is None:
                return message_html(say("apps.signed_never", lang))
            text = say("apps.signed_none", lang, run=last.run_id, day=date_text(last.as_of, lang))
            return message_html(text)
        whole = AgingQuestion(day, self.basis.value, self.credits.value, self.currency.value, (), self.where)
        compared = self.answers.compare(whole)
        if compared is None:
            return message_html(say("apps.signed_other_basis", lang, run=run.run_id), "attention")
        _, living, signed = compared
        now, then = key_amounts(living), key_amounts(signed)
        said = {
            "run": run.run_id,
            "when": desks.instant_text(run.finished_at, lang),
            "signed": self._money(then["total"]),
            "living": self._money(now["total"]),
            "difference": self._money(now["total"] - then["total"]),
        }
        is_equal = _amounts(living) == _amounts(signed)
        text = say(f"apps.signed_{'equal' if is_equal else 'differs'}", lang, **said)
        return message_html(text, "note" if is_equal else "attention")

    def _money(self, minor: int) -> str:
        code = str(self.currency.value)
        return f"{amount_text(minor, code, self.desk.lang, cents=True)} {code}"


def _amounts(summary: Any) -> list[list[int]]:
    """Every figure of a summary, for a comparison to the cent; nothing and zeros are the same."""
    rows: list[list[int]] = summary.select_dtypes("int64").to_numpy().tolist()
    return [row for row in rows if any(row)]


def _only(companies: list[str], runs: list[SignedRun]) -> str:
    """All companies; where the closes are made for one company, and it is the only one, that one."""
    made_for = {run.company for run in runs}
    return companies[0] if len(companies) == 1 and made_for == {companies[0]} else ""


def _first_day_shown(desk: desks.Desk, runs: list[SignedRun], answers: AgingAnswers) -> dt.date:
    """The last day of the last period closed or run; else of its last document's month."""
    closed = list(book.read.closed_through(desk.book).values())
    days = [run.as_of for run in runs if run.company == answers.company] + closed
    if days:
        return max(days)
    setting = desk.book.setting("as_of")
    if setting:
        return dt.date.fromisoformat(setting)
    newest = book.read.documents(desk.book)["document_date"].max()
    day = desks.today() if newest != newest else newest.date()
    return min(Period(day.year, day.month).last_day, max(desks.today(), day))
