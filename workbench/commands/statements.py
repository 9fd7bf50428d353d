"""The command that issues a month's statements of account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from .. import calendar, spoken
from .door import Door, given_day, told_at_times, with_door


@click.command("statements", cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@click.option("--as-of", metavar="DATE")
@click.option("--known-at", metavar="INSTANT")
@click.option("--issued-at", metavar="INSTANT")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@with_door
def statements(
    door: Door,
    period: str,
    company: str,
    customers: Sequence[str],
    as_of: str | None,
    known_at: str | None,
    issued_at: str | None,
    out: Path,
) -> int:
    from .. import book, issuing

    month = calendar.Period.parse(period)
    companies, buckets = door.organisation().companies, door.policy().aging.buckets
    with book.open_book(door.book_url) as opened:
        issued = issuing.issue_statements(
            opened, out, period=month, company=company, customers=customers,
            as_of=given_day(as_of, "as-of"),
            known_at=calendar.parse_instant(known_at, name="known-at") if known_at else None,
            issued_at=calendar.parse_instant(issued_at, name="issued-at") if issued_at else None,
            companies=companies, buckets=buckets, progress=told_at_times(door, "statements_progress"),
        )  # fmt: skip
    told = issued.to_json()
    door.answer(told, lambda: spoken.show_statements(told))
    return 3 if any(one["level"] != "note" for one in told["findings"]) else 0
