"""Receipts of which nobody knows who paid: who it may be and why, how old it is, and whose task it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from .habits import Habits
from .parties import SCORES, Clue, Parties, Signs
from .pool import Pool
from .results import Verdict, evidence_text
from .rules import Case

#: Candidates of one receipt that are shown.
MOST_CANDIDATES = 5
#: What another kind of evidence for the same customer adds.
_MORE = 5


def candidate_rows(
    receipt: dict[str, object],
    case: Case,
    verdict: Verdict,
    *,
    signs: Signs,
    parties: Parties,
    pool: Pool,
    as_of: dt.date,
    habits: Habits | None = None,
) -> Iterator[dict[str, object]]:
    """Rows of ``UNIDENTIFIED``; none where a fact tells the customer, or the receipt is no cash in."""
    is_known = case.party.customer_id and case.party.is_fact
    if is_known or case.amount <= 0 or signs.day > as_of:
        return
    clues = [*case.party.rivals, *parties.clues(signs), *_of_answers(verdict, pool)]
    whole = {
        "receipt_key": receipt["receipt_key"],
        "receipt_id": receipt["receipt_id"],
        "company_id": case.company,
        "receipt_date": receipt["receipt_date"],
        "age_days": (as_of - signs.day).days,
        "currency": case.currency,
        "unapplied_amount": case.amount,
    }
    nobody = {"customer_id": "", "customer_name": "", "known_by": "", "score": 0, "owner": ""}
    paying = (
        (lambda customer: habits.pays_on(case.company, customer, signs.day.weekday())) if habits else None
    )
    ranked = _ranked(clues, paying)
    if not ranked:
        yield {**whole, **nobody, "rank": 0, "evidence": evidence_text({})}
    for rank, (score, customer, kinds) in enumerate(ranked[:MOST_CANDIDATES], start=1):
        name, owner = parties.owner_of(case.company, customer)
        yield {
            **whole,
            "rank": rank,
            "customer_id": customer,
            "customer_name": name,
            "known_by": max(kinds, key=lambda kind: (kinds[kind], kind)),
            "score": score,
            "evidence": evidence_text({f"payer_{kind}": str(value) for kind, value in kinds.items()}),
            "owner": owner,
        }


def _ranked(
    clues: list[Clue], paying: Callable[[str], int] | None = None
) -> list[tuple[int, str, dict[str, int]]]:
    """(score, customer, score by kind), the likeliest first: the best reason, and a little for each other.

    Of those that are as likely, whoever more often pays on that day of the week (``paying``).
    """
    by_customer: dict[str, dict[str, int]] = {}
    for clue in clues:
        kinds = by_customer.setdefault(clue.customer_id, {})
        kinds[clue.kind] = max(kinds.get(clue.kind, 0), clue.score)
    scored = [
        (min(100, max(kinds.values()) + _MORE * (len(kinds) - 1)), customer, kinds)
        for customer, kinds in by_customer.items()
    ]
    often = paying or (lambda customer: 0)
    return sorted(scored, key=lambda one: (-one[0], -len(one[2]), -often(one[1]), one[1]))


def _of_answers(verdict: Verdict, pool: Pool) -> Iterator[Clue]:
    """Whose documents the answers take: by the amount, or by what the text was read to name."""
    for answer in verdict.proposals:
        kind = "reference" if "references" in answer.evidence else "amount"
        for customer in sorted({pool.customer[position] for position in answer.positions}):
            yield Clue(customer, kind, SCORES.get(kind, 90))
