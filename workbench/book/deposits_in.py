"""Money that customers paid into a bank account, off the statement's lines into the receipts."""

from __future__ import annotations

import numpy as np

from ..tables import ColumnType
from .banked_receipts import named_before
from .batches import Outcome
from .columns import Column, Numbers, Same, all_rows, columns_from, texts_from
from .line_rows import RECEIPT_LINES, LineRows, line_key, rows_of
from .lookups import existing_columns
from .transactions import Posting

#: Lines that are receipts too: a statement's deposits and the payments of a collections file.
_RECEIVED = ("deposit", "collected")
#: How a receipt's columns are named on a statement line.
_SAME = {"receipt_id": "line_id", "receipt_date": "booking_date", "received_amount": "bank_amount"}
_PAYER: dict[str, ColumnType] = dict.fromkeys(
    ("customer_id", "payer_name", "payer_tax_id", "payer_account"), "text"
)


def enter_deposits(posting: Posting, outcome: Outcome, lines: LineRows, fresh: np.ndarray) -> None:
    """Each is a receipt under the statement line's own id, and only once.

    A receipts file may have named it before: the same money is the same receipt, other money is a finding.
    """
    is_received = np.any([lines["line_kind"].equal_to(kind) for kind in _RECEIVED], axis=0)
    is_deposit = is_received & (lines.amounts() > 0)
    deposits = fresh[is_deposit[fresh]]
    columns: dict[str, Column] = {
        name: lines[_SAME.get(name, name)]
        for name in ("company_id", "account_id", "line_year", *_SAME, "posting_date", "currency")
    }
    content = ["receipt_date", "currency", "received_amount"]
    key = {name: columns[name] for name in line_key(RECEIPT_LINES)}
    found = existing_columns(posting, "receipts", key, deposits, content)
    stored = list(zip(*found.fetched.values(), strict=True))
    said = rows_of({name: columns[name] for name in content}, found.positions)
    for position, one, other in zip(found.positions.tolist(), stored, said, strict=True):
        if one != other:
            outcome.find(
                "receipt-unlike-statement", position=position, key=lines["line_id"].at(position),
                amount=lines["bank_amount"].at(position), currency=lines["currency"].at(position),
            )  # fmt: skip
    deposits = np.setdiff1d(deposits, found.positions, assume_unique=True)
    named = named_before(posting, outcome, lines.columns, deposits)
    deposits = np.setdiff1d(deposits, np.array(sorted(named), dtype="int64"), assume_unique=True)
    columns.update(columns_from(outcome.batch.frame, _PAYER))
    columns["batch_key"] = Same(outcome.batch_key, len(lines))
    columns["row"] = Numbers(np.array(outcome.rows, dtype="int64"))
    taken = all_rows(columns, deposits, len(lines))
    taken["text"] = texts_from(_shown_texts(lines, deposits))
    posting.insert_columns("receipts", taken, len(deposits))


def _shown_texts(lines: LineRows, positions: np.ndarray) -> list[str]:
    """Text and, where the text does not hold it already, the reference."""
    pairs = rows_of({name: lines[name] for name in ("text", "reference")}, positions)
    return [
        " ".join(part for part in (text, "" if str(reference) in str(text) else reference) if part)
        for text, reference in pairs
    ]
