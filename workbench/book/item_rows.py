"""The rows of an items frame on their way into the book: columns, keys, and what the book has of them."""

from __future__ import annotations

from dataclasses import dataclass
from operator import ne
from typing import Any

import numpy as np

from ..tables import DOCUMENTS, ColumnType
from .batches import ImportBatch, Outcome
from .columns import Column, Numbers, Same, columns_from, groups_of
from .lookups import existing_columns
from .transactions import Posting

KEY = ["company_id", "fiscal_year", "document_type", "document_number", "item", "customer_scope"]
_CONTENT = ["customer_id", "document_date", "due_date", "currency"]
#: Columns of the items frame beyond those of DOCUMENTS.
_SEEN: dict[str, ColumnType] = {
    "is_original_stated": "flag",
    "open_amount": "money",
    "has_open_amount": "flag",
    "clearing_date": "date",
    "clearing_document": "text",
    "cleared_amount": "money",
    "payment_block": "text",
    "dunning_level": "text",
}
DOCUMENT_COLUMNS = [
    name for name in DOCUMENTS.columns if name not in ("document_key", "document_id", "recorded_at")
]


class ItemRows:
    """Columns, key and content of each row; rows of one key are one group."""

    def __init__(self, batch: ImportBatch) -> None:
        kinds = {name: DOCUMENTS.columns[name] for name in DOCUMENT_COLUMNS} | _SEEN
        self.count = len(batch.frame)
        self.columns: dict[str, Column] = columns_from(batch.frame, kinds)
        self.columns["customer_scope"] = (
            self.columns["customer_id"] if batch.key_includes_customer else Same("", self.count)
        )
        self.groups, self.group_count = groups_of([self.columns[name] for name in KEY])
        self.is_stated = self.numbers("is_original_stated") != 0
        self.has_open = self.numbers("has_open_amount") != 0
        self.is_cleared = ~self.columns["clearing_date"].equal_to("")
        #: The item's amount as far as its row tells it.
        self.originals = self.numbers("original_amount").copy()
        for name in ("open_amount", "cleared_amount"):
            self.originals = np.where(self.originals == 0, self.numbers(name), self.originals)

    def __len__(self) -> int:
        return self.count

    def numbers(self, name: str) -> np.ndarray:
        """A column of whole numbers."""
        column = self.columns[name]
        if isinstance(column, Numbers):
            return column.array
        return np.full(self.count, column.at(0) if self.count else 0, dtype="int64")

    def at(self, name: str, position: int) -> Any:
        """One value, plain."""
        return self.columns[name].at(position)

    def key_text(self, position: int) -> str:
        return "/".join(part for part in (self.at(name, position) for name in KEY) if part)

    def content(self, position: int) -> tuple[str, ...]:
        return tuple(self.at(name, position) for name in _CONTENT)

    def documents(self) -> tuple[np.ndarray, int]:
        """Groups of rows whose keys differ in nothing but the item."""
        return groups_of([self.columns[name] for name in KEY if name != "item"])


@dataclass(frozen=True)
class KnownItems:
    """What the book has of the file's rows: ``key`` a row, −1 where nothing; the rest by ``positions``."""

    key: np.ndarray
    positions: np.ndarray
    content: dict[str, list[Any]]
    original: np.ndarray
    is_stated: np.ndarray

    def stored(self, number: int, *, with_original: bool) -> tuple[Any, ...]:
        """Content of one known row, in the order of a row's own content."""
        said = tuple(values[number] for values in self.content.values())
        return (*said, int(self.original[number])) if with_original else said


def known_items(posting: Posting, items: ItemRows) -> KnownItems:
    """Looked up by key; an original stated after the document was stored counts as stated."""
    fetch = ["document_key", *_CONTENT, "original_amount", "is_original_stated"]
    keys = {name: items.columns[name] for name in KEY}
    found = existing_columns(posting, "documents", keys, np.arange(len(items)), fetch)
    key = np.full(len(items), -1, dtype="int64")
    key[found.positions] = found.numbers("document_key")
    original, is_stated = found.numbers("original_amount"), found.numbers("is_original_stated") != 0
    unstated = np.flatnonzero(~is_stated)
    own: dict[str, Column] = {"document_key": Numbers(found.numbers("document_key"))}
    later = existing_columns(posting, "stated_originals", own, unstated, ["original_amount"])
    original[later.positions], is_stated[later.positions] = later.numbers("original_amount"), True
    return KnownItems(
        key, found.positions, {name: found.fetched[name] for name in _CONTENT}, original, is_stated
    )


def refuse_contradictions(outcome: Outcome, items: ItemRows) -> None:
    """One file that says two things of one item: neither is believed."""
    repeated = np.bincount(items.groups, minlength=items.group_count)[items.groups] > 1
    first: dict[int, int] = {}
    torn: set[int] = set()
    positions = np.flatnonzero(repeated).tolist()
    for position in positions:
        group = int(items.groups[position])
        other = first.setdefault(group, position)
        if other != position and _differs_in_file(items, other, position):
            torn.add(group)
    for position in positions:
        if int(items.groups[position]) in torn:
            _refuse(outcome, items, position)


def _differs_in_file(items: ItemRows, one: int, other: int) -> bool:
    if items.content(one) != items.content(other):
        return True
    names = ["is_original_stated", "has_open_amount"]
    names += ["original_amount"] if items.is_stated[one] else []
    names += ["open_amount"] if items.has_open[one] else []
    return any(items.at(name, one) != items.at(name, other) for name in names)


def refuse_conflicts(outcome: Outcome, items: ItemRows, known: KnownItems) -> None:
    """Rows that say otherwise than the book, under a key that it has."""
    both_stated = known.is_stated & items.is_stated[known.positions]
    differs = both_stated & (items.numbers("original_amount")[known.positions] != known.original)
    for name, stored in known.content.items():
        said = items.columns[name].take(known.positions).values()
        differs |= np.fromiter(map(ne, said, stored), dtype=bool, count=len(stored))
    for number in np.flatnonzero(differs & ~outcome.is_refused()[known.positions]).tolist():
        stored_content = known.stored(number, with_original=bool(both_stated[number]))
        _refuse(outcome, items, int(known.positions[number]), stored_content)


def _refuse(outcome: Outcome, items: ItemRows, position: int, stored: tuple[Any, ...] = ()) -> None:
    names = [*_CONTENT, "original_amount"]
    said = (*items.content(position), items.at("original_amount", position))
    outcome.refuse_conflict(
        position,
        key=items.key_text(position),
        amount=int(items.originals[position]),
        currency=items.at("currency", position),
        said=dict(zip(names, said, strict=True)),
        stored=dict(zip(names, stored, strict=False)),
    )
