"""What others would do with the same receipts: careful rules, ``recordlinkage`` and a plain search.

Each takes open items and receipts as rows and gives, by receipt, the documents it would apply. The payer is
known to all of them, as is the day: none sees a document dated after its receipt but ``recordlinkage``.
"""

from __future__ import annotations

import itertools
import re
import time
from collections import defaultdict
from dataclasses import dataclass

Applied = dict[str, tuple[str, ...]]
_NUMBER = re.compile(r"(?<![0-9A-Z])(?:[A-Z]{2})?[-. ]?0*([0-9]{4,7})(?![0-9])")


@dataclass(frozen=True)
class Item:
    document: str
    customer: str
    amount: int
    issued: str
    reference: str

    @property
    def digits(self) -> str:
        return re.sub(r"[^0-9]", "", self.reference)


@dataclass(frozen=True)
class Receipt:
    name: str
    customer: str
    amount: int
    day: str
    text: str


def by_careful_rules(items: list[Item], receipts: list[Receipt]) -> Applied:
    """The documents the text names, where their sum is the amount; else the one of exactly the amount."""
    open_by_number: dict[tuple[str, str], Item] = {}
    open_by_amount: dict[tuple[str, int], dict[str, Item]] = defaultdict(dict)
    for item in items:
        open_by_number[item.customer, item.digits] = item
        open_by_amount[item.customer, item.amount][item.document] = item
    taken: set[str] = set()
    applied: Applied = {}
    for receipt in receipts:
        found = [open_by_number.get((receipt.customer, digits)) for digits in _NUMBER.findall(receipt.text)]
        named = {one.document: one for one in found if one is not None and one.document not in taken}
        chosen = list(named.values())
        if not chosen or sum(one.amount for one in chosen) != receipt.amount:
            same = open_by_amount[receipt.customer, receipt.amount].values()
            chosen = [one for one in same if one.document not in taken and one.issued <= receipt.day]
            if len(chosen) != 1:
                continue
        applied[receipt.name] = tuple(one.document for one in chosen)
        taken.update(applied[receipt.name])
    return applied


def by_recordlinkage(items: list[Item], receipts: list[Receipt]) -> Applied:
    """Pairs of one customer and exactly the amount; of several the one whose reference is most like the text.

    Raises ``ImportError`` where the package is not there.
    """
    import pandas as pd
    import recordlinkage

    documents = pd.DataFrame(
        {
            "customer": [one.customer for one in items],
            "amount": [one.amount for one in items],
            "text": [one.reference for one in items],
        }
    )
    paid = pd.DataFrame(
        {
            "customer": [one.customer for one in receipts],
            "amount": [one.amount for one in receipts],
            "text": [one.text for one in receipts],
        }
    )
    index = recordlinkage.Index()
    index.block("customer")
    compare = recordlinkage.Compare()
    compare.exact("amount", "amount", label="amount")
    pairs = index.index(paid, documents)
    # Names are compared where the amount agrees: all pairs would cost it a hundred times as much.
    agreed = compare.compute(pairs, paid, documents)
    agreed = agreed[agreed["amount"] == 1].index
    names = recordlinkage.Compare()
    names.string("text", "text", method="jarowinkler", label="likeness")
    scored = names.compute(agreed, paid, documents).reset_index()
    scored.columns = ["receipt", "item", "likeness"]
    scored = scored.sort_values(["receipt", "likeness"], ascending=[True, False], kind="stable")
    best = scored.groupby("receipt", sort=False).head(2)
    applied: Applied = {}
    for place, rows in best.groupby("receipt", sort=False):
        likeness = rows["likeness"].tolist()
        if len(likeness) == 1 or likeness[0] > likeness[1]:
            applied[receipts[place].name] = (items[int(rows["item"].iloc[0])].document,)
    return applied


def by_plain_search(
    items: list[Item], receipts: list[Receipt], *, largest: int = 3, seconds: float = 20.0
) -> tuple[Applied, int]:
    """The first combination of at most ``largest`` documents that is the amount, until the time is over.

    Gives how many receipts it was asked in that time, too.
    """
    open_items: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        open_items[item.customer].append(item)
    applied: Applied = {}
    started = time.process_time()
    for asked, receipt in enumerate(receipts):
        if time.process_time() - started > seconds:
            return applied, asked
        living = [one for one in open_items[receipt.customer] if one.issued <= receipt.day]
        sets = itertools.chain.from_iterable(
            itertools.combinations(living, size) for size in range(1, largest + 1)
        )
        hit = next((one for one in sets if sum(each.amount for each in one) == receipt.amount), None)
        if hit:
            applied[receipt.name] = tuple(one.document for one in hit)
            open_items[receipt.customer] = [
                one for one in open_items[receipt.customer] if one not in set(hit)
            ]
    return applied, len(receipts)
