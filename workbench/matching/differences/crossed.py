"""An answer in another currency brought back to the receipt's: its legs, and the arithmetic for a person.

On the documents' side an exchange of each, of its own sign; on the receipt's side the cash, on account, and
an exchange that takes it off the account again, with a charge of the bank between them. So in each currency
cash applied + unapplied = received, and the two sides of the exchange are what one was given for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ...exchange import rounded
from ...money import exponent, to_text
from ...policy import DifferencePolicy
from ...subsets.expectations import SPREAD
from ..pool import Pool
from ..results import Answer, Deduction
from ..rules import Case

#: No document: the receipt's own side.
NO_DOCUMENT = -1
_RATE_DECIMALS = 6


@dataclass(frozen=True)
class Rate:
    """Receipt's minor units for one of the documents', and the least and most that were rounded to it.

    ``is_inverse``: the bank wrote it the other way round, documents' currency for one of the receipt's.
    """

    ratio: Fraction
    low: Fraction
    high: Fraction
    text: str
    is_stated: bool
    is_inverse: bool = False


@dataclass(frozen=True)
class Fee:
    """A charge that the bank states: minor units of its currency; ``bearer``: OUR, SHA or BEN."""

    currency: str
    amount: int
    bearer: str


@dataclass(frozen=True)
class Exchange:
    """So much of the documents' currency for so much cash, minor units each.

    ``official``: the day's official rate in minor units, ``away`` how far the rate is from it, as a share.
    ``width``: receipts that would do as well, ``ways`` how many rates and charges were tried.
    """

    currency: str
    amount: int
    cash_currency: str
    cash: int
    rate: Rate
    official: Fraction | None
    away: Fraction
    fee: Fee | None
    width: Fraction
    ways: int

    def is_within(self, per_million: int) -> bool:
        """Whether the rate is so near the official one, the limit inside; without one it is not."""
        return self.official is not None and abs(self.away) * 1_000_000 <= per_million

    def expected(self, policy: DifferencePolicy) -> float:
        """Payments to expect here that mean something else: all that this way would have taken."""
        width = self.width
        if not self.rate.is_stated:
            band = policy.exchange_band
            limit = band if band is not None and self.is_within(band) else policy.exchange_shown
            share = max(Fraction(limit, 1_000_000), abs(self.away))
            width = 2 * share * self.cash
        return float(self.ways * width / self.cash) / SPREAD


def crossed_answer(
    inner: Answer, case: Case, exchange: Exchange, pool: Pool, told: Mapping[str, object]
) -> Answer | None:
    """The answer of ``case``, or ``None`` where its documents do not come to what was exchanged."""
    if inner.surplus or not inner.positions:
        return None
    left = _left(inner, exchange.amount, pool)
    paid = {
        position: pool.open[position]
        - left.get(position, 0)
        - sum(one.amount for one in inner.deductions if one.position == position)
        for position in inner.positions
    }
    if sum(paid.values()) != exchange.amount or any(not amount for amount in paid.values()):
        return None
    fee, rate = exchange.fee, _rate_text(exchange)
    deductions = list(inner.deductions)
    here = exchange.cash
    if fee is not None and fee.currency == exchange.currency:
        largest = max(paid, key=lambda position: (paid[position], -position))
        if paid[largest] <= fee.amount:
            return None
        paid[largest] -= fee.amount
        deductions.append(Deduction(largest, "fee", fee.amount, "GBAN", fee.bearer))
    elif fee is not None:
        here += fee.amount
        deductions.append(Deduction(NO_DOCUMENT, "fee", fee.amount, "GBAN", fee.bearer))
    deductions += [Deduction(position, "exchange", amount, "DIFC", rate) for position, amount in paid.items()]
    deductions.append(Deduction(NO_DOCUMENT, "exchange", -here, "DIFC", rate))
    by = "exchange-at-bank-rate" if exchange.rate.is_stated else "exchange-at-official-rate"
    evidence = {**inner.evidence, **_arithmetic(exchange, rate), **told}
    evidence["amount"] = to_text(case.amount, case.currency)
    return Answer(
        by, inner.positions, evidence, tuple(deductions), tuple(sorted(left.items())), surplus=case.amount
    )


def _left(inner: Answer, amount: int, pool: Pool) -> dict[int, int]:
    """What stays open: as the answer says; of plain documents that are more, of the newest first."""
    left = dict(inner.left_open)
    if left or inner.deductions or any(pool.open[position] < 0 for position in inner.positions):
        return left
    over = pool.total(inner.positions) - amount
    for position in sorted(inner.positions, reverse=True):
        part = min(over, pool.open[position] - 1)
        if part > 0:
            left[position] = part
            over -= part
    return left


def _rate_text(exchange: Exchange) -> str:
    """The rate as the bank wrote it, else what the two amounts make, to six decimals."""
    return exchange.rate.text if exchange.rate.is_stated else _quoted(exchange.rate.ratio, exchange)


def _quoted(ratio: Fraction, exchange: Exchange) -> str:
    """A rate as people quote it: units of the lighter currency for one of the heavier."""
    whole = ratio * Fraction(10) ** (exponent(exchange.currency) - exponent(exchange.cash_currency))
    return _decimal(whole if whole >= 1 else 1 / whole)


def _decimal(value: Fraction) -> str:
    text = str(rounded(value * 10**_RATE_DECIMALS)).zfill(_RATE_DECIMALS + 1)
    whole, part = text[:-_RATE_DECIMALS], text[-_RATE_DECIMALS:].rstrip("0")
    return f"{whole}.{part}" if part else whole


def _arithmetic(exchange: Exchange, rate: str) -> dict[str, object]:
    """``10000.00 USD × 4012.5 = 40125000.00 COP``, and how far that is from the official rate."""
    fee = exchange.fee
    there = f"{to_text(exchange.amount, exchange.currency)} {exchange.currency}"
    here = f"{to_text(exchange.cash, exchange.cash_currency)} {exchange.cash_currency}"
    charge = f"{to_text(fee.amount, fee.currency)} {fee.currency}" if fee else ""
    if fee is not None and fee.currency == exchange.currency:
        there = f"({there} − {charge})"
    elif fee is not None:
        here = f"{here} + {charge}"
    times = "÷" if exchange.rate.is_inverse else "×"
    told: dict[str, object] = {"exchange": f"{there} {times} {rate} = {here}"}
    if not exchange.rate.is_stated:
        told = {"exchange": f"{there} = {here}, {rate}"}
    if exchange.official is not None:
        basis = rounded(exchange.away * 10_000)
        sign = "-" if basis < 0 else "+"
        share = f"{sign}{abs(basis) // 100}.{abs(basis) % 100:02d}%"
        told["official_rate"] = f"{_quoted(exchange.official, exchange)} ({share})"
    return told
