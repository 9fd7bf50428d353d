"""Aliases and what decisions taught about them, as frames; reached through ``read``."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import func, literal, select

from .. import tables
from . import schema
from .opened import Book
from .selections import Day, Known, Scope, as_known, filtered, read_frame, select_columns


def aliases(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """Each alias once, as last stated by then (``tables.ALIASES``); ``as_of``: those that begin by that day.

    ``decided`` and ``confirmed`` are 0: the book holds what people said and decided, and
    ``matching.counted_aliases`` counts how often they agreed.
    """
    source = schema.aliases
    key = [source.c[name] for name in tables.ALIASES.key]
    newest = as_known(select(func.max(source.c.version_key)), source, known_at).group_by(*key)
    query = select_columns(tables.ALIASES, source, {"decided": literal(0), "confirmed": literal(0)})
    query = query.where(source.c.version_key.in_(newest))
    query = filtered(book, query, source, company, None, customers, as_of)
    return read_frame(book, query.order_by(*key), tables.ALIASES)


def alias_evidence(
    book: Book,
    company: str | None = None,
    known_at: Known = None,
    customers: Scope = None,
    *,
    as_of: Day = None,
) -> pd.DataFrame:
    """What each decision taught of who pays (``tables.ALIAS_EVIDENCE``), oldest first."""
    source = schema.alias_evidence
    query = select_columns(tables.ALIAS_EVIDENCE, source)
    query = filtered(book, query, source, company, known_at, customers, as_of)
    return read_frame(book, query.order_by(source.c.evidence_key), tables.ALIAS_EVIDENCE)
