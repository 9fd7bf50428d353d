"""Differences in exchange (diferencia en cambio): realised, unrealised and reversed, accounting against tax.

What a person gets: of each settlement what it gained or lost against the document's rate, of each open
document what the close makes of it, the statement that proves both, and the entries to book.
"""

from __future__ import annotations

from .entries import ENTRY_LINES, Entries, on_account, propose_entries
from .measured import measure_differences
from .results import (
    COMPARED,
    REALISED,
    REVALUED,
    SETTLEMENTS,
    SOURCES,
    STATEMENT,
    Measured,
)
from .settlements import Facts, find_settlements
from .shown import (
    REVALUED_SHOWN,
    SETTLED_SHOWN,
    in_base_currency,
    revalued_items,
    shown_late,
    shown_revaluation,
    shown_settlements,
    summarise_statement,
)

__all__ = [
    "COMPARED",
    "ENTRY_LINES",
    "REALISED",
    "REVALUED",
    "REVALUED_SHOWN",
    "SETTLED_SHOWN",
    "SETTLEMENTS",
    "SOURCES",
    "STATEMENT",
    "Entries",
    "Facts",
    "Measured",
    "find_settlements",
    "in_base_currency",
    "measure_differences",
    "on_account",
    "propose_entries",
    "revalued_items",
    "shown_late",
    "shown_revaluation",
    "shown_settlements",
    "summarise_statement",
]
