"""What a decision must know of a credit note that somebody has decided to give back or to move."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Promised(Protocol):
    """The earlier decision (``credit_notes.Promise``): refund or transfer, whose, when, and its id."""

    @property
    def decision(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def day(self) -> dt.date: ...
    @property
    def decision_id(self) -> str: ...
    @property
    def case_id(self) -> str: ...


def spoken_promise(promise: Promised) -> dict[str, object]:
    """The values of a finding's sentence: who decided, and when."""
    return {"promised": promise.decision, "who": promise.who or "–", "decided_day": promise.day.isoformat()}
