"""Write-off of debts (castigo de cartera) and what is recovered of them later (recuperación).

A write-off is prepared with a reason and its evidence, approved by one person within the role's limit or by
two above it, and posted as applications of the kind ``write_off``, which reduce the document without cash.
A recovery takes the write-off back whole, writes off again what is still lost, and applies the cash.
Source: DOMAIN, sections 7, 17 and 21; TRUST, Approvals.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pandas as pd

from .cases import OPEN, Case, Machine, Move
from .errors import MoveRefusedError
from .money import to_money_text
from .policy import WriteOffPolicy
from .tables import RECOVERED_RULE, WRITE_OFF_KIND, Table

KIND = "write_off"
#: States in which money is written off.
STANDING = ("posted", "partly_recovered")
#: The rule that stands in a write-off's applications.
RULE = "written-off"
#: The rule of the cash that came after all.
RECOVERED = RECOVERED_RULE

#: One row a document of a case that was posted: what of it is given up now, and what came back.
GIVEN_UP = Table(
    "given_up",
    ("case_id", "document_key"),
    {
        "company_id": "text",
        "customer_id": "text",
        "document_key": "integer",
        "document_id": "text",
        "currency": "text",
        "state": "text",
        "reason": "text",
        "posted_date": "date",
        "given_up_amount": "money",
        "recovered_amount": "money",
        "written_off_amount": "money",  # given up − recovered; 0 where the write-off was undone
        "case_id": "text",
    },
)

#: What a period moved in the ledger, by customer and currency; what uses up a provision is
#: ``provision.written_off_in``.
MOVEMENTS = Table(
    "write_offs",
    ("company_id", "customer_id", "currency", "period"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "period": "text",
        "written_off_amount": "money",  # positive: left the ledger in the period
        "taken_back_amount": "money",  # positive: came back into it, to be collected or because it was undone
        "net_amount": "money",  # written off − taken back
    },
)


def write_off_machine(policy: WriteOffPolicy) -> Machine:
    """prepared → (approved | first_approved → approved) → posted → partly_recovered → recovered; or rejected,
    withdrawn, undone. ``take_back_recovery`` leads back to posted: all that came, as if it had never come.

    ``add_evidence`` brings ``evidence`` (a name that the reason asks for) with its file. ``approve`` is one
    person's within the limit of the ``role``; above it ``approve_first`` and ``approve_second``, two people
    of ``joint_roles``. Nobody approves what they prepared. A missing piece of evidence stops every approval.
    """
    prepared, first = frozenset({"prepared"}), frozenset({"first_approved"})
    standing = frozenset(STANDING)

    def alone(case: Case, brought: Mapping[str, object]) -> None:
        _check_evidence(case, policy)
        role = str(brought.get("role", ""))
        if weighed_amount(case) > policy.limit(role, case.currency):
            raise MoveRefusedError(
                "write-off-above-limit", case=case.case_id, role=role or "–",
                amount_money=to_money_text(weighed_amount(case), case.currency),
                limit_money=to_money_text(policy.limit(role, case.currency), case.currency),
                roles=policy.joint_roles,
            )  # fmt: skip

    def together(case: Case, brought: Mapping[str, object]) -> None:
        _check_evidence(case, policy)

    def evidence(case: Case, brought: Mapping[str, object]) -> None:
        known = required_evidence(case, policy)
        if brought["evidence"] not in known:
            raise MoveRefusedError(
                "write-off-evidence-unknown", case=case.case_id, evidence=str(brought["evidence"]),
                required=known,
            )  # fmt: skip

    roles = policy.joint_roles
    return Machine(
        KIND,
        "prepared",
        (
            Move("add_evidence", prepared, "prepared", needs=("evidence", "file_sha256"), guard=evidence),
            Move("approve", prepared, "approved", unlike=(OPEN,), guard=alone),
            Move("approve_first", prepared, "first_approved", unlike=(OPEN,), roles=roles, guard=together),
            Move("approve_second", first, "approved", unlike=(OPEN, "approve_first"), roles=roles,
                 guard=together),
            Move("reject", prepared | first, "rejected", needs=("reason",), unlike=(OPEN,)),
            Move("withdraw", prepared | first | {"approved"}, "withdrawn", needs=("reason",)),
            Move("post", frozenset({"approved"}), "posted", needs=("amounts",), guard=_check_unchanged),
            Move("recover_part", standing, "partly_recovered", needs=("receipt_id", "recovered"),
                 guard=_check_part),
            Move("recover", standing, "recovered", needs=("receipt_id", "recovered"), guard=_check_whole),
            Move("take_back_recovery", frozenset({"partly_recovered", "recovered"}), "posted",
                 needs=("reason",)),
            Move("undo", frozenset({"posted"}), "undone", needs=("reason",)),
        ),
    )  # fmt: skip


def check_write_off(content: Mapping[str, object], policy: WriteOffPolicy) -> None:
    """A preparation names a reason of the policy; else :class:`MoveRefusedError` with those there are."""
    code = str(content.get("reason_code", ""))
    if policy.reason(code) is None:
        known = ", ".join(one.code for one in policy.reasons)
        raise MoveRefusedError("write-off-reason-unknown", reason=code, reasons=known)


def weighed_amount(case: Case) -> int:
    """What the limit is held against: the case, and what else of the customer was given up within a year."""
    return case.case_amount + int(str(case.content.get("earlier_amount", 0)))


def required_evidence(case: Case, policy: WriteOffPolicy) -> tuple[str, ...]:
    """What must prove this write-off, by its reason."""
    reason = policy.reason(str(case.content["reason_code"]))
    return () if reason is None else reason.evidence


def missing_evidence(case: Case, policy: WriteOffPolicy) -> list[str]:
    """What of it nobody has brought yet."""
    there = {str(event.content["evidence"]) for event in case.events if event.move == "add_evidence"}
    return [name for name in required_evidence(case, policy) if name not in there]


def written_off(case: Case) -> dict[int, int]:
    """By document key, what is given up now: posted less recovered; nothing once it is undone."""
    if case.last("post") is None or case.last("undo") is not None:
        return {}
    left = {item.item_key: item.item_amount for item in case.items}
    for event in case.since("take_back_recovery"):
        if event.move in ("recover_part", "recover"):
            for key, amount in amounts_of(event.content, "recovered").items():
                left[key] -= amount
    return left


def amounts_of(content: Mapping[str, object], name: str) -> dict[int, int]:
    """Minor units by document key, as a move brings them under ``name``."""
    told = content[name]
    if not isinstance(told, Mapping):
        raise MoveRefusedError("over-180-amounts-wrong", amounts=str(told))
    return {int(key): int(amount) for key, amount in told.items()}


def _check_evidence(case: Case, policy: WriteOffPolicy) -> None:
    missing = missing_evidence(case, policy)
    if missing:
        raise MoveRefusedError("write-off-evidence-missing", case=case.case_id, missing=missing)


def _check_unchanged(case: Case, brought: Mapping[str, object]) -> None:
    now = amounts_of(brought, "amounts")
    for item in case.items:
        if now.get(item.item_key, 0) < item.item_amount:
            raise MoveRefusedError(
                "write-off-changed", case=case.case_id, document=item.item_id,
                approved_money=to_money_text(item.item_amount, item.currency),
                open_money=to_money_text(now.get(item.item_key, 0), item.currency),
            )  # fmt: skip


def _recovered(case: Case, brought: Mapping[str, object]) -> tuple[int, int]:
    """What a recovery brings, and what was left to recover before it; checked document by document."""
    left = written_off(case)
    names = {item.item_key: item.item_id for item in case.items}
    asked = amounts_of(brought, "recovered")
    for key, amount in asked.items():
        if not 0 < amount <= left.get(key, 0):
            raise MoveRefusedError(
                "recovery-too-much", case=case.case_id, document=names.get(key, str(key)),
                left_money=to_money_text(left.get(key, 0), case.currency),
                recovered_money=to_money_text(amount, case.currency),
            )  # fmt: skip
    return sum(asked.values()), sum(left.values())


def _check_part(case: Case, brought: Mapping[str, object]) -> None:
    recovered, left = _recovered(case, brought)
    if recovered == left:
        raise MoveRefusedError("recovery-is-whole", case=case.case_id)


def _check_whole(case: Case, brought: Mapping[str, object]) -> None:
    recovered, left = _recovered(case, brought)
    if recovered != left:
        raise MoveRefusedError(
            "recovery-is-part", case=case.case_id, left_money=to_money_text(left, case.currency),
            recovered_money=to_money_text(recovered, case.currency),
        )  # fmt: skip


def given_up_items(cases: pd.DataFrame, events: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``GIVEN_UP`` from the frames of the book: every write-off that was posted, by document."""
    own = cases[cases["kind"] == KIND]
    posts = events[(events["move"] == "post") & events["case_id"].isin(own["case_id"])]
    posted = posts.set_index("case_id")["event_date"].to_dict()
    undone = set(events.loc[events["move"] == "undo", "case_id"])
    back: dict[tuple[str, int], int] = {}
    came = events[events["move"].isin(("recover_part", "recover")) & events["case_id"].isin(own["case_id"])]
    returned = events[events["move"] == "take_back_recovery"].groupby("case_id")["number"].max()
    since = [int(returned.get(case, 0)) for case in came["case_id"]]
    came = came[came["number"] > pd.Series(since, index=came.index, dtype="int64")]
    for case, content in came[["case_id", "content"]].itertuples(index=False, name=None):
        for key, amount in amounts_of(json.loads(content), "recovered").items():
            back[(case, key)] = back.get((case, key), 0) + amount
    reasons = {
        str(case): json.loads(str(content)).get("reason_code", "")
        for case, content in zip(own["case_id"], own["content"], strict=True)
    }
    rows = items[items["case_id"].isin(posted)].merge(
        own[["case_id", "state", "company_id", "customer_id"]], on="case_id"
    )
    given = [back.get(pair, 0) for pair in zip(rows["case_id"], rows["item_key"].tolist(), strict=True)]
    rows = rows.assign(
        document_key=rows["item_key"], document_id=rows["item_id"], given_up_amount=rows["item_amount"],
        posted_date=pd.to_datetime(rows["case_id"].map(posted)), reason=rows["case_id"].map(reasons),
        recovered_amount=pd.Series(given, index=rows.index, dtype="int64"),
    )  # fmt: skip
    left = rows["given_up_amount"] - rows["recovered_amount"]
    rows["written_off_amount"] = left.where(~rows["case_id"].isin(undone), 0)
    return GIVEN_UP.conform(rows.sort_values(["posted_date", "case_id", "document_key"]))


def summarise_write_offs(
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    first_day: dt.date,
    last_day: dt.date,
) -> pd.DataFrame:
    """``MOVEMENTS``: what was written off, and taken back, from ``first_day`` through ``last_day``.

    From the ledger itself (``tables.APPLICATIONS``, ``REVERSALS``, ``DOCUMENTS``), by effective day: a
    recovery shows as all taken back and the rest written off again. Minor units of the document's currency.
    """
    own = applications[applications["kind"] == WRITE_OFF_KIND].merge(
        documents[["document_key", "company_id", "customer_id", "currency"]], on="document_key"
    )
    back = reversals[["application_id", "effective_date"]].rename(columns={"effective_date": "back_date"})
    own = own.merge(back.drop_duplicates("application_id"), on="application_id", how="left")
    first, last = pd.Timestamp(first_day), pd.Timestamp(last_day)
    amount = own["applied_amount"]
    own["written_off_amount"] = amount.where(own["effective_date"].between(first, last), 0)
    own["taken_back_amount"] = amount.where(own["back_date"].between(first, last), 0)
    own["net_amount"] = own["written_off_amount"] - own["taken_back_amount"]
    own = own[(own["written_off_amount"] != 0) | (own["taken_back_amount"] != 0)]
    by = ["company_id", "customer_id", "currency"]
    money = ["written_off_amount", "taken_back_amount", "net_amount"]
    summed = own.groupby(by, sort=True)[money].sum().reset_index()
    return MOVEMENTS.conform(summed.assign(period=f"{last_day:%Y-%m}"))
