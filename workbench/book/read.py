"""What is in the book, as frames of ``tables``; the only way other rooms see it.

Every read takes ``company`` ("" or None: all), ``known_at`` (UTC: only what was recorded by then), where
facts act from a day ``as_of`` (only those that act by then; a fact without a day is one of them), and, where
rows belong to customers, ``customers`` (ids). A scoped book shows only its clusters' customers; what belongs
to no customer (bank lines, statements, files) it does not show at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy import case as case_when

from .. import tables
from ..tables import Table
from . import schema
from .frames import frame_of
from .opened import Book
from .read_cases import (
    case,
    case_events,
    case_items,
    cases,
    customer_ledger_lines,
    journal_lines,
    provision_balances,
    revaluations,
)
from .read_parties import alias_evidence, aliases
from .read_records import (
    BATCHES,
    COMPANIES,
    DECISIONS,
    PERIODS,
    REJECTED_ROWS,
    RUNS,
    batches,
    closed_through,
    companies,
    decisions,
    findings,
    latest_batch,
    periods,
    rejected_rows,
    runs,
)
from .read_trade import claims, control_balances, erp_export_lines, notes, orders, wires
from .selections import Day, Known, Scope, as_known, filtered, in_company, read_frame, select_columns, whole

__all__ = [
    "BATCHES",
    "COMPANIES",
    "DECISIONS",
    "PERIODS",
    "REJECTED_ROWS",
    "RUNS",
    "SIGHTS",
    "alias_evidence",
    "aliases",
    "applications",
    "bank_balances",
    "bank_lines",
    "batches",
    "book_lines",
    "case",
    "case_events",
    "case_items",
    "cases",
    "claims",
    "clearings",
    "closed_through",
    "companies",
    "control_balances",
    "customer_ledger_lines",
    "customers",
    "decisions",
    "documents",
    "erp_export_lines",
    "findings",
    "journal_lines",
    "latest_batch",
    "notes",
    "observations",
    "orders",
    "periods",
    "provision_balances",
    "rates",
    "receipts",
    "rejected_rows",
    "remittances",
    "revaluations",
    "reversals",
    "runs",
    "select_columns",
    "unstated_amounts",
    "wires",
    "with_originals",
]


def documents(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Every item ever stored (``tables.DOCUMENTS``).

    Where no extract stated the original amount, it is the largest open amount ever seen of the item.
    """
    source = schema.documents.c
    number = source.document_number
    year = case_when((source.fiscal_year != "", "/" + source.fiscal_year), else_="")
    item = case_when((source.item != "", "/" + source.item), else_="")
    named = {"document_id": number + year + item}
    query = select_columns(tables.DOCUMENTS, schema.documents, named).add_columns(source.is_original_stated)
    query = filtered(book, query, schema.documents, company, known_at, customers, as_of)
    with_flag = Table("documents", (), {**tables.DOCUMENTS.columns, "is_original_stated": "flag"})
    with book.reading() as connection:
        frame = frame_of(connection, query.order_by(source.document_key), with_flag)
        if not frame["is_original_stated"].all():
            frame = with_originals(
                frame,
                frame_of(connection, unstated_amounts(schema.observations, "open_amount", known_at), SIGHTS),
                frame_of(
                    connection, unstated_amounts(schema.stated_originals, "original_amount", known_at), SIGHTS
                ),
            )
    return frame.drop(columns="is_original_stated")


SIGHTS = Table("sights", (), {"document_key": "integer", "amount": "money"})


def unstated_amounts(source: schema.Table, amount: str, known_at: Known) -> Select[Any]:
    """Amounts said of items that were stored without a stated original."""
    query = select(source.c.document_key, source.c[amount]).join(
        schema.documents, schema.documents.c.document_key == source.c.document_key
    )
    return as_known(query.where(schema.documents.c.is_original_stated == 0), source, known_at)


def with_originals(frame: pd.DataFrame, sights: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """The original that another extract stated, else the largest amount seen of the item."""
    keys = pd.Index(frame["document_key"].to_numpy())
    original = frame["original_amount"].to_numpy().copy()
    largest = np.abs(original)
    seen = keys.get_indexer(sights["document_key"].to_numpy())
    np.maximum.at(largest, seen[seen >= 0], np.abs(sights["amount"].to_numpy()[seen >= 0]))
    is_unstated = ~frame["is_original_stated"].to_numpy()
    original[is_unstated] = (np.where(original < 0, -1, 1) * largest)[is_unstated]
    said = keys.get_indexer(stated["document_key"].to_numpy())
    original[said[said >= 0]] = stated["amount"].to_numpy()[said >= 0]
    return frame.assign(original_amount=original)


def observations(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """What extracts showed open, and when (``tables.OBSERVATIONS``)."""
    return _of_documents(book, tables.OBSERVATIONS, schema.observations, company, known_at, customers, as_of)


def clearings(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """What the ERP says was cleared (``tables.CLEARINGS``)."""
    return _of_documents(book, tables.CLEARINGS, schema.clearings, company, known_at, customers, as_of)


def _of_documents(
    book: Book,
    table: Table,
    source: schema.Table,
    company: str | None,
    known_at: Known,
    customers: Scope,
    as_of: Day,
) -> pd.DataFrame:
    query = select_columns(table, source)
    if company or customers is not None or book.clusters is not None:
        query = query.join(schema.documents, schema.documents.c.document_key == source.c.document_key)
        query = filtered(book, query, schema.documents, company, None, customers)
    query = as_known(query, source, known_at, as_of).order_by(*source.primary_key.columns)
    return read_frame(book, query, table)


def applications(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
    without_step_key: str = "",
) -> pd.DataFrame:
    """Our applications (``tables.APPLICATIONS``), reversed or not.

    ``without_step_key`` leaves out what one run step itself posted, so that repeating it gives the same.
    """
    source = schema.applications
    query = select_columns(
        tables.APPLICATIONS,
        source,
        {name: func.coalesce(source.c[name], -1) for name in ("receipt_key", "document_key")},
    )
    if customers is not None or book.clusters is not None:
        query = query.join(schema.documents, schema.documents.c.document_key == source.c.document_key)
        query = filtered(book, query, schema.documents, None, None, customers)
    query = as_known(in_company(query, source, company), source, known_at, as_of)
    if without_step_key:
        query = query.where(source.c.step_key != without_step_key)
    return read_frame(book, query.order_by(source.c.audit_seq, source.c.application_id), tables.APPLICATIONS)


def reversals(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Applications undone, each once (``tables.REVERSALS``)."""
    source = schema.reversals
    query = select_columns(tables.REVERSALS, source)
    if customers is not None or book.clusters is not None:
        applied, items = schema.applications, schema.documents
        query = query.join(applied, applied.c.application_id == source.c.application_id)
        query = query.join(items, items.c.document_key == applied.c.document_key)
        query = filtered(book, query, items, None, None, customers)
    query = as_known(in_company(query, source, company), source, known_at, as_of)
    return read_frame(book, query.order_by(source.c.audit_seq, source.c.application_id), tables.REVERSALS)


def receipts(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Money that came in (``tables.RECEIPTS``): bank lines that are deposits, and receipts files."""
    source = schema.receipts
    query = select_columns(tables.RECEIPTS, source)
    query = filtered(book, query, source, company, known_at, customers, as_of)
    return read_frame(book, query.order_by(source.c.receipt_key), tables.RECEIPTS)


def customers(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Each customer once, as last stated by then (``tables.CUSTOMERS``)."""
    source = schema.customers
    newest = as_known(select(func.max(source.c.version_key)), source, known_at)
    newest = newest.group_by(source.c.company_id, source.c.customer_id)
    query = select_columns(tables.CUSTOMERS, source).where(source.c.version_key.in_(newest))
    query = filtered(book, query, source, company, None, None)
    return read_frame(book, query.order_by(source.c.company_id, source.c.customer_id), tables.CUSTOMERS)


def bank_lines(
    book: Book, company: str | None = None, known_at: Known = None, *, as_of: Day = None
) -> pd.DataFrame:
    """Statement lines (``tables.BANK_LINES``)."""
    return whole(book, tables.BANK_LINES, schema.bank_lines, company, known_at, as_of)


def bank_balances(
    book: Book, company: str | None = None, known_at: Known = None, *, as_of: Day = None
) -> pd.DataFrame:
    """Opening and closing balance of each statement (``tables.BANK_BALANCES``)."""
    return whole(book, tables.BANK_BALANCES, schema.bank_balances, company, known_at, as_of)


def book_lines(
    book: Book, company: str | None = None, known_at: Known = None, *, as_of: Day = None
) -> pd.DataFrame:
    """The bank's account in our ledger (``tables.BOOK_LINES``)."""
    return whole(book, tables.BOOK_LINES, schema.book_lines, company, known_at, as_of)


def remittances(
    book: Book, company: str | None = None, known_at: Known = None, *, as_of: Day = None
) -> pd.DataFrame:
    """What customers say they paid (``tables.REMITTANCES``)."""
    return whole(book, tables.REMITTANCES, schema.remittances, company, known_at, as_of)


def rates(book: Book, known_at: Known = None, *, as_of: Day = None) -> pd.DataFrame:
    """Exchange rates (``tables.RATES``), each once, with the validity last learned."""
    query = as_known(select_columns(tables.RATES, schema.rates), schema.rates, known_at, as_of)
    frame = read_frame(book, query.order_by(schema.rates.c.rate_key), tables.RATES)
    return frame.drop_duplicates(list(tables.RATES.key), keep="last", ignore_index=True)
