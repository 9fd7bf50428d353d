"""Rows of a checked table as text to compare with the file: for a dry run, for golden samples."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd

from ..money import RATE_SCALE, to_text
from .fields import FIELDS


def shown_rows(frame: pd.DataFrame, kind: str, most: int | None = None) -> list[dict[str, str]]:
    """The first ``most`` rows by column: money as decimal text in major units with the book's sign, ISO days.

    ``kind``: the mapping's. What is empty, unknown or no is ``""``.
    """
    taken = frame if most is None else frame.head(most)
    return [
        {str(name): _text(kind, str(name), value, record) for name, value in record.items()}
        for record in taken.to_dict("records")
    ]


def _text(kind: str, name: str, value: object, record: dict[object, object]) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, int) and kind == "rates" and name == "rate":
        return str(Decimal(value) / RATE_SCALE)
    own = f"{name.removesuffix('_amount')}_currency"  # what was sent, in the currency sent
    currency = str(record.get(own) or record.get("currency") or "")
    is_money = FIELDS[kind].get(name) == "money" or name.endswith("_amount")
    return to_text(value, currency) if isinstance(value, int) and is_money and currency else str(value)
