"""Exchanges under the lock: documents of another currency leave only against as much of the receipt's.

Both sides are one operation: applied together, and taken back together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import select

from ..errors import PostingRefusedError
from . import schema
from .lookups import existing
from .transactions import Posting

#: Kinds that may stand without a document: cash on account, and the receipt's side of an exchange with the
#: bank's charge.
WITHOUT_DOCUMENT = ("on_account", "exchange", "fee")


class _Leg(Protocol):
    @property
    def operation_id(self) -> str: ...
    @property
    def receipt_key(self) -> int: ...
    @property
    def document_key(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> int: ...


def check_exchanges(
    legs: Sequence[_Leg],
    document_currencies: Mapping[int, str],
    receipt_currencies: Mapping[int, str],
    names: Mapping[int, str],
) -> None:
    """What settles documents of another currency gives as much up on the receipt's side, and there alone.

    Of one operation: legs on documents of one other currency, an exchange among them, and without a document
    an exchange that takes no more than the cash on account and the bank's charge. Else
    :class:`PostingRefusedError`; ``names``: of receipts, by key.
    """
    operations: dict[str, list[_Leg]] = defaultdict(list)
    for leg in legs:
        operations[leg.operation_id].append(leg)
    for operation, own in operations.items():
        here = [leg for leg in own if leg.document_key < 0 and leg.kind != "on_account"]
        there = [
            leg
            for leg in own
            if leg.document_key in document_currencies
            and leg.receipt_key in receipt_currencies
            and document_currencies[leg.document_key] != receipt_currencies[leg.receipt_key]
        ]
        if not here and not there:
            continue
        given = -sum(leg.amount for leg in here if leg.kind == "exchange")
        taken = sum(leg.amount for leg in there if leg.kind == "exchange")
        least_charge = min((leg.amount for leg in here if leg.kind == "fee"), default=1)
        left = sum(leg.amount for leg in own if leg.document_key < 0)
        currencies = {document_currencies[leg.document_key] for leg in there}
        is_one = len({leg.receipt_key for leg in own}) == 1 and len(currencies) == 1
        if not is_one or min(given, taken, least_charge) <= 0 or left < 0:
            receipt = names.get(own[0].receipt_key, "")
            raise PostingRefusedError("exchange-one-sided", operation=operation, receipt=receipt, document="")


def is_half_exchanged(posting: Posting, operations: set[str]) -> bool:
    """Whether of an exchange some legs stand and some are taken back: its two sides are one thing."""
    own = schema.applications.c
    bound = select(own.operation_id).where(
        own.operation_id.in_(sorted(operations)), own.kind == "exchange", own.document_key.is_(None)
    )
    legs = posting.connection.execute(
        select(own.application_id, own.operation_id).where(own.operation_id.in_(bound))
    ).all()
    found = existing(posting, "reversals", ["application_id"], [(leg[0],) for leg in legs], [])
    undone = {legs[row[0]][0] for row in found}
    stands = {operation for application_id, operation in legs if application_id not in undone}
    return any(operation in stands for application_id, operation in legs if application_id in undone)
