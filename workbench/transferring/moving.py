"""A move of a case of the over-180 control, with what the book must say to it under the writer's lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from .. import book as books
from .. import over_180
from ..book.cases_in import enter_move
from ..book.open_amounts import open_amounts, open_credit, read_open_amounts
from ..book.transactions import Posting, writing
from ..cases import Case, Machine
from ..errors import MoveRefusedError, PostingRefusedError
from ..money import to_money_text
from ..over_180 import old_credits, transfers
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


def move_over_180(
    book: books.Book,
    case_id: str,
    move: str,
    *,
    policy: Policy,
    who: str,
    on: dt.date,
    role: str = "",
    reason: str = "",
    content: Mapping[str, object] | None = None,
    file_sha256: str = "",
    operation_id: str = "",
    now: dt.datetime | None = None,
) -> str:
    """Any move of a transfer, old credit, hand-over, exception or plan; gives the new state.

    ``post`` of a transfer finds what is open on ``on`` itself and proposes its ledger entry, ``post_part``
    and ``post_reversal`` the one back; ``settle`` of a credit finds what is left of it. ``operation_id``: the
    same again changes nothing; without one a repeat is refused by the state the case has reached.
    """
    case = books.read.case(book, case_id)
    machine = machine_of(case.kind, policy)
    # A role is who one is, by the list of users, never a word that a move brings.
    brought: dict[str, object] = {name: one for name, one in (content or {}).items() if name != "role"}
    brought |= {"role": role} if role else {}
    if case.kind == transfers.KIND and move == "post":
        keys = [item.item_key for item in case.items]
        brought["amounts"] = {str(key): one for key, one in read_open_amounts(book, keys, on=on).items()}
    elif case.kind == old_credits.KIND and move == "settle":
        with book.reading() as connection:
            own = case.items[0]
            brought["left_amount"] = open_credit(connection, own.item_kind, own.item_key)
    elif case.kind == "provision_exception" and move == "expire":
        brought["on"] = on.isoformat()
    rates = books.read.rates(book)

    def also(posting: Posting, was: Case) -> None:
        if was.kind == transfers.KIND and move == "post":
            _check_still_open(posting, was, on)
            amounts = {item.item_key: item.item_amount for item in was.items}
            entries.enter_transfer(posting, was, amounts, policy=policy, rates=rates, on=on)
        elif was.kind == transfers.KIND and move in ("post_part", "post_reversal"):
            entries.enter_reversal(posting, was, over_180.asked_back(was), policy=policy, on=on)
        elif was.kind == old_credits.KIND and move == "settle" and was.content["action"] != "apply":
            # Somebody may have used it between the look and the lock: what is gone is not given back too.
            item = was.items[0]
            left = open_credit(posting.connection, item.item_kind, item.item_key)
            old_credits.check_left(was, left)
            entries.enter_credit(posting, was, policy=policy, rates=rates, on=on)

    with writing(book, "move-case", who=who, now=now) as posting:
        return enter_move(
            posting, machine, case_id, move, who=who, role=role, on=on, reason=reason, content=brought,
            file_sha256=file_sha256, also=also,
            operation_id=operation_id or f"{case_id}#{len(case.events) + 1}:{move}",
        )  # fmt: skip
    raise AssertionError("unreachable")


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
