"""Receipts that no document answers (advances, duplicates, unidentified ones) and cheques that come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .customers import Customers, Flags, Ints
from .days import NO_DAY, Months
from .items import Items, draw_amounts
from .receipts import Legs, Receipts
from .shape import Shape


def unrelated_amounts(
    receipts: Receipts,
    received: Ints,
    is_posted: Flags,
    customers: Customers,
    shape: Shape,
    rng: np.random.Generator,
) -> tuple[Receipts, Ints, Ints]:
    """Amounts of the receipts that no document answers; duplicates repeat a posted receipt to the cent."""
    unrelated = receipts.kind == "unrelated"
    customer, payer, detail = receipts.customer.copy(), receipts.payer.copy(), receipts.detail.copy()
    copies = np.full(len(receipts), -1)
    for place in np.flatnonzero(detail == "duplicate").tolist():
        export = customers.is_export[customer[place]]
        for source in rng.integers(0, len(receipts), 40).tolist():
            is_earlier = receipts.day[source] < receipts.day[place] and is_posted[source]
            if is_earlier and received[source] > 0 and customers.is_export[customer[source]] == export:
                copies[place] = source
                customer[place], payer[place] = customer[source], payer[source]
                break
        else:
            detail[place] = "other"
    total, base, _ = draw_amounts(customer, customers, shape, rng)
    step = np.where(customers.is_export[customer], 500_00, 500_000_00)
    amount = np.where(
        detail == "advance", np.maximum(base // step, 1) * step, total + rng.integers(1, 99, len(total)) * 100
    )
    is_copy = copies >= 0
    amount[is_copy] = received[copies[is_copy]]
    return (
        replace(receipts, customer=customer, payer=payer, detail=detail),
        np.where(unrelated, amount, received),
        copies,
    )


def with_returned_cheques(
    receipts: Receipts,
    received: Ints,
    items: Items,
    legs: Legs,
    customers: Customers,
    months: Months,
    shape: Shape,
    rng: np.random.Generator,
) -> tuple[Receipts, Ints, Ints]:
    """Cheques that come back: each is deposited for an open invoice and returned within days."""
    closing = months.count - 1
    working = months.days_of(closing)
    days = working[: max(1, len(working) - 5)]
    has_statement = np.zeros(len(customers), dtype=bool)
    has_statement[receipts.customer[receipts.kind == "whole_statement"]] = True
    free = np.ones(len(items), dtype=bool)
    free[legs.item] = False
    usable = np.flatnonzero(
        free
        & (items.document_type == "RV")
        & (items.clearing_day == NO_DAY)
        & (items.document_day <= days[0])
        & ~customers.is_export[items.customer]
        & ~has_statement[items.customer]
    )
    wanted = max(1, round(shape.returned_cheque_share * int((receipts.month == closing).sum())))
    chosen = rng.choice(usable, min(wanted, len(usable)), replace=False)
    count = len(chosen)
    more = Receipts(
        customer=items.customer[chosen],
        month=np.full(count, closing),
        day=rng.choice(days, count),
        kind=np.full(count, "returned_cheque"),
        detail=np.full(count, ""),
        payer=items.customer[chosen],
        size=np.ones(count, dtype=np.int64),
    )
    together = Receipts(
        *(np.append(getattr(receipts, name), getattr(more, name)) for name in Receipts.__dataclass_fields__)
    )
    cheque_item = np.append(np.full(len(receipts), -1), chosen)
    return together, np.append(received, items.amount[chosen]), cheque_item
