"""Exchange rates in force and amounts in another currency (tasa de cambio, TRM), in exact integers.

A certified rate is in force on the days it states: weekends and holidays keep the last one. Where no rate
joins two currencies, the inverse serves, then a cross through one currency: two legs of one source first
(ECB rates all stand against the euro), else of several (euro to dollar by the ECB, dollar to peso by the
TRM), at most three. Whatever the route, an amount is multiplied by the exact ratio and rounded once, half
away from zero.
Source: DOMAIN, section 20.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from .calendar import day_numbers
from .errors import AmountOverflowError, MissingRateError
from .money import LARGEST_AMOUNT, RATE_SCALE, Amounts, exponent, round_half_away
from .tables import FINDINGS, RATES

#: Who is asked first where several sources know a rate and none is named; the others follow by name.
SOURCE_ORDER = ("trm", "ecb")
_Leg = tuple[str, str]
_EPOCH = dt.date(1970, 1, 1).toordinal()
#: What ``calendar.day_numbers`` makes of an absent day.
NO_DAY = int(np.datetime64("NaT").astype(np.int64))


def rate_in_force(
    rates: pd.DataFrame,
    *,
    from_currency: str,
    to_currency: str,
    on: dt.date,
    source: str | None = None,
) -> int:
    """To-currency per one from-currency on the day ``on``, × ``money.RATE_SCALE``, for showing.

    A computed rate (inverse or cross) is rounded to the scale; amounts are better left to
    :func:`translate`, which keeps the exact ratio. ``source`` keeps to one publisher. Raises
    :class:`MissingRateError` naming both currencies, the day and the nearest day that has a rate.
    """
    ratio = _ratio(rates, from_currency, to_currency, on, source)
    return round_half_away(ratio.numerator * RATE_SCALE, ratio.denominator)


def translate(
    frame: pd.DataFrame,
    amount_columns: Sequence[str],
    rates: pd.DataFrame,
    *,
    on: dt.date,
    to_currency: str,
    source: str | None = None,
) -> pd.DataFrame:
    """The frame with ``amount_columns`` in ``to_currency`` at the rates of the day ``on``.

    Each amount is rounded once, half away from zero; rows already in ``to_currency`` keep theirs;
    ``currency`` becomes ``to_currency``. Same rows, same order. Raises :class:`MissingRateError` for the
    first currency without a rate (ask :func:`missing_rates` first to see them all) and
    :class:`AmountOverflowError` for an amount beyond 64 bits.
    """
    codes, currencies = pd.factorize(frame["currency"], sort=True)
    translated = {name: frame[name].to_numpy(dtype=np.int64).copy() for name in amount_columns}
    for code, currency in enumerate(currencies):
        shift = Fraction(10) ** (exponent(to_currency) - exponent(currency))
        ratio = _ratio(rates, currency, to_currency, on, source) * shift
        rows = codes == code
        for amounts in translated.values():
            amounts[rows] = _multiplied(amounts[rows], ratio)
    return frame.assign(**translated, currency=to_currency)


class OfficialRates:
    """The rates of many days, asked again and again: each day's are looked up once.

    ``rates``: ``tables.RATES``, or ``None`` where nobody has any.
    """

    def __init__(self, rates: pd.DataFrame | None) -> None:
        self._rates = RATES.empty() if rates is None else rates
        ordered = _by_beginning(self._rates)
        self._first, self._last = (
            day_numbers(ordered[name].to_numpy()) for name in ("valid_from", "valid_through")
        )
        names = ("source", "from_currency", "to_currency", "rate")
        self._stated = list(zip(*(ordered[name].tolist() for name in names), strict=True))
        self._days: dict[dt.date, dict[str, dict[_Leg, Fraction]]] = {}
        self._known: dict[tuple[str, str, dt.date], Fraction | None] = {}

    def ratio(self, from_currency: str, to_currency: str, on: dt.date) -> Fraction | None:
        """To-currency per one from-currency in major units, exactly; ``None`` where no rate is in force."""
        asked = (from_currency, to_currency, on)
        if asked not in self._known:
            self._known[asked] = _crossed(self._of_day(on), from_currency, to_currency)
        return self._known[asked]

    def values(
        self,
        amounts: Amounts,
        currencies: Sequence[str] | pd.Series,
        days: npt.NDArray[np.datetime64],
        *,
        to_currency: str,
    ) -> Valued:
        """Each amount at the rate of its own currency and day, exactly, rounded once, half away from zero.

        Minor units in and out. What has no rate, or no day, is 0 there and not ``is_known``. A currency and
        day are looked up and multiplied together, so a million rows of some hundred days take a second.
        """
        codes, names = pd.factorize(pd.Series(currencies), sort=True)
        numbers = day_numbers(days)
        groups = pd.DataFrame({"code": codes, "day": numbers})
        place = groups.groupby(["code", "day"], sort=True).ngroup().to_numpy()
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        bounds = np.append(starts, len(order))
        found: Amounts = np.zeros(len(order), dtype=np.int64)
        rates: Amounts = np.zeros(len(order), dtype=np.int64)
        is_known = np.zeros(len(order), dtype=np.bool_)
        for low, high in pairwise(bounds.tolist()):
            rows = order[low:high]
            currency, day = str(names[codes[rows[0]]]), int(numbers[rows[0]])
            if day == NO_DAY:
                continue
            ratio = self.ratio(currency, to_currency, dt.date.fromordinal(day + _EPOCH))
            if ratio is None:
                continue
            found[rows] = _multiplied(amounts[rows], in_minor_units(ratio, currency, to_currency))
            rates[rows] = rounded(ratio * RATE_SCALE)
            is_known[rows] = True
        return Valued(found, rates, is_known)

    def nearest(self, from_currency: str, to_currency: str, on: dt.date) -> str:
        """The day nearest to ``on`` of which anything is known, ``–`` where nothing is."""
        return _nearest(self._rates, from_currency, to_currency, on, None)

    def _of_day(self, on: dt.date) -> dict[str, dict[_Leg, Fraction]]:
        if on not in self._days:
            day = on.toordinal() - _EPOCH
            in_force = np.flatnonzero((self._first <= day) & (self._last >= day)).tolist()
            self._days[on] = _legs(self._stated[place] for place in in_force)
        return self._days[on]


@dataclass(frozen=True)
class Valued:
    """``amounts`` in minor units of the currency asked for, ``rates`` × ``RATE_SCALE``; which are known."""

    amounts: Amounts
    rates: Amounts
    is_known: npt.NDArray[np.bool_]


def in_minor_units(ratio: Fraction, from_currency: str, to_currency: str) -> Fraction:
    """A ratio of major units as one of minor units: 4,012.50 COP a dollar, 4,012.50 centavos a cent."""
    shift = exponent(to_currency) - exponent(from_currency)
    return ratio * Fraction(10) ** shift


def rounded(ratio: Fraction) -> int:
    """To the nearest integer, halves away from zero."""
    return round_half_away(ratio.numerator, ratio.denominator)


@dataclass(frozen=True)
class Presented:
    """``presented``: balances in one currency; ``findings``: the currencies that had no rate and stay out."""

    presented: pd.DataFrame
    findings: pd.DataFrame


def present_balances(
    balances: pd.DataFrame,
    amount_columns: Sequence[str],
    rates: pd.DataFrame,
    *,
    on: dt.date,
    to_currency: str,
) -> Presented:
    """Balances by currency as one reader's currency sees them (presentación, not revaluation).

    One row a currency of ``balances`` that has a rate: ``from_currency``, ``rate`` (× ``RATE_SCALE``; one for
    ``to_currency`` itself), ``currency`` (= ``to_currency``) and the amounts, each rounded once.
    A currency without a rate is left out, never guessed, and is a finding ``rate-missing``.
    """
    findings = missing_rates(balances["currency"], rates, on=on, to_currency=to_currency)
    without = set(findings["key"].str.partition("/")[0]) if len(findings) else set()
    known = balances[~balances["currency"].isin(without)].reset_index(drop=True)
    in_force = [
        rate_in_force(rates, from_currency=currency, to_currency=to_currency, on=on)
        for currency in known["currency"]
    ]
    presented = translate(known, amount_columns, rates, on=on, to_currency=to_currency)
    presented = presented[["currency", *amount_columns]].assign(
        from_currency=known["currency"], rate=np.array(in_force, dtype=np.int64)
    )
    return Presented(presented[["from_currency", "rate", "currency", *amount_columns]], findings)


def has_rate(
    currencies: pd.Series, rates: pd.DataFrame, *, on: dt.date, to_currency: str
) -> npt.NDArray[np.bool_]:
    """Which rows' currency can be told in ``to_currency`` at the rates of a day."""
    lacking = {
        currency
        for currency in currencies.unique()
        if len(missing_rates([currency], rates, on=on, to_currency=to_currency))
    }
    known: npt.NDArray[np.bool_] = ~currencies.isin(lacking).to_numpy(dtype=np.bool_)
    return known


def missing_rates(
    currencies: Iterable[str],
    rates: pd.DataFrame,
    *,
    on: dt.date,
    to_currency: str,
    source: str | None = None,
) -> pd.DataFrame:
    """A finding (``FINDINGS``, rule ``rate-missing``, an error) for each currency without a rate that day."""
    findings = []
    for currency in sorted(set(currencies)):
        try:
            _ratio(rates, currency, to_currency, on, source)
        except MissingRateError as error:
            findings.append(
                {
                    "level": "error",
                    "source": source or "rates",
                    "row": 0,
                    "table": RATES.name,
                    "key": f"{currency}/{to_currency}",
                    "rule": error.cause,
                    "values": json.dumps(error.values, ensure_ascii=False, sort_keys=True),
                    "amount": 0,
                    "currency": "",
                }
            )
    return FINDINGS.conform(pd.DataFrame(findings)) if findings else FINDINGS.empty()


def valid_until_next(published: pd.DataFrame, *, last_days: int = 7) -> pd.DataFrame:
    """Rates published with their first day only, each in force until the day before the next one.

    The last of each pair holds for ``last_days`` days, so that a stale file shows as a missing rate rather
    than as a figure. Same rows, same order, ``valid_through`` set.
    """
    pair = ["source", "from_currency", "to_currency"]
    first_days = published.reset_index(drop=True).sort_values([*pair, "valid_from"])
    day_before_next = first_days.groupby(pair)["valid_from"].shift(-1) - pd.Timedelta(days=1)
    through = day_before_next.fillna(first_days["valid_from"] + pd.Timedelta(days=last_days - 1))
    return published.assign(valid_through=through.sort_index().to_numpy())


def _ratio(
    rates: pd.DataFrame, from_currency: str, to_currency: str, on: dt.date, source: str | None
) -> Fraction:
    """To-currency per one from-currency in major units, exactly."""
    ratio = _crossed(_in_force(rates, on, source), from_currency, to_currency)
    if ratio is not None:
        return ratio
    raise MissingRateError(
        from_currency=from_currency,
        to_currency=to_currency,
        on=on.isoformat(),
        nearest=_nearest(rates, from_currency, to_currency, on, source),
    )


def _crossed(
    by_source: dict[str, dict[_Leg, Fraction]], from_currency: str, to_currency: str
) -> Fraction | None:
    """One source's own rate or cross, the first that has one; else a cross through several sources."""
    exponent(from_currency)
    exponent(to_currency)
    if from_currency == to_currency:
        return Fraction(1)
    for legs in by_source.values():
        ratio = _joined(legs, from_currency, to_currency)
        if ratio is not None:
            return ratio
    everything: dict[_Leg, Fraction] = {}
    for legs in by_source.values():
        everything = {**legs, **everything}
    ratio = _joined(everything, from_currency, to_currency)
    return _through_two(everything, from_currency, to_currency) if ratio is None else ratio


def _in_force(rates: pd.DataFrame, on: dt.date, source: str | None) -> dict[str, dict[_Leg, Fraction]]:
    """Each source's rates of that day, both ways; of several, the one that began last, then recorded last."""
    day = pd.Timestamp(on)
    is_in_force = (rates["valid_from"] <= day) & (rates["valid_through"] >= day)
    if source is not None:
        is_in_force &= rates["source"] == source
    today = _by_beginning(rates[is_in_force])
    names = ("source", "from_currency", "to_currency", "rate")
    return _legs(zip(*(today[name].tolist() for name in names), strict=True))


def _by_beginning(rates: pd.DataFrame) -> pd.DataFrame:
    known = rates[rates["rate"] > 0]
    return known.sort_values(["valid_from", "recorded_at", "rate"])


def _legs(today: Iterable[tuple[str, str, str, int]]) -> dict[str, dict[_Leg, Fraction]]:
    """The rates in force on one day, in the order of :func:`_by_beginning`, by source."""
    found: dict[str, dict[_Leg, Fraction]] = {}
    stated: dict[str, dict[_Leg, Fraction]] = {}
    for name, origin, target, rate in today:
        stated.setdefault(name, {})[origin, target] = Fraction(int(rate), RATE_SCALE)
    for name in sorted(stated, key=lambda name: (_preference(name), name)):
        inverses = {(target, origin): 1 / rate for (origin, target), rate in stated[name].items()}
        # What a source states itself goes before the inverse of another of its rates.
        found[name] = {**inverses, **stated[name]}
    return found


def _preference(source: str) -> int:
    return SOURCE_ORDER.index(source) if source in SOURCE_ORDER else len(SOURCE_ORDER)


def _joined(legs: dict[_Leg, Fraction], from_currency: str, to_currency: str) -> Fraction | None:
    """One leg, else two through a currency that both know: the euro, then the dollar, then by name."""
    if (from_currency, to_currency) in legs:
        return legs[from_currency, to_currency]
    for pivot in _reached(legs, from_currency):
        if (pivot, to_currency) in legs:
            return legs[from_currency, pivot] * legs[pivot, to_currency]
    return None


def _through_two(legs: dict[_Leg, Fraction], from_currency: str, to_currency: str) -> Fraction | None:
    """Three legs: sterling to euro and euro to dollar by the ECB, dollar to peso by the TRM."""
    for pivot in _reached(legs, from_currency):
        ratio = _joined(legs, pivot, to_currency)
        if ratio is not None:
            return legs[from_currency, pivot] * ratio
    return None


def _reached(legs: dict[_Leg, Fraction], currency: str) -> list[str]:
    between = {target for origin, target in legs if origin == currency}
    return sorted(between, key=lambda name: (name != "EUR", name != "USD", name))


def _nearest(
    rates: pd.DataFrame, from_currency: str, to_currency: str, on: dt.date, source: str | None
) -> str:
    """The day nearest to ``on`` with a rate of the pair, else of one of the two currencies, else ``–``."""
    wanted = {from_currency, to_currency}
    names = rates[["from_currency", "to_currency"]].isin(wanted)
    asked = names.all(axis=1) if names.all(axis=1).any() else names.any(axis=1)
    if source is not None:
        asked &= rates["source"] == source
    known = rates[asked]
    if known.empty:
        return "–"
    day = pd.Timestamp(on)
    edges = pd.concat([known["valid_from"], known["valid_through"]])
    distance = (edges - day).abs()
    nearest = edges[distance == distance.min()].min()
    return str(nearest.date().isoformat())


def _multiplied(amounts: Amounts, ratio: Fraction) -> Amounts:
    """``amounts × ratio``, exact, rounded half away from zero."""
    numerator, denominator = ratio.numerator, ratio.denominator
    largest = int(np.abs(amounts).max(initial=0))
    if 2 * largest * numerator + denominator <= LARGEST_AMOUNT and 2 * denominator <= LARGEST_AMOUNT:
        rounded = (2 * np.abs(amounts) * numerator + denominator) // (2 * denominator)
        signed: Amounts = np.sign(amounts) * rounded
        return signed
    # Beyond 64 bits on the way: Python's integers, one amount at a time.
    twice, whole = 2 * numerator, 2 * denominator
    exact = [(size * twice + denominator) // whole for size in map(abs, amounts.tolist())]
    if max(exact, default=0) > LARGEST_AMOUNT:
        raise AmountOverflowError(amount=str(max(exact)))
    return np.sign(amounts) * np.array(exact, dtype=np.int64)
