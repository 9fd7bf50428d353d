"""Small frames for tests of the ledger: say what matters, the rest has a plain default."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from workbench import ledger
from workbench.tables import (
    APPLICATIONS,
    CLEARINGS,
    DOCUMENTS,
    DTYPES,
    OBSERVATIONS,
    RATES,
    RECEIPTS,
    REVERSALS,
    Table,
)

Row = Mapping[str, Any]
EARLY = "2026-01-01T00:00:00Z"


class Facts(NamedTuple):
    documents: pd.DataFrame
    observations: pd.DataFrame
    clearings: pd.DataFrame
    applications: pd.DataFrame
    reversals: pd.DataFrame

    def open_items(self, as_of: str, known_at: str | None = None, **options: Any) -> pd.DataFrame:
        instant = None if known_at is None else dt.datetime.fromisoformat(known_at)
        return ledger.open_items_as_of(*self, as_of=dt.date.fromisoformat(as_of), known_at=instant, **options)

    def open_amounts(self, as_of: str, known_at: str | None = None) -> dict[int, int]:
        """Open amount by document key, settled items left out."""
        items = self.open_items(as_of, known_at)
        return dict(zip(items["document_key"], items["open_amount"], strict=True))


def frame(table: Table, rows: Iterable[Row], **defaults: Any) -> pd.DataFrame:
    """The table with the rows given; what is not said takes the default, else its type's empty value."""
    blank: dict[str, Any] = {
        "text": "",
        "date": None,
        "instant": EARLY,
        "money": 0,
        "integer": 0,
        "flag": False,
    }
    full, made = list(rows), {}
    for name, kind in table.columns.items():
        default = defaults.get(name, blank[kind])
        values = [row.get(name, default) for row in full]
        if kind == "date":
            made[name] = np.array(values, dtype="datetime64[s]")
        elif kind == "instant":
            instants = np.array([value.removesuffix("Z") for value in values], dtype="datetime64[us]")
            made[name] = pd.DatetimeIndex(instants).tz_localize("UTC")
        else:
            made[name] = pd.array(values, dtype=DTYPES[kind])
    return table.conform(pd.DataFrame(made))


def documents(*rows: Row) -> pd.DataFrame:
    """Invoices of one customer in COP; each row needs ``document_key`` and ``original_amount``."""
    named = [{"document_id": f"F{row['document_key']:04d}", **row} for row in rows]
    return frame(
        DOCUMENTS,
        named,
        company_id="CO01",
        customer_id="0001",
        currency="COP",
        document_type="DR",
        document_kind="invoice",
        document_date="2026-01-10",
        due_date="2026-02-09",
    )


def facts(
    documents_: pd.DataFrame,
    *,
    observations: Iterable[Row] = (),
    clearings: Iterable[Row] = (),
    applications: Iterable[Row] = (),
    reversals: Iterable[Row] = (),
) -> Facts:
    numbered = [{"application_id": f"A{n}", **row} for n, row in enumerate(applications)]
    return Facts(
        documents_,
        frame(OBSERVATIONS, observations),
        frame(CLEARINGS, clearings, extract_date="2026-01-31"),
        frame(APPLICATIONS, numbered, kind="payment", receipt_key=-1),
        frame(REVERSALS, reversals),
    )


def receipts(*rows: Row) -> pd.DataFrame:
    return frame(RECEIPTS, rows, company_id="CO01", currency="COP", receipt_date="2026-01-15")


def rates(*rows: tuple[str, str, str, str, str, int]) -> pd.DataFrame:
    """Rows of source, from, to, valid from, valid through, rate × money.RATE_SCALE."""
    names = ("source", "from_currency", "to_currency", "valid_from", "valid_through", "rate")
    return frame(RATES, [dict(zip(names, row, strict=True)) for row in rows])
