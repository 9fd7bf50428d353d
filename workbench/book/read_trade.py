"""Orders, notes, claims, wires, control balances, exports to the ERP, as frames; reached by ``read``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import func, literal, select

from .. import tables
from ..tables import Table
from . import schema
from .opened import Book
from .selections import Known, Scope, as_known, filtered, hidden, in_company, read_frame, select_columns


def orders(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Each order as the newest extract has it (``tables.ORDERS``); with ``as_of`` the newest by that day."""
    return _newest(book, tables.ORDERS, schema.orders, company, known_at, customers, as_of)


def notes(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Each note that a centre announced, as the newest list has it (``tables.NOTES``), by ``as_of``."""
    return _newest(book, tables.NOTES, schema.notes, company, known_at, customers, as_of)


def claims(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Each claim and request, as the newest list has it (``tables.CLAIMS``), by ``as_of``."""
    return _newest(book, tables.CLAIMS, schema.claims, company, known_at, customers, as_of)


def wires(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """Each wire from abroad with its papers, as the newest list has it (``tables.WIRES``), by ``as_of``."""
    return _newest(book, tables.WIRES, schema.wires, company, known_at, customers, as_of)


def control_balances(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Each account's balance of each day, as last stated (``tables.CONTROL_BALANCES``)."""
    source, table = schema.control_balances, tables.CONTROL_BALANCES
    newest = as_known(select(func.max(source.c.version_key)), source, known_at)
    newest = newest.group_by(*(source.c[name] for name in table.key))
    query = select_columns(table, source).where(source.c.version_key.in_(newest))
    query = hidden(book, in_company(query, source, company))
    return read_frame(book, query.order_by(*(source.c[name] for name in table.key)), table)


def _newest(
    book: Book,
    table: Table,
    source: schema.Table,
    company: str | None,
    known_at: Known,
    customers: Scope,
    as_of: dt.date | None,
) -> pd.DataFrame:
    """One row a key: the word of the latest extract; who may see it is judged by that word alone."""
    key = [source.c[name] for name in table.key]
    order = (source.c.observed_date.desc(), source.c.version_key.desc())
    rank = func.row_number().over(partition_by=key, order_by=order).label("rank")
    words: Any = as_known(select(source, rank), source, known_at)
    if as_of is not None:
        words = words.where(source.c.observed_date <= literal(as_of.isoformat()))
    said: Any = words.subquery()
    query = select_columns(table, said).where(said.c.rank == 1)
    query = filtered(book, query, said, company, None, customers)
    return read_frame(book, query.order_by(*(said.c[name] for name in table.key)), table)


def erp_export_lines(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Which application left for the ERP in which file (``tables.ERP_EXPORT_LINES``)."""
    lines, files, applied = schema.erp_export_lines, schema.erp_exports, schema.applications
    items, cash = schema.documents, schema.receipts
    given = {
        "company_id": applied.c.company_id,
        "currency": func.coalesce(items.c.currency, cash.c.currency),
        "export_date": files.c.posting_date,
        **{name: files.c[name] for name in ("period", "layout", "file", "file_sha256", "who")},
    }
    query = select_columns(tables.ERP_EXPORT_LINES, lines, given)
    query = query.join(files, files.c.export_key == lines.c.export_key)
    query = query.join(applied, applied.c.application_id == lines.c.application_id)
    query = query.join(items, items.c.document_key == applied.c.document_key, isouter=True)
    query = query.join(cash, cash.c.receipt_key == applied.c.receipt_key, isouter=True)
    query = hidden(book, as_known(in_company(query, applied, company), lines, known_at))
    return read_frame(book, query.order_by(lines.c.export_line_key), tables.ERP_EXPORT_LINES)
