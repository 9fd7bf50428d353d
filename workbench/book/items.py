"""Items (documents) of an extract into the book: the document once, then what this extract saw of it.

Same key and content: nothing new but a newer observation or clearing. Same key, other content: a conflict,
the row is kept aside and nothing is overwritten. Source: ARCHITECTURE, "documents and what is seen of them".
"""

from __future__ import annotations

import numpy as np

from .absences import enter_absences
from .batches import Outcome, StoreResult, conclude, sums_by_currency
from .clearings_in import enter_clearings, stated_clearings
from .columns import Numbers, Same, all_rows, first_of_each
from .customers_in import enter_unknown_customers
from .item_rows import (
    DOCUMENT_COLUMNS,
    KEY,
    ItemRows,
    KnownItems,
    known_items,
    refuse_conflicts,
    refuse_contradictions,
)
from .lookups import enter_companies, existing_columns
from .observations_in import enter_observations
from .transactions import Posting


def store_items(posting: Posting, outcome: Outcome) -> StoreResult:
    """Documents, stated originals, observations, clearings and absences of one extract, and its record."""
    batch, items = outcome.batch, ItemRows(outcome.batch)
    outcome.companies.update(items.columns["company_id"].distinct())
    enter_companies(posting, outcome.companies)
    enter_unknown_customers(posting, batch)
    refuse_contradictions(outcome, items)
    known = known_items(posting, items)
    refuse_conflicts(outcome, items, known)
    parents = _instalment_rows(posting, outcome, items, known)
    document_keys = _enter_documents(posting, outcome, items, known, parents)
    _with_items_of_file(parents, items, document_keys)
    _enter_originals(posting, outcome, items, known)
    enter_observations(posting, outcome, items, known, document_keys)
    enter_clearings(posting, outcome, *stated_clearings(outcome, items, document_keys, parents))
    if batch.is_complete:
        shown = set(document_keys[document_keys >= 0].tolist())
        enter_absences(posting, outcome, shown | _keys_of_refused(outcome, known))
    amounts = np.where(items.has_open, items.numbers("open_amount"), items.originals)
    sums = sums_by_currency(outcome.stored_positions(), amounts, items.columns["currency"])
    return conclude(posting, outcome, sums)


def _instalment_rows(
    posting: Posting, outcome: Outcome, items: ItemRows, known: KnownItems
) -> dict[int, set[int]]:
    """Clearing rows that name a whole document which has items: they make no document of their own.

    Position → the keys of the items that the book holds; those this file brings are added once entered.
    """
    is_bare = items.columns["item"].equal_to("")
    candidates = np.flatnonzero(items.is_cleared & is_bare & (known.key < 0))
    if not len(candidates):
        return {}
    keys = {name: items.columns[name] for name in KEY if name != "item"}
    stored = existing_columns(posting, "documents", keys, candidates, ["document_key", "item"])
    found: dict[int, set[int]] = {}
    for position, document_key, item in zip(
        stored.positions.tolist(), stored.fetched["document_key"], stored.fetched["item"], strict=True
    ):
        if item:
            found.setdefault(position, set()).add(document_key)
    refused = outcome.is_refused()
    documents, count = items.documents()
    has_items = np.zeros(count, dtype=bool)
    has_items[documents[~is_bare & ~refused]] = True
    for position in candidates[has_items[documents[candidates]]].tolist():
        found.setdefault(position, set())
    return {position: keys for position, keys in found.items() if not refused[position]}


def _with_items_of_file(parents: dict[int, set[int]], items: ItemRows, document_keys: np.ndarray) -> None:
    if not parents:
        return
    documents, count = items.documents()
    is_wanted = np.zeros(count, dtype=bool)
    is_wanted[documents[list(parents)]] = True
    by_document: dict[int, set[int]] = {}
    for position in np.flatnonzero(is_wanted[documents] & (document_keys >= 0)).tolist():
        by_document.setdefault(int(documents[position]), set()).add(int(document_keys[position]))
    for position, keys in parents.items():
        keys |= by_document.get(int(documents[position]), set())


def _enter_documents(
    posting: Posting, outcome: Outcome, items: ItemRows, known: KnownItems, parents: dict[int, set[int]]
) -> np.ndarray:
    """Insert the new ones; gives each row the key of its document, −1 where none of this file is taken."""
    is_taken = ~outcome.is_refused()
    is_taken[list(parents)] = False
    fresh = np.flatnonzero(is_taken & (known.key < 0))
    fresh = fresh[first_of_each(items.groups[fresh])]
    outcome.stored.update(fresh.tolist())
    names = ["customer_scope", *DOCUMENT_COLUMNS, "is_original_stated"]
    columns = {name: items.columns[name] for name in names}
    columns["original_amount"] = Numbers(items.originals)
    columns["row"] = Numbers(np.array(outcome.rows, dtype="int64"))
    columns["batch_key"] = Same(outcome.batch_key, len(items))
    numbers = posting.insert_columns("documents", all_rows(columns, fresh, len(items)), len(fresh))
    by_group = np.full(items.group_count, -1, dtype="int64")
    stored = np.flatnonzero(is_taken & (known.key >= 0))
    by_group[items.groups[stored]] = known.key[stored]
    by_group[items.groups[fresh]] = np.arange(numbers.start, numbers.stop)
    keys: np.ndarray = by_group[items.groups]
    return keys


def _enter_originals(posting: Posting, outcome: Outcome, items: ItemRows, known: KnownItems) -> None:
    """An original amount stated now for an item that was first seen by its open amount only."""
    is_new = ~known.is_stated & items.is_stated[known.positions]
    positions = known.positions[is_new & ~outcome.is_refused()[known.positions]]
    positions = positions[first_of_each(known.key[positions])]
    outcome.stored.update(positions.tolist())
    posting.insert_columns(
        "stated_originals",
        {
            "document_key": Numbers(known.key[positions]),
            "original_amount": Numbers(items.numbers("original_amount")[positions]),
            "batch_key": Same(outcome.batch_key, len(positions)),
        },
        len(positions),
    )


def _keys_of_refused(outcome: Outcome, known: KnownItems) -> set[int]:
    """Items that the extract does show, in rows that were refused: they are not absent."""
    return set(known.key[outcome.is_refused() & (known.key >= 0)].tolist())
