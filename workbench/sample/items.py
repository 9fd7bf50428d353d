"""Items of the ledger as columns, and how large, when and for whom they are."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from .customers import Customers, Ints
from .days import NO_DAY, Days
from .shape import Shape

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Items:
    """One place an item; amounts are minor units, debit positive. ``group`` is the item's document."""

    customer: Ints
    document_type: Texts
    group: Ints
    item: Ints  # 1, 2, … inside the document
    document_day: Days
    due_day: Days  # NO_DAY without one
    amount: Ints
    base: Ints
    tax: Ints
    refers_to: Ints  # place of the invoice it refers to, -1 without one
    special_gl: Texts
    blocked: Texts
    clearing_day: Days  # NO_DAY while open
    clearing: Ints  # the receipt or operation that cleared it, -1 while open

    def __len__(self) -> int:
        return len(self.customer)

    def cleared(self, places: Ints, days: Days, by: Ints) -> Items:
        """The same items, those at ``places`` cleared."""
        clearing_day, clearing = self.clearing_day.copy(), self.clearing.copy()
        clearing_day[places], clearing[places] = days, by
        return replace(self, clearing_day=clearing_day, clearing=clearing)


def joined(parts: list[Items]) -> Items:
    """One after the other; groups and references of each part must already be places in the whole."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Items)
    }
    return Items(**columns)


def make_items(
    customer: Ints,
    document_type: str | Texts,
    document_day: Days,
    due_day: Days,
    amount: Ints,
    *,
    first_place: int,
    base: Ints | None = None,
    tax: Ints | None = None,
    refers_to: Ints | None = None,
    special_gl: str = "",
) -> Items:
    """Items that stand alone in their documents and are open."""
    count = len(customer)
    types = np.full(count, document_type) if isinstance(document_type, str) else document_type
    return Items(
        customer=customer,
        document_type=types.astype("U2"),
        group=np.arange(first_place, first_place + count),
        item=np.ones(count, dtype=np.int64),
        document_day=document_day,
        due_day=due_day,
        amount=amount,
        base=np.zeros(count, dtype=np.int64) if base is None else base,
        tax=np.zeros(count, dtype=np.int64) if tax is None else tax,
        refers_to=np.full(count, -1) if refers_to is None else refers_to,
        special_gl=np.full(count, special_gl, dtype="U1"),
        blocked=np.full(count, "", dtype="U1"),
        clearing_day=np.full(count, NO_DAY),
        clearing=np.full(count, -1),
    )


def draw_amounts(
    customer: Ints, customers: Customers, shape: Shape, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Total, base and IVA of an invoice for each customer given, in minor units; exports carry no IVA."""
    export = customers.is_export[customer]
    draw = rng.lognormal(0.0, 0.9, len(customer)) * customers.scale[customer]
    pesos = np.clip(draw * shape.cop_median, shape.cop_range[0], shape.cop_range[1]).astype(np.int64)
    pesos = np.where(customers.is_round[customer], np.maximum(pesos // 50_000, 9) * 50_000, pesos)
    cents = np.clip(draw * shape.usd_median * 100, 100 * shape.usd_range[0], 100 * shape.usd_range[1]).astype(
        np.int64
    )
    base = np.where(export, cents, pesos * 100)
    tax = np.where(export, 0, base * shape.iva // 100_000)
    return base + tax, base, tax


def with_instalments(items: Items, places: Ints) -> Items:
    """The items at ``places`` become the first of three equal instalments; the other two are added, open.

    The first one keeps its amounts, so that what paid it still does.
    """
    parts = [items]
    for number in (2, 3):
        parts.append(
            replace(
                _take(items, places),
                group=places.copy(),
                item=np.full(len(places), number),
                due_day=items.due_day[places] + 30 * (number - 1),
                clearing_day=np.full(len(places), NO_DAY),
                clearing=np.full(len(places), -1),
            )
        )
    return joined(parts)


def _take(items: Items, places: Ints) -> Items:
    return Items(**{field.name: getattr(items, field.name)[places] for field in fields(Items)})
