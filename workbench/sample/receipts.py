"""The receipts: who pays what on which day, and the invoices each one pays, made for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .customers import Customers, Flags, Ints
from .days import Days, Months
from .items import Items, Texts, draw_amounts, make_items
from .shape import Shape

#: Kinds with one invoice, with several, and with a reference in the bank's text.
ONE = ("clean_reference", "noisy_reference", "single_amount", "withheld")
SEVERAL = ("several_amounts", "several_references")


@dataclass(frozen=True)
class Receipts:
    """One place a receipt. ``kind`` is one of ``shape.MIX``, ``detail`` says which sort of it."""

    customer: Ints
    month: Ints
    day: Days
    kind: Texts
    detail: Texts  # of unrelated ones: shape.UNRELATED; of others: "", late, discount, fee
    payer: Ints  # the customer whose account paid; -1 where the bank does not say
    size: Ints  # how many invoices are made for it

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True)
class Legs:
    """What each receipt does to each item; ``amount`` has the sign of the item."""

    receipt: Ints
    item: Ints
    amount: Ints
    kind: Texts

    def of_kinds(self, *kinds: str) -> Flags:
        return np.isin(self.kind, kinds)

    def cash(self, receipts: int) -> Ints:
        """What each receipt brought."""
        total = np.zeros(receipts, dtype=np.int64)
        is_cash = self.of_kinds("payment", "credit_note")
        np.add.at(total, self.receipt[is_cash], self.amount[is_cash])
        return total


def plan_receipts(customers: Customers, months: Months, shape: Shape, rng: np.random.Generator) -> Receipts:
    """Receipts of every month, by customer, day and kind; the closing month has the mix to the receipt."""
    count = len(customers)
    closing = months.count - 1
    a_month = rng.poisson(shape.receipts_a_month * customers.weight, (months.count, count))
    if a_month[closing].sum() == 0:
        a_month[closing, 0] = 1
    month = np.repeat(np.arange(months.count), a_month.sum(axis=1))
    customer = np.concatenate([np.repeat(np.arange(count), row) for row in a_month])
    day = np.empty(len(month), dtype=np.int64)
    for index in range(months.count):
        chosen = month == index
        day[chosen] = rng.choice(months.days_of(index), int(chosen.sum()))
    kind = _kinds(month, closing, shape, rng)
    _settle_statements(kind, customer, day, month == closing, customers, rng)
    detail = _details(kind, month, closing, customer, customers, shape, rng)
    size = np.select(
        [np.isin(kind, ONE), np.isin(kind, SEVERAL), kind == "credit_note_netting"],
        [1, rng.integers(2, 7, len(kind)), rng.integers(1, 4, len(kind))],
        0,
    ).astype(np.int64)
    parent = customers.parent[customer]
    is_parent_paying = (
        (parent >= 0) & (rng.random(len(kind)) < shape.parent_pays_share) & (kind != "whole_statement")
    )
    payer = np.where(is_parent_paying, parent, customer)
    payer[detail == "unidentified"] = -1
    return Receipts(customer, month, day, kind, detail, payer, size)


def _kinds(month: Ints, closing: int, shape: Shape, rng: np.random.Generator) -> Texts:
    names = np.array(list(shape.mix))
    shares = np.array(list(shape.mix.values()))
    kind = rng.choice(names, len(month), p=shares / shares.sum())
    # Earlier months are in the ledger already: there a statement is only a payment of several invoices.
    kind[(month != closing) & (kind == "whole_statement")] = "several_references"
    now = np.flatnonzero(month == closing)
    ends = np.rint(np.cumsum(shares / shares.sum()) * len(now)).astype(int)
    exact = np.concatenate(
        [np.full(end - start, name) for name, (start, end) in zip(names, pairwise([0, *ends]), strict=True)]
    )
    kind[now] = rng.permutation(exact)
    return kind


def _settle_statements(
    kind: Texts, customer: Ints, day: Days, is_now: Flags, customers: Customers, rng: np.random.Generator
) -> None:
    """A whole statement is a customer's last receipt of the month, and one of a smaller customer.

    Changes ``kind`` in place: the statements planned swap their kinds with last receipts.
    """
    planned = np.flatnonzero(kind == "whole_statement")
    now = np.flatnonzero(is_now)
    order = now[np.lexsort((day[now], customer[now]))]
    is_last = (
        np.append(customer[order][1:] != customer[order][:-1], True) if len(order) else np.empty(0, bool)
    )
    lasts = order[is_last]
    small = lasts[customers.weight[customer[lasts]] <= np.quantile(customers.weight, 0.8)]
    chosen = rng.permutation(small if len(small) >= len(planned) else lasts)[: len(planned)]
    kept = np.intersect1d(planned, chosen)
    freed = np.setdiff1d(planned, chosen)
    taken = np.setdiff1d(chosen, kept)
    kind[freed[: len(taken)]] = kind[taken]
    kind[freed[len(taken) :]] = "several_references"
    kind[taken] = "whole_statement"


def _details(
    kind: Texts,
    month: Ints,
    closing: int,
    customer: Ints,
    customers: Customers,
    shape: Shape,
    rng: np.random.Generator,
) -> Texts:
    detail = np.full(len(kind), "", dtype="U12")
    sorts = np.array(list(shape.unrelated))
    shares = np.array(list(shape.unrelated.values()))
    drawn = rng.choice(sorts, len(kind), p=shares / shares.sum())
    unrelated = kind == "unrelated"
    detail[unrelated] = drawn[unrelated]
    if closing == 0:
        detail[detail == "duplicate"] = "advance"  # nothing was paid before
    export = customers.is_export[customer]
    luck = rng.random(len(kind))
    clean = kind == "clean_reference"
    detail[clean & (luck < shape.discount_share)] = "discount"
    detail[clean & export & (luck > 1 - shape.wire_fee_share)] = "fee"
    detail[(kind == "withheld") & export] = "fee"
    late = (month == closing - 1) & np.isin(kind, ONE[:3]) & (detail == "")
    detail[late & (rng.random(len(kind)) < shape.late_identified_share)] = "late"
    return detail


def invoices_for(
    receipts: Receipts, customers: Customers, shape: Shape, rng: np.random.Generator
) -> tuple[Items, Ints]:
    """The invoices that the receipts pay and, for each, the place of its receipt."""
    receipt = np.repeat(np.arange(len(receipts)), receipts.size)
    customer = receipts.customer[receipt]
    paid = receipts.day[receipt]
    terms = customers.terms[customer]
    late = customers.lateness[customer] + np.rint(rng.normal(0, 6, len(receipt))).astype(np.int64)
    issued = np.minimum(paid - late - terms, paid - 3)
    early = receipts.detail[receipt] == "discount"
    issued = np.where(early, paid - rng.integers(3, 10, len(receipt)), issued)
    total, base, tax = draw_amounts(customer, customers, shape, rng)
    items = make_items(customer, "RV", issued, issued + terms, total, first_place=0, base=base, tax=tax)
    return items, receipt


def legs_for(
    items: Items,
    receipt: Ints,
    receipts: Receipts,
    customers: Customers,
    shape: Shape,
    rng: np.random.Generator,
) -> Legs:
    """Payment of each invoice, less what the customer withheld, deducted or the wire cost."""
    customer = receipts.customer[receipt]
    detail, kind = receipts.detail[receipt], receipts.kind[receipt]
    pesos = 100
    withheld = _rounded(items.base * shape.retefuente, 100_000 * pesos) * pesos
    iva_part = np.where(customers.is_large_taxpayer[customer], items.tax, 0)
    withheld += _rounded(iva_part * shape.rete_iva, 100_000 * pesos) * pesos
    withheld += _rounded(items.base * customers.rete_ica[customer], 100_000 * pesos) * pesos
    discount = _rounded(items.base * shape.discount, 100_000)
    fee = rng.integers(15, 46, len(items)) * 100
    short = np.select(
        [detail == "fee", detail == "discount", kind == "withheld"], [fee, discount, withheld], 0
    ).astype(np.int64)
    short_kind = np.select([detail == "fee", detail == "discount"], ["fee", "discount"], "withholding")
    places = np.arange(len(items))
    is_short = short != 0
    return Legs(
        receipt=np.concatenate([receipt, receipt[is_short]]),
        item=np.concatenate([places, places[is_short]]),
        amount=np.concatenate([items.amount - short, short[is_short]]),
        kind=np.concatenate([np.full(len(items), "payment", dtype="U11"), short_kind[is_short]]),
    )


def _rounded(product: npt.NDArray[np.int64], divisor: int) -> Ints:
    """Half up; the products are positive."""
    return (product + divisor // 2) // divisor
