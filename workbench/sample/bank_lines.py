"""Every line of our two bank accounts over all months: deposits, returned cheques, charges, transfers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bank_timing import Timed
from .customers import Ints
from .days import Days
from .history import History
from .items import Texts

#: Place of the timed lines among a day's.
_TIMED = 6
ACCOUNTS = {"COP": "CO-BOG-COP-001", "USD": "CO-BOG-USD-001"}
OPENING = {"COP": 184_530_217_45, "USD": 61_204_18}
KEPT = {"COP": 120_000_000_00, "USD": 40_000_00}  # what a transfer leaves behind
#: Minor units: what the bank takes for a deposit, and a month of the account.
COMMISSION, MONTHLY = {"COP": 4_650_00, "USD": 8_50}, {"COP": 38_900_00, "USD": 35_00}


@dataclass(frozen=True)
class BankLines:
    """One account's lines in the bank's order."""

    account: str
    currency: str
    opening: int  # balance before the first line
    month: Ints
    day: Days
    amount: Ints  # minor units, money in positive
    receipt: Ints  # place of the receipt, -1 for other lines
    sort: Texts  # deposit, returned_cheque, fee, tax, interest, transfer, other
    reference: list[str]
    text: list[str]
    line_id: list[str]  # the bank's own reference: the receipt's id
    is_timed: npt.NDArray[np.bool_]  # of ``bank_timing``: booked on another day, or in another month

    def __len__(self) -> int:
        return len(self.day)

    def balance_before(self, month: int) -> int:
        """The balance that the month opens with."""
        return self.opening + int(self.amount[self.month < month].sum())

    def of_month(self, month: int) -> Ints:
        """Places of the month's lines."""
        return np.flatnonzero(self.month == month)


def make_bank_lines(
    currency: str,
    history: History,
    references: list[str],
    texts: list[str],
    timed: list[Timed],
    rng: np.random.Generator,
) -> BankLines:
    """The account of one currency: its receipts, what the bank does by itself, and what was booked before."""
    export = history.customers.is_export[history.receipts.customer]
    mine = np.flatnonzero(export == (currency == "USD"))
    receipts = history.receipts
    rows: list[tuple[int, int, int, int, str, str, str]] = [
        (int(receipts.day[r]), 0, int(history.received[r]), r, "deposit", references[r], texts[r])
        for r in mine.tolist()
    ]
    rows += _returned(history, mine, references, rng)
    balance = OPENING[currency]
    in_month = np.searchsorted(_month_starts(history), [row[0] for row in rows], side="right") - 1
    for month in range(history.months.count):
        deposits = [row for row, index in zip(rows, in_month.tolist(), strict=True) if index == month]
        own = _own_lines(currency, history.months.days_of(month), deposits, balance)
        rows += own
        balance += sum(row[2] for row in deposits) + sum(row[2] for row in own)
        in_month = np.append(in_month, np.full(len(own), month))
    came = [one for one in timed if one.bank_day >= 0]
    rows += [(one.bank_day, _TIMED, one.amount, -1, one.sort, "", one.bank_text) for one in came]
    starts = _month_starts(history)
    places = np.searchsorted(starts, [one.bank_day for one in came], side="right") - 1
    in_month = np.append(in_month, places.astype(np.int64))
    order = sorted(range(len(rows)), key=lambda place: (rows[place][0], rows[place][1], place))
    rows = [rows[place] for place in order]
    mark = "B" if currency == "COP" else "W"
    days = np.array([row[0] for row in rows], dtype=np.int64)
    stamps = np.char.replace(np.datetime_as_string(days.astype("datetime64[D]")), "-", "").tolist()
    return BankLines(
        account=ACCOUNTS[currency],
        currency=currency,
        opening=OPENING[currency],
        month=in_month[order].astype(np.int64),
        day=days,
        amount=np.array([row[2] for row in rows], dtype=np.int64),
        receipt=np.array([row[3] for row in rows], dtype=np.int64),
        sort=np.array([row[4] for row in rows], dtype="U15"),
        reference=[row[5] for row in rows],
        text=[row[6] for row in rows],
        line_id=_ids(mark, stamps, [row[1] == _TIMED for row in rows]),
        is_timed=np.array([row[1] == _TIMED for row in rows], dtype=np.bool_),
    )


def _ids(mark: str, stamps: list[str], is_timed: list[bool]) -> list[str]:
    """Numbers of the bank's lines; those that are only timed otherwise have a series of their own."""
    ids, serials = [], {False: 0, True: 0}
    for stamp, is_own in zip(stamps, is_timed, strict=True):
        serials[is_own] += 1
        ids.append(f"{'C' + mark if is_own else mark}{stamp[2:]}{serials[is_own]:07d}")
    return ids


def _month_starts(history: History) -> list[int]:
    return [int(history.months.days_of(month)[0]) for month in range(history.months.count)]


def _returned(
    history: History, mine: Ints, references: list[str], rng: np.random.Generator
) -> list[tuple[int, int, int, int, str, str, str]]:
    """The cheques of the account that come back, two or three working days after."""
    cheques = mine[history.cheque_item[mine] >= 0]
    days = history.months.shift(history.receipts.day[cheques], rng.integers(2, 4, len(cheques)))
    return [
        (
            day,
            1,
            -int(history.received[r]),
            -1,
            "returned_cheque",
            references[r],
            f"CHEQUE DEVUELTO {references[r][2:]}",
        )
        for r, day in zip(cheques.tolist(), days.tolist(), strict=True)
    ]


def _own_lines(
    currency: str, working: Days, deposits: list[tuple[int, int, int, int, str, str, str]], balance: int
) -> list[tuple[int, int, int, int, str, str, str]]:
    """Charges with their IVA, weekly transfers with GMF (4×1000), and interest on the last day."""
    lines: list[tuple[int, int, int, int, str, str, str]] = []
    weeks = [week for week in np.array_split(working, 4) if len(week)]
    taken = 0
    for number, week in enumerate(weeks, start=1):
        friday = int(week[-1])
        arrived = [row for row in deposits if int(week[0]) <= row[0] <= friday]
        fee = COMMISSION[currency] * len(arrived) + (MONTHLY[currency] if number == len(weeks) else 0)
        if currency == "COP":
            lines.append((friday, 2, -fee, -1, "fee", "", "COMISION RECAUDO SEMANA"))
            lines.append((friday, 2, -_share(fee, 190), -1, "tax", "", "IVA COMISION RECAUDO"))
        else:
            lines.append((friday, 2, -fee, -1, "fee", "", "INCOMING WIRE FEE"))
        taken += fee + (_share(fee, 190) if currency == "COP" else 0)
        so_far = balance + sum(row[2] for row in deposits if row[0] <= friday) - taken
        moved = max(0, so_far - KEPT[currency]) // 1_000_000 * 1_000_000
        if moved:
            text = "TRASLADO CUENTA CONCENTRADORA" if currency == "COP" else "OWN ACCOUNT TRANSFER USD SALE"
            lines.append((friday, 3, -moved, -1, "transfer", f"TR{friday}", text))
            tax = _share(moved, 4) if currency == "COP" else 0
            if tax:
                lines.append((friday, 4, -tax, -1, "tax", "", "GMF GRAVAMEN MOV FINANCIERO 4X1000"))
            taken += moved + tax
    if currency == "COP":
        interest = _share(KEPT[currency], 2)
        lines.append((int(working[-1]), 5, interest, -1, "interest", "", "INTERESES CUENTA DE AHORROS"))
        lines.append(
            (int(working[-1]), 5, -_share(interest, 70), -1, "tax", "", "RETENCION EN LA FUENTE RENDIMIENTOS")
        )
    return lines


def _share(amount: int, permille: int) -> int:
    """So many thousandths of a positive amount, half up."""
    return (amount * permille + 500) // 1000
