"""The rules a company chooses, as types with defaults; ``sources`` reads ``parameters/policy.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .errors import PolicyError

AgingBasis = Literal["due", "document", "reception"]
CreditsMode = Literal["own", "column", "net"]

BASES: tuple[AgingBasis, ...] = ("due", "document", "reception")
CREDITS_MODES: tuple[CreditsMode, ...] = ("own", "column", "net")


@dataclass(frozen=True)
class Buckets:
    """Ageing ranges by their last day: ``upper[0]`` is the last day not overdue, the last range is open.

    Default (DOMAIN, section 6): ≤ 0 not due, 1–30, 31–60, 61–90, 91–120, 121–180, 181–360, > 360.
    """

    upper: tuple[int, ...] = (0, 30, 60, 90, 120, 180, 360)

    def __post_init__(self) -> None:
        if not self.upper or self.upper[0] != 0 or list(self.upper) != sorted(set(self.upper)):
            raise PolicyError("buckets-wrong", upper=", ".join(map(str, self.upper)))

    @property
    def names(self) -> tuple[str, ...]:
        """Column names: ``not_due, d1_30, …, d361_plus``."""
        ranges = zip(self.upper, self.upper[1:], strict=False)
        return ("not_due", *(f"d{low + 1}_{high}" for low, high in ranges), f"d{self.upper[-1] + 1}_plus")


@dataclass(frozen=True)
class AgingPolicy:
    basis: AgingBasis = "due"
    credits: CreditsMode = "column"
    buckets: Buckets = field(default_factory=Buckets)


@dataclass(frozen=True)
class ProvisionException:
    """A customer whose items are provided at another rate, with who approved it and until when."""

    company_id: str
    customer_id: str
    rate_permille: int
    reason: str
    approved_by: str
    valid_through: dt.date


@dataclass(frozen=True)
class ProvisionPolicy:
    """Corporate policy: ``rate_permille`` of what is more than ``over_days`` overdue, less the exceptions."""

    over_days: int = 180
    rate_permille: int = 1000
    exceptions: tuple[ProvisionException, ...] = ()


#: How a customer of whom nothing is known pays, in thousandths by hypothesis (``matching.hypotheses``), and
#: how often its payment is no exact sum of documents: a stated prior.
USUAL_HABITS: Mapping[str, int] = {
    "single-amount": 600,
    "whole-account": 80,
    "past-due": 20,
    "one-group": 20,
    "window": 120,
    "window-held-back": 25,
    "few-documents": 50,
    "any-documents": 25,
    "not-exact": 100,
}


@dataclass(frozen=True)
class MatchingPolicy:
    """What may be applied by itself.

    ``wrong_per_million``: of the receipts applied in a run, so many may be wrong by the sum of their chances;
    no single one above ``most_chance_permille``. ``habits``: how customers pay (``USUAL_HABITS``), where the
    company knows better than the stated prior.
    """

    advice_window_days: int = 3  # working days between a remittance advice and its receipt
    has_whole_account: bool = True
    wrong_per_million: int = 1000
    most_chance_permille: int = 50
    habits: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_HABITS))


@dataclass(frozen=True)
class ReconciliationPolicy:
    """A bank line meets a book line dated from ``days_before`` before to ``days_after`` after it."""

    days_before: int = 1
    days_after: int = 3


@dataclass(frozen=True)
class Policy:
    version: str = "default"
    base_currency: str = "COP"
    aging: AgingPolicy = field(default_factory=AgingPolicy)
    provision: ProvisionPolicy = field(default_factory=ProvisionPolicy)
    matching: MatchingPolicy = field(default_factory=MatchingPolicy)
    reconciliation: ReconciliationPolicy = field(default_factory=ReconciliationPolicy)
