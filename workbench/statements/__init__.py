"""The monthly statement of account (estado de cuenta): what each balance is and how it came about.

Per customer and currency, to the cent::

    opening + late + movements by kind = closing = Σ open items on the cut-off, unapplied credits among them

*Late* is what became known of earlier days after the opening was stated to the customer. Pure functions over
the book's frames; a month of every customer is one call.
"""

from __future__ import annotations

from .facts import Facts
from .make import make_statements
from .movements import explain_movements
from .results import ACCOUNT, KINDS, MOVED, MOVEMENTS, OPEN_LIST, STATEMENTS, Statements, amount_column

__all__ = [
    "ACCOUNT",
    "KINDS",
    "MOVED",
    "MOVEMENTS",
    "OPEN_LIST",
    "STATEMENTS",
    "Facts",
    "Statements",
    "amount_column",
    "explain_movements",
    "make_statements",
]
