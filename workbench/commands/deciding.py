"""The commands by which people take back what was applied, and answer what waits for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import spoken, words
from .door import Door, given_day, today, user, with_door

if TYPE_CHECKING:
    from ..undo import Undone


@click.command(cls=spoken.SpokenCommand)
@click.option("--receipt", metavar="ID", default="")
@click.option("--application", metavar="ID", default="")
@click.option("--run", metavar="RUN_ID", default="")
@click.option("--date", metavar="DATE")
@click.option("--reason", metavar="TEXT", default="")
@with_door
def undo(door: Door, receipt: str, application: str, run: str, date: str | None, reason: str) -> int:
    from .. import book
    from ..undo import undo_applications

    with book.open_book(door.book_url) as opened:
        undone = undo_applications(
            opened, today=today(), application=application, receipt=receipt, run=run,
            date=given_day(date, "date"), reason=reason, who=user(),
        )  # fmt: skip
    said = words.say(
        "cli.undone", count=len(undone.applications), date=undone.effective_date.isoformat(),
        receipts=words.say("cli.counted_receipts", count=undone.receipts),
        documents=words.say("cli.counted_documents", count=undone.documents),
    )  # fmt: skip
    told = [said, *_what_the_date_means(undone)]
    told += [words.say("cli.undone_exported", count=undone.exported)] if undone.exported else []
    door.answer(undone.to_json(), lambda: click.echo(" ".join(told)))
    return 0


def _what_the_date_means(undone: Undone) -> list[str]:
    """Which day the reversals took and why, from which month on it is as if nothing had been applied."""
    day, period = undone.effective_date, f"{undone.effective_date:%Y-%m}"
    how = "given" if undone.is_date_given else "default"
    said = [words.say(f"cli.undone_date_{how}", date=day.isoformat())]
    before = f"{undone.applied_through:%Y-%m}"
    if before == period:
        return [*said, words.say("cli.undone_same_month", period=period)]
    said.append(words.say("cli.undone_later_month", before=before, period=period))
    if undone.earlier_date:
        earlier = undone.earlier_date.isoformat()
        said.append(words.say("cli.undone_earlier_date", before=before, date=earlier))
    return said


@click.command(cls=spoken.SpokenCommand)
@click.option("--request", "request_id", metavar="ID", default="")
@click.option("--refuse", is_flag=True)
@click.option("--reason", metavar="TEXT", default="")
@with_door
def approve(door: Door, request_id: str, refuse: bool, reason: str) -> int:
    from .. import book, deciding_notes

    with book.open_book(door.book_url) as opened:
        if not request_id:
            waiting = deciding_notes.requests_to_json(opened)
            door.answer(waiting, lambda: _show_waiting(waiting))
            return 3 if waiting else 0
        answered = deciding_notes.answer_request(
            opened, request_id, approved=not refuse, who=user(), today=today(), reason=reason
        )
    note = "_note" if answered.credit_note_id else ""
    said = words.say(f"cli.answered_{answered.answer}{note}", receipt=answered.receipt_id,
                     note=answered.credit_note_id, count=answered.applications)  # fmt: skip
    door.answer(answered.to_json(), lambda: click.echo(said))
    return 0


def _show_waiting(waiting: list[dict[str, object]]) -> None:
    if not waiting:
        click.echo(words.say("cli.waiting_nothing"))
    for one in waiting:
        key = "cli.waiting_note" if one.get("credit_note_id") else "cli.waiting"
        currency = str(one["currency"])
        shown = {
            **one, "amount": spoken.money(str(one["amount"]), currency), "short_id": str(one["request"])[:8],
            "customer": one["customer_name"] or one["customer_id"] or "–",
            "documents": one["documents"] or "–", "reason": one["reason"] or "–",
        }  # fmt: skip
        click.echo(words.say(key, **shown))
