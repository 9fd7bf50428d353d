"""The report of one account and month: prepared by one person, approved by another, bound to its figures.

Draft → Saved → Submitted → Approved; rejected it is Saved again; before approval it can be discarded. Every
save, submission and approval carries the hash of the figures; when the book says something else later, the
report is decertified, with what it was and what it is. Source: DOMAIN, sections 9 and 21 (LedgerSMB's
states and its check before a reconciliation starts; BlackLine decertifies when the balance changes).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import pandas as pd

from ..calendar import Period
from ..cases import Case, CaseEvent, Machine, Move, person
from ..errors import MoveRefusedError, PostingRefusedError
from .results import ACCOUNT, Reconciled

KIND = "bank_report"
#: Who may approve, by role.
APPROVERS = ("supervisor", "controller")
#: Figures of the proof that a report states, in minor units.
FIGURES = (
    "opening_amount", "bank_amount", "book_amount", "debits_not_cleared", "credits_not_cleared",
    "bank_not_in_books", "difference",
)  # fmt: skip
#: Moves that leave figures somebody answers for.
CERTIFYING = ("save", "submit", "approve", "decertify")


def case_id_of(company: str, account: str, currency: str, period: str) -> str:
    """The report's case: one an account, currency and month."""
    return f"bank-report:{company}:{account}:{currency}:{period}"


def report_machine() -> Machine:
    """draft → saved → submitted → approved, with every way back.

    ``submit`` and ``approve`` bring the figures as they are now (``figures_sha256``, ``difference``) and what
    stands in the way: ``earlier`` months not approved, ``unapproved`` transactions, ``unplanned`` items. Who
    saved or submitted it at any time approves nothing (``approver`` is compared with all of them).
    """
    saved, submitted, approved = frozenset({"saved"}), frozenset({"submitted"}), frozenset({"approved"})
    figures = ("figures_sha256",)
    return Machine(
        KIND,
        "draft",
        (
            Move("save", frozenset({"draft"}) | saved, "saved", needs=figures),
            Move("submit", saved, "submitted", needs=figures, guard=_check_ready),
            Move(
                "approve", submitted, "approved", needs=(*figures, "approver"), unlike=("save", "submit"),
                roles=APPROVERS, guard=_check_approvable,
            ),
            Move("reject", submitted, "saved", needs=("reason",)),
            Move("discard", frozenset({"draft"}) | saved | submitted, "discarded", needs=("reason",)),
            Move("begin_again", frozenset({"discarded"}), "draft", needs=("reason",)),
            Move("reopen", approved, "saved", needs=("reason",)),
            Move("decertify", submitted | approved, "saved", needs=figures, guard=_check_changed),
        ),
    )  # fmt: skip


def certified_figures(case: Case) -> Mapping[str, object]:
    """The figures that the newest save, submission, approval or decertification carried; none before."""
    event: CaseEvent | None = case.last(*CERTIFYING)
    return {} if event is None else event.content


def figures_of(reconciled: Reconciled, company: str, account: str, currency: str) -> dict[str, object]:
    """What a report says: the proof's figures, how many lines stay, and the hash of figures and lines.

    The hash covers every group and every line that stays, by the sources' own ids, days and amounts; not the
    age nor the class of a line, which change without the account. Refused (``bank-report-no-account``) for an
    account that the reconciliation does not have.
    """
    name = (company, account, currency)
    proof = _own(reconciled.proof, name)
    if proof.empty:
        raise PostingRefusedError("bank-report-no-account", account=account, currency=currency)
    row = proof.iloc[0]
    figures: dict[str, object] = {figure: int(row[figure]) for figure in FIGURES}
    left_bank, left_book = (
        _own(frame, name) for frame in (reconciled.outstanding_bank, reconciled.outstanding_book)
    )
    lines = [
        *_said("bank", left_bank, "booking_date", "bank_amount"),
        *_said("book", left_book, "posting_date", "book_amount"),
    ]
    groups = sorted(set(_own(reconciled.matched, name)["group_id"]))
    told = json.dumps([name, figures, sorted(lines), groups], ensure_ascii=False, separators=(",", ":"))
    return {
        **figures,
        "bank_items": len(left_bank),
        "book_items": len(left_book),
        "figures_sha256": hashlib.sha256(told.encode()).hexdigest(),
    }


def _own(frame: pd.DataFrame, name: Sequence[str]) -> pd.DataFrame:
    is_own = pd.Series(True, index=frame.index)
    for column, value in zip(ACCOUNT, name, strict=True):
        is_own &= frame[column] == value
    return frame[is_own]


def _said(side: str, lines: pd.DataFrame, date: str, amount: str) -> list[list[object]]:
    days = lines[date].dt.strftime("%Y-%m-%d")
    return [
        [side, line_id, day, int(money)]
        for line_id, day, money in zip(lines["line_id"], days, lines[amount].tolist(), strict=True)
    ]


def earlier_periods(from_date: pd.Timestamp, period: Period, reports_from: str = "") -> list[str]:
    """The months of an account before this one that need an approved report: from its first day on.

    ``reports_from``: the month in which the company began to make reports here; earlier ones need none.
    """
    if pd.isna(from_date):
        return []
    # Some banks date an opening balance on the last day of the month before: that is no month of its own.
    begun = from_date + pd.Timedelta(days=1)
    month = Period(begun.year, begun.month)
    months = []
    while (month.year, month.month) < (period.year, period.month):
        if str(month) >= reports_from:
            months.append(str(month))
        month = month.next()
    return months


def check_before(earlier: Sequence[str], unapproved: Sequence[str], *, account: str, period: str) -> None:
    """Whether a reconciliation may begin: the months before approved, no transaction waiting for approval."""
    if earlier:
        raise MoveRefusedError(
            "bank-report-earlier-open", account=account, period=period, periods=", ".join(earlier)
        )
    if unapproved:
        raise MoveRefusedError(
            "bank-report-unapproved", account=account, period=period, count=len(unapproved),
            requests=", ".join(unapproved[:5]),
        )  # fmt: skip


def _check_ready(case: Case, brought: Mapping[str, object]) -> None:
    account = case.subject_key
    check_before(
        _texts(brought, "earlier"), _texts(brought, "unapproved"), account=account, period=case.period
    )
    _check_same(case, brought)
    if brought.get("difference"):
        raise MoveRefusedError(
            "bank-report-not-zero", account=account, period=case.period, amount=str(brought["difference"])
        )
    if brought.get("unplanned"):
        raise MoveRefusedError(
            "bank-report-unplanned", account=account, period=case.period, count=brought["unplanned"]
        )


def _check_approvable(case: Case, brought: Mapping[str, object]) -> None:
    for event in case.events:
        if event.move in ("save", "submit") and person(event.who) == person(str(brought["approver"])):
            raise MoveRefusedError(
                "case-move-same-person", case=case.case_id, kind=KIND, state=case.state, move="approve",
                earlier=event.move, who=event.who,
            )  # fmt: skip
    _check_ready(case, brought)


def _check_same(case: Case, brought: Mapping[str, object]) -> None:
    if brought["figures_sha256"] != certified_figures(case).get("figures_sha256"):
        raise MoveRefusedError("bank-report-changed", case=case.case_id, state=case.state)


def _check_changed(case: Case, brought: Mapping[str, object]) -> None:
    if brought["figures_sha256"] == certified_figures(case).get("figures_sha256"):
        raise MoveRefusedError("bank-report-unchanged", case=case.case_id, state=case.state)


def _texts(brought: Mapping[str, object], name: str) -> list[str]:
    told = brought.get(name) or []
    return [str(one) for one in told] if isinstance(told, list | tuple) else [str(told)]
