"""What every room that applies money hands on: the frame of applied legs and the identity of each leg.

Lower trade: ``matching`` and ``credit_notes`` both make such frames, ``runs`` posts them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

import pandas as pd

from .tables import FINDINGS, Table

#: One row a leg. The legs that share an ``operation`` are posted, and reversed, together. Their cash kinds
#: sum to what the operation takes from its receipt, and to 0 where a credit note is set off.
APPLIED = Table(
    "applied",
    ("operation", "document_key"),
    {
        "operation": "text",  # deterministic, readable: what is applied, in the sources' own ids
        "receipt_key": "integer",  # -1 where no receipt is involved
        "receipt_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "document_key": "integer",
        "document_id": "text",
        "kind": "text",  # tables.CASH_KINDS or OTHER_KINDS
        "applied_amount": "money",  # sign of the document it reduces
        "effective_date": "date",
        "rule": "text",
        "evidence": "text",  # JSON object: why this rule believed it
        "erp_open_amount": "money",
    },
)


def identify_applications(applied: pd.DataFrame, *, salt: str = "") -> pd.DataFrame:
    """The legs with ``operation_id`` and ``application_id``: SHA-256 of what they say, so the same legs get
    the same ids however often and in whatever order they are made.

    Document keys belong to one book, so the ids are made of the sources' own ids. ``salt`` (a step's key,
    a person's click) tells a second, deliberate application of the same amount from a repeat of the first.
    An operation's id covers all its legs: one with another leg is another operation.
    """
    legs = applied.reset_index(drop=True)
    leg_texts = [
        _canonical(salt, *values)
        for values in zip(
            legs["operation"],
            legs["company_id"],
            legs["receipt_id"],
            legs["document_id"],
            legs["customer_id"],
            legs["currency"],
            legs["kind"],
            legs["applied_amount"].tolist(),
            legs["effective_date"].dt.strftime("%Y-%m-%d"),
            strict=True,
        )
    ]
    # Two legs may say the same when ids recur in a source; the document's key keeps them apart.
    order = sorted(range(len(legs)), key=lambda row: (leg_texts[row], legs.at[row, "document_key"]))
    seen: dict[str, int] = {}
    application_ids = [""] * len(legs)
    by_operation: dict[str, list[str]] = {}
    for row in order:
        seen[leg_texts[row]] = seen.get(leg_texts[row], 0) + 1
        application_ids[row] = _sha256(_canonical(leg_texts[row], seen[leg_texts[row]]))
        by_operation.setdefault(legs.at[row, "operation"], []).append(application_ids[row])
    operation_ids = {name: _sha256(_canonical(salt, name, *ids)) for name, ids in by_operation.items()}
    return legs.assign(
        application_id=pd.Series(application_ids, index=legs.index, dtype="str"),
        operation_id=legs["operation"].map(operation_ids).astype("str"),
    )


#: In the evidence of a leg on account: whose credit it is.
ON_ACCOUNT_OF = "on_account_of"


def account_customers(
    applications: pd.DataFrame, receipts: pd.DataFrame, documents: pd.DataFrame
) -> dict[str, str]:
    """By application id, whose money on account it is: of each leg without a document.

    The customer that a person wrote; else the receipt's; else the one whose documents the same operation
    pays. '' where none of these says it. No row names it by itself: the leg has no document.
    """
    own = applications[applications["document_key"] < 0]
    if own.empty:
        return {}
    owners = dict(zip(documents["document_key"].tolist(), documents["customer_id"].tolist(), strict=True))
    payers = dict(zip(receipts["receipt_key"].tolist(), receipts["customer_id"].tolist(), strict=True))
    beside: dict[str, set[str]] = {}
    paid = applications[applications["operation_id"].isin(own["operation_id"])]
    for operation, key in zip(paid["operation_id"], paid["document_key"].tolist(), strict=True):
        if key >= 0 and key in owners:
            beside.setdefault(operation, set()).add(owners[key])
    told: dict[str, str] = {}
    columns = (own[name].tolist() for name in ("application_id", "operation_id", "receipt_key", "evidence"))
    for application_id, operation, receipt_key, evidence in zip(*columns, strict=True):
        written = json.loads(evidence).get(ON_ACCOUNT_OF, "") if ON_ACCOUNT_OF in evidence else ""
        one = beside.get(operation, set())
        told[application_id] = (
            written or payers.get(receipt_key, "") or (next(iter(one)) if len(one) == 1 else "")
        )
    return told


#: So many customers may share what one receipt left on account.
_PLACES = 64


def account_credit_key(receipt_key: int) -> int:
    """The key of the first row that ``ledger.with_credits_on_account`` adds for a receipt: below -1."""
    return -2 - _PLACES * receipt_key


def receipts_on_account(credits: pd.DataFrame) -> pd.Series:
    """The receipt's key of each row that ``ledger.with_credits_on_account`` adds."""
    return (-2 - credits["document_key"]) // _PLACES


def within_what_is_open(suggested: pd.DataFrame, still_open: Mapping[int, int]) -> pd.DataFrame:
    """The legs of those proposals all of whose documents have room for them; rows in their order.

    ``suggested``: ``receipt_key``, ``proposal``, ``document_key``, ``applied_amount``; ``still_open``: by
    document key what is open, its sign the document's. What counts is all that a proposal takes of a
    document: cash beyond it and the tolerance that takes the surplus back are one. A document that another
    receipt has taken since is offered to nobody.
    """
    proposals = [suggested["receipt_key"], suggested["proposal"]]
    taken = suggested["applied_amount"].groupby([*proposals, suggested["document_key"]]).transform("sum")
    fits = [
        # Without a document stands an exchange on the side of the receipt: its cash is seen when decided.
        key < 0 or (0 <= amount <= room if room > 0 else room <= amount <= 0)
        for key, amount, room in zip(
            suggested["document_key"].tolist(),
            taken.tolist(),
            [still_open.get(key, 0) for key in suggested["document_key"].tolist()],
            strict=True,
        )
    ]
    whole = pd.Series(fits, index=suggested.index, dtype="bool").groupby(proposals).transform("all")
    return suggested[whole.astype("bool")]


def first_open_day(open_from: Mapping[str, dt.date] | None, company: str) -> dt.date | None:
    """The first day open to a company: its own lock or everybody's (''), the later; ``None`` without one."""
    days = [day for name, day in (open_from or {}).items() if name in ("", company)]
    return max(days, default=None)


def finding(
    rule: str,
    *,
    table: str,
    key: str,
    level: str = "warning",
    amount: int = 0,
    currency: str = "",
    **values: object,
) -> dict[str, object]:
    """One row for :func:`collect_findings`; ``values`` fill the rule's sentence in ``words``."""
    return {
        "level": level,
        "source": table,
        "row": 0,
        "table": table,
        "key": key,
        "rule": rule,
        "values": json.dumps(values, ensure_ascii=False, sort_keys=True, default=str),
        "amount": amount,
        "currency": currency,
    }


def collect_findings(findings: list[dict[str, object]]) -> pd.DataFrame:
    """The findings as a frame of ``tables.FINDINGS``, in the order given."""
    return FINDINGS.conform(pd.DataFrame(findings, columns=list(FINDINGS.columns)))


def _canonical(*parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
