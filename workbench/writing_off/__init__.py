"""Write-offs through the book: prepared, evidenced, approved, posted, and recovered when somebody pays.

``preparing`` opens cases, ``moving`` moves them; ``posted`` is what a move changes in the ledger, written in
the move's own transaction. Source: DOMAIN 7, 21 and 22; TRUST, Approvals.
"""

from __future__ import annotations

from .moving import move_write_off
from .preparing import prepare_write_off

__all__ = ["move_write_off", "prepare_write_off"]
