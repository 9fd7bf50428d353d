"""Checks before the work: which statements are apart, and as of when."""

from __future__ import annotations

import datetime as dt

from upper_trade_frames import bank_balances

from workbench import words
from workbench.runs.checks import statements_with_gaps

OCTOBER, NOVEMBER = dt.date(2026, 10, 31), dt.date(2026, 11, 30)


def test_a_week_inside_a_month_does_not_part_the_next_month_from_it() -> None:
    statements = bank_balances(
        ("2026-10-01", 100, "2026-10-31", 900),
        ("2026-10-05", 150, "2026-10-10", 300),
        ("2026-11-01", 900, "2026-11-30", 50),
    )
    assert statements_with_gaps(statements, as_of=NOVEMBER).empty


def test_a_statement_of_november_does_not_stop_october() -> None:
    statements = bank_balances(("2026-10-01", 100, "2026-10-31", 900), ("2026-11-01", 905, "2026-11-30", 50))
    assert statements_with_gaps(statements, as_of=OCTOBER).empty
    assert statements_with_gaps(statements, as_of=NOVEMBER)["amount"].tolist() == [5]


def test_the_finding_says_both_days_and_balances() -> None:
    import json

    statements = bank_balances(("2026-10-01", 100, "2026-10-31", 900), ("2026-11-01", 905, "2026-11-30", 50))
    found = statements_with_gaps(statements, as_of=NOVEMBER).iloc[0]
    said = words.sentence(found["rule"], json.loads(found["values"]), "es")
    assert "–" not in said
    assert "01/11/2026" in said
    assert "31/10/2026" in said
