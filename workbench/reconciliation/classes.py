"""What each line that stays is: in transit, not cashed, a bank's note, a returned cheque, an error, unknown.

An error names the line it is about: the same reference with another amount, two digits swapped, the sign or
the account mistaken, a deposit booked twice. A deposit that nobody booked says what became of its receipt.
Source: DOMAIN, section 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ..policy import ReconciliationPolicy
from ..policy.reconciliation import NoteWords
from ..references import fold
from .pairing import in_window
from .sides import Met, Side

#: Kinds of a bank's line that are notes of its own, and what each is where its text says nothing.
_NOTES = {"fee": "commission", "tax": "other_note", "interest": "interest"}


@dataclass(frozen=True)
class Said:
    """What is said of a line; ``related_id``: what explains it, with its amount."""

    category: str
    detail: str = ""
    related_id: str = ""
    related_amount: int = 0


def note_kinds(lines: pd.DataFrame, words: Sequence[NoteWords]) -> list[str]:
    """By row, the kind of note (``policy.NOTE_KINDS``) that its text says, or ''.

    A bank's line says it by its kind too: only its fees, taxes and interest, and what else it takes, are
    notes; a customer who writes of taxes stays one.
    """
    kinds = lines["line_kind"] if "line_kind" in lines.columns else [""] * len(lines)
    amounts = lines["bank_amount"].tolist() if "bank_amount" in lines.columns else [0] * len(lines)
    told = []
    for text, kind, amount in zip(lines["text"], kinds, amounts, strict=True):
        may_be = not kind or kind in _NOTES or (kind == "other" and amount < 0)
        found = _note_of(text, tuple(words)) if may_be else ""
        told.append(found or _NOTES.get(kind, ""))
    return told


@lru_cache(maxsize=65_536)
def _note_of(text: str, words: tuple[NoteWords, ...]) -> str:
    plain = fold(text)
    return next((one.kind for one in words if _pattern(one.patterns).search(plain)), "")


@lru_cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![A-Z0-9]){re.escape(fold(one))}(?![A-Z0-9])" for one in patterns))


@dataclass(frozen=True)
class Lines:
    """Both sides of all accounts, as columns and as frames by row, and the rows that are left."""

    bank: Side
    book: Side
    bank_frame: pd.DataFrame
    book_frame: pd.DataFrame
    left_bank: Sequence[int]
    left_book: Sequence[int]
    met: Sequence[Met]


def classify_lines(
    lines: Lines,
    notes: Sequence[str],
    receipts: Mapping[tuple[str, str], tuple[str, int, int]],
    policy: ReconciliationPolicy,
) -> tuple[list[Said], list[Said]]:
    """What the lines left of the bank and of the books are, in the order of ``left_bank`` and ``left_book``.

    ``notes``: kind of note by bank row. ``receipts``: by company and receipt id, its customer, what came in
    and what is not applied.
    """
    of_bank, of_book = _errors(lines, policy)
    kinds = lines.bank_frame["line_kind"].tolist()
    cheques = _deposited_cheques(lines)
    said_bank = []
    for row in lines.left_bank:
        if row in of_bank:
            said_bank.append(of_bank[row])
        elif kinds[row] == "returned_cheque":
            said_bank.append(_returned(lines, row, cheques))
        elif notes[row]:
            said_bank.append(Said("unbooked_bank_note", notes[row]))
        else:
            said_bank.append(_unidentified(lines.bank_frame, row, receipts))
    said_book = []
    for row in lines.left_book:
        if row in of_book:
            said_book.append(of_book[row])
        elif lines.book.amount[row] >= 0:
            said_book.append(Said("deposit_in_transit"))
        else:
            detail = "cheque" if lines.book.cheque(row) else "payment"
            said_book.append(Said("payment_not_cashed", detail))
    return said_bank, said_book


def _errors(lines: Lines, policy: ReconciliationPolicy) -> tuple[dict[int, Said], dict[int, Said]]:
    """Lines of either side that are each other with something mistaken, the surest first."""
    of_bank: dict[int, Said] = {}
    of_book: dict[int, Said] = {}
    ids = lines.bank_frame["line_id"].tolist(), lines.book_frame["line_id"].tolist()

    def tell(pairs: Iterable[tuple[int, int]], detail: str = "") -> None:
        for row, other in pairs:
            one, two = int(lines.bank.amount[row]), int(lines.book.amount[other])
            what = detail or _mistaken(one, two)
            of_bank.setdefault(row, Said("error", what, ids[1][other], two))
            of_book.setdefault(other, Said("error", what, ids[0][row], one))

    tell(_named(lines))
    for other, first in _booked_twice(lines).items():
        of_book.setdefault(other, Said("error", "booked_twice", ids[1][first], int(lines.book.amount[first])))
    for detail, amounts, is_other_account in (
        ("wrong_sign", lambda amount: (-amount,), False),
        ("transposed_digits", swapped_digits, False),
        ("wrong_account", lambda amount: (amount,), True),
    ):
        free = (
            [row for row in lines.left_bank if row not in of_bank],
            [row for row in lines.left_book if row not in of_book],
        )
        tell(_only_pairs(lines, free, policy, amounts, is_other_account=is_other_account), detail)
    return of_bank, of_book


def _mistaken(bank: int, book: int) -> str:
    if bank == book:
        return "other_date"
    if bank == -book:
        return "wrong_sign"
    return "transposed_digits" if book in swapped_digits(bank) else "other_amount"


def swapped_digits(amount: int) -> set[int]:
    """The amounts that differ from this one by two neighbouring digits swapped."""
    sign, digits = (-1 if amount < 0 else 1), str(abs(amount))
    return {
        sign * int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])
        for at in range(len(digits) - 1)
        if digits[at] != digits[at + 1]
    }


def _named(lines: Lines) -> list[tuple[int, int]]:
    """Lines left on both sides that say the same reference: each with the first of the other."""
    known: dict[tuple[int, int], list[int]] = {}
    for other in lines.left_book:
        name = int(lines.book.names[0][other])
        if name >= 0:
            known.setdefault((int(lines.book.account[other]), name), []).append(other)
    pairs: list[tuple[int, int]] = []
    for row in lines.left_bank:
        for names in lines.bank.names:
            others = known.get((int(lines.bank.account[row]), int(names[row])), [])
            pairs.extend((row, other) for other in others)
    return pairs


def _booked_twice(lines: Lines) -> dict[int, int]:
    """By book line left, the one that has met already and says the same: reference, or day and text."""
    met: dict[tuple[object, ...], int] = {}
    texts = lines.book_frame["text"].tolist()
    for one in lines.met:
        for other in one.book:
            for key in _twins(lines.book, other, texts[other]):
                met.setdefault(key, other)
    found = {}
    for other in lines.left_book:
        first = next((met[key] for key in _twins(lines.book, other, texts[other]) if key in met), None)
        if first is not None:
            found[other] = first
    return found


def _twins(book: Side, row: int, text: str) -> list[tuple[object, ...]]:
    money = (int(book.account[row]), int(book.amount[row]))
    name = int(book.names[0][row])
    keys: list[tuple[object, ...]] = [(*money, "name", name)] if name >= 0 else []
    if text.strip():
        keys.append((*money, "day", int(book.date[row]), text, name))
    return keys


def _only_pairs(
    lines: Lines,
    free: tuple[list[int], list[int]],
    policy: ReconciliationPolicy,
    amounts: object,
    *,
    is_other_account: bool,
) -> list[tuple[int, int]]:
    """Pairs of one of these amounts within the window, each the other's only one."""
    bank, book = lines.bank, lines.book
    money = (_money_of(lines.bank_frame), _money_of(lines.book_frame))
    known: dict[tuple[object, int], list[int]] = {}
    for other in free[1]:
        known.setdefault((money[1][other], int(book.amount[other])), []).append(other)
    of_bank: dict[int, list[int]] = {}
    of_book: dict[int, list[int]] = {}
    assert callable(amounts)
    for row in free[0]:
        for amount in amounts(int(bank.amount[row])):
            for other in known.get((money[0][row], amount), ()):
                is_same = bank.account[row] == book.account[other]
                if is_same != is_other_account and in_window(bank, row, book, other, policy):
                    of_bank.setdefault(row, []).append(other)
                    of_book.setdefault(other, []).append(row)
    return [
        (row, others[0])
        for row, others in of_bank.items()
        if len(others) == 1 and len(of_book[others[0]]) == 1
    ]


def _money_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["company_id"], frame["currency"], strict=True))


def _deposited_cheques(lines: Lines) -> dict[tuple[int, int, str], int]:
    """By account, amount and number: the bank's line that brought a cheque in."""
    came_in = np.flatnonzero(lines.bank.amount > 0).tolist()
    return {
        (int(lines.bank.account[row]), int(lines.bank.amount[row]), lines.bank.cheque(row)): row
        for row in reversed(came_in)
        if lines.bank.cheque(row)
    }


def _returned(lines: Lines, row: int, cheques: Mapping[tuple[int, int, str], int]) -> Said:
    key = (int(lines.bank.account[row]), -int(lines.bank.amount[row]), lines.bank.cheque(row))
    deposit = cheques.get(key)
    if deposit is None or lines.bank.date[deposit] > lines.bank.date[row]:
        return Said("returned_cheque", "deposit_unknown")
    line_id = str(lines.bank_frame.at[deposit, "line_id"])
    return Said("returned_cheque", "deposit_known", line_id, int(lines.bank.amount[deposit]))


def _unidentified(
    frame: pd.DataFrame, row: int, receipts: Mapping[tuple[str, str], tuple[str, int, int]]
) -> Said:
    company = str(frame.at[row, "company_id"])
    for name in ("line_id", "reference"):
        known = receipts.get((company, str(frame.at[row, name])))
        if known is None or not frame.at[row, name]:
            continue
        customer, received, unapplied = known
        is_whole = "receipt_unapplied" if unapplied == received else "receipt_partly_applied"
        return Said("unidentified", is_whole if unapplied else "receipt_applied", customer, unapplied)
    return Said("unidentified", "no_receipt")
