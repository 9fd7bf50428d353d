"""Silence is chased, then handled otherwise; it is never a confirmation (DOMAIN, section 8)."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..calendar import WorkingDays
from ..policy.acts import ActPolicy
from ..tables import Table
from .guards import DIFFERS, SILENT
from .histories import latest_acts

#: What somebody must do, and until when: key ``case_id``.
CHASES = Table(
    "chases",
    ("case_id",),
    {
        "case_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "as_of_date": "date",
        "state": "text",
        "chase": "text",  # the move that is due: send, remind, declare_silent, record_alternative, …
        "due_date": "date",
        "days_late": "integer",  # calendar days after the due date; negative: still to come
        "reminders": "integer",
        "our_balance": "money",
        "sent_to": "text",
    },
)
#: The move that waits in each state, where it does not hang on the answer or on days.
_NEXT = {
    "draft": "send",
    "in_analysis": "agree",
    "agreed": "sign_us",
    "signed_us": "sign_both",
    "signed_both": "close",
    "reopened": "replace",
}


def days_to_chase(
    sent: dt.date, policy: ActPolicy, working_days: WorkingDays
) -> tuple[tuple[dt.date, ...], dt.date]:
    """The days of the reminders of an act sent on ``sent``, and the first on which it counts as silent."""

    def later(days: int) -> dt.date:
        return working_days.shift(sent, days) if policy.in_working_days else sent + dt.timedelta(days=days)

    return tuple(later(days) for days in policy.reminder_days), later(policy.silent_days)


def list_chases(acts: pd.DataFrame, *, on: dt.date, days: int = 6) -> pd.DataFrame:
    """What is due by ``on`` + ``days`` for each act that is not done (``CHASES``), the oldest due first.

    ``acts``: ``histories.ACTS``. The default looks one week ahead from a Monday. Closed acts, replaced
    ones and those handled by the alternative procedure are done.
    """
    rows = []
    for act in latest_acts(acts).to_dict("records"):
        what, due = _next(act)
        if not what:
            continue
        late = (on - due).days
        if late >= -days:
            rows.append({**act, "chase": what, "due_date": pd.Timestamp(due), "days_late": late})
    frame = CHASES.conform(pd.DataFrame(rows, columns=list(CHASES.columns)))
    return frame.sort_values(["due_date", "company_id", "customer_id", "currency"], ignore_index=True)


def _next(act: dict[str, object]) -> tuple[str, dt.date]:
    state, last = str(act["state"]), pd.Timestamp(str(act["moved_date"])).date()
    if state in ("sent", "acknowledged"):
        if pd.isna(act["next_reminder_date"]):
            return "declare_silent", pd.Timestamp(str(act["silent_date"])).date()
        return "remind", pd.Timestamp(str(act["next_reminder_date"])).date()
    if state == "responded":
        answers = {SILENT: "record_alternative", DIFFERS: "analyse"}
        return answers.get(str(act["answer"]), "agree"), last
    return _NEXT.get(state, ""), last
