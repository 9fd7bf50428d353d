"""Decisions of people into the book, with what they apply: one transaction, or nothing.

What was decided on is compared again under the lock. An amount for which the policy wants a second person
is entered as a request; whoever answers it must be somebody else, in time, once, and the content must still
be the same. All three are rows of ``decisions``, none is ever changed. Source: TRUST, Approvals; DOMAIN 21.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import select

from ..errors import PostingRefusedError
from . import schema
from .aliases_in import enter_evidence
from .applied import Posted, check_unchanged, enter_applications
from .batches import ImportBatch, Outcome, StoreResult, conclude
from .canonical import canonical_json
from .decided_meanwhile import check_none_decided_meanwhile
from .lookups import existing
from .opened import Book
from .transactions import Posting, writing

REQUEST, APPROVE, REFUSE = "request", "approve", "refuse"
_COLUMNS = ("decision_id", "operation_id", "company_id", "subject", "subject_key", "decision", "reason",
            "evidence", "step_key", "who")  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One receipt's decision, or a credit note's (``subject``; then ``receipt_key`` is -1 and ``receipt_id``
    the note's). ``receipt_key`` and ``unapplied``, ``open_amounts`` (by document key): what it
    was made on, in minor units. ``rows``: the rows of the file that say it. ``is_request``: it waits for
    another person until ``expires``, and ``evidence`` holds the legs.
    """

    decision_id: str
    company: str
    receipt_id: str
    receipt_key: int
    decision: str
    reason: str
    unapplied: int
    open_amounts: Mapping[int, int]
    evidence: Mapping[str, object] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    is_request: bool = False
    expires: str = ""
    subject: str = "receipt"


def store_decisions(
    book: Book,
    batch: ImportBatch,
    decisions: Sequence[Decision],
    applications: pd.DataFrame,
    *,
    sums: dict[str, int],
    who: str,
    taught: pd.DataFrame | None = None,
    seen: Collection[str] | None = None,
    dry_run: bool = False,
) -> StoreResult:
    """A file of decisions: its record, its decisions and the applications they make, together.

    ``batch.frame`` has one row (``row``) a row of the file that is stored; ``taught`` is what the decisions
    that apply now say of who pays (``tables.ALIAS_EVIDENCE``); ``seen``: ids of the decisions that were known
    when these were judged. Raises :class:`PostingRefusedError` (``decision-content-changed``) where the book
    moved on meanwhile.
    """
    with writing(book, "import", who=who, is_trial=dry_run) as posting:
        outcome = Outcome(batch, posting.next_key("import_batches"))
        check_unchanged(
            posting,
            {one.receipt_key: one.unapplied for one in decisions if one.receipt_key >= 0},
            {key: amount for one in decisions for key, amount in one.open_amounts.items()},
        )
        notes = {int(str(one.evidence["document_key"])) for one in decisions if one.subject == "credit_note"}
        check_none_decided_meanwhile(posting, seen, notes | _documents(applications))
        for one in decisions:
            _enter(posting, one, who)
            outcome.companies.add(one.company)
        if len(applications):
            enter_applications(posting, applications)
        if taught is not None:
            enter_evidence(posting, taught, who, [one.decision_id for one in decisions])
        outcome.stored.update(range(len(batch.frame)))
        return conclude(posting, outcome, sums)


def _enter(posting: Posting, one: Decision, who: str) -> None:
    if one.is_request and not who:
        raise PostingRefusedError("approval-without-name", request=one.decision_id)
    evidence = canonical_json({
        **one.evidence, "receipt_key": one.receipt_key, "unapplied": one.unapplied, "expires": one.expires,
        "open_amounts": {str(key): amount for key, amount in one.open_amounts.items()},
        "decision": one.decision,
    })  # fmt: skip
    decision = REQUEST if one.is_request else one.decision
    row = (one.company, one.subject, one.receipt_id, decision, one.reason, evidence, "", who)
    if not posting.is_repeat(one.decision_id, list(row)):
        posting.insert("decisions", _COLUMNS, [(one.decision_id, one.decision_id, *row)])


def answer_request(
    book: Book,
    request_id: str,
    answer: str,
    applications: pd.DataFrame,
    *,
    who: str,
    on: dt.date,
    reason: str = "",
    taught: pd.DataFrame | None = None,
    seen: Collection[str] | None = None,
) -> Posted:
    """The second person's word: ``approve`` enters the applications of the request, ``refuse`` ends it.

    Refused under the lock: an unknown request, one answered already, the maker's own, one past its day, one
    whose receipt or documents changed since, and applications that are not those of the request; and where a
    credit note among them was decided on by another than ``seen``.
    """
    answer_id = f"answer:{request_id}"
    with writing(book, "decide", who=who) as posting:
        own = schema.decisions.c
        found = posting.connection.execute(
            select(own.company_id, own.subject_key, own.decision, own.evidence, own.who)
            .where(own.decision_id == request_id)
        ).first()  # fmt: skip
        if found is None or found[2] != REQUEST:
            raise PostingRefusedError("approval-unknown", request=request_id)
        company, receipt_id, _, told, maker = (str(part) for part in found)
        evidence = json.loads(told)
        if existing(posting, "decisions", ["decision_id"], [(answer_id,)], []):
            raise PostingRefusedError("approval-answered", request=request_id, receipt=receipt_id)
        if not who.strip():
            raise PostingRefusedError("approval-without-name", request=request_id)
        if who.strip().casefold() == maker.strip().casefold():
            raise PostingRefusedError("approval-own", receipt=receipt_id, who=who)
        if answer == APPROVE:
            _check_still_good(posting, evidence, applications, receipt_id, on)
            check_none_decided_meanwhile(posting, seen, _documents(applications))
        row = (
            company,
            "request",
            request_id,
            answer,
            reason,
            canonical_json({"receipt": receipt_id}),
            "",
            who,
        )
        posting.is_repeat(answer_id, list(row))
        posting.insert("decisions", _COLUMNS, [(answer_id, answer_id, *row)])
        if answer == APPROVE and taught is not None:
            enter_evidence(posting, taught, who, [request_id])
        if answer == APPROVE:
            return enter_applications(posting, applications)
    return Posted(0, 0)


def _documents(applications: pd.DataFrame) -> set[int]:
    return {key for key in applications["document_key"].tolist() if key >= 0}


def _check_still_good(
    posting: Posting, evidence: dict[str, object], applications: pd.DataFrame, receipt_id: str, on: dt.date
) -> None:
    expires = str(evidence["expires"])
    if on.isoformat() > expires:
        raise PostingRefusedError(
            "approval-expired", receipt=receipt_id, expires=expires, date=on.isoformat()
        )
    wanted = sorted([int(key), str(kind), int(amount)] for key, kind, amount in evidence["legs"])  # type: ignore[attr-defined]  # JSON
    columns = (applications[name].tolist() for name in ("document_key", "kind", "applied_amount"))
    if (
        sorted([int(key), str(kind), int(amount)] for key, kind, amount in zip(*columns, strict=True))
        != wanted
    ):
        raise PostingRefusedError("decision-content-changed", receipt=receipt_id, document="")
    key = int(str(evidence["receipt_key"]))
    receipts = {key: int(str(evidence["unapplied"]))} if key >= 0 else {}
    # Money on account is a credit without a document, and its legs are its receipt's.
    own = {int(str(evidence.get("on_account_receipt", key)))} if len(applications) else set()
    if set(applications["receipt_key"].astype(int)) != own:
        raise PostingRefusedError("decision-content-changed", receipt=receipt_id, document="")
    documents: Mapping[str, int] = evidence["open_amounts"]  # type: ignore[assignment]  # JSON, as entered
    check_unchanged(posting, receipts, {int(key): int(amount) for key, amount in documents.items()})
