"""Bank balance to book balance (conciliación bancaria): what meets, what is left, and the proof.

Signs inside: money that enters the account is positive on both sides, a bank credit and a book debit.
The proof, per account and currency (DOMAIN, section 9)::

    balance per bank = balance per books − debits not cleared + credits not cleared + in bank, not in books

*Debits not cleared* are deposits we booked and the bank does not show (consignaciones en tránsito);
*credits not cleared* are payments we booked and the bank has not paid, as a positive figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..applications import collect_findings, finding
from ..calendar import WorkingDays
from ..policy import ReconciliationPolicy
from ..tables import COLLECTED_KINDS
from .openings import Opening, Statement, chain_statements, find_opening, stated_balance
from .pairing import Pairs, pair_lines, references_of
from .results import (
    ACCOUNT,
    CATEGORIES,
    CLASSIFIED,
    MATCHED,
    OUTSTANDING_BANK,
    OUTSTANDING_BOOK,
    PROOF,
    Reconciled,
)

__all__ = ["CATEGORIES", "Reconciled", "reconcile_bank"]

_NOTES = ("fee", "tax", "interest")


def reconcile_bank(
    bank_lines: pd.DataFrame,
    bank_balances: pd.DataFrame,
    book_lines: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: ReconciliationPolicy,
    working_days: WorkingDays | None = None,
) -> Reconciled:
    """The reconciliation of every account as of a day; what is dated after it takes no part.

    ``bank_lines``, ``bank_balances`` (each statement's), ``book_lines``: tables of those names. The
    comparison starts where the books carry a balance forward that a statement states; without such a line
    the books are taken to open with what the bank opens with, and a note says so (``book-opening-assumed``).

    Passes, first success wins: same reference (the bank's id of the line, else its reference) and amount,
    the book line dated from ``policy.days_before`` before to ``policy.days_after`` after the bank line,
    both ends included, in working days where ``working_days`` is given; then same amount and dates where
    each is the other's only candidate. What is ambiguous stays outstanding; either way the proof holds,
    since a pair is equal on both sides. A finding ``bank-proof-broken`` (error) means that the bank's
    stated balances and its lines disagree, ``bank-balance-unknown`` that no statement
    says a balance, ``bank-account-without-ledger`` that the books bring nothing to compare with. No lines at
    all gives empty frames. Amounts in minor units.

    Source: DOMAIN, section 9.
    """
    cutoff = pd.Timestamp(as_of)
    is_bank = (bank_lines["booking_date"] <= cutoff) & ~bank_lines["line_kind"].isin(COLLECTED_KINDS)
    bank = _numbered(bank_lines[is_bank], "booking_date", "bank_line_key")
    book = _numbered(book_lines[book_lines["posting_date"] <= cutoff], "posting_date", "book_line_key")
    begun = bank_balances[bank_balances["opening_date"] <= cutoff]
    statements = {name: chain_statements(rows) for name, rows in _by_account(begun)}
    openings = _openings(statements, bank, book)
    bank = _taking_part(bank, openings, "booking_date").reset_index(drop=True)
    book = _taking_part(book, openings, "posting_date").reset_index(drop=True)
    pairs = pair_lines(bank, book, policy, working_days)
    left_bank, left_book = _outstanding(bank, book, pairs, cutoff)
    closed = {name: [s for s in chain if s.closing_date <= cutoff] for name, chain in statements.items()}
    proof = _prove(bank, book, left_bank, left_book, closed, openings)
    classified = _classify(left_bank, left_book)
    return Reconciled(
        matched=_matched(bank, book, pairs),
        outstanding_bank=OUTSTANDING_BANK.conform(left_bank),
        outstanding_book=OUTSTANDING_BOOK.conform(left_book),
        classified=classified,
        proof=proof,
        findings=collect_findings(list(_findings(proof, classified, openings, _accounts(book_lines)))),
    )


Account = tuple[str, ...]


def _accounts(lines: pd.DataFrame) -> set[Account]:
    return {tuple(map(str, names)) for names in lines[ACCOUNT].drop_duplicates().itertuples(index=False)}


def _numbered(lines: pd.DataFrame, date: str, key: str) -> pd.DataFrame:
    return lines.sort_values([*ACCOUNT, date, "line_id", key]).reset_index(drop=True)


def _by_account(frame: pd.DataFrame) -> Iterator[tuple[Account, pd.DataFrame]]:
    for name, rows in frame.groupby(ACCOUNT, sort=True):
        yield tuple(str(part) for part in name), rows


def _openings(
    statements: dict[Account, list[Statement]], bank: pd.DataFrame, book: pd.DataFrame
) -> dict[Account, Opening]:
    of_bank, of_book = dict(_by_account(bank)), dict(_by_account(book))
    return {
        name: find_opening(
            statements.get(name, []), of_bank.get(name, bank.iloc[:0]), of_book.get(name, book.iloc[:0])
        )
        for name in sorted({*statements, *of_bank, *of_book})
    }


def _taking_part(lines: pd.DataFrame, openings: dict[Account, Opening], date: str) -> pd.DataFrame:
    """Movements after the opening; balances carried forward in the books are none."""
    keep = np.ones(len(lines), dtype=np.bool_)
    for name, rows in _by_account(lines):
        opening = openings[name]
        if opening.after is not None:
            keep[rows.index] = (rows[date] > opening.after).to_numpy()
        if date == "posting_date":
            keep[list(opening.carried_forward)] = False
    return lines[keep]


def _outstanding(
    bank: pd.DataFrame, book: pd.DataFrame, pairs: Pairs, cutoff: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What nothing meets, with its category.

    A book line that names an outstanding bank line, or says again what a pair has said, is an error.
    """
    left_bank = bank.drop(index=[row for row, _, _ in pairs])
    left_book = book.drop(index=[row for _, row, _ in pairs])
    met = book.loc[[row for _, row, _ in pairs]]
    named_bank = [_names(left_bank, "line_id"), _names(left_bank, "reference")]
    open_names = {name for names in named_bank for name in names if name}
    said = set(zip(_names(met, "reference"), met["book_amount"], strict=True))
    named_book = _names(left_book, "reference")
    amounts = left_book["book_amount"]
    is_error_book = np.array(
        [
            name is not None and (name in open_names or (name, amount) in said)
            for name, amount in zip(named_book, amounts, strict=True)
        ],
        dtype=np.bool_,
    )
    of_books = set(named_book) - {None}
    is_error_bank = np.array(
        [not of_books.isdisjoint(names) for names in zip(*named_bank, strict=True)], dtype=np.bool_
    )
    kind = left_bank["line_kind"]
    of_bank = np.select(
        [is_error_bank, kind.isin(_NOTES), kind.eq("returned_cheque")],
        ["error", "unbooked_bank_note", "returned_cheque"],
        default="unidentified",
    )
    of_book = np.select(
        [is_error_book, amounts >= 0], ["error", "deposit_in_transit"], default="payment_not_cashed"
    )
    return (
        left_bank.assign(category=of_bank, age_days=(cutoff - left_bank["booking_date"]).dt.days),
        left_book.assign(category=of_book, age_days=(cutoff - left_book["posting_date"]).dt.days),
    )


def _names(lines: pd.DataFrame, column: str) -> list[tuple[str, ...] | None]:
    """Account and reference of each line, ``None`` without a reference."""
    rows = zip(*(lines[name] for name in ACCOUNT), references_of(lines[column]), strict=True)
    return [name if name[-1] else None for name in rows]


def _prove(
    bank: pd.DataFrame,
    book: pd.DataFrame,
    left_bank: pd.DataFrame,
    left_book: pd.DataFrame,
    statements: dict[Account, list[Statement]],
    openings: dict[Account, Opening],
) -> pd.DataFrame:
    frames = [dict(_by_account(frame)) for frame in (bank, book, left_bank, left_book)]
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


def _classify(left_bank: pd.DataFrame, left_book: pd.DataFrame) -> pd.DataFrame:
    columns = [*ACCOUNT, "category", "amount", "age_days"]
    sides = (
        left_bank.rename(columns={"bank_amount": "amount"})[columns],
        left_book.rename(columns={"book_amount": "amount"})[columns],
    )
    grouped = pd.concat(sides).groupby([*ACCOUNT, "category"], sort=True)
    totals = grouped.agg(lines=("amount", "size"), amount=("amount", "sum"), oldest_days=("age_days", "max"))
    return CLASSIFIED.conform(totals.reset_index())


def _matched(bank: pd.DataFrame, book: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    met_bank = bank.loc[[row for row, _, _ in pairs]].reset_index(drop=True)
    met_book = book.loc[[row for _, row, _ in pairs]].reset_index(drop=True)
    return MATCHED.conform(
        met_bank.rename(columns={"line_id": "bank_line_id"}).assign(
            book_line_key=met_book["book_line_key"],
            book_line_id=met_book["line_id"],
            posting_date=met_book["posting_date"],
            rule=[rule for _, _, rule in pairs],
        )
    )


def _findings(
    proof: pd.DataFrame, classified: pd.DataFrame, openings: dict[Account, Opening], in_books: set[Account]
) -> Iterator[dict[str, object]]:
    for row in proof.to_dict("records"):
        if row["difference"]:
            yield _account_finding("bank-proof-broken", row, row["difference"], level="error")
        opening = openings[tuple(row[name] for name in ACCOUNT)]
        if opening.after is None:
            yield _account_finding("bank-balance-unknown", row, row["bank_amount"])
        if tuple(row[name] for name in ACCOUNT) not in in_books:
            yield _account_finding("bank-account-without-ledger", row, row["bank_amount"])
        elif opening.is_assumed:
            yield _account_finding("book-opening-assumed", row, row["opening_amount"], level="note")
    for row in classified.to_dict("records"):
        rule = f"bank-{row['category'].replace('_', '-')}"
        yield _account_finding(rule, row, row["amount"], count=row["lines"], oldest_days=row["oldest_days"])


def _account_finding(
    rule: str, row: dict[str, str], amount: object, *, level: str = "warning", **values: object
) -> dict[str, object]:
    return finding(
        rule,
        table="bank_lines",
        key=row["account_id"],
        level=level,
        amount=int(str(amount)),
        currency=row["currency"],
        account=row["account_id"],
        **values,
    )
