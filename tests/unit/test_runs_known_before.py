"""Until when the month before counted, whichever companies it was closed for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.calendar import Period
from workbench.runs.evidence import known_before
from workbench.runs.folders import MANIFEST, RunPlace
from workbench.runs.surroundings import Surroundings

OCTOBER = Period(2026, 10)


def _ran(out: Path, company: str, day: int, *, period: str = "2026-09", status: str = "done") -> str:
    """A run of that day, and the instant that it counted until."""
    known = f"2026-10-{day:02d}T12:00:00+00:00"
    folder = RunPlace(out, period, company, "exchange_differences").final(f"202610{day:02d}T120000Z-aaaaaa")
    folder.mkdir(parents=True)
    told = {"status": status, "run": {"known_at": known}}
    (folder / MANIFEST).write_text(json.dumps(told), encoding="utf-8")
    return known


def _asked(out: Path, company: str) -> str:
    around = Surroundings(f"sqlite:///{out}/book.sqlite", out, out, out)
    known = known_before(around, "exchange_differences", period=OCTOBER, company=company)
    return known.isoformat() if known else ""


def test_a_company_closed_alone_follows_the_month_that_was_closed_for_all(tmp_path: Path) -> None:
    assert _asked(tmp_path, "CO01") == ""
    whole = _ran(tmp_path, "", 3)
    assert _asked(tmp_path, "CO01") == whole
    alone = _ran(tmp_path, "CO01", 5)
    assert _asked(tmp_path, "CO01") == alone
    assert _asked(tmp_path, "") == whole


@pytest.mark.parametrize("wrong", [{"status": "failed"}, {"period": "2026-08"}])
def test_what_was_not_done_or_is_of_another_month_says_nothing(tmp_path: Path, wrong: dict[str, str]) -> None:
    whole = _ran(tmp_path, "", 3)
    _ran(tmp_path, "CO01", 5, **wrong)
    assert _asked(tmp_path, "CO01") == whole


def test_runs_of_single_companies_say_nothing_of_all(tmp_path: Path) -> None:
    _ran(tmp_path, "CO01", 3)
    _ran(tmp_path, "CO02", 5)
    assert _asked(tmp_path, "") == ""
