"""Documents of another currency than the receipt: the amount it is there, at which rate, and what proves it.

The case is put into the documents' currency, the rules decide there as everywhere, and their answer comes
back with an exchange: of each document its own leg in its currency, and on the receipt's side one that takes
the cash from the account again. What the bank states proves itself by exact arithmetic; a rate that nobody
states is taken only for named documents and within the policy's band of the official rate of the day.
Source: DOMAIN, sections 4 and 20.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ...exchange import OfficialRates, in_minor_units, rounded
from ...money import exponent
from ...policy import MatchingPolicy
from ..pool import USUAL_KINDS, Pool
from ..results import Answer, Verdict
from ..rules import Case
from .crossed import Exchange, Fee, Rate, crossed_answer
from .stated import Stated, read_stated

Ask = Callable[[Case, Pool], Verdict | None]
#: Amounts of one receipt in one currency that are tried; a text that states more states nothing.
MOST_AMOUNTS = 8
#: Documents that nobody named are shown, the nearest to the official rate first.
MOST_SHOWN = 5
#: A rate twice the official one, or half of it, is the rate of something else.
_FARTHEST = 2
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class _Found:
    """An answer with its exchange; ``reason``: why a person must look, '' where it may be applied."""

    answer: Answer
    chance: float
    reason: str = ""


class Crossing:
    """Asks the rules in the customer's other currencies."""

    def __init__(self, policy: MatchingPolicy, official: OfficialRates) -> None:
        self._policy, self._official = policy, official

    def ask(
        self, ask: Ask, case: Case, pool: Pool, day: int, *, is_named: bool, most_chance: float
    ) -> Verdict | None:
        """What the rule says of documents in other currencies; ``None`` where it says nothing of them.

        ``is_named``: the rule knows its documents, by name or by what the customer told; else by amount.
        ``day``: the receipt's, days since 1970.
        """
        currencies = self._of(case, pool)
        if not currencies or case.amount <= 0:
            return None
        stated = read_stated(case.text)
        found: dict[tuple[object, ...], _Found] = {}
        for currency in currencies:
            official = self._official.ratio(currency, case.currency, dt.date.fromordinal(day + _EPOCH))
            side = _Side(case, currency, stated, official, self._policy.differences.bearer)
            own = list(self._stated(ask, side, pool, is_named))
            if is_named and all(one.reason for one in own):
                shown = {one.answer.positions for one in own}
                own += [one for one in self._unstated(ask, side, pool) if one.answer.positions not in shown]
            elif not is_named and not own and not stated.amounts and not stated.rates:
                own += self._near(side, pool)
            for one in own:
                found.setdefault((one.answer.positions, one.answer.deductions), one)
        return _verdict(list(found.values()), most_chance)

    def _of(self, case: Case, pool: Pool) -> list[str]:
        """The other currencies in which the customer, or with none known anybody, owes something."""
        others = [one for one in pool.currencies if one != case.currency]
        customers = case.allowed_customers or {case.party.customer_id} - {""}
        if not customers:
            return others
        accounts = ((case.company, customer) for customer in customers)
        owed = {
            currency
            for company, customer in accounts
            for currency in others
            if (account := pool.accounts.get((company, customer, currency))) and account.positions
        }
        return sorted(owed)

    def _stated(self, ask: Ask, side: _Side, pool: Pool, is_named: bool) -> Iterator[_Found]:
        """The amounts that the text states in the documents' currency, or that its rate makes of the cash."""
        for amount in side.amounts():
            verdict = ask(side.case_of(amount), pool)
            if verdict is None:
                continue
            inner = verdict.applied
            reason = "" if inner else verdict.reason
            for answer in [inner] if inner else verdict.proposals[:1]:
                exchange = side.exchange(amount)
                if exchange is not None:
                    yield from self._judged(
                        answer, side, exchange, pool, reason, verdict.chance, is_named=is_named
                    )

    def _unstated(self, ask: Ask, side: _Side, pool: Pool) -> Iterator[_Found]:
        """Named documents whole, at the rate that their total and the cash make."""
        if side.official is None:
            return
        first = ask(side.case_of(max(rounded(side.case.amount / side.ratio), 1)), pool)
        if first is None:
            return
        for plain in [one for one in (first.applied, *first.proposals) if one][:MOST_AMOUNTS]:
            total = pool.total(plain.positions)
            exchange = side.at_official(total) if total > 0 else None
            verdict = ask(side.case_of(total), pool) if exchange else None
            if exchange and verdict and verdict.applied and verdict.applied.positions == plain.positions:
                yield from self._judged(
                    verdict.applied, side, exchange, pool, "", verdict.chance, is_named=True
                )

    def _near(self, side: _Side, pool: Pool) -> Iterator[_Found]:
        """Documents that nobody named, about the cash at the official rate: shown, never applied."""
        account = pool.accounts.get((side.case.company, side.case.party.customer_id, side.currency))
        if side.official is None or account is None:
            return
        usual = sorted(one for one in account.positions if pool.kind[one] in USUAL_KINDS)
        sets: list[tuple[int, ...]] = [(position,) for position in usual if pool.open[position] > 0]
        sets += [tuple(usual)] if len(usual) > 1 else []
        shown = []
        for positions in dict.fromkeys(sets):
            exchange = side.at_official(pool.total(positions))
            if exchange and exchange.is_within(self._policy.differences.exchange_shown):
                exchange = replace(exchange, ways=len(sets))
                answer = Answer("single-amount" if len(positions) == 1 else "whole-account", positions)
                shown.append((abs(exchange.away), positions, answer, exchange))
        for _, _, answer, exchange in sorted(shown, key=lambda one: one[:2])[:MOST_SHOWN]:
            why = "exchange-rate-not-stated"
            yield from self._judged(answer, side, exchange, pool, why, 0.0, is_named=False)

    def _judged(
        self,
        inner: Answer,
        side: _Side,
        exchange: Exchange,
        pool: Pool,
        reason: str,
        chance: float,
        *,
        is_named: bool,
    ) -> Iterator[_Found]:
        exact = self._share_exact(is_named)
        expected = exchange.expected(self._policy.differences)
        inexact = self._policy.habits["not-exact"] / 1000
        accident = expected * inexact / (exact + expected * inexact) if expected else 0.0
        both = chance + accident
        told = {"expected": f"{expected:.1e}", "chance": f"{both:.1e}"}
        answer = crossed_answer(inner, side.case, exchange, pool, told)
        if answer is not None:
            yield _Found(answer, both, reason or self._why_not(exchange, side.stated))

    def _share_exact(self, is_named: bool) -> float:
        """How often a payment is this: of named documents all that is exact, of others a small share."""
        if is_named:
            return 1 - self._policy.habits["not-exact"] / 1000
        return self._policy.exact_differences["exchange"] / 1000

    def _why_not(self, exchange: Exchange, stated: Stated) -> str:
        policy = self._policy.differences
        if exchange.official is not None and not exchange.is_within(policy.exchange_shown):
            return "exchange-rate-odd"
        fee = exchange.fee
        if fee is not None:
            if fee.bearer == "OUR":
                return "charges-not-ours"
            if fee.amount > policy.wire_charges.get(fee.currency, 0):
                return "charges-over-limit"
        if exchange.rate.is_stated:
            return ""
        # A rate that the bank states and that does not make the cash speaks against any other.
        band = None if stated.rates else policy.exchange_band
        return "" if band is not None and exchange.is_within(band) else "exchange-rate-not-stated"


class _Side:
    """One receipt against documents of one other currency: what is stated of it, and the official rate."""

    def __init__(
        self, case: Case, currency: str, stated: Stated, official: Fraction | None, bearer: str
    ) -> None:
        self.case, self.currency, self.stated, self.official = case, currency, stated, official
        self.ratio = in_minor_units(official, currency, case.currency) if official else Fraction(0)
        self.rates = list(self._oriented())
        self.fees: list[Fee | None] = [None]
        self.fees += [
            Fee(code, amount, stated.bearer or bearer)
            for code, amount in stated.charges
            if code in (case.currency, currency)
        ]

    def case_of(self, amount: int) -> Case:
        return replace(self.case, currency=self.currency, amount=amount)

    def _oriented(self) -> Iterator[Rate]:
        """The rates stated, as receipt's minor units per document's: either way round, or as the official."""
        for one in self.stated.rates:
            low, high = max(one.rate - one.half, one.rate / 2), one.rate + one.half
            ways = ((one.rate, low, high, False), (1 / one.rate, 1 / high, 1 / low, True))
            for plain, least, most, is_inverse in ways:
                if self.official and not 1 / Fraction(_FARTHEST) < plain / self.official < _FARTHEST:
                    continue
                shown, lowest, highest = (
                    in_minor_units(rate, self.currency, self.case.currency) for rate in (plain, least, most)
                )
                yield Rate(shown, lowest, highest, one.text, is_stated=True, is_inverse=is_inverse)

    def amounts(self) -> list[int]:
        """What the receipt may be in the documents' currency: as stated, or as the stated rate makes it."""
        found = [amount for code, amount in self.stated.amounts if code == self.currency]
        for rate in self.rates:
            for fee in self.fees:
                here = fee.amount if fee and fee.currency == self.case.currency else 0
                there = fee.amount if fee and fee.currency == self.currency else 0
                amount = rounded((self.case.amount + here) / rate.ratio)
                if amount > 0 and abs(amount * rate.ratio - self.case.amount - here) <= self._half(rate):
                    found.append(amount + there)
        unique = list(dict.fromkeys(found))
        return unique if len(unique) <= MOST_AMOUNTS else []

    def _half(self, rate: Rate) -> Fraction:
        """Half of what the bank rounds to: the minor unit, or a whole unit that is less than one there."""
        whole: int = 10 ** exponent(self.case.currency)
        return Fraction(whole if whole < rate.ratio else 1, 2)

    def exchange(self, amount: int) -> Exchange | None:
        """How so much over there is the cash here: by a stated rate and charges, else by what both make."""
        for rate in self.rates:
            half = self._half(rate)
            for fee in self.fees:
                here = self.case.amount + (fee.amount if fee and fee.currency == self.case.currency else 0)
                there = amount - (fee.amount if fee and fee.currency == self.currency else 0)
                if there > 0 and there * rate.low - half <= here <= there * rate.high + half:
                    width = there * (rate.high - rate.low) + 2 * half
                    ways = len(self.rates) * len(self.fees)
                    return self._made(amount, rate, fee, width, ways)
        return self.at_official(amount) if self.official else self._implied(amount)

    def at_official(self, amount: int) -> Exchange | None:
        exchange = self._implied(amount)
        return exchange if 1 / Fraction(_FARTHEST) < 1 + exchange.away < _FARTHEST else None

    def _implied(self, amount: int) -> Exchange:
        ratio = Fraction(self.case.amount, amount)
        return self._made(amount, Rate(ratio, ratio, ratio, "", is_stated=False), None, Fraction(0), 1)

    def _made(self, amount: int, rate: Rate, fee: Fee | None, width: Fraction, ways: int) -> Exchange:
        official = self.ratio if self.official else None
        away = rate.ratio / self.ratio - 1 if official else Fraction(0)
        return Exchange(
            self.currency,
            amount,
            self.case.currency,
            self.case.amount,
            rate,
            official,
            away,
            fee,
            width,
            ways,
        )


def _verdict(found: Sequence[_Found], most_chance: float) -> Verdict | None:
    """The one answer that may be applied; else all, with the reason of the first."""
    if not found:
        return None
    free = [one for one in found if not one.reason]
    if len(free) == 1 and free[0].chance <= most_chance:
        return Verdict(applied=free[0].answer, chance=free[0].chance)
    ordered = sorted(found, key=lambda one: (bool(one.reason), one.chance, one.answer.positions))
    reason = ("several-explanations" if len(free) > 1 else "not-proven") if free else ordered[0].reason
    answers = tuple(one.answer for one in ordered[:MOST_SHOWN])
    return Verdict(reason=reason, proposals=answers, chance=ordered[0].chance)
