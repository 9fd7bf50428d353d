"""Credit notes on which somebody decided after they were read: asked under the writer's lock.

That a note is given back or moved elsewhere changes no amount, so what is open of it says nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import select

from ..errors import PostingRefusedError
from . import schema
from .credits_in_cases import held_by_cases
from .transactions import Posting


def check_none_decided_meanwhile(
    posting: Posting, seen: Collection[str] | None, documents: Collection[int]
) -> None:
    """No decision, and no case over 180 days, on a note among ``documents`` (keys) but those ``seen`` (ids).

    ``None`` asks nothing.
    :class:`PostingRefusedError` (``decision-content-changed``) names the note where somebody was faster.
    """
    if seen is None or not documents:
        return
    own = schema.decisions.c
    query = select(own.decision_id, own.subject_key, own.evidence).where(own.subject == "credit_note")
    keys, known = set(documents), set(seen)
    for decision_id, note, evidence in posting.connection.execute(query).all():
        if decision_id not in known and int(json.loads(evidence).get("document_key", -1)) in keys:
            raise PostingRefusedError("decision-content-changed", receipt="", document=note)
    for decision_id, note in held_by_cases(posting.connection, keys):
        if decision_id not in known:
            raise PostingRefusedError("decision-content-changed", receipt="", document=note)
