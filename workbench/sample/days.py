"""The months of the sample and their working days, as day numbers (days since 1970-01-01)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..calendar import Period, WorkingDays

Days = npt.NDArray[np.int64]
EPOCH = dt.date(1970, 1, 1)
NO_DAY = -1


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(number: int) -> dt.date:
    """The day of a number."""
    return EPOCH + dt.timedelta(days=int(number))


def iso_texts(numbers: Days) -> list[str]:
    """ISO days, ``""`` for :data:`NO_DAY`."""
    texts = np.datetime_as_string(numbers.astype("datetime64[D]")).tolist()
    return ["" if number == NO_DAY else text for number, text in zip(numbers.tolist(), texts, strict=True)]


@dataclass(frozen=True)
class Months:
    """``count`` months, the last of which is the closing month."""

    closing: Period
    count: int

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Oldest first."""
        found = [self.closing]
        while len(found) < self.count:
            found.append(found[-1].previous())
        return tuple(reversed(found))

    @cached_property
    def working(self) -> WorkingDays:
        """Monday to Friday without Colombian holidays, two years around."""
        from ..sources.holidays_file import colombian_holidays

        first, last = self.periods[0].year - 2, self.closing.year + 1
        return WorkingDays.of(colombian_holidays(range(first, last + 1)))

    @cached_property
    def _busy(self) -> np.busdaycalendar:
        return np.busdaycalendar(holidays=sorted(self.working.holidays))

    @property
    def first(self) -> int:
        return day_number(self.periods[0].first_day)

    @property
    def last(self) -> int:
        return day_number(self.closing.last_day)

    @property
    def closing_first(self) -> int:
        return day_number(self.closing.first_day)

    def days_of(self, month: int) -> Days:
        """The working days of the month with that index."""
        period = self.periods[month]
        every = np.arange(day_number(period.first_day), day_number(period.last_day) + 1)
        return every[self.is_working(every)]

    def is_working(self, days: Days) -> npt.NDArray[np.bool_]:
        """Which of the days are working days."""
        return np.is_busday(days.astype("datetime64[D]"), busdaycal=self._busy)

    def shift(self, days: Days, by: Days) -> Days:
        """Each day moved by so many working days."""
        moved = np.busday_offset(days.astype("datetime64[D]"), by, roll="forward", busdaycal=self._busy)
        return moved.astype(np.int64)
