"""The accounts receivable workbench: files → book → frames → trade rules → results → what people see.

Floors, top to bottom; a room may use the floors below it, never those above:

- ``cli``, ``apps``: commands and desks that a person opens.
- ``runs``, ``sample``: run notebooks and the month's close; the made-up company.
- ``intake``: parse, check against the book, store.
- ``sources``, ``book``, ``views``: bytes to tables; the only SQL; what people see.
- upper trade: ``matching``, ``credit_notes``, ``provision``, ``reconciliation``, ``close``.
- lower trade: ``ledger``, ``aging``, ``exchange``.
- words everybody uses: ``policy``, ``tables``, ``calendar``, ``money``, ``words``, ``errors``.

Nothing is imported here, so ``import workbench`` costs nothing.
"""

__version__ = "0.1.0"
