"""What surrounds the ledger, as frames: files, findings, runs, closings, decisions; reached by ``read``."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import select

from .. import tables
from ..tables import Table
from . import schema
from .credits_in_cases import case_decisions
from .opened import Book, instant_of
from .selections import Known, as_known, hidden, in_company, read_frame, select_columns, whole

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


def companies(book: Book) -> pd.DataFrame:
    """Every company that a file has named (``COMPANIES``)."""
    query = select_columns(COMPANIES, schema.companies).order_by(schema.companies.c.company_id)
    return read_frame(book, query, COMPANIES)


def batches(book: Book, known_at: Known = None) -> pd.DataFrame:
    """Import batches, refused ones too (``BATCHES``)."""
    return whole(book, BATCHES, schema.import_batches, None, known_at)


def findings(book: Book, batch: int | None = None) -> pd.DataFrame:
    """What was found in imported files (``tables.FINDINGS``); of one batch, or of all."""
    return _of_batch(book, tables.FINDINGS, schema.findings, batch)


def rejected_rows(book: Book, batch: int | None = None) -> pd.DataFrame:
    """Rows that were not taken, raw, with their rule (``REJECTED_ROWS``)."""
    return _of_batch(book, REJECTED_ROWS, schema.rejected_rows, batch)


def _of_batch(book: Book, table: Table, source: schema.Table, batch: int | None) -> pd.DataFrame:
    query = hidden(book, select_columns(table, source))
    if batch is not None:
        query = query.where(source.c.batch_key == batch)
    return read_frame(book, query.order_by(*source.primary_key.columns), table)


def runs(book: Book, company: str | None = None, period: str | None = None) -> pd.DataFrame:
    """Finished runs of notebooks (``RUNS``), oldest first."""
    source = schema.runs
    query = in_company(select_columns(RUNS, source), source, company)
    if period:
        query = query.where(source.c.period == period)
    return read_frame(book, query.order_by(source.c.audit_seq, source.c.run_id), RUNS)


def periods(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """Closings and reopenings (``PERIODS``), oldest first; company '' speaks for all."""
    source = schema.period_events
    query = as_known(select_columns(PERIODS, source), source, known_at)
    if company:
        query = query.where(source.c.company_id.in_([company, ""]))
    return read_frame(book, query.order_by(source.c.event_key), PERIODS)


def closed_through(book: Book, known_at: Known = None) -> dict[str, dt.date]:
    """The last closed day of each company ('': of all), by the latest event."""
    events = periods(book, known_at=known_at).drop_duplicates("company_id", keep="last")
    events = events.dropna(subset=["closed_through"])
    days = events["closed_through"].dt.date
    return {str(company): day for company, day in zip(events["company_id"], days, strict=True)}


def decisions(book: Book, company: str | None = None, known_at: Known = None) -> pd.DataFrame:
    """What people decided (``DECISIONS``), credits that a case gives back or moves (``case:…``) after it."""
    told = whole(book, DECISIONS, schema.decisions, company, known_at)
    held = case_decisions(book, DECISIONS, company, known_at)
    return told if held.empty else DECISIONS.conform(pd.concat([told, held], ignore_index=True))


def latest_batch(book: Book) -> tuple[str, dt.datetime] | None:
    """File and instant of the last import that stored something; what a page shows as the book's state."""
    source = schema.import_batches.c
    query = select(source.file, source.recorded_at).where(source.rows_stored > 0)
    with book.reading() as connection:
        row = connection.execute(query.order_by(source.batch_key.desc()).limit(1)).first()
    return None if row is None else (str(row[0]), instant_of(int(row[1])))
