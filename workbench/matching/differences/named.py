"""Documents that are known, and money that is not exactly theirs: explained, allowed by policy, or shown.

Source: DOMAIN, section 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ...exchange import OfficialRates
from ...money import to_text
from ...policy import MatchingPolicy
from ...subsets.expectations import coincidence, shares_by_zeros
from ...withholdings import WithholdingSolver
from ..cleared import Cleared
from ..hypotheses import Space
from ..pool import Pool
from ..proof import weigh
from ..results import Answer, Deduction, Verdict
from ..rules import Case, doubt_about
from .allowances import allowances
from .crossing import Ask, Crossing
from .discounts import discounts_of
from .sieve import WithholdingSieve
from .single import Customer, difference_spaces, taxed
from .tolerances import Tolerated, tolerated_before

#: What leaves a receipt whose documents are known only because the money differs.
EXPLAINABLE = frozenset(
    {
        "amount-differs-from-references",
        "advice-has-deductions",
        "advice-pays-part",
        "advice-differs-from-receipt",
        "amount-differs-from-order",
        "reading-not-proven",
    }
)
#: Of these, where the documents are facts, so that what the policy allows may be done.
ALLOWABLE = EXPLAINABLE - {"reading-not-proven"}
#: Where the receipt's own currency has nothing to say of documents that are named.
_ELSEWHERE = "reference-in-another-currency"
_EPOCH = dt.date(1970, 1, 1).toordinal()


class Differences:
    """One pass over the receipts: what explains a difference, and what tolerances have taken so far.

    ``tolerated``: what they took before (``TOLERATED``), by customer and month.
    """

    def __init__(
        self,
        policy: MatchingPolicy,
        tolerated: pd.DataFrame | None = None,
        solver: WithholdingSolver | None = None,
        official: OfficialRates | None = None,
    ) -> None:
        self.policy = policy
        self._crossing = Crossing(policy, official or OfficialRates(None))
        self.solver = solver or WithholdingSolver(policy.withholdings)
        self._sieve = WithholdingSieve(self.solver)
        self._tolerated: Tolerated = tolerated_before(tolerated)

    def settle(self, verdict: Verdict, case: Case, pool: Pool, day: int, most_chance: float) -> Verdict:
        """The verdict, where its documents are known and only the amount differs: applied when explained.

        ``day``: the receipt's, days since 1970. An exact explanation (withholding, discount earned) is
        weighed against its rivals and an accident; what the policy allows of itself needs no proof beyond
        the documents. Everything else comes before the plain answer, as suggestions.
        """
        if verdict.applied or verdict.reason not in EXPLAINABLE:
            return verdict
        named = {answer.positions: answer for answer in reversed(verdict.proposals) if answer.positions}
        exact = [
            (answer, chance)
            for plain in reversed(named.values())
            if not doubt_about(plain.positions, case, pool) and not _names_twice(plain, pool)
            for answer, chance in self._exact(plain, _as_customer_of(plain, case, pool), pool, day)
        ]
        if exact:
            return self._explained(exact, verdict, case, pool, most_chance)
        if len(named) != 1 or not (verdict.reason in ALLOWABLE or _is_nearly_borne_out(verdict, case)):
            return verdict
        plain = verdict.proposals[0]
        if doubt_about(plain.positions, case, pool) or _names_twice(plain, pool):
            return verdict
        return self._allowed(plain, verdict, _as_customer_of(plain, case, pool), pool, day)

    def cross(
        self,
        verdict: Verdict | None,
        ask: Ask,
        case: Case,
        pool: Pool,
        day: int,
        most_chance: float,
        *,
        is_named: bool,
        cleared: Cleared,
    ) -> Verdict | None:
        """The verdict, unless it leaves the receipt and documents of another currency are its answer.

        ``ask``: the rule that gave it, asked there in its turn; ``cleared``: what the ERP has taken already
        speaks against an answer by amount there as here.
        """
        if verdict is not None and (verdict.applied or (is_named and verdict.reason != _ELSEWHERE)):
            return verdict

        def settled(other: Case, there: Pool) -> Verdict | None:
            told = ask(other, there)
            return told and self.settle(told, other, there, day, most_chance)

        crossed = self._crossing.ask(settled, case, pool, day, is_named=is_named, most_chance=most_chance)
        if crossed is None:
            return verdict
        if crossed.applied and not is_named:
            whose = case.party.customer_id
            currency, amount = _exchanged(crossed.applied, pool)
            on = dt.date.fromordinal(day + _EPOCH)
            if cleared.near(case.company, whose, currency, (amount,), on):
                crossed = Verdict(reason="receipt-perhaps-cleared", proposals=(crossed.applied,))
        own = verdict.proposals if verdict else ()
        if not own:
            return crossed
        others = filter(None, (crossed.applied, *crossed.proposals))
        reason = verdict.reason if verdict and not crossed.applied else "several-explanations"
        return Verdict(reason=reason, proposals=(*own, *others))

    def _allowed(self, plain: Answer, verdict: Verdict, case: Case, pool: Pool, day: int) -> Verdict:
        """What the policy allows of itself; else everything that may explain it, before the plain answer."""
        suspect = list(self._suspect(plain, case, pool, day))
        room = self._room(plain, pool, day)
        allowed = [
            (replace(one.answer, evidence={**plain.evidence, **one.answer.evidence}), one)
            for one in allowances(plain.positions, case, pool, self.policy.differences, room, plain.left_open)
        ]
        # Parts told document by document, which are the cash together, are no slip of a number.
        is_told = bool(plain.left_open) and pool.total(plain.positions) - case.amount == sum(
            amount for _, amount in plain.left_open
        )
        if not suspect and (is_told or not self._has_exact_item(plain, case, pool)):
            for answer, one in allowed:
                if one.is_allowed and (answer.deductions or verdict.reason in ALLOWABLE):
                    return Verdict(applied=answer)
        shown = [*suspect, *((answer, one.reason) for answer, one in allowed if answer.deductions)]
        reason = shown[0][1] if shown else verdict.reason
        return replace(
            verdict, reason=reason, proposals=(*(answer for answer, _ in shown), *verdict.proposals)
        )

    def spaces(self, positions: list[int], pool: Pool, case: Case, day: int) -> Iterator[Space]:
        """The same for one document that nobody named (``difference_spaces``)."""
        who = Customer(case.party.customer_id, case.currency, day)
        return difference_spaces(
            positions, pool, case.amount, who, policy=self.policy.differences, sieve=self._sieve
        )

    def is_capped(self, answer: Answer, pool: Pool, day: int) -> bool:
        """Whether a tolerance of this answer would take more than the customer's month allows."""
        taken = sum(abs(one.amount) for one in answer.deductions if one.kind == "tolerance")
        room = self._room(answer, pool, day) if taken else None
        return room is not None and taken > room

    def note(self, answer: Answer, pool: Pool, day: int) -> None:
        """Remember what a tolerance took."""
        for one in answer.deductions:
            if one.kind == "tolerance":
                key = self._month(
                    pool.company[one.position], pool.customer[one.position], pool.currency[one.position], day
                )
                self._tolerated[key] = self._tolerated.get(key, 0) + abs(one.amount)

    def _explained(
        self,
        exact: list[tuple[Answer, float]],
        verdict: Verdict,
        case: Case,
        pool: Pool,
        most_chance: float,
    ) -> Verdict:
        best, chance = exact[0]
        answers = tuple(answer for answer, _ in exact)
        is_one = len({answer.positions for answer in answers}) == 1
        is_clear = is_one and not self._has_exact_item(best, _as_customer_of(best, case, pool), pool)
        if is_clear and chance <= most_chance:
            return Verdict(applied=best, chance=chance)
        reason = "not-proven" if is_clear and len(exact) == 1 else "several-explanations"
        return replace(verdict, reason=reason, proposals=(*answers, *verdict.proposals), chance=chance)

    def _exact(self, plain: Answer, case: Case, pool: Pool, day: int) -> Iterator[tuple[Answer, float]]:
        """Withholdings and discounts that are exactly what is short, the surest first, with its chance."""
        spaces = [*self._withheld(plain, case, pool), *self._discounts(plain, case, pool, day)]
        if not any(space.answers for space in spaces):
            return
        opened = np.array([pool.open[position] for position in plain.positions], dtype=np.int64)
        weighed = weigh(
            spaces,
            opened,
            weights={**self.policy.habits, **self.policy.exact_differences},
            coincidence=coincidence(case.amount, shares_by_zeros(opened)),
        )
        for one in weighed:
            facts = {
                "items": len(plain.positions),
                "expected": f"{one.expected:.1e}",
                "chance": f"{one.chance:.1e}",
                "rivals": len(weighed) - 1,
            }
            yield _settled(one.rule, plain, one.settled, case, facts), one.chance

    def _withheld(self, plain: Answer, case: Case, pool: Pool, *, is_due: bool = True) -> Iterator[Space]:
        short = pool.total(plain.positions) - case.amount
        if not self.solver.is_known or case.currency != self.solver.currency:
            return
        documents = [taxed(position, pool, position) for position in plain.positions]
        splits = self.solver.solve(documents, case.party.customer_id, short, is_due=is_due)
        everything = tuple(range(len(plain.positions)))
        for rule, is_plain, sets in (
            ("withheld", True, splits.plain),
            ("withheld-rounded", False, splits.rounded),
        ):
            found = [split.deductions for split in splits.found if split.is_plain == is_plain]
            if sets:
                expected = sets / (6.0 * abs(case.amount))
                yield Space(rule, float(sets), expected, (everything,) * len(found), settled=tuple(found))

    def _discounts(
        self, plain: Answer, case: Case, pool: Pool, day: int, *, is_earned: bool = True
    ) -> Iterator[Space]:
        """Every document less its discount; of documents that offer several, the first stated."""
        taken = []
        for position in plain.positions:
            offered = discounts_of(position, pool, day, self.policy.differences)
            fitting = [
                one
                for one in offered
                if one.is_earned or not is_earned or self.policy.differences.has_unearned_discount
            ]
            if fitting:
                one = fitting[0]
                code = "DPP" if one.is_earned else "DPN"
                taken.append(Deduction(position, "discount", one.amount, code, one.detail))
        if taken:
            is_exact = sum(one.amount for one in taken) == pool.total(plain.positions) - case.amount
            answers: tuple[tuple[int, ...], ...] = (tuple(range(len(plain.positions))),) if is_exact else ()
            settled = (tuple(taken),) if is_exact else ()
            yield Space("discount-earned", 1.0, 1 / (6.0 * abs(case.amount)), answers, settled=settled)

    def _suspect(self, plain: Answer, case: Case, pool: Pool, day: int) -> Iterator[tuple[Answer, str]]:
        """What is exact and still not due: withheld without having to, a discount taken too late."""
        for space in self._withheld(plain, case, pool, is_due=False):
            for settled in space.settled:
                yield _settled("withheld-not-due", plain, settled, case, {}), "withheld-not-due"
        for space in self._discounts(plain, case, pool, day, is_earned=False):
            for settled in space.settled:
                yield _settled("discount-not-earned", plain, settled, case, {}), "discount-not-earned"

    def _has_exact_item(self, plain: Answer, case: Case, pool: Pool) -> bool:
        """Another document of the customer is exactly the cash: then the name may be the mistake."""
        account = pool.accounts.get((case.company, case.party.customer_id, case.currency))
        same = account.by_amount.get(case.amount, set()) if account else set()
        return bool(same - set(plain.positions))

    def _room(self, plain: Answer, pool: Pool, day: int) -> int | None:
        position = plain.positions[0]
        currency = pool.currency[position]
        cap = self.policy.differences.tolerance_caps.get(currency)
        if cap is None:
            return None
        key = self._month(pool.company[position], pool.customer[position], currency, day)
        return cap - self._tolerated.get(key, 0)

    def _month(self, company: str, customer: str, currency: str, day: int) -> tuple[str, str, str, str]:
        return company, customer, currency, dt.date.fromordinal(day + _EPOCH).strftime("%Y-%m")


def _settled(
    rule: str, plain: Answer, deductions: Sequence[Deduction], case: Case, facts: Mapping[str, object]
) -> Answer:
    evidence = {**plain.evidence, "deductions": deductions_text(deductions, case.currency), **facts}
    return Answer(rule, plain.positions, evidence, tuple(deductions))


def deductions_text(deductions: Sequence[Deduction], currency: str) -> list[str]:
    """Each deduction as a person reads it: reason, amount and rate."""
    return [
        f"{one.code} {to_text(one.amount, currency)}" + (f" ({one.detail})" if one.detail else "")
        for one in sorted(deductions, key=lambda one: (one.code, one.position))
    ]


def _exchanged(answer: Answer, pool: Pool) -> tuple[str, int]:
    """The documents' currency and what was exchanged for them."""
    there = [one for one in answer.deductions if one.kind == "exchange" and one.position >= 0]
    return pool.currency[there[0].position], sum(one.amount for one in there)


def _names_twice(plain: Answer, pool: Pool) -> bool:
    """An advice that names a document twice pays it twice: no difference explains that."""
    named = plain.evidence.get("references")
    is_advice = "advice" in plain.evidence
    return is_advice and isinstance(named, list) and len(named) != len(pool.by_document(plain.positions))


def _is_nearly_borne_out(verdict: Verdict, case: Case) -> bool:
    """A number written in full, but for signs and zeros, of a payer who is known: a small difference is one.

    Its amount bears it out as far as the policy's own limits go; a part or a surplus would not.
    """
    plain = verdict.proposals[0]
    return bool(case.allowed_customers) and plain.evidence.get("reading") == "bare"


def _as_customer_of(plain: Answer, case: Case, pool: Pool) -> Case:
    """The case as the customer's whose documents are named, where nobody else is known."""
    if case.party.customer_id:
        return case
    customer = pool.customer[plain.positions[0]]
    return replace(case, party=case.party._replace(customer_id=customer))
