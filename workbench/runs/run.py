"""What a run notebook holds: it reads, checks, ties out and finishes, and shows each in a line or a table.

Opened by a person it only looks; under the runner it fills the run folder. The notebook is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ..applications import identify_applications
from ..calendar import Period, WorkingDays, parse_date, parse_instant
from ..errors import StoppedAtGateError, TieOutError, WorkbenchError
from ..policy import Policy
from ..tables import APPLICATIONS, FINDINGS
from . import evidence, figures, posts, result_files, shown, starts
from .named import Names
from .noted_errors import remember_errors
from .parameters import check_company
from .result_files import Result
from .state import RunState
from .surroundings import Surroundings

if TYPE_CHECKING:
    from ..book import Book
    from ..close import Task
    from ..matching import Matched
    from ..reconciliation.customers import CustomersReconciled
    from ..views.workbooks import Breakdown

Figure = int | Mapping[str, int]
#: Reads that belong to no company: the same for all.
_WITHOUT_COMPANY = ("rates",)
#: What closes state: of a period posted twice the later one is read, but never what this step itself posted.
_CLOSES = ("provision_balances", "revaluations", "journal_lines")


class Run:
    """One run of a notebook: where it stands in time, what it read, what it found."""

    def __init__(
        self,
        notebook: str,
        *,
        period: Period,
        company: str,
        as_of: dt.date,
        known_at: dt.datetime,
        is_written: bool,
        policy: Policy,
        book: Book,
        surroundings: Surroundings,
    ) -> None:
        self.notebook = notebook
        self.period = period
        self.company = company
        self.as_of = as_of
        self.known_at = known_at
        self.is_written = is_written
        self.policy = policy
        self.findings = FINDINGS.empty()
        self._book = book
        self._surroundings = surroundings
        self._state = RunState(surroundings.state, as_of=str(as_of), known_at=known_at.isoformat())
        self._names = Names()
        self._decided: frozenset[str] | None = None  # ids of the decisions read
        self._state.save()

    def read(self, name: str, *, as_of: dt.date | None = None) -> pd.DataFrame:
        """A frame of the book as known at :attr:`known_at`, and a line with its rows and control totals.

        Any of ``book.read``: ``documents, observations, clearings, rates, bank_lines, cases`` … What this
        step itself posted before is left out, so that a repeat finds the same. ``as_of``: as of then.
        """
        from ..book import read

        scope: dict[str, object] = {} if name in _WITHOUT_COMPANY else {"company": self.company}
        scope |= {"as_of": as_of} if as_of else {}
        if name in _CLOSES:
            scope["except_steps"] = self._surroundings.excluded_steps
        frame: pd.DataFrame = getattr(read, name)(self._book, **scope, known_at=self.known_at)
        if "step_key" in frame.columns:
            frame = frame[~frame["step_key"].isin(self._surroundings.excluded_steps)].reset_index(drop=True)
        if name == "decisions":
            self._decided = frozenset(frame["decision_id"])
        self._names.learn(name, frame)
        totals = figures.control_totals(frame)
        self._state.inputs.append(
            {
                "name": name,
                "rows": len(frame),
                "totals": figures.door_totals(totals),
                "sha256": figures.frame_sha256(frame),
            }
        )
        self._state.save()
        shown.input_line(name, len(frame), totals)
        return frame

    def check(self, findings: pd.DataFrame, *gates: str) -> None:
        """Take findings in and show them; a finding of a rule named in ``gates`` stops the run here."""
        known = FINDINGS.conform(findings)
        self.findings = FINDINGS.conform(pd.concat([self.findings, known], ignore_index=True))
        self._state.findings = result_files.findings_by_rule(self.findings)
        self._state.save()
        shown.findings(known)
        stopping = known[known["rule"].isin(gates)]
        if len(stopping):
            self._leave_findings()
            said = result_files.findings_by_rule(stopping)
            raise StoppedAtGateError(
                gates=", ".join(str(finding["rule"]) for finding in said),
                count=len(stopping),
                message=str(said[0]["message"]),
                remedy=str(said[0]["remedy"]),
            )

    def totals(self, frame: pd.DataFrame, *columns: str) -> figures.Totals:
        """Money of the named columns together, by currency (minor units)."""
        return figures.totals(frame, *columns)

    def tie_out(self, name: str, expected: Figure, actual: Figure) -> None:
        """Two figures that must agree: counts, or minor units by currency. If not, the run stops here."""
        expected, actual = figures.alike(expected, actual)
        told_expected, told_actual = figures.told(expected), figures.told(actual)
        passed = expected == actual
        self._state.tie_outs.append(
            {"name": name, "expected": told_expected, "actual": told_actual, "passed": passed}
        )
        self._state.save()
        shown.tie_out(self.notebook, name, expected, actual, passed=passed)
        if not passed:
            self._leave_findings()
            raise TieOutError(
                name=shown.tie_out_words(self.notebook, name),
                expected=shown.figure_text(expected),
                actual=shown.figure_text(actual),
            )

    def _leave_findings(self) -> None:
        """A run that stops here leaves what it has found in its folder, as a finished one does."""
        folder = self._surroundings.folder
        if self.is_written and folder is not None and len(self.findings):
            self._state.outputs = [result_files.write_findings(folder, self.findings)]
            self._state.save()

    def tie_out_with_erp(self, open_items: pd.DataFrame, observations: pd.DataFrame) -> None:
        """The ERP's own word, where there is one: the balance of its control account on the cut-off day must
        be what the items sum to, and what left for it is shown as it was answered."""
        from . import erp_answers

        company, day, instant = self.company, self.as_of, self.known_at
        answered = erp_answers.answered_postings(self._book, company=company, as_of=day, known_at=instant)
        if answered is not None:
            self.show(answered[0])
            self.check(answered[1].findings)
        compared = erp_answers.compare_control(
            self._book, open_items, observations, company=company, as_of=day, known_at=instant
        )
        if len(compared.accounts):
            self.show(compared.accounts)
            self.check(compared.findings)
            self.tie_out("control-balance", compared.control, compared.items)

    def as_applications(self, applied: pd.DataFrame) -> pd.DataFrame:
        """Applied legs as the book will hold them (``tables.APPLICATIONS``), ids made of their content."""
        legs = identify_applications(applied, salt=self._surroundings.step_key)
        return APPLICATIONS.conform(
            legs.assign(
                step_key=self._surroundings.step_key,
                recorded_at=pd.Timestamp(self.known_at),
            )
        )

    def with_applied(self, applications: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
        """The applications read and those made now, as they will stand together in the book."""
        return APPLICATIONS.conform(
            pd.concat([applications, self.as_applications(applied)], ignore_index=True)
        )

    def post(self, applied: pd.DataFrame) -> None:
        """Put applied legs into the book, each once however often it is asked; nothing unless it writes."""
        if not self.is_written or not self._surroundings.is_under_runner:
            shown.note("not-posted", count=len(applied))
            return
        legs, step, who = self.as_applications(applied), self._surroundings.step_key, f"run:{self.notebook}"
        self._state.posted = posts.apply_legs(self._book, legs, applied, step_key=step, who=who)
        self._state.save()
        shown.note("posted", count=len(applied))

    def post_close(self, **frames: pd.DataFrame) -> None:
        """Put what this close states (provisions, revaluations, entries, by table) into the book, once."""
        count = sum(len(frame) for frame in frames.values())
        if not self.is_written or not self._surroundings.is_under_runner:
            shown.note("close-not-posted", count=count)
            return
        step, who = self._surroundings.step_key, f"run:{self.notebook}"
        period = str(self.period)
        self._state.posted = posts.post_close(self._book, frames, step, period, self.as_of, who)
        self._state.save()
        shown.note("close-posted", count=count)

    def post_differences(self, reconciled: CustomersReconciled) -> None:
        """A case for each difference with a customer that is new, and solved what differs no more."""
        count = len(reconciled.differences) + len(reconciled.solved)
        if not self.is_written or not self._surroundings.is_under_runner:
            shown.note("differences-not-posted", count=count)
            return
        period, who = str(self.period), f"run:{self.notebook}"
        self._state.posted = posts.post_differences(self._book, reconciled, period, self.as_of, who)
        self._state.save()
        shown.note("differences-posted", count=count)

    @property
    def issued_at(self) -> dt.datetime | None:
        """Until when facts counted in this notebook's run of the month before; else nothing."""
        return evidence.known_before(
            self._surroundings, self.notebook, period=self.period, company=self.company
        )

    @property
    def open_from(self) -> dict[str, dt.date]:
        """The first open day of each company with a closed period ('': of all); the others have no lock."""
        from ..book import read

        closed = read.closed_through(self._book, known_at=self.known_at)
        return {company: day + dt.timedelta(days=1) for company, day in closed.items()}

    @property
    def working_days(self) -> WorkingDays:
        """Colombian working days of the period's year and its neighbours."""
        from ..sources.holidays_file import colombian_holidays

        return WorkingDays.of(colombian_holidays(range(self.period.year - 1, self.period.year + 2)))

    def closing_tasks(self) -> tuple[Task, ...]:
        """The tasks of the close, as ``parameters/closing_calendar.yaml`` has them."""
        from ..sources.closing_calendar import load_closing_calendar

        return tuple(load_closing_calendar(self._surroundings.parameters_dir))

    def evidence(self) -> pd.DataFrame:
        """What the runs of this company and period came to, the newest of each (``close.EVIDENCE``)."""
        return evidence.gather(
            self._surroundings, self.notebook, period=str(self.period), company=self.company
        )

    def tied(self, notebook: str, name: str) -> figures.Totals:
        """The figure that another run's tie-out came to (minor units by currency)."""
        return evidence.tied(
            self._surroundings, notebook, name, period=str(self.period), company=self.company
        )

    def show(self, thing: object, *, rows: int = 12, title: str = "") -> None:
        """A frame as a table with money formatted, or a chart drawn as SVG; works without the internet."""
        shown.thing(thing, rows=rows, title=title, names=self._names)

    def show_receipt(
        self, receipt: str, receipts: pd.DataFrame, matched: Matched, open_items: pd.DataFrame,
        in_force: pd.DataFrame,
    ) -> None:  # fmt: skip
        """The receipt of that number, else the largest left (``chosen_receipts``); no such one: a finding."""
        from . import chosen_receipts as chosen

        picture = chosen.Picture(receipts, matched, open_items, in_force, self._names)
        missing, self._state.told = chosen.show_chosen(receipt, picture)
        if len(missing):
            self.check(missing)

    def chart_words(self, name: str) -> dict[str, str]:
        """Title, subtitle and language for a chart of ``views.charts``."""
        return shown.chart_words(self.notebook, name, company=self.company, as_of=self.as_of)

    def finish(
        self,
        *,
        tables: Mapping[str, Result],
        totals: pd.DataFrame | None = None,
        summary: pd.DataFrame | None = None,
        offered: pd.DataFrame | None = None,
        waterfall: pd.DataFrame | None = None,
        breakdown: Breakdown | None = None,
    ) -> None:
        """Fill the run folder: a CSV a table, ``findings.csv``, one workbook. Nothing unless it writes.

        ``totals``: a row a currency for the workbook's first sheet; ``summary``: an ageing for its chart;
        ``offered``: what a person may decide (``decisions.OFFERED``), as ``suggestions.xlsx``; ``waterfall``:
        ``matching.WATERFALL``, for the first sheet's chart; ``breakdown``: that chart itself.
        """
        folder = self._surroundings.folder
        if self.is_written and folder is not None:
            outputs = [result_files.write_table(folder, name, result) for name, result in tables.items()]
            outputs.append(result_files.write_findings(folder, self.findings))
            outputs.append(
                result_files.write_workbook(
                    folder,
                    notebook=self.notebook,
                    company=self.company,
                    period=str(self.period),
                    as_of=self.as_of,
                    run_id=self._surroundings.run_id,
                    made_at=self._surroundings.made_at,
                    tables=tables,
                    findings=self.findings,
                    totals=totals,
                    breakdown=breakdown or result_files.breakdown_of(summary, waterfall),
                    names=self._names,
                    tie_outs=self._state.tie_outs,
                )
            )
            if offered is not None:
                outputs.append(
                    result_files.write_offered(
                        folder,
                        offered,
                        company=self.company,
                        period=str(self.period),
                        as_of=self.as_of,
                        names=self._names,
                        reasons=self.policy.matching.differences.reasons,
                    )
                )
            self._state.outputs = outputs
        if self._state.has_nothing_to_work_on():
            self._state.is_without_input = True
            shown.note("no-input", count=0)
        self._state.is_finished = True
        self._state.save()
        self._book.close()
        shown.finished(self._surroundings, is_written=self.is_written)

    def remember_error(self, error: BaseException) -> None:
        """Rule and remedy of what ended a cell, for the manifest; the words are in the exception itself."""
        from .. import words

        if isinstance(error, WorkbenchError):
            self._state.error = {
                "name": type(error).__name__,
                "rule": error.cause,
                "message": words.sentence(error.cause, error.values),
                "remedy": words.remedy(error.cause, error.values) or str(error.values.get("remedy", "")),
            }
            self._state.save()


def start(
    notebook: str,
    *,
    period: str,
    company: str = "",
    as_of: str = "",
    known_at: str = "",
    write: bool = False,
    **others: object,
) -> Run:
    """Begin a run: parameters judged, policy read, book opened, and a head line that says where we stand.

    ``as_of`` empty is the last day of the period, ``known_at`` empty is all that the book knows now; a cutoff
    outside the period and an instant before the first import are findings. Outside the runner ``write=True``
    has the runner make the run, and this notebook then shows the same figures.
    """
    from .. import book as books
    from ..sources.policy_file import load_policy

    month = Period.parse(period)
    check_company(company)
    day = parse_date(as_of, name="as_of") if as_of else month.last_day
    instant = parse_instant(known_at) if known_at else None
    surroundings = Surroundings.of_environment()
    if write and not surroundings.is_under_runner:
        given = {"period": period, "company": company, "as_of": as_of, "known_at": known_at, **others}
        surroundings = shown.asked_of_runner(notebook, given, surroundings)
    policy = load_policy(surroundings.parameters_dir)
    opened = books.open_book(surroundings.book_url)
    run = Run(
        notebook,
        period=month,
        company=company,
        as_of=day,
        known_at=instant or opened.latest_instant(),
        is_written=write and surroundings.is_under_runner,
        policy=policy,
        book=opened,
        surroundings=surroundings,
    )
    remember_errors(run)
    shown.head(company=company, period=str(month), as_of=day, batch=books.read.latest_batch(opened))
    doubts = starts.doubts_of_time(opened, period=month, as_of=day, known_at=run.known_at)
    if len(doubts):
        run.check(doubts)
    return run
