"""Differences in exchange (diferencia en cambio): realised, unrealised and reversed, accounting against tax.

What a person gets: of each settlement what it gained or lost against the document's rate, of each open
document what the close makes of it, the statement that proves both, and the entries to book.
"""

from __future__ import annotations

from .entries import ENTRY_LINES, Entries, propose_entries
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

__all__ = [
    "COMPARED",
    "ENTRY_LINES",
    "REALISED",
    "REVALUED",
    "SETTLEMENTS",
    "SOURCES",
    "STATEMENT",
    "Entries",
    "Facts",
    "Measured",
    "find_settlements",
    "measure_differences",
    "propose_entries",
]
