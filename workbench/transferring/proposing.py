"""Cases opened: what should be transferred or reversed, credits, hand-overs, exceptions, plans.

Each is opened by a person's name and approved under another. The same proposal again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from hashlib import sha256

import pandas as pd

from .. import aging, ledger, over_180
from .. import book as books
from ..book.cases_in import enter_case, enter_move, open_case
from ..book.open_amounts import read_open_amounts
from ..book.transactions import writing
from ..calendar import Period
from ..cases import Brought, CaseItem, NewCase, operation_name
from ..errors import PostingRefusedError
from ..over_180 import exceptions, hand_overs, old_credits, plans, transfers
from ..policy import Policy

_ACCOUNT = ["company_id", "customer_id", "currency"]


def propose_transfers(
    book: books.Book, *, policy: Policy, period: Period, who: str, on: dt.date, company: str = "",
) -> list[str]:  # fmt: skip
    """A transfer for each customer and currency with items over 180 days at the end of ``period``.

    Gives the ids of the cases that are new. What a live transfer holds already is in none.
    """
    as_of = period.last_day
    aged = aging.age_open_items(
        _open_items(book, company, as_of), as_of=as_of, basis=policy.aging.basis, buckets=policy.aging.buckets
    )
    cases, events, items = _cases(book, company, transfers.KIND)
    held = over_180.transferred_items(cases, events, items)
    proposals = over_180.list_proposals(
        aged, books.read.customers(book, company), held, policy=policy.over_180
    )
    machine = over_180.transfer_machine(policy.over_180)
    known = set(cases["case_id"])
    opened: list[str] = []
    with writing(book, "open-case", who=who) as posting:
        for (of_company, customer, currency), rows in proposals.groupby(_ACCOUNT, sort=True):
            case_id = _free(f"{transfers.KIND}/{of_company}/{customer}/{currency}/{period}", known)
            held_items = [
                CaseItem("document", int(row["document_key"]), str(row["document_id"]), str(currency),
                         int(row["open_amount"]), str(row["days_overdue"]))
                for row in rows.to_dict("records")
            ]  # fmt: skip
            new = NewCase(
                case_id, str(of_company), {"owner": str(rows["supervisor_id"].iloc[0])},
                customer_id=str(customer), currency=str(currency), period=str(period), as_of=as_of,
                case_amount=int(rows["open_amount"].sum()), items=held_items,
            )  # fmt: skip
            enter_case(posting, machine, new, on=on)
            opened.append(case_id)
    return opened


def propose_reversals(
    book: books.Book, *, policy: Policy, as_of: dt.date, who: str, on: dt.date, company: str = "",
) -> list[str]:  # fmt: skip
    """For every posted transfer of which something is no longer owed on ``as_of``, that part back.

    Gives the ids of the cases moved; another person posts each (``post_part``, ``post_reversal``).
    """
    cases, events, items = _cases(book, company, transfers.KIND)
    held = over_180.transferred_items(cases, events, items)
    due = over_180.list_due_back(held, _open_items(book, company, as_of))
    due = due[due["state"] == "transferred"]
    machine = over_180.transfer_machine(policy.over_180)
    number = cases.set_index("case_id")["events"].to_dict()
    moved: list[str] = []
    with writing(book, "move-case", who=who) as posting:
        for case_id, rows in due.groupby("case_id", sort=True):
            amounts = dict(
                zip(map(str, rows["document_key"]), map(int, rows["due_back_amount"]), strict=True)
            )
            brought = Brought(who, on, reason="no-longer-owed", content={"amounts": amounts})
            operation = operation_name(str(case_id), number[case_id], "propose_reversal")
            enter_move(posting, machine, str(case_id), "propose_reversal", brought, operation_id=operation)
            moved.append(str(case_id))
    return moved


def propose_credit(
    book: books.Book, credit: Mapping[str, object], *, policy: Policy, action: str, owner: str, evidence: str,
    who: str, on: dt.date,
) -> str:  # fmt: skip
    """A case for one old credit (a row of ``credit_notes.OLD_CREDITS``); gives its id."""
    content: dict[str, object] = {"action": action, "owner": owner, "evidence": evidence}
    over_180.check_credit(content)
    kind, key = str(credit["document_kind"]), int(str(credit["document_key"]))
    company, customer = str(credit["company_id"]), str(credit["customer_id"])
    cases, _, items = _cases(book, company, old_credits.KIND)
    own = items[(items["item_kind"] == kind) & (items["item_key"] == key)]
    live = cases[
        cases["case_id"].isin(own["case_id"]) & cases["state"].isin(("proposed", "approved", "settled"))
    ]
    document = str(credit["document_id"])
    if len(live):
        raise PostingRefusedError(
            "over-180-already", case=str(live["case_id"].iloc[0]), document=document,
            state=str(live["state"].iloc[0]),
        )  # fmt: skip
    stem = f"{old_credits.KIND}/{company}/{customer or '-'}/{document}/{on}"
    case_id = _free(stem, set(cases["case_id"]))
    amount = int(str(credit["credit_amount"]))
    currency = str(credit["currency"])
    new = NewCase(
        case_id, company, content, customer_id=customer, currency=currency, period=f"{on:%Y-%m}", as_of=on,
        subject_key=document, case_amount=amount, items=[CaseItem(kind, key, document, currency, amount)],
    )  # fmt: skip
    open_case(book, over_180.credit_machine(policy.over_180), new, who=who, on=on)
    return case_id


def propose_hand_over(
    book: books.Book, documents: Collection[int], *, policy: Policy, reason: str, who: str, on: dt.date,
) -> str:  # fmt: skip
    """Documents of one customer and currency (by key) for lawyers or the insurer; gives the case's id."""
    company, customer, currency, items = _documents(book, documents)
    told = sha256(json.dumps([item.item_id for item in items]).encode()).hexdigest()[:8]
    case_id = f"{hand_overs.KIND}/{company}/{customer}/{currency}/{on}/{told}"
    new = NewCase(
        case_id, company, {"reason": reason}, customer_id=customer, currency=currency, period=f"{on:%Y-%m}",
        as_of=on, case_amount=sum(item.item_amount for item in items), items=items,
    )  # fmt: skip
    open_case(book, over_180.hand_over_machine(policy.over_180), new, who=who, on=on, reason=reason)
    return case_id


def request_exception(
    book: books.Book, *, policy: Policy, company: str, customer: str, reason: str, rate_permille: int,
    valid_through: dt.date, who: str, on: dt.date,
) -> str:  # fmt: skip
    """An exception to the provision of a customer, to be approved with its proof; gives the case's id."""
    content: dict[str, object] = {
        "reason": reason, "rate_permille": rate_permille, "valid_through": valid_through.isoformat(),
    }  # fmt: skip
    over_180.check_exception(content, on=on)
    known = set(books.read.cases(book, company, kind=exceptions.KIND)["case_id"])
    case_id = _free(f"{exceptions.KIND}/{company}/{customer}/{on}", known)
    new = NewCase(
        case_id, company, content, customer_id=customer, period=f"{on:%Y-%m}", as_of=on, subject_key=reason
    )
    open_case(book, over_180.exception_machine(policy.over_180), new, who=who, on=on)
    return case_id


def plan_collection(
    book: books.Book, documents: Collection[int], *, policy: Policy, owner: str, cause: str, plan: str,
    plan_date: dt.date, who: str, on: dt.date,
) -> str:  # fmt: skip
    """What is done about documents of one customer and currency before they cross; gives the case's id."""
    content: dict[str, object] = {
        "owner": owner, "cause": cause, "plan": plan, "plan_date": plan_date.isoformat(),
    }  # fmt: skip
    over_180.check_plan(content, policy.over_180)
    company, customer, currency, items = _documents(book, documents)
    told = sha256(json.dumps([content, [item.item_id for item in items]], sort_keys=True).encode())
    case_id = f"{plans.KIND}/{company}/{customer}/{currency}/{on}/{told.hexdigest()[:8]}"
    new = NewCase(
        case_id, company, content, customer_id=customer, currency=currency, period=f"{on:%Y-%m}", as_of=on,
        subject_key=cause, case_amount=sum(item.item_amount for item in items), items=items,
    )  # fmt: skip
    open_case(book, over_180.plan_machine(policy.over_180), new, who=who, on=on)
    return case_id


def _documents(book: books.Book, keys: Collection[int]) -> tuple[str, str, str, list[CaseItem]]:
    known = books.read.documents(book)
    own = known[known["document_key"].isin(list(keys))].sort_values("document_key")
    accounts = own[_ACCOUNT].drop_duplicates()
    if len(own) < len(set(keys)) or len(accounts) != 1:
        raise PostingRefusedError("over-180-of-several", documents=len(set(keys)), accounts=len(accounts))
    company, customer, currency = (str(one) for one in accounts.iloc[0])
    now = read_open_amounts(book, keys)
    items = [
        CaseItem("document", int(key), str(name), currency, now[int(key)])
        for key, name in zip(own["document_key"], own["document_id"], strict=True)
    ]
    return company, customer, currency, items


def _open_items(book: books.Book, company: str, as_of: dt.date) -> pd.DataFrame:
    read = books.read
    facts = (read.documents, read.observations, read.clearings, read.applications, read.reversals)
    return ledger.open_items_as_of(*(one(book, company) for one in facts), as_of=as_of)


def _cases(book: books.Book, company: str, kind: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    read = books.read
    return (
        read.cases(book, company, kind=kind),
        read.case_events(book, company, kind=kind),
        read.case_items(book, company, kind=kind),
    )


def _free(stem: str, known: set[str]) -> str:
    """The name, or with a number behind it where an earlier case of that name was rejected or withdrawn."""
    if stem not in known:
        return stem
    number = 2
    while f"{stem}/{number}" in known:
        number += 1
    return f"{stem}/{number}"
