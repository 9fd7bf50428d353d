"""What a run leaves in the book: applied legs, and what a close states. Nothing unless the run writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from . import figures

if TYPE_CHECKING:
    from ..book import Book
    from ..reconciliation.customers import CustomersReconciled
    from .manifest import Json


def apply_legs(book: Book, legs: pd.DataFrame, applied: pd.DataFrame, *, step_key: str, who: str) -> Json:
    """Put applied legs into the book, each once however often it is asked; gives what the manifest says."""
    if len(applied):
        from ..book import postings

        postings.apply(book, legs, step_key=step_key, who=who)
    totals = figures.door_totals(figures.totals(applied, "applied_amount"))
    return {"applications": len(applied), "totals": totals}


def post_close(
    book: Book, frames: Mapping[str, pd.DataFrame], step_key: str, period: str, as_of: dt.date, who: str
) -> Json:
    """Post what a close states (``book.close_postings``), once a step; gives what the manifest says.

    The same step again states the same and changes nothing; a step with another start states anew, and the
    later word holds.
    """
    from ..book import close_postings

    operation = f"{who}/{step_key}"
    close_postings.post_close(
        book, dict(frames), operation_id=operation, period=period, as_of=as_of, who=who, step_key=step_key
    )
    return {name: len(frame) for name, frame in frames.items()}


def post_differences(
    book: Book, reconciled: CustomersReconciled, period: str, as_of: dt.date, who: str
) -> Json:
    """Open a case for what is new and solve what is gone (``reconciling.differences``), once a month."""
    from ..reconciling import differences

    return dict(differences.post_differences(book, reconciled, period=period, as_of=as_of, who=who))
