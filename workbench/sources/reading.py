"""The door of the room: a file and its mapping in, checked tables and findings out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import FileRefusedError
from .alias_tables import read_aliases
from .bank_asobancaria import read_asobancaria
from .bank_bai2 import read_bai2
from .bank_camt import MESSAGES as CAMT
from .bank_camt import read_camt
from .bank_csv import read_bank_table
from .bank_mt940 import read_mt940
from .bank_mt942 import read_mt942
from .bank_ofx import read_ofx
from .customer_ledgers import read_customer_ledger
from .decision_rows import read_decisions
from .items import read_items
from .mappings import Mapping
from .parsed import Context, Parsed
from .pse import read_pse
from .rates import read_ecb, read_rates
from .recognised import say_what_it_is
from .sheets import Sheet, open_sheet
from .simple_tables import read_customers, read_ledger_lines, read_receipts, read_remittances
from .text_files import decode, read_bytes, without_end_mark
from .trade_tables import read_claims, read_control_balances, read_notes, read_orders
from .wires import read_wires

_READERS: dict[str, Callable[[Sheet, Context], Parsed]] = {
    "items": read_items,
    "customers": read_customers,
    "receipts": read_receipts,
    "bank_statement": read_bank_table,
    "bank_ledger": read_ledger_lines,
    "remittances": read_remittances,
    "rates": read_rates,
    "orders": read_orders,
    "notes": read_notes,
    "claims": read_claims,
    "control_balances": read_control_balances,
    "wires": read_wires,
    "decisions": read_decisions,
    "aliases": read_aliases,
    "customer_ledger": read_customer_ledger,
}

_TEXT_READERS: dict[str, Callable[..., Parsed]] = {
    "asobancaria": read_asobancaria,
    "bai2": read_bai2,
    "ofx": read_ofx,
    "pse": read_pse,
}


def read_file(path: Path, mapping: Mapping, *, context: Context | None = None) -> Parsed:
    """The file's good rows, the refused ones with their raw text, and findings; money with the inside sign.

    ``rows_in`` = accepted + duplicates + rejected, always. A file that cannot be used as a whole raises
    :class:`FileRefusedError` (missing columns: :class:`MissingColumnsError`) and gives nothing.
    """
    path = Path(path)
    return read_content(read_bytes(path, most=mapping.limits.bytes), mapping, file=path.name, context=context)


def read_content(content: bytes, mapping: Mapping, *, file: str, context: Context | None = None) -> Parsed:
    """The same for bytes already at hand; ``file`` names them in findings and errors."""
    with _without_garbage_collection():
        try:
            return _read(content, mapping, file, context or Context())
        except FileRefusedError as refusal:
            raise say_what_it_is(refusal, content, file=file, format_read=mapping.format) from None


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A million rows are millions of small lists, none of them a cycle: looking for some takes longer."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(content: bytes, mapping: Mapping, file: str, context: Context) -> Parsed:
    if not content.strip():
        raise FileRefusedError("empty-file", file=file)
    if mapping.format in _TEXT_READERS:
        text = decode(without_end_mark(content), mapping.encodings, file=file)
        return _TEXT_READERS[mapping.format](text, mapping, file=file, context=context)
    if mapping.format in ("mt940", "mt942"):
        content = without_end_mark(content).translate(
            None, delete=b"\x01\x03"
        )  # the marks round a message on the wire
        read_swift = read_mt940 if mapping.format == "mt940" else read_mt942
        return read_swift(decode(content, mapping.encodings, file=file), mapping, file=file, context=context)
    if mapping.format in CAMT:
        return read_camt(content, mapping, file=file, context=context)
    if mapping.format == "ecb":
        return read_ecb(decode(content, mapping.encodings, file=file), mapping, file=file)
    return _READERS[mapping.kind](open_sheet(content, mapping, file), context)
