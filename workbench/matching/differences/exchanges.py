"""Realised differences in exchange (diferencia en cambio realizada), line by line.

Accounting measures what is paid against the document's rate; the tax law taxes the same difference only when
it is paid (ET art. 288). Source: DOMAIN, section 20.
"""

from __future__ import annotations

import pandas as pd

from ...money import convert
from ...tables import Table

#: One row an applied leg of a document in another currency; money in minor units of ``base_currency``.
REALISED = Table(
    "realised",
    ("document_key", "receipt_key"),
    {
        "document_key": "integer",
        "receipt_key": "integer",
        "currency": "text",
        "applied_amount": "money",  # minor units of currency, sign of the document
        "document_rate": "integer",  # base per one currency, × money.RATE_SCALE, on the document's day
        "payment_rate": "integer",  # the same on the day it was paid
        "base_currency": "text",
        "document_base": "money",  # applied at the document's rate: what leaves the books
        "payment_base": "money",  # applied at the payment's rate
        "received_base": "money",  # what the bank credited for it; payment_base where nobody says
        "realised_difference": "money",  # payment_base − document_base: positive is a gain on a debt
        "bank_difference": "money",  # received_base − payment_base: the bank's own rate and its charges
        "code": "text",  # DIFC where there is a difference
    },
)


def realised_differences(lines: pd.DataFrame, *, base_currency: str) -> pd.DataFrame:
    """``REALISED`` of applied legs: each line by itself, rounded once, half away from zero.

    ``lines``: document_key, receipt_key, currency, applied_amount, document_rate, payment_rate (both ×
    ``RATE_SCALE``), and ``received_base`` where the bank's own credit is known. Received = document_base +
    realised_difference + bank_difference, line by line. A credit note's signs are its own.
    Rates come from :mod:`workbench.exchange`; source: DOMAIN, section 20.
    """
    rows = []
    for row in lines.to_dict("records"):
        amount, currency = int(row["applied_amount"]), str(row["currency"])
        at_document, at_payment = (
            convert(amount, int(row[name]), from_currency=currency, to_currency=base_currency)
            for name in ("document_rate", "payment_rate")
        )
        received = row.get("received_base", at_payment)
        received = at_payment if pd.isna(received) else int(received)
        rows.append(
            {
                **{name: row[name] for name in ("document_key", "receipt_key", "currency")},
                "applied_amount": amount,
                "document_rate": int(row["document_rate"]),
                "payment_rate": int(row["payment_rate"]),
                "base_currency": base_currency,
                "document_base": at_document,
                "payment_base": at_payment,
                "received_base": received,
                "realised_difference": at_payment - at_document,
                "bank_difference": received - at_payment,
                "code": "DIFC" if received != at_document else "",
            }
        )
    return REALISED.conform(pd.DataFrame(rows, columns=list(REALISED.columns)))
