"""The bank accounts in our own ledger (auxiliar de bancos), a file for each of the last months.

It carries what the bank carries, but for what a reconciliation finds: lines booked some days later; deposits
booked document by document, or two of a day in one; notes of the last week, returned cheques and unidentified
deposits booked a month later or not at all; transfers under way and cheques not cashed (``bank_timing``); an
amount with two digits swapped, a charge with the wrong sign and a deposit booked twice, each put right in the
next month. It opens with the balance reconciled before the first of these months, which is the bank's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .bank_files import spanish
from .bank_lines import BankLines
from .bank_timing import Timed, ledger_months
from .customers import Ints
from .days import Days, day_number, to_date
from .history import History

HEADINGS = (
    "Sociedad;Cuenta bancaria;Asiento;Fecha contabilización;Moneda;Referencia;Texto;Débito;Crédito;Saldo"
)
#: Lines of these sorts in the last days of the month are not booked yet.
NOTES, NOTE_DAYS = ("fee", "tax", "interest"), 7
MOST_DAYS_LATE = 3
#: Deposits of a month booked by document, and pairs of a day booked as one.
BY_DOCUMENT, TOGETHER = 4, 2


@dataclass(frozen=True)
class LedgerLine:
    """A posting: debit positive; ``cause`` says why the bank does not show it so (``""``: it does)."""

    day: int
    amount: int
    reference: str
    text: str
    cause: str


def make_ledger(
    lines: BankLines, timed: list[Timed], history: History, rng: np.random.Generator
) -> list[list[LedgerLine]]:
    """The postings of one account, a list a month, each by day."""
    made: list[list[LedgerLine]] = []
    later: list[LedgerLine] = []  # what this month leaves to the next
    for month in ledger_months(history.months):
        postings = later
        own, later = _month(lines, history, month, rng)
        first, last = (
            day_number(history.months.periods[month].first_day),
            day_number(history.months.periods[month].last_day),
        )
        postings = postings + own
        postings += [
            LedgerLine(one.book_day, one.amount, one.reference, one.text, "in_transit")
            for one in timed
            if first <= one.book_day <= last
        ]
        made.append(sorted((one for one in postings if one.day <= last), key=lambda one: one.day))
    return made


def _month(
    lines: BankLines, history: History, month: int, rng: np.random.Generator
) -> tuple[list[LedgerLine], list[LedgerLine]]:
    """What is booked of the month's bank lines, in the month and in the next."""
    places = lines.of_month(month)
    places = places[~lines.is_timed[places]]
    last = day_number(history.months.periods[month].last_day)
    lag = rng.choice(np.array([0, 1, 2]), len(places), p=[0.75, 0.2, 0.05])
    booked: Days = np.where(lag > 0, history.months.shift(lines.day[places], lag), lines.day[places])
    # Over a long weekend what was late would look lost: it is booked on its own day.
    days = np.where(booked - lines.day[places] > MOST_DAYS_LATE, lines.day[places], booked)
    sort, luck = lines.sort[places], rng.random(len(places))
    late_note = np.isin(sort, NOTES) & (lines.day[places] > last - NOTE_DAYS)
    receipt = lines.receipt[places]
    is_unknown = (receipt >= 0) & (history.receipts.detail[receipt] == "unidentified") & (luck < 0.4)
    is_left = late_note | ((sort == "returned_cheque") & (luck < 0.5)) | is_unknown
    dice = rng.random(len(places)).tolist()
    all_days = days.tolist()
    following = month + 1 < history.months.count
    afterwards = history.months.days_of(month + 1) if following else np.empty(0, np.int64)
    own: list[LedgerLine] = []
    later: list[LedgerLine] = []
    for at, place in enumerate(places.tolist()):
        line = LedgerLine(
            all_days[at],
            int(lines.amount[place]),
            _reference(lines, place, dice[at]),
            _text(lines, place),
            "",
        )
        if not is_left[at]:
            (own if line.day <= last else later).append(line)
        elif following and luck[at] < 0.85:
            day = int(afterwards[min(4 + at % 5, len(afterwards) - 1)])
            later.append(replace(line, day=day, reference=lines.reference[place] or lines.line_id[place]))
    own = _by_document(own, lines, history, places, rng)
    own = _two_as_one(own)
    right_day = int(afterwards[min(6, len(afterwards) - 1)]) if following else -1
    return _with_errors(own, later, right_day, rng)


def _by_document(
    postings: list[LedgerLine], lines: BankLines, history: History, places: Ints, rng: np.random.Generator
) -> list[LedgerLine]:
    """Some deposits are booked a line a document: the bank's one line is their sum."""
    legs = history.legs
    is_cash = legs.of_kinds("payment", "credit_note")
    parts: dict[int, list[int]] = {}
    for receipt, amount in zip(legs.receipt[is_cash].tolist(), legs.amount[is_cash].tolist(), strict=True):
        parts.setdefault(receipt, []).append(amount)
    chosen: dict[tuple[int, str], list[int]] = {}
    for place in places.tolist():
        receipt = int(lines.receipt[place])
        own = parts.get(receipt, [])
        if receipt >= 0 and 2 <= len(own) <= 5 and min(own) > 0 and sum(own) == lines.amount[place]:
            chosen.setdefault((int(lines.amount[place]), _text(lines, place)), own)
    made = []
    left = BY_DOCUMENT
    for posting in postings:
        own = chosen.get((posting.amount, posting.text), [])
        if not own or not left:
            made.append(posting)
            continue
        left -= 1
        slip = f"RC{posting.day}{left:02d}" if left % 2 else ""
        made.extend(replace(posting, amount=amount, reference=slip, cause="grouped") for amount in own)
    return made


def _two_as_one(postings: list[LedgerLine]) -> list[LedgerLine]:
    """Two deposits of one day are booked in one: the bank shows each."""
    made, left = list(postings), TOGETHER
    for one, other in zip(postings[8::9], postings[9::9], strict=False):
        are_plain = min(one.amount, other.amount) > 0 and not one.cause and not other.cause
        if left and are_plain and one.day == other.day and one.amount != other.amount:
            left -= 1
            made.remove(one)
            made.remove(other)
            text = "Consignaciones del día"
            made.append(LedgerLine(one.day, one.amount + other.amount, f"CD{one.day}", text, "split"))
    return made


def _with_errors(
    postings: list[LedgerLine], later: list[LedgerLine], right_day: int, rng: np.random.Generator
) -> tuple[list[LedgerLine], list[LedgerLine]]:
    """Two digits of a deposit swapped, a charge with the wrong sign, a deposit booked twice; each is taken
    back on ``right_day`` and booked as it is."""
    deposits = [at for at, one in enumerate(postings) if one.amount > 0 and one.reference and not one.cause]
    if len(deposits) < 4:
        return postings, later
    swapped, doubled = rng.choice(deposits, 2, replace=False).tolist()
    changed, taken_back = list(postings), []
    charges = [at for at, one in enumerate(postings) if one.amount < 0 and one.reference and not one.cause]
    wrong_ones = [(swapped, _swap(postings[swapped].amount))]
    wrong_ones += [(charges[0], -postings[charges[0]].amount)] if charges else []
    for at, amount in wrong_ones:
        wrong = replace(postings[at], amount=amount, cause="error")
        changed[at] = wrong
        taken_back += [replace(wrong, amount=-amount), replace(postings[at], cause="error")]
    twice = replace(postings[doubled], cause="error")
    changed.append(twice)
    taken_back.append(replace(twice, amount=-twice.amount))
    if right_day >= 0:
        later = later + [replace(one, day=right_day) for one in taken_back]
    return changed, later


def _reference(lines: BankLines, place: int, die: float) -> str:
    """What the bank shows as the line's reference, else mostly its own number; sometimes nothing."""
    return (lines.reference[place] or lines.line_id[place]) if die < 0.85 else ""


def _text(lines: BankLines, place: int) -> str:
    return lines.text[place].capitalize()


def _swap(amount: int) -> int:
    """The amount with its first two different neighbouring digits (from the third on) swapped."""
    digits = str(amount)
    for at in range(2, len(digits) - 1):
        if digits[at] != digits[at + 1]:
            return int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])
    return amount + 9


def write_ledgers(
    folder: Path, accounts: list[tuple[BankLines, list[list[LedgerLine]]]], history: History
) -> list[Path]:
    """A file a month with both accounts, oldest first; each ends with its balance.

    The first begins with the balance carried forward as a line like the others, dated the first day, as
    ledgers print it: the reconciliation knows it by the statement that opens with the same balance. In the
    others the balance is printed and is no line.
    """
    company = history.customers.table["company_id"].iat[0]
    months = ledger_months(history.months)
    balances = [lines.balance_before(months[0]) for lines, _ in accounts]
    serial, paths = 0, []
    for number, month in enumerate(months):
        period = history.months.periods[month]
        rows = [HEADINGS]
        for at, (lines, made) in enumerate(accounts):
            opening = spanish(balances[at], lines.currency)
            if number == 0:
                rows.append(
                    f"{company};{lines.account};SI{period.year}{period.month:02d}-{lines.currency};"
                    f"{period.first_day:%d/%m/%Y};{lines.currency};;Saldo anterior;{opening};;{opening}"
                )
            else:
                rows.append(f"Saldo inicial;;;;;;{lines.account};;;{opening}")
            for posting in made[number]:
                balances[at] += posting.amount
                serial += 1
                amount = spanish(abs(posting.amount), lines.currency)
                sides = (amount, "") if posting.amount >= 0 else ("", amount)
                day = f"{to_date(posting.day):%d/%m/%Y}"
                balance = spanish(balances[at], lines.currency)
                fields = (
                    company, lines.account, f"BA{period.year}{serial:08d}", day, lines.currency,
                    posting.reference, posting.text, *sides, balance,
                )  # fmt: skip
                rows.append(";".join(fields))
            rows.append(f"Saldo final;;;;;;{lines.account};;;{spanish(balances[at], lines.currency)}")
        paths.append(folder / f"auxiliar_bancos_{period}.csv")
        paths[-1].write_text("\r\n".join(rows) + "\r\n", encoding="utf-8", newline="")
    return paths
