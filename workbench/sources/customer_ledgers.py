"""The customer's own ledger with us (auxiliar de proveedores): what they say they owe, line by line."""

from __future__ import annotations

import numpy as np

from ..tables import CUSTOMER_LEDGER_LINES
from .checked import (
    check_customers,
    check_rows,
    extract_date,
    finish,
    read_fields,
    restore_leading_zeros,
)
from .fields import KIND_WORDS
from .parsed import Context, Parsed
from .raw_table import plain_words
from .sheets import Sheet
from .simple_tables import as_read

LEDGER_LINE_ROWS = as_read(CUSTOMER_LEDGER_LINES, "ledger_line_key", "observed_date", "recorded_at", "row")

#: What a line does to the debt, by its kind; of ``other`` nobody can say.
SIGNS = {"invoice": 1, "debit_note": 1, "credit_note": -1, "payment": -1, "withholding": -1}


def read_customer_ledger(sheet: Sheet, context: Context) -> Parsed:
    """Lines of one or several customers' lists, positive what they say they owe us.

    Their books show the debt as a liability: in two columns it is credit − debit; a single amount is taken as
    it stands, ``reversed``, ``by_side`` of a word, or ``by_kind`` where the list writes no signs. A kind that
    the mapping does not know is ``other``, with a finding. The same line twice is two lines: it may be what
    differs. A line of zero says that the list was sent. Totals lines are compared.
    """
    typed = read_fields(sheet, context)
    frame = typed.frame
    restore_leading_zeros(sheet, frame, context)
    check_customers(sheet, frame, context)
    kinds = _kinds(sheet, frame["line_kind"].to_numpy())
    frame["line_kind"] = kinds
    one_column = "ledger_amount" in sheet.cells
    amounts = (frame["ledger_amount"] if one_column else frame["credit"] - frame["debit"]).to_numpy()
    if sheet.mapping.sign == "reversed":
        amounts = -amounts
    elif sheet.mapping.sign == "by_kind":
        signs = np.array([SIGNS.get(kind, 0) for kind in kinds], dtype=np.int64)
        amounts = np.where(signs == 0, amounts, signs * np.abs(amounts))
    elif sheet.mapping.sign == "by_side" and one_column and "debit_credit" in sheet.cells:
        is_debit = frame["debit_credit"].isin(sheet.mapping.debit_words).to_numpy()
        is_known = is_debit | frame["debit_credit"].isin(sheet.mapping.credit_words).to_numpy()
        sheet.refuse(~is_known, "debit-credit-unknown", "debit_credit")
        amounts = np.where(is_debit, -np.abs(amounts), np.abs(amounts))
    frame["ledger_amount"] = amounts
    _tell_odd_signs(sheet, kinds, amounts)
    stated = ("ledger_amount",) if one_column else ("debit", "credit")
    sheet.refuse(~np.any([typed.has_value[name] for name in stated], axis=0), "amount-missing", stated[0])
    check_rows(sheet, "zero-amount", amounts == 0, "ledger_amount")
    lines = LEDGER_LINE_ROWS.conform(frame)
    day = extract_date(sheet, frame)
    return finish(sheet, lines, np.zeros(len(lines), dtype=bool), sum_of="ledger_amount", extract_date=day)


def _kinds(sheet: Sheet, codes: np.ndarray) -> np.ndarray:
    """The kind by the mapping's words; ``other`` where the row says none or one that nobody knows."""
    words = {plain_words(word): kind for word, kind in sheet.mapping.kinds.items()}
    words |= {plain_words(kind): kind for kind in KIND_WORDS["customer_ledger"]}
    found = np.full(len(codes), "other", dtype=object)
    for word in sorted(set(codes.tolist())):
        rows = codes == word
        kind = words.get(plain_words(word))
        if kind is not None:
            found[rows] = kind
        elif word and (count := int((rows & sheet.is_good).sum())):
            sheet.findings.add("ledger-kind-unknown", key=word, value=word, count=count)
    return found


def _tell_odd_signs(sheet: Sheet, kinds: np.ndarray, amounts: np.ndarray) -> None:
    """Where every payment or note adds to the debt, the list writes no signs, and the mapping must say so."""
    is_credit = np.isin(kinds, [kind for kind, sign in SIGNS.items() if sign < 0]) & sheet.is_good
    odd = is_credit & (amounts > 0)
    if odd.any() and int(odd.sum()) == int((is_credit & (amounts != 0)).sum()):
        sheet.findings.add("ledger-signs-odd", count=int(odd.sum()), row=int(sheet.row_numbers[odd][0]))
