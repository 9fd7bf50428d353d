"""What statements say of their balances into the book, and what that says of lines taken for known ones.

A statement that goes on where a stored one ended has none of its lines. Where it seems to have some, of the
day on which the two meet, they may be other money that looks the same: a finding, for only the bank knows.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from sqlalchemy import select

from ..errors import FileRefusedError
from ..money import to_text
from ..tables import BANK_BALANCES
from . import schema
from .batches import Outcome
from .frames import raw_column
from .line_rows import LineRows, rows_of
from .lookups import existing
from .transactions import Posting

_TYPES = {name: how for name, how in BANK_BALANCES.columns.items() if name != "recorded_at"}


def enter_balances(posting: Posting, outcome: Outcome, lines: LineRows, fresh: np.ndarray) -> None:
    """Each balance once; ``fresh``: the lines of the file that were new."""
    balances = outcome.batch.balances
    rows = list(zip(*(raw_column(balances[name], how) for name, how in _TYPES.items()), strict=True))
    rows = list(dict.fromkeys(rows))
    known = {row[0] for row in existing(posting, "bank_balances", list(_TYPES), rows, [])}
    new = [row for number, row in enumerate(rows) if number not in known]
    _refuse_other_shapes(outcome, lines, fresh, [rows[number] for number in sorted(known)])
    _doubt_known_lines(posting, outcome, lines, fresh, new, {rows[number] for number in known})
    posting.insert("bank_balances", [*_TYPES, "batch_key"], [(*row, outcome.batch_key) for row in new])
    outcome.companies.update(row[0] for row in new)
    outcome.has_other_news = outcome.has_other_news or bool(new)


def _refuse_other_shapes(
    outcome: Outcome, lines: LineRows, fresh: np.ndarray, known: list[tuple[Any, ...]]
) -> None:
    """A statement that the book has, by account, days and balances, and of whose lines it knows none: the
    same money told by another format, with other references. It came once.
    """
    if not known or not len(fresh):
        return
    at = {name: number for number, name in enumerate(_TYPES)}
    names = ("company_id", "account_id", "currency", "booking_date")
    said = {name: lines[name] for name in names}
    is_fresh = np.zeros(len(lines), dtype=bool)
    is_fresh[fresh] = True
    shown: defaultdict[tuple[Any, ...], list[tuple[str, bool]]] = defaultdict(list)
    for row, new in zip(rows_of(said, np.arange(len(lines))), is_fresh.tolist(), strict=True):
        shown[tuple(row[:-1])].append((str(row[-1]), new))
    for stored in known:
        account = tuple(stored[at[name]] for name in names[:-1])
        first, last = stored[at["opening_date"]], stored[at["closing_date"]]
        own = [new for day, new in shown[account] if first <= day <= last]
        if own and all(own) and stored[at["closing_amount"]] != stored[at["opening_amount"]]:
            closing = to_text(stored[at["closing_amount"]], account[2])
            raise FileRefusedError(
                "statement-told-otherwise", file=outcome.batch.file, account=account[1], first=first,
                last=last, closing_money=f"{closing} {account[2]}",
            )  # fmt: skip


def _doubt_known_lines(
    posting: Posting,
    outcome: Outcome,
    lines: LineRows,
    fresh: np.ndarray,
    new: list[tuple[Any, ...]],
    shown_again: set[tuple[Any, ...]],
) -> None:
    """Lines known already, of the last day of a stored statement that a new one of this file continues."""
    is_known = ~outcome.is_refused()
    is_known[fresh] = False
    names = ("company_id", "account_id", "currency", "booking_date", "bank_amount")
    known: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in rows_of({name: lines[name] for name in names}, np.flatnonzero(is_known)):
        known[row[:-1]].append(int(row[-1]))
    if not known or not new:
        return
    source = schema.bank_balances.c
    at = {name: number for number, name in enumerate(_TYPES)}
    meant: set[tuple[Any, ...]] = set()
    for company, account, currency in sorted({place[:3] for place in known}):
        starts = {
            row[at["opening_amount"]]
            for row in new
            if (row[at["company_id"]], row[at["account_id"]], row[at["currency"]])
            == (company, account, currency)
        }
        stored = select(*(source[name] for name in _TYPES)).where(
            source.company_id == company,
            source.account_id == account,
            source.currency == currency,
            source.closing_amount.in_(sorted(starts)),
        )
        for row in map(tuple, posting.connection.execute(stored).all()):
            if row not in shown_again:
                meant.add((company, account, currency, row[at["closing_date"]]))
    for place in sorted(meant & known.keys()):
        _, account, currency, day = place
        amount = sum(known[place])
        if amount:  # of nothing, nothing is lost
            outcome.find(
                "lines-known-in-next-statement", key=account, amount=amount, currency=currency,
                account=account, date=day, count=len(known[place]),
                known_money=f"{to_text(amount, currency)} {currency}",
            )  # fmt: skip
