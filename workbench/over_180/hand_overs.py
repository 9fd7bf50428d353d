"""Debts handed over: to lawyers (cobro jurídico) or to the insurer (siniestro del seguro de crédito)."""

from __future__ import annotations

import pandas as pd

from ..cases import Machine, Move
from ..policy import Over180Policy
from ..tables import Table

KIND = "over_180_hand_over"

#: One row a document that somebody else collects for us: ``state`` is in_legal or with_insurer.
HANDED_OVER = Table(
    "handed_over",
    ("document_key",),
    {"document_key": "integer", "case_id": "text", "state": "text"},
)


def hand_over_machine(policy: Over180Policy) -> Machine:
    """proposed → in_legal ⇄ with_insurer → returned; or rejected. Who proposed it does not hand it over.

    Handing over needs a file: the power of attorney, the claim to the insurer. Returned says what came of it.
    """
    proposed, away = frozenset({"proposed"}), frozenset({"in_legal", "with_insurer"})
    return Machine(
        KIND,
        "proposed",
        (
            Move("hand_to_lawyers", proposed | {"with_insurer"}, "in_legal", needs=("file_sha256",),
                 unlike=("open",), roles=policy.roles),
            Move("hand_to_insurer", proposed | {"in_legal"}, "with_insurer", needs=("file_sha256",),
                 unlike=("open",), roles=policy.roles),
            Move("reject", proposed, "rejected", needs=("reason",), unlike=("open",), roles=policy.roles),
            Move("take_back", away, "returned", needs=("reason",)),
        ),
    )  # fmt: skip


def handed_over_items(cases: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """``HANDED_OVER`` from the frames of the book; the newest case of a document holds."""
    own = cases[(cases["kind"] == KIND) & cases["state"].isin(("in_legal", "with_insurer"))]
    rows = items.merge(own[["case_id", "state", "recorded_at"]], on="case_id", suffixes=("", "_of_case"))
    rows = rows.sort_values([c for c in ("recorded_at", "case_id") if c in rows]).assign(
        document_key=rows["item_key"]
    )
    return HANDED_OVER.conform(rows.drop_duplicates("document_key", keep="last"))
