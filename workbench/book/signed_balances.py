"""What somebody has signed stays as it was signed: reversals that would change it are refused under the lock.

A signed act (``acts``) says what a customer owed at its cut-off. An application taken back with effect on or
before that day would change the figure behind the signatures. Two ways out are named: date the reversal after
the cut-off, or reopen the act, saying why. Source: DOMAIN 22.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, func, select, union_all

from ..acts.machine import KIND, SIGNED
from ..applications import account_customers
from ..errors import PostingRefusedError
from . import schema
from .lookups import existing
from .opened import Book, instant_of
from .selections import as_known
from .transactions import GENESIS, Posting

#: Everything that an open amount, or money on account, is derived from.
_LEDGER = (
    schema.documents, schema.observations, schema.stated_originals, schema.clearings, schema.applications,
    schema.reversals, schema.receipts, schema.erp_export_lines,
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """How far the book's knowledge goes: entries in its audit chain, the last one's hash and instant, and the
    ledger's mark (:func:`ledger_mark`)."""

    count: int
    head: str
    known_at: dt.datetime
    mark: int


def known_now(book: Book, known_at: dt.datetime | None = None) -> Known:
    """What to keep with figures that must be made again: as known at that instant they stay the same.

    ``known_at``: how far it went by then; the mark stays that of now.
    """
    own = schema.audit.c
    query = select(own.seq, own.entry_hash, own.recorded_at).order_by(own.seq.desc()).limit(1)
    query = as_known(query, schema.audit, known_at)
    with book.reading() as connection:
        last = connection.execute(query).first()
        mark = ledger_mark(connection)
    count, head, at = (0, GENESIS, 0) if last is None else last
    return Known(int(count), str(head), instant_of(int(at)), mark)


def ledger_mark(connection: Connection) -> int:
    """The number of the last action that could have changed an open amount: the same mark, the same sums."""
    newest = union_all(*(select(func.max(table.c.audit_seq).label("seq")) for table in _LEDGER)).subquery()
    return int(connection.execute(select(func.coalesce(func.max(newest.c.seq), 0))).scalar_one())


def check_signed_acts(posting: Posting, application_ids: Collection[str], day: str) -> None:
    """Refuse (``reversal-in-signed-act``) where a signed act of the same customer has its cut-off on or after
    ``day`` (ISO): reversed by then, the application would no longer stand in what was signed."""
    signed = _signed_since(posting, day)
    if not signed:
        return
    for account in sorted(_accounts(posting, sorted(application_ids))):
        if account in signed:
            case_id, cut_off = signed[account]
            raise PostingRefusedError(
                "reversal-in-signed-act", act=case_id, customer=account[1], cut_off_day=cut_off, date_day=day
            )


def _signed_since(posting: Posting, day: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    """By company, customer and currency the latest signed act with a cut-off on or after that day."""
    cases, events = schema.cases.c, schema.case_events.c
    last = select(events.case_id, func.max(events.number).label("number")).group_by(events.case_id).subquery()
    query = (
        select(cases.company_id, cases.customer_id, cases.currency, cases.case_id, cases.as_of_date)
        .join(last, last.c.case_id == cases.case_id)
        .join(schema.case_events, (events.case_id == last.c.case_id) & (events.number == last.c.number))
        .where(cases.kind == KIND, cases.as_of_date >= day, events.state.in_(SIGNED))
        .order_by(cases.as_of_date)
    )
    rows = posting.connection.execute(query).all()
    return {(str(row[0]), str(row[1]), str(row[2])): (str(row[3]), str(row[4])) for row in rows}


def _accounts(posting: Posting, application_ids: list[str]) -> set[tuple[str, str, str]]:
    """Whose balances these applications move; of a leg on account, whose money it is."""
    wanted = [(one,) for one in application_ids]
    found = existing(posting, "applications", ["application_id"], wanted, ["document_key", "operation_id"])
    accounts = set(_books_of(posting, "documents", {row[1] for row in found}).values())
    bare = {application_ids[row[0]] for row in found if row[1] is None}
    if not bare:
        return accounts
    operations = sorted({row[2] for row in found if row[1] is None})
    names = ["application_id", "receipt_key", "document_key", "evidence"]
    rows = existing(posting, "applications", ["operation_id"], [(one,) for one in operations], names)
    legs = pd.DataFrame(
        [(operations[place], *values) for place, *values in rows], columns=["operation_id", *names]
    )
    legs[["receipt_key", "document_key"]] = legs[["receipt_key", "document_key"]].fillna(-1).astype("int64")
    documents = _books_of(posting, "documents", set(legs["document_key"]))
    receipts = _books_of(posting, "receipts", set(legs["receipt_key"]))
    whose = account_customers(
        legs, _customers(receipts, "receipt_key"), _customers(documents, "document_key")
    )
    for leg in legs[legs["application_id"].isin(bare)].to_dict("records"):
        if leg["receipt_key"] in receipts:
            company, _, currency = receipts[leg["receipt_key"]]
            accounts.add((company, whose.get(leg["application_id"], ""), currency))
    return accounts


def _books_of(posting: Posting, table: str, keys: set[int | None]) -> dict[int, tuple[str, str, str]]:
    """By key: company, customer and currency."""
    wanted = sorted(key for key in keys if key is not None and key >= 0)
    own_key = {"documents": "document_key", "receipts": "receipt_key"}[table]
    names = ["company_id", "customer_id", "currency"]
    rows = existing(posting, table, [own_key], [(key,) for key in wanted], names)
    return {
        wanted[place]: (str(company), str(customer), str(code)) for place, company, customer, code in rows
    }


def _customers(books: dict[int, tuple[str, str, str]], key: str) -> pd.DataFrame:
    return pd.DataFrame({key: list(books), "customer_id": [one[1] for one in books.values()]})
