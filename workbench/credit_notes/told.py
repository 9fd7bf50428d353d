"""What people and customers have told: a person's allocations, and accounts netted in a remittance advice.

An advice whose lines sum to nothing is a set-off (cruce de cuentas) the customer itself asks for; where its
notes are taken with a payment, the whole belongs to that payment. Source: DOMAIN, section 5 (2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ..applications import finding
from ..money import to_text
from .legs import SetOffs
from .pool import Account, Pool
from .results import ALLOCATIONS

RULE = "credit-advice"


@dataclass(frozen=True)
class Advised:
    """Of a note that an advice takes with a payment: the advice, and the invoices beside it."""

    advice: str
    items: tuple[int, ...]


def take_allocations(
    allocations: pd.DataFrame | None, pool: Pool, made: SetOffs
) -> Iterator[dict[str, object]]:
    """What somebody told, in the order told; beyond what is open it is refused whole, with a finding."""
    if allocations is None:
        return
    for row in ALLOCATIONS.conform(allocations).to_dict("records"):
        key, item, amount = int(row["credit_document_key"]), int(row["document_key"]), int(row["amount"])
        credit, invoice = pool.items.get(key), pool.items.get(item)
        if (
            credit is not None
            and invoice is not None
            and pool.account(key) == pool.account(item)
            and not pool.is_closed(credit["company_id"])
            and {key, item} <= pool.usable
            and 0 < amount <= min(-pool.left[key], pool.left[item])
        ):
            made.take(key, item, amount, "told", {})
            continue
        yield finding(
            "credit-allocation-refused",
            table="allocations",
            key=credit["document_id"] if credit else str(key),
            amount=amount,
            currency=credit["currency"] if credit else "",
            credit_note=credit["document_id"] if credit else str(key),
            invoice=invoice["document_id"] if invoice else str(item),
        )


def taken_advices(in_force: pd.DataFrame | None, open_items: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Company and id of advices that set-offs in force were made of (``tables.APPLICATIONS``).

    The company is that of the documents; '' where they are not among the items: any company's.
    """
    if in_force is None:
        return frozenset()
    companies = dict(zip(open_items["document_key"], open_items["company_id"], strict=True))
    own = in_force[in_force["rule"].eq(RULE)]
    return frozenset(
        (companies.get(key, ""), str(json.loads(text)["advice"]))
        for key, text in zip(own["document_key"], own["evidence"], strict=True)
    )


def take_advices(
    remittances: pd.DataFrame | None,
    pool: Pool,
    made: SetOffs,
    advised: dict[int, Advised],
    taken: frozenset[tuple[str, str]] = frozenset(),
) -> Iterator[dict[str, object]]:
    """Advices that net to zero are set off as told, whole or not at all, and once (``taken``: those that
    were); of others, what they take a note with goes into ``advised``."""
    if remittances is None or remittances.empty:
        return
    dated = remittances[~(remittances["advice_date"] > pd.Timestamp(pool.as_of))]
    with_note = dated.groupby(["company_id", "remittance_id"])["advised_amount"].transform("min") < 0
    ordered = dated[with_note].sort_values(["advice_date", "company_id", "remittance_id", "line"])
    for (company, advice), lines in ordered.groupby(["company_id", "remittance_id"], sort=False):
        if {(str(company), str(advice)), ("", str(advice))} & taken:
            continue
        rows = lines.to_dict("records")
        is_netting = not lines["advised_amount"].sum() and not lines["deduction"].any()
        found = [legs for account in _accounts(rows, pool) if (legs := _legs(rows, account, pool))]
        if len(found) != 1:
            if is_netting:
                yield _not_taken(str(advice), str(company), rows, len(found))
            continue
        notes = [(key, amount) for key, amount in found[0] if amount < 0]
        debts = [(key, amount) for key, amount in found[0] if amount > 0]
        fits = all(0 < abs(amount) <= abs(pool.left[key]) for key, amount in found[0])
        if not is_netting:
            for key, _ in notes:
                advised.setdefault(key, Advised(str(advice), tuple(item for item, _ in debts)))
        elif not fits or pool.is_closed(str(company)):
            if any(pool.left[key] for key, _ in found[0]):
                yield _not_taken(str(advice), str(company), rows, 1)
        else:
            _net(notes, debts, made, str(advice))


def _net(notes: list[tuple[int, int]], debts: list[tuple[int, int]], made: SetOffs, advice: str) -> None:
    """The notes over the invoices, both in the order of the lines."""
    room = dict(debts)
    for note, amount in notes:
        left = -amount
        for item in room:
            part = min(left, room[item])
            made.take(note, item, part, RULE, {"advice": advice})
            left -= part
            room[item] -= part


def _accounts(rows: list[dict[str, object]], pool: Pool) -> list[Account]:
    """The customer's own, or every one of the company that has notes in this currency."""
    company, currency = str(rows[0]["company_id"]), str(rows[0]["currency"])
    told = {str(row["customer_id"]) for row in rows} - {""}
    if len({row["currency"] for row in rows}) > 1 or len(told) > 1:
        return []
    if told:
        return [(company, told.pop(), currency)]
    return sorted(account for account in pool.notes if account[0] == company and account[2] == currency)


def _legs(rows: list[dict[str, object]], account: Account, pool: Pool) -> list[tuple[int, int]]:
    """Each line's one item and what it takes of it; nothing where a line means none or several."""
    taken: dict[int, int] = {}
    for row in rows:
        amount = int(str(row["advised_amount"]))
        found = pool.named(account, str(row["reference"]), among_notes=amount < 0)
        alive = pool.alive(found)
        if not amount or len(pool.documents(found)) != 1 or len(alive) != 1 or alive[0] in taken:
            return []
        taken[alive[0]] = amount
    return list(taken.items())


def _not_taken(advice: str, company: str, rows: list[dict[str, object]], found: int) -> dict[str, object]:
    currency = str(rows[0]["currency"])
    amount = sum(max(int(str(row["advised_amount"])), 0) for row in rows)
    return finding(
        "credit-advice-not-taken" if found < 2 else "credit-advice-ambiguous",
        table="remittances",
        key=advice,
        amount=amount,
        currency=currency,
        advice=advice,
        company=company,
        advised_money=f"{to_text(amount, currency)} {currency}",
        references=", ".join(str(row["reference"]) for row in rows[:10]),
    )
