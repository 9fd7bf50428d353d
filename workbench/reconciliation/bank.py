"""Bank balance to book balance (conciliación bancaria): what meets, what is left, and the proof.

Signs inside: money that enters the account is positive on both sides, a bank credit and a book debit.
The proof, per account and currency (DOMAIN, section 9)::

    balance per bank = balance per books − debits not cleared + credits not cleared + in bank, not in books

*Debits not cleared* are deposits we booked and the bank does not show (consignaciones en tránsito);
*credits not cleared* are payments we booked and the bank has not paid, as a positive figure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from ..applications import collect_findings
from ..calendar import WorkingDays
from ..policy import ReconciliationPolicy
from ..tables import COLLECTED_KINDS
from .accounts import Account, by_account, prove, taking_part
from .bank_findings import findings_of
from .classes import Lines, Said, classify_lines, note_kinds
from .groups import group_ids, matched_frame, read_hand_matches, rivals_frame
from .months import Months, cutoffs_of, reconcile_months
from .openings import Opening, chain_statements, find_opening
from .results import ACCOUNT, OUTSTANDING_BANK, OUTSTANDING_BOOK, Reconciled
from .sides import make_sides
from .statement import state_accounts
from .stayed import age_lines, classify, roll_forward, solved_frame


def reconcile_bank(
    bank_lines: pd.DataFrame,
    bank_balances: pd.DataFrame,
    book_lines: pd.DataFrame,
    *,
    as_of: dt.date,
    policy: ReconciliationPolicy,
    working_days: WorkingDays | None = None,
    hand_matches: pd.DataFrame | None = None,
    receipts: pd.DataFrame | None = None,
) -> Reconciled:
    """The reconciliation of every account as of a day; what is dated after it takes no part.

    ``bank_lines``, ``bank_balances`` (each statement's), ``book_lines``: tables of those names. The
    comparison starts where the books carry a balance forward that a statement states; without such a line
    the books are taken to open with what the bank opens with, and a note says so (``book-opening-assumed``).

    Passes, first success wins, month by month: same reference (the bank's id of the line, else its reference,
    else a long number in the text or the number of a cheque) and amount, the book line dated from
    ``policy.days_before`` before to ``policy.days_after`` after the bank line, both ends included, in working
    days where ``working_days`` is given; then same amount and dates where each is the other's only candidate;
    then one bank line that is several book lines, and one book line that is several of the bank
    (``grouping``); then what was carried from an earlier month with its reference. What is ambiguous stays
    outstanding with its rivals; either way the proof holds, since a group is equal on both sides.

    ``hand_matches`` (``results.HAND_MATCHES``): what people put together, taken before every pass, and what
    they took apart, never made again. ``receipts`` (``ledger.unapplied_receipts``): then a deposit that
    nobody booked says what became of its receipt. A finding ``bank-proof-broken`` (error) means that the
    bank's stated balances and its lines disagree, ``bank-balance-unknown`` that no statement says a balance,
    ``bank-account-without-ledger`` that the books bring nothing to compare with. No lines at all gives empty
    frames. Amounts in minor units.

    Source: DOMAIN, section 9.
    """
    cutoff = pd.Timestamp(as_of)
    is_bank = (bank_lines["booking_date"] <= cutoff) & ~bank_lines["line_kind"].isin(COLLECTED_KINDS)
    bank = _numbered(bank_lines[is_bank], "booking_date", "bank_line_key")
    book = _numbered(book_lines[book_lines["posting_date"] <= cutoff], "posting_date", "book_line_key")
    begun = bank_balances[bank_balances["opening_date"] <= cutoff]
    statements = {name: chain_statements(rows) for name, rows in by_account(begun)}
    of_bank, of_book = dict(by_account(bank)), dict(by_account(book))
    openings: dict[Account, Opening] = {
        name: find_opening(
            statements.get(name, []), of_bank.get(name, bank.iloc[:0]), of_book.get(name, book.iloc[:0])
        )
        for name in sorted({*statements, *of_bank, *of_book})
    }
    bank = taking_part(bank, openings, "booking_date").reset_index(drop=True)
    book = taking_part(book, openings, "posting_date").reset_index(drop=True)
    sides = make_sides(bank, book, working_days)
    kinds = note_kinds(bank, policy.notes), note_kinds(book, policy.notes)
    dates = np.concatenate([side.date for side in sides])
    cutoffs = cutoffs_of(int(dates.min()) if len(dates) else None, cutoff)
    by_hand, broken = read_hand_matches(hand_matches, bank, book)
    months = reconcile_months(*sides, cutoffs, policy, kinds, by_hand)
    met = [one for one, _ in months.met]
    left_rows = (
        sorted(set(range(len(bank))) - {row for one in met for row in one.bank}),
        sorted(set(range(len(book))) - {row for one in met for row in one.book}),
    )
    known = _known_receipts(receipts)
    lines = Lines(*sides, bank, book, *left_rows, met)
    said = classify_lines(lines, kinds[0], known, policy)
    left_bank = _stayed(bank, left_rows[0], said[0], sides[0].date, months, policy, "booking_date", cutoff)
    left_book = _stayed(book, left_rows[1], said[1], sides[1].date, months, policy, "posting_date", cutoff)
    outstanding = OUTSTANDING_BANK.conform(left_bank), OUTSTANDING_BOOK.conform(left_book)
    closed = {name: [s for s in chain if s.closing_date <= cutoff] for name, chain in statements.items()}
    proof = prove(bank, book, *outstanding, closed, openings)
    classified = classify(*outstanding)
    ids = group_ids(met, bank, book)
    in_books = {name for name, _ in by_account(book_lines)}
    rivals = rivals_frame(months.rivals, bank, book, policy.rivals)
    return Reconciled(
        matched=matched_frame(met, ids, bank, book),
        outstanding_bank=outstanding[0],
        outstanding_book=outstanding[1],
        rivals=rivals,
        classified=classified,
        aged=age_lines(*outstanding, policy),
        carried=roll_forward(*outstanding, months, bank, book),
        solved=solved_frame(months, ids, bank, book),
        proof=proof,
        statement=state_accounts(proof, *outstanding),
        findings=collect_findings(
            list(
                findings_of(
                    proof, classified, openings, in_books, rivals, months.unsearched, (bank, book), broken
                )
            )
        ),
    )


def reconciler(
    bank_lines: pd.DataFrame,
    bank_balances: pd.DataFrame,
    book_lines: pd.DataFrame,
    *,
    policy: ReconciliationPolicy,
    working_days: WorkingDays | None = None,
    hand_matches: pd.DataFrame | None = None,
    receipts: pd.DataFrame | None = None,
) -> Callable[[dt.date], Reconciled]:
    """:func:`reconcile_bank` of any day on the same facts; each day is reckoned once."""
    facts = (bank_lines, bank_balances, book_lines)
    options = {
        "policy": policy,
        "working_days": working_days,
        "hand_matches": hand_matches,
        "receipts": receipts,
    }

    @lru_cache
    def at(as_of: dt.date) -> Reconciled:
        return reconcile_bank(*facts, as_of=as_of, **options)  # type: ignore[arg-type]  # one dict of all

    return at


def _numbered(lines: pd.DataFrame, date: str, key: str) -> pd.DataFrame:
    return lines.sort_values([*ACCOUNT, date, "line_id", key]).reset_index(drop=True)


def _known_receipts(receipts: pd.DataFrame | None) -> dict[tuple[str, str], tuple[str, int, int]]:
    """(company, receipt id) → (customer, received, unapplied); of equal ids the first."""
    if receipts is None:
        return {}
    known: dict[tuple[str, str], tuple[str, int, int]] = {}
    columns = "company_id receipt_id customer_id received_amount unapplied_amount".split()
    for company, receipt, *told in zip(*(receipts[name].tolist() for name in columns), strict=True):
        known.setdefault((company, receipt), (told[0], told[1], told[2]))
    return known


def _stayed(
    frame: pd.DataFrame,
    rows: list[int],
    said: list[Said],
    dates: np.ndarray,
    months: Months,
    policy: ReconciliationPolicy,
    date: str,
    cutoff: pd.Timestamp,
) -> pd.DataFrame:
    """The lines of one side that stay, with what is said of them, their age and when they first stayed."""
    left = frame.iloc[rows]
    days = (cutoff - left[date]).dt.days
    seen = np.searchsorted(months.cutoffs, dates[rows], side="left")
    places = np.searchsorted(policy.buckets, days.to_numpy(), side="left")
    return left.assign(
        category=[one.category for one in said],
        detail=[one.detail for one in said],
        age_days=days,
        bucket=np.array(policy.bucket_names, dtype="object")[places] if len(left) else "",
        first_seen=pd.to_datetime([months.cutoffs[place] for place in seen], unit="D"),
        related_id=[one.related_id for one in said],
        related_amount=[one.related_amount for one in said],
    )
