"""From which day, and with which balance, bank and books of an account are compared.

A ledger extract often begins with a line that carries the balance forward. It is no movement: it is
recognised by being exactly the balance that a statement opens with, dated when that statement begins,
and no amount of the bank's own lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

ONE_DAY = pd.Timedelta(days=1)
#: A balance carried forward is dated on the last day before the statement or on its first days.
OPENING_DAYS = 2 * ONE_DAY


@dataclass(frozen=True)
class Statement:
    """A statement: its movements are those after ``begins_after``, through ``closing_date``."""

    begins_after: pd.Timestamp
    opening_amount: int
    closing_date: pd.Timestamp
    closing_amount: int


@dataclass(frozen=True)
class Opening:
    """Where the comparison starts. ``after`` is ``None`` where no statement says."""

    after: pd.Timestamp | None
    amount: int
    is_assumed: bool
    carried_forward: frozenset[int]  # rows of book lines that are no movements


def chain_statements(balances: pd.DataFrame) -> list[Statement]:
    """One account's statements by closing day, each beginning where the one before it closed.

    Banks date an opening balance on the first day or on the day before; the closing day before decides.
    """
    ordered = balances.sort_values(["closing_date", "opening_date"], ascending=[True, False])
    statements: list[Statement] = []
    for row in ordered.to_dict("records"):
        begins_after = row["opening_date"] - ONE_DAY
        if statements:
            if row["closing_date"] == statements[-1].closing_date:
                continue  # the same days again, by another file
            begins_after = max(begins_after, statements[-1].closing_date)
        statements.append(
            Statement(
                begins_after, int(row["opening_amount"]), row["closing_date"], int(row["closing_amount"])
            )
        )
    return statements


def find_opening(statements: list[Statement], bank: pd.DataFrame, book: pd.DataFrame) -> Opening:
    """The first balance carried forward in the books; else the statement in which the books begin.

    Without a balance carried forward the books are taken to open with what the bank opens with: an
    assumption, and marked as one. ``bank`` and ``book`` are one account's lines.
    """
    movements = set(bank["bank_amount"].tolist())
    carried: dict[int, list[int]] = {}
    for place, statement in enumerate(statements):
        if statement.opening_amount == 0 or statement.opening_amount in movements:
            continue
        is_near = book["posting_date"].between(statement.begins_after, statement.begins_after + OPENING_DAYS)
        rows = book.index[is_near & book["book_amount"].eq(statement.opening_amount)].tolist()
        if rows:
            carried[place] = rows
    if carried:
        first = statements[min(carried)]
        every = frozenset(row for rows in carried.values() for row in rows)
        return Opening(first.begins_after, first.opening_amount, False, every)
    if not statements:
        return Opening(None, 0, False, frozenset())
    begun = statements[0]
    if len(book):
        first_day = book["posting_date"].min()
        begun = next((s for s in reversed(statements) if s.begins_after < first_day), begun)
    return Opening(begun.begins_after, begun.opening_amount, begun.opening_amount != 0, frozenset())


def stated_balance(statements: list[Statement], opening: Opening, bank: pd.DataFrame) -> int:
    """What the bank says is there: its last closing balance (of ``statements``) and the lines after it."""
    if not statements:
        return opening.amount + int(bank["bank_amount"].sum())
    last = statements[-1]
    if opening.after is not None and last.closing_date <= opening.after:
        return opening.amount + int(bank["bank_amount"].sum())
    return last.closing_amount + int(bank.loc[bank["booking_date"] > last.closing_date, "bank_amount"].sum())
