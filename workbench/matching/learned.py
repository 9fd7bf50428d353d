"""All that matching learns, in one call: aliases counted, candidates, how right each rule was, habits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from ..policy import MatchingPolicy
from ..tables import ALIASES, Table
from .habits import HABITS, learn_habits
from .learned_aliases import CANDIDATES, alias_candidates, counted_aliases, paid_receipts
from .standings import STANDINGS, claims_of_rules, measure_rules


@dataclass(frozen=True)
class Learned:
    """``aliases``: ``tables.ALIASES`` with their counts; ``candidates``: ``CANDIDATES`` for a person to
    approve; ``standings``: ``STANDINGS``, which rule may apply by itself; ``habits``: ``HABITS``."""

    aliases: pd.DataFrame
    candidates: pd.DataFrame
    standings: pd.DataFrame
    habits: pd.DataFrame

    @property
    def tables(self) -> dict[str, tuple[pd.DataFrame, Table]]:
        """The results by the names of their files."""
        return {
            "rule_standings": (self.standings, STANDINGS),
            "customer_habits": (self.habits, HABITS),
            "aliases": (self.aliases, ALIASES),
            "alias_candidates": (self.candidates, CANDIDATES),
        }

    @classmethod
    def nothing(cls) -> Learned:
        """What a house without history knows."""
        return cls(ALIASES.empty(), CANDIDATES.empty(), STANDINGS.empty(), HABITS.empty())


def learn(
    documents: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    receipts: pd.DataFrame,
    aliases: pd.DataFrame,
    evidence: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    policy: MatchingPolicy,
    known_at: dt.datetime,
) -> Learned:
    """What people's decisions and the customers' payments teach, as known at an instant.

    The frames are those that ``book.read`` gives of these names (``evidence``: ``alias_evidence``). What was
    recorded after ``known_at`` teaches nothing; the order of rows does not matter, and the same row twice
    is one. Source: DOMAIN, sections 2 and 3.
    """
    instant = pd.Timestamp(known_at)
    claims = claims_of_rules(
        applications, reversals, decisions, documents, policy=policy.learning, known_at=instant
    )
    told = (applications, reversals)
    paid = paid_receipts(receipts, *told, documents, known_at=instant)
    return Learned(
        aliases=counted_aliases(aliases, evidence, *told, known_at=instant),
        candidates=alias_candidates(
            evidence, aliases, *told, known_at=instant, paid=paid, policy=policy.learning
        ),
        standings=measure_rules(claims, policy=policy.learning),
        habits=learn_habits(documents, clearings, *told, receipts, policy=policy, known_at=instant),
    )
