"""The book: the one place where facts are kept, and the only room that speaks SQL.

``open_book(url)`` gives a :class:`Book`; ``read`` gives frames out of it, ``postings`` writes into it, each
write one transaction with its audit row, ``audit.verify`` checks it whole. Append-only: documents, what
extracts saw of them, receipts, applications and reversals are facts with a day and a recorded instant;
what is open is derived from them by ``ledger``.
"""

from __future__ import annotations

from . import audit, postings, read, stored_files
from .dialect import RunHolder, hold_run, name_of, shown_url
from .fingerprint import fingerprint
from .opened import Book, open_book

__all__ = [
    "Book",
    "RunHolder",
    "audit",
    "fingerprint",
    "hold_run",
    "name_of",
    "open_book",
    "postings",
    "read",
    "shown_url",
    "stored_files",
]
