"""Approved aliases: words of a bank that mean a customer, and customers that pay for others, with their days.

Words are no proof: they only suggest until people agreed with them ``PROVEN_DECISIONS`` times, at
``PROVEN_PERMILLE``, where the policy says nothing else. A relation lets a payer's money reach the other's
documents only where those are named.
Source: DOMAIN, section 2 (4).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from ..references import Parts, parts_of

PROVEN_DECISIONS, PROVEN_PERMILLE = 30, 999


@dataclass(frozen=True)
class Alias:
    customer_id: str
    first: dt.date
    last: dt.date
    is_proven: bool
    words: Parts = ()

    def holds_on(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


class Aliases:
    """``tables.ALIASES`` by company; those that nobody approved are left out."""

    def __init__(
        self,
        aliases: pd.DataFrame | None,
        *,
        decisions: int = PROVEN_DECISIONS,
        permille: int = PROVEN_PERMILLE,
    ) -> None:
        #: Under their first word; relations under the one who pays.
        self._texts: dict[tuple[str, str], list[Alias]] = {}
        self._payers: dict[tuple[str, str], list[Alias]] = {}
        if aliases is None:
            return
        approved = aliases[aliases["approved_by"].ne("")]
        for row in approved.to_dict("records"):
            alias = Alias(
                row["customer_id"],
                begins(row["valid_from"]),
                ends(row["valid_through"]),
                is_proven(int(row["decided"]), int(row["confirmed"]), decisions, permille),
                parts_of(row["pattern"]),
            )
            if row["kind"] == "customer":
                self._payers.setdefault((row["company_id"], row["pattern"]), []).append(alias)
            elif alias.words:
                self._texts.setdefault((row["company_id"], alias.words[0]), []).append(alias)

    def __bool__(self) -> bool:
        return bool(self._texts or self._payers)

    def meant_by(self, company: str, texts: tuple[str, ...], day: dt.date) -> dict[str, bool]:
        """Customers whose alias stands in one of the texts, and whether it is proven."""
        meant: dict[str, bool] = {}
        if not self._texts:
            return meant
        for text in texts:
            parts = parts_of(text)
            for part in dict.fromkeys(parts):
                for alias in self._texts.get((company, part), ()):
                    if stands_in(alias.words, parts) and alias.holds_on(day):
                        is_proven = meant.get(alias.customer_id, False) or alias.is_proven
                        meant[alias.customer_id] = is_proven
        return meant

    def paid_for_by(self, company: str, payer: str, day: dt.date) -> frozenset[str]:
        """The customers for whom this one pays on the day."""
        relations = self._payers.get((company, payer), ())
        return frozenset(one.customer_id for one in relations if one.holds_on(day))


def stands_in(words: Parts, parts: Parts) -> bool:
    """Whether the words stand among the parts of a text one after the other, with nothing between them.

    What suggests a customer and what counts how often that was right must both ask here.
    """
    size = len(words)
    return any(parts[place : place + size] == words for place in range(len(parts) - size + 1))


def begins(day: pd.Timestamp) -> dt.date:
    """The first day on which an alias holds."""
    return dt.date.min if pd.isna(day) else day.date()


def ends(day: pd.Timestamp) -> dt.date:
    """The last one, inside."""
    return dt.date.max if pd.isna(day) else day.date()


def is_proven(decided: int, agreed: int, decisions: int, permille: int) -> bool:
    """Whether people decided often enough, and so often as it says: exact, 999 of 1,000 is enough."""
    return decided >= decisions and agreed * 1000 >= decided * permille
