"""Balances held against each other: the bank's statement and our books (``bank``), customers' and ours.

``bank`` is the whole of a bank reconciliation; ``sides``, ``pairing``, ``grouping`` and ``months`` say what
meets, ``classes`` what stays is, ``accounts`` proves, ``statement`` is the page that a person reads.
"""

from __future__ import annotations

from .bank import reconcile_bank
from .results import CATEGORIES, DETAILS, RULES, Reconciled

__all__ = ["CATEGORIES", "DETAILS", "RULES", "Reconciled", "reconcile_bank"]
