"""What the bank prints beside a deposit: references as customers write them, or none."""

from __future__ import annotations

import numpy as np

from .history import History
from .names import CHANNELS
from .numbers import Numbers

#: How a customer may write FE10234: ``{p}`` prefix, ``{n}`` digits.
NOISE = ("{p}-{n}", "{p} {n}", "{p}0{n}", "FACT {n}", "FAC.{n}", "{n}", "{p}.{n}", "FV{n}")


def deposit_texts(
    history: History, numbers: Numbers, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Reference and description of each receipt, in the order of the receipts."""
    receipts, legs = history.receipts, history.legs
    named: dict[int, list[str]] = {}
    is_document = legs.of_kinds("payment", "credit_note")
    for receipt, item in zip(
        legs.receipt[is_document].tolist(), legs.item[is_document].tolist(), strict=True
    ):
        named.setdefault(receipt, []).append(numbers.reference[item])
    dice = rng.random((len(receipts), 3))
    export = history.customers.is_export[receipts.customer].tolist()
    references, texts = [], []
    for place, (kind, detail) in enumerate(
        zip(receipts.kind.tolist(), receipts.detail.tolist(), strict=True)
    ):
        invoices = named.get(place, [])
        if history.copies[place] >= 0:
            invoices = named.get(int(history.copies[place]), [])[:6]
        reference, text = _say(kind, detail, invoices, export[place], dice[place].tolist())
        references.append(reference)
        texts.append(text)
    for place in np.flatnonzero(history.cheque_item >= 0).tolist():
        references[place] = f"CH{400_000 + place * 37 % 99_991:06d}"
        texts[place] = f"CONSIGNACION CHEQUE {references[place][2:]}"
    return references, texts


def _say(kind: str, detail: str, invoices: list[str], export: bool, dice: list[float]) -> tuple[str, str]:
    channel = CHANNELS[int(dice[0] * len(CHANNELS))]
    pay = "INV" if export else "PAGO FACT"
    nothing = (
        ("WIRE TRANSFER", "PAYMENT", "REMITTANCE")[int(dice[0] * 3)] if export else f"TRANSFERENCIA {channel}"
    )
    if detail == "advance":
        order = 45_000_000 + int(dice[1] * 999_999)
        return "", f"ADVANCE PO {order}" if export else f"ANTICIPO PEDIDO {order}"
    if detail == "duplicate" and invoices:
        return invoices[0], f"{pay} {' '.join(invoices)}"
    if kind == "unrelated":
        return "", "CONSIGNACION NACIONAL EFECTIVO" if detail == "unidentified" and not export else nothing
    if kind == "clean_reference":
        return (invoices[0], nothing) if dice[1] < 0.4 else ("", f"{pay} {invoices[0]}")
    if kind == "noisy_reference":
        return "", f"{pay if dice[2] < 0.7 else nothing} {_noisy(invoices[0], dice)}"
    if kind == "several_references":
        return "", f"{pay} {_listed(invoices, dice[1])}"
    if kind == "withheld":
        note = "LESS COSTS" if export else "MENOS RTE"
        return "", f"{pay} {invoices[0]} {note}"
    if kind == "credit_note_netting" and dice[1] < 0.5:
        return "", f"{pay} {' '.join(invoices[:-1])} {'LESS' if export else 'MENOS'} {invoices[-1]}"
    if kind == "whole_statement":
        return "", "STATEMENT OF ACCOUNT" if export else "PAGO ESTADO DE CUENTA"
    return "", nothing


def _noisy(invoice: str, dice: list[float]) -> str:
    prefix, digits = invoice[:2], invoice[2:]
    if dice[1] < 0.2:  # one digit mistyped
        at = 1 + int(dice[2] * (len(digits) - 1))
        return f"{prefix}{digits[:at]}{(int(digits[at]) + 1 + int(dice[0] * 8)) % 10}{digits[at + 1 :]}"
    return NOISE[int(dice[2] * len(NOISE))].format(p=prefix, n=digits)


def _listed(invoices: list[str], die: float) -> str:
    if die < 0.5:
        return " ".join(invoices)
    if die < 0.75:
        return ",".join(invoices)
    first, *others = invoices
    return " ".join([first, *(reference[2:] for reference in others)])
