"""What decisions come to: legs to post, what was decided of each receipt, and what could not be taken."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import pandas as pd

from ..tables import CASH_KINDS, Table
from .wishes import SETTLED_ELSEWHERE

#: One row a receipt that was decided. ``decision_id`` is made of what was offered and what was decided.
DECIDED = Table(
    "decided",
    ("decision_id",),
    {
        "decision_id": "text",
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "currency": "text",
        "decision": "text",  # the words of its rows, joined by +
        "applied_amount": "money",  # cash that it applies; 0 for a rejection
        "largest_amount": "money",  # what its positive legs come to: what an approval is asked for
        "unapplied_amount": "money",  # of the receipt before it
        "documents": "text",  # JSON object: document key → what was open of it
        "content_sha256": "text",
        "decided_reason": "text",
        "rows": "text",  # JSON list: rows of the sheet
        "withdrawn": "text",  # id of the decision on a credit note that it takes back
    },
)

#: A row that was not taken and why; ``values`` fill the rule's sentence.
REFUSED = Table("refused", ("row",), {"row": "integer", "rule": "text", "values": "text"})


#: By state and currency, ``count`` and ``amount`` in minor units.
Outcomes = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True)
class Decided:
    """``applied``: ``applications.APPLIED``; ``decided``: ``DECIDED``; ``refused``: ``REFUSED``, one row each
    row of the sheet; ``findings``: ``tables.FINDINGS``, one a receipt that was refused. ``repeated``: rows
    whose decision is in the book already.
    """

    applied: pd.DataFrame
    decided: pd.DataFrame
    refused: pd.DataFrame
    findings: pd.DataFrame
    repeated: tuple[int, ...] = ()


def count_note_outcomes(made: Decided, waiting: Collection[str]) -> Outcomes:
    """The same of a file on credit notes: ``applied`` to documents, ``elsewhere`` (to be given back or
    moved), ``freed`` of that again, ``waiting`` and ``refused``; amounts positive."""
    told: Outcomes = {}
    for one in made.decided.to_dict("records"):
        words = set(one["decision"].split("+"))
        if one["decision_id"] in waiting:
            _add(told, "waiting", one["currency"], one["largest_amount"])
        elif one["withdrawn"]:
            _add(told, "freed", one["currency"], one["largest_amount"])
        elif words & set(SETTLED_ELSEWHERE):
            _add(told, "elsewhere", one["currency"], one["largest_amount"])
        elif one["applied_amount"]:
            _add(told, "applied", one["currency"], one["applied_amount"])
    for currency, amount in zip(made.findings["currency"], made.findings["amount"].tolist(), strict=True):
        _add(told, "refused", currency, abs(amount))
    return told


def _add(told: Outcomes, state: str, currency: str, amount: int) -> None:
    own = told.setdefault(state, {}).setdefault(currency, {"count": 0, "amount": 0})
    own["count"] += 1
    own["amount"] += amount


def count_outcomes(made: Decided, waiting: Collection[str]) -> Outcomes:
    """What became of the receipts of a file: by state and currency, ``count`` and ``amount`` (minor units).

    ``applied`` to documents and left ``on_account`` (a receipt may be both), ``waiting`` for a second person
    (``waiting``: ids of those decisions, with their cash), and ``refused`` (with what the receipt has).
    """
    told: Outcomes = {}
    add = partial(_add, told)
    cash = made.applied[made.applied["kind"].isin(CASH_KINDS)]
    for one in made.decided.to_dict("records"):
        if one["decision_id"] in waiting:
            add("waiting", one["currency"], one["applied_amount"])
            continue
        own = cash[cash["operation"] == f"decision:{one['decision_id']}"]
        account = int(own.loc[own["kind"] == "on_account", "applied_amount"].sum())
        if account:
            add("on_account", one["currency"], account)
        if (own["kind"] != "on_account").any():
            add("applied", one["currency"], one["applied_amount"] - account)
    for currency, amount in zip(made.findings["currency"], made.findings["amount"].tolist(), strict=True):
        add("refused", currency, amount)
    return told
