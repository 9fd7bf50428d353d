"""Credits that a person has decided to give back or to move, until the ERP shows it: nothing else takes them.

Such a decision posts nothing here (``deciding_notes``), so the credit stays open in the book; set off by a
run or another decision meanwhile it would leave twice, once as cash. Rejecting it takes it back.
Source: DOMAIN, section 5, and credits over 180 days.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pandas as pd

from .legs import evidence_text
from .old_credits import ACTIONS

_ELSEWHERE = ACTIONS[1:]


@dataclass(frozen=True)
class Promise:
    """``decision``: refund or transfer; ``who`` decided it and on which ``day`` (UTC).

    ``case_id``: the case over 180 days that says so, '' for a decision; it is freed with its case.
    """

    decision: str
    who: str
    day: dt.date
    decision_id: str
    case_id: str = ""


def evidence_of(promise: Promise | None) -> str:
    """Why the credit waits, as evidence: what was decided of it, by whom and when; '' where nothing was."""
    if promise is None:
        return ""
    return evidence_text({
        "promised": promise.decision, "promised_by": promise.who, "promised_day": promise.day.isoformat(),
    })  # fmt: skip


def read_promises(open_items: pd.DataFrame, decisions: pd.DataFrame, *, as_of: dt.date) -> dict[int, Promise]:
    """By document key, what is to be given back or moved and is not yet.

    ``open_items``: ``tables.OPEN_ITEMS``; ``decisions``: ``book.read.DECISIONS``. The last word on a note
    holds while the note owes just what it did then. A request to give back or to move holds from the day it
    was made; refused, or unanswered after its last day, it holds nothing. A request to take that back frees
    nothing before another person has approved it. What a live case over 180 days refunds or transfers is
    among ``decisions`` and holds likewise, whatever is said of the note meanwhile.
    """
    answers = decisions[decisions["subject"] == "request"]
    answered = {one["subject_key"]: one for one in answers.to_dict("records")}
    words = []
    for one in decisions[decisions["subject"] == "credit_note"].to_dict("records"):
        told = json.loads(one["evidence"])
        said_at = one["recorded_at"]
        if one["decision"] == "request":
            answer = answered.get(one["decision_id"], {"decision": "", "recorded_at": said_at})
            is_open = not answer["decision"] and told["expires"] >= as_of.isoformat()
            if answer["decision"] != "approve" and not (is_open and told["decision"] in _ELSEWHERE):
                continue
            said_at = answer["recorded_at"]
        # A case is taken back as a case: no later word on the note frees what it holds.
        words.append(("case" in told, said_at, str(one["decision_id"]), one, told))
    open_amounts = dict(zip(open_items["document_key"], open_items["open_amount"], strict=True))
    promised: dict[int, Promise] = {}
    for _, _, decision_id, one, told in sorted(words, key=lambda word: word[:3]):
        key, decision = int(told["document_key"]), str(told["decision"])
        promised.pop(key, None)
        if decision in _ELSEWHERE and open_amounts.get(key) == int(told["unapplied"]):
            day = pd.Timestamp(one["recorded_at"]).date()
            case = str(told.get("case", ""))
            promised[key] = Promise(decision, str(one["who"]), day, decision_id, case)
    return promised


def hold_promised(open_items: pd.DataFrame, decisions: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """The items, blocked (``payment_block``: refund, transfer) where that was decided of them.

    As :func:`read_promises`. Same rows, same order; what is blocked already keeps its block.
    """
    promised = read_promises(open_items, decisions, as_of=as_of)
    blocks = [
        promised[key].decision if block == "" and key in promised else block
        for key, block in zip(open_items["document_key"], open_items["payment_block"], strict=True)
    ]
    return open_items.assign(payment_block=pd.Series(blocks, index=open_items.index, dtype="str"))
