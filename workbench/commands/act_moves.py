"""The moves of an act as commands, each one call of ``acting``; they name the act's id and the day."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import spoken, words
from ..errors import ParameterRefusedError
from ..words import cases as case_words
from .door import Door, day_of_move, media_type, user, with_door

if TYPE_CHECKING:
    from ..acting.moving import KeptFile
    from ..sources.signed_copies import Trust

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
#: Where the pass phrase of ``--key`` is; never among the arguments, which everybody can list.
PASSPHRASE = "WORKBENCH_SIGNING_PASSPHRASE"
_signed_by = (
    click.option("--name", "name", metavar="NAME", default=""),
    click.option("--role", "role", metavar="TEXT", default=""),
    click.option("--id", "person_id", metavar="ID", default=""),
    click.option("--place", metavar="TEXT", default=""),
    click.option("--trust", type=click.Path(path_type=Path)),
)


def _on(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--on", "day", metavar="DATE")(
        click.option("--reason", metavar="TEXT", default="")(command)
    )


def _signer(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_signed_by):
        command = option(command)
    return command


@click.command(cls=spoken.SpokenCommand)
@click.argument("acts", nargs=-1, required=True)
@click.option("--to", "sent_to", metavar="TEXT", required=True)
@click.option("--channel", metavar="TEXT", default="mail", show_default=True)
@click.option("--on", "day", metavar="DATE")
@with_door
def send(door: Door, acts: Sequence[str], sent_to: str, channel: str, day: str | None) -> int:
    from .. import book
    from ..acting.ledger_now import LedgerNow
    from ..acting.moving import send_act
    from ..cases import Brought

    on = day_of_move(day)
    days = door.working_days(range(on.year, on.year + 2))
    with book.open_book(door.book_url) as opened:
        ledger, policy = LedgerNow(opened), door.policy().acts
        states = [
            (act, send_act(opened, act, Brought(user(), on), sent_to=sent_to, channel=channel,
                           working_days=days, policy=policy, ledger=ledger))
            for act in acts
        ]  # fmt: skip
    return _moved(door, "send", states)


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--by", "by", metavar="TEXT", required=True)
@_on
@with_door
def acknowledge(door: Door, act: str, by: str, day: str | None, reason: str) -> int:
    from ..acting.moving import acknowledge_act

    return _one(door, "acknowledge", act, acknowledge_act, day, reason=reason, acknowledged_by=by)


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--to", "sent_to", metavar="TEXT", default="")
@click.option("--channel", metavar="TEXT", default="")
@click.option("--on", "day", metavar="DATE")
@with_door
def remind(door: Door, act: str, sent_to: str, channel: str, day: str | None) -> int:
    from ..acting import moving

    return _one(door, "remind", act, moving.remind, day, sent_to=sent_to, channel=channel)


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--answer", type=click.Choice(("agrees", "differs", "silent")), required=True)
@click.option("--by", "by", metavar="TEXT", default="")
@click.option("--their-balance", metavar="AMOUNT")
@click.option("--file", "file", type=_FILE)
@_on
@with_door
def respond(
    door: Door, act: str, answer: str, by: str, their_balance: str | None, file: Path | None, day: str | None,
    reason: str,
) -> int:  # fmt: skip
    from ..acting.moving import declare_silent, record_response

    if answer == "silent":
        return _one(door, "declare_silent", act, declare_silent, day, reason=reason)
    theirs = None if their_balance is None else _amount(door, act, their_balance)
    return _one(door, "respond", act, record_response, day, reason=reason, answer=answer, answered_by=by,
                their_balance=theirs, file=_kept(file))  # fmt: skip


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option(
    "--procedure", type=click.Choice(("subsequent_receipts", "delivery_proof", "other")), required=True
)
@click.option("--file", "file", type=_FILE)
@_on
@with_door
def alternative(door: Door, act: str, procedure: str, file: Path | None, day: str | None, reason: str) -> int:
    from ..acting.moving import record_alternative_procedure

    return _one(door, "record_alternative", act, record_alternative_procedure, day, reason=reason,
                procedure=procedure, file=_kept(file))  # fmt: skip


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--differences", type=_FILE)
@_on
@with_door
def analyse(door: Door, act: str, differences: Path | None, day: str | None, reason: str) -> int:
    from ..acting import moving
    from ..sources.act_files import read_differences

    found = read_differences(differences, **_whose(door, act)) if differences else []
    return _one(door, "analyse", act, moving.analyse, day, reason=reason, differences=found)


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--actions", type=_FILE)
@click.option("--differences", type=_FILE)
@_on
@with_door
def agree(
    door: Door, act: str, actions: Path | None, differences: Path | None, day: str | None, reason: str
) -> int:
    from ..acting import moving
    from ..sources.act_files import read_actions, read_differences

    return _one(
        door, "agree", act, moving.agree, day, reason=reason,
        actions=read_actions(actions) if actions else [],
        differences=read_differences(differences, **_whose(door, act)) if differences else [],
    )  # fmt: skip


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@click.option("--key", type=_FILE)
@click.option("--file", "file", type=_FILE)
@_signer
@click.option("--on", "day", metavar="DATE")
@with_door
def sign(
    door: Door, act: str, key: Path | None, file: Path | None, name: str, role: str, person_id: str,
    place: str, trust: Path | None, day: str | None,
) -> int:  # fmt: skip
    from ..acting.signing import Signer, sign_for_us
    from ..views.documents.signing import SigningKey

    opened_key = (
        SigningKey(pkcs12=key.read_bytes(), passphrase=os.environ.get(PASSPHRASE, "")) if key else None
    )
    return _one(
        door, "sign_us", act, sign_for_us, day, signer=Signer(name, role, person_id, place), key=opened_key,
        file=_kept(file), trust=_trust(door, trust), at=dt.datetime.now(dt.UTC),
    )  # fmt: skip


@click.command(cls=spoken.SpokenCommand)
@click.argument("file", type=_FILE)
@click.option("--act", "act", metavar="ID", required=True)
@_signer
@click.option("--on", "day", metavar="DATE")
@with_door
def attach(
    door: Door, file: Path, act: str, name: str, role: str, person_id: str, place: str, trust: Path | None,
    day: str | None,
) -> int:  # fmt: skip
    from ..acting.signing import Signer, attach_signed_copy

    return _one(
        door, "sign_both", act, attach_signed_copy, day, file=_kept(file),
        signer=Signer(name, role, person_id, place), trust=_trust(door, trust), at=dt.datetime.now(dt.UTC),
    )  # fmt: skip


@click.command(cls=spoken.SpokenCommand)
@click.argument("act")
@_on
@with_door
def close(door: Door, act: str, day: str | None, reason: str) -> int:
    from ..acting.moving import close_act

    return _one(door, "close", act, close_act, day, reason=reason)


@click.command(cls=spoken.SpokenCommand)
@click.argument("act", required=False, default="")
@click.option("--contradicted", is_flag=True)
@click.option("--company", metavar="ID", default="")
@_on
@with_door
def reopen(door: Door, act: str, contradicted: bool, company: str, day: str | None, reason: str) -> int:
    from .. import book
    from ..acting.reopening import reopen_act, reopen_contradicted_acts

    if bool(act) == contradicted:
        raise ParameterRefusedError("act-reopen-which", name="act", value=act)
    if act:
        return _one(door, "reopen", act, reopen_act, day, reason=reason)
    with book.open_book(door.book_url) as opened:
        done = reopen_contradicted_acts(opened, who=user(), on=day_of_move(day), company=company)
    return _moved(door, "reopen", [(one, "reopened") for one in done.reopened])


COMMANDS = (send, acknowledge, remind, respond, alternative, analyse, agree, sign, attach, close, reopen)


def _one(
    door: Door,
    move: str,
    act: str,
    call: Callable[..., str],
    day: str | None,
    *,
    reason: str = "",
    **more: Any,
) -> int:
    from .. import book
    from ..cases import Brought

    with book.open_book(door.book_url) as opened:
        state = call(opened, act, Brought(user(), day_of_move(day), reason=reason), **more)
    return _moved(door, move, [(act, state)])


def _moved(door: Door, move: str, states: Sequence[tuple[str, str]]) -> int:
    """The same shape as ``workbench move``, one object an act."""
    from ..acts import MACHINE

    told = [
        {"case_id": act, "move": move, "state": state, "who": user(),
         "moves": sorted({one.name for one in MACHINE.moves_from(state)})}
        for act, state in states
    ]  # fmt: skip

    def say() -> None:
        for one in told:
            state, can = str(one["state"]), [str(name) for name in one["moves"]]
            click.echo(words.say("cli.case_moved", case=one["case_id"], state=case_words.state_text(state),
                                 moves=case_words.moves_text(can)))  # fmt: skip
        if not told:
            click.echo(words.say("cli.acts_none_moved"))

    door.answer(told, say)
    return 0


def _kept(path: Path | None) -> KeptFile | None:
    from ..acting.moving import KeptFile

    if path is None:
        return None
    return KeptFile(path.name, media_type(path), path.read_bytes())


def _trust(door: Door, folder: Path | None) -> Trust:
    """The authorities of ``--trust``, else of ``parameters/trust`` where there is one; else nobody."""
    from ..sources.signed_copies import Trust, read_trust

    usual = door.parameters / "trust"
    if folder is None and not usual.is_dir():
        return Trust()
    return read_trust(folder or usual)


def _whose(door: Door, act: str) -> dict[str, str]:
    from .. import book

    with book.open_book(door.book_url) as opened:
        case = book.read.case(opened, act)
    return {"company": case.company_id, "customer": case.customer_id, "currency": case.currency}


def _amount(door: Door, act: str, text: str) -> int:
    from ..money import read_money_text

    try:
        return read_money_text(text, _whose(door, act)["currency"])
    except ValueError:
        raise ParameterRefusedError("their-balance-wrong", name="their-balance", value=text) from None
