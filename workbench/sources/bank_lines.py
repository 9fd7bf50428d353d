"""What every bank statement needs, whatever its format: line ids, kinds of line, the proof of the balance."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import numpy as np
import pandas as pd

from ..tables import BANK_LINES, ColumnType, Table
from .mappings import BankRule
from .raw_table import plain_words

_COLUMNS: dict[str, ColumnType] = {"row": "integer", "statement": "integer"}
_COLUMNS.update({k: v for k, v in BANK_LINES.columns.items() if k not in ("bank_line_key", "recorded_at")})
_COLUMNS.update({"payer_name": "text", "payer_tax_id": "text", "payer_account": "text"})
#: A statement's lines as read; ``statement`` counts the statements of the file from 1.
STATEMENT_ROWS = Table("statement_rows", (), _COLUMNS)


@lru_cache
def _pattern(words: str) -> re.Pattern[str]:
    """A word or phrase at a word's start; a short one (``iva``, ``fee``) must be the whole word."""
    return re.compile(rf"\b{re.escape(words)}" + (r"\b" if len(words) <= 4 else ""))


def line_kinds(texts: pd.Series, amounts: pd.Series, rule: BankRule) -> np.ndarray:
    """Each line's kind by the mapping's patterns in order, else by the side on which the money moved."""
    codes, distinct = pd.factorize(texts.to_numpy())
    kinds = np.full(len(distinct), "", dtype=object)
    for place, text in enumerate(distinct):
        words = plain_words(text)
        for entry in rule.line_kinds:
            if any(_pattern(plain_words(pattern)).search(words) for pattern in entry.patterns):
                kinds[place] = entry.kind
                break
    by_side = np.where(amounts.to_numpy() > 0, rule.positive_kind, rule.negative_kind)
    named = kinds[codes] if len(distinct) else np.full(len(texts), "", dtype=object)
    return np.where(named == "", by_side, named)


def content_ids(lines: pd.DataFrame) -> pd.Series:
    """Ids for lines that the bank gives none: day, amount, text and which of the alike ones it is.

    Overlapping files give the same ids for the same lines as long as each file holds whole days.
    """
    days = lines["booking_date"].dt.strftime("%Y-%m-%d")
    codes, distinct = pd.factorize((lines["reference"] + "|" + lines["text"]).to_numpy())
    words = [hashlib.sha256(plain_words(text).encode()).hexdigest()[:10] for text in distinct]
    marks = pd.Series(np.array(words, dtype=object)[codes] if len(words) else [], index=lines.index)
    stem = days + "|" + lines["bank_amount"].astype("str") + "|" + lines["currency"] + "|" + marks
    occurrence = stem.groupby([lines["account_id"], stem]).cumcount() + 1
    return stem + "|" + occurrence.astype("str")
