"""The frames every room passes to the next: columns, types, keys and the one sign rule.

**Sign.** Inside, positive is what the customer owes us: invoices and debit notes are positive, credit
notes and payments booked in the ERP are negative. A bank line or receipt is cash, not yet a ledger
entry: ``received_amount`` and ``bank_amount`` are positive when money came in. An applied amount has
the sign of what it reduces: positive on an invoice, negative on a credit note. Cash kinds
(``CASH_KINDS``) + unapplied = received; the other kinds reduce a document by what was not received
(positive) or take a surplus (negative). At the doors receipts are positive and credit notes negative.
Orders, notes of the distribution centres, claims and control balances: ``trade``; the customer's ledger,
wires, provisions and ledger entries: ``balances``.

**Types.** Money is int64 minor units of the row's ``currency``; ids and text are text, ``""`` where
absent; dates are days (``NaT`` where absent), instants are UTC. ``*_key`` columns are the book's own
integers, good for joins inside one book and for nothing else.
"""

from __future__ import annotations

from .balances import (
    CUSTOMER_LEDGER_LINES,
    JOURNAL_LINES,
    PROVISION_BALANCES,
    REVALUATIONS,
    WIRES,
)
from .cases import CASE_EVENTS, CASE_ITEMS, CASES
from .cash import (
    BANK_BALANCES,
    BANK_LINES,
    BOOK_LINES,
    COLLECTED_KINDS,
    LINE_KINDS,
    RATES,
    RECEIPTS,
    REMITTANCES,
)
from .doors import AGING_BY_ITEM, FINDINGS, decimal_text, to_door
from .ledger import (
    APPLICATIONS,
    CASH_KINDS,
    CLEARINGS,
    CUSTOMERS,
    DOCUMENT_KINDS,
    DOCUMENTS,
    OBSERVATIONS,
    OPEN_ITEMS,
    OTHER_KINDS,
    RECOVERED_RULE,
    REVERSALS,
    WRITE_OFF_KIND,
)
from .parties import ALIAS_EVIDENCE, ALIAS_KINDS, ALIASES, EVIDENCE_PLACES
from .shapes import DTYPES, ColumnType, Table
from .trade import (
    CLAIM_KINDS,
    CLAIM_STATES,
    CLAIMS,
    CONTROL_BALANCES,
    ERP_EXPORT_LINES,
    NOTE_STATES,
    NOTES,
    ORDER_STATES,
    ORDERS,
)

__all__ = [
    "AGING_BY_ITEM",
    "ALIASES",
    "ALIAS_EVIDENCE",
    "ALIAS_KINDS",
    "APPLICATIONS",
    "BANK_BALANCES",
    "BANK_LINES",
    "BOOK_LINES",
    "CASES",
    "CASE_EVENTS",
    "CASE_ITEMS",
    "CASH_KINDS",
    "CLAIMS",
    "CLAIM_KINDS",
    "CLAIM_STATES",
    "CLEARINGS",
    "COLLECTED_KINDS",
    "CONTROL_BALANCES",
    "CUSTOMERS",
    "CUSTOMER_LEDGER_LINES",
    "DOCUMENTS",
    "DOCUMENT_KINDS",
    "DTYPES",
    "ERP_EXPORT_LINES",
    "EVIDENCE_PLACES",
    "FINDINGS",
    "JOURNAL_LINES",
    "LINE_KINDS",
    "NOTES",
    "NOTE_STATES",
    "OBSERVATIONS",
    "OPEN_ITEMS",
    "ORDERS",
    "ORDER_STATES",
    "OTHER_KINDS",
    "PROVISION_BALANCES",
    "RATES",
    "RECEIPTS",
    "RECOVERED_RULE",
    "REMITTANCES",
    "REVALUATIONS",
    "REVERSALS",
    "WIRES",
    "WRITE_OFF_KIND",
    "ColumnType",
    "Table",
    "decimal_text",
    "to_door",
]
