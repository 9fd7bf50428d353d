"""SWIFT MT940 statements, many a file, by the mt-940 library; every statement proves its balance.

The library reads generously; what it would lose or bend is checked here first: lines counted, amounts held
against the standard's grammar, days and currencies real. One unreadable line refuses the file, because a
balance without it cannot be proved.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..errors import FileRefusedError, ParameterRefusedError
from ..money import to_minor
from .bank_lines import Statement, finish_statements
from .mappings import Mapping
from .parsed import Context, Findings, Parsed

_LINE = re.compile(r"[0-9]{6}(?:[0-9]{4}| {4})?R?[DCdc][A-Za-z]?\n? ?", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,15}(?:,[0-9]{0,4})?(?=[A-Za-z \n]|$)", re.ASCII)
_NO_REFERENCE = {"", "NONREF", "NOREF"}


@dataclass
class _Block:
    """One ``:20:`` block of the file: its statement and whether it is a page that another one continues."""

    statement: Statement
    opens_a_page: bool
    ends_a_page: bool


def read_mt940(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines with credit positive, ids by the bank's reference after ``//`` and the balances, proved.

    Refused as a whole: no statement in it, a statement without its balances (``proof: required``), a balance
    that its lines do not explain, a line that the standard does not know, a reference twice.
    """
    text = re.sub(r"\r\n|\r", "\n", text)
    starts = [match.start() for match in re.finditer(r"(?m)^:20:", text)]
    if not starts:
        raise FileRefusedError("mt940-no-statement", file=file)
    findings = Findings(file, "bank_statement")
    blocks: list[_Block] = []
    rows: list[dict[str, object]] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        first_line = text.count("\n", 0, start) + 1
        block, lines = _read_block(text[start:end], first_line, mapping, file)
        if block.opens_a_page and blocks and _continues(blocks[-1], block):
            blocks[-1].statement.closing_date = block.statement.closing_date
            blocks[-1].statement.closing = block.statement.closing
            blocks[-1].ends_a_page = block.ends_a_page
        else:
            blocks.append(block)
        for line in lines:
            rows.append({**line, "statement": len(blocks)})
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("booking_date", "value_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    statements = [block.statement for block in blocks]
    return finish_statements(frame, statements, mapping, context, findings, file=file)


_COLUMNS = [
    "row",
    "statement",
    "account_id",
    "line_id",
    "booking_date",
    "value_date",
    "currency",
    "bank_amount",
    "reference",
    "text",
    "payer_name",
    "payer_account",
    "raw",
]


def _continues(before: _Block, page: _Block) -> bool:
    one, two = before.statement, page.statement
    return before.ends_a_page and (one.account_id, one.currency, one.closing) == (
        two.account_id,
        two.currency,
        two.opening,
    )


def _read_block(
    text: str, first_line: int, mapping: Mapping, file: str
) -> tuple[_Block, list[dict[str, object]]]:
    places = [match.start() for match in re.finditer(r"(?m)^:61:", text)]
    numbers = [first_line + text.count("\n", 0, place) for place in places]
    for place, number in zip(places, numbers, strict=True):
        _hold_to_standard(text[place + 4 :], number, file)
    parsed = _parse(text, first_line, file)
    if len(parsed.transactions) != len(places):
        raise FileRefusedError("mt940-lines-lost", file=file, line=first_line, lines=len(places))
    data: dict[str, Any] = parsed.data
    opening = data.get("final_opening_balance") or data.get("intermediate_opening_balance")
    opening = opening or data.get("opening_balance")
    closing = data.get("final_closing_balance") or data.get("intermediate_closing_balance")
    closing = closing or data.get("closing_balance")
    account = str(data.get("account_identification") or "").strip()
    if not account:
        raise FileRefusedError("mt940-no-account", file=file, line=first_line)
    if (opening is None or closing is None) and mapping.bank.proof == "required":
        raise FileRefusedError("balance-missing", file=file, line=first_line, account=account)
    balances = [balance for balance in (opening, closing) if balance is not None]
    currencies = {str(balance.amount.currency) for balance in balances}
    if len(currencies) != 1:
        raise FileRefusedError("statement-currency", file=file, line=first_line, value=", ".join(currencies))
    currency = currencies.pop()
    statement = Statement(
        account_id=account,
        currency=currency,
        row=first_line,
        opening=_minor(opening.amount.amount, currency, first_line, file) if opening else None,
        closing=_minor(closing.amount.amount, currency, first_line, file) if closing else None,
        opening_date=_day(opening.date) if opening else None,
        closing_date=_day(closing.date) if closing else None,
    )
    lines = [
        _line(transaction.data, number, text[place:], currency, account, file)
        for transaction, number, place in zip(parsed.transactions, numbers, places, strict=True)
    ]
    block = _Block(
        statement,
        "final_opening_balance" not in data and "intermediate_opening_balance" in data,
        "final_closing_balance" not in data and "intermediate_closing_balance" in data,
    )
    return block, lines


def _hold_to_standard(line: str, number: int, file: str) -> None:
    """The start of a ``:61:`` line: day, mark and an amount with a comma, followed by the kind's letter.

    Banks that count months of thirty days write 30 February as a value date: it is taken as the month's
    last day where the line has an entry date of its own, which is the one that counts.
    """
    start = _LINE.match(line)
    if start is None:
        raise FileRefusedError("mt940-line", file=file, line=number, value=line.split("\n")[0][:60])
    is_month_of_thirty = line[2:6] in ("0229", "0230") and line[6:10].isdigit()
    try:
        dt.date(2000 + int(line[:2]), int(line[2:4]), 28 if is_month_of_thirty else int(line[4:6]))
    except ValueError:
        raise FileRefusedError("date-invalid", file=file, row=number, column=":61:", value=line[:6]) from None
    if not _AMOUNT.match(line, start.end()):
        value = line[start.end() :].split("\n")[0][:40]
        raise FileRefusedError("amount-format", file=file, row=number, column=":61:", value=value)


def _parse(text: str, first_line: int, file: str) -> Any:
    """The library's reading of one block; a bank that writes long references gets the lenient line."""
    import mt940

    logging.getLogger("mt940").addHandler(logging.NullHandler())  # its debugging is not for analysts
    failure = ""
    options = mt940.options.Options.all()
    lenient: dict[int | str, mt940.tags.Tag] = {61: mt940.tags.StatementASNB()}
    for tags in (None, lenient):
        try:
            (parsed,) = mt940.parse_statements(text, tags=tags, options=options)
        except RuntimeError as error:
            failure = failure or str(error.args[0] if error.args else error)[:120]
        except ValueError as error:
            raise FileRefusedError(
                "date-invalid", file=file, row=first_line, column=":60:, :61:, :62:", value=str(error)
            ) from None
        except (KeyError, ArithmeticError) as error:
            failure = failure or repr(error)
        else:
            return parsed
    raise FileRefusedError("mt940-syntax", file=file, line=first_line, reason=failure)


def _line(
    data: dict[str, Any], number: int, raw: str, currency: str, account: str, file: str
) -> dict[str, object]:
    bank_reference = str(data.get("bank_reference") or "").strip()
    reference = str(data.get("customer_reference") or "").strip()
    details = data.get("purpose") or data.get("transaction_details") or ""
    extra = data.get("extra_details") or ""
    text = " ".join(" ".join(str(part) for part in (details, extra) if part).split()).removesuffix("-}")
    value_date = _day(data["date"])
    return {
        "row": number,
        "account_id": account,
        "line_id": "" if bank_reference in _NO_REFERENCE else bank_reference,
        "booking_date": _day(data["entry_date"]) if data.get("entry_date") else value_date,
        "value_date": value_date,
        "currency": currency,
        "bank_amount": _minor(data["amount"].amount, currency, number, file),
        "reference": "" if reference in _NO_REFERENCE else reference,
        "text": text.strip(),
        "payer_name": str(data.get("applicant_name") or "").strip(),
        "payer_account": str(data.get("applicant_iban") or "").strip(),
        "raw": raw.split("\n")[0],
    }


def _minor(amount: Any, currency: str, number: int, file: str) -> int:
    try:
        return to_minor(amount, currency)
    except ParameterRefusedError as error:
        rule = "amount-precision" if error.cause == "amount-decimals" else "statement-currency"
        raise FileRefusedError(
            rule, file=file, row=number, line=number, column="MT940", value=f"{amount} {currency}"
        ) from None


def _day(day: Any) -> dt.date:
    return dt.date(day.year, day.month, day.day)
