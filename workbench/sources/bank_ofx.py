"""OFX statements of bank accounts and credit cards, 1.x and 2.x, many a file.

OFX states a balance as of a day and no opening one, so there is nothing to prove a statement by; what is
proved is each line: its amount, its day, its currency, its id. A line that cannot be read is kept aside.
Days are taken as the bank writes them, without moving them to another zone. Source: OFX 2.2, chapter 11.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..money import currency_decimals, to_text
from .bank_lines import Statement, finish_statements, line_kinds
from .grammar import read_amounts
from .mapping_rules import AmountRule
from .mappings import Mapping
from .ofx_tree import Tag, read_tree
from .parsed import REJECTED, Context, Findings, Parsed, to_json

#: Statement → where its account stands.
_STATEMENTS = {"STMTRS": "BANKACCTFROM", "CCSTMTRS": "CCACCTFROM"}
_OTHERS = ("INVSTMTRS", "LOANSTMTRS", "AMRTSTMTRS")
#: What the bank itself says that a line is; a deposit needs no word.
_KINDS = {"FEE": "fee", "SRVCHG": "fee", "INT": "interest", "DIV": "interest"}
_AMOUNTS = AmountRule(styles=("plain",), negative=("leading",))
_DAY = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{2,6}(?:[.:][0-9]{1,3})?)?(?: *\[[^\]]*\])?", re.ASCII
)
_COLUMNS = [
    *("row", "statement", "account_id", "line_id", "booking_date", "value_date", "currency", "bank_amount"),
    *("reference", "text", "payer_name", "payer_account", "kind"),
]


def read_ofx(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines with credit positive, ids by ``FITID``; lines that are pending or unreadable are kept aside.

    Refused as a whole: no bank or card statement in it, a statement without its account, one that the bank
    answers with an error, a ``FITID`` twice in one account and year.
    """
    root = read_tree(text, file=file)
    findings = Findings(file, "bank_statement")
    statements: list[Statement] = []
    rows: list[dict[str, object]] = []
    rejected: list[dict[str, object]] = []
    _refuse_errors(root, file)
    for tag in root.walk():
        if tag.name in _STATEMENTS:
            statements.append(_statement(tag, mapping, file))
            _read_lines(tag, statements[-1], len(statements), rows, rejected, findings)
    others = [tag for tag in root.walk() if tag.name in _OTHERS]
    if not statements:
        raise FileRefusedError("ofx-no-statement", file=file, found=others[0].name if others else "OFX")
    for tag in others:
        findings.add("ofx-part-left-out", level="note", row=tag.line, part=tag.name)
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("booking_date", "value_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    frame["bank_amount"] = frame["bank_amount"].astype(np.int64)
    kinds = line_kinds(frame["text"], frame["bank_amount"], mapping.bank)
    by_side = np.isin(kinds, (mapping.bank.positive_kind, mapping.bank.negative_kind))
    told = frame.pop("kind").to_numpy()
    frame["line_kind"] = np.where(by_side & (told != ""), told, kinds)
    kept = REJECTED.conform(pd.DataFrame(rejected, columns=list(REJECTED.columns)))
    return finish_statements(frame, statements, mapping, context, findings, file=file, rejected=kept)


def _refuse_errors(root: Tag, file: str) -> None:
    """A bank that answers a request with an error sends no statement, whatever else stands there."""
    for tag in root.walk():
        if tag.name == "STATUS" and tag.said("SEVERITY").upper() == "ERROR":
            code, message = tag.said("CODE"), tag.said("MESSAGE")
            raise FileRefusedError("ofx-status", file=file, line=tag.line, code=code, message=message)


def _statement(tag: Tag, mapping: Mapping, file: str) -> Statement:
    account = tag.said(f"{_STATEMENTS[tag.name]}/ACCTID")
    if not account:
        raise FileRefusedError("ofx-no-account", file=file, line=tag.line)
    currency = _currency(tag, mapping, file)
    balance = tag.said("LEDGERBAL/BALAMT")
    closing, rule = _minor(balance, currency) if balance else (None, "")
    if rule:
        raise FileRefusedError(rule, file=file, row=tag.line, column="LEDGERBAL", value=balance)
    opened, closed = tag.said("BANKTRANLIST/DTSTART"), tag.said("LEDGERBAL/DTASOF")
    return Statement(
        account,
        currency,
        tag.line,
        None,
        closing,
        _day(opened),
        _day(closed or tag.said("BANKTRANLIST/DTEND")),
    )


def _currency(tag: Tag, mapping: Mapping, file: str) -> str:
    """The statement's own, else the one that all its lines name, else the mapping's."""
    currency = tag.said("CURDEF")
    if not currency:
        named = {one.said("CURRENCY/CURSYM") for one in tag.walk() if one.name == "STMTTRN"} - {""}
        usual = mapping.constants.get("currency") or mapping.defaults.get("currency", "")
        currency = named.pop() if len(named) == 1 else usual
    if currency_decimals(currency) is None:
        raise FileRefusedError("statement-currency", file=file, line=tag.line, value=currency)
    return currency


def _read_lines(
    tag: Tag,
    statement: Statement,
    number: int,
    rows: list[dict[str, object]],
    rejected: list[dict[str, object]],
    findings: Findings,
) -> None:
    for line in tag.walk():
        if line.name not in ("STMTTRN", "STMTTRNP"):
            continue
        read, rule, values = _line(line, statement)
        if not rule:
            rows.append({**read, "statement": number})
            continue
        key = line.said("FITID")
        findings.add(rule, level="error", row=line.line, key=key, values={**values, "key": key})
        rejected.append(
            {"row": line.line, "raw": _raw(line), "rule": rule, "values": to_json({**values, "key": key})}
        )


def _line(line: Tag, statement: Statement) -> tuple[dict[str, object], str, dict[str, object]]:
    """A line's fields, and the rule that it breaks with the values that tell it."""
    currency = statement.currency
    amount, rule = _minor(line.said("TRNAMT"), currency)
    if rule:
        return {}, rule, {"column": "TRNAMT", "value": line.said("TRNAMT")[:60]}
    if line.name == "STMTTRNP":
        return (
            {},
            "not-booked",
            {"status": "PENDING", "shown_money": f"{to_text(amount, currency)} {currency}"},
        )
    booked = _day(line.said("DTPOSTED"))
    if booked is None:
        said = line.said("DTPOSTED")
        is_day = bool(_DAY.fullmatch(said))
        rule = "date-invalid" if is_day else "date-format" if said else "date-missing"
        return {}, rule, {"column": "DTPOSTED", "value": said[:60]}
    own = line.said("CURRENCY/CURSYM")
    if own and own != currency:
        return {}, "ofx-line-currency", {"column": "CURSYM", "value": own, "currency": currency}
    name, memo = line.said("NAME"), line.said("MEMO")
    text = memo if name and name in memo else " ".join(part for part in (name, memo) if part)
    read: dict[str, object] = {
        "row": line.line,
        "account_id": statement.account_id,
        "line_id": line.said("FITID"),
        "booking_date": booked,
        "value_date": _day(line.said("DTAVAIL")) or booked,
        "currency": currency,
        "bank_amount": amount,
        "reference": line.said("CHECKNUM") or line.said("REFNUM"),
        "text": text or line.said("PAYEE/NAME"),
        "payer_name": line.said("PAYEE/NAME"),
        "payer_account": line.said("BANKACCTTO/ACCTID"),
        "kind": _KINDS.get(line.said("TRNTYPE").upper(), ""),
    }
    return read, "", {}


def _minor(text: str, currency: str) -> tuple[int, str]:
    """Minor units, signed; a decimal point or comma, no thousands: ``1.234,56`` is refused, not guessed."""
    if not text:
        return 0, "amount-missing"
    plain = text.removeprefix("+").replace(",", ".", 1) if text.count(",") + text.count(".") < 2 else text
    plain = (
        f"{'-' * plain.startswith('-')}0{plain.removeprefix('-')}" if plain.lstrip("-")[:1] == "." else plain
    )
    cells, currencies = np.array([plain], dtype=object), np.array([currency], dtype=object)
    read = read_amounts(cells, currencies, "plain", _AMOUNTS)
    return int(read.minor[0]), str(read.rules[0])


def _day(text: str) -> dt.date | None:
    found = _DAY.fullmatch(text)
    try:
        return dt.date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _raw(line: Tag) -> str:
    """The line's tags in one text, as it is kept."""
    return "".join(f"<{tag.name}>{tag.text}" for tag in line.walk())
