"""The facts of a few documents, read under the writer's own lock, for the checks before cash is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, func, select

from .. import tables
from ..tables import Table
from . import schema
from .frames import frame_of
from .read import SIGHTS, select_columns, unstated_amounts, with_originals

#: SQLite takes 32,766 values a statement.
_CHUNK = 20_000


@dataclass(frozen=True)
class Facts:
    """What ``ledger.open_items_as_of`` takes, of these documents only."""

    documents: pd.DataFrame
    observations: pd.DataFrame
    clearings: pd.DataFrame
    applications: pd.DataFrame
    reversals: pd.DataFrame


def facts_of(connection: Connection, document_keys: Sequence[int]) -> Facts:
    """All that the book knows of these documents."""
    parts = [
        _facts_of(connection, list(document_keys[start : start + _CHUNK]))
        for start in range(0, max(len(document_keys), 1), _CHUNK)
    ]
    names = ("documents", "observations", "clearings", "applications", "reversals")
    return Facts(*(pd.concat([getattr(part, name) for part in parts], ignore_index=True) for name in names))


def _facts_of(connection: Connection, keys: list[int]) -> Facts:
    items, flagged = schema.documents, {**tables.DOCUMENTS.columns, "is_original_stated": "flag"}
    query = select_columns(tables.DOCUMENTS, items, {"document_id": items.c.document_number})
    query = query.add_columns(items.c.is_original_stated).where(items.c.document_key.in_(keys))
    documents = frame_of(connection, query, Table("documents", (), flagged))
    seen, stated = (
        frame_of(
            connection, unstated_amounts(source, amount, None).where(items.c.document_key.in_(keys)), SIGHTS
        )
        for source, amount in (
            (schema.observations, "open_amount"),
            (schema.stated_originals, "original_amount"),
        )
    )
    documents = with_originals(documents, seen, stated).drop(columns="is_original_stated")
    applied = schema.applications
    own = {name: func.coalesce(applied.c[name], -1) for name in ("receipt_key", "document_key")}
    undone = select_columns(tables.REVERSALS, schema.reversals).where(
        schema.reversals.c.application_id.in_(
            select(applied.c.application_id).where(applied.c.document_key.in_(keys))
        )
    )
    return Facts(
        documents,
        _of(connection, tables.OBSERVATIONS, schema.observations, keys),
        _of(connection, tables.CLEARINGS, schema.clearings, keys),
        frame_of(
            connection,
            select_columns(tables.APPLICATIONS, applied, own).where(applied.c.document_key.in_(keys)),
            tables.APPLICATIONS,
        ),
        frame_of(connection, undone, tables.REVERSALS),
    )


def _of(connection: Connection, table: Table, source: schema.Table, keys: list[int]) -> pd.DataFrame:
    return frame_of(connection, select_columns(table, source).where(source.c.document_key.in_(keys)), table)
