"""What leaves the house: frames as a machine's file shows them, and the findings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..money import exponent
from .shapes import Table

#: A door: ``aging_by_item.csv``.
AGING_BY_ITEM = Table(
    "aging_by_item",
    ("company_id", "document_type", "document_id"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_id": "text",
        "document_type": "text",
        "currency": "text",
        "document_date": "date",
        "due_date": "date",
        "open_amount": "money",
        "pending_applications": "money",
        "days_overdue": "integer",
        "bucket": "text",
    },
)

#: Finding levels: ``error`` and ``warning`` count towards exit code 3, ``note`` only informs.
FINDINGS = Table(
    "findings",
    (),
    {
        "level": "text",
        "source": "text",  # file or table
        "row": "integer",  # as a person counts in the file, 0 where no row is meant
        "table": "text",
        "key": "text",
        "rule": "text",  # kebab-case, its words in words/
        "values": "text",  # JSON object that fills the sentence
        "amount": "money",
        "currency": "text",
    },
)


def currency_of(name: str, frame: pd.DataFrame) -> str:
    """The column that says a money column's currency: of ``…_base`` the base currency, of ``sent_amount`` the
    one it was sent in where the frame has it, else ``currency``."""
    own = "base_currency" if name.endswith("_base") else f"{name.removesuffix('_amount')}_currency"
    return own if own in frame.columns else "currency"


def to_door(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame as a machine's file shows it: decimal text with a point, ISO days, text ids.

    Money needs a ``currency`` column; rows without one (``""``) must hold 0 and show nothing.
    """
    conformed = table.conform(frame)
    shown = {}
    for name, kind in table.columns.items():
        column = conformed[name]
        if kind == "money":
            shown[name] = decimal_text(column.to_numpy(), conformed[currency_of(name, conformed)])
        elif kind == "date":
            shown[name] = column.dt.strftime("%Y-%m-%d").fillna("")
        elif kind == "instant":
            shown[name] = column.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").fillna("")
        elif kind == "flag":
            shown[name] = column.map({True: "true", False: "false"})
        elif name.endswith("_ppm"):
            # A share in parts per million; a negative one was not observed, which is no number.
            shown[name] = column.astype("str").mask(column < 0, "")
        else:
            shown[name] = column.astype("str")
    return pd.DataFrame(shown)


def decimal_text(amounts: np.ndarray, currencies: pd.Series) -> pd.Series:
    """Minor units as decimal text, vectorised: one pass a currency."""
    text = np.full(len(amounts), "", dtype=object)
    codes, names = pd.factorize(currencies)
    for code, currency in enumerate(names):
        rows = codes == code
        if not currency:
            continue
        decimals = exponent(currency)
        scale = 10**decimals
        values = amounts[rows].astype(np.int64)
        sign = np.where(values < 0, "-", "")
        whole = (np.abs(values) // scale).astype(str)
        shown = np.char.add(sign, whole)
        if decimals:
            part = np.char.zfill((np.abs(values) % scale).astype(str), decimals)
            shown = np.char.add(np.char.add(shown, "."), part)
        text[rows] = shown
    return pd.Series(text, index=currencies.index, dtype="str")
