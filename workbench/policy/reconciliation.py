"""Which bank line may meet which book line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReconciliationPolicy:
    """A bank line meets a book line dated from ``days_before`` before to ``days_after`` after it."""

    days_before: int = 1
    days_after: int = 3
