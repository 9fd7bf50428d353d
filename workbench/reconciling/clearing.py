"""Items that stay, as cases that somebody clears: opened, assigned, cleared, or written off by approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .. import book as books
from ..book.banked_receipts import receipt_of_line
from ..book.cases_in import enter_case, enter_move, move_case
from ..book.open_amounts import refuse_importer
from ..book.transactions import Posting, writing
from ..cases import Brought, Case, CaseItem, NewCase, operation_name
from ..errors import MoveRefusedError
from ..policy import Policy
from ..reconciliation import Reconciled, cleaning
from . import item_entries
from .look import Look, looking, working_days

MACHINE = cleaning.item_machine()


def read_plan(book: books.Book, *, company: str, as_of: dt.date, policy: Policy) -> pd.DataFrame:
    """``cleaning.PLAN`` of a day: each line that stays, with its owner, cause, action and due day."""
    look = Look.at(book, company, policy)
    return _plan(look, look.reconcile(as_of), as_of)


def _plan(look: Look, reconciled: Reconciled, as_of: dt.date) -> pd.DataFrame:
    return cleaning.plan_items(
        reconciled.outstanding_bank,
        reconciled.outstanding_book,
        books.read.cases(look.book, look.company, kind=cleaning.KIND),
        books.read.case_events(look.book, look.company, kind=cleaning.KIND),
        as_of=as_of,
        policy=look.policy.reconciliation,
        working_days=working_days(as_of),
    )


def open_items(
    book: books.Book,
    *,
    company: str,
    as_of: dt.date,
    policy: Policy,
    who: str,
    on: dt.date,
    account: str = "",
) -> tuple[int, int]:
    """Every line that stays becomes a case, assigned as the class says; what met since is cleared.

    One transaction; again changes nothing. Gives how many were opened and how many cleared.
    """

    def act(look: Look) -> tuple[int, int]:
        plan = _plan(look, look.reconcile(as_of), as_of)
        cases = books.read.cases(book, company, kind=cleaning.KIND)
        rows = plan[plan["case_id"].eq("") & (plan["account_id"].eq(account) | (account == ""))]
        standing = {cleaning.case_of_line(row) for row in plan.to_dict("records")}
        is_live = cases["state"].isin(cleaning.LIVE) & cases["as_of_date"].le(pd.Timestamp(as_of))
        is_own = cases["subject_key"].eq(account) | (account == "")
        met = cases[is_live & is_own & ~cases["case_id"].isin(standing)]
        if rows.empty and met.empty:
            return 0, 0
        with writing(book, "plan-bank-items", who=who) as posting:
            look.check_unchanged(posting)
            for row in rows.to_dict("records"):
                new, due = _case(company, row, as_of), max(row["due_date"].date(), on)
                enter_case(posting, MACHINE, new, on=on)
                own = {name: row[name] for name in ("owner", "action", "cause")}
                assigned = Brought(who, on, content={**own, "due_date": due.isoformat()})
                operation = operation_name(new.case_id, 1, "assign")
                enter_move(posting, MACHINE, new.case_id, "assign", assigned, operation_id=operation)
            for case_id, count in zip(met["case_id"], met["events"].tolist(), strict=True):
                operation = operation_name(case_id, count, "clear")
                cleared = Brought(who, on, reason="met")
                enter_move(posting, MACHINE, case_id, "clear", cleared, operation_id=operation)
        return len(rows), len(met)

    return looking(book, company, policy, act)


def _case(company: str, row: Mapping[str, Any], as_of: dt.date) -> NewCase:
    """A line that stays (a row of ``cleaning.PLAN``) as a case to be opened."""
    currency, amount = str(row["currency"]), int(row["amount"])
    item = CaseItem(f"{row['side']}_line", int(row["line_key"]), str(row["line_id"]), currency, amount)
    return NewCase(
        cleaning.case_of_line(row), company,
        {"category": row["category"], "detail": row["cause"], "side": row["side"]}, currency=currency,
        as_of=as_of, period=f"{as_of:%Y-%m}", subject_key=str(row["account_id"]), case_amount=amount,
        items=[item],
    )  # fmt: skip


def move_item(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """Any move of an item; gives its state. ``assign`` brings ``owner``, ``action`` and ``due_date``.

    ``approve_write_off`` proposes the entry that makes bank and books agree, and ``reopen`` takes it back.
    Refused to who imports the company's cash, and for money that a customer paid: it is a receipt.
    """
    rates = books.read.rates(book)

    def also(posting: Posting, was: Case) -> None:
        if move == "approve_write_off":
            refuse_importer(posting.connection, was, posting.who, "bank-item-by-importer")
            _check_no_receipt(posting, was)
            item_entries.enter_write_off(posting, was, policy=policy, rates=rates, on=brought.on)
        elif move == "reopen" and was.state == "written_off":
            item_entries.enter_back(posting, was, on=brought.on)

    return move_case(book, MACHINE, books.read.case(book, case_id), move, brought, also=also)


def _check_no_receipt(posting: Posting, case: Case) -> None:
    """A receipt can pay an invoice: given up as income too, its money would be counted twice."""
    item = case.items[0]
    receipt = receipt_of_line(posting, item.item_key) if item.item_kind == "bank_line" else ""
    if receipt:
        raise MoveRefusedError(
            "bank-item-is-receipt", case=case.case_id, line=item.item_id, receipt=receipt,
            account=case.subject_key,
        )  # fmt: skip


def unplanned_items(look: Look, reconciled: Reconciled, company: str, account: str, currency: str) -> int:
    """How many lines of the account stay without a case that says who clears them by when."""
    cases = books.read.cases(look.book, company, kind=cleaning.KIND)
    known = set(cases.loc[cases["state"] != "open", "case_id"])
    count = 0
    for frame, side in ((reconciled.outstanding_bank, "bank"), (reconciled.outstanding_book, "book")):
        own = frame[frame["account_id"].eq(account) & frame["currency"].eq(currency)]
        for row in own.rename(columns={f"{side}_line_key": "line_key"}).to_dict("records"):
            count += cleaning.case_of_line({**row, "side": side}) not in known
    return count
