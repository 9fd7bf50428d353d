"""Last year's rates against what happened since (backtesting): predicted and realised, range by range.

Rolls: the rates of the months before a day, applied to what stood in each range at every month end since, and
what of it moved on. Losses: what stood in each range on that day, how much of it reached default by now, for
the debts of which that is decided. Counts stand beside both; what too few items stand behind is not observed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..money import sums_by
from ..policy import MatrixPolicy
from ..roll_rates import NOT_OBSERVED, PPM, History, estimate_rates, month_ends
from ..tables import Table
from .matrix import share_ppm

BACKTEST = Table(
    "backtest",
    ("measure", "company_id", "currency", "bucket"),
    {
        "measure": "text",  # roll, loss
        "company_id": "text",
        "currency": "text",
        "bucket": "text",
        "rates_from": "date",
        "rates_through": "date",
        "tested_through": "date",
        "rate_items": "integer",  # behind the rates
        "items": "integer",  # tested
        "exposure_amount": "money",
        "predicted_ppm": "integer",
        "realised_ppm": "integer",
        "predicted_amount": "money",
        "realised_amount": "money",
        "difference_amount": "money",  # realised − predicted
    },
)
_KEYS = ["company_id", "currency", "segment", "bucket"]
_SHOWN = ["company_id", "currency", "bucket"]


@dataclass(frozen=True)
class Backtest:
    """``rolls`` and ``losses`` (``BACKTEST`` both); empty where history is too short to split."""

    rolls: pd.DataFrame
    losses: pd.DataFrame


def split_day(rolls: pd.DataFrame, *, policy: MatrixPolicy) -> dt.date | None:
    """The month end that parts the months of the rates from those they are tested on.

    So many tested months as the policy asks for, but no more than half of those known; ``None`` where there
    are not two.
    """
    ends = sorted(rolls["through_date"].unique())
    if len(ends) < 2:
        return None
    tested = min(policy.tested_months, len(ends) // 2)
    day: dt.date = pd.Timestamp(ends[-tested - 1]).date()
    return day


def back_test(
    history: History, rolls: pd.DataFrame, *, policy: MatrixPolicy, split: dt.date | None = None
) -> Backtest:
    """The rates known on ``split`` (default: :func:`split_day`) against what happened after it.

    ``history``, ``rolls``: ``roll_rates``. A range whose rate was not observed then, or of which fewer than
    ``policy.least_count`` items were seen since, keeps its counts and has ``NOT_OBSERVED`` for its rates and
    0 for what they would give. Minor units; predicted amounts are rounded once a segment and month.
    """
    split = split_day(rolls, policy=policy) if split is None else split
    if split is None:
        return Backtest(BACKTEST.empty(), BACKTEST.empty())
    known = rolls[(rolls["through_date"] <= pd.Timestamp(split)).to_numpy()]
    first = pd.Timestamp(month_ends(split, policy.months)[0])
    groups = rolls[_KEYS[:3]].drop_duplicates()
    rates = estimate_rates(rolls, policy=policy, through=split, segments=groups)
    since = rolls[(rolls["from_date"] >= pd.Timestamp(split)).to_numpy()]
    moved = since["rolled_amount"] + (since["jumped_amount"] if policy.counts_jumps else 0)
    names = policy.buckets.names
    tested = since.assign(exposure_amount=since["before_amount"], realised_amount=moved)[
        [*_KEYS, "items", "exposure_amount", "realised_amount"]
    ]
    tested = tested[(tested["bucket"] != names[-1]).to_numpy()]
    spans = {
        "rates_from": max(first, known["from_date"].min()), "rates_through": pd.Timestamp(split),
        "tested_through": since["through_date"].max(),
    }  # fmt: skip
    losses = _cohort(history, split)
    return Backtest(
        _compared(tested, rates, "roll", policy).pipe(_told, spans, names, "roll"),
        _compared(losses, rates, "loss", policy).pipe(_told, spans, names, "loss"),
    )


def _compared(tested: pd.DataFrame, rates: pd.DataFrame, measure: str, policy: MatrixPolicy) -> pd.DataFrame:
    """Predicted beside realised by company, currency and range, segments added."""
    rate = rates.set_index(_KEYS)
    found = rate.reindex(pd.MultiIndex.from_frame(tested[_KEYS]))
    is_own = found["rate_source"].isin(["history", "default"]).to_numpy() | (measure == "roll")
    ppm = np.where(is_own, found[f"{measure}_ppm"].fillna(NOT_OBSERVED), NOT_OBSERVED).astype(np.int64)
    behind = found["rate_items"].fillna(0).to_numpy(dtype=np.int64)
    is_rated = ppm != NOT_OBSERVED
    rows = tested.assign(
        predicted_amount=share_ppm(tested["exposure_amount"].to_numpy(dtype=np.int64), np.maximum(ppm, 0)),
        unrated=np.where(is_rated, 0, tested["items"]),
        rate_items=np.where(is_rated, behind, 0),
    )
    grouped = rows.groupby(_SHOWN, sort=True)
    codes, count = grouped.ngroup().to_numpy(), grouped.ngroups
    keys = grouped.size().reset_index()[_SHOWN]
    sums = ["items", "unrated", "exposure_amount", "predicted_amount", "realised_amount"]
    found = keys.assign(**{name: sums_by(codes, rows[name].to_numpy(dtype=np.int64), count) for name in sums})
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, codes, rows["rate_items"].to_numpy(dtype=np.int64))
    # One segment without a rate would make the sum of the others look like a wrong prediction.
    is_told = ((found["unrated"] == 0) & (found["items"] >= policy.least_count)).to_numpy()
    exposure = found["exposure_amount"].to_numpy()
    predicted = np.where(is_told, found["predicted_amount"], 0)
    return found.assign(
        rate_items=most,
        predicted_amount=predicted,
        predicted_ppm=_ppm(predicted, exposure, is_told),
        realised_ppm=_ppm(
            found["realised_amount"].to_numpy(), exposure, found["items"].to_numpy() >= policy.least_count
        ),
        difference_amount=np.where(is_told, found["realised_amount"] - predicted, 0),
    )


def _told(
    found: pd.DataFrame, spans: dict[str, object], names: tuple[str, ...], measure: str
) -> pd.DataFrame:
    place = {name: number for number, name in enumerate(names)}
    found = found.assign(measure=measure, **spans, _place=found["bucket"].map(place))
    return BACKTEST.conform(found.sort_values(["company_id", "currency", "_place"], kind="stable"))


def _cohort(history: History, split: dt.date) -> pd.DataFrame:
    """What stood in each range on ``split`` and by now is either paid or in default, with what reached it."""
    names = history.buckets.names
    place = history.days.index(split)
    code = history.codes[place].astype(np.int64)
    default_day = history.basis_day + history.buckets.upper[-1] + 1
    last = (history.days[-1] - dt.date(1970, 1, 1)).days
    chosen = np.flatnonzero((code >= 0) & (code < len(names) - 1) & (default_day <= last))
    reached = np.zeros(len(chosen), dtype=np.int64)
    is_open = np.ones(len(chosen), dtype=np.bool_)
    for later in range(place + 1, len(history.days)):
        day = (history.days[later] - dt.date(1970, 1, 1)).days
        is_due = is_open & (default_day[chosen] <= day)
        now = np.minimum(history.amounts[later][chosen], history.amounts[place][chosen])
        reached[is_due] = now[is_due]
        is_open &= ~is_due
    groups = history.groups.iloc[history.group[chosen]].reset_index(drop=True)
    items = groups.assign(
        bucket=np.array(names, dtype=object)[code[chosen]],
        items=1,
        exposure_amount=history.amounts[place][chosen],
        realised_amount=reached,
    )
    return (
        items.groupby(_KEYS, sort=True)[["items", "exposure_amount", "realised_amount"]].sum().reset_index()
    )


def _ppm(part: np.ndarray, whole: np.ndarray, is_told: np.ndarray) -> np.ndarray:
    """``part`` of ``whole`` in parts per million, half away from zero, in exact integers."""
    told = [
        (2 * int(a) * PPM + int(b)) // (2 * int(b)) if told and b > 0 else NOT_OBSERVED
        for a, b, told in zip(part.tolist(), whole.tolist(), is_told.tolist(), strict=True)
    ]
    return np.array(told, dtype=np.int64)
