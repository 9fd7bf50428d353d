"""Aliases into the book: those a file states and a person approved, and what a decision teaches of them.

The same words again add nothing; another last day or another approver is a newer row, and both stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ..tables import ALIAS_EVIDENCE, ALIASES
from .batches import Outcome, StoreResult, conclude
from .frames import raw_column, raw_columns
from .lookups import enter_companies, existing
from .transactions import Posting

_COLUMNS = [name for name in ALIASES.columns if name not in ("decided", "confirmed", "recorded_at")]
_KEY = list(ALIASES.key)
_EVIDENCE = [name for name in ALIAS_EVIDENCE.columns if name != "recorded_at"]


def store_aliases(posting: Posting, outcome: Outcome) -> StoreResult:
    """The rows of one file; what the book last heard of an alias is known already."""
    frame = outcome.batch.frame
    columns = [raw_column(frame[name], ALIASES.columns[name]) for name in _COLUMNS]
    rows = list(zip(*columns, strict=True))
    outcome.companies.update(row[0] for row in rows)
    enter_companies(posting, outcome.companies)
    size = len(_KEY)
    last: dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]] = {}
    keys = [row[:size] for row in rows]
    for position, version, *values in existing(posting, "aliases", _KEY, keys, ["version_key", *_COLUMNS]):
        known = last.get(keys[position])
        if known is None or version > known[0]:
            last[keys[position]] = (version, tuple(values))
    fresh = []
    for position, row in enumerate(rows):
        if last.get(row[:size], (0, ()))[1] != row:
            last[row[:size]] = (0, row)
            fresh.append((*row, outcome.batch_key, outcome.rows[position]))
            outcome.stored.add(position)
    posting.insert("aliases", [*_COLUMNS, "batch_key", "row"], fresh)
    return conclude(posting, outcome, {})


def enter_evidence(posting: Posting, evidence: pd.DataFrame, who: str, decisions: Iterable[str]) -> None:
    """What these decisions taught (``tables.ALIAS_EVIDENCE``), each once however often it is decided."""
    taught = evidence[evidence["decision_id"].isin(list(decisions))].assign(who=who)
    rows = list(zip(*raw_columns(taught, {name: ALIAS_EVIDENCE.columns[name] for name in _EVIDENCE}),
                    strict=True))  # fmt: skip
    key = list(ALIAS_EVIDENCE.key)
    places = [_EVIDENCE.index(name) for name in key]
    keys = [tuple(row[place] for place in places) for row in rows]
    known = {found[0] for found in existing(posting, "alias_evidence", key, keys, [])}
    fresh = [row for position, row in enumerate(rows) if position not in known]
    posting.insert("alias_evidence", _EVIDENCE, fresh)
