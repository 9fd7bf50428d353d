"""How a read is put together: a table's columns, narrowed by company, instant, day, customers and scope."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, false, func, literal, select

from ..tables import Table
from . import schema
from .frames import frame_of
from .opened import Book, microseconds

Scope = Collection[str] | None
Known = dt.datetime | None
Day = dt.date | None
#: From which day a fact acts.
DAYS = {
    "documents": "document_date", "observations": "observed_date", "clearings": "clearing_date",
    "applications": "effective_date", "reversals": "effective_date", "receipts": "receipt_date",
    "bank_lines": "booking_date", "bank_balances": "closing_date", "book_lines": "posting_date",
    "remittances": "advice_date", "rates": "valid_from", "aliases": "valid_from",
    "alias_evidence": "receipt_date", "customer_ledger_lines": "observed_date", "wires": "observed_date",
    "provision_balances": "as_of_date", "revaluations": "as_of_date", "journal_lines": "posting_date",
    "cases": "opened_date", "case_events": "event_date",
}  # fmt: skip


def whole(
    book: Book, table: Table, source: schema.Table, company: str | None, known_at: Known, as_of: Day = None
) -> pd.DataFrame:
    """Rows that belong to no customer: nothing in a scoped book."""
    query = hidden(
        book, as_known(in_company(select_columns(table, source), source, company), source, known_at, as_of)
    )
    return read_frame(book, query.order_by(source.c.audit_seq, *source.primary_key.columns), table)


def read_frame(book: Book, query: Select[Any], table: Table) -> pd.DataFrame:
    """The query's rows, out of one state of the book."""
    with book.reading() as connection:
        return frame_of(connection, query, table)


def select_columns(table: Table, source: schema.Table, named: dict[str, Any] | None = None) -> Select[Any]:
    """The table's columns in its order, by their own names but for those given."""
    given = named or {}
    columns = [given[name] if name in given else source.c[name] for name in table.columns]
    return select(*columns).select_from(source)


def filtered(
    book: Book,
    query: Select[Any],
    source: schema.Table,
    company: str | None,
    known_at: Known,
    customers: Scope,
    as_of: Day = None,
) -> Select[Any]:
    """Company, instant, day, customers and scope of a table that names its customer."""
    query = as_known(in_company(query, source, company), source, known_at, as_of)
    if customers is not None:
        query = query.where(source.c.customer_id.in_(sorted(customers)))
    if book.clusters is not None:
        visible = visible_customers(book.clusters).subquery()
        query = query.join(
            visible,
            and_(visible.c.company_id == source.c.company_id, visible.c.customer_id == source.c.customer_id),
        )
    return query


def visible_customers(clusters: frozenset[str]) -> Select[Any]:
    """Company and customer of those whose latest version stands in one of the clusters; '' is no cluster."""
    own = schema.customers
    newest = select(func.max(own.c.version_key)).group_by(own.c.company_id, own.c.customer_id)
    return select(own.c.company_id, own.c.customer_id).where(
        own.c.version_key.in_(newest),
        own.c.cluster_id.in_(sorted(clusters - {""})),
        own.c.customer_id != "",
    )


def in_company(query: Select[Any], source: schema.Table, company: str | None) -> Select[Any]:
    """One company's rows; '' or ``None``: all."""
    return query.where(source.c.company_id == company) if company else query


def as_known(query: Select[Any], source: schema.Table, known_at: Known, as_of: Day = None) -> Select[Any]:
    """Only what was recorded by then, of what acts from a day by ``as_of``; ``None``: all."""
    if known_at is not None:
        query = query.where(source.c.recorded_at <= literal(microseconds(known_at)))
    return query if as_of is None else query.where(source.c[DAYS[source.name]] <= as_of.isoformat())


def hidden(book: Book, query: Select[Any]) -> Select[Any]:
    """What belongs to no customer is not shown in a scoped book."""
    return query if book.clusters is None else query.where(false())
