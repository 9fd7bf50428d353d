"""Ageing: from which date days count, which ranges, and where credits stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import PolicyError

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
