"""``workbench acts``: acts of balance reconciliation drawn up, listed, shown, printed, and what is signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from .. import calendar, spoken, words
from ..words import cases as case_words
from ..words import formats
from . import act_moves
from .cases import codes_meant, customer_names
from .door import Door, day_of_move, given_day, today, user, with_door

_SHOWN = (
    "case_id",
    "customer_id",
    "customer_name",
    "as_of_date",
    "currency",
    "our_balance",
    "difference",
    "state",
    "moved_date",
)
_MONEY = ("our_balance", "their_balance", "difference")
_CHASED = ("case_id", "customer_id", "customer_name", "currency", "our_balance", "state", "chase", "due_date",
           "days_late")  # fmt: skip
_COVERED = ("company_id", "cluster_id", "currency", "customers", "signed_customers", "balance",
            "signed_balance", "signed_share", "alternative_gross", "contradicted_gross")  # fmt: skip


@click.group(cls=spoken.SpokenGroup, name="acts")
@click.option("--lang", type=click.Choice(words.LANGUAGES))
def acts_group(lang: str | None) -> None:
    pass  # chosen before parsing, as for the whole program


for command in act_moves.COMMANDS:
    acts_group.add_command(command)


@acts_group.command(cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@click.option("--as-of", metavar="DATE")
@click.option("--on", "day", metavar="DATE")
@with_door
def prepare(
    door: Door, period: str, company: str, customers: Sequence[str], as_of: str | None, day: str | None
) -> int:
    from .. import book
    from ..acting.preparing import prepare_acts

    with book.open_book(door.book_url) as opened:
        prepared = prepare_acts(
            opened, period=calendar.Period.parse(period), company=company, customers=customers,
            as_of=given_day(as_of, "as-of"), companies=door.organisation().companies,
            buckets=door.policy().aging.buckets, who=user(), on=day_of_move(day),
        )  # fmt: skip
    told = words.say(
        "cli.acts_prepared",
        opened=len(prepared.opened),
        replaced=len(prepared.replaced),
        kept=len(prepared.kept),
    )
    if prepared.signed:
        told += " " + words.say("cli.acts_to_reopen", acts=", ".join(prepared.signed[:5]))
    door.answer(prepared.to_json(), lambda: click.echo(told))
    return 3 if prepared.signed else 0


@acts_group.command(cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@click.option("--company", metavar="ID", default="")
@click.option("--as-of", metavar="DATE")
@click.option("--on", "day", metavar="DATE")
@with_door
def answer(door: Door, period: str, company: str, as_of: str | None, day: str | None) -> int:
    from .. import book
    from ..acting.answers import answer_acts

    on = day_of_move(day)
    with book.open_book(door.book_url) as opened:
        answered = answer_acts(
            opened, period=calendar.Period.parse(period), policy=door.policy(),
            working_days=door.working_days(range(on.year - 1, on.year + 2)), who=user(), on=on,
            company=company, as_of=given_day(as_of, "as-of"),
        )  # fmt: skip
    told = words.say("cli.acts_answered", agrees=len(answered.agrees), differs=len(answered.differs))
    if answered.other:
        told += " " + words.say("cli.acts_answered_other", acts=", ".join(answered.other[:5]))
    value = {"agrees": answered.agrees, "differs": answered.differs, "other": answered.other}
    door.answer(value, lambda: click.echo(told))
    return 3 if answered.other else 0


@acts_group.command("list", cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", default="")
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@click.option("--state", metavar="STATE", default="")
@click.option("--due", is_flag=True)
@click.option("--on", "day", metavar="DATE")
@with_door
def list_acts(
    door: Door, period: str, company: str, customers: Sequence[str], state: str, due: bool, day: str | None
) -> int:
    from .. import acts, book
    from ..acting.reopening import read_acts

    states = codes_meant("state", state, acts.MACHINE.states) if state else []
    with book.open_book(door.book_url) as opened:
        found, names = read_acts(opened, company), customer_names(opened)
    for name, wanted in (("period", [period] if period else []), ("customer_id", list(customers)),
                         ("state", states)):  # fmt: skip
        found = found[found[name].isin(wanted)] if wanted else found
    if due:
        rows = [_row(one, names) for one in acts.list_chases(found, on=day_of_move(day)).to_dict("records")]
        door.answer(rows, lambda: _table(rows, _CHASED))
        return 3 if rows else 0
    rows = [_row(one, names) for one in found.to_dict("records")]
    door.answer(rows, lambda: _table(rows, _SHOWN))
    return 0


@acts_group.command(cls=spoken.SpokenCommand)
@click.argument("act")
@with_door
def show(door: Door, act: str) -> int:
    from .. import book
    from ..acting.telling import tell_act

    with book.open_book(door.book_url) as opened:
        told = _named(tell_act(opened, act), customer_names(opened))

    def say() -> None:
        _table([told], _SHOWN)
        for event in told["events"]:
            move, state = case_words.moves_text([event["move"]]), case_words.state_text(event["state"])
            click.echo(
                f"  {event['event_date']}  {move} → {state}  {event['who']}  {event['reason']}".rstrip()
            )
        if told["changes"]:
            click.echo(words.say("cli.act_contradicted", count=len(told["changes"])))
        click.echo(words.say("cli.act_can", moves=case_words.moves_text(told["moves"]) or "–"))

    door.answer(told, say)
    return 3 if told["changes"] else 0


@acts_group.command(cls=spoken.SpokenCommand)
@click.argument("acts", nargs=-1)
@click.option("--period", metavar="YYYY-MM", default="")
@click.option("--company", metavar="ID", default="")
@click.option("--out", type=click.Path(path_type=Path), required=True)
@with_door
def pdf(door: Door, acts: Sequence[str], period: str, company: str, out: Path) -> int:
    from .. import book
    from ..acting.telling import write_pdfs

    with book.open_book(door.book_url) as opened:
        written = write_pdfs(opened, out, chosen=acts, period=period, company=company)
    told = words.say("cli.acts_written", count=len(written), out=out)
    door.answer(written, lambda: click.echo(told))
    return 0


@acts_group.command(cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", default="")
@click.option("--as-of", metavar="DATE")
@click.option("--company", metavar="ID", default="")
@with_door
def coverage(door: Door, period: str, as_of: str | None, company: str) -> int:
    from .. import book
    from ..acting.reopening import cover
    from ..acting.telling import coverage_to_json

    day = given_day(as_of, "as-of") or (calendar.Period.parse(period).last_day if period else today())
    with book.open_book(door.book_url) as opened:
        covered = cover(opened, as_of=day, company=company, policy=door.policy().acts)
    told = coverage_to_json(covered, day)
    door.answer(told, lambda: _table(told["by_cluster"], _COVERED))
    return 0


def _row(one: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    from ..acting.telling import to_door_row

    return _named(to_door_row(one), names)


def _named(told: dict[str, Any], names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {**told, "customer_name": names.get((told["company_id"], told["customer_id"]), "")}


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        click.echo(words.say("cli.no_acts"))
        return
    titles = [words.say(f"columns.{name}") for name in columns]
    numbers = [name for name in columns if name in _MONEY or name.endswith(("balance", "gross"))]
    shown = [[_said(row, name, numbers) for name in columns] for row in rows]
    spoken.show_table(columns, shown, (*numbers, "customers", "signed_customers", "days_late"), titles=titles)


def _said(row: Mapping[str, Any], name: str, numbers: Sequence[str]) -> str:
    if name in numbers:
        return spoken.money(row[name], row["currency"]) if row[name] else "–"
    if name == "state":
        return case_words.state_text(row[name])
    if name == "signed_share":
        return formats.percent_text(Decimal(row["signed_permille"]) / 1000)
    if name == "chase":
        return case_words.moves_text([row[name]])
    return str(row[name]) if str(row[name]) else "–"
