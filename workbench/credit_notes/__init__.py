"""Credit notes set off against the invoices they belong to (cruce de NC), two legs at a time, sum zero.

``credit_notes.match_credit_notes`` decides; ``credit_notes.prove_set_offs`` shows that nothing was made or
lost; ``credit_notes.list_old_credits`` names what we owe customers for too long. Inside: ``pool`` (what is
open, and what is left), ``told`` (people and customers), ``debit_notes``, ``rules`` (why), ``disputes``,
``legs`` and ``offers`` (what is taken, what suggested), ``setting_off`` (one rule after the other),
``promised`` (what a person gives back or moves, and no run may take), ``account_credits`` (money on account).
"""

from .account_credits import with_money_on_account
from .old_credits import ACTIONS, OLD_CREDITS, list_old_credits
from .promised import Promise, hold_promised, read_promises
from .proofs import pair_legs, prove_set_offs, total_by_currency
from .results import ALLOCATIONS, SET_OFFS, SUGGESTED, SUMMARISED, UNAPPLIED, Matched
from .setting_off import match_credit_notes

__all__ = [
    "ACTIONS",
    "ALLOCATIONS",
    "OLD_CREDITS",
    "SET_OFFS",
    "SUGGESTED",
    "SUMMARISED",
    "UNAPPLIED",
    "Matched",
    "Promise",
    "hold_promised",
    "list_old_credits",
    "match_credit_notes",
    "pair_legs",
    "prove_set_offs",
    "read_promises",
    "total_by_currency",
    "with_money_on_account",
]
