"""What is in the book, as frames of ``tables``; the only way other rooms see it.

Every read takes ``company`` ("" or None: all), ``known_at`` (UTC: only what was recorded by then), and, where
rows belong to customers, ``customers`` (ids). A scoped book shows only its clusters' customers; what belongs
to no customer (bank lines, statements, files) it does not show at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, and_, case, false, func, literal, select

from .. import tables
from ..tables import Table
from . import schema
from .frames import frame_of
from .opened import Book, instant_of, microseconds

BATCHES = Table(
    "batches",
    ("batch_key",),
    {
        "batch_key": "integer", "file": "text", "sha256": "text", "source": "text", "kind": "text",
        "status": "text", "extract_date": "date", "is_complete": "flag", "companies": "text",
        "rows_in": "integer", "rows_stored": "integer", "rows_duplicate": "integer",
        "rows_rejected": "integer", "sums": "text", "recorded_at": "instant",
    },
)  # fmt: skip
REJECTED_ROWS = Table(
    "rejected_rows",
    (),
    {"batch_key": "integer", "row": "integer", "rule": "text", "values": "text", "raw": "text"},
)
RUNS = Table(
    "runs",
    ("run_id",),
    {
        "run_id": "text", "notebook": "text", "company_id": "text", "period": "text", "step_key": "text",
        "as_of": "date", "known_at": "instant", "status": "text", "who": "text", "parameters": "text",
        "tie_outs": "text", "findings": "integer", "failed_step": "text", "remedy": "text",
        "fingerprint": "text", "content_sha256": "text", "folder": "text", "started_at": "instant",
        "finished_at": "instant", "recorded_at": "instant",
    },
)  # fmt: skip
PERIODS = Table(
    "periods",
    ("company_id", "recorded_at"),
    {
        "company_id": "text", "event": "text", "closed_through": "date", "reason": "text", "who": "text",
        "recorded_at": "instant",
    },
)  # fmt: skip
DECISIONS = Table(
    "decisions",
    ("decision_id",),
    {
        "decision_id": "text", "operation_id": "text", "company_id": "text", "subject": "text",
        "subject_key": "text", "decision": "text", "reason": "text", "evidence": "text", "step_key": "text",
        "who": "text", "recorded_at": "instant",
    },
)  # fmt: skip
COMPANIES = Table(
    "companies", ("company_id",), {"company_id": "text", "company_name": "text", "base_currency": "text"}
)

Scope = Collection[str] | None
Known = dt.datetime | None


def documents(
    book: Book, company: str | None = None, known_at: Known = None, customers: Scope = None
) -> pd.DataFrame:
    """Every item ever stored (``tables.DOCUMENTS``).

    Where no extract stated the original amount, it is the largest open amount ever seen of the item.
    """
    source = schema.documents.c
    number = source.document_number
    year = case((source.fiscal_year != "", "/" + source.fiscal_year), else_="")
    item = case((source.item != "", "/" + source.item), else_="")
    named = {"document_id": number + year + item}
    query = select_columns(tables.DOCUMENTS, schema.documents, named).add_columns(source.is_original_stated)
    query = _filtered(book, query, schema.documents, company, known_at, customers)
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
    book: Book, company: str | None = None, known_at: Known = None, customers: Scope = None
) -> pd.DataFrame:
    """What extracts showed open, and when (``tables.OBSERVATIONS``)."""
    return _of_documents(book, tables.OBSERVATIONS, schema.observations, company, known_at, customers)


def clearings(
    book: Book, company: str | None = None, known_at: Known = None, customers: Scope = None
) -> pd.DataFrame:
    """What the ERP says was cleared (``tables.CLEARINGS``)."""
    return _of_documents(book, tables.CLEARINGS, schema.clearings, company, known_at, customers)


def _of_documents(
    book: Book, table: Table, source: schema.Table, company: str | None, known_at: Known, customers: Scope
) -> pd.DataFrame:
    query = select_columns(table, source)
    if company or customers is not None or book.clusters is not None:
        query = query.join(schema.documents, schema.documents.c.document_key == source.c.document_key)
        query = _filtered(book, query, schema.documents, company, None, customers)
    query = as_known(query, source, known_at).order_by(*source.primary_key.columns)
    return _read(book, query, table)


def applications(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
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
        query = _filtered(book, query, schema.documents, None, None, customers)
    query = as_known(_in_company(query, source, company), source, known_at)
    if without_step_key:
        query = query.where(source.c.step_key != without_step_key)
    return _read(book, query.order_by(source.c.audit_seq, source.c.application_id), tables.APPLICATIONS)


def reversals(
    book: Book, company: str | None = None, known_at: Known = None, customers: Scope = None
) -> pd.DataFrame:
    """Applications undone, each once (``tables.REVERSALS``)."""
    source = schema.reversals
    query = select_columns(tables.REVERSALS, source)
    if customers is not None or book.clusters is not None:
        applied, items = schema.applications, schema.documents
        query = query.join(applied, applied.c.application_id == source.c.application_id)
        query = query.join(items, items.c.document_key == applied.c.document_key)
        query = _filtered(book, query, items, None, None, customers)
    query = as_known(_in_company(query, source, company), source, known_at)
    return _read(book, query.order_by(source.c.audit_seq, source.c.application_id), tables.REVERSALS)


def receipts(
    book: Book, company: str | None = None, known_at: Known = None, customers: Scope = None
) -> pd.DataFrame:
    """Money that came in (``tables.RECEIPTS``): bank lines that are deposits, and receipts files."""
    source = schema.receipts
    query = _filtered(book, select_columns(tables.RECEIPTS, source), source, company, known_at, customers)
    return _read(book, query.order_by(source.c.receipt_key), tables.RECEIPTS)


def customers(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Each customer once, as last stated by then (``tables.CUSTOMERS``)."""
    source = schema.customers
    newest = as_known(select(func.max(source.c.version_key)), source, known_at)
    newest = newest.group_by(source.c.company_id, source.c.customer_id)
    query = select_columns(tables.CUSTOMERS, source).where(source.c.version_key.in_(newest))
    query = _filtered(book, query, source, company, None, None)
    return _read(book, query.order_by(source.c.company_id, source.c.customer_id), tables.CUSTOMERS)


def bank_lines(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Statement lines (``tables.BANK_LINES``)."""
    return _whole(book, tables.BANK_LINES, schema.bank_lines, company, known_at)


def bank_balances(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Opening and closing balance of each statement (``tables.BANK_BALANCES``)."""
    return _whole(book, tables.BANK_BALANCES, schema.bank_balances, company, known_at)


def book_lines(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """The bank's account in our ledger (``tables.BOOK_LINES``)."""
    return _whole(book, tables.BOOK_LINES, schema.book_lines, company, known_at)


def remittances(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """What customers say they paid (``tables.REMITTANCES``)."""
    return _whole(book, tables.REMITTANCES, schema.remittances, company, known_at)


def rates(book: Book, known_at: Known = None) -> pd.DataFrame:
    """Exchange rates (``tables.RATES``), each once, with the validity last learned."""
    query = as_known(select_columns(tables.RATES, schema.rates), schema.rates, known_at)
    frame = _read(book, query.order_by(schema.rates.c.rate_key), tables.RATES)
    return frame.drop_duplicates(list(tables.RATES.key), keep="last", ignore_index=True)


def companies(book: Book) -> pd.DataFrame:
    """Every company that a file has named (``COMPANIES``)."""
    query = select_columns(COMPANIES, schema.companies).order_by(schema.companies.c.company_id)
    return _read(book, query, COMPANIES)


def batches(book: Book, known_at: Known = None) -> pd.DataFrame:
    """Import batches, refused ones too (``BATCHES``)."""
    return _whole(book, BATCHES, schema.import_batches, None, known_at)


def findings(book: Book, batch: int | None = None) -> pd.DataFrame:
    """What was found in imported files (``tables.FINDINGS``); of one batch, or of all."""
    return _of_batch(book, tables.FINDINGS, schema.findings, batch)


def rejected_rows(book: Book, batch: int | None = None) -> pd.DataFrame:
    """Rows that were not taken, raw, with their rule (``REJECTED_ROWS``)."""
    return _of_batch(book, REJECTED_ROWS, schema.rejected_rows, batch)


def _of_batch(book: Book, table: Table, source: schema.Table, batch: int | None) -> pd.DataFrame:
    query = _hidden(book, select_columns(table, source))
    if batch is not None:
        query = query.where(source.c.batch_key == batch)
    return _read(book, query.order_by(*source.primary_key.columns), table)


def runs(book: Book, company: str | None = None, period: str | None = None) -> pd.DataFrame:
    """Finished runs of notebooks (``RUNS``), oldest first."""
    source = schema.runs
    query = _in_company(select_columns(RUNS, source), source, company)
    if period:
        query = query.where(source.c.period == period)
    return _read(book, query.order_by(source.c.audit_seq, source.c.run_id), RUNS)


def periods(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Closings and reopenings (``PERIODS``), oldest first; company '' speaks for all."""
    source = schema.period_events
    query = as_known(select_columns(PERIODS, source), source, known_at)
    if company:
        query = query.where(source.c.company_id.in_([company, ""]))
    return _read(book, query.order_by(source.c.event_key), PERIODS)


def closed_through(book: Book, known_at: Known = None) -> dict[str, dt.date]:
    """The last closed day of each company ('': of all), by the latest event."""
    events = periods(book, known_at=known_at).drop_duplicates("company_id", keep="last")
    events = events.dropna(subset=["closed_through"])
    days = events["closed_through"].dt.date
    return {str(company): day for company, day in zip(events["company_id"], days, strict=True)}


def decisions(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """What people decided (``DECISIONS``)."""
    return _whole(book, DECISIONS, schema.decisions, company, known_at)


def latest_batch(book: Book) -> tuple[str, dt.datetime] | None:
    """File and instant of the last import that stored something; what a page shows as the book's state."""
    source = schema.import_batches.c
    query = select(source.file, source.recorded_at).where(source.rows_stored > 0)
    with book.reading() as connection:
        row = connection.execute(query.order_by(source.batch_key.desc()).limit(1)).first()
    return None if row is None else (str(row[0]), instant_of(int(row[1])))


def _whole(
    book: Book, table: Table, source: schema.Table, company: str | None, known_at: Known
) -> pd.DataFrame:
    """Rows that belong to no customer: nothing in a scoped book."""
    query = _hidden(
        book, as_known(_in_company(select_columns(table, source), source, company), source, known_at)
    )
    return _read(book, query.order_by(source.c.audit_seq, *source.primary_key.columns), table)


def _read(book: Book, query: Select[Any], table: Table) -> pd.DataFrame:
    with book.reading() as connection:
        return frame_of(connection, query, table)


def select_columns(table: Table, source: schema.Table, named: dict[str, Any] | None = None) -> Select[Any]:
    """The table's columns in its order, by their own names but for those given."""
    given = named or {}
    columns = [given[name] if name in given else source.c[name] for name in table.columns]
    return select(*columns).select_from(source)


def _filtered(
    book: Book,
    query: Select[Any],
    source: schema.Table,
    company: str | None,
    known_at: Known,
    customers: Scope,
) -> Select[Any]:
    """Company, instant, customers and scope of a table that names its customer."""
    query = as_known(_in_company(query, source, company), source, known_at)
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


def _in_company(query: Select[Any], source: schema.Table, company: str | None) -> Select[Any]:
    return query.where(source.c.company_id == company) if company else query


def as_known(query: Select[Any], source: schema.Table, known_at: Known) -> Select[Any]:
    """Only what was recorded by then; ``None``: all."""
    return query if known_at is None else query.where(source.c.recorded_at <= literal(microseconds(known_at)))


def _hidden(book: Book, query: Select[Any]) -> Select[Any]:
    return query if book.clusters is None else query.where(false())


from . import read_trade  # noqa: E402 - built on the reads above

orders, notes, claims = read_trade.orders, read_trade.notes, read_trade.claims
control_balances, erp_export_lines = read_trade.control_balances, read_trade.erp_export_lines
