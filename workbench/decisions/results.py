"""What decisions come to: legs to post, what was decided of each receipt, and what could not be taken."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import Table

#: One row a receipt that was decided. ``decision_id`` is made of what was offered and what was decided.
DECIDED = Table(
    "decided",
    ("decision_id",),
    {
        "decision_id": "text",
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "currency": "text",
        "decision": "text",  # the words of its rows, joined by +
        "applied_amount": "money",  # cash that it applies; 0 for a rejection
        "largest_amount": "money",  # what its positive legs come to: what an approval is asked for
        "unapplied_amount": "money",  # of the receipt before it
        "documents": "text",  # JSON object: document key → what was open of it
        "content_sha256": "text",
        "decided_reason": "text",
        "rows": "text",  # JSON list: rows of the sheet
        "withdrawn": "text",  # id of the decision on a credit note that it takes back
    },
)

#: A row that was not taken and why; ``values`` fill the rule's sentence.
REFUSED = Table("refused", ("row",), {"row": "integer", "rule": "text", "values": "text"})


@dataclass(frozen=True)
class Decided:
    """``applied``: ``applications.APPLIED``; ``decided``: ``DECIDED``; ``refused``: ``REFUSED``, one row each
    row of the sheet; ``findings``: ``tables.FINDINGS``, one a receipt that was refused. ``repeated``: rows
    whose decision is in the book already.
    """

    applied: pd.DataFrame
    decided: pd.DataFrame
    refused: pd.DataFrame
    findings: pd.DataFrame
    repeated: tuple[int, ...] = ()
