"""ERP clearings of an extract into the book, and clearings of a whole document laid over its instalments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy import select

from ..ledger import settle_oldest_first
from . import schema
from .appended import Rows
from .batches import Outcome
from .columns import Column, Numbers, Same, all_rows, first_of_each, groups_of
from .item_rows import ItemRows
from .lookups import existing_columns
from .transactions import Posting

_COLUMNS = ["document_key", "clearing_date", "clearing_document", "cleared_amount", "extract_date"]


@dataclass(frozen=True)
class Clearing:
    """One row of the file that says an item, or a whole document (``parents``: its items), was cleared."""

    position: int
    document_key: int
    parents: tuple[int, ...]
    day: str
    document: str
    amount: int
    currency: str
    key_text: str


@dataclass(frozen=True)
class SingleClearings:
    """Rows that say one item was cleared: their positions in the file, and columns of the same length."""

    positions: np.ndarray
    columns: dict[str, Column]


def stated_clearings(
    outcome: Outcome, items: ItemRows, document_keys: np.ndarray, parents: dict[int, set[int]]
) -> tuple[SingleClearings, list[Clearing]]:
    """What the file's rows say was cleared: single items, and whole documents."""
    stated = items.is_cleared & ~outcome.is_refused()
    amounts = np.where(items.numbers("cleared_amount") != 0, items.numbers("cleared_amount"), items.originals)
    single = np.flatnonzero(stated & (document_keys >= 0))
    columns: dict[str, Column] = {
        "document_key": Numbers(document_keys[single]),
        "clearing_date": items.columns["clearing_date"].take(single),
        "clearing_document": items.columns["clearing_document"].take(single),
        "cleared_amount": Numbers(amounts[single]),
    }
    whole = [
        Clearing(
            position, -1, tuple(sorted(parents.get(position, ()))), items.at("clearing_date", position),
            items.at("clearing_document", position), int(amounts[position]), items.at("currency", position),
            items.key_text(position),
        )
        for position in np.flatnonzero(stated & (document_keys < 0)).tolist()
    ]  # fmt: skip
    return SingleClearings(single, columns), whole


def enter_clearings(
    posting: Posting, outcome: Outcome, single: SingleClearings, whole: list[Clearing]
) -> None:
    """Store what is new; the same statement by the same extract twice is one.

    A later extract that only says it again is kept with its day, for it may outlive a word in between, but
    its row counts as known: no money is new.
    """
    if whole:
        single = _with(single, _laid_over_items(posting, outcome, whole))
    count, day = len(single.positions), outcome.batch.extract_date.isoformat()
    if not count:
        return
    columns = {
        **single.columns,
        "extract_date": Same(day, count),
        "batch_key": Same(outcome.batch_key, count),
    }
    groups, _ = groups_of([columns[name] for name in _COLUMNS])
    wanted = np.flatnonzero(first_of_each(groups))
    keys = {name: columns[name] for name in _COLUMNS}
    old = existing_columns(posting, "clearings", keys, wanted, []).positions
    fresh = np.setdiff1d(wanted, old, assume_unique=True)
    again = np.unique(existing_columns(posting, "clearings", single.columns, fresh, []).positions)
    posting.insert_columns("clearings", all_rows(columns, fresh, count), len(fresh))
    outcome.stored.update(single.positions[np.setdiff1d(fresh, again, assume_unique=True)].tolist())
    outcome.has_other_news = outcome.has_other_news or len(again) > 0


def _with(single: SingleClearings, split: list[Clearing]) -> SingleClearings:
    """The shares of whole documents after the single items."""
    more: dict[str, list[str] | list[int]] = {
        "document_key": [one.document_key for one in split],
        "clearing_date": [one.day for one in split],
        "clearing_document": [one.document for one in split],
        "cleared_amount": [one.amount for one in split],
    }
    return SingleClearings(
        np.concatenate([single.positions, np.array([one.position for one in split], dtype="int64")]),
        {
            name: Rows([*column.values(), *more[name]], is_text=name.startswith("clearing"))
            for name, column in single.columns.items()
        },
    )


def _laid_over_items(posting: Posting, outcome: Outcome, whole: list[Clearing]) -> list[Clearing]:
    """The oldest instalment first, over what other clearings have left of each."""
    split: list[Clearing] = []
    for clearing in sorted(whole, key=lambda one: (one.day, one.document, one.position)):
        items = _items_of(posting, clearing)
        earlier = [one for one in split if (one.day, one.document) != (clearing.day, clearing.document)]
        taken = pd.Series(
            {
                key: sum(one.amount for one in earlier if one.document_key == key)
                for key in items["document_key"]
            }
        )
        items["open_amount"] -= taken.reindex(items["document_key"]).to_numpy()
        amounts = pd.DataFrame({"group": [0], "amount": [clearing.amount]})
        shares = settle_oldest_first(items, amounts)
        for key, amount in zip(shares["document_key"].tolist(), shares["amount"].tolist(), strict=True):
            if key >= 0:
                split.append(replace(clearing, document_key=key, amount=amount))
            else:
                outcome.find(
                    "clearing-above-document", position=clearing.position, key=clearing.key_text,
                    amount=amount, currency=clearing.currency, document=clearing.key_text,
                )  # fmt: skip
    return split


def _items_of(posting: Posting, clearing: Clearing) -> pd.DataFrame:
    """The document's items with what clearings other than this one have left of them, as last stated."""
    source = schema.documents.c
    own = posting.connection.execute(
        select(
            source.document_key, source.due_date, source.item, source.document_date, source.original_amount
        ).where(source.document_key.in_(clearing.parents))
    ).all()  # fmt: skip
    items = pd.DataFrame(own, columns=["document_key", "due_date", "item", "document_date", "open_amount"])
    said = schema.clearings.c
    other = posting.connection.execute(
        select(said.document_key, said.clearing_document, said.clearing_date, said.cleared_amount)
        .where(said.document_key.in_(clearing.parents))
        .order_by(said.extract_date, said.clearing_key)
    ).all()
    newest = {
        (key, document or day): amount
        for key, document, day, amount in other
        if (document, day) != (clearing.document, clearing.day)
    }
    for (key, _), amount in newest.items():
        items.loc[items["document_key"] == key, "open_amount"] -= amount
    for name in ("due_date", "document_date"):
        items[name] = pd.to_datetime(items[name].replace("", None)).astype("datetime64[s]")
    return items.assign(group=0)
