"""Aliases that people approved: words of a bank that mean a customer, and customers that pay for others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..references import parts_of
from ..tables import ALIAS_KINDS, ALIASES
from .checked import check_customers, finish, read_fields, settle_rivals
from .parsed import Context, Parsed
from .raw_table import plain_words
from .sheets import Sheet
from .simple_tables import as_read

ALIAS_ROWS = as_read(ALIASES, "decided", "confirmed", "recorded_at")
#: A pattern of words needs one of so many letters: shorter ones stand in every second text of a bank.
SHORTEST_WORD = 3


def read_aliases(sheet: Sheet, context: Context) -> Parsed:
    """One row an alias: its words, or the customer that pays, whose documents are paid, days and approver.

    Refused: a row that nobody approved, words without a word of three letters, a customer that pays for
    itself, a last day before the first, and the same alias twice with other days. Words are kept as they are
    compared (capitals, no accents), so that two ways of writing them are one alias.
    """
    frame = read_fields(sheet, context).frame
    frame["kind"] = _kinds(sheet, frame["kind"])
    is_words = (frame["kind"] == "text").to_numpy()
    words = [parts_of(pattern) for pattern in frame["pattern"]]
    has_word = np.array(
        [any(word.isalpha() and len(word) >= SHORTEST_WORD for word in one) for one in words], dtype=bool
    )
    sheet.refuse(is_words & ~has_word, "alias-without-words", "pattern")
    frame["pattern"] = np.where(is_words, [" ".join(one) for one in words], frame["pattern"].to_numpy())
    sheet.refuse((frame["approved_by"].str.strip() == "").to_numpy(), "alias-not-approved", "approved_by")
    is_itself = (frame["pattern"] == frame["customer_id"]).to_numpy() & ~is_words
    sheet.refuse(is_itself, "alias-of-itself", "pattern")
    ends_early = (frame["valid_through"] < frame["valid_from"]).to_numpy()
    sheet.refuse(ends_early, "alias-ends-before-it-begins", "valid_through")
    check_customers(sheet, frame, context)
    # Who pays must be known as well as for whom.
    payers = frame.assign(customer_id=np.where(is_words, "", frame["pattern"]))
    check_customers(sheet, payers, context)
    content = ["valid_through", "approved_by"]
    duplicate = settle_rivals(sheet, frame, key=list(ALIASES.key), content=content, name="pattern")
    return finish(sheet, ALIAS_ROWS.conform(frame), duplicate)


def _kinds(sheet: Sheet, codes: pd.Series) -> pd.Series:
    """The kind by the mapping's words; a row that says none speaks of words."""
    known = {plain_words(word): kind for word, kind in sheet.mapping.kinds.items()}
    known |= {plain_words(kind): kind for kind in ALIAS_KINDS}
    kinds = pd.Series([known.get(plain_words(code), "") if code else "text" for code in codes], dtype="str")
    sheet.refuse((kinds == "").to_numpy(), "kind-unknown", "kind")
    return kinds
