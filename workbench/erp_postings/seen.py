"""What extracts say of a document, gathered for the answer: sights, clearings, what is open."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from ..tables import CLEARINGS, OBSERVATIONS


class Cleared(NamedTuple):
    """A clearing as the newest extract states it; ``learned`` is when the first one did."""

    amount: int
    document: str
    day: dt.date
    learned: pd.Timestamp


@dataclass
class Seen:
    """One document, amounts without sign, by the cut-off."""

    erp_open: int = 0
    sights: list[tuple[dt.date, int]] = field(default_factory=list)
    clearings: list[Cleared] = field(default_factory=list)
    newest: dt.date | None = None

    def note(self, day: dt.date) -> None:
        """An extract of that day speaks of the document."""
        self.newest = max(day, self.newest or day)


def gather_seen(
    items: pd.DataFrame,
    observations: pd.DataFrame,
    clearings: pd.DataFrame,
    keys: set[int],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None,
) -> dict[int, Seen]:
    """By document key; ``items`` are the open items of ``as_of``, settled ones too, indexed by their key.

    An extract that no longer has the item shows 0 open. A clearing is one by its document, else by its day.
    """
    seen: dict[int, Seen] = defaultdict(Seen)
    day = pd.Timestamp(as_of)
    for key in keys & set(items.index):
        seen[key].erp_open = abs(int(items.at[key, "erp_open_amount"]))
    sights = _known(OBSERVATIONS.conform(observations[observations["document_key"].isin(keys)]), known_at)
    sights = sights[sights["observed_date"] <= day].sort_values(["observed_date", "recorded_at"])
    amounts = sights["open_amount"].abs().where(~sights["is_absent"], 0)
    for key, when, amount in zip(
        sights["document_key"], sights["observed_date"].dt.date, amounts, strict=True
    ):
        seen[key].sights.append((when, int(amount)))
        seen[key].note(when)
    stated = _known(CLEARINGS.conform(clearings[clearings["document_key"].isin(keys)]), known_at)
    stated = stated[stated["clearing_date"] <= day]
    days = stated["clearing_date"].dt.strftime("%Y-%m-%d")
    named = stated["clearing_document"].where(stated["clearing_document"] != "", days)
    learned = stated.groupby([stated["document_key"], named])["recorded_at"].transform("min")
    stated = stated.assign(named=named, learned=learned).sort_values(["extract_date", "recorded_at"])
    for row in stated.drop_duplicates(["document_key", "named"], keep="last").itertuples():
        one = Cleared(
            abs(int(row.cleared_amount)), str(row.clearing_document), row.clearing_date.date(), row.learned
        )
        seen[row.document_key].clearings.append(one)
        seen[row.document_key].note(row.extract_date.date())
    return seen


def _known(facts: pd.DataFrame, known_at: dt.datetime | None) -> pd.DataFrame:
    return facts if known_at is None else facts[facts["recorded_at"] <= pd.Timestamp(known_at)]
