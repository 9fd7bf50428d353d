"""What a close leaves in the book: provisions, revaluations, proposed entries, together or not at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import func, select

from .. import tables
from ..cases import Case
from ..errors import PeriodClosedError
from ..journal import PROPOSED, check_balanced, double_entry
from ..tables import Table
from . import schema
from .canonical import content_sha256
from .frames import raw_columns
from .latest_closes import ACTION
from .lines_in import closed_days
from .open_amounts import entries_of_case
from .opened import Book
from .transactions import Posting, writing

#: What each kind is posted as; ``operation_id, step_key, period, as_of_date, who`` are set here.
POSTED: dict[str, Table] = {
    "provision_balances": tables.PROVISION_BALANCES,
    "revaluations": tables.REVALUATIONS,
    "journal_lines": tables.JOURNAL_LINES,
}


def post_close(
    book: Book,
    frames: dict[str, pd.DataFrame],
    *,
    operation_id: str,
    period: str,
    as_of: dt.date,
    who: str = "",
    step_key: str = "",
) -> int:
    """Post ``frames`` by table (``POSTED``) in one transaction; gives how many rows are new.

    The same operation again changes nothing; with another content it is refused. A later operation of the
    same period is a newer word: readers take the latest. Entries must balance. Raises
    :class:`PostingRefusedError`, or :class:`PeriodClosedError` where ``as_of`` lies in a closed period.
    """
    with writing(book, ACTION, who=who) as posting:
        return enter_close(
            posting, frames, operation_id=operation_id, period=period, as_of=as_of, step_key=step_key
        )


def enter_close(
    posting: Posting,
    frames: dict[str, pd.DataFrame],
    *,
    operation_id: str,
    period: str,
    as_of: dt.date,
    step_key: str = "",
) -> int:
    """:func:`post_close` inside a transaction that does more."""
    shared = {
        "operation_id": operation_id, "step_key": step_key, "period": period, "who": posting.who,
        "as_of_date": pd.Timestamp(as_of),
    }  # fmt: skip
    if "journal_lines" in frames:
        check_balanced(frames["journal_lines"])
    rows = {name: _rows(POSTED[name], frame, shared) for name, frame in frames.items()}
    content = [content_sha256([list(row) for row in rows[name][1]]) for name in sorted(rows)]
    if posting.is_repeat(operation_id, [period, as_of.isoformat(), *content]):
        return 0
    companies = {str(one) for frame in frames.values() for one in frame["company_id"].unique()}
    closed = closed_days(posting)
    for company in sorted(companies):
        last = max(closed.get(company, ""), closed.get("", ""))
        if last >= as_of.isoformat():
            raise PeriodClosedError(
                "period-closed-posting", company=company, date=as_of.isoformat(), closed_through=last
            )
    posting.subject.update(operation=operation_id, period=period)
    for name, (columns, values) in rows.items():
        posting.insert(name, columns, values)
    return sum(len(values) for _, values in rows.values())


@dataclass(frozen=True)
class Booked:
    """What an account holds of a case's document, in its currency and in base currency (debit positive)."""

    amount: int
    base_amount: int


def booked_of_case(posting: Posting, case_id: str, account: str) -> dict[str, Booked]:
    """By document, what a case's entries have left on an account; read under the writer's lock."""
    own = schema.journal_lines.c
    query = (
        select(own.document_id, func.sum(own.entry_amount), func.sum(own.base_amount))
        .where(own.case_id == case_id, own.account == account)
        .group_by(own.document_id)
    )
    found = posting.connection.execute(query).all()
    return {str(document): Booked(int(amount), int(base)) for document, amount, base in found}


def enter_entry(
    posting: Posting, case: Case, moved: pd.DataFrame, *, origin: str, name: str, on: dt.date
) -> None:
    """The entry of the move that a case makes now: ``moved`` as :func:`journal.double_entry` takes it."""
    _enter_lines(posting, case, double_entry(moved, origin=origin, on=pd.Timestamp(on)), name, on)


def take_back_entries(
    posting: Posting, case: Case, *, origin: str, text: str, name: str, on: dt.date
) -> None:
    """All that the entries of a case have left, taken back to the cent, on the accounts that they moved.

    At the rates of then. Nothing where they have left nothing. ``name``: of the entry among those of the move
    that the case makes now.
    """
    lines = entries_of_case(posting.connection, case.case_id)
    if lines.empty:
        return
    lines = lines.assign(
        entry_amount=-lines["entry_amount"], base_amount=-lines["base_amount"], case_id=case.case_id,
        entry_id=case.next_entry, line=range(1, len(lines) + 1), origin=origin, text=text,
        posting_date=pd.Timestamp(on),
    )  # fmt: skip
    _enter_lines(posting, case, lines[list(PROPOSED)], name, on)


def _enter_lines(posting: Posting, case: Case, lines: pd.DataFrame, name: str, on: dt.date) -> None:
    enter_close(
        posting,
        {"journal_lines": lines},
        operation_id=f"{case.next_entry}:{name}",
        period=f"{on:%Y-%m}",
        as_of=on,
    )


def _rows(
    table: Table, frame: pd.DataFrame, shared: dict[str, object]
) -> tuple[list[str], list[tuple[object, ...]]]:
    given = {name: value for name, value in shared.items() if name in table.columns}
    names = [name for name in table.columns if name != "recorded_at"]
    whole = table.conform(frame.assign(**given, recorded_at=pd.NaT))
    columns = raw_columns(whole, {name: table.columns[name] for name in names})
    return names, list(zip(*columns, strict=True))
