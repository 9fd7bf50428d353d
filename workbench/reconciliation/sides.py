"""The two sides of a bank account as columns of numbers, so that lines are compared by the thousand.

Accounts, amounts and names have one code on both sides: a bank line and a book line that share a code share
the thing. Names are references as either side may write them; a cheque has its number beside them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..calendar import WorkingDays, day_numbers
from ..references import fold, parts_of
from .results import ACCOUNT

Ints = npt.NDArray[np.int64]
#: Digits in a text that are long enough to be somebody's number; ``4X1000`` and days are not.
_NUMBER = re.compile(r"[0-9]{5,}")
_CHEQUE = re.compile(
    r"\b(?:CHEQUES?|CHEQ|CHQ|CHECKS?|CH)[ .:#-]*(?:DEVUELTO|NUMERO|NRO|NO|N)?[ .:#°º-]*0*([0-9]{3,})"
)


class Met(NamedTuple):
    """Rows of both sides that are the same money: one and one, or one and several."""

    bank: tuple[int, ...]
    book: tuple[int, ...]
    rule: str


@dataclass(frozen=True)
class Side:
    """One side's lines, a row each, sorted by date; ``names``: codes by column, -1 for none."""

    account: Ints
    amount: Ints
    amount_code: Ints
    day: Ints  # to subtract: working days where a calendar was given, else calendar days
    date: Ints  # calendar days
    names: tuple[Ints, ...]
    texts: list[str]  # folded: references and text together
    _numbers: dict[int, frozenset[str]] = field(default_factory=dict)
    _cheques: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.amount)

    def numbers(self, row: int) -> frozenset[str]:
        """Long numbers that a line says anywhere, without the zeros before them."""
        if row not in self._numbers:
            found = (number.lstrip("0") for number in _NUMBER.findall(self.texts[row]))
            self._numbers[row] = frozenset(filter(None, found))
        return self._numbers[row]

    def cheque(self, row: int) -> str:
        """The number of the cheque that a line speaks of, or ''."""
        if row not in self._cheques:
            said = _CHEQUE.search(self.texts[row])
            self._cheques[row] = said[1] if said else ""
        return self._cheques[row]

    @cached_property
    def money(self) -> Ints:
        """Account and amount in one code."""
        return self.account * (int(self.amount_code.max(initial=0)) + 2) + self.amount_code


def make_sides(bank: pd.DataFrame, book: pd.DataFrame, working_days: WorkingDays | None) -> tuple[Side, Side]:
    """Both frames (sorted by date, rows numbered from 0) as sides whose codes agree."""
    frames = (bank, book)
    accounts = _codes(*(list(zip(*(f[name] for name in ACCOUNT), strict=True)) for f in frames))
    amounts = [bank["bank_amount"].to_numpy(), book["book_amount"].to_numpy()]
    both, _ = pd.factorize(np.concatenate(amounts))
    amount_codes = np.split(both.astype(np.int64), [len(bank)])
    columns = (bank["line_id"], bank["reference"], book["reference"])
    # A code of its own for a line without the name, so that it meets nothing.
    names = [
        np.where([bool(name) for name in said], codes, -1).astype(np.int64)
        for said, codes in _named(*(references_of(column) for column in columns))
    ]
    dates = (bank["booking_date"], book["posting_date"])
    told = (("line_id", "reference", "text"), ("reference", "text"))
    made = []
    for place, frame in enumerate(frames):
        texts = [fold(" ".join(parts)) for parts in zip(*(frame[name] for name in told[place]), strict=True)]
        made.append(
            Side(
                account=accounts[place],
                amount=amounts[place].astype(np.int64),
                amount_code=amount_codes[place],
                day=ordinals(dates[place], working_days),
                date=day_numbers(dates[place].to_numpy()),
                names=(names[0], names[1]) if place == 0 else (names[2],),
                texts=texts,
            )
        )
    # One width for both, so that the same account and amount have the same code.
    width = int(both.max(initial=0)) + 2
    for side in made:
        side.__dict__["money"] = side.account * width + side.amount_code
    return made[0], made[1]


def references_of(column: Iterable[str]) -> list[str]:
    """References as both sides may write them: no case, marks or leading zeros; ``""`` for none."""
    return ["".join(parts_of(reference)).lstrip("0") for reference in column]


def ordinals(dates: pd.Series, working_days: WorkingDays | None) -> Ints:
    """Days as numbers to subtract: calendar days, or working days where a calendar is given."""
    days = dates.to_numpy().astype("datetime64[D]")
    if working_days is None or not len(days):
        return np.asarray(days.astype(np.int64))
    holidays = np.array(sorted(working_days.holidays), dtype="datetime64[D]")
    return np.asarray(np.busday_count(dt.date(1970, 1, 1), days, holidays=holidays), dtype=np.int64)


def sharing(
    bank_keys: Ints, bank_rows: Ints, book_keys: Ints, book_rows: Ints
) -> Iterator[tuple[Ints, Ints]]:
    """The rows of both sides that have a key in common, key by key, in the order of the rows."""
    bank_in, book_in = np.isin(bank_keys, book_keys), np.isin(book_keys, bank_keys)
    keys = bank_keys[bank_in], book_keys[book_in]
    rows = bank_rows[bank_in], book_rows[book_in]
    order = [np.argsort(key, kind="stable") for key in keys]
    cut = [np.flatnonzero(np.diff(key[place])) + 1 for key, place in zip(keys, order, strict=True)]
    if len(rows[0]):
        yield from zip(np.split(rows[0][order[0]], cut[0]), np.split(rows[1][order[1]], cut[1]), strict=True)


def _codes(*columns: list[tuple[str, ...]]) -> list[Ints]:
    known: dict[tuple[str, ...], int] = {}
    for names in sorted({name for column in columns for name in column}):
        known[names] = len(known)
    return [np.array([known[name] for name in column], dtype=np.int64) for column in columns]


def _named(*columns: list[str]) -> Iterator[tuple[list[str], Ints]]:
    known: dict[str, int] = {}
    for column in columns:
        codes = [known.setdefault(name, len(known)) for name in column]
        yield column, np.array(codes, dtype=np.int64)
