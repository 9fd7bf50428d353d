"""Cheques that came back (cheques devueltos): the deposit was never money, so it pays nothing."""

from __future__ import annotations

import pandas as pd

from ..references import parts_of

#: A cheque comes back within days; a line of the same amount half a year later is something else.
LONGEST_RETURN = pd.Timedelta(days=60)


#: By the account's statement, and by a collections file (recaudos).
_RETURNS = ("returned_cheque", "collected_return")


def returned_receipts(
    ordered: pd.DataFrame, bank_lines: pd.DataFrame | None, cutoff: pd.Timestamp
) -> set[int]:
    """Rows of ``ordered`` receipts whose cheque the bank took back by the cutoff.

    A return (bank line of kind ``returned_cheque`` or ``collected_return``) is of a receipt of the same
    account and amount, dated on its day or up to 60 days before: those that its reference names, else each of
    them, since none may be applied while any of them may be the one.
    """
    if bank_lines is None:
        return set()
    is_return = bank_lines["line_kind"].isin(_RETURNS) & (bank_lines["booking_date"] <= cutoff)
    returns = bank_lines[is_return]
    rows: set[int] = set()
    for line in returns.to_dict("records"):
        age = line["booking_date"] - ordered["receipt_date"]
        is_same = ordered["received_amount"].eq(-line["bank_amount"]) & age.between(
            pd.Timedelta(0), LONGEST_RETURN
        )
        for name in ("company_id", "account_id", "currency"):
            is_same &= ordered[name].eq(line[name])
        candidates = ordered.index[is_same].tolist()
        named = [row for row in candidates if _names(ordered.at[row, "text"], line["reference"])]
        rows.update(named or candidates)
    return rows


def _names(text: str, reference: str) -> bool:
    wanted, found = parts_of(reference), parts_of(text)
    return bool(wanted) and any(
        found[start : start + len(wanted)] == wanted for start in range(len(found) - len(wanted) + 1)
    )
