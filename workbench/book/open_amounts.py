"""What a few documents still owe by all that the book knows, and who has brought cash into it.

Asked before a proposal and once more under the writer's lock, where somebody may have been faster.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence

import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, select

from ..cases import Case, person
from ..errors import MoveRefusedError
from ..ledger import open_items_as_of, receipts_on_account
from ..tables import CASH_KINDS, OTHER_KINDS, RECOVERED_RULE, WRITE_OFF_KIND
from . import schema
from .facts import facts_of
from .opened import Book

_ALL_TIME = dt.date(9999, 12, 31)


def read_open_amounts(book: Book, keys: Collection[int], *, on: dt.date = _ALL_TIME) -> dict[int, int]:
    """Open amount of each document on that day, by key (minor units, positive is owed); 0 where settled."""
    with book.reading() as connection:
        return open_amounts(connection, sorted(keys), on=on)


def open_amounts(connection: Connection, keys: Sequence[int], *, on: dt.date = _ALL_TIME) -> dict[int, int]:
    """:func:`read_open_amounts` inside a transaction."""
    if not keys:
        return {}
    facts = facts_of(connection, list(keys))
    items = open_items_as_of(
        facts.documents, facts.observations, facts.clearings, facts.applications, facts.reversals,
        as_of=on, with_settled=True,
    )  # fmt: skip
    found = dict(zip(items["document_key"].tolist(), items["open_amount"].tolist(), strict=True))
    return {key: int(found.get(key, 0)) for key in keys}


def unapplied(connection: Connection, receipt_key: int) -> int:
    """What of a receipt nobody has applied: received less cash in force, minor units."""
    own = schema.receipts.c
    received = connection.execute(select(own.received_amount).where(own.receipt_key == receipt_key)).scalar()
    return int(received or 0) - _in_force(connection, receipt_key, CASH_KINDS, is_bare=False)


def on_account(connection: Connection, receipt_key: int) -> int:
    """What of a receipt stands on account, on no document, minor units."""
    return _in_force(connection, receipt_key, (*CASH_KINDS, *OTHER_KINDS), is_bare=True)


def _in_force(connection: Connection, receipt_key: int, kinds: Sequence[str], *, is_bare: bool) -> int:
    own, undone = schema.applications.c, schema.reversals.c
    query = (
        select(func.coalesce(func.sum(own.applied_amount), 0))
        .join(schema.reversals, undone.application_id == own.application_id, isouter=True)
        .where(own.receipt_key == receipt_key, own.kind.in_(kinds), undone.application_id.is_(None))
    )
    query = query.where(own.document_key.is_(None)) if is_bare else query
    return int(connection.execute(query).scalar_one())


def standing_write_offs(
    connection: Connection, keys: Collection[int], case_id: str
) -> dict[int, list[tuple[str, int, int]]]:
    """By document, what a case wrote off and stands: application id, amount, what the ERP showed open."""
    return _standing_legs(connection, keys, case_id, schema.applications.c.kind == WRITE_OFF_KIND)


def standing_recoveries(
    connection: Connection, keys: Collection[int], case_id: str
) -> dict[int, list[tuple[str, int, int]]]:
    """Likewise the cash that came for what a case had written off."""
    return _standing_legs(connection, keys, case_id, schema.applications.c.rule == RECOVERED_RULE)


def _standing_legs(
    connection: Connection, keys: Collection[int], case_id: str, which: ColumnElement[bool]
) -> dict[int, list[tuple[str, int, int]]]:
    own, undone = schema.applications.c, schema.reversals.c
    query = (
        select(own.document_key, own.application_id, own.applied_amount, own.erp_open_amount, own.evidence)
        .join(schema.reversals, undone.application_id == own.application_id, isouter=True)
        .where(own.document_key.in_(list(keys)), which, undone.application_id.is_(None))
        .order_by(own.application_id)
    )
    found: dict[int, list[tuple[str, int, int]]] = {}
    for key, application_id, amount, erp_open, evidence in connection.execute(query).all():
        if json.loads(str(evidence)).get("case") == case_id:
            found.setdefault(int(key), []).append((str(application_id), int(amount), int(erp_open)))
    return found


def entries_of_case(connection: Connection, case_id: str) -> pd.DataFrame:
    """What the entries of a case leave by account, document and currencies: debit positive, minor units."""
    own = schema.journal_lines.c
    by = (own.company_id, own.account, own.customer_id, own.document_id, own.currency, own.base_currency)
    sums = (func.sum(own.entry_amount), func.sum(own.base_amount))
    query = select(*by, *sums).where(own.case_id == case_id).group_by(*by).order_by(*by)
    names = [*(column.name for column in by), "entry_amount", "base_amount"]
    rows = [
        (*row[:-2], int(row[-2]), int(row[-1]))
        for row in connection.execute(query).all()
        if row[-2] or row[-1]
    ]
    return pd.DataFrame(rows, columns=names)


def cash_importers(connection: Connection, company: str) -> set[str]:
    """Who has brought receipts or bank statements of this company into the book."""
    sources = (schema.receipts, schema.bank_lines)
    found: set[str] = set()
    for source in sources:
        entries = select(source.c.audit_seq).where(source.c.company_id == company).distinct()
        found |= set(
            connection.execute(
                select(schema.audit.c.who).where(schema.audit.c.seq.in_(entries)).distinct()
            ).scalars()
        )
    return found - {""}


def refuse_importer(connection: Connection, case: Case, who: str, rule: str) -> None:
    """Who brings the company's cash in gives nothing up (DOMAIN, section 21): refused by ``rule``."""
    if person(who) in {person(one) for one in cash_importers(connection, case.company_id)}:
        raise MoveRefusedError(rule, case=case.case_id, who=who)


def open_credit(connection: Connection, kind: str, key: int) -> int:
    """What of a credit stands, negative: deposits and money on account by their cash, else by its item."""
    if kind == "deposit":
        return -unapplied(connection, key)
    if key < 0:  # money on account is on no document: its key speaks of the receipt
        keys = receipts_on_account(pd.DataFrame({"document_key": [key]}))
        return -on_account(connection, int(keys.iloc[0]))
    return open_amounts(connection, [key])[key]
