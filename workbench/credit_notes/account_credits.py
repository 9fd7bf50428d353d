"""Money on account beside the credit notes: whose it is, and which debts of that customer it may pay.

It is on no document, and a person decides: here it is only proposed, the debts of exactly its amount first,
then the oldest ones as far as it reaches. Source: DOMAIN, sections 4 and 5.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from ..money import to_text
from .legs import evidence_text
from .offers import MOST_PROPOSALS
from .pool import ACCOUNT
from .promised import evidence_of, read_promises
from .results import SUGGESTED, UNAPPLIED

REASON = "credit-on-account"
#: One document and what it takes, in minor units.
Leg = tuple[dict[str, object], int]


def with_money_on_account(
    suggested: pd.DataFrame,
    unapplied: pd.DataFrame,
    items: pd.DataFrame,
    *,
    decisions: pd.DataFrame,
    as_of: dt.date,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``SUGGESTED`` and ``UNAPPLIED`` of credit notes with those of money on account after them.

    ``items``: ``ledger.with_credits_on_account`` after what the run applied; its rows are the credits whose
    key is below -1. Never another company, customer or currency, an item of a special ledger or a blocked
    one; what nobody's name stands on is left out, for it is nobody's credit. What ``decisions``
    (``book.read.DECISIONS``) give back or move is paid to nothing.
    """
    credits = items[(items["document_key"] < -1) & (items["open_amount"] < 0) & items["customer_id"].ne("")]
    debts = items[(items["open_amount"] > 0) & items["special_gl"].eq("") & items["payment_block"].eq("")]
    debts = debts[debts["document_key"] >= 0].sort_values(["due_date", "document_date", "document_id"])
    owed = {account: own.to_dict("records") for account, own in debts.groupby(list(ACCOUNT))}
    promised = read_promises(items, decisions, as_of=as_of)
    offers: list[dict[str, object]] = []
    left: list[dict[str, object]] = []
    for credit in credits.sort_values(["document_date", "document_id"]).to_dict("records"):
        promise = promised.get(credit["document_key"])
        own = [] if promise else owed.get(tuple(credit[name] for name in ACCOUNT), [])
        answers = list(_answers(-credit["open_amount"], own))[:MOST_PROPOSALS]
        for number, (rule, legs) in enumerate(answers, start=1):
            offers += [_offer(credit, number, rule, leg, len(answers)) for leg in legs]
        names = ("document_key", "document_id", *ACCOUNT, "document_date")
        left.append({
            **{name: credit[name] for name in names}, "rivals": len(answers),
            "reason": "credit-promised" if promise else REASON,
            "age_days": (pd.Timestamp(as_of) - credit["document_date"]).days,
            "unapplied_amount": credit["open_amount"], "evidence": evidence_of(promise),
        })  # fmt: skip
    more = SUGGESTED.conform(pd.DataFrame(offers, columns=list(SUGGESTED.columns)))
    kept = UNAPPLIED.conform(pd.DataFrame(left, columns=list(UNAPPLIED.columns)))
    return (
        SUGGESTED.conform(pd.concat([suggested, more], ignore_index=True)),
        UNAPPLIED.conform(pd.concat([unapplied, kept], ignore_index=True)),
    )


def _answers(cash: int, debts: list[dict[str, object]]) -> Iterator[tuple[str, list[Leg]]]:
    """Each debt of just that amount; and the oldest debts, where they are not one of those."""
    same = [debt for debt in debts if debt["open_amount"] == cash]
    yield from (("credit-same-amount", [(debt, cash)]) for debt in same)
    legs: list[Leg] = []
    for debt in debts:
        amount = min(int(str(debt["open_amount"])), cash - sum(taken for _, taken in legs))
        if amount:
            legs.append((debt, amount))
    if legs and not (len(legs) == 1 and legs[0][0] in same):
        yield "credit-oldest", legs


def _offer(credit: dict[str, object], number: int, rule: str, leg: Leg, rivals: int) -> dict[str, object]:
    debt, amount = leg
    facts: dict[str, object] = {"amount": to_text(amount, str(credit["currency"]))}
    facts |= {"rivals": rivals} if rule == "credit-same-amount" else {}
    return {
        "credit_document_key": credit["document_key"],
        "credit_document_id": credit["document_id"],
        **{name: credit[name] for name in ACCOUNT},
        "proposal": number,
        **{name: debt[name] for name in ("document_key", "document_id", "document_date", "open_amount")},
        "applied_amount": amount,
        "rule": rule,
        "evidence": evidence_text(facts),
    }
