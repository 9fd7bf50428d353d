"""Receipts, statement lines and the bank's ledger account into the book, each line once.

Identity by the source's own reference (scoped by account and year; the same one with other content is a
conflict), or by content and its occurrence number, so overlapping files add only their difference. A line
that an overlapping file no longer shows is a finding; nothing is deleted. Source: DOMAIN, section 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ..errors import FileRefusedError
from ..tables import BANK_BALANCES, BANK_LINES, BOOK_LINES, COLLECTED_KINDS, RECEIPTS, Table
from . import schema
from .banked_receipts import named_before, without_banked
from .batches import Outcome, StoreResult, conclude, sums_of
from .frames import raw_column
from .lookups import enter_companies, existing
from .transactions import Posting


@dataclass(frozen=True)
class _Kind:
    """How one kind of line is named, dated and compared."""

    table: str
    shape: Table
    line_id: str
    day: str
    amount: str
    content: tuple[str, ...]
    is_cash: bool


RECEIPT_LINES = _Kind(
    "receipts", RECEIPTS, "receipt_id", "receipt_date", "received_amount",
    ("receipt_date", "currency", "received_amount", "customer_id"), True,
)  # fmt: skip
STATEMENT_LINES = _Kind(
    "bank_lines", BANK_LINES, "line_id", "booking_date", "bank_amount",
    ("booking_date", "currency", "bank_amount"), True,
)  # fmt: skip
LEDGER_LINES = _Kind(
    "book_lines", BOOK_LINES, "line_id", "posting_date", "book_amount",
    ("posting_date", "currency", "book_amount"), False,
)  # fmt: skip


#: Lines that are receipts too: a statement's deposits and the payments of a collections file.
_RECEIVED = ("deposit", "collected")


class _Lines:
    """The frame's columns as plain lists, and the key of each line."""

    def __init__(self, outcome: Outcome, kind: _Kind) -> None:
        frame, self.kind = outcome.batch.frame, kind
        own_key = kind.shape.key[0]
        types = {
            name: how for name, how in kind.shape.columns.items() if name not in (own_key, "recorded_at")
        }
        self.columns: dict[str, list[Any]] = {
            name: raw_column(frame[name], how)
            if name in frame
            else [0 if how == "money" else ""] * len(frame)
            for name, how in types.items()
        }
        days = self.columns[kind.day]
        self.columns["line_year"] = [day[:4] for day in days]
        if "posting_date" in frame:
            self.columns["posting_date"] = raw_column(frame["posting_date"], "date")
        elif kind.is_cash:
            self.columns["posting_date"] = days
        self._number_lines()
        self.keys = list(
            zip(*(self.columns[name] for name in ("company_id", "account_id", "line_year", kind.line_id)),
                strict=True)
        )  # fmt: skip
        self.contents = list(zip(*(self.columns[name] for name in kind.content), strict=True))

    def _number_lines(self) -> None:
        """A line without a reference is known by its content and its occurrence among identical lines."""
        seen: Counter[tuple[str, str]] = Counter()
        ids = self.columns[self.kind.line_id]
        for position, line_id in enumerate(ids):
            if line_id:
                continue
            names = (self.kind.day, self.kind.amount, "currency", "text")
            said = "|".join(" ".join(str(self.columns[name][position]).split()) for name in names)
            account = self.columns["account_id"][position]
            seen[(account, said)] += 1
            ids[position] = f"{said}#{seen[(account, said)]}"

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, name: str) -> list[Any]:
        return self.columns[name]


def store_lines(posting: Posting, outcome: Outcome, kind: _Kind) -> StoreResult:
    """Lines of one file, the deposits among statement lines as receipts too, balances, and the record."""
    lines = _Lines(outcome, kind)
    outcome.companies.update(lines["company_id"])
    enter_companies(posting, outcome.companies)
    fresh = _fresh(posting, outcome, lines)
    if kind is RECEIPT_LINES:
        fresh = without_banked(posting, outcome, lines.columns, fresh)
    if kind.is_cash:
        fresh = _in_open_period(posting, outcome, lines, fresh)
    _enter(posting, outcome, lines, fresh)
    if kind is STATEMENT_LINES:
        _enter_deposits(posting, outcome, lines, fresh)
        _enter_balances(posting, outcome)
        enter_companies(posting, outcome.companies)
    if kind is not RECEIPT_LINES and outcome.batch.shows_whole_days:
        _find_vanished(posting, outcome, lines, set(fresh))
    outcome.stored.update(fresh)
    return conclude(posting, outcome, sums_of(sorted(outcome.stored), lines[kind.amount], lines["currency"]))


def _fresh(posting: Posting, outcome: Outcome, lines: _Lines) -> list[int]:
    """Positions of the lines that the book does not have; conflicts are refused, duplicates left out."""
    contents: dict[tuple[str, ...], set[tuple[Any, ...]]] = {}
    for key, content in zip(lines.keys, lines.contents, strict=True):
        contents.setdefault(key, set()).add(content)
    fetch = list(lines.kind.content)
    rows = existing(posting, lines.kind.table, schema_key(lines.kind), lines.keys, fetch)
    stored = {lines.keys[row[0]]: tuple(row[1:]) for row in rows}
    fresh: dict[tuple[str, ...], int] = {}
    for position, key in enumerate(lines.keys):
        if len(contents[key]) > 1:
            _refuse_conflict(outcome, lines, position)
        elif key not in stored:
            fresh.setdefault(key, position)
        elif not _agree(lines.kind, stored[key], lines.contents[position]):
            _refuse_conflict(outcome, lines, position, stored[key])
    return list(fresh.values())


def _agree(kind: _Kind, stored: tuple[Any, ...], said: tuple[Any, ...]) -> bool:
    """The same money; a receipt whose customer one source does not know is still the same receipt."""
    pairs = zip(kind.content, stored, said, strict=True)
    return all(one == other or (name == "customer_id" and "" in (one, other)) for name, one, other in pairs)


def schema_key(kind: _Kind) -> list[str]:
    """The columns of the unique key of a line."""
    return ["company_id", "account_id", "line_year", kind.line_id]


def _refuse_conflict(outcome: Outcome, lines: _Lines, position: int, stored: tuple[Any, ...] = ()) -> None:
    names = lines.kind.content
    outcome.refuse_conflict(
        position,
        key=lines[lines.kind.line_id][position],
        amount=lines[lines.kind.amount][position],
        currency=lines["currency"][position],
        said=dict(zip(names, lines.contents[position], strict=True)),
        stored=dict(zip(names, stored, strict=False)),
    )


def _in_open_period(posting: Posting, outcome: Outcome, lines: _Lines, fresh: Sequence[int]) -> list[int]:
    """New cash dated in a closed period is refused by row; a statement whole: its proof would break."""
    closed = closed_days(posting)
    kept = []
    for position in fresh:
        day, company = lines["posting_date"][position], lines["company_id"][position]
        last = max(closed.get(company, ""), closed.get("", ""))
        if day > last:
            kept.append(position)
            continue
        told = {"column": lines.kind.day, "value": day, "company": company, "closed_through": last}
        if lines.kind is STATEMENT_LINES:
            raise FileRefusedError("period-closed", row=outcome.rows[position], **told)
        outcome.refuse(
            position,
            "period-closed",
            key=lines[lines.kind.line_id][position],
            amount=lines[lines.kind.amount][position],
            currency=lines["currency"][position],
            **told,
        )
    return kept


def closed_days(posting: Posting) -> dict[str, str]:
    """The last closed day of each company, read under the lock."""
    events = schema.period_events.c
    newest = select(func.max(events.event_key)).group_by(events.company_id)
    query = select(events.company_id, events.closed_through).where(events.event_key.in_(newest))
    return {str(company): str(day) for company, day in posting.connection.execute(query).all()}


def _enter(posting: Posting, outcome: Outcome, lines: _Lines, fresh: Sequence[int]) -> None:
    columns = [*lines.columns, "batch_key", "row"]
    posting.insert(
        lines.kind.table,
        columns,
        [
            (*(values[at] for values in lines.columns.values()), outcome.batch_key, outcome.rows[at])
            for at in fresh
        ],
    )


def _enter_deposits(posting: Posting, outcome: Outcome, lines: _Lines, fresh: Sequence[int]) -> None:
    """Money that customers paid in is a receipt, under the statement line's own id, and only once.

    A receipts file may have named it before: the same money is the same receipt, other money is a finding.
    """
    deposits = [at for at in fresh if lines["line_kind"][at] in _RECEIVED and lines["bank_amount"][at] > 0]
    same = {"receipt_id": "line_id", "receipt_date": "booking_date", "received_amount": "bank_amount"}
    content = ["receipt_date", "currency", "received_amount"]
    keys = [lines.keys[at] for at in deposits]
    for number, *stored in existing(posting, "receipts", schema_key(RECEIPT_LINES), keys, content):
        at, keys[number] = deposits[number], ()
        if stored != [lines[same.get(name, name)][at] for name in content]:
            outcome.find(
                "receipt-unlike-statement", position=at, key=lines["line_id"][at],
                amount=lines["bank_amount"][at], currency=lines["currency"][at],
            )  # fmt: skip
    deposits = [at for at, key in zip(deposits, keys, strict=True) if key]
    same_receipts = named_before(posting, outcome, lines.columns, deposits)
    deposits = [at for at in deposits if at not in same_receipts]
    frame = outcome.batch.frame
    payer = {
        name: raw_column(frame[name], "text") if name in frame else [""] * len(lines)
        for name in ("customer_id", "payer_name", "payer_tax_id", "payer_account")
    }
    shown = [" ".join(part for part in pair if part) for pair in _texts(lines)]
    columns = ["company_id", "account_id", "line_year", *same, "posting_date", "currency", "text", *payer]
    sources = [
        shown if name == "text" else payer[name] if name in payer else lines[same.get(name, name)]
        for name in columns
    ]
    posting.insert(
        "receipts",
        [*columns, "batch_key", "row"],
        [(*(values[at] for values in sources), outcome.batch_key, outcome.rows[at]) for at in deposits],
    )


def _texts(lines: _Lines) -> list[tuple[str, str]]:
    """Text and, where the text does not hold it already, the reference."""
    pairs = zip(lines["text"], lines["reference"], strict=True)
    return [(text, "" if reference in text else reference) for text, reference in pairs]


def _enter_balances(posting: Posting, outcome: Outcome) -> None:
    types = {name: how for name, how in BANK_BALANCES.columns.items() if name != "recorded_at"}
    balances = outcome.batch.balances
    rows = list(zip(*(raw_column(balances[name], how) for name, how in types.items()), strict=True))
    rows = list(dict.fromkeys(rows))
    known = {row[0] for row in existing(posting, "bank_balances", list(types), rows, [])}
    fresh = [row for number, row in enumerate(rows) if number not in known]
    posting.insert("bank_balances", [*types, "batch_key"], [(*row, outcome.batch_key) for row in fresh])
    outcome.companies.update(row[0] for row in fresh)
    outcome.has_other_news = outcome.has_other_news or bool(fresh)


def _find_vanished(posting: Posting, outcome: Outcome, lines: _Lines, fresh: set[int]) -> None:
    """Stored lines of days that this file covers, which it does not show: a finding, never a deletion.

    A day is covered when it lies inside the file's days, or when the file shows a line of it that the book
    already has; a second statement of the same day shares none and so accuses none. A collections file
    speaks of its own lines only: those whose id begins with its day and modifier.
    """
    is_statement = lines.kind is STATEMENT_LINES
    is_collection = is_statement and bool({*lines["line_kind"]} & {*COLLECTED_KINDS})
    source = schema.metadata.tables[lines.kind.table].c
    spans: dict[tuple[str, str], list[int]] = {}
    for position in range(len(lines)):
        account = (lines["company_id"][position], lines["account_id"][position])
        spans.setdefault(account, []).append(position)
    for (company, bank_account), positions in spans.items():
        days = [lines[lines.kind.day][at] for at in positions]
        first, last = min(days), max(days)
        overlapped = {lines[lines.kind.day][at] for at in positions if at not in fresh}
        if not overlapped:
            continue
        present = {lines.keys[at] for at in positions}
        files = {str(key[3]).partition("-")[0] for key in present}
        query = select(
            source.company_id, source.account_id, source.line_year, source[lines.kind.line_id],
            source[lines.kind.day], source[lines.kind.amount], source.currency,
        ).where(
            source.company_id == company, source.account_id == bank_account,
            source.batch_key != outcome.batch_key,
            source[lines.kind.day] >= first, source[lines.kind.day] <= last,
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
