"""Why a note belongs to an invoice: each rule gives the documents it points at, and whether that is proof.

What the note, its order or the customer names is proof where it leaves one document; the same amount is
proof only where it could hardly be an accident; centre and age are none and only suggest. Source: DOMAIN,
section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd

from ..policy import CreditNotePolicy
from .pool import Pool

#: One unnamed note in four annuls a whole invoice: a stated prior.
_OTHERS_PER_EXACT = 3


@dataclass(frozen=True)
class Clue:
    """What one rule sees. ``found``: the items it points at; ``rivals``: those with something left, by
    document; ``doubt``: why nothing is applied, "" where the one document is proven.
    """

    rule: str
    found: frozenset[int]
    rivals: tuple[tuple[int, ...], ...]
    doubt: str = ""
    facts: dict[str, object] = field(default_factory=dict)


Rule = Callable[[Pool, int, CreditNotePolicy], Clue | None]


def billing_reference(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """The document that the note states (``reference_document_id``)."""
    named = pool.items[key]["reference_document_id"]
    if not named:
        return None
    clue = _of_name(pool, key, named, "credit-reference")
    return clue or Clue("credit-reference", frozenset(), (), "credit-invoice-not-open", {"reference": named})


def text_reference(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """The document that the note's own reference field is the number of."""
    note = pool.items[key]
    # A text that names nothing may be the credit note's own number; a stated invoice is a claim.
    if note["reference_document_id"] or not note["reference"]:
        return None
    return _of_name(pool, key, note["reference"], "credit-text-reference")


def free_text(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """A number in the note's text; proof where its document owes just what the note gives."""
    note = pool.items[key]
    found = pool.mentioned(pool.account(key), note["text"]) if note["text"] else []
    if not found:
        return None
    is_exact = pool.is_whole(key) and all(pool.is_whole(item) for item in found)
    is_exact &= pool.total(found) == -pool.left[key]
    doubt = "" if is_exact else "rule-only-suggests"
    return _clue(pool, key, "credit-text", found, doubt, {"text": note["text"]}, is_named=True)


def same_order(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """The documents of the note's order; proof where there is one, not younger, and the note fits into it."""
    return _of_group(pool, key, "order_id", "credit-order", is_proof=policy.same_order == "apply")


def same_centre(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """The documents of the note's distribution centre."""
    return _of_group(pool, key, "centre_id", "credit-centre", is_proof=policy.same_centre == "apply")


def same_amount(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """Items that owe what the note gives; proof where one whole invoice and one whole note do, and an
    accident is rarer than the policy allows."""
    note, amount = pool.items[key], -pool.left[key]
    debts = pool.debts_of(key)
    same = [item for item in pool.alive(debts) if pool.left[item] == amount]
    if not same:
        return None
    alike = [item for item in debts if int(pool.items[item]["erp_open_amount"]) == amount]
    notes = [
        one for one in pool.notes[pool.account(key)] if int(pool.items[one]["erp_open_amount"]) == -amount
    ]
    expected = len(debts) * _step(amount) / amount
    chance = expected * _OTHERS_PER_EXACT / (1 + expected * _OTHERS_PER_EXACT)
    item = pool.items[same[0]]
    agrees = all(note[name] in ("", item[name]) or not item[name] for name in ("order_id", "centre_id"))
    is_one = alike == same and len(same) == 1 and notes == [key] and pool.is_whole(key)
    is_proof = policy.same_amount == "apply" and is_one and agrees and not _is_younger(pool, key, same)
    is_proof &= chance * 1_000_000 <= policy.wrong_per_million
    facts: dict[str, object] = {"expected": f"{expected:.1e}", "chance": f"{chance:.1e}"}
    doubt = "" if is_proof else "credit-several-invoices" if len(same) > 1 else "not-proven"
    clue = Clue("credit-same-amount", frozenset(same), tuple((one,) for one in same), doubt, facts)
    return _checked(pool, key, clue, is_named=False)


def oldest_first(pool: Pool, key: int, policy: CreditNotePolicy) -> Clue | None:
    """The oldest debt: one item that can take the note whole, else the oldest ones together."""
    if not policy.suggests_oldest:
        return None
    open_debts = [
        one for one in pool.alive(pool.debts_of(key)) if not pool.disputes.is_disputed(pool.items[one])
    ]
    whole = next((one for one in open_debts if pool.left[one] >= -pool.left[key]), None)
    chosen: list[int] = [] if whole is None else [whole]
    left = -pool.left[key]
    for one in open_debts if whole is None else ():
        if left > 0:
            chosen.append(one)
            left -= pool.left[one]
    return Clue("credit-oldest", frozenset(), (tuple(chosen),), "rule-only-suggests") if chosen else None


#: What a note names, then what surrounds it; the last only fill the list of suggestions.
NAMED: tuple[Rule, ...] = (billing_reference, text_reference)
SURROUNDING: tuple[Rule, ...] = (free_text, same_order, same_centre, same_amount, oldest_first)


def _of_name(pool: Pool, key: int, name: str, rule: str) -> Clue | None:
    found = pool.named(pool.account(key), name)
    return _clue(pool, key, rule, found, "", {"reference": name}, is_named=True) if found else None


def _of_group(pool: Pool, key: int, column: str, rule: str, *, is_proof: bool) -> Clue | None:
    group = pool.items[key][column]
    found = [one for one in pool.debts_of(key) if group and pool.items[one][column] == group]
    if not found:
        return None
    doubt = "" if is_proof else "rule-only-suggests"
    if pool.total(found) < -pool.left[key]:
        doubt = "credit-exceeds-invoice"
    elif _is_younger(pool, key, found):
        doubt = "credit-before-invoice"
    return _clue(pool, key, rule, found, doubt, {column.removesuffix("_id"): group}, is_named=False)


def _clue(
    pool: Pool, key: int, rule: str, found: list[int], doubt: str, facts: dict[str, object], *, is_named: bool
) -> Clue:
    """Several documents are a doubt, whether or not the others are settled meanwhile."""
    rivals = tuple(tuple(items) for items in pool.documents(pool.alive(found)).values())
    if len(pool.documents(found)) > 1:
        doubt = "credit-several-invoices"
    elif not rivals:
        doubt = "credit-invoice-not-open"
    clue = Clue(rule, frozenset(found), rivals, doubt, facts)
    return _checked(pool, key, clue, is_named=is_named)


def _checked(pool: Pool, key: int, clue: Clue, *, is_named: bool) -> Clue:
    """No invoice in dispute is taken by itself, but where the note names it and the cause may be its own."""
    note = pool.items[key]
    items = [pool.items[one] for document in clue.rivals for one in document]
    is_disputed = (
        any(pool.disputes.is_for_another_cause(note, item) for item in items)
        if is_named
        else any(pool.disputes.is_disputed(item) for item in items)
    )
    return replace(clue, doubt="credit-invoice-disputed") if is_disputed and not clue.doubt else clue


def _is_younger(pool: Pool, key: int, items: list[int]) -> bool:
    day: pd.Timestamp = pool.items[key]["document_date"]
    return any(pool.items[one]["document_date"] > day for one in items)


def _step(amount: int) -> int:
    """The power of ten to which an amount is rounded: 1,200.00 in cents is 120,000, a step of 10,000."""
    step = 1
    while amount and amount % (step * 10) == 0:
        step *= 10
    return step
