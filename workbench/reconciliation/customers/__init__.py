"""Customers' own ledgers against ours (conciliación de saldos con clientes).

``lines`` reads both sides, ``numbers`` and ``amounts`` say what meets, ``gaps`` and ``causes`` what is left
and why, ``carried`` follows differences from month to month. Σ differences = our balance − theirs, always.
"""

from __future__ import annotations

from .carried import DIFFERENCE, LIVE, carry_differences, cases_to_open
from .make import Surroundings, receipts_left, reconcile_customers
from .results import BALANCES, DIFFERENCES, MATCHED_LINES, RULES, SOLVED, CustomersReconciled

__all__ = [
    "BALANCES",
    "DIFFERENCE",
    "DIFFERENCES",
    "LIVE",
    "MATCHED_LINES",
    "RULES",
    "SOLVED",
    "CustomersReconciled",
    "Surroundings",
    "carry_differences",
    "cases_to_open",
    "receipts_left",
    "reconcile_customers",
]
