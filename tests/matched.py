"""Matching as tests ask for it: one call, its conservation proved, and its answers in plain tuples."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from workbench import matching
from workbench.policy import MatchingPolicy

AS_OF = dt.date(2026, 3, 31)


def match(
    paid: pd.DataFrame, items: pd.DataFrame, advices: pd.DataFrame | None = None, **options: Any
) -> matching.Matched:
    policy = options.pop("policy", MatchingPolicy())
    matched = matching.match_receipts(paid, items, advices, policy=policy, as_of=AS_OF, **options)
    assert (matching.prove_conservation(paid, matched)["difference"] == 0).all()
    return matched


def applied(matched: matching.Matched) -> list[tuple[str, str, int, str]]:
    columns = ["receipt_id", "document_id", "applied_amount", "rule"]
    return sorted(matched.applied[columns].itertuples(index=False, name=None))


def reasons(matched: matching.Matched) -> dict[str, str]:
    return dict(zip(matched.unapplied["receipt_id"], matched.unapplied["reason"], strict=True))


def proposals(matched: matching.Matched) -> list[list[tuple[str, int]]]:
    return [
        sorted(zip(legs["document_id"], legs["applied_amount"], strict=True))
        for _, legs in matched.suggested.groupby(["receipt_key", "proposal"])
    ]
