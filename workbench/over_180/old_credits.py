"""Credits over 180 days through people's hands: transferred, refunded or applied, proposed and approved.

What is listed and why comes from ``credit_notes.list_old_credits``: credit notes and payments of the ledger,
money on account, and deposits that nobody has applied or identified. Source: DOMAIN, "Traslados de créditos
a más de 180 días".
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError
from ..money import to_money_text
from ..policy import Over180Policy
from ..tables import Table

KIND = "credit_over_180"
#: What may become of an old credit.
ACTIONS = ("apply", "refund", "transfer")

#: ``credit_notes.OLD_CREDITS`` with the case that each is in; ``state`` '' where nobody proposed any.
CREDITS = Table(
    "credits_over_180",
    ("document_kind", "document_key"),
    {
        "action": "text",  # the case's, else what could be done
        "document_kind": "text",
        "document_key": "integer",
        "document_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "document_date": "date",
        "age_days": "integer",
        "currency": "text",
        "credit_amount": "money",  # negative: what we owe or hold
        "owner": "text",
        "approver": "text",
        "evidence": "text",
        "state": "text",
        "case_id": "text",
    },
)


def credit_machine(policy: Over180Policy) -> Machine:
    """proposed → approved → settled; or rejected, withdrawn. Who proposed neither approves nor settles.

    ``approve`` needs a file that proves the customer's claim to it (a refund or transfer). ``settle`` brings
    ``left_amount``, what of the credit stands open: an applied one must have gone, in the size that was
    approved; a refund or transfer is settled by its ledger entry, and must still stand.
    """
    proposed, approved = frozenset({"proposed"}), frozenset({"approved"})
    return Machine(
        KIND,
        "proposed",
        (
            Move("approve", proposed, "approved", unlike=("open",), guard=_check_approver),
            Move("reject", proposed, "rejected", needs=("reason",), unlike=("open",)),
            Move("withdraw", proposed | approved, "withdrawn", needs=("reason",)),
            Move("settle", approved, "settled", needs=("left_amount",), unlike=("open",), guard=_check_left),
        ),
    )


def check_credit(content: Mapping[str, object]) -> None:
    """What a proposal says: ``action`` of ``ACTIONS``, ``owner``, ``evidence``; else it is refused."""
    if content.get("action") not in ACTIONS:
        raise MoveRefusedError("old-credit-action-unknown", action=str(content.get("action", "")))
    lacking = [name for name in ("owner", "evidence") if not content.get(name)]
    if lacking:
        raise MoveRefusedError("old-credit-lacks", lacking=lacking)


def _check_approver(case: Case, brought: Mapping[str, object]) -> None:
    roles = ("supervisor", "controller", "director")
    needed = roles if case.content["action"] == "apply" else roles[1:]
    if brought.get("role", "") not in needed:
        raise MoveRefusedError(
            "case-move-role", case=case.case_id, kind=case.kind, state=case.state, move="approve",
            role=str(brought.get("role", "")), roles=sorted(needed), who="",
        )  # fmt: skip
    if case.content["action"] != "apply" and not brought.get("file_sha256"):
        raise MoveRefusedError(
            "case-move-lacks", case=case.case_id, kind=case.kind, state=case.state, move="approve",
            lacking=["file_sha256"],
        )  # fmt: skip


def _check_left(case: Case, brought: Mapping[str, object]) -> None:
    check_left(case, int(str(brought["left_amount"])))


def check_left(case: Case, left: int) -> None:
    """Refuse (``old-credit-not-settled``) unless an applied credit is gone and any other stands whole."""
    wanted = 0 if case.content["action"] == "apply" else case.case_amount
    if left != wanted:
        raise MoveRefusedError(
            "old-credit-not-settled", case=case.case_id, action=str(case.content["action"]),
            left_money=to_money_text(left, case.currency),
            expected_money=to_money_text(wanted, case.currency),
        )  # fmt: skip


def with_cases(listed: pd.DataFrame, cases: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``CREDITS``: the list with the state that each credit's newest case stands in.

    ``listed``: ``credit_notes.OLD_CREDITS``. What is rejected or withdrawn is as if nobody had proposed it.
    """
    own = cases[(cases["kind"] == KIND) & cases["state"].isin(("proposed", "approved", "settled"))]
    held = items[["case_id", "item_kind", "item_key"]].merge(
        own[["case_id", "state", "recorded_at"]], on="case_id"
    )
    held = held.sort_values(["recorded_at", "case_id"]).drop_duplicates(
        ["item_kind", "item_key"], keep="last"
    )
    held = held.rename(columns={"item_kind": "document_kind", "item_key": "document_key"})
    rows = listed.merge(held.drop(columns="recorded_at"), on=["document_kind", "document_key"], how="left")
    rows[["state", "case_id"]] = rows[["state", "case_id"]].astype("object").fillna("")
    return CREDITS.conform(rows)
