"""The command that lists what is open: items of the ledger, or receipts that are not applied yet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import click

from .. import calendar, spoken, words
from ..errors import ParameterRefusedError
from .door import Door, today, with_door

_ITEMS = ("company_id", "customer_id", "document_id", "document_date", "due_date", "order_id", "currency")
_RECEIPTS = ("company_id", "receipt_id", "receipt_date", "customer_id", "payer_name", "text", "currency")
_BOUND = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?")


@click.command("list", cls=spoken.SpokenCommand)
@click.argument("what", type=click.Choice(("items", "receipts")))
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@click.option("--as-of", metavar="DATE")
@click.option("--from-amount", metavar="AMOUNT")
@click.option("--to-amount", metavar="AMOUNT")
@with_door
def list_open(
    door: Door,
    what: str,
    company: str,
    customers: Sequence[str],
    as_of: str | None,
    from_amount: str | None,
    to_amount: str | None,
) -> int:
    from .. import book, ledger

    day = calendar.parse_date(as_of, name="as-of") if as_of else today()
    smallest, largest = _bound("from-amount", from_amount), _bound("to-amount", to_amount)
    with book.open_book(door.book_url) as opened:
        frame = _items(opened, company, day) if what == "items" else _receipts(opened, company, day)
    amount = "open_amount" if what == "items" else "unapplied_amount"
    columns = _ITEMS if what == "items" else _RECEIPTS
    frame = frame[frame[amount] != 0]
    if customers:
        frame = frame[frame["customer_id"].isin(customers)]
    frame = ledger.select_by_amount(frame, amount, smallest=smallest, largest=largest)
    rows = _rows(frame, columns, amount)
    door.answer(rows, lambda: _show((*columns, amount), rows, amount))
    return 0


def _bound(name: str, text: str | None) -> Decimal | None:
    """A decimal in major units, with a point."""
    if text is None:
        return None
    if not _BOUND.fullmatch(text):
        raise ParameterRefusedError("amount-bound-wrong", name=name, value=text)
    return Decimal(text)


def _items(opened: Any, company: str, day: dt.date) -> Any:
    from .. import ledger
    from ..book import read

    facts = [getattr(read, name)(opened, company) for name in
             ("documents", "observations", "clearings", "applications", "reversals")]  # fmt: skip
    return ledger.open_items_as_of(*facts, as_of=day)


def _receipts(opened: Any, company: str, day: dt.date) -> Any:
    from .. import ledger
    from ..book import read

    facts = (read.applications(opened, company), read.reversals(opened, company))
    return ledger.unapplied_receipts(read.receipts(opened, company), *facts, as_of=day)


def _rows(frame: Any, columns: Sequence[str], amount: str) -> list[dict[str, str]]:
    from ..money import to_text

    shown = []
    for row in frame.to_dict("records"):
        texts = {name: row[name].strftime("%Y-%m-%d") if name.endswith("_date") and row[name] == row[name]
                 else "" if name.endswith("_date") else str(row[name]) for name in columns}  # fmt: skip
        shown.append({**texts, amount: to_text(int(row[amount]), row["currency"])})
    return shown


def _show(columns: Sequence[str], rows: Sequence[Mapping[str, str]], amount: str) -> None:
    """A table, and the sum of each currency."""
    sums: dict[str, Decimal] = {}
    shown = []
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + Decimal(row[amount])
        money = spoken.money(row[amount], row["currency"])
        shown.append([money if name == amount else row[name] for name in columns])
    if rows:
        titles = [words.say(f"columns.{name}") for name in columns]
        spoken.show_table(columns, shown, (amount,), titles=titles)
    said = "; ".join(f"{spoken.money(str(total), code)} {code}" for code, total in sorted(sums.items()))
    click.echo(words.say("cli.listed", count=len(rows), sums=said or "–"))
