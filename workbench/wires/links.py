"""Which receipt and which documents a wire belongs to: by reference, by amount only where it is alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

#: A reference shorter than this stands in a text by accident.
SHORTEST = 6
_WORD = re.compile(r"[0-9A-Z]+")
_SIGNS = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True)
class Links:
    """By wire (its place in the frame): the receipt's place and how; ``contested``: wires whose receipt was
    another's already."""

    receipt: Mapping[int, int]
    by: Mapping[int, str]
    contested: Sequence[int]


def plain(text: str) -> str:
    """A reference without its signs, in capitals."""
    return _SIGNS.sub("", text.upper())


def link_receipts(wires: pd.DataFrame, receipts: pd.DataFrame, *, days: int) -> Links:
    """Each wire its receipt, each receipt one wire at most.

    The bank's reference in the list, then the wire's own reference in the receipt's id or text, then the one
    receipt of its company, currency, amount and customer dated within ``days`` of the value date, where no
    other wire may be it either.
    """
    by_id: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_word: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_amount: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    facts = list(
        zip(
            receipts["company_id"], receipts["receipt_id"], receipts["text"], receipts["currency"],
            receipts["received_amount"].tolist(), receipts["customer_id"], receipts["receipt_date"],
            strict=True,
        )
    )  # fmt: skip
    for place, (company, receipt, text, currency, amount, _, _) in enumerate(facts):
        by_id[company, receipt].append(place)
        for word in {plain(receipt), *_WORD.findall(text.upper())}:
            if len(word) >= SHORTEST:
                by_word[company, word].append(place)
        by_amount[company, currency, amount].append(place)
    rows = list(
        zip(
            wires["company_id"], wires["receipt_id"], wires["wire_id"], wires["currency"],
            wires["received_amount"].tolist(), wires["customer_id"], wires["value_date"], strict=True,
        )
    )  # fmt: skip
    found: dict[int, int] = {}
    how: dict[int, str] = {}
    taken: dict[int, int] = {}
    contested: list[int] = []

    def take(wire: int, places: Sequence[int], by: str) -> None:
        free = [place for place in places if place not in taken]
        if len(free) == 1 and len(places) == 1:
            found[wire], how[wire] = free[0], by
            taken[free[0]] = wire
        elif places and not free:
            contested.append(wire)

    for wire, (company, receipt, _, _, _, _, _) in enumerate(rows):
        if receipt:
            take(wire, by_id.get((company, receipt), []), "bank_reference")
    for wire, (company, _, reference, _, _, _, _) in enumerate(rows):
        if wire not in found and wire not in contested and len(plain(reference)) >= SHORTEST:
            take(wire, by_word.get((company, plain(reference)), []), "wire_reference")
    may: dict[int, list[int]] = {}
    for wire, (company, _, _, currency, amount, customer, day) in enumerate(rows):
        if wire in found or wire in contested:
            continue
        may[wire] = [
            place
            for place in by_amount.get((company, currency, amount), [])
            if place not in taken
            and abs((facts[place][6] - day).days) <= days
            and (not customer or not facts[place][5] or facts[place][5] == customer)
        ]
    rivals: dict[int, int] = defaultdict(int)
    for places in may.values():
        for place in places:
            rivals[place] += 1
    for wire, places in may.items():
        if len(places) == 1 and rivals[places[0]] == 1:
            take(wire, places, "amount")
    return Links(found, how, contested)


@dataclass(frozen=True)
class Named:
    """Documents by what people call them, company by company."""

    keys: Mapping[tuple[str, str], tuple[int, ...]]

    @classmethod
    def of(cls, documents: pd.DataFrame) -> Named:
        keys: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        names = ("document_id", "reference", "document_number")
        for name in names:
            for company, text, key in zip(
                documents["company_id"], documents[name], documents["document_key"].tolist(), strict=True
            ):
                if text:
                    keys[company, plain(text)][key] = None
        return cls({name: tuple(found) for name, found in keys.items()})

    def find(self, company: str, texts: Iterable[str]) -> tuple[list[int], list[str]]:
        """The documents of these names, and the names that nobody has."""
        found: dict[int, None] = {}
        unknown = []
        for text in texts:
            keys = self.keys.get((company, plain(text)), ())
            found.update(dict.fromkeys(keys))
            if not keys:
                unknown.append(text)
        return list(found), unknown
