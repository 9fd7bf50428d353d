"""Bank statements in csv or a workbook."""

from __future__ import annotations

from .parsed import Context, Parsed
from .sheets import Sheet


def read_bank_table(sheet: Sheet, context: Context) -> Parsed:
    """Soon."""
    raise NotImplementedError
