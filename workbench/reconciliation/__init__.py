"""Balances held against each other: the bank's statement and our books (``bank``), customers' and ours.

``bank`` is the whole of a bank reconciliation; ``sides``, ``pairing``, ``grouping`` and ``months`` say what
meets, ``classes`` what stays is, ``accounts`` proves, ``statement`` is the page that a person reads;
``bank_matches``, ``bank_reports`` and ``cleaning`` are what people do about it.
"""

from __future__ import annotations

from .bank import reconcile_bank, reconciler
from .results import CATEGORIES, DETAILS, RULES, Reconciled

__all__ = ["CATEGORIES", "DETAILS", "RULES", "Reconciled", "reconcile_bank", "reconciler"]
