"""Roll and loss rates from counted rolls, each with how many items stand behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from ..errors import ParameterRefusedError
from ..money import round_half_away
from ..policy import MatrixPolicy
from ..tables import Table
from .history import SEGMENT_KEYS, month_ends

#: A rate of 4.16 % is 41,600 parts per million.
PPM = 1_000_000
#: In a column of rates: too few items to say.
NOT_OBSERVED = -1

#: Loss rates by segment and range, with how many items stand behind each and where it comes from.
LOSS_RATES = Table(
    "loss_rates",
    ("company_id", "currency", "segment", "bucket"),
    {
        "company_id": "text",
        "currency": "text",
        "segment": "text",
        "bucket": "text",
        "items": "integer",  # of this segment: item-months seen in the range
        "rate_level": "text",  # whose roll it is: segment, currency, portfolio, '' where nobody's
        "rate_items": "integer",
        "rate_rolled_items": "integer",
        "roll_ppm": "integer",  # NOT_OBSERVED: fewer items than the policy asks for
        "loss_ppm": "integer",
        "rate_source": "text",  # history, joined (to a range of the fallback), fallback, default, none
    },
)
_LEVELS = ("segment", "currency", "portfolio")


def estimate_rates(
    rolls: pd.DataFrame,
    *,
    policy: MatrixPolicy,
    through: dt.date,
    months: int | None = None,
    segments: pd.DataFrame | None = None,
    ratios: Mapping[str, Fraction] | None = None,
) -> pd.DataFrame:
    """Roll and loss rates by segment and range (``LOSS_RATES``) from the ``months`` that end by ``through``.

    A segment's own roll where at least ``policy.least_count`` items stand behind it, else its currency's,
    else the company's whole portfolio, whose currencies are added at ``ratios`` (to one currency, per minor
    unit; without them this level is left out); else it is not observed. The loss rate of the last range is
    LGD × factor; of another, the product of the rolls to it. From a range whose roll is not observed the
    policy's fallback serves, and the ranges before it lead there (``joined``); without one there is no rate.
    No rate exceeds 100 %. ``segments``: further segments that need rates (``company_id, currency, segment``).
    """
    first = _months_before(through, policy.months if months is None else months)
    own = rolls[
        (rolls["from_date"] >= pd.Timestamp(first)) & (rolls["through_date"] <= pd.Timestamp(through))
    ]
    sums = _level_sums(own, policy, ratios or {})
    wanted = {tuple(key) for key in own[SEGMENT_KEYS].drop_duplicates().itertuples(index=False)}
    if segments is not None:
        wanted |= {tuple(key) for key in segments[SEGMENT_KEYS].drop_duplicates().itertuples(index=False)}
    rows = [row for key in sorted(wanted) for row in _segment_rates(key, sums, policy)]
    return LOSS_RATES.conform(pd.DataFrame(rows, columns=list(LOSS_RATES.columns)))


def loss_rates(rolls: list[Fraction | None], *, policy: MatrixPolicy) -> list[tuple[Fraction | None, str]]:
    """The loss rate of every range from the rolls of all but the last, with where it comes from.

    Rolls .30 .40 .55 .70 .90 and LGD 1 give 4.158, 13.86, 34.65, 63, 90 and 100 %.
    """
    given_default = Fraction(policy.lgd_ppm, PPM) * Fraction(policy.forward_ppm, PPM)
    rates: list[tuple[Fraction | None, str]] = [(min(given_default, Fraction(1)), "default")]
    # The product is of rolls alone; what it leads to is default, or a range of the fallback.
    target, source = given_default, "history"
    fallbacks = _fallbacks(policy)
    for roll, fallback in zip(reversed(rolls), reversed(fallbacks[:-1]), strict=True):
        if roll is not None and source != "none":
            target = roll * target
            rates.append((min(target, Fraction(1)), source))
        elif fallback is not None:
            target, source = fallback, "joined"
            rates.append((min(target, Fraction(1)), "fallback"))
        else:
            source = "none"
            rates.append((None, "none"))
    return rates[::-1]


class _Sums(NamedTuple):
    """Of one level and range: item-months, those that rolled, and both amounts."""

    items: int
    rolled_items: int
    before: Fraction
    rolled: Fraction


_Key = tuple[str, ...]
_NOTHING = _Sums(0, 0, Fraction(0), Fraction(0))


def _level_sums(
    own: pd.DataFrame, policy: MatrixPolicy, ratios: Mapping[str, Fraction]
) -> dict[tuple[str, _Key, str], _Sums]:
    """By level, its key and range, what stands behind a roll."""
    sums: dict[tuple[str, _Key, str], _Sums] = {}
    columns = ["items", "rolled_items", "jumped_items", "before_amount", "rolled_amount", "jumped_amount"]
    added = own.groupby([*SEGMENT_KEYS, "bucket"], sort=True)[columns].sum().reset_index()
    for company, currency, segment, bucket, *values in added.itertuples(index=False):
        items, rolled_items, jumped_items, before, rolled, jumped = (int(value) for value in values)
        if policy.counts_jumps:
            rolled_items, rolled = rolled_items + jumped_items, rolled + jumped
        keys: list[tuple[str, _Key, Fraction]] = [
            ("segment", (company, currency, segment), Fraction(1)),
            ("currency", (company, currency), Fraction(1)),
        ]
        if currency in ratios:
            keys.append(("portfolio", (company,), ratios[currency]))
        for level, key, ratio in keys:
            so_far = sums.get((level, key, bucket), _NOTHING)
            sums[level, key, bucket] = _Sums(
                so_far.items + items,
                so_far.rolled_items + rolled_items,
                so_far.before + before * ratio,
                so_far.rolled + rolled * ratio,
            )
    return sums


def _segment_rates(
    key: tuple[str, str, str], sums: Mapping[tuple[str, _Key, str], _Sums], policy: MatrixPolicy
) -> list[dict[str, object]]:
    names = policy.buckets.names
    keys: dict[str, _Key] = {"segment": key, "currency": key[:2], "portfolio": key[:1]}
    rolls: list[Fraction | None] = []
    rows: list[dict[str, object]] = []
    for name in names:
        used, level = _NOTHING, ""
        for candidate in _LEVELS:
            found = sums.get((candidate, keys[candidate], name), _NOTHING)
            if found.items >= policy.least_count and found.before > 0:
                used, level = found, candidate
                break
        is_last = name == names[-1]
        roll = used.rolled / used.before if level and not is_last else None
        if not is_last:
            rolls.append(roll)
        rows.append({
            **dict(zip(SEGMENT_KEYS, key, strict=True)), "bucket": name, "rate_level": level,
            "items": sums.get(("segment", key, name), _NOTHING).items,
            "rate_items": used.items, "rate_rolled_items": used.rolled_items,
            "roll_ppm": in_ppm(roll),
        })  # fmt: skip
    for row, (rate, source) in zip(rows, loss_rates(rolls, policy=policy), strict=True):
        row.update(loss_ppm=in_ppm(rate), rate_source=source)
    return rows


def in_ppm(rate: Fraction | None) -> int:
    """A rate in parts per million, rounded half away from zero; ``NOT_OBSERVED`` where there is none."""
    return NOT_OBSERVED if rate is None else round_half_away(rate.numerator * PPM, rate.denominator)


def _fallbacks(policy: MatrixPolicy) -> list[Fraction | None]:
    """The policy's own rate of each range: of the first day limit that the whole range lies within."""
    found: list[Fraction | None] = []
    for upper in policy.buckets.upper:
        fitting = [ppm for through, ppm in policy.fallback if upper <= through]
        found.append(Fraction(fitting[0], PPM) if fitting else None)
    return [*found, None]


def _months_before(through: dt.date, months: int) -> dt.date:
    """The month end from which ``months`` months lead to ``through``."""
    if months < 1:
        raise ParameterRefusedError(name="months", value=months)
    return month_ends(through, months)[0]
