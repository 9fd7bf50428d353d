"""What the rooms of exchange differences hand on: the frames and the frozen results.

Money that ends in ``_base`` is minor units of ``base_currency``; any other is of the row's ``currency``.
A difference is positive where it is a gain on what is owed to us. Rates are integers × ``money.RATE_SCALE``,
or decimal text where a person reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import ColumnType, Table

#: Where a settlement was read: our application, its reversal, a clearing of the ERP, or only an extract that
#: shows less open than before.
SOURCES = ("application", "reversal", "clearing", "extract")

_WHO: dict[str, ColumnType] = {
    "document_key": "integer",
    "company_id": "text",
    "customer_id": "text",
    "document_id": "text",
    "document_date": "date",
    "currency": "text",
}

#: One row what left a document on a day; Σ = original amount − open amount, document by document.
SETTLEMENTS = Table(
    "settlements",
    ("document_key", "settled_date", "settled_by", "settled_id"),
    {
        **_WHO,
        "settled_date": "date",  # the day in the books
        "rate_date": "date",  # the day whose rate settles: that of the receipt or the payment
        "settled_by": "text",  # of SOURCES
        "settled_id": "text",  # application, clearing document; '' where only an extract says it
        "receipt_id": "text",  # '' where no receipt is involved
        "kind": "text",  # tables.CASH_KINDS, OTHER_KINDS; 'clearing' where the ERP does not say
        "settled_amount": "money",  # sign of the document; a reversal has the other one
    },
)

#: A settlement in base currency; realised_base = paid_base − released_base, row by row.
REALISED = Table(
    "realised_settlements",
    SETTLEMENTS.key,
    {
        **SETTLEMENTS.columns,
        "initial_rate": "integer",  # × RATE_SCALE, of the document's day
        "settled_rate": "integer",  # of rate_date
        "base_currency": "text",
        "released_base": "money",  # settled at the document's rate: what leaves the books
        "paid_base": "money",  # settled at the payment's rate
        "realised_base": "money",  # gain positive
        "taxed_base": "money",  # the part of it that ET art. 288 taxes or deducts now
    },
)

#: One row a document at one close: carrying = initial − released − residue + unrealised = open × its rate.
REVALUED = Table(
    "revalued",
    ("document_key",),
    {
        **_WHO,
        "open_amount": "money",
        "initial_rate": "integer",
        "closing_rate": "integer",
        "base_currency": "text",
        "initial_base": "money",  # original amount at the document's rate
        "released_base": "money",  # what settlements have taken of it
        "residue_base": "money",  # cents that rounding left in a document with nothing open; else 0
        "unrealised_base": "money",  # carrying_base − what is left of the initial base
        "carrying_base": "money",  # open at the closing rate
        "tax_base": "money",  # what tax law carries: what is left at the initial rate (ET art. 288)
        "temporary_base": "money",  # carrying_base − tax_base
    },
)

_SUMS: dict[str, ColumnType] = {
    "company_id": "text",
    "customer_id": "text",
    "currency": "text",
    "base_currency": "text",
}
#: The statement of a period in base currency: opening + documents − collected + realised + late + reversed +
#: unrealised + residue = closing, row by row, to the cent.
STATEMENT = Table(
    "exchange_statement",
    ("company_id", "customer_id", "currency"),
    {
        **_SUMS,
        "opening_base": "money",  # open at the close before, at its rate, as that close knew it
        # Documents and settlements of days before the period that became known since are in the next two.
        "documents_base": "money",  # new documents but payments, at their day's rate
        "collected_base": "money",  # what settled, at the payment's rate, and the ERP's payments; comes off
        "realised_base": "money",
        "late_base": "money",  # realised on days of the closes before, known only since
        "reversed_base": "money",  # the unrealised of the close before, taken back on the period's first day
        "unrealised_base": "money",  # of this close
        "residue_base": "money",  # cents cleared, as a result: positive is a gain
        "closing_base": "money",
        "open_amount": "money",  # in the documents' currency
    },
)
#: Accounting against tax, per currency: accounting − tax = permanent + change of the temporary difference.
COMPARED = Table(
    "accounting_and_tax",
    ("company_id", "currency"),
    {
        "company_id": "text",
        "currency": "text",
        "base_currency": "text",
        "realised_base": "money",
        "late_base": "money",
        "reversed_base": "money",
        "unrealised_base": "money",
        "residue_base": "money",
        "accounting_base": "money",  # the five together: what accounting shows in the result
        "tax_base": "money",  # what tax law counts in the period
        "permanent_base": "money",  # realised that tax law never counts (policy.exchange.not_taxed)
        "temporary_opening_base": "money",
        "temporary_closing_base": "money",
        "temporary_change_base": "money",
    },
)


@dataclass(frozen=True)
class Measured:
    """Exchange differences of one period.

    ``settlements`` (``REALISED``): those of the period; ``late`` (the same): what became known since of the
    days through the close before, what no more stands with the other sign. ``opening`` and ``closing``
    (``REVALUED``): each document at the close before, as it knew it, and at this one; ``restated``: at the
    close before, as it is known now. ``statement``, ``compared``; ``findings``: what has no rate, and
    ``left_out``: the keys of those documents.
    """

    settlements: pd.DataFrame
    late: pd.DataFrame
    opening: pd.DataFrame
    restated: pd.DataFrame
    closing: pd.DataFrame
    statement: pd.DataFrame
    compared: pd.DataFrame
    findings: pd.DataFrame
    left_out: frozenset[int] = frozenset()
