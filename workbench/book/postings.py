"""Every way to write to the book; each is one transaction with its audit row.

Imports come by :func:`store_batch`, cash by :func:`apply` and :func:`reverse`, the calendar by
:func:`close_through` and :func:`reopen`, people by :func:`record_decision`,
:func:`store_decisions` and :func:`answer_request`, the runner by :func:`record_run`.
"""

from __future__ import annotations

from ..errors import ParameterRefusedError
from .aliases_in import store_aliases
from .applied import Posted, apply
from .batch_shapes import in_known_shape
from .batches import ImportBatch, Outcome, StoreResult, record
from .customer_ledgers_in import store_customer_ledger
from .customers_in import store_customers
from .decisions_in import Decision, answer_request, store_decisions
from .events import close_through, record_decision, record_run, reopen, set_setting
from .exports_in import record_export
from .items import store_items
from .lines_in import LEDGER_LINES, RECEIPT_LINES, STATEMENT_LINES, store_lines
from .opened import Book
from .references_in import store_rates, store_remittances
from .reversed import reverse
from .trade_in import TRADE_KINDS, store_trade
from .transactions import Posting, writing

__all__ = [
    "Decision",
    "ImportBatch",
    "Posted",
    "StoreResult",
    "answer_request",
    "apply",
    "close_through",
    "record_decision",
    "record_export",
    "record_refusal",
    "record_run",
    "reopen",
    "reverse",
    "set_setting",
    "store_batch",
    "store_decisions",
]


def store_batch(book: Book, batch: ImportBatch, *, who: str = "", dry_run: bool = False) -> StoreResult:
    """A file's rows into the book: new facts are stored, known ones counted, contradictions kept aside.

    Raises :class:`FileRefusedError`, and leaves the book as it was, where the file as a whole cannot be
    taken. ``dry_run`` does everything and undoes it.
    """
    with writing(book, "import", who=who, is_trial=dry_run) as posting:
        outcome = Outcome(in_known_shape(posting, batch), posting.next_key("import_batches"))
        return _store(posting, outcome)


def _store(posting: Posting, outcome: Outcome) -> StoreResult:
    kind = outcome.batch.kind
    if kind == "items":
        return store_items(posting, outcome)
    if kind == "customers":
        return store_customers(posting, outcome)
    if kind == "rates":
        return store_rates(posting, outcome)
    if kind == "remittances":
        return store_remittances(posting, outcome)
    if kind == "aliases":
        return store_aliases(posting, outcome)
    if kind == "customer_ledger":
        return store_customer_ledger(posting, outcome)
    if kind in TRADE_KINDS:
        return store_trade(posting, outcome)
    lines = {"receipts": RECEIPT_LINES, "bank_statement": STATEMENT_LINES, "bank_ledger": LEDGER_LINES}.get(
        kind
    )
    if lines is None:
        raise ParameterRefusedError("batch-kind-unknown", name="kind", value=kind)
    return store_lines(posting, outcome, lines)


def record_refusal(book: Book, batch: ImportBatch, *, who: str = "") -> None:
    """A file refused as a whole: its name, hash, reason and rejected rows, and nothing else."""
    with writing(book, "import-refused", who=who) as posting:
        rejected = list(batch.rejected[["row", "rule", "values", "raw"]].itertuples(index=False, name=None))
        record(
            posting,
            batch,
            posting.next_key("import_batches"),
            status="rejected",
            companies=[],
            counts=(batch.rows_in, 0, 0, batch.rows_in),
            sums={},
            rejected=rejected,
            findings=batch.findings,
        )
