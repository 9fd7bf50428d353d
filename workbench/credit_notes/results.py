"""What setting off credit notes hands back: legs, suggestions with every rival, what is left and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..tables import Table

#: A suggestion takes nothing. One row a leg; ``proposal`` numbers the answers of one note, 1 the best.
SUGGESTED = Table(
    "suggested",
    ("credit_document_key", "proposal", "document_key"),
    {
        "credit_document_key": "integer",
        "credit_document_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "proposal": "integer",
        "document_key": "integer",
        "document_id": "text",
        "document_date": "date",
        "open_amount": "money",  # of the invoice, after what the run applied
        "applied_amount": "money",  # what would leave the invoice, positive
        "rule": "text",
        "evidence": "text",
    },
)
#: Credit notes with something left, at the end of the run.
UNAPPLIED = Table(
    "unapplied",
    ("document_key",),
    {
        "document_key": "integer",
        "document_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "document_date": "date",
        "age_days": "integer",  # from its date to the cutoff
        "unapplied_amount": "money",  # negative: what we still owe the customer
        "reason": "text",  # words in matching.po and credit_notes.po
        "rivals": "integer",  # proposals in SUGGESTED
        "evidence": "text",  # who promised it elsewhere and when; "" without more to say
    },
)
#: Per customer: opening + new + matched = left (notes negative, matched positive), what its invoices lose
#: is what its notes lose, and so its balance is the same before and after.
SUMMARISED = Table(
    "summarised",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "credit_notes": "integer",
        "opening_notes_amount": "money",
        "new_amount": "money",  # of notes dated in the period
        "matched_amount": "money",
        "left_amount": "money",
        "debt_before_amount": "money",  # invoices and debit notes
        "debt_after_amount": "money",
        "other_credits_amount": "money",  # payments and others; balance = debt + notes + these
        "balance_before_amount": "money",
        "balance_after_amount": "money",
        "reason": "text",  # of the largest part of what is left
    },
)
#: What was set off, a row a pair of legs.
SET_OFFS = Table(
    "set_offs",
    ("operation",),
    {
        "operation": "text",
        "company_id": "text",
        "customer_id": "text",
        "credit_document_id": "text",
        "document_id": "text",
        "currency": "text",
        "applied_amount": "money",  # off the invoice and off the note
        "rule": "text",
        "evidence": "text",
    },
)
#: What a person has told: take ``amount`` (positive) from the credit note to the invoice.
ALLOCATIONS = Table(
    "allocations",
    (),
    {"credit_document_key": "integer", "document_key": "integer", "amount": "money"},
)


@dataclass(frozen=True)
class Matched:
    """``applied`` (``applications.APPLIED``), ``suggested``, ``unapplied``, ``summarised``, ``findings``."""

    applied: pd.DataFrame
    suggested: pd.DataFrame
    unapplied: pd.DataFrame
    summarised: pd.DataFrame
    findings: pd.DataFrame
