"""What an extract shows open of each item, dated by it, into the book."""

from __future__ import annotations

import numpy as np

from .batches import Outcome
from .columns import Column, Numbers, Same, all_rows, first_of_each, groups_of
from .item_rows import ItemRows, KnownItems
from .lookups import existing_columns
from .transactions import Posting

OBSERVED = ["document_key", "observed_date", "open_amount", "is_absent", "payment_block", "dunning_level"]


def enter_observations(
    posting: Posting, outcome: Outcome, items: ItemRows, known: KnownItems, document_keys: np.ndarray
) -> None:
    """The same sight twice is one; a document that is new cannot have been seen before."""
    shown = np.flatnonzero(items.has_open & (document_keys >= 0) & ~outcome.is_refused())
    _find_above_original(outcome, items, shown)
    day = outcome.batch.extract_date.isoformat()
    columns: dict[str, Column] = {
        "document_key": Numbers(document_keys),
        "observed_date": Same(day, len(items)),
        "open_amount": Numbers(items.numbers("open_amount")),
        "is_absent": Same(0, len(items)),
        "payment_block": items.columns["payment_block"],
        "dunning_level": items.columns["dunning_level"],
    }
    if items.group_count < len(items):
        sights, _ = groups_of([columns[name] for name in OBSERVED])
        shown = shown[first_of_each(sights[shown])]
    seen_before = existing_columns(
        posting, "observations", columns, shown[known.key[shown] >= 0], []
    ).positions
    fresh = np.setdiff1d(shown, seen_before, assume_unique=True)
    columns["batch_key"] = Same(outcome.batch_key, len(items))
    posting.insert_columns("observations", all_rows(columns, fresh, len(items)), len(fresh))
    outcome.stored.update(fresh.tolist())


def _find_above_original(outcome: Outcome, items: ItemRows, shown: np.ndarray) -> None:
    """More open than the item ever was, or of the other sign."""
    open_amounts, originals = items.numbers("open_amount")[shown], items.originals[shown]
    is_above = np.abs(open_amounts) > np.abs(originals)
    is_above |= np.sign(open_amounts) * np.sign(originals) < 0
    for position in shown[is_above].tolist():
        key = items.key_text(position)
        outcome.find(
            "open-above-original", position=position, key=key, amount=items.at("open_amount", position),
            currency=items.at("currency", position), document=key,
        )  # fmt: skip
