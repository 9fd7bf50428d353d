"""Account by account: the lines that take part, and the proof from the books' balance to the bank's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from .openings import Opening, Statement, stated_balance
from .results import ACCOUNT, PROOF

#: Company, account and currency.
Account = tuple[str, ...]


def by_account(frame: pd.DataFrame) -> Iterator[tuple[Account, pd.DataFrame]]:
    """The rows of each account, in the order of the accounts."""
    for name, rows in frame.groupby(ACCOUNT, sort=True):
        yield tuple(str(part) for part in name), rows


def taking_part(lines: pd.DataFrame, openings: Mapping[Account, Opening], date: str) -> pd.DataFrame:
    """Movements after the opening; balances carried forward in the books are none."""
    keep = np.ones(len(lines), dtype=np.bool_)
    for name, rows in by_account(lines):
        opening = openings[name]
        if opening.after is not None:
            keep[rows.index] = (rows[date] > opening.after).to_numpy()
        if date == "posting_date":
            keep[list(opening.carried_forward)] = False
    return lines[keep]


def prove(
    bank: pd.DataFrame,
    book: pd.DataFrame,
    left_bank: pd.DataFrame,
    left_book: pd.DataFrame,
    statements: Mapping[Account, list[Statement]],
    openings: Mapping[Account, Opening],
) -> pd.DataFrame:
    """``results.PROOF``: a row an account, ``difference`` 0 where the bank's own statements are whole."""
    frames = [dict(by_account(frame)) for frame in (bank, book, left_bank, left_book)]
    empty = [frame.iloc[:0] for frame in (bank, book, left_bank, left_book)]
    rows = []
    for name, opening in openings.items():
        lines, booked, open_bank, open_book = (
            of.get(name, none) for of, none in zip(frames, empty, strict=True)
        )
        chain = statements.get(name, [])
        bank_amount = stated_balance(chain, opening, lines)
        book_amount = opening.amount + int(booked["book_amount"].sum())
        debits = int(open_book["book_amount"].clip(lower=0).sum())
        credits_ = -int(open_book["book_amount"].clip(upper=0).sum())
        not_in_books = int(open_bank["bank_amount"].sum())
        expected = book_amount - debits + credits_ + not_in_books
        rows.append(
            {
                **dict(zip(ACCOUNT, name, strict=True)),
                "from_date": pd.NaT if opening.after is None else opening.after + pd.Timedelta(days=1),
                "balance_date": chain[-1].closing_date if chain else pd.NaT,
                "opening_amount": opening.amount,
                "bank_amount": bank_amount,
                "book_amount": book_amount,
                "debits_not_cleared": debits,
                "credits_not_cleared": credits_,
                "bank_not_in_books": not_in_books,
                "expected_bank_amount": expected,
                "difference": bank_amount - expected,
            }
        )
    return PROOF.conform(pd.DataFrame(rows, columns=list(PROOF.columns)))
