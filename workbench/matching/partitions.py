"""Receipts and open items in parts that can be decided alone, with the same answers as all together.

A part holds whole groups of customers (``links``), as many as are worth a task of their own; a group that is
larger than that by itself is split by currency, where no receipt of it can be for documents of another one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..policy import MatchingPolicy
from ..references import Mention, Shape
from .advices import Advices
from .cleared import Cleared
from .differences.stated import read_stated
from .habits import Habits
from .links import Linked
from .parties import Parties, Signs
from .pool import Pool
from .standings import Standings

Rows = npt.NDArray[np.int64]

#: Work of one part: a receipt counts as so many items. About a second, so that a task costs next to nothing.
WORK, RECEIPT_AS_ITEMS = 60_000, 5


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What every decision rests on: whole before the receipts are parted, a part's share of it after."""

    open_items: pd.DataFrame
    advices: Advices
    parties: Parties
    cleared: Cleared
    returned: frozenset[int]
    last_days: Mapping[int, dt.date]
    tolerated: pd.DataFrame | None
    rates: pd.DataFrame | None
    standings: Standings
    habits: Habits
    policy: MatchingPolicy
    as_of: dt.date
    open_from: Mapping[str, dt.date] | None


@dataclass(frozen=True, kw_only=True)
class Partition(_Facts):
    """All that is needed to decide these receipts, and nothing else.

    ``rows``: their places in the order of all receipts; ``mentions``: one each, as rows of ``open_items``.
    """

    rows: Rows
    receipts: pd.DataFrame
    mentions: list[tuple[Mention, ...]]
    resolved: dict[tuple[str, str], Mention]
    shapes: dict[str, frozenset[Shape]]


@dataclass(frozen=True, kw_only=True)
class Known(_Facts):
    """What stands before any receipt is taken; ``signs``: one a receipt, in their order."""

    ordered: pd.DataFrame
    signs: list[Signs]


class Partitions:
    """The parts by number; each is made when it is asked for, so only those in hand take memory."""

    def __init__(self, known: Known, linked: Linked) -> None:
        work = WORK
        self._known, self._linked = known, linked
        items, receipts = linked.item_groups, linked.receipt_groups
        count = int(max(items.max(initial=-1), receipts.max(initial=-1))) + 1
        is_used = np.zeros(count + 1, dtype=bool)
        is_used[receipts] = True  # the last place stands for −1
        loads = np.bincount(items, minlength=count) + RECEIPT_AS_ITEMS * np.bincount(
            receipts[receipts >= 0], minlength=count
        )
        part_of = np.full(count + 1, -1, dtype=np.int64)
        used = np.flatnonzero(is_used[:count])
        part_of[used] = _parts(loads[used], work)
        self._split_items(part_of[items], int(part_of.max(initial=-1)) + 1)
        self._receipts = list(self._split_receipts(part_of[receipts], loads, used, part_of, work))

    def __len__(self) -> int:
        return len(self._receipts)

    def size(self, number: int) -> int:
        """Receipts of a part."""
        return len(self._receipts[number][1])

    def make(self, number: int) -> Partition:
        """One part, to be sent anywhere."""
        part, rows = self._receipts[number]
        known, linked = self._known, self._linked
        places = self._items[self._bounds[part] : self._bounds[part + 1]] if part >= 0 else self._items[:0]
        items = known.open_items[list(Pool.COLUMNS)].take(places).reset_index(drop=True)
        receipts = known.ordered.take(rows).reset_index(drop=True)
        asked = rows.tolist()
        mentions = [self._in_part(linked.mentions[row]) for row in asked]
        advices = known.advices.limited_to(asked)
        fields = advices.fields() if linked.resolved else set()
        found = {field: linked.resolved[field] for field in fields if field in linked.resolved}
        customers = items[["company_id", "customer_id"]].drop_duplicates().itertuples(index=False, name=None)
        keys = items["document_key"].tolist() if known.last_days else ()
        return Partition(
            rows=rows,
            receipts=receipts,
            open_items=items,
            mentions=mentions,
            resolved={field: self._in_part((mention,))[0] for field, mention in found.items()},
            shapes=linked.shapes,
            advices=advices,
            parties=known.parties.limited_to(known.signs[row] for row in asked),
            cleared=known.cleared.limited_to(customers),
            returned=known.returned.intersection(receipts["receipt_key"].tolist()),
            last_days={key: known.last_days[key] for key in keys if key in known.last_days},
            tolerated=known.tolerated,
            rates=known.rates,
            standings=known.standings,
            habits=known.habits,
            policy=known.policy,
            as_of=known.as_of,
            open_from=known.open_from,
        )

    def _split_items(self, parts: Rows, count: int) -> None:
        order = np.argsort(parts, kind="stable")
        self._items = order[np.searchsorted(parts[order], 0) :]
        self._bounds = np.searchsorted(parts[self._items], np.arange(count + 1))
        self._place = np.full(len(parts), -1, dtype=np.int64)
        self._place[self._items] = np.arange(len(self._items)) - self._bounds[parts[self._items]]

    def _split_receipts(
        self, parts: Rows, loads: Rows, used: Rows, part_of: Rows, work: int
    ) -> Iterator[tuple[int, Rows]]:
        """Part of the items, and the receipts: one task each."""
        order = np.argsort(parts, kind="stable")
        large = set(part_of[used][loads[used] > work].tolist())
        currencies = self._known.ordered["currency"].to_numpy()
        for rows in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
            if not len(rows):
                continue
            part = int(parts[rows[0]])
            if part in large and not self._may_exchange(
                rows
            ):  # items of other currencies come along: they say what a number names
                for currency in sorted(set(currencies[rows])):
                    yield part, rows[currencies[rows] == currency]
            else:
                step = max(work // RECEIPT_AS_ITEMS, 1) if part < 0 else len(rows)
                for start in range(0, len(rows), step):
                    yield part, rows[start : start + step]

    def _may_exchange(self, rows: Rows) -> bool:
        """Whether a receipt may be for documents of another currency: by a rate of ours, or one it states."""
        if self._known.rates is not None and len(self._known.rates):
            return True
        stated = (read_stated(self._known.signs[row].text) for row in rows.tolist())
        return any(one.amounts or one.rates for one in stated)

    def _in_part(self, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """Mentions of all items' rows as those of their part's."""
        return tuple(
            Mention(one.written, tuple([int(self._place[row]) for row in one.positions])) for one in mentions
        )


def _parts(loads: Rows, work: int) -> Rows:
    """Part of each group: as many as make the work, and one that is more by itself alone."""
    parts = np.empty(len(loads), dtype=np.int64)
    part, held = 0, 0
    for place, load in enumerate(loads.tolist()):
        if held and held + load > work:
            part, held = part + 1, 0
        parts[place] = part
        held += load
    return parts
