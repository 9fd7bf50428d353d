"""Checks before the work: what a notebook asks of its input, as findings; it names the gates itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ..applications import collect_findings, finding
from ..close import Task
from ..money import checked_sum, to_text


def receipts_over_applied(receipts: pd.DataFrame) -> pd.DataFrame:
    """``receipt-over-applied``: more was applied than came in (``ledger.unapplied_receipts``' frame)."""
    over = receipts[receipts["unapplied_amount"] < 0]
    return collect_findings(
        [
            finding(
                "receipt-over-applied",
                table="receipts",
                key=str(row["receipt_id"]),
                level="error",
                amount=int(row["unapplied_amount"]),
                currency=str(row["currency"]),
                receipt=str(row["receipt_id"]),
            )
            for row in over.to_dict("records")
        ]
    )


def gates_when_asked(asked: str, *rules: str) -> tuple[str, ...]:
    """The rules stop the run only where the analyst asked for what they guard; else they are findings."""
    return rules if asked else ()


def items_without_due_date(aged: pd.DataFrame) -> pd.DataFrame:
    """``items-without-due-date``: items aged by another date than the policy's, by company and currency."""
    fallback = aged[aged["is_basis_fallback"]]
    return collect_findings(
        [
            finding(
                "items-without-due-date",
                table="documents",
                key=f"{company} {currency}".strip(),
                amount=checked_sum(items["open_amount"].to_numpy()),
                currency=str(currency),
                count=len(items),
            )
            for (company, currency), items in fallback.groupby(["company_id", "currency"], sort=True)
        ]
    )


def statements_with_gaps(bank_balances: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """``statements-apart``: a statement of by then does not open with what the one before it closed with.

    The one before is the latest closing so far; a statement that overlaps it proves itself.
    """
    begun = bank_balances[bank_balances["opening_date"] <= pd.Timestamp(as_of)]
    found = []
    for (_, account, currency), own in begun.groupby(["company_id", "account_id", "currency"], sort=True):
        in_order = own.sort_values(["opening_date", "closing_date"]).to_dict("records")
        before = in_order[0]
        for after in in_order[1:]:
            is_next = after["opening_date"] >= before["closing_date"]
            if is_next and before["closing_amount"] != after["opening_amount"]:
                found.append(
                    finding(
                        "statements-apart",
                        table="bank_balances",
                        key=str(account),
                        level="error",
                        amount=int(after["opening_amount"] - before["closing_amount"]),
                        currency=str(currency),
                        account=str(account),
                        closed_day=f"{before['closing_date']:%Y-%m-%d}",
                        closing_money=f"{to_text(before['closing_amount'], str(currency))} {currency}",
                        opened_day=f"{after['opening_date']:%Y-%m-%d}",
                        opening_money=f"{to_text(after['opening_amount'], str(currency))} {currency}",
                    )
                )
            before = max(before, after, key=lambda statement: statement["closing_date"])
    return collect_findings(found)


def runs_not_done(tasks: Sequence[Task], evidence: pd.DataFrame, *, own: str) -> pd.DataFrame:
    """``run-missing`` and ``run-not-done``: notebooks of the calendar without a good run in this period."""
    status = dict(zip(evidence["notebook"], evidence["status"], strict=True))
    wanted = sorted({task.notebook for task in tasks if task.notebook and task.notebook != own})
    found = []
    for notebook in wanted:
        if status.get(notebook) != "done":
            rule = "run-not-done" if notebook in status else "run-missing"
            found.append(finding(rule, table="runs", key=notebook, level="error", notebook=notebook))
    return collect_findings(found)
