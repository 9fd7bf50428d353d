"""What matching hands back: applied legs, suggestions with every rival, and what stays unapplied and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from ..tables import Table
from ..withholdings import Deduction as Deduction  # part of an answer
from .pool import Pool

#: A suggestion takes nothing. One row a leg; ``proposal`` numbers the answers of one receipt, 1 the best.
SUGGESTED = Table(
    "suggested",
    ("receipt_key", "proposal", "document_key"),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "proposal": "integer",
        "rank": "integer",
        "document_key": "integer",
        "document_id": "text",
        "kind": "text",
        "applied_amount": "money",  # what it would apply, sign of the document, never more than the cash
        "rule": "text",
        "evidence": "text",
    },
)

UNAPPLIED = Table(
    "unapplied",
    ("receipt_key",),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "customer_id": "text",  # as far as known, with known_by saying how
        "known_by": "text",  # words in matching.po; "" when nobody knows
        "receipt_date": "date",
        "currency": "text",
        "unapplied_amount": "money",  # as the receipt: positive when money came in
        "reason": "text",  # words in matching.po
        "rivals": "integer",  # proposals in SUGGESTED
    },
)

#: One row a candidate, the likeliest first; a receipt without any has one row of rank 0 and no customer.
UNIDENTIFIED = Table(
    "unidentified",
    ("receipt_key", "rank"),
    {
        "receipt_key": "integer",
        "rank": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "receipt_date": "date",
        "age_days": "integer",  # from the receipt to the cutoff
        "currency": "text",
        "unapplied_amount": "money",
        "customer_id": "text",
        "customer_name": "text",
        "known_by": "text",  # the best reason, of the kinds of Party.known_by
        "score": "integer",  # of a hundred; facts that disagree are 100 each
        "evidence": "text",
        "owner": "text",  # supervisor of the candidate, else its cluster
    },
)


@dataclass(frozen=True)
class Answer:
    """A set of items that a rule believes the receipt pays, and why: whole, unless told otherwise.

    ``deductions``: what is not paid in cash; ``left_open``: by item, what stays open of it; ``surplus``:
    cash beyond the items. Cash on an item = open − its deductions − what stays open.
    """

    rule: str
    positions: tuple[int, ...]
    evidence: dict[str, object] = field(default_factory=dict)
    deductions: tuple[Deduction, ...] = ()
    left_open: tuple[tuple[int, int], ...] = ()
    surplus: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a receipt: apply one answer, or leave it with a reason and the answers it saw.

    ``chance``: that the best answer is wrong; 0 where it rests on what the payer wrote.
    """

    applied: Answer | None = None
    reason: str = ""
    proposals: tuple[Answer, ...] = ()
    chance: float = 0.0


@dataclass(frozen=True)
class Matched:
    """The outcome of a run of matching.

    ``applied``: ``applications.APPLIED``; ``suggested``: ``SUGGESTED``; ``unapplied``: ``UNAPPLIED``;
    ``findings``: ``tables.FINDINGS``; ``unidentified``: ``UNIDENTIFIED``. Cash kinds applied +
    unapplied = received, per currency.
    """

    applied: pd.DataFrame
    suggested: pd.DataFrame
    unapplied: pd.DataFrame
    findings: pd.DataFrame
    unidentified: pd.DataFrame = field(default_factory=UNIDENTIFIED.empty)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def evidence_text(evidence: dict[str, object]) -> str:
    """Evidence as canonical JSON: the same facts give the same text."""
    return _CANONICAL.encode(evidence)


def leg_kind(amount: int) -> str:
    """An item that we owe back is taken as a credit, any other is paid."""
    return "payment" if amount > 0 else "credit_note"


def capped_legs(
    pool: Pool, positions: tuple[int, ...], cash: int, left_open: Mapping[int, int] = MappingProxyType({})
) -> list[tuple[int, int]]:
    """The legs a proposal may show: credits whole, then the oldest items as far as the cash reaches.

    ``left_open``: what of an item is told to stay open.
    """
    legs = []
    left = cash
    for position in sorted(positions, key=lambda position: (pool.open[position] > 0, position)):
        amount = min(pool.open[position] - left_open.get(position, 0), left)
        if amount == 0:
            continue
        legs.append((position, amount))
        left -= amount
    return legs
