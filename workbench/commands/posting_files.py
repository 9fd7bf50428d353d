"""The command by which postings leave for the ERP."""

from __future__ import annotations

from pathlib import Path

import click

from .. import calendar, spoken
from .door import Door, today, user, with_door


@click.command("export", cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@click.option("--company", metavar="ID", default="")
@click.option("--layout", metavar="NAME", default="generic", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--again", is_flag=True)
@click.option("--dry-run", is_flag=True)
@with_door
def export(door: Door, period: str, company: str, layout: str, out: Path, again: bool, dry_run: bool) -> int:
    from .. import book, exports

    month = calendar.Period.parse(period)
    with book.open_book(door.book_url) as opened:
        exported = exports.export_postings(
            opened, period=month, layout=layout, out=out, on=today(), company=company, again=again,
            dry_run=dry_run, parameters=door.parameters, who=user(),
        )  # fmt: skip
    told = {**exported.to_json(), **({"dry_run": True} if dry_run else {})}
    door.answer(told, lambda: spoken.show_export(told, is_dry_run=dry_run))
    return 3 if any(one["level"] != "note" for one in told["findings"]) else 0
