"""How a customer's list and our ledger are held against each other, and who clears what differs."""

from __future__ import annotations

from dataclasses import dataclass, field

#: What a difference between both ledgers is called (DOMAIN, section 8), in the order of the list.
CAUSES = (
    "not_received",  # in ours: they have not received or entered it
    "in_their_approval",  # in ours: received, and not in their books yet
    "entity_wrong",  # one of ours for another company or customer
    "payment_not_identified",  # money that one side has and has not said what it pays
    "payment_in_transit",  # timing: paid by them, not here; or settled here, not entered there
    "credit_not_applied",  # a credit note that one side has applied and the other not
    "credit_note_expected",  # they have taken a note that we have not issued
    "withholding",
    "discount",
    "price",  # the document stands at another amount in their books
    "exchange",
    "bank_fee",
    "cut_off",
    "duplicate",
    "disputed",
    "unexplained",
)
#: Who a difference is given to where nobody said otherwise.
OWNERS = ("customer", "receivables", "billing", "treasury", "tax", "sales")


@dataclass(frozen=True)
class DifferencePlan:
    """Who clears a difference of a cause, and within how many working days of the cut-off."""

    cause: str
    owner: str  # of OWNERS
    days: int


USUAL_DIFFERENCE_PLAN: tuple[DifferencePlan, ...] = (
    DifferencePlan("not_received", "billing", 3),
    DifferencePlan("in_their_approval", "customer", 10),
    DifferencePlan("entity_wrong", "billing", 5),
    DifferencePlan("payment_not_identified", "receivables", 2),
    DifferencePlan("payment_in_transit", "treasury", 5),
    DifferencePlan("credit_not_applied", "receivables", 3),
    DifferencePlan("credit_note_expected", "sales", 10),
    DifferencePlan("withholding", "tax", 10),
    DifferencePlan("discount", "sales", 5),
    DifferencePlan("price", "sales", 10),
    DifferencePlan("exchange", "treasury", 5),
    DifferencePlan("bank_fee", "treasury", 5),
    DifferencePlan("cut_off", "receivables", 5),
    DifferencePlan("duplicate", "customer", 5),
    DifferencePlan("disputed", "sales", 15),
    DifferencePlan("unexplained", "receivables", 2),
)


@dataclass(frozen=True)
class CustomerReconciliationPolicy:
    """A line of theirs meets one of ours of the same amount dated up to ``days`` before or after it.

    Groups: at most ``group_lines`` lines among at most ``group_candidates``, where at most
    ``wrong_per_million`` accidents are expected of a million searches. A receipt dated up to
    ``transit_days`` after the cut-off shows a payment that was on its way. A list more than ``list_days`` old
    on the cut-off says nothing of it. An untouched document that differs by up to ``price_permille`` of
    itself stands at another price. ``rivals``: the most that are named of an ambiguous line.
    """

    days: int = 5
    group_lines: int = 6
    group_candidates: int = 24
    wrong_per_million: int = 1000
    transit_days: int = 10
    list_days: int = 20
    price_permille: int = 100
    rivals: int = 5
    plan: tuple[DifferencePlan, ...] = field(default=USUAL_DIFFERENCE_PLAN)

    def plan_of(self, cause: str) -> DifferencePlan:
        """The first entry of a cause."""
        known = (one for one in (*self.plan, *USUAL_DIFFERENCE_PLAN) if one.cause == cause)
        return next(known, DifferencePlan(cause, "receivables", 5))
