"""What the ageing panel asks, answered from the scoped book by the trade rooms; no widget here."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .. import aging, book, ledger, words
from ..policy import Policy
from ..tables import AGING_BY_ITEM
from ..views.panels.aging_panel import AgingQuestion
from ..views.panels.parts import XLSX, Download
from .signed_runs import SignedRun, signed_items

#: Shown of an item beside ``AGING_BY_ITEM``.
_MORE = ("customer_name", "original_amount", "reference", "order_id", "payment_terms", "text")
_CUSTOMER = ("customer_name", "cluster_id", "supervisor_id")
_KEY = ["company_id", "customer_id"]


class AgingAnswers:
    """Figures of one company ("": all) as of any day, as known at ``known_at`` (``None``: all we know).

    ``opened`` is the book in the scope of who looks; what it does not show is in no answer, and of a
    signed run only the rows of its customers are read.
    """

    def __init__(
        self, opened: book.Book, *, policy: Policy, runs: Sequence[SignedRun], company: str = ""
    ) -> None:
        self.policy = policy
        self.company = company
        self.known_at: dt.datetime | None = None
        self._book = opened
        self._runs = list(runs)
        self._facts: dict[tuple[str, dt.datetime | None], tuple[pd.DataFrame, ...]] = {}
        self._open: dict[tuple[str, dt.datetime | None, dt.date], pd.DataFrame] = {}

    # The book's side -------------------------------------------------------------------------------

    def open_items(self, as_of: dt.date) -> pd.DataFrame:
        """What was open on that day, each item with its customer's name, cluster and supervisor."""
        wanted = (self.company, self.known_at, as_of)
        if wanted not in self._open:
            documents, observations, clearings, applications, reversals, receipts, exported, customers = (
                self._read()
            )
            items = ledger.open_items_as_of(
                documents,
                observations,
                clearings,
                applications,
                reversals,
                as_of=as_of,
                known_at=self.known_at,
            )
            items = ledger.with_credits_on_account(
                items, documents, receipts, applications, reversals, exported,
                as_of=as_of, known_at=self.known_at,
            )  # fmt: skip
            if len(self._open) > 12:  # a page that was asked for many days keeps the last ones
                self._open.pop(next(iter(self._open)))
            self._open[wanted] = _with_customer(items, customers)
        return self._open[wanted]

    def _read(self) -> tuple[pd.DataFrame, ...]:
        wanted = (self.company, self.known_at)
        if wanted not in self._facts:
            read, company, known = book.read, self.company or None, self.known_at
            self._facts[wanted] = (
                *(
                    one(self._book, company=company, known_at=known)
                    for one in (
                        read.documents,
                        read.observations,
                        read.clearings,
                        read.applications,
                        read.reversals,
                        read.receipts,
                        read.erp_export_lines,
                    )
                ),
                read.customers(self._book, company=company),
            )
        return self._facts[wanted]

    def aged(self, question: AgingQuestion) -> pd.DataFrame:
        """The aged items that the question is about."""
        items = _narrowed(self.open_items(question.as_of), question)
        return aging.age_open_items(
            items, as_of=question.as_of, basis=question.basis, buckets=self.policy.aging.buckets
        )

    def summarise(self, question: AgingQuestion) -> pd.DataFrame:
        """The panel's ``summarise``: what a close has signed is told as it was signed, the rest lives."""
        signed = self._signed_before(question)
        return self._summary(self.aged(question) if signed is None else signed, question)

    def list_items(self, question: AgingQuestion) -> pd.DataFrame:
        """The panel's ``list_items``, the largest first."""
        aged = self.aged(question)
        items = aged[[*AGING_BY_ITEM.columns, *(name for name in _MORE if name in aged.columns)]]
        order = items["open_amount"].abs().sort_values(ascending=False, kind="stable").index
        return items.loc[order].reset_index(drop=True)

    def _summary(self, aged: pd.DataFrame, question: AgingQuestion) -> pd.DataFrame:
        summary = aging.summarise_aging(
            aged, by=question.by, credits=question.credits, buckets=self.policy.aging.buckets
        )
        if "customer_id" not in question.by:
            return summary
        names = aged.drop_duplicates("customer_id").set_index("customer_id")["customer_name"]
        return summary.assign(customer_name=summary["customer_id"].map(names).fillna(""))

    def currencies(self, as_of: dt.date) -> list[str]:
        """Those with open items, the base currency first."""
        found = set(self.open_items(as_of)["currency"])
        return sorted(found, key=lambda code: (code != self.policy.base_currency, code))

    # The signed side -------------------------------------------------------------------------------

    def run_of(self, as_of: dt.date) -> SignedRun | None:
        """The signed run with that cutoff, of this company."""
        return next((run for run in self._of_company() if run.as_of == as_of), None)

    def run_before(self, as_of: dt.date) -> SignedRun | None:
        """The last signed run with an earlier cutoff: what "since the last close" is told from."""
        return next((run for run in self._of_company() if run.as_of < as_of), None)

    def _of_company(self) -> list[SignedRun]:
        return [run for run in self._runs if run.company == self.company]

    def signed(self, run: SignedRun, question: AgingQuestion) -> pd.DataFrame | None:
        """The run's own items for this question; ``None`` where it was aged by another basis."""
        if question.basis != self.policy.aging.basis:
            return None
        customers = self._read()[-1]
        items = signed_items(run)
        mine = items.merge(customers[_KEY].drop_duplicates(), on=_KEY, how="inner")
        return _narrowed(_with_customer(mine, customers), question)

    def _signed_before(self, question: AgingQuestion) -> pd.DataFrame | None:
        """The signed figures, where a question without rows asks for an earlier close."""
        run = self.run_of(question.as_of)
        is_comparison = run is not None and not question.by and question.as_of != self.shown_as_of
        return self.signed(run, question) if run is not None and is_comparison else None

    #: The cutoff that the page shows; any other one is asked for comparison.
    shown_as_of: dt.date | None = None

    def compare(self, question: AgingQuestion) -> tuple[SignedRun, pd.DataFrame, pd.DataFrame] | None:
        """The run of the question's own cutoff, what lives and what was signed, each as a summary."""
        run = self.run_of(question.as_of)
        signed = self.signed(run, question) if run is not None else None
        if run is None or signed is None:
            return None
        return run, self._summary(self.aged(question), question), self._summary(signed, question)

    # A file ----------------------------------------------------------------------------------------

    def export(self, question: AgingQuestion, kind: str, *, who: str = "") -> Download:
        """What is asked, as a workbook for people or a file for machines."""
        from ..runs.coded import in_words
        from ..runs.result_files import people_csv
        from ..views import workbooks

        frame = self.summarise(question) if question.by else self.list_items(question)
        name = f"{'_'.join(question.by) or 'documents'}-{question.as_of.isoformat()}"
        if kind == "csv":
            return Download(f"{name}.csv", people_csv(frame, words.language()), "text/csv")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.xlsx"
            whole = self._summary(self.aged(question), question)
            workbooks.write_workbook(
                path,
                workbooks.Workbook(
                    title=words.say("apps.aging_explorer.title"),
                    company=self.company or words.say("apps.all_companies"),
                    period=f"{question.as_of:%Y-%m}",
                    as_of=question.as_of,
                    made_at=who,
                    sheets=[workbooks.Sheet(words.say("apps.sheet"), in_words(frame))],
                    notes=self._notes(question),
                    breakdown=workbooks.aging_breakdown(whole) if len(whole) else None,
                ),
            )
            return Download(path.name, path.read_bytes(), XLSX)

    def _notes(self, question: AgingQuestion) -> list[tuple[str, str]]:
        said = {
            "basis": words.say(f"panels.basis-{question.basis}"),
            "credits": words.say(f"panels.credits-{question.credits}"),
            "currency": question.currency,
            "where": " · ".join(value for _, value in question.where) or words.say("apps.everything"),
            "known_at": self.known_at.isoformat() if self.known_at else words.say("apps.known_now"),
        }
        return [(words.say(f"apps.note_{name}"), text) for name, text in said.items()]


def _with_customer(items: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    known = customers[[*_KEY, *_CUSTOMER]].drop_duplicates(_KEY)
    rows = items.drop(columns=[name for name in _CUSTOMER if name in items.columns])
    joined = rows.merge(known, on=_KEY, how="left", validate="many_to_one")
    return joined.assign(**{name: joined[name].fillna("").astype("str") for name in _CUSTOMER})


def _narrowed(items: pd.DataFrame, question: AgingQuestion) -> pd.DataFrame:
    chosen = items[items["currency"] == question.currency]
    for column, value in question.where:
        chosen = chosen[chosen[column] == value]
    return chosen.reset_index(drop=True)
