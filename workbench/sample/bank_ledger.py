"""The bank accounts in our own ledger (auxiliar de bancos) for the closing month.

It carries what the bank carries, but for what a reconciliation finds: lines booked some days later, notes
of the last week not booked, returned cheques and unidentified deposits not booked, deposits in transit, an
amount with two digits swapped and a deposit booked twice. It opens with the balance reconciled at the end
of the month before, which is the bank's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .bank_files import spanish
from .bank_lines import BankLines
from .customers import Flags, Ints
from .days import Days, to_date
from .history import History

HEADINGS = (
    "Sociedad;Cuenta bancaria;Asiento;Fecha contabilización;Moneda;Referencia;Texto;Débito;Crédito;Saldo"
)
#: Lines of these sorts in the last days of the month are not booked yet.
NOTES, NOTE_DAYS = ("fee", "tax", "interest"), 7
MOST_DAYS_LATE = 3


@dataclass(frozen=True)
class LedgerLine:
    """A posting: debit positive; ``cause`` says why the bank does not show it so (``""``: it does)."""

    day: int
    amount: int
    reference: str
    text: str
    cause: str


def make_ledger(lines: BankLines, history: History, rng: np.random.Generator) -> list[LedgerLine]:
    """The postings of one account in the closing month, by day, after its opening balance."""
    month = history.months.count - 1
    places = lines.of_month(month)
    last = history.months.last
    working = history.months.days_of(month)
    lag = rng.choice(np.array([0, 1, 2]), len(places), p=[0.75, 0.2, 0.05])
    booked: Days = np.where(lag > 0, history.months.shift(lines.day[places], lag), lines.day[places])
    # Over a long weekend what was late would look lost: it is booked on its own day.
    days = np.where(booked - lines.day[places] > MOST_DAYS_LATE, lines.day[places], booked)
    is_booked = _is_booked(lines, places, history, last, rng) & (days <= last)
    postings = [
        LedgerLine(day, int(lines.amount[place]), _reference(lines, place, die), _text(lines, place), "")
        for place, day, die in zip(
            places[is_booked].tolist(),
            days[is_booked].tolist(),
            rng.random(int(is_booked.sum())).tolist(),
            strict=True,
        )
    ]
    postings = _with_errors(postings, rng)
    for number in range(2 if lines.currency == "COP" else 1):
        amount = int(rng.integers(2_000, 9_000)) * (100_000 if lines.currency == "COP" else 100) + 37
        text = "Consignación cheque en tránsito" if lines.currency == "COP" else "Giro en tránsito"
        reference = f"CT{last}{number + 1:02d}"
        postings.append(LedgerLine(int(working[-1]), amount, reference, text, "in_transit"))
    return sorted(postings, key=lambda posting: posting.day)


def _is_booked(
    lines: BankLines, places: Ints, history: History, last: int, rng: np.random.Generator
) -> Flags:
    sort, luck = lines.sort[places], rng.random(len(places))
    late_note = np.isin(sort, NOTES) & (lines.day[places] > last - NOTE_DAYS)
    returned = (sort == "returned_cheque") & (luck < 0.5)
    receipt = lines.receipt[places]
    unidentified = (receipt >= 0) & (history.receipts.detail[receipt] == "unidentified") & (luck < 0.4)
    booked: Flags = ~(late_note | returned | unidentified)
    return booked


def _reference(lines: BankLines, place: int, die: float) -> str:
    """What the bank shows as the line's reference, else mostly its own number; sometimes nothing."""
    return (lines.reference[place] or lines.line_id[place]) if die < 0.85 else ""


def _text(lines: BankLines, place: int) -> str:
    return lines.text[place].capitalize()


def _with_errors(postings: list[LedgerLine], rng: np.random.Generator) -> list[LedgerLine]:
    """Two digits of one deposit swapped, another deposit booked twice."""
    deposits = [place for place, posting in enumerate(postings) if posting.amount > 0 and posting.reference]
    if len(deposits) < 4:
        return postings
    swapped, doubled = rng.choice(deposits, 2, replace=False).tolist()
    changed = list(postings)
    wrong = postings[swapped]
    changed[swapped] = LedgerLine(wrong.day, _swap(wrong.amount), wrong.reference, wrong.text, "error")
    twice = postings[doubled]
    changed.append(LedgerLine(twice.day, twice.amount, twice.reference, twice.text, "error"))
    return changed


def _swap(amount: int) -> int:
    """The amount with its first two different neighbouring digits (from the third on) swapped."""
    digits = str(amount)
    for at in range(2, len(digits) - 1):
        if digits[at] != digits[at + 1]:
            return int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])
    return amount + 9


def write_ledger(path: Path, accounts: list[tuple[BankLines, list[LedgerLine]]], history: History) -> Path:
    """One file with both accounts; each begins with the balance carried forward and ends with its total.

    The balance carried forward is a line like the others, dated the first day, as ledgers print it: the
    reconciliation knows it by the statement that opens with the same balance.
    """
    month = history.months.count - 1
    company = history.customers.table["company_id"].iat[0]
    rows, serial = [HEADINGS], 0
    for lines, postings in accounts:
        balance = lines.balance_before(month)
        opening = spanish(balance, lines.currency)
        first_day = f"01/{history.months.closing.month:02d}/{history.months.closing.year}"
        carried = f"SI{history.months.closing.year}{history.months.closing.month:02d}"
        rows.append(
            f"{company};{lines.account};{carried}-{lines.currency};{first_day};{lines.currency};;"
            f"Saldo anterior;{opening};;{opening}"
        )
        for posting in postings:
            balance += posting.amount
            serial += 1
            amount = spanish(abs(posting.amount), lines.currency)
            debit, credit = (amount, "") if posting.amount >= 0 else ("", amount)
            fields = (
                company,
                lines.account,
                f"BA{history.months.closing.year}{serial:08d}",
                f"{to_date(posting.day):%d/%m/%Y}",
                lines.currency,
                posting.reference,
                posting.text,
                debit,
                credit,
                spanish(balance, lines.currency),
            )
            rows.append(";".join(fields))
        rows.append(f"Saldo final;;;;;;{lines.account};;;{spanish(balance, lines.currency)}")
    path.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8", newline="")
    return path
