"""Differences with customers as cases of the book: opened by a run, given to somebody, solved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from ..book import Book
from ..book.cases_in import enter_case, enter_move, move_case
from ..book.transactions import writing
from ..policy import Policy
from ..reconciliation import customers

MACHINE = customers.DIFFERENCE
#: Why the run solves a case: neither side shows the difference any more.
GONE, AGAIN = "no-longer-differs", "differs-again"
_CONTENT = ("side", "cause", "document_id", "reference", "their_number", "owner")


def post_differences(
    book: Book,
    reconciled: customers.CustomersReconciled,
    *,
    period: str,
    as_of: dt.date,
    who: str,
    now: dt.datetime | None = None,
) -> dict[str, int]:
    """A case for every difference that has none, and solved what no longer differs, in one transaction.

    The same month again changes nothing. Gives how many were opened and solved.
    """
    from ..book import read

    known = read.cases(book, kind=MACHINE.kind).set_index("case_id")["state"].to_dict()
    fresh = customers.cases_to_open(reconciled.differences, as_of=as_of)
    fresh = fresh[~fresh["case_id"].isin(known)]
    again = reconciled.differences[reconciled.differences["case_id"].map(known).eq("solved")]
    solved = reconciled.solved
    if fresh.empty and solved.empty and again.empty:
        return {"opened": 0, "solved": 0}
    counts = {"opened": 0, "solved": 0}
    with writing(book, "customer-differences", who=who, now=now) as posting:
        for row in fresh.to_dict("records"):
            counts["opened"] += enter_case(
                posting, MACHINE, case_id=row["case_id"], company=row["company_id"],
                customer=row["customer_id"], currency=row["currency"], period=period, as_of=as_of,
                subject=row["difference_id"], amount=int(row["difference_amount"]),
                content={name: str(row[name]) for name in _CONTENT}, who=who, on=as_of,
            )  # fmt: skip
        for row in solved.to_dict("records"):
            enter_move(
                posting, MACHINE, row["case_id"], "solve", operation_id=f"{row['case_id']}/{as_of}/solve",
                who=who, on=as_of, reason=GONE,
            )  # fmt: skip
            counts["solved"] += 1
        for row in again.to_dict("records"):
            enter_move(
                posting, MACHINE, row["case_id"], "reopen", operation_id=f"{row['case_id']}/{as_of}/reopen",
                who=who, on=as_of, reason=AGAIN,
            )  # fmt: skip
    return counts


def move_difference(
    book: Book,
    case_id: str,
    move: str,
    *,
    policy: Policy,
    who: str,
    on: dt.date,
    role: str = "",
    reason: str = "",
    content: Mapping[str, object] | None = None,
    file_sha256: str = "",
    operation_id: str = "",
    now: dt.datetime | None = None,
) -> str:
    """A person's move: given to an owner with a day, solved or reopened with a reason."""
    from ..book import read

    operation_id = operation_id or f"{case_id}#{len(read.case(book, case_id).events) + 1}"
    return move_case(
        book, MACHINE, case_id, move, operation_id=operation_id, who=who, on=on, role=role, reason=reason,
        content=content, file_sha256=file_sha256, now=now,
    )  # fmt: skip


def open_differences(book: Book, company: str | None = None) -> pd.DataFrame:
    """The cases of differences that somebody still has to clear (``tables.CASES``)."""
    from ..book import read

    cases = read.cases(book, company=company, kind=MACHINE.kind)
    return cases[cases["state"].isin(customers.LIVE)].reset_index(drop=True)
