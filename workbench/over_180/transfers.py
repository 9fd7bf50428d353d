"""Transfer of what is over 180 days to its own account (traslado), and its reversal when it is collected.

A case holds a customer's items of one currency over the limit at a close: proposed, approved by another
person, posted; what is collected, set off or written off of it later is reversed in that part, proposed by
one person and posted by another. The account's balance is Σ transfers − Σ reversals, always.
Source: DOMAIN, section 7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError
from ..money import to_money_text
from ..policy import Over180Policy
from ..tables import Table

KIND = "over_180_transfer"
#: States in which money stands on the account.
STANDING = ("transferred", "reversal_proposed")
#: States in which an item's transfer is under way or done, so that it is not proposed again.
LIVE = ("proposed", "approved", *STANDING)

#: What should be proposed: one row an item over the limit that no live transfer holds.
PROPOSALS = Table(
    "proposals",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "cluster_id": "text",
        "supervisor_id": "text",
        "document_id": "text",
        "document_type": "text",
        "currency": "text",
        "due_date": "date",
        "days_overdue": "integer",
        "open_amount": "money",
    },
)

#: One row a document and transfer: what went to the account, came back, and stands there.
TRANSFERRED = Table(
    "transferred",
    ("case_id", "document_key"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_key": "integer",
        "document_id": "text",
        "currency": "text",
        "state": "text",
        "proposed_amount": "money",
        "transferred_amount": "money",  # 0 until it is posted
        "reversed_amount": "money",
        "standing_amount": "money",  # transferred − reversed
        "proposed_by": "text",
        "case_id": "text",
    },
)

#: What of a posted transfer is no longer owed: to be reversed.
DUE_BACK = Table(
    "due_back",
    ("case_id", "document_key"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_key": "integer",
        "document_id": "text",
        "currency": "text",
        "state": "text",
        "standing_amount": "money",
        "open_amount": "money",
        "due_back_amount": "money",  # standing − open
        "case_id": "text",
    },
)


def transfer_machine(policy: Over180Policy) -> Machine:
    """proposed → approved → transferred ⇄ reversal_proposed → reversed; or rejected, withdrawn.

    ``post`` brings the ``amounts`` that are open by then, by document: they must be those proposed.
    ``propose_reversal`` brings the ``amounts`` to take back: of each no more than stands. Whoever proposed
    neither approves nor posts that reversal.
    """
    proposed, approved = frozenset({"proposed"}), frozenset({"approved"})
    transferred, back = frozenset({"transferred"}), frozenset({"reversal_proposed"})
    return Machine(
        KIND,
        "proposed",
        (
            Move("approve", proposed, "approved", unlike=("open",), roles=policy.roles),
            Move("reject", proposed, "rejected", needs=("reason",), unlike=("open",), roles=policy.roles),
            Move("withdraw", proposed | approved, "withdrawn", needs=("reason",)),
            Move("post", approved, "transferred", needs=("amounts",), guard=_check_unchanged),
            Move("propose_reversal", transferred, "reversal_proposed", needs=("amounts", "reason"),
                 guard=_check_within),
            Move("reject_reversal", back, "transferred", needs=("reason",), unlike=("propose_reversal",)),
            Move("post_part", back, "transferred", unlike=("propose_reversal",), guard=_check_part),
            Move("post_reversal", back, "reversed", unlike=("propose_reversal",), guard=_check_whole),
        ),
    )  # fmt: skip


def standing_amounts(case: Case) -> dict[int, int]:
    """What of each document stands on the account, by key: posted − reversed; nothing before it is posted."""
    if case.last("post") is None:
        return {}
    standing = {item.item_key: item.item_amount for item in case.items}
    asked: dict[int, int] = {}
    for event in case.events:
        if event.move == "propose_reversal":
            asked = amounts_of(event.content)
        elif event.move in ("post_part", "post_reversal"):
            for key, amount in asked.items():
                standing[key] -= amount
    return standing


def amounts_of(content: Mapping[str, object]) -> dict[int, int]:
    """``amounts`` of a move: minor units by document key."""
    told = content["amounts"]
    if not isinstance(told, Mapping):
        raise MoveRefusedError("over-180-amounts-wrong", amounts=str(told))
    return {int(key): int(amount) for key, amount in told.items()}


def asked_back(case: Case) -> dict[int, int]:
    """What the newest proposal of a reversal asks to take back."""
    event = case.last("propose_reversal")
    return {} if event is None else amounts_of(event.content)


def _check_unchanged(case: Case, brought: Mapping[str, object]) -> None:
    now = amounts_of(brought)
    for item in case.items:
        if now.get(item.item_key, 0) != item.item_amount:
            raise MoveRefusedError(
                "over-180-changed", case=case.case_id, document=item.item_id,
                proposed_money=to_money_text(item.item_amount, item.currency),
                open_money=to_money_text(now.get(item.item_key, 0), item.currency),
            )  # fmt: skip


def _check_within(case: Case, brought: Mapping[str, object]) -> None:
    standing = standing_amounts(case)
    names = {item.item_key: item.item_id for item in case.items}
    for key, amount in amounts_of(brought).items():
        if not 0 < amount <= standing.get(key, 0):
            raise MoveRefusedError(
                "over-180-back-too-much", case=case.case_id, document=names.get(key, str(key)),
                standing_money=to_money_text(standing.get(key, 0), case.currency),
                asked_money=to_money_text(amount, case.currency),
            )  # fmt: skip


def _is_whole(case: Case) -> bool:
    return sum(standing_amounts(case).values()) == sum(asked_back(case).values())


def _check_part(case: Case, brought: Mapping[str, object]) -> None:
    if _is_whole(case):
        raise MoveRefusedError("over-180-back-whole", case=case.case_id)


def _check_whole(case: Case, brought: Mapping[str, object]) -> None:
    if not _is_whole(case):
        raise MoveRefusedError("over-180-back-part", case=case.case_id)


def list_proposals(
    aged: pd.DataFrame, customers: pd.DataFrame, transferred: pd.DataFrame, *, policy: Over180Policy
) -> pd.DataFrame:
    """``PROPOSALS``: debts more than ``policy.over_days`` overdue that no live transfer holds.

    ``aged``: ``aging.age_open_items`` as of the close; ``transferred``: ``TRANSFERRED``. At exactly the limit
    an item is not over. Items of a special ledger stay there. Sorted by customer, currency, document.
    """
    live = set(transferred.loc[transferred["state"].isin(LIVE), "document_key"])
    over = aged[
        (aged["open_amount"] > 0)
        & (aged["days_overdue"] > policy.over_days)
        & aged["special_gl"].eq("")
        & ~aged["document_key"].isin(live)
    ]
    keys = ["company_id", "customer_id"]
    known = customers[[*keys, "cluster_id", "supervisor_id"]].drop_duplicates(keys)
    rows = over.merge(known, on=keys, how="left")
    order = ["company_id", "customer_id", "currency", "document_id", "document_key"]
    return PROPOSALS.conform(rows).sort_values(order, ignore_index=True)


def transferred_items(cases: pd.DataFrame, events: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``TRANSFERRED`` from the frames of the book (``tables.CASES``, ``CASE_EVENTS``, ``CASE_ITEMS``)."""
    own = cases[cases["kind"] == KIND]
    posted = set(events.loc[events["move"] == "post", "case_id"]) & set(own["case_id"])
    back = _reversed(events[events["case_id"].isin(own["case_id"])])
    rows = items[items["case_id"].isin(own["case_id"])].merge(
        own[["case_id", "state", "company_id", "customer_id", "opened_by"]], on="case_id"
    )
    is_posted = rows["case_id"].isin(posted)
    given = [back.get(pair, 0) for pair in zip(rows["case_id"], rows["item_key"].tolist(), strict=True)]
    rows = rows.assign(
        document_key=rows["item_key"], document_id=rows["item_id"], proposed_amount=rows["item_amount"],
        transferred_amount=rows["item_amount"].where(is_posted, 0),
        reversed_amount=pd.Series(given, index=rows.index, dtype="int64"), proposed_by=rows["opened_by"],
    )  # fmt: skip
    rows["standing_amount"] = rows["transferred_amount"] - rows["reversed_amount"]
    return TRANSFERRED.conform(rows).sort_values(["case_id", "document_key"], ignore_index=True)


def _reversed(events: pd.DataFrame) -> dict[tuple[str, int], int]:
    asked: dict[str, dict[int, int]] = {}
    back: dict[tuple[str, int], int] = {}
    moves = events[events["move"].isin(("propose_reversal", "post_part", "post_reversal"))]
    for case, move, content in moves.sort_values(["case_id", "number"])[
        ["case_id", "move", "content"]
    ].itertuples(index=False, name=None):
        if move == "propose_reversal":
            asked[case] = amounts_of(json.loads(content))
            continue
        for key, amount in asked[case].items():
            back[(case, key)] = back.get((case, key), 0) + amount
    return back


def list_due_back(transferred: pd.DataFrame, open_items: pd.DataFrame) -> pd.DataFrame:
    """``DUE_BACK``: of what stands on the account, the part that is collected, set off or written off by now.

    ``open_items``: as of the close, with settled items or without; a document that is not there owes nothing.
    """
    posted = transferred[transferred["state"].isin(STANDING) & (transferred["standing_amount"] > 0)]
    owed = open_items.set_index("document_key")["open_amount"]
    now = owed.reindex(posted["document_key"]).fillna(0).astype("int64").clip(lower=0).to_numpy()
    rows = posted.assign(open_amount=now)
    rows["due_back_amount"] = (rows["standing_amount"] - rows["open_amount"]).clip(lower=0)
    return DUE_BACK.conform(rows[rows["due_back_amount"] > 0])
