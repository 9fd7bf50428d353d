"""The commands that list what several people have in hand, and move one case: one door for every kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import spoken, words
from ..errors import MoveRefusedError, ParameterRefusedError
from ..words import cases as case_words
from .door import Door, assigned, day_of_move, media_type, user, with_door

if TYPE_CHECKING:
    from ..book import Book
    from ..cases import Machine

_SHOWN = ("case_id", "customer_id", "customer_name", "currency", "case_amount", "state", "last_who",
          "last_date")  # fmt: skip
#: Columns that are called here as nowhere else: a case's last date is that of its last move.
_CALLED = {"last_date": "last_move_date"}


@click.command("cases", cls=spoken.SpokenCommand)
@click.option("--kind", metavar="KIND", default="")
@click.option("--state", metavar="STATE", default="")
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@with_door
def list_cases(door: Door, kind: str, state: str, company: str, customers: Sequence[str]) -> int:
    from .. import book, moves

    policy = door.policy()
    with book.open_book(door.book_url) as opened:
        machines = moves.machines(policy)
        kind = codes_meant("kind", kind, machines)[0] if kind else ""
        asked = [machines[kind]] if kind else list(machines.values())
        states = (
            codes_meant("state", state, {one for machine in asked for one in machine.states}) if state else []
        )
        frame = book.read.cases(opened, company, customers=customers or None, kind=kind)
        frame = frame[frame["state"].isin(states)] if states else frame
        names = customer_names(opened)
        rows = [
            {**_row(row, moves.moves_of(row["kind"], row["state"], policy)),
             "customer_name": names.get((row["company_id"], row["customer_id"]), "")}
            for row in frame.to_dict("records")
        ]  # fmt: skip
    door.answer(rows, lambda: _show(rows))
    return 0


def customer_names(opened: Book) -> dict[tuple[str, str], str]:
    """By company and customer, the name that the book has."""
    from .. import book

    known = book.read.customers(opened)
    ids = zip(known["company_id"], known["customer_id"], strict=True)
    return dict(zip(ids, known["customer_name"], strict=True))


def codes_meant(group: str, typed: str, codes: Iterable[str]) -> list[str]:
    """The codes of what was typed, a code or its words; what is none is refused with those there are."""
    known = sorted(codes)
    found = case_words.codes_of(group, typed, known)
    if not found:
        raise ParameterRefusedError(f"case-{group}-unknown", name=group, value=typed, **{f"{group}s": known})
    return found


def _move_meant(machine: Machine | None, case_id: str, typed: str, state: str) -> str:
    """The move by its code or words; of several called the same, the one that starts from here."""
    if machine is None:
        return typed
    here = [move.name for move in machine.moves_from(state)]
    found = case_words.codes_of("move", typed, here) or case_words.codes_of("move", typed, machine.by_name)
    if not found:
        raise MoveRefusedError(
            "case-move-unknown", case=case_id, kind=machine.kind, move=typed, moves=sorted(machine.by_name)
        )
    return found[0]


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
    titles = [
        *(words.say(f"columns.{_CALLED.get(name, name)}") for name in _SHOWN),
        words.say("columns.moves"),
    ]
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
    from ..cases import Brought

    policy, users = door.policy(), door.organisation().users
    who = user()
    role = users[who].role if who in users else ""
    on, content = day_of_move(day), assigned(assignments)
    with book.open_book(door.book_url) as opened:
        case = book.read.case(opened, case_id)
        move_name = _move_meant(moves.machines(policy).get(case.kind), case_id, move_name, case.state)
        kept = ""
        if file is not None:  # last of all: what the book keeps, it keeps for good
            proof = file.read_bytes()
            kept = book.stored_files.store_file(opened, file.name, media_type(file), proof, who=who)
        brought = Brought(who, on, role, reason, content, kept, receipt)
        state = moves.move(opened, case_id, move_name, brought, policy=policy)
        can = moves.moves_of(case.kind, state, policy)
    answer = {"case_id": case_id, "move": move_name, "state": state, "who": who, "moves": can}
    said = words.say(
        "cli.case_moved", case=case_id, state=case_words.state_text(state), moves=case_words.moves_text(can)
    )
    door.answer(answer, lambda: click.echo(said))
    return 0
