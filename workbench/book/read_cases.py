"""Cases, the customer's ledger, provisions, revaluations and entries, as frames; reached by ``read``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import and_, func, select

from .. import tables
from ..cases import Case
from ..tables import Table
from . import schema
from .cases_in import case_of
from .frames import frame_of
from .latest_closes import standing
from .opened import Book
from .selections import (
    Day,
    Known,
    Scope,
    as_known,
    filtered,
    hidden,
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
    except_steps: Collection[str] = (),
) -> pd.DataFrame:
    """The provisions that stand (``tables.PROVISION_BALANCES``), oldest first.

    Of a period closed again the latest operation alone, as known at ``known_at``; ``except_steps``: as if
    these had posted nothing.
    """
    table, source = tables.PROVISION_BALANCES, schema.provision_balances
    query = filtered(book, select_columns(table, source), source, company, known_at, customers, as_of)
    return _standing(book, query, table, source, known_at, except_steps)


def revaluations(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
    except_steps: Collection[str] = (),
) -> pd.DataFrame:
    """The revaluations that stand (``tables.REVALUATIONS``), as :func:`provision_balances` does."""
    table, source = tables.REVALUATIONS, schema.revaluations
    query = filtered(book, select_columns(table, source), source, company, known_at, customers, as_of)
    return _standing(book, query, table, source, known_at, except_steps)


def journal_lines(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    *,
    as_of: Day = None,
    except_steps: Collection[str] = (),
) -> pd.DataFrame:
    """The proposed entries of the ledger that stand (``tables.JOURNAL_LINES``), in the order posted.

    Every entry of a case, and of each notebook's closes of a company and period the latest operation alone,
    as known at ``known_at``: their sum is the ledger's. ``except_steps``: as if these had posted nothing.
    """
    table, source = tables.JOURNAL_LINES, schema.journal_lines
    query = in_company(select_columns(table, source), source, company)
    query = hidden(book, as_known(query, source, known_at, as_of))
    return _standing(book, query, table, source, known_at, except_steps)


def _standing(
    book: Book,
    query: Any,
    table: Table,
    source: schema.Table,
    known_at: Known,
    except_steps: Collection[str],
) -> pd.DataFrame:
    """In the order posted, out of one state of the book."""
    with book.reading() as connection:
        query = standing(connection, query, source, known_at=known_at, except_steps=except_steps)
        return frame_of(connection, query.order_by(*source.primary_key.columns), table)


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
