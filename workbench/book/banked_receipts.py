"""A receipt of a file that names no bank account and the bank's own deposit: the same money, once.

They meet on company, receipt id, day, amount and currency, whichever came first. Source: DOMAIN, section 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from . import schema
from .batches import Outcome
from .lookups import existing
from .transactions import Posting

_CONTENT = {
    "receipts": ("company_id", "receipt_id", "receipt_date", "received_amount", "currency"),
    "bank_lines": ("company_id", "line_id", "booking_date", "bank_amount", "currency"),
}
#: Company, id, day, amount in minor units, currency.
_Key = tuple[Any, ...]


def without_banked(
    posting: Posting, outcome: Outcome, columns: Mapping[str, list[Any]], fresh: Sequence[int]
) -> list[int]:
    """The new receipts but for those that an account of the bank has already brought.

    One account: the same receipt, known. Several: nobody can tell which, so the row is kept aside.
    """
    bare = [at for at in fresh if not columns["account_id"][at]]
    keys = [tuple(columns[name][at] for name in _CONTENT["receipts"]) for at in bare]
    banked: set[int] = set()
    for number, found in _by_account(posting, "receipts", keys).items():
        at, (_, key, day, amount, currency) = bare[number], keys[number]
        banked.add(at)
        if len(found) > 1:
            outcome.refuse(
                at, "receipt-also-in-bank", key=key, amount=amount, currency=currency, date=day,
                accounts=", ".join(sorted(account for _, account in found)),
            )  # fmt: skip
    return [at for at in fresh if at not in banked]


def named_before(
    posting: Posting, outcome: Outcome, columns: Mapping[str, list[Any]], deposits: Sequence[int]
) -> set[int]:
    """Deposits, entered as lines already, that a receipts file without account has named before.

    Where the bank shows the same in several accounts, the first line is that receipt; the others are
    receipts of their own, each with a finding.
    """
    keys = [tuple(columns[name][at] for name in _CONTENT["bank_lines"]) for at in deposits]
    named = sorted(_meeting(posting, "receipts", keys, ""))
    shown = _by_account(posting, "bank_lines", [keys[number] for number in named])
    same: set[int] = set()
    for place, found in shown.items():
        at, (_, key, day, amount, currency) = deposits[named[place]], keys[named[place]]
        if min(found)[1] == columns["account_id"][at]:
            same.add(at)
            continue
        outcome.find(
            "receipt-also-in-bank", position=at, key=key, amount=amount, currency=currency, date=day,
            accounts=", ".join(sorted(account for _, account in found)),
        )  # fmt: skip
    return same


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
