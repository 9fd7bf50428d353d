"""The round trip to the ERP: what leaves as postings, what the next extracts answer, and the control account.

The ERP stays the legal ledger. What was applied here leaves once, as postings that balance; the next extract
confirms each, contradicts it or says nothing yet. Ageing needs none of this: what the ERP has cleared since
replaces what we applied (``ledger``), whether it left by a file or by hand. Source: ARCHITECTURE, "ERP".
"""

from __future__ import annotations

from .answers import POSTING_STATES, Answered, answer_postings
from .control_account import CONTROL_ACCOUNTS, compare_control_account
from .departures import POSTING_LINES, Planned, plan_postings

__all__ = [
    "CONTROL_ACCOUNTS",
    "POSTING_LINES",
    "POSTING_STATES",
    "Answered",
    "Planned",
    "answer_postings",
    "compare_control_account",
    "plan_postings",
]
