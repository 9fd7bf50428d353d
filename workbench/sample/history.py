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
from .items import Items, joined, make_items, with_instalments
from .odd_receipts import unrelated_amounts, with_returned_cheques
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
        closing: Flags = self.receipts.month == self.months.count - 1
        return closing

    @property
    def is_for_import(self) -> Flags:
        """The receipts that the book is to hold."""
        for_import: Flags = self.is_closing | self.is_listed
        return for_import


def make_history(count: int, months: Months, shape: Shape, seed: int) -> History:
    """The story of ``count`` customers; the same arguments give the same one."""
    # A stream of chance a chapter: a change in one leaves the draws of the others alone.
    chance = [np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(9)]
    customers = make_customers(count, shape, chance[0])
    receipts = plan_receipts(customers, months, shape, chance[1])
    paid, receipt_of = invoices_for(receipts, customers, shape, chance[2])
    legs = legs_for(paid, receipt_of, receipts, customers, shape, chance[2])
    items, legs = _with_netted_notes(paid, receipt_of, receipts, legs, chance[3])
    items = _with_open_items(items, legs, receipts, customers, months, shape, chance[4])
    closing = months.count - 1
    is_posted = (receipts.month < closing) & (receipts.detail != "late")
    items = _cleared(items, legs, receipts, is_posted, months, chance[5])
    legs = whole_statements(items, receipts, legs, chance[6])
    receipts, legs = _without_empty_statements(receipts, legs)
    received = legs.cash(len(receipts))
    receipts, received, copies = unrelated_amounts(receipts, received, is_posted, customers, shape, chance[7])
    items = _with_payments(items, legs, receipts, received, is_posted, chance[7])
    before = len(receipts)
    receipts, received, cheque_item = with_returned_cheques(
        receipts, received, items, legs, customers, months, shape, chance[8]
    )
    extra = len(receipts) - before
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
) -> Items:
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
    return joined([whole, parts])


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
