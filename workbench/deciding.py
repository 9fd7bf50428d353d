"""Decisions of people on their way into the book: from the workbook that came back, and the second person's.

A file of decisions is judged against what the book holds now and stored whole in one transaction; a row that
is stale, contradictory or takes too much is refused with its cell. Source: DOMAIN 21, 22; TRUST, Approvals.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from . import book as books
from . import credit_notes, decisions, ledger
from .applications import ON_ACCOUNT_OF, first_open_day, identify_applications
from .book.batches import ImportBatch, StoreResult
from .book.decisions_in import APPROVE, REFUSE, REQUEST, Decision
from .book.looks import look_again
from .errors import PostingRefusedError
from .matching.learned_aliases import taught_by_decisions
from .money import to_text
from .policy import MatchingPolicy
from .sources.parsed import Findings
from .tables import APPLICATIONS, FINDINGS

_ALL_TIME = dt.date(9999, 12, 31)
#: Characters of a request's id by which a person may name it.
SHORTEST_REQUEST = 8


def store_decisions(
    book: books.Book,
    batch: ImportBatch,
    *,
    policy: MatchingPolicy,
    today: dt.date,
    who: str = "",
    dry_run: bool = False,
) -> StoreResult:
    """The decisions of a file: applied, waiting for a second person, or refused row by row.

    ``batch.frame``: ``decisions.WRITTEN``; its ``rows_in`` counts the rows in which something was written.
    """

    def look_and_store() -> StoreResult:
        seen = set(books.read.decisions(book)["decision_id"])
        judged = _judge(book, batch, today, policy)
        ready, kept, applications = _ready(judged, batch, policy, today, _decided_before(book))
        waiting = {one.decision_id for one in ready if one.is_request}
        sums: dict[str, int] = {}
        taken = judged.decided[~judged.decided["decision_id"].isin(waiting)]
        for currency, amount in zip(taken["currency"], taken["applied_amount"], strict=True):
            sums[currency] = sums.get(currency, 0) + int(amount)
        stored = books.postings.store_decisions(
            book, kept, ready, applications, sums={code: sums[code] for code in sorted(sums)}, who=who,
            taught=_taught(book, judged.applied, waiting), seen=seen, dry_run=dry_run,
        )  # fmt: skip
        return replace(stored, outcomes=decisions.results.count_outcomes(judged, waiting))

    return look_again(look_and_store)


def _taught(book: books.Book, legs: pd.DataFrame, waiting: Collection[str] = ()) -> pd.DataFrame:
    """What decisions say of who pays; those that wait for a second person say nothing yet."""
    told = legs[~legs["operation"].isin([f"decision:{one}" for one in waiting])]
    return taught_by_decisions(told, books.read.receipts(book), books.read.customers(book))


def _judge(book: books.Book, batch: ImportBatch, today: dt.date, policy: MatchingPolicy) -> decisions.Decided:
    receipts, open_items = as_of_now(book)
    applications, reversals = books.read.applications(book), books.read.reversals(book)
    undone = applications[applications["application_id"].isin(reversals["application_id"])]
    taken_back = Counter(int(key) for key in undone["receipt_key"])
    taken_back.update(_lapsed_requests(book, today))
    return decisions.apply_decisions(
        batch.frame,
        receipts,
        open_items,
        open_from=open_from(book),
        known=set(books.read.decisions(book)["decision_id"]),
        undone=taken_back,
        reasons=policy.differences.reasons,
        promised=credit_notes.read_promises(open_items, books.read.decisions(book), as_of=today),
        customers=books.read.customers(book),
    )


def _lapsed_requests(book: books.Book, today: dt.date) -> Counter[int]:
    """By receipt, requests that were refused or expired: the same may be decided, and asked for, again."""
    known = books.read.decisions(book)
    answers = dict(
        zip(
            *(known.loc[known["subject"] == "request", name] for name in ("subject_key", "decision")),
            strict=True,
        )
    )
    lapsed: Counter[int] = Counter()
    for one in known[known["decision"] == REQUEST].to_dict("records"):
        evidence = json.loads(one["evidence"])
        answer = answers.get(one["decision_id"], "")
        if answer == REFUSE or (not answer and evidence["expires"] < today.isoformat()):
            lapsed[int(evidence["receipt_key"])] += 1
    return lapsed


def _decided_before(book: books.Book) -> Counter[tuple[int, str]]:
    """By receipt and currency, what people's decisions apply: a large amount stays large in small pieces.

    What stands on a document is in the document's currency (an exchange, and a fee or withholding beside it);
    what has none is on the receipt's side.
    """
    applications, reversals = books.read.applications(book), books.read.reversals(book)
    own = applications[applications["rule"] == decisions.applied.RULE]
    own = own[~own["application_id"].isin(reversals["application_id"]) & (own["applied_amount"] > 0)]
    here = dict(zip(*(books.read.receipts(book)[name] for name in ("receipt_key", "currency")), strict=True))
    there = dict(zip(*(books.read.documents(book)[name] for name in ("document_key", "currency")),
                     strict=True))  # fmt: skip
    before: Counter[tuple[int, str]] = Counter()
    names = ("receipt_key", "document_key", "applied_amount")
    for key, document, amount in zip(*(own[name].tolist() for name in names), strict=True):
        before[key, str(there.get(document, here.get(key, "")))] += amount
    return before


def as_of_now(book: books.Book) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What of each receipt is unapplied and of each document open, by all that the book knows."""
    read = books.read
    applications, reversals = read.applications(book), read.reversals(book)
    receipts = ledger.unapplied_receipts(read.receipts(book), applications, reversals, as_of=_ALL_TIME)
    open_items = ledger.open_items_as_of(
        read.documents(book), read.observations(book), read.clearings(book), applications, reversals,
        as_of=_ALL_TIME, with_settled=True,
    )  # fmt: skip
    return receipts, open_items


def open_from(book: books.Book) -> dict[str, dt.date]:
    """The first open day of each company with a closed period ('': of all)."""
    closed = books.read.closed_through(book)
    return {company: day + dt.timedelta(days=1) for company, day in closed.items()}


def _ready(
    judged: decisions.Decided,
    batch: ImportBatch,
    policy: MatchingPolicy,
    today: dt.date,
    before: Mapping[tuple[int, str], int],
) -> tuple[list[Decision], ImportBatch, pd.DataFrame]:
    """What goes into the book: decisions, the batch with its refused rows, and the legs that post now."""
    expires = (today + dt.timedelta(days=policy.approval_days)).isoformat()
    told = Findings(batch.file, batch.kind)
    ready: list[Decision] = []
    rows: list[int] = []
    waiting: set[str] = set()
    offered = _offered(batch.frame)
    for one in judged.decided.to_dict("records"):
        operation = f"decision:{one['decision_id']}"
        own = judged.applied[judged.applied["operation"] == operation]
        limit = policy.approval.get(one["currency"])
        whole = one["largest_amount"] + before.get((one["receipt_key"], one["currency"]), 0)
        waits = limit is not None and len(own) > 0 and whole > limit
        legs = [[int(key), str(kind), int(amount)] for key, kind, amount in zip(
            own["document_key"], own["kind"], own["applied_amount"], strict=True)]  # fmt: skip
        days = [day.strftime("%Y-%m-%d") for day in own["effective_date"]]
        evidence: dict[str, object] = {"content": one["content_sha256"]}
        evidence |= {"offered": offered[one["receipt_key"]]} if one["receipt_key"] in offered else {}
        if waits:
            waiting.add(operation)
            evidence |= {"legs": legs, "days": days, "told": own["evidence"].tolist()}
            money = f"{to_text(one['largest_amount'], one['currency'])} {one['currency']}"
            told.add(
                "decision-needs-approval", row=json.loads(one["rows"])[0], key=one["receipt_id"],
                amount=one["largest_amount"], currency=one["currency"], request=one["decision_id"],
                receipt=one["receipt_id"], short_id=one["decision_id"][:SHORTEST_REQUEST], asked_money=money,
                cash_money=f"{to_text(one['applied_amount'], one['currency'])} {one['currency']}",
                expires_day=expires,
            )  # fmt: skip
        own_rows = tuple(json.loads(one["rows"]))
        rows += own_rows
        ready.append(Decision(
            one["decision_id"], one["company_id"], one["receipt_id"], one["receipt_key"], one["decision"],
            one["decided_reason"], one["unapplied_amount"],
            {int(key): amount for key, amount in json.loads(one["documents"]).items()}, evidence, own_rows,
            is_request=waits, expires=expires if waits else "",
        ))  # fmt: skip
    posting = judged.applied[~judged.applied["operation"].isin(waiting)]
    return ready, stored_batch(judged, batch, rows, told), as_applications(posting)


def _offered(written: pd.DataFrame) -> dict[int, dict[str, object]]:
    """By receipt: the rule and customer of its first proposal, how many there were, and which was accepted:
    by this is measured how often what a rule suggests is right."""
    told: dict[int, dict[str, object]] = {}
    rows = written[written["proposal"] > 0].sort_values(["receipt_key", "proposal", "document_id"])
    for key, own in rows.groupby("receipt_key"):
        first = own.iloc[0]
        is_taken = own["decided_documents"].eq("") & own["decided_amounts"].eq("")
        is_taken &= own["decision"].isin(["accept", *decisions.SHORT])
        accepted = own.loc[is_taken, "proposal"]
        told[int(str(key))] = {
            "rule": str(first["rule"]), "customer": str(first["customer_id"]),
            "proposals": int(own["proposal"].nunique()),
            "accepted": int(accepted.min()) if len(accepted) else 0,
        }  # fmt: skip
    return told


def stored_batch(
    judged: decisions.Decided, batch: ImportBatch, rows: list[int], told: Findings
) -> ImportBatch:
    """The batch as it is stored: the rows taken, those refused with their reason, the findings."""
    found = judged.findings.assign(source=batch.file)
    refused = judged.refused
    raw = [batch.raw_of(row) if batch.raw_of else "" for row in refused["row"]]
    rejected = pd.concat([batch.rejected, refused.assign(raw=raw)], ignore_index=True)
    return replace(
        batch,
        frame=pd.DataFrame({"row": sorted(rows)}),
        rows_duplicate=batch.rows_duplicate + len(judged.repeated),
        rejected=rejected,
        findings=FINDINGS.conform(pd.concat([batch.findings, found, told.frame()], ignore_index=True)),
    )


def as_applications(legs: pd.DataFrame) -> pd.DataFrame:
    """Decided legs as the book takes them; their operation names the decision, so the ids are its own."""
    made = identify_applications(legs)
    return APPLICATIONS.conform(made.assign(step_key="", recorded_at=pd.Timestamp(0, tz="UTC")))


def find_request(known: pd.DataFrame, written: str) -> str:
    """The id of the request that a person names by its first characters; several are refused by their ids."""
    requests = known.loc[known["decision"] == REQUEST, "decision_id"].tolist()
    found = [one for one in requests if one == written] or [
        one for one in requests if len(written) >= SHORTEST_REQUEST and one.startswith(written.lower())
    ]
    if not found:
        raise PostingRefusedError("approval-unknown", request=written)
    if len(found) > 1:
        raise PostingRefusedError("approval-ambiguous", request=written, candidates=", ".join(found))
    return str(found[0])


def whose_and_what(book: books.Book) -> Callable[[list[int], str], dict[str, str]]:
    """By document keys and company: the customers, and the documents as people call them."""
    documents = books.read.documents(book).drop_duplicates("document_key").set_index("document_key")
    people = books.read.customers(book)
    pairs = zip(people["company_id"], people["customer_id"], strict=True)
    names = dict(zip(pairs, people["customer_name"], strict=True))

    def told(keys: list[int], company: str) -> dict[str, str]:
        rows = [documents.loc[key] for key in dict.fromkeys(keys) if key in documents.index]
        whose = dict.fromkeys(str(row["customer_id"]) for row in rows)
        return {
            "customer_id": ", ".join(whose),
            "customer_name": ", ".join(filter(None, (str(names.get((company, one), "")) for one in whose))),
            "documents": ", ".join(str(row["reference"] or row["document_id"]) for row in rows),
        }

    return told


@dataclass(frozen=True)
class Answered:
    """A request and what came of it; ``applications`` counts the rows entered."""

    request_id: str
    receipt_id: str
    answer: str
    applications: int
    credit_note_id: str = ""  # where the request is of a credit note; then ``receipt_id`` is ""

    def to_json(self) -> dict[str, object]:
        note = {"credit_note_id": self.credit_note_id} if self.credit_note_id else {}
        return {"request": self.request_id, "receipt_id": self.receipt_id, **note, "answer": self.answer,
                "applications": self.applications}  # fmt: skip


def open_requests(book: books.Book, subject: str = "receipt") -> pd.DataFrame:
    """Requests that nobody has answered (``book.read.DECISIONS``), oldest first; of receipts, or notes."""
    known = books.read.decisions(book)
    answered = set(known.loc[known["subject"] == "request", "subject_key"])
    is_open = (known["decision"] == REQUEST) & ~known["decision_id"].isin(answered)
    is_open &= known["subject"] == subject
    return known[is_open].reset_index(drop=True)


def requests_to_json(book: books.Book) -> list[dict[str, object]]:
    """What waits for a second person, as the door shows it."""
    told = []
    about = whose_and_what(book)
    currencies = {one["receipt_key"]: one["currency"] for one in
                  books.read.receipts(book)[["receipt_key", "currency"]].to_dict("records")}  # fmt: skip
    documents = books.read.documents(book).set_index("document_key")["currency"].to_dict()
    for one in open_requests(book).to_dict("records"):
        evidence = json.loads(one["evidence"])
        currency = str(currencies[int(evidence["receipt_key"])])
        # A document of another currency is there by its exchange: what it is worth stands in the cash.
        amount = sum(
            leg[2] for leg in evidence["legs"] if leg[2] > 0 and documents.get(leg[0], currency) == currency
        )
        told.append({
            "request": one["decision_id"], "receipt_id": one["subject_key"], "company_id": one["company_id"],
            "decision": evidence["decision"], "amount": to_text(amount, currency), "currency": currency,
            "maker": one["who"], "reason": one["reason"], "expires": evidence["expires"],
            **about([leg[0] for leg in evidence["legs"]], str(one["company_id"])),
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
    """The second person's yes or no to a request; what the book does not allow raises and changes nothing."""
    known = books.read.decisions(book)
    request_id = find_request(known, request_id)
    found = known[(known["decision_id"] == request_id) & (known["decision"] == REQUEST)]
    request = found.iloc[0]
    asked = _requested_legs(book, request)
    if approved:
        check_promises(book, request_id, asked, today)
    legs = as_applications(asked) if approved else APPLICATIONS.empty()
    posted = books.postings.answer_request(
        book, request_id, APPROVE if approved else REFUSE, legs, who=who, on=today, reason=reason,
        taught=_taught(book, asked), seen=set(known["decision_id"]),
    )  # fmt: skip
    return Answered(request_id, str(request["subject_key"]), APPROVE if approved else REFUSE, posted.stored)


def check_promises(book: books.Book, request_id: str, legs: pd.DataFrame, today: dt.date) -> None:
    """A credit note given back or moved after the request was made is not set off by its approval."""
    _, open_items = as_of_now(book)
    promised = credit_notes.read_promises(open_items, books.read.decisions(book), as_of=today)
    for key, document in zip(legs["document_key"].tolist(), legs["document_id"].tolist(), strict=True):
        if key in promised:
            one = promised[key]
            raise PostingRefusedError(
                "approval-credit-promised", request=request_id, document=document, who=one.who or "–",
                decided_day=one.day.isoformat(),
            )  # fmt: skip


def _requested_legs(book: books.Book, request: pd.Series) -> pd.DataFrame:
    """The legs as they were asked for, dated in the period that is open today."""
    from .applications import APPLIED

    evidence = json.loads(str(request["evidence"]))
    company = str(request["company_id"])
    receipt_key = int(evidence["receipt_key"])
    receipts, items = books.read.receipts(book), books.read.documents(book)
    receipt = receipts[receipts["receipt_key"] == receipt_key].iloc[0]
    own: Mapping[int, Mapping[str, object]] = {
        row["document_key"]: row
        for row in items[["document_key", "document_id", "customer_id", "currency"]].to_dict("records")
    }
    first = first_open_day(open_from(book), company)
    rows = []
    for (key, kind, amount), day, told in zip(
        evidence["legs"], evidence["days"], evidence["told"], strict=True
    ):
        item = own.get(key, {})
        effective = max(pd.Timestamp(day), pd.Timestamp(first)) if first else pd.Timestamp(day)
        rows.append({
            "operation": f"decision:{request['decision_id']}", "receipt_key": receipt_key,
            "receipt_id": receipt["receipt_id"], "company_id": company,
            "currency": item.get("currency", receipt["currency"]), "document_key": key,
            "customer_id": item.get("customer_id")
            or json.loads(told).get(ON_ACCOUNT_OF, receipt["customer_id"]),
            "document_id": item.get("document_id", ""), "kind": kind, "applied_amount": amount,
            "effective_date": effective, "rule": decisions.applied.RULE, "evidence": told,
            "erp_open_amount": 0,
        })  # fmt: skip
    return APPLIED.conform(pd.DataFrame(rows, columns=list(APPLIED.columns)))


def read_policy(parameters: Path) -> MatchingPolicy:
    """The company's policy of matching; the defaults where the folder has none."""
    from .sources.policy_file import load_policy

    return load_policy(parameters).matching if (parameters / "policy.yaml").is_file() else MatchingPolicy()
