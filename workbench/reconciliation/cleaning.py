"""The plan to clear what stays (depuración de partidas): each item has an owner, cause, action and day.

An item is a case from the report in which it first stood: open → assigned → cleared, or written off by a
second person. Without a case the class says who clears it by when; the days count from the cut-off at which
the item first stayed, so that what is carried along becomes overdue. Source: DOMAIN, sections 9 and 21.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import WorkingDays
from ..cases import Case, Machine, Move
from ..errors import MoveRefusedError
from ..policy import ReconciliationPolicy
from ..tables import Table
from .results import ACCOUNT

KIND = "bank_item"
APPROVERS = ("supervisor", "controller")
#: States in which somebody still has to do something.
LIVE = ("open", "assigned", "write_off_asked")

PLAN = Table(
    "plan",
    ("side", "line_key"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "side": "text",
        "line_key": "integer",
        "line_id": "text",
        "line_date": "date",
        "reference": "text",
        "text": "text",
        "amount": "money",  # money in positive, on either side
        "category": "text",
        "cause": "text",  # the detail, else the category; or as a person said
        "age_days": "integer",
        "first_seen": "date",
        "owner": "text",  # policy.OWNERS, or a person
        "action": "text",  # the category's own, or as a person said
        "due_date": "date",
        "state": "text",
        "is_overdue": "flag",
        "case_id": "text",  # '' until it is somebody's case
    },
)


def case_of_line(row: Mapping[str, object]) -> str:
    """The case of a line that stays, by its account, side and id; its key tells ids that recur apart."""
    names = (*ACCOUNT, "side", "line_id", "line_key")
    return ":".join(("bank-item", *(str(row[name]) for name in names)))


def item_machine() -> Machine:
    """open → assigned → cleared | written_off; one person asks for a write-off, another approves it."""
    live = frozenset({"open", "assigned"})
    asked = frozenset({"write_off_asked"})
    return Machine(
        KIND,
        "open",
        (
            Move("assign", live, "assigned", needs=("owner", "action", "due_date"), guard=_check_due),
            Move("clear", live | asked, "cleared", needs=("reason",)),
            Move("ask_write_off", live, "write_off_asked", needs=("reason",)),
            Move(
                "approve_write_off", asked, "written_off", unlike=("ask_write_off",), roles=APPROVERS
            ),
            Move("refuse_write_off", asked, "assigned", needs=("reason",), unlike=("ask_write_off",)),
            Move("reopen", frozenset({"cleared", "written_off"}), "open", needs=("reason",)),
        ),
    )  # fmt: skip


def _check_due(case: Case, brought: Mapping[str, object]) -> None:
    due, made = str(brought["due_date"]), str(brought.get("event_date", ""))
    try:
        dt.date.fromisoformat(due)
    except ValueError:
        raise MoveRefusedError("bank-item-due-wrong", case=case.case_id, due=due) from None
    if due < made:
        raise MoveRefusedError("bank-item-due-past", case=case.case_id, due_day=due)


def plan_items(
    outstanding_bank: pd.DataFrame,
    outstanding_book: pd.DataFrame,
    cases: pd.DataFrame,
    case_events: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: ReconciliationPolicy,
    working_days: WorkingDays,
) -> pd.DataFrame:
    """``PLAN``: every line that stays, by account, the oldest duty first.

    ``cases``, ``case_events``: the book's of kind ``bank_item``; what the newest assignment says counts.
    ``is_overdue``: due before ``as_of`` and nobody has cleared it.
    """
    rules = {rule.category: rule for rule in policy.plan}
    own = cases[cases["kind"] == KIND].set_index("case_id")["state"].to_dict()
    said = _assignments(case_events)
    shifted: dict[tuple[pd.Timestamp, int], pd.Timestamp] = {}
    rows = []
    for row in _both(outstanding_bank, outstanding_book).to_dict("records"):
        rule = rules[row["category"]]
        known = case_of_line(row)
        told = said.get(known, {})
        seen = (row["first_seen"], rule.days)
        if seen not in shifted:
            shifted[seen] = pd.Timestamp(working_days.shift(row["first_seen"].date(), rule.days))
        due = pd.Timestamp(str(told["due_date"])) if told.get("due_date") else shifted[seen]
        state = own.get(known, "open")
        rows.append({
            **row, "cause": told.get("cause") or row["detail"] or row["category"],
            "owner": told.get("owner") or rule.owner, "action": told.get("action") or row["category"],
            "due_date": due, "state": state, "case_id": known if known in own else "",
            "is_overdue": state in LIVE and due < pd.Timestamp(as_of),
        })  # fmt: skip
    frame = PLAN.conform(pd.DataFrame(rows, columns=list(PLAN.columns)))
    return frame.sort_values([*ACCOUNT, "due_date", "side", "line_date", "line_id"], ignore_index=True)


def still_to_book(outstanding_bank: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """The bank lines that were not given up: of those the approval has proposed its entry already."""
    given_up = plan[plan["side"].eq("bank") & plan["state"].eq("written_off")]
    is_own = ~outstanding_bank["bank_line_key"].isin(given_up["line_key"])
    return outstanding_bank[is_own].reset_index(drop=True)


def overdue_items(plan: pd.DataFrame) -> pd.DataFrame:
    """``bank-items-overdue``: by account, what should have been cleared by now."""
    late = plan[plan["is_overdue"]]
    return collect_findings(
        [
            finding(
                "bank-items-overdue", table="bank_lines", key=account, amount=int(own["amount"].abs().sum()),
                currency=currency, account=account, count=len(own),
                oldest_day=f"{own['due_date'].min():%Y-%m-%d}",
            )
            for (_, account, currency), own in late.groupby(ACCOUNT, sort=True)
        ]
    )  # fmt: skip


def _assignments(case_events: pd.DataFrame) -> dict[str, dict[str, object]]:
    """By case, what its newest assignment says; a case opened again is nobody's until it is assigned."""
    said: dict[str, dict[str, object]] = {}
    moves = case_events[case_events["move"].isin(("assign", "reopen"))]
    for case_id, move, content in zip(moves["case_id"], moves["move"], moves["content"], strict=True):
        said[case_id] = json.loads(content) if move == "assign" else {}
    return said


def _both(bank: pd.DataFrame, book: pd.DataFrame) -> pd.DataFrame:
    sides = (
        bank.rename(
            columns={"bank_line_key": "line_key", "booking_date": "line_date", "bank_amount": "amount"}
        ).assign(side="bank"),
        book.rename(
            columns={"book_line_key": "line_key", "posting_date": "line_date", "book_amount": "amount"}
        ).assign(side="book"),
    )
    names = [name for name in PLAN.columns if name in sides[0].columns]
    return pd.concat([side[[*names, "detail"]] for side in sides], ignore_index=True)
