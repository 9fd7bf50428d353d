"""The differences as a person reads and ties them out: rates as decimals, sums by currency, base currency."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from ..money import RATE_SCALE
from ..policy import ExchangePolicy
from ..tables import ColumnType, Table
from .measured import sum_money
from .results import REVALUED, SETTLEMENTS, STATEMENT, Measured


def _ordered(table: Table, names: str) -> dict[str, ColumnType]:
    """Whose it is, then what a person looks for first; rates are texts, what ends in ``_base`` is money."""
    whose = ("document_key", "company_id", "customer_id", "document_id")
    kinds: dict[str, ColumnType] = {name: table.columns[name] for name in whose}
    for name in names.split():
        usual: ColumnType = "money" if name.endswith("_base") else "text"
        kinds[name] = "text" if name.endswith("_rate") else table.columns.get(name, usual)
    return kinds


#: ``REALISED`` with its rates as decimal text, base currency per one of the document's.
SETTLED_SHOWN = Table(
    "exchange_settlements",
    SETTLEMENTS.key,
    _ordered(
        SETTLEMENTS,
        "settled_date currency settled_amount document_rate payment_rate realised_base taxed_base"
        " released_base paid_base kind document_date rate_date settled_by settled_with base_currency",
    ),
)
#: ``REVALUED`` the same way.
REVALUED_SHOWN = Table(
    "exchange_revaluation",
    REVALUED.key,
    _ordered(
        REVALUED,
        "currency open_amount document_rate closing_rate unrealised_base carrying_base tax_base"
        " temporary_base initial_base released_base residue_base document_date base_currency",
    ),
)


def shown_settlements(measured: Measured) -> pd.DataFrame:
    """The period's settlements, the largest differences of each currency first."""
    return _shown(measured.settlements)


def shown_late(measured: Measured) -> pd.DataFrame:
    """What became known since of days that the close before booked, the same way."""
    return _shown(measured.late)


def _shown(lines: pd.DataFrame) -> pd.DataFrame:
    told = lines.assign(
        document_rate=_decimals(lines["initial_rate"]),
        payment_rate=_decimals(lines["settled_rate"]),
        # Our own applications are known by their receipt; a hash says nothing to a person.
        settled_with=lines["settled_id"].where(lines["settled_by"] == "clearing", lines["receipt_id"]),
    )
    size = lines["realised_base"].abs()
    ordered = told.assign(_size=size).sort_values(
        ["currency", "_size"], ascending=[True, False], kind="stable"
    )
    return SETTLED_SHOWN.conform(ordered.drop(columns="_size"))


def shown_revaluation(measured: Measured) -> pd.DataFrame:
    """Each document at this close that has something open, or whose last cents were cleared."""
    lines = measured.closing
    lines = lines[(lines["open_amount"] != 0) | (lines["residue_base"] != 0)]
    told = lines.assign(
        document_rate=_decimals(lines["initial_rate"]), closing_rate=_decimals(lines["closing_rate"])
    )
    size = lines["unrealised_base"].abs()
    ordered = told.assign(_size=size).sort_values(
        ["currency", "_size"], ascending=[True, False], kind="stable"
    )
    return REVALUED_SHOWN.conform(ordered.drop(columns="_size"))


def summarise_statement(statement: pd.DataFrame) -> pd.DataFrame:
    """The statement by company and currency, without customers."""
    by = ["company_id", "currency", "base_currency"]
    money = STATEMENT.money_columns()
    return sum_money([statement[[*by, *money]]], by, money)


def in_base_currency(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the base currency as its ``currency``: what its ``_base`` amounts are summed by."""
    return frame.assign(currency=frame["base_currency"])


def revalued_items(
    open_items: pd.DataFrame,
    *,
    base_currency: str,
    policy: ExchangePolicy,
    left_out: frozenset[int] = frozenset(),
) -> pd.DataFrame:
    """The open items that a close revalues: other currencies, without the marks that policy leaves out, and
    without what has no rate (``Measured.left_out``), which findings name."""
    is_foreign = open_items["currency"] != base_currency
    is_left_out = open_items["special_gl"].isin(policy.not_revalued)
    is_left_out |= open_items["document_key"].isin(left_out)
    return open_items[is_foreign & ~is_left_out].reset_index(drop=True)


def _decimals(rates: pd.Series) -> list[str]:
    return [f"{Decimal(rate) / RATE_SCALE:f}" for rate in rates.tolist()]
