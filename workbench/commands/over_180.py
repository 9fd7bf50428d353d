"""Commands that open cases of the over-180 control and of write-offs; ``workbench move`` moves them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from .. import calendar, spoken, words
from ..errors import ParameterRefusedError
from .door import Door, day_of_move, given_day, today, user, with_door

if TYPE_CHECKING:
    from ..book import Book

_DOCUMENTS = click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT[=AMOUNT]...")
_ON = click.option("--on", "day", metavar="DATE")
_COMPANY = click.option("--company", metavar="ID", default="")


@click.group("over-180", cls=spoken.SpokenGroup)
def over_180() -> None:
    """The control of receivables over 180 days."""


@over_180.command("propose", cls=spoken.SpokenCommand)
@click.option("--period", metavar="YYYY-MM", required=True)
@_COMPANY
@_ON
@with_door
def propose(door: Door, period: str, company: str, day: str | None) -> int:
    from .. import book, transferring

    month = calendar.Period.parse(period)
    on = given_day(day, "on") or min(today(), month.last_day)
    with book.open_book(door.book_url) as opened:
        policy, who = door.policy(), user()
        new = transferring.propose_transfers(
            opened, policy=policy, period=month, who=who, on=on, company=company
        )
        back = transferring.propose_reversals(
            opened, policy=policy, as_of=month.last_day, who=who, on=on, company=company
        )
    _tell(door, {"transfers": new, "reversals": back}, [*new, *back])
    return 0


@over_180.command("plan", cls=spoken.SpokenCommand)
@_DOCUMENTS
@click.option("--owner", metavar="NAME", required=True)
@click.option("--cause", metavar="CODE", required=True)
@click.option("--plan", metavar="TEXT", required=True)
@click.option("--by", "by", metavar="DATE", required=True)
@_ON
@with_door
def plan(
    door: Door, documents: Sequence[str], owner: str, cause: str, plan: str, by: str, day: str | None
) -> int:
    from .. import book, transferring

    with book.open_book(door.book_url) as opened:
        case_id = transferring.plan_collection(
            opened, list(_keys(opened, documents)), policy=door.policy(), owner=owner, cause=cause, plan=plan,
            plan_date=calendar.parse_date(by, name="by"), who=user(), on=day_of_move(day),
        )  # fmt: skip
    _tell(door, {"case_id": case_id}, [case_id])
    return 0


@over_180.command("hand-over", cls=spoken.SpokenCommand)
@_DOCUMENTS
@click.option("--reason", metavar="TEXT", required=True)
@_ON
@with_door
def hand_over(door: Door, documents: Sequence[str], reason: str, day: str | None) -> int:
    from .. import book, transferring

    with book.open_book(door.book_url) as opened:
        case_id = transferring.propose_hand_over(
            opened,
            list(_keys(opened, documents)),
            policy=door.policy(),
            reason=reason,
            who=user(),
            on=day_of_move(day),
        )
    _tell(door, {"case_id": case_id}, [case_id])
    return 0


@over_180.command("exception", cls=spoken.SpokenCommand)
@click.option("--company", metavar="ID", required=True)
@click.option("--customer", metavar="ID", required=True)
@click.option("--reason", metavar="CODE", required=True)
@click.option("--permille", type=int, required=True)
@click.option("--through", metavar="DATE", required=True)
@_ON
@with_door
def exception(
    door: Door, company: str, customer: str, reason: str, permille: int, through: str, day: str | None
) -> int:
    from .. import book, transferring

    with book.open_book(door.book_url) as opened:
        case_id = transferring.request_exception(
            opened, policy=door.policy(), company=company, customer=customer, reason=reason,
            rate_permille=permille, valid_through=calendar.parse_date(through, name="through"), who=user(),
            on=day_of_move(day),
        )  # fmt: skip
    _tell(door, {"case_id": case_id}, [case_id])
    return 0


@over_180.command("credit", cls=spoken.SpokenCommand)
@click.argument("document", metavar="ID")
@click.option("--action", metavar="ACTION", required=True)
@click.option("--owner", metavar="NAME", required=True)
@click.option("--evidence", metavar="TEXT", required=True)
@_ON
@with_door
def credit(door: Door, document: str, action: str, owner: str, evidence: str, day: str | None) -> int:
    from .. import book, transferring
    from ..transferring.old_credits import find_old_credit

    on, policy = day_of_move(day), door.policy()
    with book.open_book(door.book_url) as opened:
        found = find_old_credit(opened, document, as_of=on, policy=policy)
        case_id = transferring.propose_credit(
            opened, found, policy=policy, action=action, owner=owner, evidence=evidence, who=user(), on=on
        )
    _tell(door, {"case_id": case_id}, [case_id])
    return 0


@click.command("write-off", cls=spoken.SpokenCommand)
@_DOCUMENTS
@click.option("--reason", metavar="CODE", required=True)
@click.option("--note", metavar="TEXT", default="")
@_ON
@with_door
def write_off(door: Door, documents: Sequence[str], reason: str, note: str, day: str | None) -> int:
    from .. import book, writing_off

    with book.open_book(door.book_url) as opened:
        case_id = writing_off.prepare_write_off(
            opened, _keys(opened, documents), policy=door.policy(), reason_code=reason, note=note, who=user(),
            on=day_of_move(day),
        )  # fmt: skip
    _tell(door, {"case_id": case_id}, [case_id])
    return 0


def _keys(opened: Book, documents: Sequence[str]) -> dict[int, int]:
    """By key, the amount asked for of each document (0: all of it); a name that is nobody's is refused."""
    from .. import book
    from ..money import to_minor

    known = book.read.documents(opened)
    found: dict[int, int] = {}
    for text in documents:
        name, _, amount = text.partition("=")
        own = known[known["document_id"].eq(name) | known["document_number"].eq(name)]
        if len(own) != 1:
            rule = "document-of-several" if len(own) else "document-unknown"
            raise ParameterRefusedError(rule, name="document", value=name, found=len(own))
        try:
            minor = to_minor(Decimal(amount), str(own["currency"].iloc[0])) if amount else 0
        except InvalidOperation:
            raise ParameterRefusedError("amount-decimals", amount=amount, currency=name) from None
        found[int(own["document_key"].iloc[0])] = minor
    return found


def _tell(door: Door, answer: dict[str, object], cases: Sequence[str]) -> None:
    said = [words.say("cli.case_opened", case=case) for case in cases] or [words.say("cli.nothing_to_open")]
    door.answer(answer, lambda: click.echo("\n".join(said)))
