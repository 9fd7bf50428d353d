"""Customers' own ledgers against ours (conciliación de saldos con clientes).

``lines`` reads both sides, ``numbers`` and ``amounts`` say what meets, ``gaps`` and ``causes`` what is left
and why, ``carried`` follows differences from month to month. Σ differences = our balance − theirs, always.
"""

from __future__ import annotations

from .carried import DIFFERENCE, carry_differences, cases_to_open
from .make import Surroundings, reconcile_customers
from .results import BALANCES, DIFFERENCES, MATCHED_LINES, RULES, SOLVED, CustomersReconciled

__all__ = [
    "BALANCES",
    "DIFFERENCE",
    "DIFFERENCES",
    "MATCHED_LINES",
    "RULES",
    "SOLVED",
    "CustomersReconciled",
    "Surroundings",
    "carry_differences",
    "cases_to_open",
    "reconcile_customers",
]
