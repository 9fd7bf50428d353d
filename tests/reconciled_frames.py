"""The worked example of DOMAIN, section 9, and a reconciliation of October for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench import reconciliation
from workbench.policy import ReconciliationPolicy

AS_OF = dt.date(2026, 10, 31)
POLICY = ReconciliationPolicy()


def reconcile(bank: Any, balances: Any, book: Any, **options: Any) -> reconciliation.Reconciled:
    options = {"as_of": AS_OF, "policy": POLICY, **options}
    return reconciliation.reconcile_bank(bank, balances, book, **options)


def worked_example() -> tuple[Any, Any, Any]:
    """Opening 1.000 on both sides; in October:

    a deposit of 500 on both; bank only: fee 20, GMF 4, a returned cheque of 200, a deposit of 70 by nobody
    knows whom; books only: a deposit of 300 sent on the last day, a cheque of 90 that nobody cashed.
    Bank: 1000 + 500 − 20 − 4 − 200 + 70 = 1346. Books: 1000 + 500 + 300 − 90 = 1710.
    """
    bank = bank_lines(
        {"date": "2026-10-05", "amount": 500, "reference": "D1"},
        {"date": "2026-10-10", "amount": -20, "line_kind": "fee"},
        {"date": "2026-10-10", "amount": -4, "line_kind": "tax", "text": "GMF 4x1000"},
        {"date": "2026-10-20", "amount": -200, "line_kind": "returned_cheque"},
        {"date": "2026-10-21", "amount": 70},
    )
    book = book_lines(
        {"date": "2026-09-30", "amount": 1000, "text": "Saldo anterior"},
        {"date": "2026-10-06", "amount": 500, "reference": "d-1"},
        {"date": "2026-10-31", "amount": 300, "reference": "CT1"},
        {"date": "2026-10-15", "amount": -90, "reference": "CH9001"},
    )
    return bank, bank_balances(("2026-10-01", 1000, "2026-10-31", 1346)), book
