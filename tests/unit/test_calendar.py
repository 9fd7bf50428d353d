"""Periods, months' ends and working days."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from workbench.calendar import Period, WorkingDays, parse_date, parse_instant
from workbench.errors import ParameterRefusedError

DAY = dt.date.fromisoformat
#: All Saints' moved to Monday 2 November 2026.
NOVEMBER = WorkingDays.of([DAY("2026-11-02"), DAY("2026-11-16")])


def test_a_period_knows_its_days_and_its_neighbours() -> None:
    period = Period.parse("2026-12")
    assert (period.first_day, period.last_day) == (DAY("2026-12-01"), DAY("2026-12-31"))
    assert (str(period.next()), str(period.previous())) == ("2027-01", "2026-11")
    assert str(Period.parse("2026-01").previous()) == "2025-12"
    assert Period.parse("2028-02").last_day == DAY("2028-02-29")


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "202610", "2026-10-01", "", "２０２６-10", "2026-10\n"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ParameterRefusedError):
        Period.parse(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "31/10/2026", "20261031", "2026-10-31T00:00", "", "2026-10-31\n"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ParameterRefusedError) as raised:
        parse_date(text, name="as_of")
    assert raised.value.values["name"] == "as_of"


def test_an_instant_is_utc_whatever_offset_it_is_written_with() -> None:
    noon = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
    for text in ("2026-11-03T12:00:00Z", "2026-11-03T12:00:00", "2026-11-03T07:00:00-05:00"):
        assert parse_instant(text) == noon
        assert parse_instant(text).utcoffset() == dt.timedelta(0)
    with pytest.raises(ParameterRefusedError):
        parse_instant("yesterday")


def test_weekends_and_holidays_are_no_working_days() -> None:
    assert [NOVEMBER.is_working_day(DAY(f"2026-11-0{n}")) for n in (1, 2, 3, 7)] == [
        False,
        False,
        True,
        False,
    ]


def test_shifting_counts_working_days_only() -> None:
    friday = DAY("2026-10-30")
    assert NOVEMBER.shift(friday, 1) == DAY("2026-11-03")
    assert NOVEMBER.shift(DAY("2026-11-03"), -1) == friday
    assert NOVEMBER.shift(DAY("2026-10-31"), 0) == DAY("2026-11-03")
    assert NOVEMBER.shift(DAY("2026-10-31"), 1) == DAY("2026-11-03")


def test_working_days_between_leave_the_last_day_out() -> None:
    assert NOVEMBER.between(DAY("2026-10-30"), DAY("2026-11-04")) == 2


def test_the_closing_calendar_starts_on_the_first_working_day_of_the_next_month() -> None:
    october = Period.parse("2026-10")
    days = {n: NOVEMBER.close_day(october, n) for n in (-2, -1, 1, 2)}
    assert days == {
        -2: DAY("2026-10-29"),
        -1: DAY("2026-10-30"),
        1: DAY("2026-11-03"),
        2: DAY("2026-11-04"),
    }
    with pytest.raises(ParameterRefusedError):
        NOVEMBER.close_day(october, 0)


def test_real_colombian_holidays_are_no_working_days(shared: Path) -> None:
    with (shared / "data/holidays/colombia_2016_2030.csv").open(encoding="utf-8", newline="") as stream:
        holidays = [DAY(row["date"]) for row in csv.DictReader(stream)]
    working = WorkingDays.of(holidays)
    assert not any(working.is_working_day(day) for day in holidays)
    assert working.close_day(Period.parse("2026-12"), 1) == DAY("2027-01-04")
