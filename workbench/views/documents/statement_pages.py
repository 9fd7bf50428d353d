"""The statements of a period as pages: frames in, one page a customer and currency out, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...money import to_major
from ...statements import ACCOUNT, Statements, amount_column
from ...statements import KINDS as MOVED
from .shapes import (
    KINDS,
    Amount,
    Movement,
    OpenItem,
    Paper,
    Party,
    Proof,
    StatementPage,
    Text,
)
from .wording import languages_of

#: What reaches the customer with a number of its own.
_ON_PAPER = ("invoice", "debit_note", "credit_note")


@dataclass(frozen=True)
class Head:
    """A company as its documents show it, and the paper it uses."""

    party: Party
    paper: Paper = "letter"


def statement_pages(
    made: Statements,
    *,
    period: str,
    heads: Mapping[str, Head],
    customers: pd.DataFrame,
    ranges: tuple[str, ...],
    proof: Proof,
    notes: tuple[Text, ...] = (),
) -> Iterator[StatementPage]:
    """A page for each row of ``made.summarised``, in its order.

    ``heads``: by company id; one that is not there is shown by its id. ``customers``: ``tables.CUSTOMERS``.
    ``ranges``: the policy's age ranges (``Buckets.names``); open credits stand beside them as unapplied.
    ``period``: ``2026-10``, part of the number.
    """
    people = {(one["company_id"], one["customer_id"]): one for one in customers.to_dict("records")}
    lines, items = _by_account(made.movements), _by_account(made.open_list)
    for row in made.summarised.to_dict("records"):
        account = tuple(row[name] for name in ACCOUNT)
        company, customer, _ = account
        yield _page(
            row,
            lines.get(account, []),
            items.get(account, []),
            head=heads.get(company, Head(Party(company))),
            person=people.get((company, customer), {}),
            ranges=ranges,
            proof=proof,
            period=period,
            notes=notes,
        )


def _by_account(frame: pd.DataFrame) -> dict[tuple[Any, ...], list[dict[Any, Any]]]:
    """The rows of each account, in their order."""
    rows: dict[tuple[Any, ...], list[dict[Any, Any]]] = {}
    for one in frame.to_dict("records"):
        rows.setdefault(tuple(one[name] for name in ACCOUNT), []).append(one)
    return rows


def _page(
    row: Mapping[Any, Any],
    lines: list[dict[Any, Any]],
    items: list[dict[Any, Any]],
    *,
    head: Head,
    person: Mapping[Any, Any],
    ranges: tuple[str, ...],
    proof: Proof,
    period: str,
    notes: tuple[Text, ...],
) -> StatementPage:
    company, customer, currency = (str(row[name]) for name in ACCOUNT)
    country = str(person.get("country", ""))
    language, first = languages_of(country)

    def money(minor: Any) -> Any:
        return to_major(int(minor), currency)

    kinds = [("late", row["late_amount"]), *((kind, row[amount_column(kind)]) for kind in MOVED)]
    ages = dict.fromkeys((*ranges, "unapplied"), 0)
    for item in items:
        ages[_range(item)] += int(item["open_amount"])
    return StatementPage(
        statement_id=f"EC-{company}-{customer}-{period}-{currency}",
        company=head.party,
        customer=Party(
            str(person.get("customer_name", "")) or customer,
            str(person.get("tax_id", "")),
            "nit" if country in ("", "CO") else "foreign",
            country=country,
        ),
        customer_id=customer,
        currency=currency,
        period_start=row["from_date"].date(),
        period_end=row["through_date"].date(),
        opening=money(row["opening_amount"]),
        movements=tuple(_movement(line, money) for line in lines),
        totals=tuple(Amount(kind, money(amount)) for kind, amount in kinds if amount),
        closing=money(row["closing_amount"]),
        open_items=tuple(_item(item, money) for item in items),
        ageing=tuple(Amount(name, money(amount)) for name, amount in ages.items()),
        proof=replace(proof, as_of=row["through_date"].date()),
        notes=notes,
        language=language,
        first_language=first,
        paper=head.paper,
    )


def _movement(line: Mapping[Any, Any], money: Any) -> Movement:
    """A document goes by the number on its paper, ours beside it; other lines name what they settle."""
    document, reference = str(line["document_id"]), str(line["reference"])
    if line["kind"] in _ON_PAPER and reference:
        document, reference = reference, document
    return Movement(
        date=line["movement_date"].date(),
        kind=str(line["kind"]),
        document=document,
        reference=reference,
        amount=money(line["movement_amount"]),
        balance=money(line["balance_amount"]),
        is_late=bool(line["is_late"]),
    )


def _range(item: Mapping[Any, Any]) -> str:
    """An open credit has no age of its own: it waits to be used."""
    return "unapplied" if item["open_amount"] < 0 else str(item["bucket"])


def _item(item: Mapping[Any, Any], money: Any) -> OpenItem:
    kind = str(item["document_kind"])
    return OpenItem(
        document=str(item["reference"]) or str(item["document_id"]),
        kind=kind if kind in KINDS else "other",
        issue_date=_day(item["document_date"]),
        due_date=_day(item["due_date"]),
        days_overdue=int(item["days_overdue"]) if item["open_amount"] > 0 else None,
        original=money(item["original_amount"]),
        open=money(item["open_amount"]),
    )


def _day(moment: Any) -> Any:
    return None if pd.isna(moment) else moment.date()
