"""What matching may apply by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .differences import DifferencePolicy
from .learning import USUAL_DIFFERENCES, USUAL_HABITS, LearningPolicy
from .withholdings import Withholdings


@dataclass(frozen=True)
class MatchingPolicy:
    """What may be applied by itself.

    ``wrong_per_million``: of the receipts applied in a run, so many may be wrong by the sum of their chances;
    no single one above ``most_chance_permille``. ``habits``: how customers pay (``USUAL_HABITS``), where the
    company knows better than the stated prior, and ``exact_differences`` how often they are short in a way
    that is exact (``USUAL_DIFFERENCES``). ``differences``: what may be short or over; ``withholdings``:
    the rates in force, which speak only of documents that state their taxable base.
    """

    advice_window_days: int = 3  # working days between a remittance advice and its receipt
    has_whole_account: bool = True
    wrong_per_million: int = 1000
    most_chance_permille: int = 35
    habits: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_HABITS))
    #: By currency, in minor units: what a decision may apply without a second person; absent: any amount.
    approval: Mapping[str, int] = field(default_factory=dict)
    approval_days: int = 7  # how long a decision waits for the second person
    #: Customers ("*": all) whose payments, where nothing else speaks, are proposed to their oldest debts.
    oldest_first: frozenset[str] = frozenset()
    exact_differences: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_DIFFERENCES))
    differences: DifferencePolicy = field(default_factory=DifferencePolicy)
    withholdings: Withholdings = field(default_factory=Withholdings)
    learning: LearningPolicy = field(default_factory=LearningPolicy)
