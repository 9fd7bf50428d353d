"""The differences as a person reads and ties them out: rates as decimals, sums by currency, base currency."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from ..money import RATE_SCALE
from ..policy import ExchangePolicy
from ..tables import ColumnType, Table
from .measured import sum_money
from .results import REVALUED, SETTLEMENTS, STATEMENT, Measured

_RATES: dict[str, ColumnType] = {"document_rate": "text", "payment_rate": "text"}
_WORTH = ("released_base", "paid_base", "realised_base", "taxed_base")
#: ``REALISED`` with its rates as decimal text, base currency per one of the document's.
SETTLED_SHOWN = Table(
    "exchange_settlements",
    SETTLEMENTS.key,
    {
        **SETTLEMENTS.columns,
        **_RATES,
        "base_currency": "text",
        **dict.fromkeys(_WORTH, "money"),
    },
)
_CARRIED = ("initial_base", "released_base", "residue_base", "unrealised_base", "carrying_base", "tax_base")
#: ``REVALUED`` the same way.
REVALUED_SHOWN = Table(
    "exchange_revaluation",
    REVALUED.key,
    {
        **dict(list(REVALUED.columns.items())[:7]),
        "document_rate": "text",
        "closing_rate": "text",
        "base_currency": "text",
        **dict.fromkeys(_CARRIED, "money"),
        "temporary_base": "money",
    },
)


def shown_settlements(measured: Measured) -> pd.DataFrame:
    """The period's settlements, the largest differences of each currency first."""
    lines = measured.settlements
    told = lines.assign(
        document_rate=_decimals(lines["initial_rate"]), payment_rate=_decimals(lines["settled_rate"])
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


def revalued_items(open_items: pd.DataFrame, *, base_currency: str, policy: ExchangePolicy) -> pd.DataFrame:
    """The open items that a close revalues: other currencies, without the marks that policy leaves out."""
    is_foreign = open_items["currency"] != base_currency
    is_left_out = open_items["special_gl"].isin(policy.not_revalued)
    return open_items[is_foreign & ~is_left_out].reset_index(drop=True)


def _decimals(rates: pd.Series) -> list[str]:
    return [f"{Decimal(rate) / RATE_SCALE:f}" for rate in rates.tolist()]
