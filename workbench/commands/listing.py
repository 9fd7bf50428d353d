"""The command that lists what is open: items of the ledger, or receipts that are not applied yet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import click

from .. import spoken, words
from ..errors import ParameterRefusedError
from ..tables import OPEN_ITEMS
from ..words import formats
from .door import Door, given_day, today, with_door

_ITEMS = (
    "company_id", "customer_id", "customer_name", "document_id", "reference", "document_date", "due_date",
    "order_id", "currency",
)  # fmt: skip
_RECEIPTS = (
    "company_id", "receipt_id", "receipt_date", "customer_id", "customer_name", "payer_name", "text",
    "currency",
)  # fmt: skip
_BOUND = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?")
#: As a person of this language writes it: ``400.000,50``; a comma is no point, so nothing is unclear.
_SPANISH = re.compile(r"([0-9]{1,18}|[0-9]{1,3}(\.[0-9]{3}){1,5}),[0-9]{1,9}|[0-9]{1,3}(\.[0-9]{3}){2,5}")


@click.command("list", cls=spoken.SpokenCommand)
@click.argument("what", type=click.Choice(("items", "receipts")), required=False)
@click.option("--company", metavar="ID", default="")
@click.option("--customer", "customers", metavar="ID", multiple=True)
@click.option("--as-of", metavar="DATE")
@click.option("--from-amount", metavar="AMOUNT")
@click.option("--to-amount", metavar="AMOUNT")
@with_door
def list_open(
    door: Door,
    what: str | None,
    company: str,
    customers: Sequence[str],
    as_of: str | None,
    from_amount: str | None,
    to_amount: str | None,
) -> int:
    from .. import book, ledger

    if what is None:
        raise ParameterRefusedError("list-of-what")
    day = given_day(as_of, "as-of") or today()
    smallest, largest = _bound("from-amount", from_amount), _bound("to-amount", to_amount)
    with book.open_book(door.book_url) as opened:
        frame = _items(opened, company, day) if what == "items" else _receipts(opened, company, day)
        frame = _with_names(frame, opened, company)
    amounts = ("open_amount",) if what == "items" else ("unapplied_amount", "on_account_amount")
    columns = _ITEMS if what == "items" else _RECEIPTS
    frame = frame.assign(_held=frame[list(amounts)].sum(axis=1))
    frame = frame[frame[list(amounts)].ne(0).any(axis=1)]
    if customers:
        frame = frame[frame["customer_id"].isin(customers)]
    frame = ledger.select_by_amount(frame, "_held", smallest=smallest, largest=largest)
    rows = _rows(frame, columns, amounts)
    is_narrowed = bool(customers or from_amount or to_amount or company)
    door.answer(rows, lambda: _show(columns, rows, amounts, what, is_narrowed=is_narrowed))
    return 0


def _bound(name: str, text: str | None) -> Decimal | None:
    """A decimal in major units, with a point; in Spanish with a decimal comma as well."""
    if text is None:
        return None
    if words.language() == "es" and _SPANISH.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
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
    """What nobody has applied, and what stands on account of which customer."""
    from .. import ledger
    from ..book import read

    receipts = read.receipts(opened, company)
    facts = (read.applications(opened, company), read.reversals(opened, company))
    left = ledger.unapplied_receipts(receipts, *facts, as_of=day)
    exported, documents = read.erp_export_lines(opened, company), read.documents(opened, company)
    credits = ledger.with_credits_on_account(
        OPEN_ITEMS.empty(), documents, receipts, *facts, exported, as_of=day
    )
    keys = ledger.receipts_on_account(credits)
    held = credits.assign(receipt_key=keys).groupby("receipt_key", sort=False)
    whose = held["customer_id"].agg(lambda names: ", ".join(sorted(set(names) - {""})))
    on_account = left["receipt_key"].map(-held["open_amount"].sum()).fillna(0).astype("int64")
    known = left["receipt_key"].map(whose.to_dict()).astype("object").fillna("").astype("str")
    return left.assign(
        on_account_amount=on_account, customer_id=left["customer_id"].where(known.eq(""), known)
    )


def _with_names(frame: Any, opened: Any, company: str) -> Any:
    """With each customer's name, '' where nobody knows it."""
    from ..book import read

    people = read.customers(opened, company)
    pairs = zip(people["company_id"], people["customer_id"], strict=True)
    names = dict(zip(pairs, people["customer_name"], strict=True))
    own = zip(frame["company_id"], frame["customer_id"], strict=True)
    return frame.assign(customer_name=[str(names.get(one, "")) for one in own])


def _rows(frame: Any, columns: Sequence[str], amounts: Sequence[str]) -> list[dict[str, str]]:
    from ..money import to_text

    shown = []
    for row in frame.to_dict("records"):
        texts = {name: row[name].strftime("%Y-%m-%d") if name.endswith("_date") and row[name] == row[name]
                 else "" if name.endswith("_date") else str(row[name]) for name in columns}  # fmt: skip
        money = {amount: to_text(int(row[amount]), row["currency"]) for amount in amounts}
        shown.append({**texts, **money})
    return shown


def _show(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    amounts: Sequence[str],
    what: str,
    *,
    is_narrowed: bool,
) -> None:
    """A table of what any row says, the sum of each currency, and what may be done next."""
    columns = [name for name in columns if any(row[name] for row in rows)]
    sums: dict[str, Decimal] = {}
    on_account: dict[str, Decimal] = {}
    shown = []
    for row in rows:
        code = row["currency"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(row[amounts[0]])
        if Decimal(row.get("on_account_amount", "0")):
            on_account[code] = on_account.get(code, Decimal(0)) + Decimal(row["on_account_amount"])
        cells = [formats.date_of_text(row[one]) if one.endswith("_date") else row[one] for one in columns]
        shown.append([*cells, *(spoken.money(row[one], code) for one in amounts)])
    if rows:
        titles = [words.say(f"columns.{name}") for name in (*columns, *amounts)]
        spoken.show_table((*columns, *amounts), shown, tuple(amounts), titles=titles)
    click.echo(words.say("cli.listed", count=len(rows), sums=_said(sums)))
    if on_account:
        click.echo(words.say("cli.listed_on_account", sums=_said(on_account)))
    if not rows:
        click.echo(words.say(f"cli.listed_nothing{'_narrowed' if is_narrowed else ''}"))
    elif what == "receipts":
        one = next((row["receipt_id"] for row in rows if Decimal(row[amounts[0]])), rows[0]["receipt_id"])
        click.echo(words.say("cli.listed_receipts_next", receipt=one))
    else:
        click.echo(words.say("cli.listed_items_next"))


def _said(sums: Mapping[str, Decimal]) -> str:
    return (
        "; ".join(f"{spoken.money(str(total), code)} {code}" for code, total in sorted(sums.items())) or "–"
    )
