"""What may set a credit note off by itself."""

from __future__ import annotations

from dataclasses import dataclass

from .actions import DifferenceAction


@dataclass(frozen=True)
class CreditNotePolicy:
    """What may set a credit note off by itself beside what documents and customers name.

    ``same_amount`` applies where the chance of an accident is at most ``wrong_per_million``. The oldest debt
    is never more than a suggestion. Credits older than ``old_days`` are listed.
    """

    same_order: DifferenceAction = "apply"
    same_centre: DifferenceAction = "suggest"
    same_amount: DifferenceAction = "apply"
    wrong_per_million: int = 1000
    suggests_oldest: bool = True
    old_days: int = 180
