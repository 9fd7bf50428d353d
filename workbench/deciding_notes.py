"""Decisions on credit notes on their way into the book: the sheet that came back, and the second person's.

As ``deciding`` does for receipts: judged against what the book holds now, stored whole in one transaction,
compared once more under the lock. What is given back or moved elsewhere posts nothing and is kept; only its
rejection takes it back (above the limit, with another person).
Source: DOMAIN 5, 21, 22; TRUST, Approvals.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from . import book as books
from . import credit_notes, deciding, decisions, ledger
from .applications import ON_ACCOUNT_OF, first_open_day
from .book.batches import ImportBatch, StoreResult
from .book.decisions_in import APPROVE, REFUSE, REQUEST, Decision
from .book.looks import look_again
from .deciding import Answered
from .decisions.set_offs import account_receipt
from .decisions.wishes import SETTLED_ELSEWHERE
from .money import to_text
from .policy import MatchingPolicy
from .sources.parsed import Findings
from .tables import APPLICATIONS

#: Whom a decision speaks of, in ``decisions.subject``.
SUBJECT = "credit_note"


def is_of_notes(batch: ImportBatch) -> bool:
    """Whether the file is a sheet of credit notes, by the kind that its rows are sealed with."""
    return len(batch.frame) > 0 and bool(batch.frame["kind"].eq(decisions.SET_OFF).all())


def store_note_decisions(
    book: books.Book,
    batch: ImportBatch,
    *,
    policy: MatchingPolicy,
    today: dt.date,
    who: str = "",
    dry_run: bool = False,
) -> StoreResult:
    """The decisions of a file: set off, waiting for a second person, or refused row by row."""

    def look_and_store() -> StoreResult:
        seen = set(books.read.decisions(book)["decision_id"])
        judged = _judge(book, batch, today)
        ready, kept, applications = _ready(judged, batch, policy, today, _decided_before(book))
        sums = judged.decided.groupby("currency", sort=True)["applied_amount"].sum()
        stored = books.postings.store_decisions(
            book, kept, ready, applications, sums={str(code): int(one) for code, one in sums.items()},
            who=who, seen=seen, dry_run=dry_run,
        )  # fmt: skip
        waiting = {one.decision_id for one in ready if one.is_request}
        return replace(stored, outcomes=decisions.results.count_note_outcomes(judged, waiting))

    return look_again(look_and_store)


def _judge(book: books.Book, batch: ImportBatch, today: dt.date) -> decisions.Decided:
    open_items = _credits_and_debts(book)
    applications, reversals = books.read.applications(book), books.read.reversals(book)
    undone = applications[applications["application_id"].isin(reversals["application_id"])]
    taken_back = Counter(key for key, _ in _given_up(undone))
    known = books.read.decisions(book)
    taken_back.update(_lapsed_requests(book, today))
    taken_back.update(_withdrawals(known))
    return decisions.apply_set_offs(
        batch.frame,
        open_items,
        open_from=deciding.open_from(book),
        known=set(known["decision_id"]),
        undone=taken_back,
        promised=credit_notes.read_promises(open_items, known, as_of=today),
    )


def _credits_and_debts(book: books.Book) -> pd.DataFrame:
    """What is open by all that the book knows, money on account as its customer's credit."""
    _, open_items = deciding.as_of_now(book)
    read = books.read
    return ledger.with_credits_on_account(
        open_items, read.documents(book), read.receipts(book), read.applications(book), read.reversals(book),
        read.erp_export_lines(book), as_of=dt.date(9999, 12, 31),
    )  # fmt: skip


def _given_up(applications: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Of legs that take from a credit: its key, and how much (positive)."""
    taken = applications[applications["applied_amount"] < 0]
    columns = (taken[name].tolist() for name in ("receipt_key", "document_key", "kind", "applied_amount"))
    for receipt, document, kind, amount in zip(*columns, strict=True):
        if receipt < 0:
            yield int(document), -int(amount)
        elif kind == "on_account":
            yield ledger.account_credit_key(int(receipt)), -int(amount)


def _lapsed_requests(book: books.Book, today: dt.date) -> Counter[int]:
    """By note, requests that were refused or expired: the same may be decided, and asked for, again."""
    known = books.read.decisions(book)
    answers = known[known["subject"] == "request"].set_index("subject_key")["decision"].to_dict()
    lapsed: Counter[int] = Counter()
    own = known[(known["decision"] == REQUEST) & (known["subject"] == SUBJECT)]
    for one in own.to_dict("records"):
        evidence = json.loads(one["evidence"])
        answer = answers.get(one["decision_id"], "")
        if answer == REFUSE or (not answer and evidence["expires"] < today.isoformat()):
            lapsed[int(evidence["document_key"])] += 1
    return lapsed


def _withdrawals(known: pd.DataFrame) -> Counter[int]:
    """By note, decisions to give back or to move that were taken back: they may be made again."""
    approved = set(known.loc[known["decision"] == APPROVE, "subject_key"])
    taken: Counter[int] = Counter()
    for one in known[known["subject"] == SUBJECT].to_dict("records"):
        evidence = json.loads(one["evidence"])
        in_effect = one["decision"] != REQUEST or one["decision_id"] in approved
        if in_effect and evidence.get("withdraws"):
            taken[int(evidence["document_key"])] += 1
    return taken


def _decided_before(book: books.Book) -> Counter[int]:
    """By note, what people's decisions set off already: a large amount stays large in small pieces."""
    applications, reversals = books.read.applications(book), books.read.reversals(book)
    own = applications[applications["rule"] == decisions.applied.RULE]
    own = own[~own["application_id"].isin(reversals["application_id"])]
    before: Counter[int] = Counter()
    for key, amount in _given_up(own):
        before[key] += amount
    return before


def _ready(
    judged: decisions.Decided,
    batch: ImportBatch,
    policy: MatchingPolicy,
    today: dt.date,
    before: Counter[int],
) -> tuple[list[Decision], ImportBatch, pd.DataFrame]:
    expires = (today + dt.timedelta(days=policy.approval_days)).isoformat()
    told = Findings(batch.file, batch.kind)
    ready: list[Decision] = []
    waiting: set[str] = set()
    for one in judged.decided.to_dict("records"):
        operation = f"decision:{one['decision_id']}"
        own = judged.applied[judged.applied["operation"] == operation]
        limit = policy.approval.get(one["currency"])
        key = int(one["receipt_key"])
        # To free a note that another person was asked to let go is as much theirs as it was.
        has_effect = (
            len(own) > 0
            or bool(one["withdrawn"])
            or bool(set(one["decision"].split("+")) & set(SETTLED_ELSEWHERE))
        )
        waits = limit is not None and has_effect and one["largest_amount"] + before[key] > limit
        evidence: dict[str, object] = {"content": one["content_sha256"], "document_key": key}
        evidence |= {"withdraws": one["withdrawn"]} if one["withdrawn"] else {}
        if waits:
            waiting.add(operation)
            columns = (own[name].tolist() for name in ("document_key", "kind", "applied_amount"))
            evidence["legs"] = [list(leg) for leg in zip(*columns, strict=True)]
            evidence["days"] = [day.strftime("%Y-%m-%d") for day in own["effective_date"]]
            evidence["told"] = own["evidence"].tolist()
            evidence["amount"] = one["largest_amount"]
            money = f"{to_text(one['largest_amount'], one['currency'])} {one['currency']}"
            told.add(
                "credit-decision-needs-approval", row=json.loads(one["rows"])[0], key=one["receipt_id"],
                amount=one["largest_amount"], currency=one["currency"], request=one["decision_id"],
                note=one["receipt_id"], short_id=one["decision_id"][: deciding.SHORTEST_REQUEST],
                asked_money=money, expires_day=expires,
            )  # fmt: skip
        # Money on account is no document: what is left of it is asked of its receipt under the lock.
        documents = {int(name): amount for name, amount in json.loads(one["documents"]).items()
                     if int(name) >= 0}  # fmt: skip
        evidence |= {"on_account_receipt": account_receipt(key)} if key < -1 else {}
        ready.append(Decision(
            one["decision_id"], one["company_id"], one["receipt_id"], -1, one["decision"],
            one["decided_reason"], one["unapplied_amount"], documents, evidence,
            tuple(json.loads(one["rows"])), is_request=waits, expires=expires if waits else "",
            subject=SUBJECT,
        ))  # fmt: skip
    posting = judged.applied[~judged.applied["operation"].isin(waiting)]
    rows = [row for one in ready for row in one.rows]
    return ready, deciding.stored_batch(judged, batch, rows, told), deciding.as_applications(posting)


def requests_to_json(book: books.Book) -> list[dict[str, object]]:
    """What waits for a second person, of receipts and of credit notes, as the door shows it."""
    told = deciding.requests_to_json(book)
    about = deciding.whose_and_what(book)
    documents = books.read.documents(book).set_index("document_key")["currency"].to_dict()
    receipts = books.read.receipts(book).set_index("receipt_key")["currency"].to_dict()
    for one in deciding.open_requests(book, SUBJECT).to_dict("records"):
        evidence = json.loads(one["evidence"])
        key = int(evidence["document_key"])
        currency = str(documents[key] if key >= 0 else receipts[account_receipt(key)])
        told.append({
            "request": one["decision_id"], "receipt_id": "", "credit_note_id": one["subject_key"],
            "company_id": one["company_id"], "decision": evidence["decision"],
            "amount": to_text(int(evidence["amount"]), currency), "currency": currency,
            "maker": one["who"], "reason": one["reason"], "expires": evidence["expires"],
            **about([int(evidence["document_key"]), *(leg[0] for leg in evidence["legs"])],
                    str(one["company_id"])),
        })  # fmt: skip
    return told


def answer_request(
    book: books.Book,
    request_id: str,
    *,
    approved: bool,
    who: str,
    today: dt.date,
    reason: str = "",
) -> Answered:
    """The second person's yes or no, of a receipt or a credit note; what is not allowed raises."""
    known = books.read.decisions(book)
    request_id = deciding.find_request(known, request_id)
    found = known[(known["decision_id"] == request_id) & (known["decision"] == REQUEST)]
    if found.empty or found.iloc[0]["subject"] != SUBJECT:
        return deciding.answer_request(
            book, request_id, approved=approved, who=who, today=today, reason=reason
        )
    request = found.iloc[0]
    asked = _requested_legs(book, request)
    if approved:
        deciding.check_promises(book, request_id, asked, today)
    legs = deciding.as_applications(asked) if approved else APPLICATIONS.empty()
    posted = books.postings.answer_request(
        book, request_id, APPROVE if approved else REFUSE, legs, who=who, on=today, reason=reason,
        seen=set(known["decision_id"]),
    )  # fmt: skip
    answered = Answered(request_id, "", APPROVE if approved else REFUSE, posted.stored)
    return replace(answered, credit_note_id=str(request["subject_key"]))


def _requested_legs(book: books.Book, request: pd.Series) -> pd.DataFrame:
    """The legs as they were asked for, all dated on one day of the period that is open today."""
    from .applications import APPLIED

    evidence = json.loads(str(request["evidence"]))
    names = ["document_id", "company_id", "customer_id", "currency"]
    items = books.read.documents(book).set_index("document_key")[names].to_dict("index")
    first = first_open_day(deciding.open_from(book), str(request["company_id"]))
    days = [pd.Timestamp(day) for day in evidence["days"]] + ([pd.Timestamp(first)] if first else [])
    receipt_key = int(evidence.get("on_account_receipt", -1))
    bare: dict[str, object] = {"document_id": "", "company_id": str(request["company_id"])}
    if receipt_key >= 0:
        receipts = books.read.receipts(book).set_index("receipt_key")
        bare["currency"] = receipts.at[receipt_key, "currency"]
    rows = []
    for (key, kind, amount), told in zip(evidence["legs"], evidence["told"], strict=True):
        owner = {"customer_id": json.loads(told).get(ON_ACCOUNT_OF, "")}
        rows.append({
            "operation": f"decision:{request['decision_id']}", "receipt_key": receipt_key,
            "receipt_id": str(request["subject_key"]) if receipt_key >= 0 else "",
            **(items[key] if key >= 0 else bare | owner), "document_key": key, "kind": kind,
            "applied_amount": amount, "effective_date": max(days), "rule": decisions.applied.RULE,
            "evidence": told, "erp_open_amount": 0,
        })  # fmt: skip
    return APPLIED.conform(pd.DataFrame(rows, columns=list(APPLIED.columns)))
