"""ERP clearings of an extract into the book, and clearings of a whole document laid over its instalments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy import select

from ..ledger import settle_oldest_first
from . import schema
from .batches import Outcome
from .lookups import existing
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


def enter_clearings(posting: Posting, outcome: Outcome, stated: list[Clearing]) -> None:
    """Store what is new; the same statement by the same extract twice is one.

    A later extract that only says it again is kept with its day, for it may outlive a word in between, but
    its row counts as known: no money is new.
    """
    single = [clearing for clearing in stated if clearing.document_key >= 0]
    whole = [clearing for clearing in stated if clearing.document_key < 0]
    if whole:
        single += _laid_over_items(posting, outcome, whole)
    day = outcome.batch.extract_date.isoformat()
    rows: dict[tuple[object, ...], int] = {}
    for one in single:
        rows.setdefault((one.document_key, one.day, one.document, one.amount, day), one.position)
    wanted = list(rows)
    old = {wanted[row[0]] for row in existing(posting, "clearings", _COLUMNS, wanted, [])}
    fresh = [row for row in wanted if row not in old]
    told = existing(posting, "clearings", _COLUMNS[:-1], [row[:-1] for row in fresh], [])
    again = {fresh[row[0]] for row in told}
    posting.insert("clearings", [*_COLUMNS, "batch_key"], [(*row, outcome.batch_key) for row in fresh])
    outcome.stored.update(rows[row] for row in fresh if row not in again)
    outcome.has_other_news = outcome.has_other_news or bool(again)


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
