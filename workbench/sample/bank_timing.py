"""What bank and books show in different months: cheques that are cashed later, transfers that are under way.

Bank lines and ledger are both made from it, so that what stays at one month's end is solved in the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .days import Months

#: Months of the bank's ledger, the closing one the last; before them nobody reconciled here.
LEDGER_MONTHS = 3
#: Minor units: the smallest a cheque or transfer may be, and a step of it.
_STEP = {"COP": 100_000, "USD": 100}


@dataclass(frozen=True)
class Timed:
    """Money that we book on one day and the bank on another; ``bank_day`` -1: not within these months."""

    book_day: int
    bank_day: int
    amount: int
    reference: str
    text: str  # as we book it
    bank_text: str
    sort: str  # of the bank's line


def ledger_months(months: Months) -> range:
    """Indexes of the months of which there is a ledger."""
    return range(max(0, months.count - LEDGER_MONTHS), months.count)


def make_timed(currency: str, months: Months, rng: np.random.Generator) -> list[Timed]:
    """Of each month of the ledger: transfers of its last day, and three cheques of which one is cashed in the
    month, one in the next, and one not at all."""
    timed = []
    number = 500_000 if currency == "COP" else 700_000
    is_peso = currency == "COP"
    for month in ledger_months(months):
        working = months.days_of(month)
        following = months.days_of(month + 1) if month + 1 < months.count else np.empty(0, np.int64)
        for place in range(2 if is_peso else 1):
            amount = int(rng.integers(2_000, 9_000)) * _STEP[currency] + 37
            day = int(working[-1])
            arrival = int(following[0]) if len(following) else -1
            text = "Traslado desde cuenta concentradora" if is_peso else "Own account transfer"
            shown = "TRASLADO DESDE CUENTA CONCENTRADORA" if is_peso else "OWN ACCOUNT TRANSFER"
            reference = f"CT{day}{place + 1:02d}"
            timed.append(Timed(day, arrival, amount, reference, text, f"{shown} {reference}", "transfer"))
        for place in range(3):
            number += int(rng.integers(3, 40))
            amount = -(int(rng.integers(300, 4_000)) * _STEP[currency] + int(rng.integers(1, 99)))
            drawn = int(working[min(4 + 4 * place, len(working) - 1)])
            late = following[3:4] if place == 1 else working[-2:-1] if place == 0 else working[:0]
            cashed = int(late[0]) if len(late) and late[0] >= drawn else -1
            text, shown = (
                (f"Cheque girado {number} proveedor", f"PAGO CHEQUE {number}")
                if is_peso
                else (f"Check {number} supplier", f"CHECK {number} PAID")
            )
            timed.append(Timed(drawn, cashed, amount, f"CH{number}", text, shown, "other"))
    return timed
