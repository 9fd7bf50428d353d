"""The rows of a run: what a receipt takes, what is proposed for it, and what is left of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from .pool import Pool
from .results import Answer, Verdict, capped_legs, evidence_text, leg_kind
from .rules import Case


def applied_legs(
    receipt: dict[str, object], case: Case, answer: Answer, pool: Pool, effective: dt.date
) -> Iterator[dict[str, object]]:
    """Rows of ``applications.APPLIED``: whole items of one answer."""
    evidence = evidence_text(answer.evidence)
    for position in answer.positions:
        yield {
            "operation": receipt["_operation"],
            "receipt_key": receipt["receipt_key"],
            "receipt_id": receipt["receipt_id"],
            "company_id": case.company,
            "customer_id": pool.customer[position],
            "currency": case.currency,
            "document_key": pool.document_key[position],
            "document_id": pool.document_id[position],
            "kind": leg_kind(pool.open[position]),
            "applied_amount": pool.open[position],
            "effective_date": effective,
            "rule": answer.rule,
            "evidence": evidence,
            "erp_open_amount": pool.erp_open[position],
        }


def suggested_legs(
    receipt: dict[str, object], case: Case, verdict: Verdict, pool: Pool
) -> Iterator[dict[str, object]]:
    """Rows of ``SUGGESTED``: every answer of a verdict, never more than the cash."""
    for number, answer in enumerate(verdict.proposals, start=1):
        evidence = evidence_text(answer.evidence)
        for position, amount in capped_legs(pool, answer.positions, case.amount):
            yield {
                "receipt_key": receipt["receipt_key"],
                "receipt_id": receipt["receipt_id"],
                "company_id": case.company,
                "customer_id": pool.customer[position],
                "currency": case.currency,
                "proposal": number,
                "rank": number,
                "document_key": pool.document_key[position],
                "document_id": pool.document_id[position],
                "kind": leg_kind(pool.open[position]),
                "applied_amount": amount,
                "rule": answer.rule,
                "evidence": evidence,
            }


def left_row(receipt: dict[str, object], case: Case, verdict: Verdict) -> dict[str, object]:
    """A row of ``UNAPPLIED``."""
    return {
        "receipt_key": receipt["receipt_key"],
        "receipt_id": receipt["receipt_id"],
        "company_id": case.company,
        "customer_id": case.party.customer_id,
        "known_by": case.party.known_by,
        "receipt_date": receipt["receipt_date"],
        "currency": case.currency,
        "unapplied_amount": case.amount,
        "reason": verdict.reason,
        "rivals": len(verdict.proposals),
    }
