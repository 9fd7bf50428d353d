"""When a customer who does not answer an act is reminded, and how old a signature may be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..errors import PolicyError


@dataclass(frozen=True)
class ActPolicy:
    """Days count from the day an act was sent: of the calendar, or working days (``in_working_days``).

    On each of ``reminder_days`` the customer is reminded; from ``silent_days`` on, with every reminder made,
    it counts as silent and the alternative procedure may begin. ``age_days``: the last days of the ranges by
    which the age of the last signed act is told. Source: DOMAIN, section 8, "Silence rule".
    """

    reminder_days: tuple[int, ...] = (5, 10)
    silent_days: int = 15
    in_working_days: bool = True
    age_days: tuple[int, ...] = (0, 90, 180, 360)

    def __post_init__(self) -> None:
        days = (0, *self.reminder_days, self.silent_days)
        if not self.reminder_days or any(later <= earlier for earlier, later in pairwise(days)):
            raise PolicyError("act-days-wrong", days=", ".join(map(str, days[1:])))
        if not self.age_days or self.age_days[0] != 0 or list(self.age_days) != sorted(set(self.age_days)):
            raise PolicyError("act-days-wrong", days=", ".join(map(str, self.age_days)))
