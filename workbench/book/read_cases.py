"""Cases, the customer's ledger, provisions, revaluations and entries, as frames; reached by ``read``."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import and_, false, func, select

from .. import tables
from ..cases import Case
from ..tables import Table
from . import schema
from .cases_in import case_of
from .opened import Book
from .selections import (
    Day,
    Known,
    Scope,
    as_known,
    filtered,
    in_company,
    read_frame,
    select_columns,
    visible_customers,
)


def cases(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    kind: str = "",
    as_of: Day = None,
) -> pd.DataFrame:
    """Each case with what its last event says (``tables.CASES``); ``kind`` keeps to one machine's.

    With ``known_at`` or ``as_of``, as it stood then: by the last event recorded, or dated, by then.
    """
    own, all_events = schema.cases, schema.case_events
    ranked = as_known(
        select(
            all_events,
            func.row_number()
            .over(partition_by=all_events.c.case_id, order_by=all_events.c.number.desc())
            .label("rank"),
        ),
        all_events,
        known_at,
        as_of,
    )
    last: Any = ranked.subquery()
    named = {
        "state": last.c.state, "events": last.c.number, "last_move": last.c.move, "last_who": last.c.who,
        "last_date": last.c.event_date, "recorded_at": last.c.recorded_at,
    }  # fmt: skip
    query = select_columns(tables.CASES, own, named)
    query = query.join(last, and_(last.c.case_id == own.c.case_id, last.c.rank == 1))
    if kind:
        query = query.where(own.c.kind == kind)
    query = _of_cases(book, query, company, customers)
    return read_frame(book, query.order_by(own.c.kind, own.c.case_id), tables.CASES)


def case_events(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    kind: str = "",
    as_of: Day = None,
) -> pd.DataFrame:
    """Every move of every case (``tables.CASE_EVENTS``), in the order of each case."""
    source = schema.case_events
    query = as_known(select_columns(tables.CASE_EVENTS, source), source, known_at, as_of)
    query = _joined(book, query, source, company, customers, kind)
    return read_frame(book, query.order_by(source.c.case_id, source.c.number), tables.CASE_EVENTS)


def case_items(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    kind: str = "",
) -> pd.DataFrame:
    """What each case holds (``tables.CASE_ITEMS``)."""
    source = schema.case_items
    query = as_known(select_columns(tables.CASE_ITEMS, source), source, known_at)
    query = _joined(book, query, source, company, customers, kind)
    return read_frame(book, query.order_by(source.c.case_id, source.c.item_number), tables.CASE_ITEMS)


def case(book: Book, case_id: str) -> Case:
    """One case whole; raises :class:`PostingRefusedError` where the book has none of that name."""
    with book.reading() as connection:
        return case_of(lambda query: [tuple(row) for row in connection.execute(query).all()], case_id)


def customer_ledger_lines(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """The newest list that each customer sent by ``as_of`` (``tables.CUSTOMER_LEDGER_LINES``).

    Newest by its cut-off, then, currency by currency, by when it came: a corrected list of the same day
    replaces the one before, and one of another currency stands beside it.
    """
    source = schema.customer_ledger_lines
    whose = [source.c.company_id, source.c.customer_id]
    day = func.dense_rank().over(partition_by=whose, order_by=source.c.observed_date.desc())
    same = [*whose, source.c.currency, source.c.observed_date]
    file = func.dense_rank().over(partition_by=same, order_by=source.c.batch_key.desc())
    ranked = select(source, day.label("day_rank"), file.label("file_rank"))
    lists: Any = as_known(ranked, source, known_at, as_of).subquery()
    query = select_columns(tables.CUSTOMER_LEDGER_LINES, lists)
    query = query.where(lists.c.day_rank == 1, lists.c.file_rank == 1)
    query = filtered(book, query, lists, company, None, customers)
    return read_frame(book, query.order_by(lists.c.ledger_line_key), tables.CUSTOMER_LEDGER_LINES)


def provision_balances(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Every posted provision (``tables.PROVISION_BALANCES``), oldest first; the latest of a period holds."""
    return _posted(
        book, tables.PROVISION_BALANCES, schema.provision_balances, company, known_at, customers, as_of
    )


def revaluations(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Every posted revaluation (``tables.REVALUATIONS``), oldest first; the latest of a period holds."""
    return _posted(book, tables.REVALUATIONS, schema.revaluations, company, known_at, customers, as_of)


def journal_lines(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Every proposed entry of the ledger (``tables.JOURNAL_LINES``), in the order posted."""
    source = schema.journal_lines
    query = as_known(
        in_company(select_columns(tables.JOURNAL_LINES, source), source, company), source, known_at, as_of
    )
    if book.clusters is not None:
        query = query.where(false())
    return read_frame(book, query.order_by(source.c.journal_line_key), tables.JOURNAL_LINES)


def _posted(
    book: Book,
    table: Table,
    source: schema.Table,
    company: str | None,
    known_at: Known,
    customers: Scope,
    as_of: Day,
) -> pd.DataFrame:
    query = filtered(book, select_columns(table, source), source, company, known_at, customers, as_of)
    return read_frame(book, query.order_by(*source.primary_key.columns), table)


def _joined(
    book: Book, query: Any, source: schema.Table, company: str | None, customers: Scope, kind: str
) -> Any:
    query = query.join(schema.cases, schema.cases.c.case_id == source.c.case_id)
    if kind:
        query = query.where(schema.cases.c.kind == kind)
    return _of_cases(book, query, company, customers)


def _of_cases(book: Book, query: Any, company: str | None, customers: Scope) -> Any:
    """Company, customers and scope; a case that is no customer's is not shown in a scoped book."""
    own = schema.cases
    query = in_company(query, own, company)
    if customers is not None:
        query = query.where(own.c.customer_id.in_(sorted(customers)))
    if book.clusters is not None:
        visible = visible_customers(book.clusters).subquery()
        query = query.join(
            visible,
            and_(visible.c.company_id == own.c.company_id, visible.c.customer_id == own.c.customer_id),
        )
    return query
