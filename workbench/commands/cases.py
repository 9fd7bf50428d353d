"""The commands that list what several people have in hand, and move one case: one door for every kind."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from .. import calendar, spoken, words
from ..words import cases as case_words
from .door import Door, assigned, today, user, with_door

_SHOWN = ("case_id", "customer_id", "currency", "case_amount", "state", "last_who", "last_date")


@click.command("cases", cls=spoken.SpokenCommand)
@click.option("--kind", metavar="KIND", default="")
@click.option("--state", metavar="STATE", default="")
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@with_door
def list_cases(door: Door, kind: str, state: str, company: str, customers: Sequence[str]) -> int:
    from .. import book, moves
    from ..sources.policy_file import load_policy

    policy = load_policy(door.parameters)
    with book.open_book(door.book_url) as opened:
        frame = book.read.cases(opened, company, customers=customers or None, kind=kind)
        frame = frame[frame["state"].eq(state)] if state else frame
        rows = [
            _row(row, moves.moves_of(row["kind"], row["state"], policy)) for row in frame.to_dict("records")
        ]
    door.answer(rows, lambda: _show(rows))
    return 0


def _row(row: Mapping[str, Any], can: list[str]) -> dict[str, Any]:
    from ..money import to_text

    days = {name: row[name].strftime("%Y-%m-%d") if row[name] == row[name] else ""
            for name in ("as_of_date", "opened_date", "last_date")}  # fmt: skip
    texts = ("case_id", "kind", "company_id", "customer_id", "currency", "period", "subject_key", "state",
             "opened_by", "last_move", "last_who")  # fmt: skip
    money = to_text(int(row["case_amount"]), row["currency"]) if row["currency"] else ""
    return {**{name: row[name] for name in texts}, **days, "case_amount": money, "moves": can}


def _show(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        click.echo(words.say("cli.no_cases"))
        return
    shown = [[*(_said(row, name) for name in _SHOWN), case_words.moves_text(row["moves"])] for row in rows]
    titles = [*(words.say(f"columns.{name}") for name in _SHOWN), words.say("columns.moves")]
    spoken.show_table((*_SHOWN, "moves"), shown, ("case_amount",), titles=titles)


def _said(row: Mapping[str, Any], name: str) -> str:
    if name == "case_amount":
        return spoken.money(row[name], row["currency"]) if row[name] else "–"
    if name == "state":
        return case_words.state_text(row[name])
    return str(row[name]) or "–"


@click.command("move", cls=spoken.SpokenCommand)
@click.argument("case_id", metavar="CASE")
@click.argument("move_name", metavar="MOVE")
@click.option("--reason", metavar="TEXT", default="")
@click.option("--on", "day", metavar="DATE")
@click.option("--file", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--receipt", metavar="ID", default="")
@click.option("-p", "assignments", multiple=True, metavar="NAME=VALUE")
@with_door
def move_case(
    door: Door,
    case_id: str,
    move_name: str,
    reason: str,
    day: str | None,
    file: Path | None,
    receipt: str,
    assignments: Sequence[str],
) -> int:
    from .. import book, moves
    from ..sources.organisation import load_organisation
    from ..sources.policy_file import load_policy

    policy, users = load_policy(door.parameters), load_organisation(door.parameters).users
    who = user()
    role = users[who].role if who in users else ""
    on = calendar.parse_date(day, name="on") if day else today()
    with book.open_book(door.book_url) as opened:
        kept = ""
        if file is not None:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            kept = book.stored_files.store_file(opened, file.name, kind, file.read_bytes(), who=who)
        state = moves.move(
            opened, case_id, move_name, policy=policy, who=who, role=role, on=on, reason=reason,
            content=assigned(assignments), file_sha256=kept, receipt=receipt,
        )  # fmt: skip
        can = moves.moves_of(book.read.case(opened, case_id).kind, state, policy)
    answer = {"case_id": case_id, "move": move_name, "state": state, "who": who, "moves": can}
    said = words.say(
        "cli.case_moved", case=case_id, state=case_words.state_text(state), moves=case_words.moves_text(can)
    )
    door.answer(answer, lambda: click.echo(said))
    return 0
