"""What goes through the hands of several people: acts, transfers, exceptions, write-offs, plans.

A case is opened once and moves from state to state; each move is an event with who, when and why, and none
is ever changed. Where it stands is what its last event says. What each kind may do is a ``cases.Machine`` in
the trade module of its name.
"""

from __future__ import annotations

from .shapes import Table

#: One row a case, with what its last event says.
CASES = Table(
    "cases",
    ("case_id",),
    {
        "case_id": "text",
        "kind": "text",  # the machine's name
        "company_id": "text",
        "customer_id": "text",  # '' where it is no customer's
        "currency": "text",
        "period": "text",  # YYYY-MM, '' where it belongs to none
        "as_of_date": "date",  # the cut-off it speaks of
        "subject_key": "text",  # what it is about, in the kind's own words: a document, an account …
        "case_amount": "money",
        "content": "text",  # canonical JSON, as it was opened
        "content_sha256": "text",
        "opened_by": "text",
        "opened_date": "date",
        "state": "text",
        "events": "integer",
        "last_move": "text",
        "last_who": "text",
        "last_date": "date",
        "recorded_at": "instant",  # when the last event became known
    },
)

#: One row a move; the first (number 1, ``open``) is how the case came to be.
CASE_EVENTS = Table(
    "case_events",
    ("case_id", "number"),
    {
        "case_id": "text",
        "number": "integer",
        "move": "text",
        "state": "text",  # after it
        "event_date": "date",
        "reason": "text",
        "content": "text",  # canonical JSON of what the move brought
        "file_sha256": "text",  # a kept file (``book.stored_files``), '' without
        "who": "text",
        "recorded_at": "instant",
    },
)

#: What a case holds: documents with what was open of them, bank lines, receipts.
CASE_ITEMS = Table(
    "case_items",
    ("case_id", "item_number"),
    {
        "case_id": "text",
        "item_number": "integer",
        "item_kind": "text",  # document, receipt, bank_line, book_line …
        "item_key": "integer",  # the book's own key of it
        "item_id": "text",  # its id as people know it
        "currency": "text",
        "item_amount": "money",  # sign of what it stands for: positive is owed to us
        "note": "text",
    },
)
