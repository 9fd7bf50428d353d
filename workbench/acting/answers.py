"""Lists that customers sent as their answer to an act: recorded with every difference, in one call for all.

What a customer's own ledger says of the cut-off is its word; the differences come from the reconciliation of
both ledgers and add up to the difference of the balances.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .. import acts
from .. import book as books
from ..acts import guards
from ..acts.machine import WAITING
from ..calendar import Period, WorkingDays
from ..cases import Brought
from ..policy import Policy
from ..reconciliation import customers
from ..words import say
from .ledger_now import read_facts
from .moving import analyse, record_response
from .reopening import read_acts

_WHOSE = ["company_id", "customer_id", "currency"]


@dataclass(frozen=True)
class ActsAnswered:
    """Ids of acts by what the customer's list says of the balance: ``agrees``, ``differs``; ``other``: the
    list was compared with another balance than the act's, so the act must be drawn up again first."""

    agrees: tuple[str, ...]
    differs: tuple[str, ...]
    other: tuple[str, ...]


def answer_acts(
    book: books.Book,
    *,
    period: Period,
    policy: Policy,
    working_days: WorkingDays,
    who: str,
    on: dt.date,
    company: str = "",
    as_of: dt.date | None = None,
) -> ActsAnswered:
    """Compare the lists that customers sent of a cut-off with the book, and answer their acts by them.

    ``as_of``: a cut-off within the period, else its last day. A list answers the act that waits for it.
    """
    cut_off = as_of or period.last_day
    balances, differences = compare_lists(
        book, period=period, as_of=cut_off, policy=policy, working_days=working_days, company=company
    )
    return answer_from_lists(book, balances, differences, as_of=cut_off, who=who, on=on, company=company)


def compare_lists(
    book: books.Book,
    *,
    period: Period,
    as_of: dt.date,
    policy: Policy,
    working_days: WorkingDays,
    company: str = "",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Balances and differences of both ledgers on a cut-off, as the month's notebook has them."""
    read, facts = books.read, read_facts(book, company)
    open_items = facts.open_items(as_of=as_of)
    around = customers.Surroundings(
        facts.documents,
        customers.receipts_left(
            facts.receipts, facts.applications, facts.reversals, as_of=as_of, policy=policy
        ),
        read.claims(book, company, as_of=as_of),
        read.notes(book, company, as_of=as_of),
        read.remittances(book, company),
        read.customer_ledger_lines(book, company, as_of=period.previous().last_day),
    )
    lists = read.customer_ledger_lines(book, company, as_of=as_of)
    compared = customers.reconcile_customers(
        open_items, lists, around, as_of=as_of, policy=policy, working_days=working_days
    )
    reconciled = customers.carry_differences(compared, read.cases(book, company), as_of=as_of)
    return reconciled.balances, reconciled.differences


def answer_from_lists(
    book: books.Book,
    balances: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    as_of: dt.date,
    who: str,
    on: dt.date,
    company: str = "",
) -> ActsAnswered:
    """Record the answer of every act of ``as_of`` that waits for one and whose customer sent its list.

    What differs is analysed at once, also where it adds up to nothing: equal balances of unequal documents.

    ``balances``, ``differences``: of the reconciliation of customers' ledgers on that day
    (``reconciliation.customers.BALANCES`` and ``DIFFERENCES``); a customer without a list has not answered. A
    repeat finds nothing that waits.
    """
    latest = acts.latest_acts(read_acts(book, company))
    waiting = latest[latest["state"].isin(WAITING) & (latest["as_of_date"] == pd.Timestamp(as_of))]
    lists = balances[balances["has_list"]]
    own = waiting.merge(lists[[*_WHOSE, "list_date", "our_amount", "their_amount"]], on=_WHOSE)
    brought = Brought(who, on)
    told: dict[str, list[str]] = {guards.AGREES: [], guards.DIFFERS: [], "other": []}
    for act in own.to_dict("records"):
        case_id, is_other = str(act["case_id"]), act["our_amount"] != act["our_balance"]
        agrees = act["their_amount"] == act["our_balance"]
        answer = "other" if is_other else guards.AGREES if agrees else guards.DIFFERS
        told[answer].append(case_id)
        if is_other:
            continue
        by = say("acts.their-list", day=act["list_date"].strftime("%Y-%m-%d"))
        theirs = int(act["their_amount"])
        record_response(book, case_id, brought, answer=answer, answered_by=by, their_balance=theirs)
        found = differences_of(differences, *(str(act[name]) for name in _WHOSE))
        if answer == guards.DIFFERS or any(one["amount"] for one in found):
            analyse(book, case_id, brought, differences=found)
    return ActsAnswered(tuple(told[guards.AGREES]), tuple(told[guards.DIFFERS]), tuple(told["other"]))


def differences_of(
    differences: pd.DataFrame, company: str, customer: str, currency: str
) -> list[dict[str, object]]:
    """One customer's differences as the move ``analyse`` takes them; the side that lacks it is left out."""
    own = differences[
        differences["company_id"].eq(company)
        & differences["customer_id"].eq(customer)
        & differences["currency"].eq(currency)
    ]
    return [_difference(one) for one in own.to_dict("records")]


def _difference(one: Mapping[str, Any]) -> dict[str, object]:
    sides: Sequence[str] = {"ours": ["ours"], "theirs": ["theirs"]}.get(one["side"], ["ours", "theirs"])
    amounts = {"ours": int(one["our_amount"]), "theirs": int(one["their_amount"])}
    has_sides = amounts["ours"] - amounts["theirs"] == int(one["difference_amount"])
    return {
        "cause": str(one["cause"]),
        "document_id": str(one["reference"] or one["document_id"] or one["their_number"]),
        **({side: amounts[side] for side in sides} if has_sides else {}),
        "amount": int(one["difference_amount"]),
        "owner": str(one["owner"]),
        "due_date": "" if pd.isna(one["due_date"]) else one["due_date"].strftime("%Y-%m-%d"),
        "difference_id": str(one["difference_id"]),
    }
