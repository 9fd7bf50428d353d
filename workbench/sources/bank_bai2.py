"""BAI2 balance and transaction reports: groups, accounts and details, proved by totals, counts and balances.

Amounts have no decimal mark: they are minor units of the account's currency, else of its group's, else
USD, as the standard says. A detail's type code says its side: 100 to 399 credit, 400 to 699 debit.
Source: BAI, Cash Management Balance Reporting Specifications, version 2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..money import currency_decimals
from .bai2_records import Account, Bai2, Group, Record, read_records, summaries, text_place, whole_number
from .bank_lines import Statement, finish_statements, line_kinds
from .mappings import Mapping
from .parsed import Context, Findings, Parsed

OPENING, CLOSING = "010", "015"
#: Text without money, which no total counts.
_NO_MONEY = "890"
_COLUMNS = [
    *("row", "statement", "account_id", "line_id", "booking_date", "value_date", "currency", "bank_amount"),
    *("reference", "text", "kind"),
]


def read_bai2(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines with credit positive, ids by the bank's reference, and ledger balances (010, 015) proved.

    Refused as a whole: records out of order, a total or count that does not hold, a group that deletes,
    corrects or tests, a type code of no known side, a balance that its lines do not explain. A total that is
    left blank is a note.
    """
    read = read_records(text, file=file)
    findings = Findings(file, "bank_statement")
    _hold_totals(read, findings, file)
    statements: list[Statement] = []
    rows: list[dict[str, object]] = []
    without_money = 0
    for group in read.groups:
        day = _group_day(group, findings, file)
        for account in group.accounts:
            statement = _statement(account, group, day, mapping, file)
            statements.append(statement)
            for detail in account.details:
                if detail.said(0) == _NO_MONEY:
                    without_money += 1
                    continue
                rows.append({**_line(detail, statement, day, mapping, file), "statement": len(statements)})
    if not statements:
        raise FileRefusedError("no-data-rows", file=file)
    if without_money:
        findings.add("bai2-without-money", level="note", count=without_money)
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("booking_date", "value_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["bank_amount"] = frame["bank_amount"].astype(np.int64)
    told = frame.pop("kind").to_numpy()
    kinds = line_kinds(frame["text"], frame["bank_amount"], mapping.bank)
    frame["line_kind"] = np.where(told != "", told, kinds)
    return finish_statements(frame, statements, mapping, context, findings, file=file)


def _hold_totals(read: Bai2, findings: Findings, file: str) -> None:
    """Every trailer's total and counts: the first that does not hold refuses the file."""
    blank = 0
    for rule, record, found, place in _totals(read, file):
        stated = record.said(place)
        if not stated:
            blank += 1
        elif whole_number(stated) != found:
            raise FileRefusedError(rule, file=file, line=record.line, found=found, stated=stated)
    if blank:
        findings.add("bai2-total-blank", level="note", count=blank)


def _totals(read: Bai2, file: str) -> Iterator[tuple[str, Record, int, int]]:
    """Rule, trailer, what is found, and where the trailer states it; from the inside out."""
    of_file = 0
    for group in read.groups:
        of_group = 0
        for account in group.accounts:
            total = sum(_amount(amount, account.head, code, file) for code, amount in summaries(account.head))
            total += sum(_amount(one.said(1), one, one.said(0), file) for one in account.details)
            if account.trailer:
                yield "bai2-account-total", account.trailer, total, 0
                yield "bai2-account-records", account.trailer, account.parts, 1
            of_group += total
        if group.trailer:
            yield "bai2-group-total", group.trailer, of_group, 0
            yield "bai2-group-accounts", group.trailer, len(group.accounts), 1
            yield "bai2-group-records", group.trailer, group.parts, 2
        of_file += of_group
    if read.trailer:
        yield "bai2-file-total", read.trailer, of_file, 0
        yield "bai2-file-groups", read.trailer, len(read.groups), 1
        yield "bai2-file-records", read.trailer, read.parts, 2


def _amount(text: str, record: Record, code: str, file: str) -> int:
    """Minor units as written; an empty amount counts nothing."""
    amount = whole_number(text) if text else 0
    if amount is None:
        raise FileRefusedError("amount-format", file=file, row=record.line, column=code, value=text[:40])
    return amount


def _group_day(group: Group, findings: Findings, file: str) -> dt.date:
    """The as-of day of a group that brings news; one that deletes, corrects or tests is not for importing."""
    head = group.head
    if head.said(2) not in ("", "1"):
        raise FileRefusedError("bai2-group-status", file=file, line=head.line, value=head.said(2))
    if head.said(6) in ("1", "3"):
        findings.add("bai2-interim", level="note", row=head.line)
    return _day(head.said(3), head.line, "02", file)


def _day(text: str, line: int, code: str, file: str) -> dt.date:
    try:
        if len(text) != 6 or not (text.isascii() and text.isdigit()):
            raise ValueError
        return dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise FileRefusedError("date-invalid", file=file, row=line, column=code, value=text) from None


def _statement(account: Account, group: Group, day: dt.date, mapping: Mapping, file: str) -> Statement:
    head = account.head
    if not head.said(0):
        raise FileRefusedError("bai2-no-account", file=file, line=head.line)
    currency = head.said(1) or group.head.said(5) or mapping.defaults.get("currency", "USD")
    if currency_decimals(currency) is None:
        raise FileRefusedError("statement-currency", file=file, line=head.line, value=currency)
    said = {code: _amount(amount, head, code, file) for code, amount in summaries(head) if amount}
    return Statement(head.said(0), currency, head.line, said.get(OPENING), said.get(CLOSING), day, day)


def _line(
    detail: Record, statement: Statement, day: dt.date, mapping: Mapping, file: str
) -> dict[str, object]:
    code, amount = detail.said(0), detail.said(1)
    if not amount:
        raise FileRefusedError("amount-missing", file=file, row=detail.line, column=f"16,{code}")
    minor = _amount(amount, detail, code, file)
    if minor < 0:
        raise FileRefusedError("amount-format", file=file, row=detail.line, column=f"16,{code}", value=amount)
    text_at = text_place(detail.fields)
    is_valued = detail.said(2).upper() == "V" and detail.said(3)
    return {
        "row": detail.line,
        "account_id": statement.account_id,
        "line_id": detail.said(text_at - 2),
        "booking_date": day,
        "value_date": _day(detail.said(3), detail.line, "16", file) if is_valued else day,
        "currency": statement.currency,
        "bank_amount": minor * _side(code, detail, mapping, file),
        "reference": detail.said(text_at - 1),
        "text": " ".join(",".join(detail.fields[text_at:]).split()),
        "kind": mapping.kinds.get(code, ""),
    }


def _side(code: str, detail: Record, mapping: Mapping, file: str) -> int:
    """1 for money in, −1 for money out; codes beyond the standard's are the mapping's to name."""
    if code in mapping.credit_words or ("100" <= code <= "399" and len(code) == 3 and code.isdigit()):
        return 1
    if code in mapping.debit_words or ("400" <= code <= "699" and len(code) == 3 and code.isdigit()):
        return -1
    raise FileRefusedError("bai2-type-unknown", file=file, line=detail.line, value=code)
