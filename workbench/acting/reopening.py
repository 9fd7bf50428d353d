"""Signed acts that the book contradicts by now: found, and reopened; and what is known of all acts.

Reopening is somebody's act, with the documents that made it necessary: nothing is reopened by reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from .. import acts
from .. import book as books
from ..cases import Brought
from ..money import to_text
from ..policy import ActPolicy
from ..words import say
from .ledger_now import LedgerNow
from .moving import move_act


@dataclass(frozen=True)
class ActsReopened:
    """``reopened``: ids of acts; ``contradictions``: the documents behind it (``acts.CONTRADICTIONS``)."""

    reopened: tuple[str, ...]
    contradictions: pd.DataFrame


def read_acts(book: books.Book, company: str = "") -> pd.DataFrame:
    """Where every act stands (``acts.ACTS``)."""
    cases = books.read.cases(book, company, kind=acts.KIND)
    return acts.tell_acts(cases, books.read.case_events(book, company, kind=acts.KIND))


def find_contradicted_acts(
    book: books.Book, company: str = "", *, ledger: LedgerNow | None = None
) -> pd.DataFrame:
    """The documents in which the book contradicts signed acts of any cut-off (``acts.CONTRADICTIONS``)."""
    items = books.read.case_items(book, company, kind=acts.KIND)
    now_known = ledger or LedgerNow(book)
    facts, at = now_known.facts(company), now_known.known.known_at
    return acts.find_all_contradictions(read_acts(book, company), items, facts.open_items, known_at=at)


def reopen_contradicted_acts(
    book: books.Book,
    *,
    who: str,
    on: dt.date,
    company: str = "",
) -> ActsReopened:
    """Reopen every signed act that the book contradicts, each with the documents that changed.

    A movement dated after the cut-off reopens nothing. A repeat finds nothing more to reopen.
    """
    found = find_contradicted_acts(book, company)
    reopened = []
    for case_id, own in found.groupby("case_id", sort=True):
        currency = str(own["currency"].iloc[0])
        changes = [
            {"document_id": str(one["document_id"]), "document_key": int(one["document_key"]),
             "change": str(one["change"]), "act_amount": int(one["act_amount"]),
             "book_amount": int(one["book_amount"])}
            for one in own.to_dict("records")
        ]  # fmt: skip
        reason = say(
            "acts.reopened-because", count=len(own), documents=", ".join(own["document_id"].head(3)),
            difference=f"{to_text(int(own['difference'].sum()), currency)} {currency}",
        )  # fmt: skip
        reopen_act(book, str(case_id), Brought(who, on, reason=reason), changes=changes)
        reopened.append(str(case_id))
    return ActsReopened(tuple(reopened), found)


def reopen_act(
    book: books.Book, case_id: str, brought: Brought, *, changes: Sequence[Mapping[str, object]] = ()
) -> str:
    """Take the signatures' effect from an act, with the reason; then it may be prepared again."""
    return move_act(book, books.read.case(book, case_id), "reopen", brought.adding(changes=list(changes)))


def cover(
    book: books.Book,
    *,
    as_of: dt.date,
    company: str = "",
    policy: ActPolicy | None = None,
    ledger: LedgerNow | None = None,
) -> acts.Covered:
    """How much of the balance at ``as_of`` is signed by both sides (``acts.cover_balances``)."""
    now_known = ledger or LedgerNow(book)
    open_items = now_known.open_items(company, as_of)
    people = books.read.customers(book, company)
    return acts.cover_balances(
        read_acts(book, company), open_items, people, as_of=as_of, policy=policy or ActPolicy()
    )
