"""Who pays for whom, and under which words: what people approved, with the days it holds."""

from __future__ import annotations

from .shapes import Table

ALIAS_KINDS = ("text", "customer")

#: ``text``: a receipt whose payer or text has these words is of the customer. ``customer``: the customer of
#: this id pays for the other (parent for child). It counts from … through, inclusive, ``NaT`` without end.
#: An alias of words only suggests until people decided on it often enough and hardly ever against it.
ALIASES = Table(
    "aliases",
    ("company_id", "kind", "pattern", "customer_id", "valid_from"),
    {
        "company_id": "text",
        "kind": "text",  # one of ALIAS_KINDS
        "pattern": "text",  # words as the bank writes them, or the id of the customer that pays
        "customer_id": "text",  # whose documents are paid
        "valid_from": "date",
        "valid_through": "date",
        "approved_by": "text",  # without a name it counts for nothing
        "decided": "integer",  # decisions people made on what it suggested
        "confirmed": "integer",  # of them, those that agreed
        "recorded_at": "instant",
    },
)

#: Where a decision found what it teaches: the payer's name, the words of its text, or the customer that paid.
EVIDENCE_PLACES = ("name", "text", "payer")

#: What each decision of a person taught: a receipt under these words, or paid by this customer, was of that
#: customer. A decision that was undone since teaches nothing (``matching.learned_aliases``).
ALIAS_EVIDENCE = Table(
    "alias_evidence",
    ("decision_id", "kind", "found_in", "customer_id"),
    {
        "decision_id": "text",
        "receipt_key": "integer",
        "company_id": "text",
        "kind": "text",  # one of ALIAS_KINDS
        "pattern": "text",
        "customer_id": "text",  # whose documents were paid
        "found_in": "text",  # one of EVIDENCE_PLACES
        "receipt_date": "date",
        "who": "text",
        "recorded_at": "instant",
    },
)
