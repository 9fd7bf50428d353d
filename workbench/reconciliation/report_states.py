"""Where each account's reports stand, month by month, and whether the book still says what was signed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import Period
from ..policy import ReconciliationPolicy
from ..tables import Table
from .bank_reports import CERTIFYING, case_id_of, earlier_periods, figures_of
from .results import Reconciled

#: ``not_begun``: a month that needs a report and has none. ``still_holds``: the figures that the newest save,
#: submission or approval carries are those of the book now.
REPORTS = Table(
    "reports",
    ("company_id", "account_id", "currency", "period"),
    {
        "company_id": "text",
        "account_id": "text",
        "currency": "text",
        "period": "text",
        "state": "text",
        "prepared_by": "text",
        "submitted_date": "date",
        "approved_by": "text",
        "approved_date": "date",
        "book_amount": "money",
        "bank_amount": "money",
        "difference": "money",
        "still_holds": "flag",
        "case_id": "text",
    },
)


def report_states(
    reconciled: Reconciled,
    reports: pd.DataFrame,
    events: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: ReconciliationPolicy,
    at: Callable[[dt.date], Reconciled],
) -> pd.DataFrame:
    """``REPORTS``: the months of each account of ``reconciled``, from its first to the one of ``as_of``.

    ``reports``, ``events``: the book's cases of kind ``bank_report``; ``at``: the reconciliation of a day.
    """
    known = reports.set_index("case_id")
    rows = []
    month = Period(as_of.year, as_of.month)
    for proof in reconciled.proof.to_dict("records"):
        name = (proof["company_id"], proof["account_id"], proof["currency"])
        months = [*earlier_periods(proof["from_date"], month, policy.reports_from), str(month)]
        for period in months:
            case_id = case_id_of(*name, period)
            own = events[events["case_id"] == case_id]
            state = str(known["state"].get(case_id, "not_begun"))
            day = min(Period.parse(period).last_day, as_of)
            figures = _figures(at(day), name)
            told = own[own["move"].isin(CERTIFYING)]
            certified = json.loads(told["content"].iat[-1]) if len(told) else {}
            is_bound = state in ("saved", "submitted", "approved")
            submitted = (
                own[own["move"] == "submit"].tail(1) if state in ("submitted", "approved") else own[:0]
            )
            approved = own[own["move"] == "approve"].tail(1) if state == "approved" else own[:0]
            prepared = own[own["move"].isin(("save", "submit"))].tail(1)
            rows.append({
                **dict(zip(("company_id", "account_id", "currency"), name, strict=True)),
                "period": period, "state": state, "case_id": case_id if len(own) else "",
                "prepared_by": _first(prepared, "who", ""), "approved_by": _first(approved, "who", ""),
                "submitted_date": _first(submitted, "event_date", pd.NaT),
                "approved_date": _first(approved, "event_date", pd.NaT),
                **{figure: figures.get(figure, 0) for figure in ("book_amount", "bank_amount", "difference")},
                "still_holds": is_bound and certified.get("figures_sha256") == figures.get("figures_sha256"),
            })  # fmt: skip
    return REPORTS.conform(pd.DataFrame(rows, columns=list(REPORTS.columns)))


def changed_reports(reports: pd.DataFrame) -> pd.DataFrame:
    """``bank-report-no-longer-holds``: submitted or approved, and the book says something else since."""
    is_bound = reports["state"].isin(("submitted", "approved")) & ~reports["still_holds"]
    return collect_findings(
        [
            finding(
                "bank-report-no-longer-holds", table="cases", key=row["case_id"], level="error",
                currency=row["currency"], amount=int(row["difference"]), account=row["account_id"],
                period=row["period"], case=row["case_id"],
            )
            for row in reports[is_bound].to_dict("records")
        ]
    )  # fmt: skip


def _figures(reconciled: Reconciled, name: tuple[str, str, str]) -> dict[str, object]:
    proof = reconciled.proof
    accounts = zip(proof["company_id"], proof["account_id"], proof["currency"], strict=True)
    return figures_of(reconciled, *name) if name in accounts else {}


def _first(rows: pd.DataFrame, column: str, nothing: object) -> object:
    return rows[column].iat[0] if len(rows) else nothing
