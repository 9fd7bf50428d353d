"""Cash applied to documents, and what is written off: checked again under the lock, or refused.

What a receipt gives never exceeds what came in, what a document loses never exceeds what it owed, and cash
dated in a closed period is refused (the database's own triggers refuse it too). An operation is made once:
its id is the caller's, and the same id with other content is refused. Source: TRUST, I1, I2, I8; DOMAIN 22.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from ..errors import PeriodClosedError, PostingRefusedError
from ..ledger import open_items_as_of
from ..money import to_text
from ..tables import APPLICATIONS, CASH_KINDS, OTHER_KINDS, WRITE_OFF_KIND
from . import schema
from .canonical import content_sha256
from .decided_meanwhile import check_none_decided_meanwhile
from .exchanged import WITHOUT_DOCUMENT, check_exchanges
from .facts import Facts, facts_of
from .frames import raw_columns
from .lines_in import closed_days
from .lookups import existing
from .opened import Book
from .transactions import Posting, writing

_ALL_TIME = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Posted:
    """How many rows were entered, and how many stood in the book already by their operation's id."""

    stored: int
    repeated: int


@dataclass(frozen=True)
class _Leg:
    application_id: str
    operation_id: str
    receipt_key: int
    document_key: int
    kind: str
    amount: int
    day: str
    rule: str
    evidence: str
    erp_open: int

    def content(self) -> list[Any]:
        return [self.application_id, self.receipt_key, self.document_key, self.kind, self.amount, self.day]


def apply(
    book: Book,
    applications: pd.DataFrame,
    *,
    who: str = "",
    step_key: str = "",
    seen: Collection[str] | None = None,
) -> Posted:
    """Enter applications: all of them, or none.

    ``applications``: columns of ``tables.APPLICATIONS`` (``recorded_at`` and ``step_key`` are set here;
    ``erp_open_amount`` may be missing). Amounts are minor units with the sign of the document they reduce.

    ``seen``: ids of the decisions that were known when they were made.

    Raises :class:`PostingRefusedError` (receipt or document over-applied, unknown, other currency or company,
    dated before them, an operation id used for something else, a credit note decided on meanwhile) or
    :class:`PeriodClosedError`.
    """
    with writing(book, "apply", who=who) as posting:
        check_none_decided_meanwhile(posting, seen, set(applications["document_key"].tolist()) - {-1})
        return enter_applications(posting, applications, step_key=step_key)


def enter_applications(
    posting: Posting,
    applications: pd.DataFrame,
    *,
    step_key: str = "",
    written_off_by: str = "",
    instead: Mapping[int, int] | None = None,
) -> Posted:
    """:func:`apply` inside a transaction that enters more than that.

    ``written_off_by``: the approved case that writes off; without it a write-off is refused. ``instead``: by
    document, what was reversed in this transaction: as much may be applied anew, though the ERP, which has
    cleared it, does not show it open again yet.
    """
    legs = _legs(applications)
    fresh = _fresh(posting, legs)
    if fresh:
        if not written_off_by and any(leg.kind == WRITE_OFF_KIND for leg in fresh):
            raise PostingRefusedError("write-off-without-case", receipt="", document="")
        companies = _check_references(posting, fresh)
        _check_receipts(posting, fresh)
        check_on_account(posting, {leg.receipt_key for leg in fresh if _takes_from_account(leg)}, fresh)
        erp_open = _check_documents(posting, fresh, instead or {})
        _check_set_off(posting, fresh)
        posting.subject.update(step=step_key, operations=len({leg.operation_id for leg in fresh}))
        _enter(posting, fresh, companies, erp_open, step_key)
    return Posted(len(fresh), len(legs) - len(fresh))


def check_unchanged(posting: Posting, unapplied: Mapping[int, int], open_amounts: Mapping[int, int]) -> None:
    """What was decided on is as it was: each receipt's unapplied cash, each document's open amount, by key.

    Asked under the lock; :class:`PostingRefusedError` where somebody was faster.
    """
    received = rows_by_key(posting, "receipts", set(unapplied), ["received_amount", "receipt_id"])
    taken = cash_in_force(posting, sorted(unapplied))
    for key, amount in unapplied.items():
        if key not in received or received[key][0] - taken.get(key, 0) != amount:
            name = received[key][1] if key in received else str(key)
            raise PostingRefusedError("decision-content-changed", receipt=name, document="")
    if not open_amounts:
        return
    facts = facts_of(posting.connection, sorted(open_amounts))
    now = _open_on(facts, _ALL_TIME)
    numbers = dict(zip(facts.documents["document_key"], facts.documents["document_id"], strict=True))
    for key, amount in open_amounts.items():
        erp_open, pending = now.get(key, (0, 0))
        if erp_open - pending != amount:
            name = str(numbers.get(key, key))
            raise PostingRefusedError("decision-content-changed", receipt="", document=name)


def _legs(applications: pd.DataFrame) -> list[_Leg]:
    frame = applications.reset_index(drop=True)
    if "erp_open_amount" not in frame:
        frame = frame.assign(erp_open_amount=0)
    names = ["application_id", "operation_id", "receipt_key", "document_key", "kind", "applied_amount",
             "effective_date", "rule", "evidence", "erp_open_amount"]  # fmt: skip
    columns = raw_columns(frame, {name: APPLICATIONS.columns[name] for name in names})
    return [_Leg(*values) for values in zip(*columns, strict=True)]


def _fresh(posting: Posting, legs: list[_Leg]) -> list[_Leg]:
    """The legs of operations that were not done before, their operations entered."""
    by_operation: dict[str, list[_Leg]] = defaultdict(list)
    for leg in legs:
        by_operation[leg.operation_id].append(leg)
    ids = sorted(by_operation)
    if "" in by_operation:
        raise PostingRefusedError("operation-without-id", action="apply")
    wanted = {
        one: content_sha256(sorted((leg.content() for leg in by_operation[one]), key=str)) for one in ids
    }
    done = existing(posting, "operations", ["operation_id"], [(one,) for one in ids], ["content_sha256"])
    for number, content in done:
        if wanted[ids[number]] != content:
            raise PostingRefusedError("operation-id-reused", operation=ids[number])
    repeated = {ids[number] for number, _ in done}
    new = [one for one in ids if one not in repeated]
    columns = ["operation_id", "action", "content_sha256"]
    posting.insert("operations", columns, [(one, posting.action, wanted[one]) for one in new])
    return [leg for one in new for leg in by_operation[one]]


def _check_references(posting: Posting, legs: list[_Leg]) -> list[str]:
    """Kinds, companies, currencies, days; gives the company of each leg."""
    fetch = ["company_id", "currency", "document_date", "original_amount", "document_number"]
    documents = rows_by_key(posting, "documents", {leg.document_key for leg in legs}, fetch)
    fetch = ["company_id", "currency", "receipt_date", "receipt_id"]
    receipts = rows_by_key(posting, "receipts", {leg.receipt_key for leg in legs}, fetch)
    closed = closed_days(posting)
    companies = []
    for leg in legs:
        document, receipt = documents.get(leg.document_key), receipts.get(leg.receipt_key)
        said = {"receipt": receipt[3] if receipt else "", "document": document[4] if document else ""}
        if document is None and (leg.kind not in WITHOUT_DOCUMENT or leg.document_key != -1):
            raise PostingRefusedError("application-without-document", key=leg.document_key, **said)
        if receipt is None and (leg.receipt_key != -1 or document is None):
            raise PostingRefusedError("application-without-receipt", key=leg.receipt_key, **said)
        if leg.kind not in CASH_KINDS + OTHER_KINDS or leg.amount == 0:
            raise PostingRefusedError("application-kind-wrong", kind=leg.kind, **said)
        same = 2 if leg.kind in CASH_KINDS else 1  # company and, of cash, the currency too
        if document and receipt and document[:same] != receipt[:same]:
            raise PostingRefusedError("application-crosses-books", **said)
        if document and leg.kind in CASH_KINDS and (leg.amount < 0) != (document[3] < 0):
            raise PostingRefusedError("application-sign-wrong", **said)
        if leg.kind == WRITE_OFF_KIND and (receipt or leg.amount < 0 or document is None or document[3] < 0):
            raise PostingRefusedError("write-off-of-no-debt", **said)
        earliest = max(document[2] if document else "", receipt[2] if receipt else "")
        if leg.day < earliest or not leg.day:
            raise PostingRefusedError("application-too-early", date=leg.day, earliest=earliest, **said)
        company = str((document or receipt)[0])  # type: ignore[index]  # one of the two is there by now
        check_open(closed, company, leg.day)
        companies.append(company)
    documents_in, receipts_in = (
        {key: str(row[1]) for key, row in of.items()} for of in (documents, receipts)
    )
    check_exchanges(legs, documents_in, receipts_in, {key: str(row[3]) for key, row in receipts.items()})
    return companies


def rows_by_key(posting: Posting, table: str, keys: set[int], fetch: list[str]) -> dict[int, tuple[Any, ...]]:
    """What of each row is fetched, by the table's own key; a key that it does not have is left out."""
    own_key = schema.metadata.tables[table].primary_key.columns.values()[0].name
    wanted = sorted(keys - {-1})
    rows = existing(posting, table, [own_key], [(key,) for key in wanted], fetch)
    return {wanted[row[0]]: row[1:] for row in rows}


def check_open(closed: dict[str, str], company: str, day: str) -> None:
    """Raises :class:`PeriodClosedError` for a day in a period that is closed to the company, or to all."""
    last = max(closed.get(company, ""), closed.get("", ""))
    if day <= last:
        raise PeriodClosedError("period-closed-posting", company=company, closed_through=last, date=day)


def _check_receipts(posting: Posting, legs: list[_Leg]) -> None:
    """I1: 0 ≤ Σ cash kinds in force ≤ received, with the new ones."""
    new: dict[int, int] = defaultdict(int)
    for leg in legs:
        if leg.receipt_key >= 0 and leg.kind in CASH_KINDS:
            new[leg.receipt_key] += leg.amount
    received = rows_by_key(posting, "receipts", set(new), ["received_amount", "receipt_id", "currency"])
    for key, amount in cash_in_force(posting, sorted(new)).items():
        new[key] += amount
    for key, total in new.items():
        amount, receipt_id, currency = received[key]
        if not 0 <= total <= amount:
            raise PostingRefusedError(
                "receipt-over-applied", receipt=receipt_id, received=amount, applied=total, currency=currency
            )


def _takes_from_account(leg: _Leg) -> bool:
    return leg.kind == "on_account" and leg.amount < 0


def check_on_account(posting: Posting, receipt_keys: set[int], new: Sequence[_Leg] = ()) -> None:
    """What of a receipt stands on no document is never below nothing: applied later, it is given but once.

    ``new``: legs about to be entered. Else :class:`PostingRefusedError` (``on-account-over-applied``).
    """
    own, gone = schema.applications.c, schema.reversals.c
    for key in sorted(receipt_keys - {-1}):
        query = (
            select(func.coalesce(func.sum(own.applied_amount), 0))
            .join(schema.reversals, gone.application_id == own.application_id, isouter=True)
            .where(own.receipt_key == key, own.document_key.is_(None), gone.application_id.is_(None))
        )
        stands = int(posting.connection.execute(query).scalar_one())
        left = stands + sum(leg.amount for leg in new if leg.receipt_key == key and leg.document_key < 0)
        if left < 0:
            receipt = rows_by_key(posting, "receipts", {key}, ["receipt_id", "currency"])[key]
            raise PostingRefusedError(
                "on-account-over-applied", receipt=receipt[0], document="",
                account_money=f"{to_text(stands, receipt[1])} {receipt[1]}",
            )  # fmt: skip


def cash_in_force(posting: Posting, receipt_keys: list[int]) -> dict[int, int]:
    """Σ cash kinds per receipt, of applications never reversed."""
    columns = ["application_id", "kind", "applied_amount"]
    rows = existing(posting, "applications", ["receipt_key"], [(key,) for key in receipt_keys], columns)
    taken_back = undone(posting, [row[1] for row in rows])
    sums: dict[int, int] = defaultdict(int)
    for number, application_id, kind, amount in rows:
        if kind in CASH_KINDS and application_id not in taken_back:
            sums[receipt_keys[number]] += amount
    return sums


def undone(posting: Posting, application_ids: list[str]) -> set[str]:
    """Which of them were taken back."""
    found = existing(posting, "reversals", ["application_id"], [(one,) for one in application_ids], [])
    return {application_ids[row[0]] for row in found}


def _check_documents(posting: Posting, legs: list[_Leg], instead: Mapping[int, int]) -> dict[int, int]:
    """I2: what all applications take of a document fits what it owes; gives what the ERP shows open of each.

    It must fit on the first effective day together with what is applied later, or fit what is open by all we
    know (a clearing that the ERP took back since), or be ``instead`` of what was reversed just now; and never
    exceed the original amount.
    """
    new: dict[int, int] = defaultdict(int)
    first: dict[int, str] = {}
    for leg in legs:
        if leg.document_key >= 0:
            new[leg.document_key] += leg.amount
            first[leg.document_key] = min(leg.day, first.get(leg.document_key, leg.day))
    facts = facts_of(posting.connection, sorted(new))
    taken_back = set(facts.reversals["application_id"])
    in_force = facts.applications[~facts.applications["application_id"].isin(taken_back)]
    standing = in_force.groupby("document_key")["applied_amount"].sum().to_dict()
    by_now = _open_on(facts, _ALL_TIME)
    numbers = dict(zip(facts.documents["document_key"], facts.documents["document_id"], strict=True))
    originals = dict(zip(facts.documents["document_key"], facts.documents["original_amount"], strict=True))
    for day in sorted(set(first.values())):
        on_day = _open_on(facts, dt.date.fromisoformat(day))
        later = in_force[in_force["effective_date"] > pd.Timestamp(day)]
        later_sums = later.groupby("document_key")["applied_amount"].sum().to_dict()
        for key in (key for key, when in first.items() if when == day):
            erp_open, pending = on_day.get(key, (0, 0))
            fits_then = _fits(new[key] + pending + later_sums.get(key, 0), erp_open)
            fits_now = _fits(new[key] + by_now[key][1], by_now[key][0])
            is_instead = 0 < new[key] <= instead.get(key, 0)
            if not (fits_then or fits_now or is_instead) or not _fits(
                new[key] + standing.get(key, 0), originals[key]
            ):
                raise PostingRefusedError(
                    "document-over-applied", document=numbers[key], open=erp_open - pending, applied=new[key]
                )
    return {key: erp_open for key, (erp_open, _) in by_now.items()}


def _open_on(facts: Facts, day: dt.date) -> dict[int, tuple[int, int]]:
    """What the ERP shows open on that day, and what of it we have applied already, by document."""
    items = open_items_as_of(
        facts.documents, facts.observations, facts.clearings, facts.applications, facts.reversals,
        as_of=day, with_settled=True,
    )  # fmt: skip
    columns = (items[name].tolist() for name in ("document_key", "erp_open_amount", "pending_applications"))
    return {key: (erp_open, pending) for key, erp_open, pending in zip(*columns, strict=True)}


def _fits(total: int, room: int) -> bool:
    return 0 <= total <= room if room >= 0 else room <= total <= 0


def _check_set_off(posting: Posting, legs: list[_Leg]) -> None:
    """A credit note set off against invoices without a receipt moves no money: its legs sum to nothing.

    So for each customer of a company and in each currency by itself: no peso settles a dollar, and nobody's
    credit the debt of another. That a parent pays for a child is cash, and has a receipt.
    """
    bare = [leg for leg in legs if leg.receipt_key < 0 and leg.kind in CASH_KINDS]
    books = rows_by_key(
        posting, "documents", {leg.document_key for leg in bare}, ["company_id", "customer_id", "currency"]
    )
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for leg in bare:
        sums[(leg.operation_id, *books[leg.document_key])] += leg.amount
    for (operation, *_), total in sums.items():
        if total:
            raise PostingRefusedError("set-off-unbalanced", operation=operation, amount=total)


def _enter(
    posting: Posting, legs: list[_Leg], companies: list[str], erp_open: dict[int, int], step_key: str
) -> None:
    columns = ["application_id", "operation_id", "company_id", "receipt_key", "document_key", "kind",
               "applied_amount", "effective_date", "rule", "evidence", "erp_open_amount", "step_key",
               "who"]  # fmt: skip
    rows = [
        (leg.application_id, leg.operation_id, company, leg.receipt_key if leg.receipt_key >= 0 else None,
         leg.document_key if leg.document_key >= 0 else None, leg.kind, leg.amount, leg.day, leg.rule,
         leg.evidence, leg.erp_open or erp_open.get(leg.document_key, 0), step_key, posting.who)
        for leg, company in zip(legs, companies, strict=True)
    ]  # fmt: skip
    posting.insert("applications", columns, rows)
