"""``workbench bank``: a report begun, its items planned, lines matched by hand and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .. import calendar, spoken, words
from ..errors import ParameterRefusedError, WorkbenchError
from .door import Door, day_of_move, today, user, with_door

_COMPANY = click.option("--company", metavar="ID", required=True)
_ACCOUNT = click.option("--account", metavar="ID", required=True)
_PERIOD = click.option("--period", metavar="YYYY-MM", required=True)
_REASON = click.option("--reason", metavar="TEXT", default="")
_ON = click.option("--on", "day", metavar="DATE")
_REPORTS = ("account_id", "currency", "period", "state", "prepared_by", "approved_by", "still_holds")


@click.group("bank", cls=spoken.SpokenGroup)
@click.option("--lang", type=click.Choice(words.LANGUAGES))
def bank_group(lang: str | None) -> None:
    pass  # chosen before parsing, as for the whole program


@bank_group.command("begin", cls=spoken.SpokenCommand)
@_COMPANY
@_ACCOUNT
@click.option("--currency", metavar="ID", default="")
@_PERIOD
@_ON
@with_door
def begin(door: Door, company: str, account: str, currency: str, period: str, day: str | None) -> int:
    from .. import book
    from ..reconciling import clearing, reporting

    month, on, policy = calendar.Period.parse(period), day_of_move(day), door.policy()
    currency = currency or _currency(door, company, account)
    with book.open_book(door.book_url) as opened:
        case_id = reporting.begin_report(
            opened, company=company, account=account, currency=currency, period=month, policy=policy,
            who=user(), on=on,
        )  # fmt: skip
        new, cleared = clearing.open_items(
            opened, company=company, account=account, as_of=month.last_day, policy=policy, who=user(), on=on
        )
    told = {"report": case_id, "planned": new, "cleared": cleared}
    said = words.say(
        "cli.bank_begun", report=case_id, planned=words.say("cli.bank_planned", count=new),
        cleared=words.say("cli.bank_cleared", count=cleared),
    )  # fmt: skip
    door.answer(told, lambda: click.echo(said))
    return 0


@bank_group.command("reports", cls=spoken.SpokenCommand)
@click.option("--company", metavar="ID", default="")
@click.option("--period", metavar="YYYY-MM", default="")
@with_door
def reports(door: Door, company: str, period: str) -> int:
    from .. import book
    from ..reconciling import reporting
    from ..words.cases import state_text

    as_of = calendar.Period.parse(period).last_day if period else today()
    with book.open_book(door.book_url) as opened:
        begun = book.read.cases(opened, kind="bank_report")["company_id"]
        companies = [company] if company else sorted({*door.organisation().companies, *begun})
        frames = [
            reporting.read_states(opened, company=one, as_of=as_of, policy=door.policy()) for one in companies
        ]
    rows: list[dict[str, Any]] = [
        {**{name: row[name] for name in _REPORTS}, "case_id": row["case_id"], "company_id": one}
        for one, frame in zip(companies, frames, strict=True)
        for row in frame.to_dict("records")
    ]
    shown = [
        [row["account_id"], row["currency"], row["period"], state_text(row["state"]), row["prepared_by"],
         row["approved_by"], words.say("views.yes" if row["still_holds"] else "views.no")]
        for row in rows
    ]  # fmt: skip
    titles = [words.say(f"columns.{name}") for name in _REPORTS]
    door.answer(rows, lambda: spoken.show_table(_REPORTS, shown, (), titles=titles))
    is_broken = any(row["state"] in ("submitted", "approved") and not row["still_holds"] for row in rows)
    return 3 if is_broken else 0


@bank_group.command("decertify", cls=spoken.SpokenCommand)
@_COMPANY
@_REASON
@_ON
@with_door
def decertify(door: Door, company: str, reason: str, day: str | None) -> int:
    from .. import book
    from ..reconciling import reporting

    moved: list[str] = []
    try:
        with book.open_book(door.book_url) as opened:
            changed = reporting.decertify_changed(
                opened, company=company, policy=door.policy(), who=user(), on=day_of_move(day), reason=reason,
                tell=moved.append,
            )  # fmt: skip
    except (WorkbenchError, KeyboardInterrupt):
        if moved:  # each stands by itself, whatever stopped the later ones
            door.tell("bank_decertified", reports=", ".join(moved))
        raise
    said = words.say("cli.bank_decertified", reports=", ".join(changed)) if changed else None
    door.answer({"reports": changed}, lambda: click.echo(said or words.say("cli.bank_certified")))
    return 3 if changed else 0


@bank_group.command("match", cls=spoken.SpokenCommand)
@_COMPANY
@_ACCOUNT
@click.option("--bank", "bank_ids", metavar="ID", multiple=True, required=True)
@click.option("--ledger", "book_ids", metavar="ID", multiple=True, required=True)
@_REASON
@_ON
@with_door
def match(
    door: Door, company: str, account: str, bank_ids: Sequence[str], book_ids: Sequence[str], reason: str,
    day: str | None,
) -> int:  # fmt: skip
    from .. import book
    from ..cases import Brought
    from ..reconciling import by_hand

    with book.open_book(door.book_url) as opened:
        group = by_hand.make_match(
            opened, Brought(user(), day_of_move(day), reason=reason), company=company, account=account,
            bank_ids=bank_ids, book_ids=book_ids, policy=door.policy(),
        )  # fmt: skip
    door.answer({"group": group}, lambda: click.echo(words.say("cli.bank_matched", group=group)))
    return 0


@bank_group.command("unmatch", cls=spoken.SpokenCommand)
@click.argument("group", metavar="ID")
@_COMPANY
@_PERIOD
@click.option("--reason", metavar="TEXT", required=True)
@_ON
@with_door
def unmatch(door: Door, group: str, company: str, period: str, reason: str, day: str | None) -> int:
    from .. import book
    from ..cases import Brought
    from ..reconciling import by_hand

    with book.open_book(door.book_url) as opened:
        state = by_hand.undo_match(
            opened, group, Brought(user(), day_of_move(day), reason=reason), company=company,
            policy=door.policy(), as_of=calendar.Period.parse(period).last_day,
        )  # fmt: skip
    told = {"group": group, "state": state}
    door.answer(told, lambda: click.echo(words.say("cli.bank_unmatched", group=group)))
    return 0


def _currency(door: Door, company: str, account: str) -> str:
    """The account's own, as ``organisation.yaml`` says; one that holds several must be asked for."""
    known = door.organisation().accounts
    owner, currency = known.get(account, ("", ""))
    if owner != company or not currency:
        raise ParameterRefusedError("bank-account-currency-unknown", name="currency", account=account)
    return currency
