"""Which receipts must be decided together: those that may look at documents of the same customers.

A receipt looks at the documents of whom it may be from, of whom that one pays for, and of whom its text or
its advice names. Source: PERFORMANCE, "Beyond one machine".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..references import Mention, ReferenceIndex, Shape
from .advices import Advices
from .mentions import DocumentNames, OrderNames, filed_number, in_chunks, numbers_of
from .orders import as_written
from .parties import Parties, Signs
from .readings import lookups
from .written import numbers_in

Rows = npt.NDArray[np.int64]
#: Receipts that are read at a time, so that the index of what they name stays small.
AT_A_TIME = 50_000


@dataclass(frozen=True)
class Linked:
    """``groups``: of each open item and of each receipt a number; receipts of one group only look at items of
    the same. −1: a receipt that looks at no item. ``mentions``: of each receipt, what its text names, and
    ``resolved``: by company what a field of an advice names, as rows of the items; ``shapes``: by company,
    how all its documents are called.
    """

    item_groups: Rows
    receipt_groups: Rows
    mentions: list[tuple[Mention, ...]]
    resolved: dict[tuple[str, str], Mention]
    shapes: dict[str, frozenset[Shape]]


class Groups:
    """Numbers joined into groups, each known by its least number."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def join(self, numbers: Iterable[int]) -> None:
        roots = {self.root(number) for number in numbers}
        if len(roots) > 1:
            least = min(roots)
            for root in roots:
                self._above[root] = least

    def root(self, number: int) -> int:
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def roots(self) -> Rows:
        return np.array([self.root(number) for number in range(len(self._above))], dtype=np.int64)


def link_receipts(
    ordered: pd.DataFrame,
    open_items: pd.DataFrame,
    signs: Iterable[Signs],
    parties: Parties,
    advices: Advices,
) -> Linked:
    """Read every receipt once, before any is taken; ``signs``: one a receipt."""
    people = _Customers(open_items, ordered)
    groups = Groups(people.count)
    names = DocumentNames(open_items)
    resolved = _resolved(advices, names)
    orders = _Orders(OrderNames(open_items), advices)
    homes = people.of_receipts.copy()
    mentions: list[tuple[Mention, ...]] = []
    waiting = iter(signs)
    for part in in_chunks(len(ordered), AT_A_TIME):
        chunk = list(islice(waiting, AT_A_TIME))
        indexes = names.holding(_numbers(chunk))
        orders.hold(chunk)
        for row, one in enumerate(chunk, start=part.start):
            index = indexes.get(one.company)
            found = tuple(index.find(one.text)) if index and one.text else ()
            mentions.append(found)
            told = _told(row, one.company, advices, resolved)
            told += orders.told(row, one.company, advices)
            if not found:
                told += orders.named(one)
            written = numbers_in(one.text) if index else ()
            if one.given and not (found or told or written or parties.has_relations):
                continue  # its own customer's
            reach = people.of_items((*found, *told))
            customers, is_sure = parties.within_reach(one, people.named(reach))
            reach |= people.numbers(one.company, customers)
            if index is not None:
                asked = [(number.digits,) for number in written]  # which may be somebody else's own
                for digits in asked if is_sure else lookups(one.text):
                    reach |= people.with_digits(index, *digits)
            groups.join(reach if homes[row] < 0 else {*reach, int(homes[row])})
            if homes[row] < 0 and reach:
                homes[row] = min(reach)
    roots = groups.roots()
    return Linked(
        roots[people.of_item] if len(roots) else people.of_item,
        np.where(homes >= 0, roots[homes], -1) if len(roots) else homes,
        mentions,
        resolved,
        names.shapes(),
    )


class _Orders:
    """What receipts and advices name of orders, wherever it might be one."""

    def __init__(self, names: OrderNames, advices: Advices) -> None:
        self._names = names
        self._of_advices = names.holding(numbers_of(name for _, name in advices.fields()))
        self._of_texts: dict[str, ReferenceIndex] = {}

    def hold(self, chunk: Iterable[Signs]) -> None:
        """Make ready for these receipts."""
        self._of_texts = self._names.holding(numbers_of(one.text for one in chunk))

    def named(self, signs: Signs) -> list[Mention]:
        """The items of the orders that a text names."""
        index = self._of_texts.get(signs.company)
        return self._as_items(index.find(as_written(signs.text)) if index else ())

    def told(self, row: int, company: str, advices: Advices) -> list[Mention]:
        """The items of the orders that the receipt's advices name."""
        index = self._of_advices.get(company)
        lines = [line.reference for advice in advices.of(row) for line in advice.lines] if index else []
        return self._as_items(filter(None, (index.resolve(line) for line in lines))) if index else []

    def _as_items(self, orders: Iterable[Mention]) -> list[Mention]:
        return [Mention(one.written, tuple(self._names.rows(one.positions))) for one in orders]


class _Customers:
    """The customers of items and receipts as numbers; ``of_receipts``: −1 where none is given."""

    def __init__(self, open_items: pd.DataFrame, ordered: pd.DataFrame) -> None:
        columns = ["company_id", "customer_id"]
        both = pd.concat([open_items[columns], ordered[columns]], ignore_index=True)
        companies, company_names = pd.factorize(both["company_id"])
        customers, customer_names = pd.factorize(both["customer_id"])
        width = max(len(customer_names), 1)
        pairs, known = pd.factorize(companies * width + customers)
        self._names = [
            (company_names[pair // width], customer_names[pair % width]) for pair in known.tolist()
        ]
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self.count = len(known)
        self.of_item: Rows = pairs[: len(open_items)].astype(np.int64)
        self.of_receipts: Rows = pairs[len(open_items) :].astype(np.int64)
        self.of_receipts[(ordered["customer_id"] == "").to_numpy()] = -1

    def of_items(self, mentions: Iterable[Mention]) -> set[int]:
        return {int(self.of_item[row]) for mention in mentions for row in mention.positions}

    def with_digits(self, index: ReferenceIndex, *digits: str) -> set[int]:
        """Whose documents have these digits in their names."""
        bare = tuple(part.lstrip("0") or part for part in digits)
        return {int(self.of_item[row]) for _, row in index.with_digits(bare)}

    def named(self, numbers: Iterable[int]) -> frozenset[str]:
        return frozenset(self._names[number][1] for number in numbers)

    def numbers(self, company: str, customers: Iterable[str]) -> set[int]:
        """Those that have items or gave receipts; the others have nothing to look at."""
        return {self._numbers[company, one] for one in customers if (company, one) in self._numbers}


def _numbers(chunk: Iterable[Signs]) -> set[int]:
    """Every number that the texts of these receipts may be read to mean."""
    numbers = numbers_of(one.text for one in chunk)
    for one in chunk:
        if not one.given:
            numbers |= {filed_number((part,)) for digits in lookups(one.text) for part in digits}
    return numbers


def _resolved(advices: Advices, names: DocumentNames) -> dict[tuple[str, str], Mention]:
    fields = advices.fields()
    indexes = names.holding(numbers_of(name for _, name in fields))
    found = {
        (company, name): indexes[company].resolve(name) for company, name in fields if company in indexes
    }
    return {field: mention for field, mention in found.items() if mention}


def _told(
    row: int, company: str, advices: Advices, resolved: dict[tuple[str, str], Mention]
) -> list[Mention]:
    """What the advices of a receipt name."""
    fields = ((company, line.reference) for advice in advices.of(row) for line in advice.lines)
    return [resolved[field] for field in fields if field in resolved]
