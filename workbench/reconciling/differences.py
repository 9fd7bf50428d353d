"""Differences with customers as cases of the book: opened by a run, given to somebody, solved."""

from __future__ import annotations

import datetime as dt

from ..book import Book
from ..book.cases_in import enter_case, enter_move, move_case
from ..book.transactions import writing
from ..cases import Brought, NewCase
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
    opened = 0
    with writing(book, "customer-differences", who=who) as posting:
        for row in fresh.to_dict("records"):
            new = NewCase(
                row["case_id"], row["company_id"], {name: str(row[name]) for name in _CONTENT},
                customer_id=row["customer_id"], currency=row["currency"], period=period, as_of=as_of,
                subject_key=row["difference_id"], case_amount=int(row["difference_amount"]),
            )  # fmt: skip
            opened += enter_case(posting, MACHINE, new, on=as_of)
        for frame, move, reason in ((solved, "solve", GONE), (again, "reopen", AGAIN)):
            for case_id in frame["case_id"]:
                brought = Brought(who, as_of, reason=reason)
                operation = f"{case_id}/{as_of}/{move}"  # once a month, however often the month is run
                enter_move(posting, MACHINE, case_id, move, brought, operation_id=operation)
    return {"opened": opened, "solved": len(solved)}


def move_difference(book: Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """A person's move: given to an owner with a day, solved or reopened with a reason."""
    from ..book import read

    return move_case(book, MACHINE, read.case(book, case_id), move, brought)
