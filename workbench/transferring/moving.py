"""A move of a case of the over-180 control, with what the book must say to it under the writer's lock."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from .. import book as books
from .. import over_180
from ..book.cases_in import move_case
from ..book.open_amounts import open_amounts, open_credit, read_open_amounts
from ..book.transactions import Posting
from ..cases import Brought, Case, Machine
from ..errors import MoveRefusedError, PostingRefusedError
from ..ledger import receipts_on_account
from ..money import to_money_text
from ..over_180 import exceptions, old_credits, transfers
from ..policy import Policy
from . import entries


def machine_of(kind: str, policy: Policy) -> Machine:
    """The machine of a kind; refused where the kind is none of this room's."""
    found = {machine.kind: machine for machine in over_180.machines(policy.over_180)}
    if kind not in found:
        raise PostingRefusedError(
            "case-of-another-kind", case="", kind=kind, expected=", ".join(sorted(found))
        )
    return found[kind]


def move_over_180(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """Any move of a transfer, old credit, hand-over, exception or plan; gives the new state.

    ``post`` of a transfer finds what is open on the move's day itself and proposes its ledger entry,
    ``post_part`` and ``post_reversal`` the one back; ``settle`` of a credit finds what is left of it.
    """
    case, on = books.read.case(book, case_id), brought.on
    machine = machine_of(case.kind, policy)
    told = brought.telling_role()
    if case.kind == transfers.KIND and move == "post":
        keys = [item.item_key for item in case.items]
        open_now = read_open_amounts(book, keys, on=on)
        told = told.adding(amounts={str(key): amount for key, amount in open_now.items()})
    elif case.kind == old_credits.KIND and move == "settle":
        with book.reading() as connection:
            own = case.items[0]
            told = told.adding(left_amount=open_credit(connection, own.item_kind, own.item_key))
    elif case.kind == exceptions.KIND and move == "expire":
        told = told.adding(on=on.isoformat())
    rates = books.read.rates(book)
    days = _days(book, case) if move in ("post", "settle") else {}

    def also(posting: Posting, was: Case) -> None:
        if was.kind == transfers.KIND and move == "post":
            _check_still_open(posting, was, on)
            amounts = {item.item_key: item.item_amount for item in was.items}
            entries.enter_transfer(posting, was, amounts, policy=policy, rates=rates, days=days, on=on)
        elif was.kind == transfers.KIND and move in ("post_part", "post_reversal"):
            entries.enter_reversal(posting, was, over_180.asked_back(was), policy=policy, on=on)
        elif was.kind == old_credits.KIND and move == "settle" and was.content["action"] != "apply":
            # Somebody may have used it between the look and the lock: what is gone is not given back too.
            item = was.items[0]
            left = open_credit(posting.connection, item.item_kind, item.item_key)
            old_credits.check_left(was, left)
            day = days[item.item_key]
            entries.enter_credit(posting, was, policy=policy, rates=rates, day=day, on=on)

    return move_case(book, machine, case, move, told, also=also)


def _days(book: books.Book, case: Case) -> dict[int, dt.date]:
    """By key, the day of each document of a case; of a deposit and money on account, the receipt's."""
    of_documents = books.read.documents(book, case.company_id).set_index("document_key")["document_date"]
    of_receipts = books.read.receipts(book, case.company_id).set_index("receipt_key")["receipt_date"]
    found = {}
    for item in case.items:
        key = item.item_key
        if item.item_kind == "deposit":
            day = of_receipts[key]
        elif key < 0:  # on no document: its key speaks of the receipt
            day = of_receipts[receipts_on_account(pd.DataFrame({"document_key": [key]})).iloc[0]]
        else:
            day = of_documents[key]
        found[key] = day.date()
    return found


def _check_still_open(posting: Posting, case: Case, on: dt.date) -> None:
    """Somebody may have collected between the look and the lock."""
    now = open_amounts(posting.connection, [item.item_key for item in case.items], on=on)
    for item in case.items:
        if now[item.item_key] != item.item_amount:
            raise MoveRefusedError(
                "over-180-changed", case=case.case_id, document=item.item_id,
                proposed_money=to_money_text(item.item_amount, item.currency),
                open_money=to_money_text(now[item.item_key], item.currency),
            )  # fmt: skip
