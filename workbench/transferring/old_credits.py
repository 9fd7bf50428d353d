"""An old credit of the book by its name, as the list of the close has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from .. import book as books
from .. import credit_notes, ledger
from ..errors import ParameterRefusedError
from ..policy import Policy


def find_old_credit(book: books.Book, name: str, *, as_of: dt.date, policy: Policy) -> Mapping[str, object]:
    """The row of ``credit_notes.OLD_CREDITS`` with that document or receipt; refused where none is so old."""
    read = books.read
    documents, receipts = read.documents(book), read.receipts(book)
    applied = (read.applications(book), read.reversals(book))
    open_items = ledger.open_items_as_of(
        documents, read.observations(book), read.clearings(book), *applied, as_of=as_of, with_settled=True
    )
    with_account = ledger.with_credits_on_account(
        open_items, documents, receipts, *applied, read.erp_export_lines(book), as_of=as_of
    )
    unapplied = ledger.unapplied_receipts(receipts, *applied, as_of=as_of)
    listed = credit_notes.list_old_credits(
        with_account, unapplied, read.customers(book), as_of=as_of, over_days=policy.credit_notes.old_days
    )
    found = listed[listed["document_id"] == name]
    if len(found) != 1:
        rule = "document-of-several" if len(found) else "document-unknown"
        raise ParameterRefusedError(rule, name="document", value=name, found=len(found))
    return dict(found.iloc[0])
