"""What nobody has paid: invoices of every age, credits, advances; and what a whole statement pays of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .customers import Customers, Ints
from .days import NO_DAY, Months
from .items import Items, draw_amounts, make_items
from .receipts import Legs, Receipts
from .shape import Shape


def unpaid_items(customers: Customers, months: Months, shape: Shape, rng: np.random.Generator) -> Items:
    """Invoices and debit notes that no receipt pays, of every age, some blocked or without a due date."""
    each = np.minimum(rng.poisson(shape.unpaid_items * customers.weight), shape.largest_unpaid)
    customer = np.repeat(np.arange(len(customers)), each)
    count = len(customer)
    shares = np.array([share for _, _, share in shape.ages])
    age = rng.choice(len(shape.ages), count, p=shares / shares.sum())
    low = np.array([first for first, _, _ in shape.ages])[age]
    high = np.array([last for _, last, _ in shape.ages])[age]
    # A customer's terms bound how far ahead its items can be due.
    terms = customers.terms[customer]
    overdue = np.maximum(rng.integers(low, high + 1), 1 - terms)
    due = months.last - overdue
    total, base, tax = draw_amounts(customer, customers, shape, rng)
    fee_total, fee_base, fee_tax = draw_amounts(np.arange(len(customers)), customers, shape, rng)
    same = customers.is_recurring[customer] & (rng.random(count) < 0.3)
    total, base, tax = (
        np.where(same, fee[customer], own)
        for fee, own in ((fee_total, total), (fee_base, base), (fee_tax, tax))
    )
    is_note = rng.random(count) < shape.debit_note_share
    items = make_items(
        customer, np.where(is_note, "ND", "RV"), due - terms, due, total, first_place=0, base=base, tax=tax
    )
    luck = rng.random(count)
    due_day = np.where(luck < shape.no_due_date_share, NO_DAY, items.due_day)
    special = np.where(luck > 1 - shape.special_gl_share, "G", "")
    blocked = np.where(rng.random(count) < shape.blocked_share, "A", "")
    return replace(items, due_day=due_day, special_gl=special.astype("U1"), blocked=blocked.astype("U1"))


def ledger_credits(customers: Customers, months: Months, shape: Shape, rng: np.random.Generator) -> Items:
    """Payments on account and advances (special G/L A) open in the ledger; a third are over 180 days."""
    count = rng.poisson(shape.ledger_credits * len(customers))
    customer = rng.integers(0, len(customers), count)
    total, _, _ = draw_amounts(customer, customers, shape, rng)
    is_old = rng.random(count) < 0.34
    age = np.where(is_old, rng.integers(185, 520, count), rng.integers(1, 150, count))
    day = months.last - age
    items = make_items(customer, "DZ", day, day, -total, first_place=0)
    return replace(items, special_gl=np.where(rng.random(count) < 0.3, "A", "").astype("U1"))


def free_credit_notes(
    items: Items,
    candidates: Ints,
    months: Months,
    shape: Shape,
    customers: Customers,
    rng: np.random.Generator,
) -> Items:
    """Credit notes on open invoices: most name theirs, some name none, a fifth is over 180 days old."""
    count = min(rng.poisson(shape.credit_notes * len(customers)), len(candidates))
    chosen = rng.choice(candidates, count, replace=False)
    sort = rng.random(count)
    amount = -(items.amount[chosen] * rng.integers(5, 61, count) // 100)
    amount = np.where(rng.random(count) < 0.15, -items.amount[chosen], amount)
    span = np.maximum(months.last - items.document_day[chosen], 1)
    day = months.last - (rng.random(count) * np.minimum(span, 150)).astype(np.int64)
    is_old = sort > 0.8
    day = np.where(is_old, months.last - rng.integers(185, 480, count), day)
    refers = np.where(sort < 0.55, chosen, -1)
    return make_items(items.customer[chosen], "DG", day, day, amount, first_place=0, refers_to=refers)


def whole_statements(items: Items, receipts: Receipts, legs: Legs, rng: np.random.Generator) -> Legs:
    """The legs of receipts that pay all that stands open on their day, or all of it that is due.

    Earlier receipts of the customer have taken their documents before; later ones there are none. Items of
    the special ledgers and blocked ones stay out.
    """
    statements = np.flatnonzero(receipts.kind == "whole_statement")
    order = np.argsort(items.customer, kind="stable")
    starts = np.searchsorted(items.customer[order], receipts.customer[statements])
    ends = np.searchsorted(items.customer[order], receipts.customer[statements], side="right")
    is_taken = np.zeros(len(items), dtype=bool)
    is_taken[legs.item] = True
    found: list[Ints] = []
    for receipt, start, end in zip(statements.tolist(), starts.tolist(), ends.tolist(), strict=True):
        mine = order[start:end]
        day = receipts.day[receipt]
        usable = (
            ~is_taken[mine]
            & (items.clearing_day[mine] == NO_DAY)
            & (items.document_day[mine] <= day)
            & (items.special_gl[mine] == "")
            & (items.blocked[mine] == "")
        )
        if rng.random() < 0.5:
            usable &= items.due_day[mine] <= day
        found.append(mine[usable])
    places = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    receipt_of = np.repeat(statements, [len(places) for places in found])
    amount = items.amount[places]
    return Legs(
        receipt=np.concatenate([legs.receipt, receipt_of]),
        item=np.concatenate([legs.item, places]),
        amount=np.concatenate([legs.amount, amount]),
        kind=np.concatenate([legs.kind, np.where(amount < 0, "credit_note", "payment")]),
    )
