"""How each customer pays, learned from what it paid: shown, set by people where they know better, and used.

Hypotheses (one document, the whole account, a window …) and manners (days of the week, crossing credit
notes, round sums), in whole thousandths: what was seen, blended with the stated prior, which weighs as much
as ``prior_payments`` payments. Habits rank what is suggested. In the proof only one is used, and only to be
more careful: a customer that often pays no exact sum is believed less; nothing learned makes an answer surer.
Source: DOMAIN, section 3; ``policy.USUAL_HABITS``, ``USUAL_MANNERS``, ``LearningPolicy``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from ..policy import USUAL_HABITS, USUAL_MANNERS, LearningPolicy, MatchingPolicy
from ..tables import Table
from .history import Payment, paid_as, payments_of

DAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
NOT_EXACT, NETS_NOTES, ROUND_SUMS = "not-exact", "nets-notes", "pays-round-sums"

#: One row a habit of a customer of whom something is known, by history or by a person's word.
HABITS = Table(
    "customer_habits",
    ("company_id", "customer_id", "habit"),
    {
        "company_id": "text",
        "customer_id": "text",
        "habit": "text",  # of policy.USUAL_HABITS or USUAL_MANNERS; words in learning.po
        "payments": "integer",  # that could have shown it
        "seen": "integer",  # that did
        "prior_permille": "integer",
        "learned_permille": "integer",
        "permille": "integer",  # in force: learned, or as a person set it
        "set_by": "text",
        "set_on": "date",
        "why": "text",
    },
)


def learn_habits(
    documents: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    receipts: pd.DataFrame,
    *,
    policy: MatchingPolicy,
    known_at: pd.Timestamp,
) -> pd.DataFrame:
    """The habits of every customer that has paid in the last months, or of whom a person has said one.

    A payment is what the ERP cleared together, or what people applied of one receipt; what rules applied by
    themselves teaches only once the ERP has cleared it. One payment known from both counts once, and what
    was recorded after ``known_at`` teaches nothing. The same rows in any order give the same.
    """
    learning = policy.learning
    payments = payments_of(
        documents, clearings, applications, reversals, receipts, months=learning.months, known_at=known_at
    )
    usual = usual_habits(policy)
    chances: dict[tuple[str, str], Counter[str]] = {}
    seen: dict[tuple[str, str], Counter[str]] = {}
    for payment in payments:
        whose = payment.company, payment.customer
        _note(payment, chances.setdefault(whose, Counter()), seen.setdefault(whose, Counter()))
    set_by = {(one.company_id, one.customer_id, one.habit): one for one in learning.overrides}
    customers = sorted({*chances, *(key[:2] for key in set_by)})
    rows = []
    for company, customer in customers:
        tried, met = chances.get((company, customer), Counter()), seen.get((company, customer), Counter())
        for habit, prior in usual.items():
            learned = blended(prior, tried[habit], met[habit], learning)
            said = set_by.get((company, customer, habit))
            rows.append({
                "company_id": company, "customer_id": customer, "habit": habit, "payments": tried[habit],
                "seen": met[habit], "prior_permille": prior, "learned_permille": learned,
                "permille": said.permille if said else learned, "set_by": said.who if said else "",
                "set_on": pd.Timestamp(said.on) if said else pd.NaT, "why": said.why if said else "",
            })  # fmt: skip
    return HABITS.conform(pd.DataFrame(rows, columns=list(HABITS.columns)))


def usual_habits(policy: MatchingPolicy) -> dict[str, int]:
    """What is believed of a customer of whom nothing is known, in thousandths."""
    return {**USUAL_HABITS, **policy.habits, **USUAL_MANNERS}


def blended(prior: int, payments: int, seen: int, policy: LearningPolicy) -> int:
    """(prior × prior payments + 1,000 × seen) ÷ (prior payments + payments), rounded down."""
    return (prior * policy.prior_payments + 1000 * seen) // (policy.prior_payments + payments)


class Habits:
    """``HABITS`` by customer, as matching asks for them."""

    def __init__(self, habits: pd.DataFrame | None, policy: MatchingPolicy) -> None:
        self._usual = usual_habits(policy)
        self._of: dict[tuple[str, str], dict[str, int]] = {}
        if habits is None:
            return
        names = ("company_id", "customer_id", "habit", "permille")
        for company, customer, habit, permille in zip(*(habits[name] for name in names), strict=True):
            self._of.setdefault((company, customer), {})[habit] = int(permille)

    def proof_weights(self, company: str, customer: str, weights: Mapping[str, int]) -> dict[str, int]:
        """The stated weights; not exact as often as is stated, or as was learned where that is more."""
        learned = self._of.get((company, customer), {}).get(NOT_EXACT, 0)
        return {**weights, NOT_EXACT: max(weights[NOT_EXACT], learned)}

    def liking(self, company: str, customer: str, rule: str, *, has_notes: bool, takes_notes: bool) -> float:
        """How much more often than usual this customer pays so: 1 where nothing is known."""
        own = self._of.get((company, customer))
        if own is None:
            return 1.0
        usual = self._usual.get(rule, 0)
        liking = own[rule] / usual if usual and rule in own else 1.0
        if has_notes and NETS_NOTES in own:
            nets, usually = own[NETS_NOTES], self._usual[NETS_NOTES]
            liking *= nets / usually if takes_notes else (1000 - nets) / (1000 - usually)
        return liking

    def pays_on(self, company: str, customer: str, weekday: int) -> int:
        """How often it pays on that day of the week (0 Monday), in thousandths."""
        habit = f"pays-{DAYS[weekday]}"
        return self._of.get((company, customer), self._usual).get(habit, self._usual[habit])


def _note(payment: Payment, tried: Counter[str], met: Counter[str]) -> None:
    """What one payment could have shown of its customer, and what it showed."""
    how = paid_as(payment)
    tried[NOT_EXACT] += 1
    met[NOT_EXACT] += how == NOT_EXACT
    if how not in (NOT_EXACT, ""):
        for habit in USUAL_HABITS:
            tried[habit] += habit != NOT_EXACT
        met[how] += 1
    for weekday, day in enumerate(DAYS):
        tried[f"pays-{day}"] += 1
        met[f"pays-{day}"] += payment.day.weekday() == weekday
    if payment.could_net:
        tried[NETS_NOTES] += 1
        met[NETS_NOTES] += payment.nets
    if payment.is_round is not None:
        tried[ROUND_SUMS] += 1
        met[ROUND_SUMS] += payment.is_round
