"""Remittance advices, and the list of older deposits that nobody had identified."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..money import to_text
from .bank_files import payer
from .bank_lines import ACCOUNTS
from .customers import COMPANY
from .days import iso_texts
from .history import History
from .numbers import Numbers
from .shape import Shape

ADVICE = (
    "remittance_id,line,receipt_id,customer_id,payer_name,advice_date,currency,reference,amount,deduction,"
    "reason"
)
RECEIPTS = (
    "receipt_id,company_id,account_id,receipt_date,currency,amount,customer_id,text,payer_name,payer_tax_id,"
    "payer_account"
)
REASONS = {"withholding": "RFTE", "discount": "DPP", "fee": "GBAN"}


def write_advices(
    path: Path,
    history: History,
    numbers: Numbers,
    receipt_ids: list[str],
    shape: Shape,
    rng: np.random.Generator,
) -> Path:
    """One row a document that the customer says it pays; half name the receipt, half payer and day."""
    receipts, legs = history.receipts, history.legs
    share = np.array([shape.advice_share.get(kind, 0.0) for kind in receipts.kind.tolist()])
    advised = (rng.random(len(receipts)) < share) & history.is_for_import & (receipts.payer >= 0)
    has_id = rng.random(len(receipts)) < 0.5
    days = iso_texts(history.months.shift(receipts.day, rng.integers(-2, 2, len(receipts))))
    short: dict[tuple[int, int], tuple[int, str]] = {}
    is_cash = legs.of_kinds("payment", "credit_note")
    for place in np.flatnonzero(~is_cash & advised[legs.receipt]).tolist():
        key = (int(legs.receipt[place]), int(legs.item[place]))
        short[key] = (int(legs.amount[place]), REASONS[str(legs.kind[place])])
    shown = np.flatnonzero(is_cash & advised[legs.receipt])
    order = shown[np.lexsort((legs.item[shown], legs.receipt[shown]))]
    rows, line, previous = [ADVICE], 0, -1
    for place in order.tolist():
        receipt, item = int(legs.receipt[place]), int(legs.item[place])
        line = line + 1 if receipt == previous else 1
        previous = receipt
        currency = "USD" if history.customers.is_export[receipts.customer[receipt]] else "COP"
        deduction, reason = short.get((receipt, item), (0, ""))
        fields = (
            f"RA{receipt:08d}",
            str(line),
            receipt_ids[receipt] if has_id[receipt] else "",
            history.customers.ids[receipts.customer[receipt]],
            payer(history, receipt)[1],
            days[receipt],
            currency,
            numbers.reference[item] or numbers.document_id[item],
            to_text(int(legs.amount[place]), currency),
            to_text(deduction, currency),
            reason,
        )
        rows.append(",".join(fields))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path


def write_unidentified(
    path: Path, history: History, receipt_ids: list[str], references: list[str], texts: list[str]
) -> Path:
    """Deposits of earlier months that are still to be identified (source ``receipts``)."""
    receipts = history.receipts
    days = iso_texts(receipts.day)
    rows = [RECEIPTS]
    for place in np.flatnonzero(history.is_listed).tolist():
        currency = "USD" if history.customers.is_export[receipts.customer[place]] else "COP"
        tax_id, name, account = payer(history, place)
        said = " ".join(part for part in (references[place], texts[place]) if part)
        amount = to_text(int(history.received[place]), currency)
        fields = (
            receipt_ids[place],
            COMPANY,
            ACCOUNTS[currency],
            days[place],
            currency,
            amount,
            "",
            f'"{said}"',
            name,
            tax_id,
            account,
        )
        rows.append(",".join(fields))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", newline="")
    return path
