"""SWIFT MT942 interim reports: what the bank has seen today, before it is final.

Every movement comes again in the MT940 of the day, so none of it may count twice: by default each line is
kept aside as not booked, and the report is only proved (numbers and sums of debits and credits). A mapping
may say ``interim: accept``: then lines that carry the bank's reference are taken, and the MT940 brings the
same reference, which changes nothing. Source: SWIFT Standards Category 9, MT942 Interim Transaction Report.
"""

from __future__ import annotations

import re

import pandas as pd

from ..errors import FileRefusedError
from ..money import to_text
from .bank_lines import Statement, finish_statements
from .bank_mt940 import account_of, as_frame, line_row
from .mappings import Mapping
from .parsed import REJECTED, Context, Findings, Parsed, to_json
from .swift_fields import Field, Message, read_messages
from .swift_lines import AMOUNT, SwiftLine, read_movement, swift_amount

_FLOOR = re.compile(rf"([A-Z]{{3}})([DC]?)({AMOUNT})", re.ASCII)
_TOTAL = re.compile(r"([0-9]{1,5})([A-Z]{3})(.*)", re.ASCII)


def read_mt942(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Lines kept aside (or taken by their reference), the report's totals proved; no balances.

    Refused as a whole: no report in it (an MT940 is none: ``type-mismatch``), a line that the standard does
    not know, totals that the lines do not make (``control-total``; with a floor limit they may say more).
    """
    messages = read_messages(text, file=file, most=mapping.limits.rows)
    if not messages:
        raise FileRefusedError("mt940-no-statement", file=file)
    findings = Findings(file, "bank_statement")
    statements: list[Statement] = []
    rows: list[dict[str, object]] = []
    kept_aside: list[dict[str, object]] = []
    for message in messages:
        if message.first("60F", "60M", "62F", "62M"):
            raise FileRefusedError("type-mismatch", file=file, expected="MT942", reason="MT940: :60F:, :62F:")
        currency = _currency(message, mapping, file)
        account = account_of(message, currency, context, file)
        lines = [read_movement(movement, currency, mapping, file) for movement in message.movements]
        _prove(message, lines, currency, mapping, file)
        statements.append(Statement(account, currency, message.line, None, None, None, None))
        for line in lines:
            if mapping.bank.interim == "accept" and line.bank_reference and not line.is_expected:
                rows.append(line_row(line, account, currency, len(statements)))
            else:
                kept_aside.append(_kept_aside(line, currency, findings))
    rejected = REJECTED.conform(pd.DataFrame(kept_aside, columns=list(REJECTED.columns)))
    return finish_statements(
        as_frame(rows), statements, mapping, context, findings, file=file, rejected=rejected
    )


def _kept_aside(line: SwiftLine, currency: str, findings: Findings) -> dict[str, object]:
    values: dict[str, object] = {
        "key": line.bank_reference or line.reference,
        "status": "MT942",
        "shown_money": f"{to_text(line.amount, currency)} {currency}",
    }
    findings.add(
        "not-booked",
        level="error",
        row=line.row,
        key=line.bank_reference,
        amount=line.amount,
        currency=currency,
        values=values,
    )
    return {
        "row": line.row,
        "raw": line.raw,
        "rule": "not-booked",
        "values": to_json({**values, "row": line.row}),
    }


def _currency(message: Message, mapping: Mapping, file: str) -> str:
    """Of the floor limits and totals; they name one, or the report is refused."""
    floors = [_floor(field, file)[0] for field in message.fields.get("34F", [])]
    totals = [
        _total(message.fields[tag][0], mapping, file)[1] for tag in ("90D", "90C") if tag in message.fields
    ]
    currencies = {*floors, *totals}
    if len(currencies) != 1:
        told = ", ".join(sorted(currencies))
        raise FileRefusedError("statement-currency", file=file, line=message.line, value=told)
    return currencies.pop()


def _floor(field: Field, file: str) -> tuple[str, str, str]:
    parts = _FLOOR.fullmatch(field.joined)
    if parts is None:
        told = f":34F:{field.joined[:40]}"
        raise FileRefusedError("mt940-syntax", file=file, line=field.line, reason=told)
    return parts[1], parts[2], parts[3]


def _total(field: Field, mapping: Mapping, file: str) -> tuple[int, str, int]:
    parts = _TOTAL.fullmatch(field.joined)
    if parts is None:
        told = f":{field.tag}:{field.joined[:40]}"
        raise FileRefusedError("mt940-syntax", file=file, line=field.line, reason=told)
    return int(parts[1]), parts[2], swift_amount(parts[3], parts[2], field, mapping, file)


def _prove(message: Message, lines: list[SwiftLine], currency: str, mapping: Mapping, file: str) -> None:
    """``:90D:`` and ``:90C:`` against the lines: equal, or more where small movements are left out."""
    limits = {"D": 0, "C": 0}
    for field in message.fields.get("34F", []):
        _, side, text = _floor(field, file)
        floor = swift_amount(text, currency, field, mapping, file)
        limits.update(dict.fromkeys((side,) if side else ("D", "C"), floor))
    for side, sign in (("D", -1), ("C", 1)):
        if f"90{side}" not in message.fields:
            continue
        stated_field = message.fields[f"90{side}"][0]
        count, _, total = _total(stated_field, mapping, file)
        amounts = [abs(line.amount) for line in lines if line.amount * sign > 0]
        found = (len(amounts), sum(amounts))
        is_whole = limits[side] == 0
        if found != (count, total) if is_whole else (found[0] > count or found[1] > total):
            raise FileRefusedError(
                "control-total",
                file=file,
                line=stated_field.line,
                name=f":90{side}:",
                stated=f"{count} / {to_text(total, currency)}",
                found=f"{found[0]} / {to_text(found[1], currency)}",
            )
