"""The rows of a run: what a receipt takes, what is proposed for it, and what is left of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import pandas as pd

from ..tables import Table
from .pool import Pool
from .results import Answer, Deduction, Verdict, capped_legs, evidence_text, leg_kind
from .rules import Case


class Legs:
    """Rows of one frame as they come, each with the ``_row`` of its receipt."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._legs: list[dict[str, object]] = []

    def extend(self, row: int, legs: Iterable[dict[str, object]]) -> None:
        """More rows of one receipt."""
        before = len(self._legs)
        self._legs.extend(legs)
        self._rows.extend([row] * (len(self._legs) - before))

    def frame(self, table: Table) -> pd.DataFrame:
        """All of them, held to the table's columns, and ``_row``."""
        columns = {name: [leg[name] for leg in self._legs] for name in table.columns}
        return table.conform(pd.DataFrame(columns)).assign(_row=pd.Series(self._rows, dtype="int64"))


def applied_legs(
    receipt: dict[str, object], case: Case, answer: Answer, pool: Pool, effective: dt.date
) -> Iterator[dict[str, object]]:
    """Rows of ``applications.APPLIED``: of each item the cash, and each part that is settled by no cash."""
    why = _evidence(answer)
    for leg in _legs_of(answer, pool):
        yield {
            "operation": receipt["_operation"],
            "receipt_key": receipt["receipt_key"],
            "receipt_id": receipt["receipt_id"],
            "company_id": case.company,
            "customer_id": pool.customer[leg.position] if leg.position >= 0 else case.party.customer_id,
            "currency": pool.currency[leg.position] if leg.position >= 0 else case.currency,
            "document_key": pool.document_key[leg.position] if leg.position >= 0 else -1,
            "document_id": pool.document_id[leg.position] if leg.position >= 0 else "",
            "kind": leg.kind,
            "applied_amount": leg.amount,
            "effective_date": effective,
            "rule": answer.rule,
            "evidence": _evidence(answer, leg) if leg.code else why,
            "erp_open_amount": pool.erp_open[leg.position] if leg.position >= 0 else 0,
        }


def take(answer: Answer, pool: Pool) -> None:
    """Take out of the pool what the answer settles; what it leaves of an item stays."""
    left = dict(answer.left_open)
    pool.take([position for position in answer.positions if position not in left])
    for position, amount in answer.left_open:
        pool.leave_open(position, amount)


def suggested_legs(
    receipt: dict[str, object], case: Case, verdict: Verdict, pool: Pool
) -> Iterator[dict[str, object]]:
    """Rows of ``SUGGESTED``: every answer of a verdict, never more than the cash."""
    for number, answer in enumerate(verdict.proposals, start=1):
        if answer.deductions:
            legs = list(_legs_of(answer, pool))
        else:
            capped = capped_legs(pool, answer.positions, case.amount, dict(answer.left_open))
            legs = [
                Deduction(position, leg_kind(pool.open[position]), amount, "") for position, amount in capped
            ]
        why = _evidence(answer)
        for leg in legs:
            yield {
                "receipt_key": receipt["receipt_key"],
                "receipt_id": receipt["receipt_id"],
                "company_id": case.company,
                "customer_id": pool.customer[leg.position] if leg.position >= 0 else case.party.customer_id,
                "currency": pool.currency[leg.position] if leg.position >= 0 else case.currency,
                "proposal": number,
                "rank": number,
                "document_key": pool.document_key[leg.position] if leg.position >= 0 else -1,
                "document_id": pool.document_id[leg.position] if leg.position >= 0 else "",
                "kind": leg.kind,
                "applied_amount": leg.amount,
                "rule": answer.rule,
                "evidence": _evidence(answer, leg) if leg.code else why,
            }


def _legs_of(answer: Answer, pool: Pool) -> Iterator[Deduction]:
    """Cash and other legs of an answer; a surplus, and the receipt's side of an exchange, on no item (−1)."""
    left = dict(answer.left_open)
    for position in answer.positions:
        others = [one for one in answer.deductions if one.position == position]
        cash = pool.open[position] - left.get(position, 0) - sum(one.amount for one in others)
        if cash:
            yield Deduction(position, leg_kind(pool.open[position]), cash, "")
        yield from others
    if answer.surplus:
        yield Deduction(-1, "on_account", answer.surplus, "")
    yield from (one for one in answer.deductions if one.position < 0)


def _evidence(answer: Answer, leg: Deduction | None = None) -> str:
    """Why, and of a leg that is not cash also its reason and rate."""
    said = {"code": leg.code, "rate": leg.detail} if leg else {}
    return evidence_text({**answer.evidence, **{name: value for name, value in said.items() if value}})


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
