"""The act of balance reconciliation (acta de conciliación de saldos) that both sides sign.

``machine`` has its states and moves, ``guards`` what each move must bring, ``prepared`` draws acts up,
``histories`` tells where each stands, ``silence`` what to chase, ``contradictions`` which signed acts the
book contradicts by now, ``coverage`` how much is signed. Source: DOMAIN, section 8.
"""

from __future__ import annotations

from .contradictions import (
    CONTRADICTIONS,
    Change,
    compare_items,
    find_all_contradictions,
    find_contradictions,
    tell_contradictions,
)
from .coverage import COVERAGE_BY_AGE, COVERAGE_BY_CLUSTER, COVERED, Covered, cover_balances
from .histories import ACTS, latest_acts, tell_acts
from .machine import CONFIRMED, KIND, MACHINE, SIGNED, UNSIGNED
from .prepared import PlannedActs, PreparedAct, draw_up_acts, facts_of_item, plan_acts
from .silence import CHASES, days_to_chase, list_chases

__all__ = [
    "ACTS",
    "CHASES",
    "CONFIRMED",
    "CONTRADICTIONS",
    "COVERAGE_BY_AGE",
    "COVERAGE_BY_CLUSTER",
    "COVERED",
    "KIND",
    "MACHINE",
    "SIGNED",
    "UNSIGNED",
    "Change",
    "Covered",
    "PlannedActs",
    "PreparedAct",
    "compare_items",
    "cover_balances",
    "days_to_chase",
    "draw_up_acts",
    "facts_of_item",
    "find_all_contradictions",
    "find_contradictions",
    "latest_acts",
    "list_chases",
    "plan_acts",
    "tell_acts",
    "tell_contradictions",
]
