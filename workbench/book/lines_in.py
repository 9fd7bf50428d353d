"""Receipts, statement lines and the bank's ledger account into the book, each line once.

Identity by the source's own reference (scoped by account and year; the same one with other content is a
conflict), or by content and its occurrence number, so overlapping files add only their difference. A line
that an overlapping file no longer shows is a finding; nothing is deleted. Source: DOMAIN, section 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import func, select

from ..errors import FileRefusedError
from ..tables import COLLECTED_KINDS
from . import schema
from .balances_in import enter_balances
from .banked_receipts import without_banked
from .batches import Outcome, StoreResult, conclude, sums_by_currency
from .columns import Numbers, Same, all_rows, first_of_each, groups_of, mapped
from .deposits_in import enter_deposits
from .line_rows import (
    LEDGER_LINES,
    RECEIPT_LINES,
    STATEMENT_LINES,
    LineKind,
    LineRows,
    rows_of,
)
from .lookups import enter_companies, existing_columns
from .transactions import Posting

__all__ = ["LEDGER_LINES", "RECEIPT_LINES", "STATEMENT_LINES", "closed_days", "store_lines"]


def store_lines(posting: Posting, outcome: Outcome, kind: LineKind) -> StoreResult:
    """Lines of one file, the deposits among statement lines as receipts too, balances, and the record."""
    lines = LineRows(outcome, kind)
    outcome.companies.update(lines["company_id"].distinct())
    enter_companies(posting, outcome.companies)
    fresh = _fresh(posting, outcome, lines)
    if kind is RECEIPT_LINES:
        fresh = without_banked(posting, outcome, lines.columns, fresh)
    if kind.is_cash:
        fresh = _in_open_period(posting, outcome, lines, fresh)
    _enter(posting, outcome, lines, fresh)
    if kind is STATEMENT_LINES:
        enter_deposits(posting, outcome, lines, fresh)
        enter_balances(posting, outcome, lines, fresh)
        enter_companies(posting, outcome.companies)
    if kind is not RECEIPT_LINES and outcome.batch.shows_whole_days:
        _find_vanished(posting, outcome, lines, fresh)
    outcome.stored.update(fresh.tolist())
    sums = sums_by_currency(outcome.stored_positions(), lines.amounts(), lines["currency"])
    return conclude(posting, outcome, sums)


def _fresh(posting: Posting, outcome: Outcome, lines: LineRows) -> np.ndarray:
    """Positions of the lines that the book does not have; conflicts are refused, duplicates left out."""
    names = list(lines.content)
    found = existing_columns(posting, lines.kind.table, lines.key, np.arange(len(lines)), names)
    is_torn = _is_torn(lines)
    stored = list(zip(*found.fetched.values(), strict=True))
    said = rows_of({name: lines[name] for name in names}, found.positions)
    conflicts: dict[int, tuple[Any, ...]] = dict.fromkeys(np.flatnonzero(is_torn).tolist(), ())
    for position, one, other in zip(found.positions.tolist(), stored, said, strict=True):
        if one != other and not is_torn[position] and not _agree(lines, one, other):
            conflicts[position] = one
    for position in sorted(conflicts):
        _refuse_conflict(outcome, lines, position, conflicts[position])
    is_new = ~is_torn
    is_new[found.positions] = False
    fresh = np.flatnonzero(is_new)
    first: np.ndarray = fresh[first_of_each(lines.groups[fresh])]
    return first


def _is_torn(lines: LineRows) -> np.ndarray:
    """Lines under whose key the file itself says different things."""
    if lines.group_count == len(lines):
        return np.zeros(len(lines), dtype=bool)
    contents, _ = groups_of([Numbers(lines.groups), *(lines[name] for name in lines.content)])
    said = np.bincount(lines.groups[first_of_each(contents)], minlength=lines.group_count)
    is_torn: np.ndarray = said[lines.groups] > 1
    return is_torn


def _agree(lines: LineRows, stored: tuple[Any, ...], said: tuple[Any, ...]) -> bool:
    """The same money; a receipt whose customer one source does not know is still the same receipt."""
    pairs = zip(lines.content, stored, said, strict=True)
    return all(one == other or (name == "customer_id" and "" in (one, other)) for name, one, other in pairs)


def _refuse_conflict(outcome: Outcome, lines: LineRows, position: int, stored: tuple[Any, ...]) -> None:
    names = lines.content
    outcome.refuse_conflict(
        position,
        key=lines[lines.kind.line_id].at(position),
        amount=lines[lines.kind.amount].at(position),
        currency=lines["currency"].at(position),
        said={name: lines[name].at(position) for name in names},
        stored=dict(zip(names, stored, strict=False)),
    )


def _in_open_period(posting: Posting, outcome: Outcome, lines: LineRows, fresh: np.ndarray) -> np.ndarray:
    """New cash dated in a closed period is refused by row; a statement whole: its proof would break."""
    closed = closed_days(posting)
    latest = max(closed.values(), default="")
    is_suspect = mapped(lines["posting_date"], lambda day: "" if day > latest else "x").equal_to("x")
    refused = []
    for position in fresh[is_suspect[fresh]].tolist():
        day, company = lines["posting_date"].at(position), lines["company_id"].at(position)
        last = max(closed.get(company, ""), closed.get("", ""))
        if day > last:
            continue
        told = {"column": lines.kind.day, "value": day, "company": company, "closed_through": last}
        if lines.kind is STATEMENT_LINES:
            raise FileRefusedError("period-closed", row=outcome.rows[position], **told)
        refused.append(position)
        outcome.refuse(
            position,
            "period-closed",
            key=lines[lines.kind.line_id].at(position),
            amount=lines[lines.kind.amount].at(position),
            currency=lines["currency"].at(position),
            **told,
        )
    return np.setdiff1d(fresh, np.array(refused, dtype="int64"), assume_unique=True)


def closed_days(posting: Posting) -> dict[str, str]:
    """The last closed day of each company, read under the lock."""
    events = schema.period_events.c
    newest = select(func.max(events.event_key)).group_by(events.company_id)
    query = select(events.company_id, events.closed_through).where(events.event_key.in_(newest))
    return {str(company): str(day) for company, day in posting.connection.execute(query).all()}


def _enter(posting: Posting, outcome: Outcome, lines: LineRows, fresh: np.ndarray) -> None:
    columns = {
        **lines.columns,
        "batch_key": Same(outcome.batch_key, len(lines)),
        "row": Numbers(np.array(outcome.rows, dtype="int64")),
    }
    posting.insert_columns(lines.kind.table, all_rows(columns, fresh, len(lines)), len(fresh))


def _find_vanished(posting: Posting, outcome: Outcome, lines: LineRows, fresh: np.ndarray) -> None:
    """Stored lines of days that this file covers, which it does not show: a finding, never a deletion.

    A day is covered when it lies inside the file's days, or when the file shows a line of it that the book
    already has; a second statement of the same day shares none and so accuses none. A collections file
    speaks of its own lines only: those whose id begins with its day and modifier.
    """
    if len(fresh) == len(lines):
        return
    source, kind = schema.metadata.tables[lines.kind.table].c, lines.kind
    is_statement = kind is STATEMENT_LINES
    is_collection = is_statement and any(lines["line_kind"].equal_to(one).any() for one in COLLECTED_KINDS)
    is_known = np.ones(len(lines), dtype=bool)
    is_known[fresh] = False
    accounts, count = groups_of([lines["company_id"], lines["account_id"]])
    for account in range(count):
        positions = np.flatnonzero(accounts == account)
        overlapped = lines[kind.day].take(positions[is_known[positions]]).distinct()
        if not overlapped:
            continue
        days = lines[kind.day].take(positions).distinct()
        first, last = min(days), max(days)
        company, bank_account = (lines[name].at(int(positions[0])) for name in ("company_id", "account_id"))
        present = set(rows_of(lines.key, positions))
        files = {str(key[3]).partition("-")[0] for key in present} if is_collection else set()
        query = select(
            source.company_id, source.account_id, source.line_year, source[kind.line_id],
            source[kind.day], source[kind.amount], source.currency,
        ).where(
            source.company_id == company, source.account_id == bank_account,
            source.batch_key != outcome.batch_key, source[kind.day] >= first, source[kind.day] <= last,
        )  # fmt: skip
        if is_statement:
            among = source.line_kind.in_(COLLECTED_KINDS)
            query = query.where(among if is_collection else ~among)
        for row in posting.connection.execute(query).all():
            key, (day, amount, currency) = tuple(row[:4]), row[4:]
            is_covered = first < day < last or day in overlapped
            if is_collection:
                is_covered = str(key[3]).partition("-")[0] in files
            if is_covered and key not in present:
                outcome.find(
                    "line-vanished", key=str(key[3]), amount=int(amount), currency=str(currency),
                    line=str(key[3]), account=bank_account, date=str(day),
                )  # fmt: skip
