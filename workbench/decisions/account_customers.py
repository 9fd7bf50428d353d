"""Whose money on account is: it is on no document, so only a customer's name keeps it from being lost.

Where the receipt's customer is not known the person writes it into the row; a decision that leaves money on
account of nobody is refused. Source: DOMAIN 22.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from .rests import Legs
from .wishes import FaultError, Row, Wish


def whose_account(
    wish: Wish,
    group: list[Row],
    legs: Legs,
    owners: Collection[str],
    payer: str,
    customers: pd.DataFrame | None,
) -> str:
    """The customer of what the legs leave on account; '' where they leave nothing.

    What the person wrote, else the receipt's ``payer``, else the one of ``owners`` (of the documents paid),
    else the one that all rows of the receipt show. Several or none, and a fault asks for it.
    """
    if sum(amount for (document, _), (amount, _) in legs.items() if document < 0) <= 0:
        return ""
    row = next((one for one in group if one["decision"] == "on_account"), group[0])
    if wish.account_customer:
        return _known(wish.account_customer, row, customers)
    shown = {str(one["customer_id"]) for one in group}
    for names in ({payer}, set(owners), shown):
        if len(names - {""}) == 1:
            return min(names - {""})
    raise FaultError("decision-account-customer-missing", row, "decided_documents")


def _known(written: str, row: Row, customers: pd.DataFrame | None) -> str:
    """The id of the company's customer with that id, or with that tax id alone."""
    if customers is not None:
        own = customers[customers["company_id"] == row["company_id"]]
        if (own["customer_id"] == written).any():
            return written
        wanted = _plain([written])
        found = own.loc[[_plain([tax]) == wanted for tax in own["tax_id"]], "customer_id"].unique().tolist()
        if wanted != {""} and len(found) == 1:
            return str(found[0])
    raise FaultError("decision-account-customer-unknown", row, "decided_documents", customer=written)


def _plain(texts: Iterable[object]) -> set[str]:
    """Tax ids without points and dashes, which people write either way."""
    return {"".join(letter for letter in str(text) if letter.isalnum()) for text in texts}
