"""What every debt still owed at the ends of months: the history that roll rates are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..aging import age_open_items
from ..aging_kernel import bucket_codes
from ..calendar import Period, day_numbers
from ..ledger import open_items_as_of
from ..money import Amounts
from ..policy import AgingBasis, Buckets, MatrixPolicy

SEGMENT_KEYS = ["company_id", "currency", "segment"]


@dataclass(frozen=True)
class History:
    """What debts owed at month ends: ``amounts[n]`` and ``codes[n]`` (range, -1: not open) on ``days[n]``.

    One place a debt, in the order of ``keys``; ``group`` numbers the rows of ``groups`` (``_KEYS``).
    ``known_from``: by company, the first month end of which all that was open is known.
    """

    days: tuple[dt.date, ...]
    keys: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    groups: pd.DataFrame
    basis_day: npt.NDArray[np.int64]
    amounts: tuple[Amounts, ...]
    codes: tuple[npt.NDArray[np.int8], ...]
    buckets: Buckets
    known_from: Mapping[str, dt.date]

    def is_known(self, place: int) -> npt.NDArray[np.bool_]:
        """Which groups' debts are all known on that day."""
        firsts = [self.known_from.get(company, dt.date.max) for company in self.groups["company_id"]]
        known: npt.NDArray[np.bool_] = np.array(
            [first <= self.days[place] for first in firsts], dtype=np.bool_
        )
        return known


def in_segments(items: pd.DataFrame, customers: pd.DataFrame, *, policy: MatrixPolicy) -> pd.DataFrame:
    """The items with ``segment``: what ``policy.segment_by`` says of their customer, " · " between.

    A customer that the book does not know is in the segment ''. Same rows, same order.
    """
    keys = ["company_id", "customer_id"]
    known = customers.drop_duplicates(keys)
    texts = pd.Series("", index=known.index, dtype="str")
    for place, name in enumerate(policy.segment_by):
        texts = texts + (" · " if place else "") + known[name].astype("str")
    named = pd.Series(texts.to_numpy(), index=pd.MultiIndex.from_frame(known[keys]))
    segment = named.reindex(pd.MultiIndex.from_frame(items[keys])).fillna("").astype("str")
    return items.assign(segment=segment.to_numpy())


def observe_history(
    documents: pd.DataFrame,
    observations: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: MatrixPolicy,
    basis: AgingBasis = "due",
    known_at: dt.datetime | None = None,
) -> History:
    """What every debt owed at the month ends before ``as_of`` and on it, as known now.

    ``as_of`` is taken as the last end, whatever day it is. So many ends as rates and back-test look at, and
    none before the history begins: a list of clearings tells all that was open from the month of its first
    clearing on; where there is none, the first sight does. Only debts count: credits roll nowhere. Minor
    units. Raises what ``ledger.open_items_as_of`` raises.
    """
    debts = documents[(documents["original_amount"] > 0).to_numpy()]
    debts = debts.drop_duplicates("document_key").sort_values("document_key", ignore_index=True)
    debts = in_segments(debts, customers, policy=policy)
    known_from = _known_from(debts, observations, clearings)
    days = month_ends(as_of, policy.months + policy.tested_months)
    days = tuple(day for day in days if day >= min(known_from.values(), default=dt.date.max))
    dated = age_open_items(debts, as_of=as_of, basis=basis, buckets=policy.buckets)
    basis_day = day_numbers(dated["basis_date"].to_numpy())
    is_dated = dated["basis_date"].notna().to_numpy()
    group, groups = _groups(debts)
    index = pd.Index(debts["document_key"].to_numpy())
    facts = _FactsByDay.of(debts, index, observations, clearings, applications, known_at)
    amounts, codes = [], []
    for day in days:
        own = facts.of_day(day)
        items = open_items_as_of(*own, reversals, as_of=day, known_at=known_at)
        owed = np.zeros(len(debts), dtype=np.int64)
        owed[index.get_indexer(items["document_key"].to_numpy())] = items["open_amount"].to_numpy()
        passed = np.where(is_dated, (day - dt.date(1970, 1, 1)).days - basis_day, 0)
        code = bucket_codes(passed, policy.buckets.upper).astype(np.int8)
        amounts.append(owed)
        codes.append(np.where(owed > 0, code, np.int8(-1)))
    keys = debts["document_key"].to_numpy()
    return History(
        days, keys, group, groups, basis_day, tuple(amounts), tuple(codes), policy.buckets, known_from
    )


@dataclass(frozen=True)
class _FactsByDay:
    """The facts of the debts that can be open on a day: most of a history was paid long before.

    ``closed_day``: of a debt that one clearing settles whole and nobody saw otherwise, the day of it; of all
    others none, and the ledger decides.
    """

    debts: pd.DataFrame
    issued_day: npt.NDArray[np.int64]
    closed_day: npt.NDArray[np.int64]
    others: tuple[tuple[pd.DataFrame, npt.NDArray[np.intp]], ...]

    @classmethod
    def of(
        cls,
        debts: pd.DataFrame,
        index: pd.Index,
        observations: pd.DataFrame,
        clearings: pd.DataFrame,
        applications: pd.DataFrame,
        known_at: dt.datetime | None,
    ) -> _FactsByDay:
        others = tuple(
            (facts, index.get_indexer(facts["document_key"].to_numpy()))
            for facts in (observations, clearings, applications)
        )
        (_, at_sight), (_, at_clearing), (_, at_application) = others
        touched = np.zeros(len(debts), dtype=np.int64)
        for places, weight in ((at_sight, 2), (at_application, 2), (at_clearing, 1)):
            np.add.at(touched, places[places >= 0], weight)  # 1: a single clearing and nothing else
        is_known = at_clearing >= 0
        if known_at is not None:
            is_known &= (clearings["recorded_at"] <= pd.Timestamp(known_at)).to_numpy()
        original = debts["original_amount"].to_numpy()
        place = at_clearing[is_known]
        is_whole = (touched[place] == 1) & (
            clearings["cleared_amount"].to_numpy()[is_known] == original[place]
        )
        closed = np.full(len(debts), np.iinfo(np.int64).max)
        closed[place[is_whole]] = day_numbers(clearings["clearing_date"].to_numpy()[is_known][is_whole])
        issued = day_numbers(debts["document_date"].to_numpy())
        return cls(debts, issued, closed, others)

    def of_day(self, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Documents, observations, clearings and applications, as ``open_items_as_of`` takes them."""
        number = (day - dt.date(1970, 1, 1)).days
        is_near = (self.issued_day <= number) & (self.closed_day > number)
        sights, cleared, applied = (facts[(places >= 0) & is_near[places]] for facts, places in self.others)
        return self.debts[is_near], sights, cleared, applied


def _groups(debts: pd.DataFrame) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
    """A number a debt for its company, currency and segment, and these, sorted."""
    grouped = debts.groupby(SEGMENT_KEYS, sort=True, dropna=False)
    number: npt.NDArray[np.int64] = grouped.ngroup().to_numpy(dtype=np.int64)
    return number, debts[SEGMENT_KEYS].drop_duplicates().sort_values(SEGMENT_KEYS, ignore_index=True)


def _known_from(
    debts: pd.DataFrame, observations: pd.DataFrame, clearings: pd.DataFrame
) -> dict[str, dt.date]:
    company = pd.Series(debts["company_id"].to_numpy(), index=debts["document_key"].to_numpy())
    cleared = _firsts(company, clearings["document_key"], clearings["clearing_date"])
    seen = _firsts(company, observations["document_key"], observations["observed_date"])
    found: dict[str, dt.date] = {}
    for name, day in cleared.items():
        found[name] = Period(day.year, day.month).first_day - dt.timedelta(days=1)
    for name, day in seen.items():
        found[name] = min(found.get(name, day), day)
    return found


def _firsts(company: pd.Series, keys: pd.Series, days: pd.Series) -> dict[str, dt.date]:
    owner = company.reindex(keys.to_numpy())
    firsts = pd.Series(days.to_numpy()).groupby(owner.to_numpy()).min().dropna()
    return {str(name): day.date() for name, day in firsts.items()}


def month_ends(as_of: dt.date, months: int) -> tuple[dt.date, ...]:
    """``as_of`` and the ``months`` month ends before it, oldest first."""
    ends = [as_of]
    period = Period(as_of.year, as_of.month)
    for _ in range(months):
        period = period.previous()
        ends.append(period.last_day)
    return tuple(reversed(ends))
