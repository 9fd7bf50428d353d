"""What is true of the sample: what each receipt pays, and which invoice each credit note reduces."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..money import to_text
from .days import NO_DAY, iso_texts
from .history import History
from .numbers import Numbers


def write_truth(folder: Path, history: History, numbers: Numbers, receipt_ids: list[str]) -> list[Path]:
    """``truth.csv`` (a door), and beside it the kind of each receipt and the credit notes' invoices.

    ``truth.csv`` holds the receipts for import only; a receipt without a row there pays no document.
    """
    return [
        _write_legs(folder / "truth.csv", history, numbers, receipt_ids),
        _write_receipts(folder / "truth_receipts.csv", history, receipt_ids),
        _write_credit_notes(folder / "truth_credit_notes.csv", history, numbers),
    ]


def _write_legs(path: Path, history: History, numbers: Numbers, receipt_ids: list[str]) -> Path:
    legs = history.legs
    currency = history.customers.currency[history.receipts.customer]
    shown = np.flatnonzero(history.is_for_import[legs.receipt])
    rows = ["receipt_id,document_id,amount,kind"]
    order = shown[np.lexsort((legs.item[shown], legs.receipt[shown]))]
    for place in order.tolist():
        receipt = int(legs.receipt[place])
        amount = to_text(int(legs.amount[place]), str(currency[receipt]))
        rows.append(
            f"{receipt_ids[receipt]},{numbers.document_id[int(legs.item[place])]},{amount},{legs.kind[place]}"
        )
    return _written(path, rows)


def _write_receipts(path: Path, history: History, receipt_ids: list[str]) -> Path:
    receipts, ids = history.receipts, history.customers.ids
    currency = history.customers.currency[receipts.customer].tolist()
    days = iso_texts(receipts.day)
    rows = ["receipt_id,receipt_date,currency,amount,customer_id,payer_customer_id,kind,detail"]
    for place in np.flatnonzero(history.is_for_import).tolist():
        customer, payer = int(receipts.customer[place]), int(receipts.payer[place])
        is_known = receipts.detail[place] != "unidentified"
        rows.append(
            ",".join(
                (
                    receipt_ids[place],
                    days[place],
                    currency[place],
                    to_text(int(history.received[place]), currency[place]),
                    ids[customer] if is_known else "",
                    ids[payer] if payer >= 0 else "",
                    str(receipts.kind[place]),
                    str(receipts.detail[place]),
                )
            )
        )
    return _written(path, rows)


def _write_credit_notes(path: Path, history: History, numbers: Numbers) -> Path:
    """Open credit notes that name an open invoice, where no receipt takes either of them."""
    items = history.items
    is_taken = np.zeros(len(items), dtype=bool)
    is_taken[history.legs.item] = True
    refers = items.refers_to
    notes = (items.document_type == "DG") & (refers >= 0) & ~is_taken & (items.clearing_day == NO_DAY)
    notes &= ~is_taken[refers] & (items.clearing_day[refers] == NO_DAY)
    rows = ["credit_document_id,document_id"]
    rows += [
        f"{numbers.document_id[n]},{numbers.document_id[int(refers[n])]}"
        for n in np.flatnonzero(notes).tolist()
    ]
    return _written(path, rows)


def _written(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path
