"""A receipt of a file that names no bank account and the bank's own deposit: the same money, once.

They meet on company, receipt id, day, amount and currency, whichever came first. Source: DOMAIN, section 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select

from . import schema
from .batches import Outcome
from .columns import Column
from .line_rows import rows_of
from .lookups import existing, is_empty
from .transactions import Posting

_CONTENT = {
    "receipts": ("company_id", "receipt_id", "receipt_date", "received_amount", "currency"),
    "bank_lines": ("company_id", "line_id", "booking_date", "bank_amount", "currency"),
}
#: Company, id, day, amount in minor units, currency.
_Key = tuple[Any, ...]


def without_banked(
    posting: Posting, outcome: Outcome, columns: Mapping[str, Column], fresh: np.ndarray
) -> np.ndarray:
    """The new receipts but for those that an account of the bank has already brought.

    One account: the same receipt, known. Several: nobody can tell which, so the row is kept aside.
    """
    bare = fresh[columns["account_id"].equal_to("")[fresh]]
    if is_empty(posting, "receipts"):
        return fresh
    keys = rows_of({name: columns[name] for name in _CONTENT["receipts"]}, bare)
    banked: set[int] = set()
    for number, found in _by_account(posting, "receipts", keys).items():
        at, (_, key, day, amount, currency) = int(bare[number]), keys[number]
        banked.add(at)
        if len(found) > 1:
            outcome.refuse(
                at, "receipt-also-in-bank", key=key, amount=amount, currency=currency, date=day,
                accounts=", ".join(sorted(account for _, account in found)),
            )  # fmt: skip
    return np.setdiff1d(fresh, np.array(sorted(banked), dtype="int64"), assume_unique=True)


def named_before(
    posting: Posting, outcome: Outcome, columns: Mapping[str, Column], deposits: np.ndarray
) -> set[int]:
    """Deposits, entered as lines already, that a receipts file without account has named before.

    Where the bank shows the same in several accounts, the first line is that receipt; the others are
    receipts of their own, each with a finding.
    """
    if not _has_bare_receipts(posting, columns["company_id"].distinct()):
        return set()
    keys = rows_of({name: columns[name] for name in _CONTENT["bank_lines"]}, deposits)
    named = sorted(_meeting(posting, "receipts", keys, ""))
    shown = _by_account(posting, "bank_lines", [keys[number] for number in named])
    same: set[int] = set()
    for place, found in shown.items():
        at, (_, key, day, amount, currency) = int(deposits[named[place]]), keys[named[place]]
        if min(found)[1] == columns["account_id"].at(at):
            same.add(at)
            continue
        outcome.find(
            "receipt-also-in-bank", position=at, key=key, amount=amount, currency=currency, date=day,
            accounts=", ".join(sorted(account for _, account in found)),
        )  # fmt: skip
    return same


def receipt_of_line(posting: Posting, bank_line_key: int) -> str:
    """The id of the receipt that a line of the bank is, '' for none; by the unique index.

    The account's own under the line's id; or the same money (amount and currency) under its id and day in a
    file that names no account, or under its reference.
    """
    own, lines = schema.receipts.c, schema.bank_lines.c
    fetch = (lines.account_id, lines.line_year, lines.line_id, lines.reference, lines.booking_date)
    query = select(lines.company_id, *fetch, lines.bank_amount, lines.currency)
    line = posting.connection.execute(query.where(lines.bank_line_key == bank_line_key)).one()
    years = [str(int(line.line_year) + step) for step in (-1, 0, 1)]
    known = select(own.account_id, own.line_year, own.receipt_id, own.receipt_date, own.received_amount,
                   own.currency).where(
        own.company_id == line.company_id, own.account_id.in_((line.account_id, "")),
        own.line_year.in_(years), own.receipt_id.in_({line.line_id, line.reference} - {""}),
    )  # fmt: skip
    for one in posting.connection.execute(known.order_by(own.receipt_key)).all():
        if line.bank_amount <= 0:
            break
        is_same_id = one.receipt_id == line.line_id
        is_same_money = (one.received_amount, one.currency) == (line.bank_amount, line.currency)
        if (
            (is_same_id and one.account_id and one.line_year == line.line_year)
            or (is_same_id and is_same_money and one.receipt_date == line.booking_date)
            or (one.receipt_id == line.reference and is_same_money)
        ):
            return str(one.receipt_id)
    return ""


def _has_bare_receipts(posting: Posting, companies: Collection[str]) -> bool:
    """Whether one of the companies has a receipt that names no account; by the unique index."""
    receipts = schema.receipts.c
    query = select(receipts.receipt_key).where(receipts.account_id == "")
    return any(
        posting.connection.execute(query.where(receipts.company_id == company).limit(1)).first() is not None
        for company in sorted(companies)
    )


def _by_account(posting: Posting, table: str, keys: Sequence[_Key]) -> dict[int, list[tuple[int, str]]]:
    """For each key that some account holds: the row's number and the account, of every one that does."""
    if not keys:
        return {}
    accounts = schema.metadata.tables[table].c.account_id
    named = posting.connection.execute(select(accounts).where(accounts != "").distinct()).scalars().all()
    found: dict[int, list[tuple[int, str]]] = {}
    for account in sorted(map(str, named)):
        for number, row_key in _meeting(posting, table, keys, account).items():
            found.setdefault(number, []).append((row_key, account))
    return found


def _meeting(posting: Posting, table: str, keys: Sequence[_Key], account: str) -> dict[int, int]:
    """For each key that this account holds with the same content: the row's number; by the unique index."""
    own, name_of_id = ("receipt_key", "receipt_id") if table == "receipts" else ("bank_line_key", "line_id")
    wanted = [(company, account, day[:4], line_id) for company, line_id, day, _, _ in keys]
    unique = ["company_id", "account_id", "line_year", name_of_id]
    fetch = [own, *_CONTENT[table], *(["line_kind"] if table == "bank_lines" else [])]
    return {
        number: int(row_key)
        for number, row_key, *rest in existing(posting, table, unique, wanted, fetch)
        if tuple(rest[:5]) == keys[number] and rest[5:] in ([], ["deposit"], ["collected"])
    }
