"""Control of receivables over 180 days (control de cartera mayor a 180 días).

``crossing`` says who is about to cross and at what cost, ``life_line`` where every item is; ``transfers``,
``hand_overs``, ``old_credits``, ``exceptions``, ``plans`` are what people decide, each a machine of states.
Source: DOMAIN, section 7 and "What the job needs beyond the anchors".
"""

from __future__ import annotations

from ..cases import Machine
from ..policy import Over180Policy
from .crossing import CROSSINGS, list_crossings, rate_at, summarise_crossings
from .exceptions import check_exception, exception_machine, exceptions_of_cases, with_approved, with_cases_of
from .hand_overs import HANDED_OVER, hand_over_machine, handed_over_items
from .life_line import LIFE_LINE, STAGES, place_on_life_line, summarise_life_line
from .old_credits import CREDITS, check_credit, credit_machine, with_cases
from .plans import PLANS, check_plan, plan_machine, plans_of_cases
from .told import (
    account_balance,
    cases_as_of,
    find_open_again,
    find_without_plan,
    next_close_of,
    watched,
    written_off_in_ledger,
)
from .transfers import (
    DUE_BACK,
    PROPOSALS,
    TRANSFERRED,
    amounts_of,
    asked_back,
    list_due_back,
    list_proposals,
    standing_amounts,
    transfer_machine,
    transferred_items,
)

__all__ = [
    "CREDITS",
    "CROSSINGS",
    "DUE_BACK",
    "HANDED_OVER",
    "LIFE_LINE",
    "PLANS",
    "PROPOSALS",
    "STAGES",
    "TRANSFERRED",
    "account_balance",
    "amounts_of",
    "asked_back",
    "cases_as_of",
    "check_credit",
    "check_exception",
    "check_plan",
    "credit_machine",
    "exception_machine",
    "exceptions_of_cases",
    "find_open_again",
    "find_without_plan",
    "hand_over_machine",
    "handed_over_items",
    "list_crossings",
    "list_due_back",
    "list_proposals",
    "machines",
    "next_close_of",
    "place_on_life_line",
    "plan_machine",
    "plans_of_cases",
    "rate_at",
    "standing_amounts",
    "summarise_crossings",
    "summarise_life_line",
    "transfer_machine",
    "transferred_items",
    "watched",
    "with_approved",
    "with_cases",
    "with_cases_of",
    "written_off_in_ledger",
]


def machines(policy: Over180Policy) -> tuple[Machine, ...]:
    """Every machine of this room."""
    return (
        transfer_machine(policy),
        hand_over_machine(policy),
        credit_machine(policy),
        exception_machine(policy),
        plan_machine(policy),
    )
