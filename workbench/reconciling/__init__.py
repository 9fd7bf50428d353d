"""Bank reconciliation through the book: matches by hand, the report and its approval, what is to be cleared.

``look`` reads the book once; ``by_hand`` puts lines together and takes them apart; ``reporting`` prepares,
submits, approves, rejects and reopens; ``clearing`` gives each item that stays an owner and a day.
"""

from __future__ import annotations
