"""Where each act stands and what has happened to it, one row an act, from cases and their moves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..tables import CASE_EVENTS, CASES, Table
from .guards import AGREES, SILENT
from .machine import KIND

#: Key ``case_id``. Days are ``NaT`` where it has not come so far; what an earlier round brought (before the
#: act was sent again) is not told.
ACTS = Table(
    "acts",
    ("case_id",),
    {
        "case_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "period": "text",
        "as_of_date": "date",  # the cut-off
        "version": "integer",  # 1, and one more for each act that replaced another
        "state": "text",
        "our_balance": "money",
        "answer": "text",  # agrees, differs, silent; '' while there is none
        "their_balance": "money",  # 0 where they said nothing: look at ``answer``
        "difference": "money",  # ours − theirs; 0 where they said nothing
        "procedure": "text",  # the alternative one, where it stands in for an answer
        "sent_date": "date",
        "sent_to": "text",
        "reminders": "integer",
        "next_reminder_date": "date",  # NaT: all are made
        "silent_date": "date",
        "answered_date": "date",
        "agreed_date": "date",
        "signed_us_date": "date",
        "our_signer": "text",
        "signed_both_date": "date",
        "their_signer": "text",
        "closed_date": "date",
        "content_sha256": "text",  # of the page that was agreed, else of the one that was sent
        "opened_by": "text",
        "moved_date": "date",  # of its newest move
        "last_who": "text",
        "events": "integer",
    },
)

Event = Mapping[str, Any]


def tell_acts(cases: pd.DataFrame, case_events: pd.DataFrame) -> pd.DataFrame:
    """One row an act (``ACTS``), by company, customer, currency, cut-off and version.

    ``cases``, ``case_events``: ``tables.CASES`` and ``CASE_EVENTS``; other kinds of cases are left out.
    """
    own = CASES.conform(cases)
    own = own[own["kind"] == KIND]
    events: dict[str, list[Event]] = defaultdict(list)
    moves = CASE_EVENTS.conform(case_events).sort_values(["case_id", "number"])
    moves = moves[moves["case_id"].isin(own["case_id"])]
    for event in moves.to_dict("records"):
        events[event["case_id"]].append({**event, "content": json.loads(event["content"])})
    rows = [_row(one, events[one["case_id"]]) for one in own.to_dict("records")]
    frame = ACTS.conform(pd.DataFrame(rows, columns=list(ACTS.columns)))
    order = ["company_id", "customer_id", "currency", "as_of_date", "version"]
    return frame.sort_values(order, ignore_index=True)


def latest_acts(acts: pd.DataFrame) -> pd.DataFrame:
    """Of each customer, currency and cut-off the newest version; what was replaced is history."""
    keys = ["company_id", "customer_id", "currency", "as_of_date"]
    return acts.sort_values([*keys, "version"]).drop_duplicates(keys, keep="last", ignore_index=True)


def _row(case: Mapping[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    content = json.loads(case["content"])
    sent = _newest(events, "send")
    since = [one for one in events if sent is None or one["number"] > sent["number"]]
    answered = _newest(since, "respond", "declare_silent")
    theirs = _theirs(case, answered)
    reminders = sum(one["move"] == "remind" for one in since)
    days = [day for day in str(sent["content"]["reminder_dates"]).split(",") if day] if sent else []
    agreed, ours, both, closed = (
        _newest(events, move) for move in ("agree", "sign_us", "sign_both", "close")
    )
    alternative = _newest(since, "record_alternative")
    return {
        **{name: case[name] for name in ("case_id", "company_id", "customer_id", "currency", "period",
                                         "as_of_date", "state", "opened_by", "last_who", "events")},
        "moved_date": case["last_date"],
        "version": int(content["version"]),
        "our_balance": case["case_amount"],
        "answer": "" if answered is None else _answer(answered),
        "their_balance": 0 if theirs is None else theirs,
        "difference": 0 if theirs is None else case["case_amount"] - theirs,
        "procedure": str(alternative["content"]["procedure"]) if alternative else "",
        "sent_date": _day(sent),
        "sent_to": str(sent["content"]["sent_to"]) if sent else "",
        "reminders": reminders,
        "next_reminder_date": pd.Timestamp(days[reminders]) if reminders < len(days) else pd.NaT,
        "silent_date": pd.Timestamp(str(sent["content"]["silent_date"])) if sent else pd.NaT,
        "answered_date": _day(answered),
        "agreed_date": _day(agreed),
        "signed_us_date": _day(ours),
        "our_signer": str(ours["content"]["signer_name"]) if ours else "",
        "signed_both_date": _day(both),
        "their_signer": str(both["content"]["signer_name"]) if both else "",
        "closed_date": _day(closed),
        "content_sha256": str((agreed or sent or {"content": {}})["content"].get("content_sha256", "")),
    }  # fmt: skip


def _newest(events: Sequence[Event], *moves: str) -> Event | None:
    return next((one for one in reversed(events) if one["move"] in moves), None)


def _answer(event: Event) -> str:
    return SILENT if event["move"] == "declare_silent" else str(event["content"]["answer"])


def _theirs(case: Mapping[str, Any], event: Event | None) -> int | None:
    if event is None or event["move"] == "declare_silent":
        return None
    usual = case["case_amount"] if event["content"]["answer"] == AGREES else 0
    return int(event["content"].get("their_balance", usual))


def _day(event: Event | None) -> Any:
    return event["event_date"] if event is not None else pd.NaT
