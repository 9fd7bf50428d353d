"""What customers say they owe on the last day of each of three months: their own lists, with what differs.

A customer takes an invoice off its list on the day it pays, whole, whatever it withheld; it writes numbers in
its own way; and some lists have what lists have: invoices that never arrived, an invoice entered twice or at
another price, one of a sister company, a note that nobody has issued, tax withheld beforehand, an amount
that nothing explains. ``truth_auxiliares_clientes.csv`` says which. A cause stays with its
document while that is open, so differences age.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..money import to_text
from .bank_files import spanish
from .customers import COMPANY, Ints
from .days import NO_DAY, day_number, to_date
from .history import History
from .numbers import Numbers

HEADINGS = "Sociedad;Cliente;Comprobante;Factura;Tipo;Fecha factura;Vencimiento;Moneda;Saldo"
MONTHS = 3
#: Of a hundred customers so many send a list.
SENDING = 85
#: By chance in a thousand of an open invoice: what is wrong with it in their list.
PLANTED = (
    (8, "price"),
    (14, "duplicate"),
    (20, "entity_wrong"),
    (28, "withholding"),
    (33, "unexplained"),
)
NOT_RECEIVED_DAYS, NOT_RECEIVED = 8, 400  # of the newest invoices, in a thousand
NOTE_EXPECTED = 60  # of a thousand customers
_KINDS = {"RV": "Factura", "ND": "Nota débito", "DG": "Nota crédito", "DZ": "Anticipo"}


@dataclass
class _List:
    """The lines of one customer on one day, and what is planted in them."""

    lines: list[tuple[str, str, int, int, int]]  # number, kind, day, due day, amount
    planted: list[tuple[str, str, int]]  # cause, number, what it adds to ours − theirs


def write_customer_ledgers(
    folder: Path, history: History, numbers: Numbers, rng: np.random.Generator
) -> tuple[list[tuple[Path, int]], Path]:
    """The files with their days (one a month, all customers that sent a list), and the truth of them."""
    items, customers = history.items, history.customers
    count = len(customers)
    is_sending = rng.integers(0, 100, count) < SENDING
    luck, note = rng.integers(0, 1000, len(items)), rng.integers(0, 1000, count)
    style = rng.integers(0, 6, count)
    by_customer: list[list[int]] = [[] for _ in range(count)]
    order = np.lexsort((np.arange(len(items)), items.document_day, items.customer))
    for place in order.tolist():
        by_customer[int(items.customer[place])].append(place)
    truth = ["period,customer_id,cause,number,amount"]
    files = []
    for period in history.months.periods[-MONTHS:]:
        last = day_number(period.last_day)
        left = _left(history, last)
        strays: dict[int, list[tuple[str, str, int, int, int]]] = {}
        lists = {
            who: _list_of(
                who, by_customer[who], history, numbers, left, luck, note, int(style[who]), last, strays
            )
            for who in np.flatnonzero(is_sending).tolist()
        }
        rows = [HEADINGS]
        for who, own in lists.items():
            currency, name = str(customers.currency[who]), customers.ids[who]
            lines = [*own.lines, *strays.get(who, [])]
            if not lines:
                lines = [("", "Saldo", last, NO_DAY, 0)]
            for serial, (number, kind, day, due, amount) in enumerate(lines, start=1):
                due_text = "" if due == NO_DAY else f"{to_date(due):%d/%m/%Y}"
                rows.append(
                    f"{COMPANY};{name};{name}-{serial:04d};{number};{kind};{to_date(day):%d/%m/%Y};{due_text};"
                    f"{currency};{spanish(amount, currency)}"
                )
            truth += [
                f"{period},{name},{cause},{number},{to_text(amount, currency)}"
                for cause, number, amount in own.planted
            ]
        path = folder / f"auxiliares_clientes_{period.last_day:%Y%m%d}.csv"
        path.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8", newline="")
        files.append((path, last))
    told = folder / "truth_auxiliares_clientes.csv"
    told.write_text("\n".join(truth) + "\n", encoding="utf-8", newline="")
    return files, told


def _left(history: History, last: int) -> Ints:
    """What of each item the customer has not paid by then, in its own view."""
    items, legs = history.items, history.legs
    left = items.amount.copy()
    is_paid = history.receipts.day[legs.receipt] <= last
    np.subtract.at(left, legs.item[is_paid], legs.amount[is_paid])
    # Part payments that name their invoice come off it.
    parts = np.flatnonzero(
        (items.document_type == "DZ") & (items.refers_to >= 0) & (items.document_day <= last)
    )
    np.add.at(left, items.refers_to[parts], items.amount[parts])
    left[parts] = 0
    # A payment that cleared its invoices is no open line of theirs.
    left[(items.document_type == "DZ") & (items.clearing >= 0)] = 0
    left[items.document_day > last] = 0
    return np.where(np.sign(left) == np.sign(items.amount), left, 0)


def _list_of(
    who: int,
    places: list[int],
    history: History,
    numbers: Numbers,
    left: Ints,
    luck: Ints,
    note: Ints,
    style: int,
    last: int,
    strays: dict[int, list[tuple[str, str, int, int, int]]],
) -> _List:
    items = history.items
    own = _List([], [])
    for place in places:
        amount = int(left[place])
        if not amount:
            continue
        kind = str(items.document_type[place])
        day, due = int(items.document_day[place]), int(items.due_day[place])
        number = _written(numbers.reference[place], style) if kind != "DZ" else ""
        is_invoice = kind == "RV" and items.special_gl[place] == "" and items.item[place] == 1
        cause = _cause(int(luck[place]), day, last) if is_invoice and amount == items.amount[place] else ""
        if cause == "entity_wrong":
            sister = _sister(who, history)
            cause = cause if sister >= 0 else ""
            if cause:
                strays.setdefault(sister, []).append((number, _KINDS[kind], day, due, amount))
        if cause == "withholding" and history.customers.is_export[who]:
            cause = ""
        entered = {
            "not_received": 0,
            "entity_wrong": 0,
            "price": amount + amount // 20,
            "withholding": amount - int(items.base[place]) * 2_500 // 100_000,
            "unexplained": amount - amount // 3 - 7,
        }.get(cause, amount)
        if cause:
            own.planted.append((cause, numbers.reference[place], amount - entered))
        if entered:
            own.lines.append((number, _KINDS[kind], day, due, entered))
        if cause == "duplicate":
            own.lines.append((number, _KINDS[kind], day, due, entered))
            own.planted[-1] = (cause, numbers.reference[place], -amount)
    if note[who] < NOTE_EXPECTED and own.lines:
        amount = -(abs(own.lines[0][4]) // 10)
        own.lines.append((f"NCP{who:04d}", "Nota crédito", last - 20, NO_DAY, amount))
        own.planted.append(("credit_note_expected", f"NCP{who:04d}", -amount))
    return own


def _cause(luck: int, day: int, last: int) -> str:
    """What is wrong with an invoice in their list, if anything."""
    if last - day < NOT_RECEIVED_DAYS and luck >= 1000 - NOT_RECEIVED:
        return "not_received"
    return next((cause for most, cause in PLANTED if luck < most), "")


def _sister(who: int, history: History) -> int:
    """A customer of the same group and currency: the parent, else a child."""
    parent = int(history.customers.parent[who])
    if parent >= 0:
        return parent
    children = np.flatnonzero(history.customers.parent == who)
    return int(children[0]) if len(children) else -1


def _written(number: str, style: int) -> str:
    """The number as this customer's books write it."""
    letters = number.rstrip("0123456789")
    digits = number[len(letters) :]
    return {
        0: number,
        1: f"{letters}-{digits}",
        2: f"{letters} {digits.zfill(8)}",
        3: digits,
        4: number.lower(),
    }.get(style, f"FAC {letters}{digits}")
