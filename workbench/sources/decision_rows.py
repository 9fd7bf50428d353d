"""The workbook of suggestions as it came back: what was offered, row by row, and what the person wrote."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..decisions import DECISIONS, NOTE_DECISIONS, SHORT, WRITTEN
from ..policy import REASON_CODES
from ..words import LANGUAGES, say
from .checked import finish, read_fields
from .parsed import Context, Parsed
from .raw_table import plain_words
from .sheets import Sheet


def read_decisions(sheet: Sheet, context: Context) -> Parsed:
    """Rows of ``decisions.WRITTEN``; a word of the list in either language is the decision it means.
    So is a reason of a document paid short, which becomes its code.

    Rows in which nothing was written come along, for the seal of a receipt covers them, but are no data:
    ``rows_in`` counts the others.
    """
    frame = read_fields(sheet, context).frame
    every = tuple(dict.fromkeys((*DECISIONS, *NOTE_DECISIONS)))
    words = {plain_words(say(f"matching.decision_{one}", lang)): one for one in every for lang in LANGUAGES}
    words |= {plain_words(one): one for one in every}
    said = [words.get(plain_words(text), text) for text in frame["decision"]]
    frame["decision"] = pd.Series(said, index=frame.index, dtype="str")
    codes = {
        plain_words(say(f"matching.code_{one}", lang)): one for one in REASON_CODES for lang in LANGUAGES
    }
    is_short = frame["decision"].isin(SHORT)
    reasons = [codes.get(plain_words(text), text) for text in frame["decided_reason"]]
    frame["decided_reason"] = frame["decided_reason"].where(
        ~is_short, pd.Series(reasons, index=frame.index, dtype="str")
    )
    for name, absent in (("receipt_key", -1), ("document_key", -1), ("proposal", 0)):
        numbers = pd.to_numeric(
            frame[name].where(frame[name].str.fullmatch(r"-?[0-9]{1,15}")), errors="coerce"
        )
        frame[name] = numbers.fillna(absent).astype("int64")
    parsed = finish(sheet, WRITTEN.conform(frame), np.zeros(len(frame), dtype=bool))
    written = ["decision", "decided_documents", "decided_amounts", "decided_reason"]
    blank = int((parsed.frame[written] == "").all(axis=1).sum())
    return Parsed(
        kind=parsed.kind,
        frame=parsed.frame,
        rejected=parsed.rejected,
        findings=parsed.findings,
        rows_in=parsed.rows_in - blank,
        rows_total=parsed.rows_total + blank,
        raw_of=parsed.raw_of,
    )
