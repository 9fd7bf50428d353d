"""The plan for what is about to cross (plan de acción): owner, cause, what is done, and by when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pandas as pd

from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError
from ..policy import Over180Policy
from ..tables import Table

KIND = "over_180_plan"
STATED = ("owner", "cause", "plan", "plan_date")

#: One row a document that somebody has a plan for.
PLANS = Table(
    "plans",
    ("document_key",),
    {
        "document_key": "integer",
        "owner": "text",
        "cause": "text",  # of policy.over_180.causes
        "plan": "text",
        "plan_date": "date",  # by when
        "plan_case": "text",
    },
)


def plan_machine(policy: Over180Policy) -> Machine:
    """planned → (revised, any number of times) → fulfilled | failed | withdrawn."""

    def check(case: Case, brought: Mapping[str, object]) -> None:
        check_plan(brought, policy)

    planned = frozenset({"planned"})
    return Machine(
        KIND,
        "planned",
        (
            Move("revise", planned, "planned", needs=(*STATED, "reason"), guard=check),
            Move("fulfil", planned, "fulfilled", needs=("reason",)),
            Move("fail", planned, "failed", needs=("reason",)),
            Move("withdraw", planned, "withdrawn", needs=("reason",)),
        ),
    )


def check_plan(content: Mapping[str, object], policy: Over180Policy) -> None:
    """A plan says who, why (a cause of the policy), what, and by when; else :class:`MoveRefusedError`."""
    lacking = [name for name in STATED if not content.get(name)]
    if lacking:
        raise MoveRefusedError("over-180-plan-lacks", lacking=lacking)
    if content["cause"] not in policy.causes:
        raise MoveRefusedError(
            "over-180-cause-unknown", cause=str(content["cause"]), causes=", ".join(policy.causes)
        )
    try:
        dt.date.fromisoformat(str(content["plan_date"]))
    except ValueError:
        raise MoveRefusedError("over-180-plan-lacks", lacking=["plan_date"]) from None


def plans_of_cases(cases: pd.DataFrame, events: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``PLANS``: the standing plan of each document, as it was revised last; of several the newest case's."""
    standing = cases[(cases["kind"] == KIND) & (cases["state"] == "planned")]
    said = {str(one["case_id"]): json.loads(str(one["content"])) for one in standing.to_dict("records")}
    revised = events[(events["move"] == "revise") & events["case_id"].isin(said)]
    for one in revised.sort_values("number").to_dict("records"):
        said[str(one["case_id"])] = json.loads(str(one["content"]))
    dated = dict(zip(standing["case_id"], standing["recorded_at"], strict=True))
    own = items[(items["item_kind"] == "document") & items["case_id"].isin(said)]
    rows = [
        {"document_key": key, "plan_case": case, **{name: said[case][name] for name in STATED}}
        for case, key in sorted(
            zip(own["case_id"], own["item_key"].tolist(), strict=True),
            key=lambda row: (dated[row[0]], row[0]),
        )
    ]
    frame = pd.DataFrame(rows, columns=list(PLANS.columns)).drop_duplicates("document_key", keep="last")
    return PLANS.conform(frame.assign(plan_date=pd.to_datetime(frame["plan_date"])))
