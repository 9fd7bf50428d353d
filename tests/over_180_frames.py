"""Frames for tests of the over-180 control: items by number, amount and days overdue in October."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
from upper_trade_frames import customers, open_items

from workbench import aging, over_180
from workbench.policy import Over180Policy, ProvisionPolicy
from workbench.tables import CASE_EVENTS, CASE_ITEMS, CASES

AS_OF = dt.date(2026, 10, 31)
NEXT_CLOSE = dt.date(2026, 11, 30)
POLICY = Over180Policy()
NO_PLANS = over_180.PLANS.empty()
PEOPLE = customers(
    {"customer_id": "C1", "cluster_id": "NORTE", "supervisor_id": "S1"},
    {"customer_id": "C2", "cluster_id": "SUR", "supervisor_id": "S2"},
)


def aged(*rows: dict[str, Any], as_of: dt.date = AS_OF) -> pd.DataFrame:
    """Items by ``number``, ``amount`` and ``days`` overdue on :data:`AS_OF`, aged on ``as_of``."""
    made = []
    for row in rows:
        due = AS_OF - dt.timedelta(days=row["days"])
        told = {name: value for name, value in row.items() if name != "days"}
        made.append({"due_date": due.isoformat(), "document_date": "2024-01-01", **told})
    return aging.age_open_items(open_items(*made), as_of=as_of)


def crossings(
    items: pd.DataFrame,
    *,
    as_of: dt.date = AS_OF,
    next_close: dt.date = NEXT_CLOSE,
    plans: pd.DataFrame = NO_PLANS,
    provision: ProvisionPolicy | None = None,
) -> pd.DataFrame:
    return over_180.list_crossings(
        items, PEOPLE, plans, as_of=as_of, next_close=next_close, policy=POLICY,
        provision=provision or ProvisionPolicy(),
    )  # fmt: skip


def case_frames(*cases: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Frames as the book gives them, of cases by ``id``, ``kind``, ``state``, ``content``, ``events`` (move,
    state, who, content) and ``items`` (key, amount)."""
    heads, events, items = [], [], []
    for case in cases:
        blank = {name: "" for name, kind in CASES.columns.items() if kind == "text"}
        heads.append({
            **blank, "case_id": case["id"], "kind": case["kind"], "company_id": "CO01",
            "customer_id": case.get("customer", "C1"), "currency": "COP", "state": case["state"],
            "as_of_date": "2026-10-31", "case_amount": sum(amount for _, amount in case.get("items", [])),
            "content": json.dumps(case.get("content", {})), "opened_by": "ana", "opened_date": "2026-10-31",
            "events": 1 + len(case.get("events", [])), "last_date": "2026-10-31",
            "recorded_at": f"2026-11-01T00:00:{len(heads):02d}Z",
        })  # fmt: skip
        told = [("open", case["state"], "ana", {}), *case.get("events", [])]
        for number, (move, state, who, content) in enumerate(told, start=1):
            events.append({
                "case_id": case["id"], "number": number, "move": move, "state": state, "reason": "",
                "event_date": "2026-10-31", "content": json.dumps(content), "file_sha256": "", "who": who,
                "recorded_at": f"2026-11-01T00:{number:02d}:{len(heads):02d}Z",
            })  # fmt: skip
        for number, (key, amount) in enumerate(case.get("items", []), start=1):
            items.append({
                "case_id": case["id"], "item_number": number, "item_kind": "document", "item_key": key,
                "item_id": f"F{key}", "currency": "COP", "item_amount": amount, "note": "",
            })  # fmt: skip
    return (
        CASES.conform(pd.DataFrame(heads, columns=list(CASES.columns))),
        CASE_EVENTS.conform(pd.DataFrame(events, columns=list(CASE_EVENTS.columns))),
        CASE_ITEMS.conform(pd.DataFrame(items, columns=list(CASE_ITEMS.columns))),
    )
