"""What the over-180 control says of a close: the next one, what has no plan, what stands on the account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import Period
from ..money import to_money_text
from ..policy import Over180Policy
from ..tables import CASE_EVENTS, CASE_ITEMS, CASES, WRITE_OFF_KIND
from .life_line import STAGES
from .transfers import STANDING


def next_close_of(period: Period, as_of: dt.date) -> dt.date:
    """The close after ``as_of``: the period's own within it, that of the next one on its last day."""
    return period.last_day if as_of < period.last_day else period.next().last_day


@dataclass(frozen=True)
class CasesThen:
    """Cases as they stood on a day: heads (``tables.CASES``), events and items."""

    cases: pd.DataFrame
    events: pd.DataFrame
    items: pd.DataFrame


def cases_as_of(
    cases: pd.DataFrame, events: pd.DataFrame, items: pd.DataFrame, *, as_of: dt.date
) -> CasesThen:
    """What was moved by ``as_of``: a move dated later has not happened yet, a case opened later is none."""
    done = events[events["event_date"] <= pd.Timestamp(as_of)]
    last = done.sort_values("number").drop_duplicates("case_id", keep="last").set_index("case_id")
    then = cases[cases["case_id"].isin(last.index)]
    own = last.reindex(then["case_id"])
    then = then.assign(
        state=own["state"].to_numpy(), events=own["number"].to_numpy(), last_move=own["move"].to_numpy(),
        last_who=own["who"].to_numpy(), last_date=own["event_date"].to_numpy(),
        recorded_at=own["recorded_at"].to_numpy(),
    )  # fmt: skip
    return CasesThen(
        CASES.conform(then),
        CASE_EVENTS.conform(done),
        CASE_ITEMS.conform(items[items["case_id"].isin(last.index)]),
    )


def watched(life_line: pd.DataFrame) -> pd.DataFrame:
    """The rows that somebody should look at: watched, near 180 days, over, handed over or given up."""
    rows = life_line[~life_line["stage"].isin(("normal", "credit"))]
    order = rows["stage"].map({name: number for number, name in enumerate(STAGES)}).astype("int64")
    by = ["_order", "company_id", "currency", "open_amount", "document_key"]
    ordered = rows.assign(_order=-order).sort_values(by, ascending=[True, True, True, False, True])
    return ordered.drop(columns="_order").reset_index(drop=True)


def find_without_plan(
    crossings: pd.DataFrame,
    *,
    next_close: dt.date,
    policy: Over180Policy,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """A finding a supervisor and currency whose customers cross ``policy.over_days`` without a plan.

    ``names``: of supervisors by id; who has none is told by the id.
    """
    rows = crossings[(crossings["over_days"] == policy.over_days) & crossings["plan_case"].eq("")]
    found = []
    for (supervisor, currency), own in rows.groupby(["supervisor_id", "currency"], sort=True):
        cost = int(own["cost_amount"].sum())
        found.append(
            finding(
                "crossing-without-plan", table="cases", key=str(supervisor) or "–", amount=cost,
                currency=str(currency), supervisor=(names or {}).get(str(supervisor), str(supervisor)) or "–",
                count=len(own),
                customers=own[["company_id", "customer_id"]].drop_duplicates().shape[0],
                over_days=policy.over_days, next_close_day=next_close.isoformat(),
                cost_money=to_money_text(cost, str(currency)),
            )
        )  # fmt: skip
    return collect_findings(found)


def find_open_again(transferred: pd.DataFrame, open_items: pd.DataFrame) -> pd.DataFrame:
    """A finding a document of which a part came back from the account and is owed again.

    The payment that brought the part back was undone since. No proposal lists it while the transfer lives,
    and less stands on the account than is over 180 days. ``transferred``: ``TRANSFERRED``; ``open_items``: as
    of the close, with settled items or without. Minor units, never more than came back.
    """
    came_back = transferred[transferred["state"].isin(STANDING) & (transferred["reversed_amount"] > 0)]
    owed = open_items.set_index("document_key")["open_amount"]
    found = []
    for row in came_back.to_dict("records"):
        now, standing = int(owed.get(row["document_key"], 0)), int(row["standing_amount"])
        again = min(now - standing, int(row["reversed_amount"]))
        if again <= 0:
            continue
        currency = str(row["currency"])
        found.append(
            finding(
                "over-180-part-open-again", table="cases", key=str(row["document_id"]), amount=again,
                currency=currency, case=str(row["case_id"]), again_money=to_money_text(again, currency),
                open_money=to_money_text(now, currency), standing_money=to_money_text(standing, currency),
            )
        )  # fmt: skip
    return collect_findings(found)


def account_balance(journal_lines: pd.DataFrame, account: str, *, as_of: dt.date) -> pd.DataFrame:
    """What the proposed entries leave on an account, a row a currency (``account_amount``)."""
    own = journal_lines[journal_lines["account"] == account]
    own = own[own["posting_date"] <= pd.Timestamp(as_of)]
    summed = own.groupby("currency", sort=True)["entry_amount"].sum().reset_index()
    return summed.rename(columns={"entry_amount": "account_amount"}).astype({"account_amount": "int64"})


def written_off_in_ledger(in_force: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """What stands written off by the applications in force, a row a currency (``written_off_amount``)."""
    own = in_force[in_force["kind"] == WRITE_OFF_KIND].merge(
        documents[["document_key", "currency"]], on="document_key"
    )
    summed = own.groupby("currency", sort=True)["applied_amount"].sum().reset_index()
    return summed.rename(columns={"applied_amount": "written_off_amount"}).astype(
        {"written_off_amount": "int64"}
    )
