"""Debit notes (notas débito) that state the credit note they take back: set off the same way, two legs."""

from __future__ import annotations

from .legs import SetOffs
from .pool import Pool

RULE = "debit-reference"


def take_debit_notes(pool: Pool, made: SetOffs) -> None:
    """Before any credit note is asked: one that was taken back is not there to reduce its invoice.

    A debit note that states an invoice adds to the debt and sets nothing off; as a document it may be
    reduced by credit notes like any other.
    """
    for account in sorted(pool.debts):
        for item in pool.alive(pool.debts[account]):
            row = pool.items[item]
            if row["document_kind"] != "debit_note" or not row["reference_document_id"]:
                continue
            found = pool.named(account, row["reference_document_id"], among_notes=True)
            if len(pool.documents(found)) != 1 or pool.is_closed(row["company_id"]):
                continue
            for note in pool.alive(found):
                amount = min(pool.left[item], -pool.left[note])
                made.take(note, item, amount, RULE, {"reference": row["reference_document_id"]})
