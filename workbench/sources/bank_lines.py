"""What every bank statement needs, whatever its format: line ids, kinds of line, the proof of the balance."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..money import checked_sum, to_text
from ..tables import BANK_LINES, ColumnType, Table
from .mapping_rules import BankRule
from .mappings import Mapping
from .parsed import REJECTED, STATED_BALANCES, Context, Findings, Parsed, sums_by_currency
from .raw_table import plain_words

_COLUMNS: dict[str, ColumnType] = {"row": "integer", "statement": "integer"}
_COLUMNS.update({k: v for k, v in BANK_LINES.columns.items() if k not in ("bank_line_key", "recorded_at")})
_COLUMNS.update({"payer_name": "text", "payer_tax_id": "text", "payer_account": "text"})
#: Formats that tell of single lines, never of all those of a day.
NOTICES = ("camt054", "mt942")
#: Formats that never state balances, or only one of the two.
_WITHOUT_BALANCES = (*NOTICES, "ofx")
#: A statement's lines as read; ``statement`` counts the statements of the file from 1.
STATEMENT_ROWS = Table("statement_rows", (), _COLUMNS)


@lru_cache
def _pattern(words: str) -> re.Pattern[str]:
    """A word or phrase at a word's start; a short one (``iva``, ``fee``) must be the whole word."""
    return re.compile(rf"\b{re.escape(words)}" + (r"\b" if len(words) <= 4 else ""))


def line_kinds(texts: pd.Series, amounts: pd.Series, rule: BankRule) -> np.ndarray:
    """Each line's kind by the mapping's patterns in order, else by the side on which the money moved."""
    is_credit = amounts.to_numpy() > 0
    codes, distinct = pd.factorize(texts.to_numpy())
    by_side = np.where(is_credit, rule.positive_kind, rule.negative_kind).astype(object)
    if not len(distinct):
        return by_side
    for side, mine in (("credit", is_credit), ("debit", ~is_credit)):
        named = np.full(len(distinct), "", dtype=object)
        for place in np.unique(codes[mine]):
            words = plain_words(distinct[place])
            for entry in rule.line_kinds:
                if entry.side in ("any", side) and any(
                    _pattern(plain_words(pattern)).search(words) for pattern in entry.patterns
                ):
                    named[place] = entry.kind
                    break
        found = np.where(mine, named[codes], "")
        by_side = np.where(found == "", by_side, found)
    return by_side


def content_ids(lines: pd.DataFrame) -> pd.Series:
    """Ids for lines that the bank gives none: day, amount, text and which of the alike ones it is.

    Overlapping files give the same ids for the same lines as long as each file holds whole days.
    """
    days = lines["booking_date"].dt.strftime("%Y-%m-%d")
    codes, distinct = pd.factorize((lines["reference"] + "|" + lines["text"]).to_numpy())
    words = [hashlib.sha256(plain_words(text).encode()).hexdigest()[:10] for text in distinct]
    marks = pd.Series(np.array(words, dtype=object)[codes] if len(words) else [], index=lines.index)
    stem = days + "|" + lines["bank_amount"].astype("str") + "|" + lines["currency"] + "|" + marks
    occurrence = stem.groupby([lines["account_id"], stem]).cumcount() + 1
    return stem + "|" + occurrence.astype("str")


@dataclass
class Statement:
    """One statement's balances as stated, in minor units; ``None`` where it states none."""

    account_id: str
    currency: str
    row: int
    opening: int | None
    closing: int | None
    opening_date: dt.date | None
    closing_date: dt.date | None
    company_id: str = ""  # where the file itself says whose it is


def finish_statements(
    frame: pd.DataFrame,
    statements: list[Statement],
    mapping: Mapping,
    context: Context,
    findings: Findings,
    *,
    file: str,
    rows_total: int = 0,
    rejected: pd.DataFrame | None = None,
) -> Parsed:
    """Lines with company, id and kind, balances proved; what does not hold refuses the file.

    ``frame``: row, statement (from 1), account_id, line_id (``""`` without one), booking_date, value_date,
    currency, bank_amount, reference, text and the payer's columns that the format knows.
    """
    rule = mapping.bank
    if not (frame["line_id"] != "").all() or mapping.identity == "content":
        own = frame["line_id"] != "" if mapping.identity == "reference" else pd.Series(False, frame.index)
        frame["line_id"] = frame["line_id"].where(own, content_ids(frame))
        if mapping.identity == "reference" and len(frame):
            findings.add("line-without-reference", level="note", count=int((~own).sum()))
    _refuse_huge(frame, mapping, file)
    _refuse_repeated(frame, file)
    _refuse_future(frame, mapping, context, file)
    for name, pattern in rule.extract.items():
        found = frame["text"].str.extract(pattern, flags=re.IGNORECASE)[0].fillna("").str.strip()
        frame[name] = frame[name].where(frame[name] != "", found) if name in frame else found
    for name in ("payer_name", "payer_tax_id", "payer_account"):
        if name not in frame:
            frame[name] = ""
    companies = {
        statement.account_id: _company(statement, mapping, context, findings, file)
        for statement in statements
    }
    frame["company_id"] = frame["account_id"].map(companies)
    if "line_kind" not in frame:
        frame["line_kind"] = line_kinds(frame["text"], frame["bank_amount"], rule)
    lines = STATEMENT_ROWS.conform(frame)
    places = lines.groupby("statement").indices
    own_lines = [lines.iloc[places.get(number, [])] for number in range(1, len(statements) + 1)]
    for statement, own_part in zip(statements, own_lines, strict=True):
        _prove(statement, own_part, mapping, findings, file)
    _refuse_twice(statements, own_lines, file)
    _say_gaps(statements, findings)
    balances = [
        {
            "company_id": companies[statement.account_id],
            "account_id": statement.account_id,
            "currency": statement.currency,
            "opening_date": statement.opening_date,
            "opening_amount": statement.opening,
            "closing_date": statement.closing_date,
            "closing_amount": statement.closing,
        }
        for statement in statements
        if statement.opening is not None and statement.closing is not None
    ]
    refused = REJECTED.empty() if rejected is None else rejected
    return Parsed(
        kind="bank_statement",
        frame=lines,
        rejected=refused,
        findings=findings.frame(),
        rows_in=len(lines) + len(refused),
        rows_total=rows_total,
        sums=sums_by_currency(lines["bank_amount"].to_numpy(), lines["currency"]),
        balances=STATED_BALANCES.conform(pd.DataFrame(balances, columns=list(STATED_BALANCES.columns))),
        extract_date=max((s.closing_date for s in statements if s.closing_date), default=None),
    )


def _refuse_huge(frame: pd.DataFrame, mapping: Mapping, file: str) -> None:
    """More lines, or a longer text in one, than the mapping says a statement has."""
    limits = mapping.limits
    if len(frame) > limits.rows:
        raise FileRefusedError("too-many-rows", file=file, rows=len(frame), limit=limits.rows)
    for name in ("line_id", "reference", "text"):
        long = frame[name].str.len() > limits.field_chars
        if long.any():
            row = int(frame.loc[long, "row"].iloc[0])
            raise FileRefusedError(
                "field-too-long", file=file, row=row, column=name, limit=limits.field_chars
            )


def _refuse_repeated(frame: pd.DataFrame, file: str) -> None:
    """The bank's reference twice in a year of one account: the balance counts both, so ask the bank."""
    year = frame["booking_date"].dt.year
    repeated = frame.assign(year=year).duplicated(["account_id", "year", "line_id"], keep=False)
    if not repeated.any():
        return
    first = frame.loc[repeated, "line_id"].iloc[0]
    same = frame[repeated & (frame["line_id"] == first)]
    rows = ", ".join(map(str, same["row"]))
    differing = [name for name in ("booking_date", "currency", "bank_amount") if same[name].nunique() > 1]
    if not differing:
        raise FileRefusedError("duplicate-in-file", file=file, key=first, rows=rows, count=len(same))
    one, other = same.iloc[0], same.iloc[1]
    rivals = "; ".join(f"{name}: {_shown(one, name)} ↔ {_shown(other, name)}" for name in differing)
    raise FileRefusedError(
        "key-conflict",
        file=file,
        key=first,
        rows=rows,
        columns=", ".join(differing),
        rivals=rivals,
        repeated_note=first,
    )


def _shown(line: pd.Series, name: str) -> str:
    currency = str(line["currency"])
    return f"{to_text(int(line[name]), currency)} {currency}" if name == "bank_amount" else str(line[name])


def _refuse_future(frame: pd.DataFrame, mapping: Mapping, context: Context, file: str) -> None:
    """A line dated after the book's day, where the mapping minds: it refuses the whole statement."""
    if mapping.action("date-future") != "reject" or context.as_of is None or frame.empty:
        return
    late = frame[frame["booking_date"] > pd.Timestamp(context.as_of)]
    if len(late):
        first = late.iloc[0]
        value = str(first["booking_date"].date())
        raise FileRefusedError(
            "date-future", file=file, row=int(first["row"]), column="booking_date", value=value
        )


def _company(statement: Statement, mapping: Mapping, context: Context, findings: Findings, file: str) -> str:
    usual = mapping.constants.get("company_id", mapping.defaults.get("company_id", ""))
    usual = statement.company_id or usual
    if context.currencies is not None and statement.currency not in context.currencies:
        raise FileRefusedError(
            "currency", file=file, row=statement.row, column="currency", value=statement.currency
        )
    if context.accounts is None:
        return usual
    known = context.accounts.get(statement.account_id)
    if known is None:
        if mapping.bank.unknown_account == "reject":
            raise FileRefusedError("unknown-account", file=file, account=statement.account_id)
        findings.add("unknown-account", row=statement.row, account=statement.account_id)
        return usual
    company, currency = known
    if currency and currency != statement.currency:
        raise FileRefusedError(
            "account-currency", file=file, account=statement.account_id, value=statement.currency
        )
    return company


def _prove(
    statement: Statement, lines: pd.DataFrame, mapping: Mapping, findings: Findings, file: str
) -> None:
    """Opening + booked = closing, to the cent, or the file is refused; ``controls``: the reader proved it."""
    if mapping.bank.proof == "controls":
        return
    if statement.opening is None or statement.closing is None:
        if mapping.bank.proof == "required":
            raise FileRefusedError(
                "balance-missing", file=file, line=statement.row, account=statement.account_id
            )
        level = "note" if mapping.format in _WITHOUT_BALANCES else "warning"
        findings.add("balance-not-stated", level=level, row=statement.row, account=statement.account_id)
        return
    booked = checked_sum(lines["bank_amount"].to_numpy())
    expected = statement.opening + booked
    if expected != statement.closing:
        amounts = {
            "opening": statement.opening,
            "booked": booked,
            "closing": statement.closing,
            "difference": statement.closing - expected,
        }
        raise FileRefusedError(
            "balance-mismatch",
            file=file,
            line=statement.row,
            account=statement.account_id,
            **moneys(amounts, statement.currency),
        )


def moneys(amounts: dict[str, int], currency: str) -> dict[str, object]:
    """Minor units as the values of a finding: ``opening`` is said as ``{opening_money}``."""
    return {f"{name}_money": f"{to_text(one, currency)} {currency}" for name, one in amounts.items()}


def _refuse_twice(statements: list[Statement], lines: list[pd.DataFrame], file: str) -> None:
    """One statement twice in a file, by its balances and all its lines: its money came once."""
    first: dict[tuple[object, ...], Statement] = {}
    for statement, own in zip(statements, lines, strict=True):
        if own.empty or None in (statement.opening, statement.closing):
            continue
        said = own[["booking_date", "bank_amount", "reference", "text"]]
        balances = (statement.opening_date, statement.opening, statement.closing_date, statement.closing)
        key = (statement.account_id, statement.currency, *balances, *said.itertuples(index=False, name=None))
        other = first.setdefault(key, statement)
        if other is not statement:
            rows = f"{other.row}, {statement.row}"
            raise FileRefusedError(
                "duplicate-in-file", file=file, key=statement.account_id, rows=rows, count=len(own)
            )


def _say_gaps(statements: list[Statement], findings: Findings) -> None:
    """A statement that does not start where the one before it of the same account ended."""
    last: dict[tuple[str, str], Statement] = {}
    for statement in statements:
        before = last.get((statement.account_id, statement.currency))
        if before and None not in (before.closing, statement.opening) and before.closing != statement.opening:
            findings.add(
                "statement-gap",
                row=statement.row,
                account=statement.account_id,
                values=moneys(
                    {"closing": before.closing or 0, "opening": statement.opening or 0}, statement.currency
                ),
            )
        last[statement.account_id, statement.currency] = statement
