"""Days of the trade: periods, months' ends and working days. Holidays are passed in, never looked up here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .errors import ParameterRefusedError

BOGOTA = "America/Bogota"
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def parse_date(text: str, *, name: str = "date") -> dt.date:
    """An ISO day, ``2026-10-31``; anything else is refused by the parameter's name."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    raise ParameterRefusedError("date-wrong", name=name, value=text)


def parse_instant(text: str, *, name: str = "known_at") -> dt.datetime:
    """A UTC instant, ``2026-11-03T14:05:00Z`` (an offset is converted; without one it is UTC)."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ParameterRefusedError("instant-wrong", name=name, value=text) from None
    return instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)


def day_numbers(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Days since 1970 of a column of dates; an absent date comes before every day."""
    numbers: npt.NDArray[np.int64] = days.astype("datetime64[D]").astype(np.int64)
    return numbers


@dataclass(frozen=True)
class Period:
    """An accounting month, ``2026-10``."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        if not _PERIOD.fullmatch(text):
            raise ParameterRefusedError("period-wrong", name="period", value=text)
        return cls(int(text[:4]), int(text[5:]))

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        return self.next().first_day - dt.timedelta(days=1)

    def next(self) -> Period:
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def previous(self) -> Period:
        return Period(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday less the holidays given (días hábiles)."""

    holidays: frozenset[dt.date]

    @classmethod
    def of(cls, holidays: Iterable[dt.date]) -> WorkingDays:
        return cls(frozenset(holidays))

    def _calendar(self) -> np.busdaycalendar:
        return np.busdaycalendar(holidays=sorted(self.holidays))

    def is_working_day(self, day: dt.date) -> bool:
        return bool(np.is_busday(day, busdaycal=self._calendar()))

    def shift(self, day: dt.date, days: int) -> dt.date:
        """``days`` working days after ``day`` (before it when negative); 0 rolls forward to a working day."""
        roll: Literal["forward", "backward"] = "forward" if days <= 0 else "backward"
        shifted = np.busday_offset(np.datetime64(day), days, roll=roll, busdaycal=self._calendar())
        return dt.date.fromisoformat(str(shifted))

    def between(self, first: dt.date, last: dt.date) -> int:
        """Working days from ``first`` inclusive to ``last`` exclusive."""
        return int(np.busday_count(first, last, busdaycal=self._calendar()))

    def close_day(self, period: Period, working_day: int) -> dt.date:
        """The closing calendar's day: WD1 is the first working day of the next month, WD-1 the one before it.

        There is no WD0 (source: DOMAIN, section 18).
        """
        if working_day == 0:
            raise ParameterRefusedError("working-day-zero", name="working_day", value=0)
        first = self.shift(period.next().first_day, 0)
        return self.shift(first, working_day - 1 if working_day > 0 else working_day)
