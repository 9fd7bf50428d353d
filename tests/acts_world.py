"""Acts without a book: a case that the machine moves, with everything each move needs."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd

from workbench import acts
from workbench.cases import Brought, Case, CaseEvent, CaseItem, next_state
from workbench.tables import CASE_EVENTS, CASE_ITEMS, CASES, OPEN_ITEMS

CUT_OFF = dt.date(2026, 10, 31)
OURS = 150_00
ITEMS = (CaseItem("document", 1, "F1", "COP", 100_00), CaseItem("document", 2, "F2", "COP", 50_00))
SHA = "a" * 64
#: Everything that each move needs, such that nothing is wrong with it.
WHOLE: dict[str, dict[str, Any]] = {
    "send": {"sent_to": "cartera@uno.co", "channel": "mail", "reminder_dates": "2026-11-09,2026-11-16",
             "silent_date": "2026-11-23", "content_sha256": SHA, "file_sha256": SHA},
    "acknowledge": {"acknowledged_by": "Pedro"},
    "remind": {"sent_to": "cartera@uno.co", "channel": "mail"},
    "respond": {"answer": "differs", "answered_by": "Pedro", "their_balance": 140_00},
    "declare_silent": {},
    "record_alternative": {"procedure": "delivery_proof", "reason": "guía 77", "file_sha256": SHA},
    "analyse": {"differences": [{"cause": "withholding", "amount": 10_00, "document_id": "F1",
                                 "owner": "ana", "due_date": "2026-11-30"}]},
    "agree": {"content_sha256": SHA, "file_sha256": SHA,
              "actions": [{"action": "pedir el certificado", "owner": "ana", "due_date": "2026-11-30"}]},
    "sign_us": {"signer_name": "Mario Duque", "signer_role": "Contralor", "signer_id": "CC 1",
                "place": "Bogotá", "how": "scan", "content_sha256": SHA, "file_sha256": SHA},
    "sign_both": {"signer_name": "Pedro Paz", "signer_role": "Tesorero", "signer_id": "CC 2",
                  "place": "Cali", "how": "scan", "content_sha256": SHA, "file_sha256": SHA},
    "close": {},
    "reopen": {"reason": "llegó una nota de octubre"},
    "replace": {"replaced_by": "act-2"},
}  # fmt: skip
#: The way to each state: moves, each with its day in November, and what it brings otherwise.
Step = tuple[str, int, dict[str, Any]]
SENT: list[Step] = [("send", 2, {})]
SILENT: list[Step] = [*SENT, ("remind", 9, {}), ("remind", 16, {}), ("declare_silent", 23, {})]
AGREED: list[Step] = [*SENT, ("respond", 4, {}), ("analyse", 5, {}), ("agree", 6, {})]
WAYS: dict[str, list[Step]] = {
    "draft": [],
    "sent": SENT,
    "acknowledged": [*SENT, ("acknowledge", 3, {})],
    "responded": [*SENT, ("respond", 4, {})],
    "alternative": [*SILENT, ("record_alternative", 24, {})],
    "in_analysis": AGREED[:3],
    "agreed": AGREED,
    "signed_us": [*AGREED, ("sign_us", 7, {})],
    "signed_both": [*AGREED, ("sign_us", 7, {}), ("sign_both", 8, {})],
    "closed": [*AGREED, ("sign_us", 7, {}), ("sign_both", 8, {}), ("close", 9, {})],
    "reopened": [*AGREED, ("sign_us", 7, {}), ("reopen", 8, {})],
    "replaced": [("replace", 2, {})],
}


def new_act(case_id: str = "act-1", **more: Any) -> Case:
    first = CaseEvent(1, "open", "draft", dt.date(2026, 11, 1), "", {}, "", "ana")
    given: dict[str, Any] = {
        "case_id": case_id, "kind": acts.KIND, "company_id": "CO01", "customer_id": "C1", "currency": "COP",
        "period": "2026-10", "as_of": CUT_OFF, "subject_key": "", "case_amount": OURS,
        "content": {"version": 1, "replaces": ""}, "events": (first,), "items": ITEMS,
    }  # fmt: skip
    return Case(**{**given, **more})


def moved(case: Case, move: str, day: int, *, who: str = "bea", **brought: Any) -> Case:
    """The act after a move with everything it needs, but for what is said otherwise (``None``: left out)."""
    whole = {**WHOLE[move], **brought}
    content = {name: value for name, value in whole.items() if value is not None}
    on = dt.date(2026, 11, day)
    reason, file = str(content.get("reason", "")), str(content.get("file_sha256", ""))
    brought_now = Brought(who, on, reason=reason, content=content, file_sha256=file)
    state = next_state(acts.MACHINE, case, move, brought_now)
    event = CaseEvent(len(case.events) + 1, move, state, on, reason, content, file, who)
    return Case(**{**case.__dict__, "events": (*case.events, event)})


def act_in(state: str, **more: Any) -> Case:
    """An act that came to that state by allowed moves."""
    case = new_act(**more)
    for move, day, brought in WAYS[state]:
        case = moved(case, move, day, **brought)
    assert case.state == state
    return case


def frames_of(*cases: Case) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cases as the book gives them: ``CASES``, ``CASE_EVENTS``, ``CASE_ITEMS``."""
    heads, events, items = [], [], []
    for case in cases:
        last = case.events[-1]
        heads.append({
            **{name: getattr(case, name) for name in ("case_id", "kind", "company_id", "customer_id",
                                                      "currency", "period", "subject_key", "case_amount",
                                                      "state")},
            "as_of_date": pd.Timestamp(str(case.as_of)), "content": json.dumps(case.content),
            "content_sha256": "", "opened_by": case.events[0].who, "opened_date": _day(case.events[0]),
            "events": last.number, "last_move": last.move, "last_who": last.who, "last_date": _day(last),
            "recorded_at": pd.Timestamp(0, tz="UTC"),
        })  # fmt: skip
        events += [{
            "case_id": case.case_id, "number": one.number, "move": one.move, "state": one.state,
            "event_date": _day(one), "reason": one.reason, "content": json.dumps(dict(one.content)),
            "file_sha256": one.file_sha256, "who": one.who, "recorded_at": pd.Timestamp(0, tz="UTC"),
        } for one in case.events]  # fmt: skip
        items += [{"case_id": case.case_id, "item_number": number, **one.__dict__}
                  for number, one in enumerate(case.items, start=1)]  # fmt: skip
    return (
        CASES.conform(pd.DataFrame(heads, columns=list(CASES.columns))),
        CASE_EVENTS.conform(pd.DataFrame(events, columns=list(CASE_EVENTS.columns))),
        CASE_ITEMS.conform(pd.DataFrame(items, columns=list(CASE_ITEMS.columns))),
    )


def told(*cases: Case) -> pd.DataFrame:
    return acts.tell_acts(*frames_of(*cases)[:2])


def open_items(*rows: tuple[int, int], customer: str = "C1", currency: str = "COP") -> pd.DataFrame:
    """Document key and open amount of each; the rest is nothing."""
    blank = {
        name: {"text": "", "money": 0, "flag": False}.get(kind) for name, kind in OPEN_ITEMS.columns.items()
    }
    frame = [
        {**blank, "document_key": key, "document_id": f"F{key}", "company_id": "CO01",
         "customer_id": customer, "currency": currency, "open_amount": amount, "original_amount": amount,
         "recorded_at": pd.Timestamp(0, tz="UTC")}
        for key, amount in rows
    ]  # fmt: skip
    return OPEN_ITEMS.conform(pd.DataFrame(frame, columns=list(OPEN_ITEMS.columns)))


def _day(event: CaseEvent) -> pd.Timestamp:
    return pd.Timestamp(event.event_date)
