"""The whole story of the sample company, before a single file is written.

Cash is counted once: receipts of the months before the closing month are posted in the ERP (their items
are cleared, their bank files are not for import); those of the closing month are in its bank files only,
and what they pay stands open in the ERP. Between the two lie the deposits of the last months that nobody
had identified: they are in neither ledger, and come as a list of receipts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .customers import Customers, Flags, Ints, make_customers
from .days import NO_DAY, Months
from .items import Items, draw_amounts, joined, make_items, with_instalments
from .open_items import free_credit_notes, ledger_credits, unpaid_items, whole_statements
from .receipts import Legs, Receipts, invoices_for, legs_for, plan_receipts
from .shape import Shape


@dataclass(frozen=True)
class History:
    """Customers, every item and every receipt, and what each receipt truly pays."""

    customers: Customers
    months: Months
    items: Items
    receipts: Receipts
    legs: Legs
    received: Ints  # minor units, one a receipt
    is_posted: Flags  # the receipt is in the ERP
    is_listed: Flags  # an older deposit, still on the list of unidentified ones
    copies: Ints  # of a duplicate: the receipt it repeats, else -1
    cheque_item: Ints  # of a returned cheque: the item it was meant for, else -1

    @property
    def is_closing(self) -> Flags:
        return self.receipts.month == self.months.count - 1

    @property
    def is_for_import(self) -> Flags:
        """The receipts that the book is to hold."""
        return self.is_closing | self.is_listed


def make_history(count: int, months: Months, shape: Shape, seed: int) -> History:
    """The story of ``count`` customers; the same arguments give the same one."""
    streams = iter(np.random.SeedSequence(seed).spawn(12))
    draw = lambda: np.random.default_rng(next(streams))  # noqa: E731  (a stream a chapter, in a fixed order)
    customers = make_customers(count, shape, draw())
    receipts = plan_receipts(customers, months, shape, draw())
    rng = draw()
    paid, receipt_of = invoices_for(receipts, customers, shape, rng)
    legs = legs_for(paid, receipt_of, receipts, customers, shape, rng)
    items, legs = _with_netted_notes(paid, receipt_of, receipts, legs, draw())
    items, legs = _with_open_items(items, legs, receipts, customers, months, shape, draw())
    closing = months.count - 1
    is_posted = (receipts.month < closing) & (receipts.detail != "late")
    items = _cleared(items, legs, receipts, is_posted, months, draw())
    legs = whole_statements(items, receipts, legs, draw())
    receipts, legs = _without_empty_statements(receipts, legs)
    received = legs.cash(len(receipts))
    receipts, received, copies = _unrelated(receipts, received, is_posted, customers, draw())
    items = _with_payments(items, legs, receipts, received, is_posted, draw())
    receipts, received, cheque_item = _with_cheques(
        receipts, received, items, legs, customers, months, shape, draw()
    )
    extra = len(receipts) - len(is_posted)
    is_old = (receipts.month >= closing - shape.unidentified_months) & (receipts.month < closing)
    return History(
        customers=customers,
        months=months,
        items=items,
        receipts=receipts,
        legs=legs,
        received=received,
        is_posted=np.append(is_posted, np.zeros(extra, dtype=bool)),
        is_listed=is_old & np.isin(receipts.detail, ("late", "unidentified")),
        copies=np.append(copies, np.full(extra, -1)),
        cheque_item=cheque_item,
    )


def _with_netted_notes(
    items: Items, receipt_of: Ints, receipts: Receipts, legs: Legs, rng: np.random.Generator
) -> tuple[Items, Legs]:
    """A credit note for each receipt that nets one: on an invoice it pays, on another one, or on none."""
    netting = np.flatnonzero(receipts.kind == "credit_note_netting")
    first = np.searchsorted(receipt_of, netting)
    amount = -(items.amount[first] * rng.integers(10, 41, len(first)) // 100)
    day = np.maximum(receipts.day[netting] - rng.integers(1, 20, len(first)), items.document_day[first] + 1)
    day = np.minimum(day, receipts.day[netting])
    sort = rng.random(len(first))
    # "Taken elsewhere": the note names one invoice and the customer takes it off others.
    elsewhere = rng.integers(0, max(len(items), 1), len(first))
    same = items.customer[elsewhere] == items.customer[first] if len(items) else np.empty(0, bool)
    refers = np.select([sort < 0.4, (sort < 0.7) & same], [first, elsewhere], -1)
    notes = make_items(
        items.customer[first], "DG", day, day, amount, first_place=len(items), refers_to=refers
    )
    places = len(items) + np.arange(len(notes))
    return joined([items, notes]), Legs(
        receipt=np.append(legs.receipt, netting),
        item=np.append(legs.item, places),
        amount=np.append(legs.amount, amount),
        kind=np.append(legs.kind, np.full(len(notes), "credit_note")),
    )


def _with_open_items(
    items: Items,
    legs: Legs,
    receipts: Receipts,
    customers: Customers,
    months: Months,
    shape: Shape,
    rng: np.random.Generator,
) -> tuple[Items, Legs]:
    """Adds what nobody paid, credits, and the later instalments of some documents."""
    unpaid = _moved(unpaid_items(customers, months, shape, rng), len(items))
    whole = joined([items, unpaid])
    is_plain = (whole.document_type == "RV") & (whole.special_gl == "") & (whole.blocked == "")
    candidates = np.flatnonzero(is_plain & (np.arange(len(whole)) >= len(items)))
    notes = free_credit_notes(whole, candidates, months, shape, customers, rng)
    whole = joined([whole, _moved(notes, len(whole))])
    credits = ledger_credits(customers, months, shape, rng)
    whole = joined([whole, _moved(credits, len(whole))])
    named = np.zeros(len(whole), dtype=bool)
    named[legs.item[receipts.kind[legs.receipt] == "clean_reference"]] = True
    named[candidates] = True
    named &= (whole.due_day != NO_DAY) & (rng.random(len(whole)) < shape.instalment_share)
    whole = with_instalments(whole, np.flatnonzero(named))
    # Part payments: SAP keeps the invoice whole and open, and beside it a payment that names it.
    partly = rng.choice(candidates, int(len(candidates) * shape.partly_paid_share), replace=False)
    day = np.minimum(whole.document_day[partly] + rng.integers(5, 90, len(partly)), months.closing_first - 1)
    day = np.maximum(day, whole.document_day[partly])
    amount = -(whole.amount[partly] * rng.integers(2, 9, len(partly)) // 10)
    parts = make_items(
        whole.customer[partly], "DZ", day, day, amount, first_place=len(whole), refers_to=partly
    )
    return joined([whole, parts]), legs


def _moved(items: Items, by: int) -> Items:
    """The items as they number themselves behind ``by`` others."""
    return replace(items, group=items.group + by)


def _cleared(
    items: Items, legs: Legs, receipts: Receipts, is_posted: Flags, months: Months, rng: np.random.Generator
) -> Items:
    """The ERP cleared what the posted receipts pay, on the day or up to three working days later."""
    lag = rng.choice(np.array([0, 1, 2, 3]), len(receipts), p=[0.5, 0.3, 0.1, 0.1])
    posting = months.shift(receipts.day, lag)
    chosen = is_posted[legs.receipt]
    receipt = legs.receipt[chosen]
    return items.cleared(legs.item[chosen], posting[receipt], receipt)


def _without_empty_statements(receipts: Receipts, legs: Legs) -> tuple[Receipts, Legs]:
    """A statement with nothing to pay becomes a receipt that no document answers."""
    is_empty = (receipts.kind == "whole_statement") & (legs.cash(len(receipts)) <= 0)
    kept = ~is_empty[legs.receipt]
    kind, detail = receipts.kind.copy(), receipts.detail.copy()
    kind[is_empty], detail[is_empty] = "unrelated", "other"
    return replace(receipts, kind=kind, detail=detail), Legs(
        legs.receipt[kept], legs.item[kept], legs.amount[kept], legs.kind[kept]
    )


def _unrelated(
    receipts: Receipts, received: Ints, is_posted: Flags, customers: Customers, rng: np.random.Generator
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
    total, base, _ = draw_amounts(customer, customers, SHAPE_OF_STRANGERS, rng)
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


SHAPE_OF_STRANGERS = Shape()


def _with_payments(
    items: Items, legs: Legs, receipts: Receipts, received: Ints, is_posted: Flags, rng: np.random.Generator
) -> Items:
    """The payment documents (DZ): each clears its items to zero; part of the unrelated ones stands open."""
    total = np.zeros(len(receipts), dtype=np.int64)
    np.add.at(total, legs.receipt, legs.amount)
    clearing = np.full(len(receipts), NO_DAY)
    cleared = items.clearing >= 0
    clearing[items.clearing[cleared]] = items.clearing_day[cleared]
    posted = np.flatnonzero(is_posted & (clearing != NO_DAY))
    kept = np.isin(receipts.detail, ("advance", "other", "duplicate")) & (rng.random(len(receipts)) < 0.4)
    # A customer that pays its whole statement has nothing else standing open.
    pays_whole = np.isin(receipts.customer, receipts.customer[receipts.kind == "whole_statement"])
    on_account = np.flatnonzero(is_posted & kept & ~pays_whole & (receipts.kind == "unrelated"))
    both = np.append(posted, on_account)
    payments = make_items(
        receipts.customer[both],
        "DZ",
        receipts.day[both],
        receipts.day[both],
        -np.append(total[posted], received[on_account]),
        first_place=len(items),
    )
    payments = payments.cleared(np.arange(len(posted)), clearing[posted], posted)
    return joined([items, payments])


def _with_cheques(
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
