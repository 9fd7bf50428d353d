"""The report of an account and month through the book: saved, submitted, approved, and what changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd

from .. import book as books
from ..book.cases_in import enter_case, enter_move
from ..book.transactions import writing
from ..calendar import Period
from ..cases import Brought, Case, NewCase
from ..errors import MoveRefusedError, PostingRefusedError
from ..policy import Policy
from ..reconciliation import bank_reports
from ..reconciliation.report_states import REPORTS, report_states
from .clearing import unplanned_items
from .look import Look, looking

MACHINE = bank_reports.report_machine()
#: Moves that bring the figures as they are.
_WITH_FIGURES = ("save", "submit", "approve", "decertify")
_WITH_CHECKS = ("submit", "approve")
#: States whose figures somebody signed.
_CERTIFIED = ("submitted", "approved")
#: Somebody was faster between a look and the lock: the report holds again, or is no longer signed.
_OVERTAKEN = ("bank-report-unchanged", "case-move-not-from-here")


def begin_report(
    book: books.Book,
    *,
    company: str,
    account: str,
    currency: str,
    period: Period,
    policy: Policy,
    who: str,
    on: dt.date,
) -> str:
    """A draft of the account's report of a month; gives its case. The same again changes nothing.

    Refused while an earlier month's report is not approved (``bank-report-earlier-open``) or a transaction up
    to the cut-off waits for a second person (``bank-report-unapproved``).
    """

    def act(look: Look) -> str:
        case_id = bank_reports.case_id_of(company, account, currency, str(period))
        if look.reports["case_id"].eq(case_id).any():
            return case_id
        bank_reports.figures_of(look.reconcile(period.last_day), company, account, currency)
        bank_reports.check_before(
            look.earlier_open(account, currency, period), look.unapproved(account, period.last_day),
            account=account, period=str(period),
        )  # fmt: skip
        new = NewCase(
            case_id, company, {"account": account}, currency=currency, period=str(period),
            as_of=period.last_day, subject_key=account,
        )  # fmt: skip
        with writing(book, "open-case", who=who) as posting:
            look.check_unchanged(posting)
            enter_case(posting, MACHINE, new, on=on)
        return case_id

    return looking(book, company, policy, act)


def move_report(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """Any move of a report; gives its state. Figures and checks are taken from the book, never brought.

    ``save`` keeps the figures as they are; ``submit`` and ``approve`` are refused where they changed since,
    do not prove to zero, an earlier month is open, or an item has no owner; ``approve`` by who prepared.
    """
    case = books.read.case(book, case_id)
    if case.kind != bank_reports.KIND or case.as_of is None:
        raise PostingRefusedError(
            "case-of-another-kind", case=case_id, kind=case.kind, expected=bank_reports.KIND
        )

    def act(look: Look) -> str:
        told = brought.adding(**_from_the_book(look, case, move), approver=brought.who)
        with writing(book, "move-case", who=brought.who) as posting:
            look.check_unchanged(posting)
            operation = case.next_operation(move)
            return enter_move(posting, MACHINE, case_id, move, told, operation_id=operation)

    return looking(book, case.company_id, policy, act)


def _from_the_book(look: Look, case: Case, move: str) -> dict[str, object]:
    if move not in _WITH_FIGURES or case.as_of is None:
        return {}
    reconciled = look.reconcile(case.as_of)
    name = (case.company_id, case.subject_key, case.currency)
    found = bank_reports.figures_of(reconciled, *name)
    if move in _WITH_CHECKS:
        period = Period.parse(case.period)
        found["earlier"] = look.earlier_open(case.subject_key, case.currency, period)
        found["unapproved"] = look.unapproved(case.subject_key, case.as_of)
        found["unplanned"] = unplanned_items(look, reconciled, *name)
    return found


def decertify_changed(
    book: books.Book,
    *,
    company: str,
    policy: Policy,
    who: str,
    on: dt.date,
    reason: str = "",
    tell: Callable[[str], object] | None = None,
) -> list[str]:
    """Submitted and approved reports whose figures the book no longer says go back to saved; their cases.

    From the oldest month on, each by a look of its own and in a transaction of its own, and told to ``tell``
    once it is moved: a refusal that stops the later ones takes nothing back. What somebody put right or
    moved meanwhile is left.
    """
    reports = books.read.cases(book, company, kind=bank_reports.KIND)
    standing = reports[reports["state"].isin(_CERTIFIED)].sort_values(["period", "case_id"])
    changed = []
    for case_id in standing["case_id"].astype(str):
        case = books.read.case(book, case_id)
        assert case.as_of is not None, "a report has a cut-off"
        name = (case.company_id, case.subject_key, case.currency)
        look = Look.at(book, company, policy)
        figures = bank_reports.figures_of(look.reconcile(case.as_of), *name)
        is_same = figures["figures_sha256"] == bank_reports.certified_figures(case).get("figures_sha256")
        if case.state not in _CERTIFIED or is_same:
            continue
        try:
            move_report(book, case_id, "decertify", Brought(who, on, reason=reason), policy=policy)
        except MoveRefusedError as refusal:
            if refusal.cause not in _OVERTAKEN:
                raise
            continue
        changed.append(case_id)
        if tell:
            tell(case_id)
    return changed


def read_states(book: books.Book, *, company: str, as_of: dt.date, policy: Policy) -> pd.DataFrame:
    """``report_states.REPORTS``: every account's months up to a day, who prepared and approved, whether the
    figures still hold."""
    look = Look.at(book, company, policy)
    events = books.read.case_events(book, company, kind=bank_reports.KIND)
    made = look.reconcile(as_of)
    frame = report_states(
        made, look.reports, events, as_of=as_of, policy=policy.reconciliation, at=look.reconcile
    )
    return REPORTS.conform(frame)
