"""SWIFT MT940 statements, many a file; every statement proves its balance.

One line that cannot be read refuses the file, because a balance without it cannot be proved. The bank's
reference after ``//`` is a line's id. Source: SWIFT Standards Category 9, MT940 Customer Statement Message.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..errors import FileRefusedError
from .bank_lines import Statement, finish_statements
from .mappings import Mapping
from .parsed import Context, Findings, Parsed
from .swift_fields import Message, read_messages
from .swift_lines import SwiftBalance, SwiftLine, read_balance, read_movement

COLUMNS = (
    "row statement account_id line_id booking_date value_date currency bank_amount reference text"
    " payer_name payer_account raw"
).split()


@dataclass
class _Page:
    """One message: its statement, and whether it is a page that another one continues."""

    statement: Statement
    opens_a_page: bool
    ends_a_page: bool


def read_mt940(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines with credit positive, ids by the bank's reference after ``//`` and the balances, proved.

    Refused as a whole: no statement in it, a statement without its balances (``proof: required``), a balance
    that its lines do not explain, a line that the standard does not know, a reference twice.
    """
    messages = read_messages(text, file=file, most=mapping.limits.rows)
    if not messages:
        raise FileRefusedError("mt940-no-statement", file=file)
    findings = Findings(file, "bank_statement")
    pages: list[_Page] = []
    rows: list[dict[str, object]] = []
    for message in messages:
        page, lines = _read_page(message, mapping, context, file)
        if page.opens_a_page and pages and _continues(pages[-1], page):
            pages[-1].statement.closing_date = page.statement.closing_date
            pages[-1].statement.closing = page.statement.closing
            pages[-1].ends_a_page = page.ends_a_page
        else:
            pages.append(page)
        statement = pages[-1].statement
        for line in lines:
            rows.append(line_row(line, statement.account_id, statement.currency, len(pages)))
            if line.is_thirtieth:
                findings.add(
                    "value-date-unreal",
                    row=line.row,
                    key=line.bank_reference,
                    value=line.raw[4:10],
                    day=line.value_date.isoformat(),
                )
    statements = [page.statement for page in pages]
    return finish_statements(as_frame(rows), statements, mapping, context, findings, file=file, rejected=None)


def as_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The lines of a file as :func:`finish_statements` wants them."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("booking_date", "value_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame


def line_row(line: SwiftLine, account: str, currency: str, statement: int) -> dict[str, object]:
    """A movement as a row of ``COLUMNS``."""
    return {
        "row": line.row,
        "statement": statement,
        "account_id": account,
        "line_id": line.bank_reference,
        "booking_date": line.booking_date,
        "value_date": line.value_date,
        "currency": currency,
        "bank_amount": line.amount,
        "reference": line.reference,
        "text": line.text,
        "payer_name": line.payer_name,
        "payer_account": line.payer_account,
        "raw": line.raw,
    }


def account_of(message: Message, currency: str, context: Context, file: str) -> str:
    """``:25:``, without the currency that some banks write behind it; our own list of accounts decides."""
    field = message.first("25", "25P")
    account = field.lines[0].strip() if field else ""
    if not account:
        raise FileRefusedError("mt940-no-account", file=file, line=message.line)
    bare = account.removesuffix(currency).rstrip() if currency else account
    if bare == account or account in (context.accounts or {}):
        return account
    is_suffix = bare in (context.accounts or {}) or bare[-1:].isdigit()
    return bare if is_suffix else account


def _continues(before: _Page, page: _Page) -> bool:
    one, two = before.statement, page.statement
    return before.ends_a_page and (one.account_id, one.currency, one.closing) == (
        two.account_id,
        two.currency,
        two.opening,
    )


def _read_page(
    message: Message, mapping: Mapping, context: Context, file: str
) -> tuple[_Page, list[SwiftLine]]:
    first, last = message.first("60F", "60M"), message.first("62F", "62M")
    if first is None and last is None and message.first("34F", "90D", "90C"):
        raise FileRefusedError(
            "type-mismatch", file=file, expected="MT940", reason="MT942: :34F:, :90D:, :90C:"
        )
    opening = read_balance(first, mapping, file) if first else None
    closing = read_balance(last, mapping, file) if last else None
    currency = _currency(opening, closing, message, mapping, file)
    lines = [read_movement(movement, currency, mapping, file) for movement in message.movements]
    for line, movement in zip(lines, message.movements, strict=True):
        if line.is_expected:
            value = movement.line.lines[0][:60]
            raise FileRefusedError("mt940-line", file=file, line=line.row, value=value)
    statement = Statement(
        account_id=account_of(message, currency, context, file),
        currency=currency,
        row=message.line,
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        opening_date=opening.day if opening else None,
        closing_date=closing.day if closing else None,
    )
    opens_a_page = bool(first and first.tag == "60M")
    return _Page(statement, opens_a_page, bool(last and last.tag == "62M")), lines


def _currency(
    opening: SwiftBalance | None, closing: SwiftBalance | None, message: Message, mapping: Mapping, file: str
) -> str:
    """The one currency of the balances; without a balance there is none to be had."""
    balances = [balance for balance in (opening, closing) if balance]
    if len(balances) < 2 and (mapping.bank.proof == "required" or not balances):
        field = message.first("25", "25P")
        if not field:
            raise FileRefusedError("mt940-no-account", file=file, line=message.line)
        raise FileRefusedError("balance-missing", file=file, line=message.line, account=field.joined)
    currencies = {balance.currency for balance in balances}
    if len(currencies) != 1:
        told = ", ".join(sorted(currencies))
        raise FileRefusedError("statement-currency", file=file, line=message.line, value=told)
    return currencies.pop()
