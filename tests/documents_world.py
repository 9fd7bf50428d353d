"""Pages of a made-up company: a statement and an act of any length, whose sums hold."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from workbench.views.documents.shapes import (
    ActPage,
    AgreedAction,
    Amount,
    Difference,
    Movement,
    OpenItem,
    Party,
    Proof,
    Said,
    Signatory,
    StatementPage,
)

COMPANY = Party(
    "Comercial Andina de Ejemplo S.A.S.",
    "900123456-8",
    address="Carrera 7 # 71-21, torre B, piso 9",
    city="Bogotá D.C.",
    country="Colombia",
    contact="cartera@andina.example · +57 601 555 0100",
)
CUSTOMER = Party(
    "Distribuciones Ñuñez & Hijos Ltda.",
    "800987654-3",
    address="Calle 10 # 43-20",
    city="Medellín",
    country="Colombia",
)
CUT_OFF = dt.date(2026, 10, 31)
START = dt.date(2026, 10, 1)
PROOF = Proof(CUT_OFF, dt.datetime(2026, 11, 3, 14, 5, 9, tzinfo=dt.UTC), "9f" * 32, 48_213)
_RANGES = (
    ("not_due", 0),
    ("d1_30", 30),
    ("d31_60", 60),
    ("d61_90", 90),
    ("d91_120", 120),
    ("d121_180", 180),
    ("d181_360", 360),
    ("d361_plus", 10**6),
)
_KINDS = ("invoice", "payment", "invoice", "withholding", "credit_note", "debit_note")
_SHARE = {"payment": "-0.8", "withholding": "-0.035", "credit_note": "-0.12", "debit_note": "0.05"}


def open_list(count: int) -> tuple[OpenItem, ...]:
    """Invoices of every age, each seventh item a credit note that waits to be used."""
    items = []
    for number in range(count):
        amount = Decimal(1_250_000 + number * 731_453 % 98_000_000) + Decimal(number % 100) / 100
        late = (number * 37) % 420 - 45
        if number % 7 == 5:
            items.append(
                OpenItem(
                    f"NC-{4100 + number}",
                    "credit_note",
                    CUT_OFF - dt.timedelta(20),
                    None,
                    None,
                    -amount,
                    -amount,
                )
            )
            continue
        due = CUT_OFF - dt.timedelta(late)
        kind = "debit_note" if number % 11 == 9 else "invoice"
        left = amount if number % 3 else (amount / 2).quantize(Decimal("0.01"))
        items.append(OpenItem(f"FV-{10_230 + number}", kind, due - dt.timedelta(60), due, late, amount, left))
    return tuple(items)


def ages(items: Sequence[OpenItem]) -> tuple[Amount, ...]:
    sums = dict.fromkeys((*(name for name, _ in _RANGES), "unapplied"), Decimal(0))
    for item in items:
        name = "unapplied"
        if item.days_overdue is not None:
            name = next(name for name, upper in _RANGES if item.days_overdue <= upper)
        sums[name] += item.open
    return tuple(Amount(name, amount) for name, amount in sums.items())


def statement(items: int = 9, movements: int = 12, **changes: object) -> StatementPage:
    """``changes``: fields of the page that the test wants otherwise."""
    listed = open_list(items)
    closing = sum((item.open for item in listed), Decimal(0))
    lines: list[tuple[dt.date, str, str, Decimal]] = []
    for number in range(movements):
        kind = _KINDS[number % len(_KINDS)]
        amount = Decimal(3_400_000 + number * 417_931 % 61_000_000) * Decimal(_SHARE.get(kind, "1"))
        day = START + dt.timedelta(number * 30 // max(movements, 1))
        lines.append((day, kind, f"{kind[:2].upper()}-{20_311 + number}", amount.quantize(Decimal("0.01"))))
    balance = opening = closing - sum((line[3] for line in lines), Decimal(0))
    made, totals = [], dict[str, Decimal]()
    for day, kind, document, amount in lines:
        balance += amount
        totals[kind] = totals.get(kind, Decimal(0)) + amount
        reference = (
            "" if kind == "invoice" else Said(f"Sobre FV-{10_230 + len(made)}", f"On FV-{10_230 + len(made)}")
        )
        made.append(Movement(day, kind, document, reference, amount, balance))
    order = ("invoice", "debit_note", "credit_note", "payment", "withholding")
    page = StatementPage(
        statement_id="EC-1000-C00042-2026-10-COP",
        company=COMPANY,
        customer=CUSTOMER,
        customer_id="C00042",
        currency="COP",
        period_start=START,
        period_end=CUT_OFF,
        opening=opening,
        movements=tuple(made),
        totals=tuple(Amount(kind, totals[kind]) for kind in order if kind in totals),
        closing=closing,
        open_items=listed,
        ageing=ages(listed),
        proof=PROOF,
        notes=(
            Said(
                "Si algo no coincide con sus registros, escríbanos antes del 10 de noviembre de 2026.",
                "If anything differs from your records, please write to us before 10 November 2026.",
            ),
        ),
    )
    return replace(page, **changes)  # type: ignore[arg-type]  # names and types are the test's to know


def act(items: int = 6, differences: bool = True, **changes: object) -> ActPage:
    """With four differences of different causes, or with none and both balances equal."""
    listed = open_list(items)
    balance = sum((item.open for item in listed), Decimal(0))
    found = (
        Difference(
            "not_received",
            "FV-10233",
            Decimal("3444359.03"),
            None,
            Decimal("3444359.03"),
            "Ana Ruiz",
            dt.date(2026, 11, 12),
            Said("Reenviar la factura al buzón de radicación", "Send the invoice again"),
        ),
        Difference(
            "payment_not_identified",
            "CE-88121",
            None,
            Decimal("-1500000.00"),
            Decimal("1500000.00"),
            "Luis Mora",
            dt.date(2026, 11, 9),
            Said("Falta el soporte del pago", "Proof of payment missing"),
        ),
        Difference(
            "withholding",
            "FV-10231",
            Decimal("1981453.01"),
            Decimal("1931916.68"),
            Decimal("49536.33"),
            "Cliente",
            dt.date(2026, 11, 20),
            Said("Certificado de retención", "Certificate of withholding"),
        ),
        Difference("unexplained", "", None, None, Decimal("-0.36"), "Ana Ruiz", None),
    )
    used = found if differences else ()
    page = ActPage(
        act_id="AC-1000-C00042-2026-10-COP",
        company=COMPANY,
        customer=CUSTOMER,
        customer_id="C00042",
        currency="COP",
        cut_off=CUT_OFF,
        period_start=START,
        our_balance=balance,
        their_balance=balance - sum((one.amount for one in used), Decimal(0)),
        summary=(
            Amount("opening", balance - Decimal("12000000.00")),
            Amount("invoice", Decimal("45300000.00")),
            Amount("credit_note", Decimal("-2300000.50")),
            Amount("payment", Decimal("-30000000.00")),
            Amount("withholding", Decimal("-999999.50")),
        ),
        open_items=listed,
        ageing=ages(listed),
        differences=used,
        actions=(
            AgreedAction(
                Said("Reenviar FV-10233 con su orden de compra", "Send FV-10233 again with its order"),
                "Ana Ruiz (empresa)",
                dt.date(2026, 11, 12),
            ),
            AgreedAction(
                Said("Enviar el soporte del pago CE-88121", "Send the proof of payment CE-88121"),
                "Luis Mora (cliente)",
                dt.date(2026, 11, 9),
            ),
        )
        if differences
        else (),
        signatories=(
            Signatory("us", "Ana María Ruiz Peña", "Jefe de cartera", "CC 52.123.456", "Bogotá D.C."),
            Signatory("them", "Luis Fernando Mora", "Contador", "CC 71.987.654 · T.P. 55.001-T", "Medellín"),
        ),
        proof=PROOF,
    )
    return replace(page, **changes)  # type: ignore[arg-type]  # names and types are the test's to know


def text_of(pdf: bytes) -> str:
    """What poppler reads out of the pages, as one line."""
    return " ".join(poppler("pdftotext", "-raw", "-", "-", pdf=pdf).split())


def poppler(tool: str, *arguments: str, pdf: bytes) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} (poppler-utils) reads the PDF back, and is not on this machine")
    return subprocess.run([tool, *arguments], input=pdf, capture_output=True, check=True).stdout.decode()
