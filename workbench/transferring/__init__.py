"""The over-180 control through the book: transfers, old credits, hand-overs, exceptions and plans.

``proposing`` opens cases, ``moving`` moves them; what a move changes in the ledger's proposed entries is
written in its own transaction. Source: DOMAIN 7, 21 and 22.
"""

from __future__ import annotations

from .moving import move_over_180
from .proposing import (
    plan_collection,
    propose_credit,
    propose_hand_over,
    propose_reversals,
    propose_transfers,
    request_exception,
)

__all__ = [
    "move_over_180",
    "plan_collection",
    "propose_credit",
    "propose_hand_over",
    "propose_reversals",
    "propose_transfers",
    "request_exception",
]
