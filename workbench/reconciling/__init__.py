"""Bank reconciliation through the book: matches by hand, the report and its approval, what is to be cleared.

``look`` reads the book once; ``by_hand`` puts lines together and takes them apart; ``reporting`` prepares,
submits, approves, rejects and reopens; ``clearing`` gives each item that stays an owner and a day.
"""

from __future__ import annotations

from . import by_hand, clearing, differences, reporting

__all__ = ["MOVED", "by_hand", "clearing", "differences", "reporting"]

#: The machine of each kind of case at home here, and what makes its moves.
MOVED = (
    (reporting.MACHINE, reporting.move_report),
    (by_hand.MACHINE, by_hand.move_match),
    (clearing.MACHINE, clearing.move_item),
    (differences.MACHINE, differences.move_difference),
)
