"""What is known of wires from abroad and of the exports that they pay: frames and the frozen result.

Amounts are minor units of the row's ``currency``, what was sent of ``sent_currency``; cash is positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import Table

#: How far a wire's papers are: declared to the exchange authority by the cut-off, not yet, or too late.
STATES = ("legalised", "pending", "overdue")
#: How a wire's receipt was found: the bank's reference in the list, the wire's own in it, or its amount.
LINKS = ("bank_reference", "wire_reference", "amount")
#: Of an export: paid in the period though no wire is known, still owed without one, or paid by one.
EXPORT_STATES = ("paid_without_wire", "open_without_wire", "wired")

#: One row a wire valued by the cut-off.
WIRES_FOLLOWED = Table(
    "wires_followed",
    ("company_id", "wire_id"),
    {
        "company_id": "text",
        "customer_id": "text",
        "wire_id": "text",
        "value_date": "date",
        "currency": "text",
        "received_amount": "money",
        "legalisation": "text",  # of STATES
        "deadline_date": "date",
        "days_left": "integer",  # to the deadline; negative after it
        "lacking": "text",  # which papers it lacks, by name, a space between
        "unexplained_amount": "money",  # sent − charges that are ours to bear − received; 0: it proves
        "bearer": "text",
        "sent_currency": "text",
        "sent_amount": "money",
        "charges_amount": "money",
        "is_provable": "flag",  # sent in the currency received, and its amount is known
        "remitter_bank": "text",
        "receipt_id": "text",  # '' where none was found
        "linked_by": "text",  # of LINKS
        "paid_documents": "text",  # references of what it pays, as the list or the applications say
        "documents_amount": "money",  # their original amounts
        "exchange_declaration": "text",
        "declared_date": "date",
        "export_declarations": "text",
    },
)
#: An invoice in another currency that was open at the cut-off or settled in the period.
EXPORTS = Table(
    "exports",
    ("document_key",),
    {
        "document_key": "integer",
        "company_id": "text",
        "customer_id": "text",
        "document_id": "text",
        "document_date": "date",
        "days_since": "integer",  # from its day to the cut-off
        "export_state": "text",  # of EXPORT_STATES
        "currency": "text",
        "original_amount": "money",
        "settled_amount": "money",  # of the period
        "open_amount": "money",
        "wires": "text",  # those that pay it, a space between; '' without one
        "export_declarations": "text",
    },
)


@dataclass(frozen=True)
class Followed:
    """``wires`` (``WIRES_FOLLOWED``), ``pending``: those not legalised, the nearest deadline first,
    ``exports`` (``EXPORTS``) and ``findings``."""

    wires: pd.DataFrame
    pending: pd.DataFrame
    exports: pd.DataFrame
    findings: pd.DataFrame
