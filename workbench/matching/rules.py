"""The exact rules, in the order they are asked. Each applies, leaves with a reason, or says nothing.

Once a rule has left a receipt, what later rules find is only suggested: the facts disagree, and a person
decides. Source: DOMAIN, section 3, steps 1 and 2; section 5 for credits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from ..money import to_text
from ..references import Mention
from ..subsets import find_subsets
from .parties import Party
from .pool import Pool
from .results import Answer, Verdict

#: Ways to read ambiguous references that are shown; more would help nobody decide.
MOST_READINGS = 64


@dataclass(frozen=True)
class Case:
    """A receipt before the rules: ``amount`` in minor units, what its text names, and who paid.

    ``orders``: what it names of orders, where it names no document. ``is_name_contrary``: it names only what
    it cannot pay, of another customer, and were that open the payer would not be known: no digit of such a
    name is taken for a mistake, today no more than on the day when the document was open.
    """

    company: str
    currency: str
    amount: int
    party: Party
    mentions: Sequence[Mention]
    text: str = ""
    orders: Sequence[Mention] = ()
    is_name_contrary: bool = False

    @property
    def allowed_customers(self) -> frozenset[str]:
        """Whose documents may be taken: the payer's and those it pays for; nobody's when nobody is known."""
        party = self.party
        is_known = party.customer_id and party.is_fact
        return party.pays_for | {party.customer_id} if is_known else frozenset()

    def evidence(self, **facts: object) -> dict[str, object]:
        known = {"customer": self.party.known_by} if self.party.known_by else {}
        return {"amount": to_text(self.amount, self.currency), **known, **facts}


def exact_references(case: Case, pool: Pool) -> Verdict | None:
    """Every document the text names is open, of one customer, and together they are the amount.

    A document in instalments is paid oldest first, so it also fits when its oldest items are the amount.
    """
    if not case.mentions:
        return None
    choices = [living(mention.positions, case, pool) for mention in case.mentions]
    dead = [
        why_dead(mention.positions, case, pool)
        for mention, choice in zip(case.mentions, choices, strict=True)
        if not choice
    ]
    written = [mention.written for mention in case.mentions]
    readings = _readings([list(pool.by_document(choice).values()) for choice in choices if choice])
    if not readings:
        return Verdict(reason=dead[0])
    answers = [
        Answer("exact-references", reading, case.evidence(references=written, items=len(reading)))
        for reading in (_as_paid(reading, case.amount, pool) for reading in readings)
    ]
    if dead:
        return Verdict(reason=dead[0], proposals=tuple(answers))
    if len(answers) > 1:
        exact = [answer for answer in answers if pool.total(answer.positions) == case.amount]
        together = tuple(sorted({position for choice in choices for position in choice}))
        if exact or pool.total(together) != case.amount:
            return Verdict(reason="reference-ambiguous", proposals=tuple(exact or answers))
        # What several documents have in common (a contract, a shipment) names them all, where no other set of
        # them is the amount and all are; else the other set is shown beside.
        as_good = _sets_as_good(together, case.amount, pool)
        answers = [
            Answer("exact-references", one, case.evidence(references=written, items=len(one)))
            for one in (together, *as_good)
        ]
        if as_good:
            return Verdict(reason="reference-ambiguous", proposals=tuple(answers))
    answer = answers[0]
    doubt = doubt_about(answer.positions, case, pool)
    if doubt:
        return Verdict(reason=doubt, proposals=(answer,))
    if pool.total(answer.positions) != case.amount:
        return Verdict(reason="amount-differs-from-references", proposals=(answer,))
    return Verdict(applied=answer)


def living(positions: Sequence[int], case: Case, pool: Pool) -> list[int]:
    """Of the items a name may mean, those that can be paid; the receipt's own customer's when it has any."""
    alive = [
        position
        for position in positions
        if pool.is_alive(position) and pool.currency[position] == case.currency
    ]
    allowed = case.allowed_customers
    own = [position for position in alive if pool.customer[position] in allowed]
    return own or alive


def why_dead(positions: Sequence[int], case: Case, pool: Pool) -> str:
    """Why nothing that a name means can be paid by this receipt."""
    here = [position for position in positions if pool.currency[position] == case.currency]
    if not here:
        return "reference-in-another-currency"
    if any(pool.is_settled(position) for position in here):
        return "reference-already-settled"
    return (
        "reference-blocked" if any(pool.is_blocked[position] for position in here) else "reference-too-late"
    )


def doubt_about(positions: Sequence[int], case: Case, pool: Pool) -> str:
    """Why a set that is named may still not be applied by itself; empty when nothing speaks against it."""
    customers = {pool.customer[position] for position in positions}
    if len(customers) > 1:
        return "references-of-several-customers"
    allowed = case.allowed_customers
    if allowed and case.party.known_by != "reference" and not customers <= allowed:
        return "reference-of-another-customer"
    # A payment booked in the ERP is nobody's credit note: setting it off is a person's decision.
    if any(pool.open[position] < 0 and pool.kind[position] != "credit_note" for position in positions):
        return "unusual-items"
    return ""


def oldest_that_make(items: Sequence[int], amount: int, pool: Pool) -> tuple[int, ...] | None:
    """The oldest whole items of one document that make the amount, or ``None``."""
    total = 0
    for count, position in enumerate(items, start=1):
        total += pool.open[position]
        if total == amount:
            return tuple(items[:count])
    return None


def _sets_as_good(whole: tuple[int, ...], amount: int, pool: Pool) -> list[tuple[int, ...]]:
    """Smaller sets that are the amount as the whole is; the whole itself where it is not proven to be alone.

    What all has one sign has none: each item left out leaves less. Beside credits it has to be searched.
    """
    owed = [pool.open[position] for position in whole]
    if min(owed) > 0 or max(owed) < 0:
        return []
    found = find_subsets(np.array(owed, dtype=np.int64), amount)
    if found.verdict == "unique":
        return []
    sets = [tuple(whole[place] for place in places) for places in found.subsets]
    return [one for one in sets if len(one) < len(whole)] or [whole]


def _readings(choices: list[list[tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """Every way to give each name one document, as sets of items, each once."""
    readings: dict[tuple[int, ...], None] = {}
    for chosen in islice(product(*choices), MOST_READINGS):
        if chosen:
            readings.setdefault(tuple(sorted({position for items in chosen for position in items})))
    return list(readings)


def _as_paid(reading: tuple[int, ...], amount: int, pool: Pool) -> tuple[int, ...]:
    if pool.total(reading) == amount or len(pool.by_document(reading)) != 1:
        return reading
    return oldest_that_make(reading, amount, pool) or reading
