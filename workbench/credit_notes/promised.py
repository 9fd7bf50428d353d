"""Credits that a person has decided to give back or to move, until the ERP shows it: nothing else takes them.

Such a decision posts nothing here (``deciding_notes``), so the credit stays open in the book; set off by a
run meanwhile it would leave twice, once as cash. Source: DOMAIN, section 5, and credits over 180 days.
"""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd

from .old_credits import ACTIONS

_ELSEWHERE = ACTIONS[1:]


def hold_promised(open_items: pd.DataFrame, decisions: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """The items, blocked (``payment_block``: refund, transfer) where that was decided of them.

    ``open_items``: ``tables.OPEN_ITEMS``; ``decisions``: ``book.read.DECISIONS``. A person's last word on a
    note holds while the note owes just what it did then. A request holds from the day it was made; refused,
    or unanswered after its last day, it holds nothing. Same rows, same order.
    """
    answers = decisions[decisions["subject"] == "request"]
    answered = dict(zip(answers["subject_key"], answers["decision"], strict=True))
    own = decisions[decisions["subject"] == "credit_note"]
    words: dict[int, tuple[str, int]] = {}
    for one in own.sort_values(["recorded_at", "decision_id"]).to_dict("records"):
        told = json.loads(one["evidence"])
        answer = answered.get(one["decision_id"], "")
        is_over = answer == "refuse" or (not answer and told["expires"] < as_of.isoformat())
        if one["decision"] == "request" and is_over:
            continue
        words[int(told["document_key"])] = str(told["decision"]), int(told["unapplied"])
    promised = [
        word if block == "" and word in _ELSEWHERE and open_amount == offered else block
        for block, open_amount, (word, offered) in zip(
            open_items["payment_block"],
            open_items["open_amount"],
            (words.get(key, ("", 0)) for key in open_items["document_key"].tolist()),
            strict=True,
        )
    ]
    return open_items.assign(payment_block=pd.Series(promised, index=open_items.index, dtype="str"))
