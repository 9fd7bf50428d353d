"""Both sides as lines that can be compared: our open documents, and the lines of the customer's list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from ...calendar import day_numbers
from ...references import parts_of
from .results import ACCOUNT

Account = tuple[str, str, str]
#: A day that is not known.
NO_DAY = int(np.iinfo(np.int64).min)
_PLAIN = re.compile(r"([A-Z]*)[-./ ]?0*([1-9][0-9]*)", re.ASCII)
_DOCUMENT = [*ACCOUNT, "document_number", "fiscal_year", "document_type", "special_gl"]


class Name(NamedTuple):
    """A number as either side may write it: its runs of letters, and of digits without zeros before them."""

    letters: tuple[str, ...]
    digits: tuple[str, ...]


@lru_cache(maxsize=1_000_000)
def name_of(text: str) -> Name | None:
    """``"FE-0010234"`` → letters ``FE``, digits ``10234``; ``None`` where there is no digit in it."""
    plain = _PLAIN.fullmatch(text)  # most numbers, at a fraction of the time
    if plain is not None:
        return Name((plain[1],) if plain[1] else (), (plain[2],))
    parts = parts_of(text)
    digits = tuple(part.lstrip("0") or "0" for part in parts if part.isdigit())
    return Name(tuple(part for part in parts if not part.isdigit()), digits) if digits else None


@dataclass(frozen=True, slots=True)
class Ours:
    """An open document of ours, its instalments together."""

    place: int
    account: Account
    names: tuple[Name, ...]  # as printed first, then the ERP's own number
    document_id: str
    reference: str
    kind: str
    amount: int
    original: int
    day: int
    keys: tuple[int, ...]
    refers_to: str
    base: int
    tax: int
    terms: str
    reception_day: int

    @property
    def is_touched(self) -> bool:
        """Part of it was settled."""
        return self.amount != self.original


@dataclass(frozen=True, slots=True)
class Theirs:
    """A line of the customer's list."""

    place: int
    account: Account
    names: tuple[Name, ...]  # of its number, else of its reference
    number: str
    kind: str
    amount: int
    day: int
    key: int


def our_lines(open_items: pd.DataFrame) -> list[Ours]:
    """The documents with something open, sorted by account, day and number."""
    items = open_items[open_items["open_amount"] != 0]
    if items.empty:
        return []
    order = ["document_date", "document_number", "item", "document_key"]
    items = items.sort_values([*ACCOUNT, *order], ignore_index=True)
    group = items.groupby(_DOCUMENT, sort=False)
    code = group.ngroup().to_numpy()
    first = np.unique(code, return_index=True)[1]
    sums = group[["open_amount", "original_amount", "taxable_base", "tax"]].sum()
    keys: list[list[int]] = [[] for _ in first]
    for place, key in zip(code.tolist(), items["document_key"].tolist(), strict=True):
        keys[place].append(key)
    told = items.iloc[first]
    columns = (
        zip(*(told[name].tolist() for name in ACCOUNT), strict=True),
        told["document_number"].tolist(),
        told["document_id"].tolist(),
        told["reference"].tolist(),
        told["document_kind"].tolist(),
        sums["open_amount"].tolist(),
        sums["original_amount"].tolist(),
        _days(told["document_date"]),
        keys,
        told["reference_document_id"].tolist(),
        sums["taxable_base"].tolist(),
        sums["tax"].tolist(),
        told["payment_terms"].tolist(),
        _days(told["reception_date"]),
    )
    return [
        Ours(
            place, account, _names(reference, number), document_id, reference or number, kind, amount,
            original, day, tuple(own), refers, base, tax, terms, reception,
        )
        for place, (
            account, number, document_id, reference, kind, amount, original, day, own, refers, base, tax,
            terms, reception,
        ) in enumerate(zip(*columns, strict=True))
    ]  # fmt: skip


def their_lines(ledger_lines: pd.DataFrame) -> list[Theirs]:
    """The lines that are not zero, sorted by account, day, number and amount."""
    lines = ledger_lines[ledger_lines["ledger_amount"] != 0].sort_values(
        [*ACCOUNT, "document_date", "document_number", "ledger_amount", "line_id", "ledger_line_key"],
        ignore_index=True,
    )
    columns = (
        zip(*(lines[name].tolist() for name in ACCOUNT), strict=True),
        lines["document_number"].tolist(),
        lines["reference"].tolist(),
        lines["line_kind"].tolist(),
        lines["ledger_amount"].tolist(),
        _days(lines["document_date"]),
        lines["ledger_line_key"].tolist(),
    )
    return [
        Theirs(place, account, _names(number, reference), number or reference, kind, amount, day, key)
        for place, (account, number, reference, kind, amount, day, key) in enumerate(
            zip(*columns, strict=True)
        )
    ]


def by_account(lines: Sequence[Ours] | Sequence[Theirs]) -> dict[Account, list[int]]:
    """Places by account."""
    found: dict[Account, list[int]] = {}
    for line in lines:
        found.setdefault(line.account, []).append(line.place)
    return found


def _names(*texts: str) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(_known(texts)))


def _known(texts: Sequence[str]) -> Iterator[Name]:
    for text in texts:
        name = name_of(text) if text else None
        if name is not None:
            yield name


def _days(column: pd.Series) -> list[int]:
    days: list[int] = day_numbers(column.to_numpy()).tolist()
    return days
