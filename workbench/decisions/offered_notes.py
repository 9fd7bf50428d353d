"""What may be decided of credit notes that were left, in the same rows and under the same seals."""

from __future__ import annotations

import pandas as pd

from .offered import content_seals, offer_decisions, row_seals

#: The ``kind`` of such a row. Its ``receipt_…`` fields are the note's, ``unapplied_amount`` what is open of
#: it (negative), ``applied_amount`` what would leave the invoice (positive).
SET_OFF = "set_off"


def offer_set_offs(
    suggested: pd.DataFrame, unapplied: pd.DataFrame, open_items: pd.DataFrame
) -> pd.DataFrame:
    """``OFFERED`` rows of credit notes: every proposal's legs, and notes that have none.

    ``suggested`` and ``unapplied`` as ``credit_notes`` gives them, ``open_items`` after what the run applied.
    """
    names = {"credit_document_key": "receipt_key", "credit_document_id": "receipt_id"}
    legs = suggested.drop(columns=["open_amount"]).rename(columns=names)
    names = {"document_key": "receipt_key", "document_id": "receipt_id", "document_date": "receipt_date"}
    frame = offer_decisions(legs.assign(kind=SET_OFF), unapplied.rename(columns=names), open_items)
    frame = frame.assign(kind=pd.Series(SET_OFF, index=frame.index, dtype="str"))
    own_seals = row_seals(frame)
    return frame.assign(row_sha256=own_seals, content_sha256=content_seals(frame, own_seals))
