"""Suggestions for a note that is left: every rival once, the surest first; a suggestion takes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..money import to_text
from .legs import evidence_text
from .pool import Pool
from .rules import Clue
from .told import Advised

#: So many answers of one note are shown.
MOST_PROPOSALS = 10


def offers_of(
    pool: Pool, key: int, clues: Iterable[Clue], advised: Advised | None
) -> list[dict[str, object]]:
    """Rows of ``SUGGESTED`` for one note."""
    answers: dict[tuple[tuple[int, int], ...], tuple[str, dict[str, object]]] = {}
    told = [_of_advice(pool, advised)] if advised else []
    # A rule that is not all doubt speaks before those that only fill the list.
    for clue in [*told, *clues]:
        for document in clue.rivals:
            legs = _legs(pool, key, document)
            # Of the oldest debt there is always one: that it has no rival is no word for it.
            count = {} if clue.rule == "credit-oldest" else {"rivals": len(clue.rivals)}
            facts = {**clue.facts, **count}
            if legs:
                answers.setdefault(legs, (clue.rule, facts))
    rows = []
    for number, (legs, (rule, facts)) in enumerate(list(answers.items())[:MOST_PROPOSALS], start=1):
        rows += [_row(pool, key, number, item, amount, rule, facts) for item, amount in legs]
    return rows


def with_sharing(suggested: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows, telling of a document how many other notes it is proposed for: together they may not fit."""
    notes: dict[object, set[object]] = {}
    for row in suggested:
        notes.setdefault(row["document_key"], set()).add(row["credit_document_key"])
    told = []
    for row in suggested:
        others = len(notes[row["document_key"]]) - 1
        facts = json.loads(str(row["evidence"]))
        told.append({**row, "evidence": evidence_text({**facts, "other_notes": others})} if others else row)
    return told


def _of_advice(pool: Pool, advised: Advised) -> Clue:
    alive = tuple(pool.alive(list(advised.items)))
    rivals = (alive,) if alive else ()
    return Clue("credit-advice", frozenset(advised.items), rivals, "", {"advice": advised.advice})


def _legs(pool: Pool, key: int, document: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    left, legs = -pool.left[key], []
    for item in document:
        amount = min(left, pool.left[item])
        if amount > 0:
            legs.append((item, amount))
            left -= amount
    return tuple(legs)


def _row(
    pool: Pool, key: int, number: int, item: int, amount: int, rule: str, facts: dict[str, object]
) -> dict[str, object]:
    note, debt = pool.items[key], pool.items[item]
    return {
        "credit_document_key": key,
        "credit_document_id": note["document_id"],
        **{name: note[name] for name in ("company_id", "customer_id", "currency")},
        "proposal": number,
        **{name: debt[name] for name in ("document_key", "document_id", "document_date")},
        "open_amount": pool.left[item],
        "applied_amount": amount,
        "rule": rule,
        "evidence": evidence_text({**facts, "amount": to_text(amount, note["currency"])}),
    }
