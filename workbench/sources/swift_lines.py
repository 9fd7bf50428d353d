"""The fields of MT940 and MT942 that carry money, by the standard's grammar: ``:60:``, ``:61:``, ``:86:``.

Nothing is guessed: an amount that is not digits, one comma and the currency's decimals is refused, and so is
a day that does not exist, but for the value dates of banks whose months have thirty days.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from ..errors import AmountOverflowError, FileRefusedError, ParameterRefusedError
from ..money import currency_decimals, to_minor
from .mappings import Mapping
from .swift_fields import Field, Movement

AMOUNT = r"0{0,20}[0-9]{1,15}(?:,[0-9]{0,5})?"
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})(.*)", re.ASCII)
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4}|[ ]{4})?(?P<mark>[RE]?[DC])(?P<funds>[A-Z])?\n?[ ]?"
    r"(?P<rest>[^A-Z\n][^\n]*)",
    re.ASCII,
)
_REST = re.compile(
    rf"(?P<amount>{AMOUNT})(?![0-9,.])(?P<kind>[A-Z][A-Z0-9 ]{{3}})?(?P<references>.*)", re.ASCII
)
#: A code of three digits, then subfields behind a sign that each bank chooses (mostly ``?``).
_STRUCTURED = re.compile(r"\s*[0-9]{3}([^\w\s])[0-9]{2}", re.ASCII)
_FULL_LINE = 65
_NO_REFERENCE = ("", "NONREF", "NOREF", "NON REF")


@dataclass(frozen=True)
class SwiftBalance:
    amount: int
    currency: str
    day: dt.date


@dataclass(frozen=True)
class SwiftLine:
    """A movement: signed minor units, credit positive; ``is_expected``: announced, not even interim."""

    row: int
    value_date: dt.date
    booking_date: dt.date
    amount: int
    mark: str
    is_thirtieth: bool
    bank_reference: str
    reference: str
    text: str
    payer_name: str
    payer_account: str
    raw: str

    @property
    def is_expected(self) -> bool:
        return self.mark.startswith("E")


def read_balance(field: Field, mapping: Mapping, file: str) -> SwiftBalance:
    """``C261006COP1480,00``: side, day, currency, amount."""
    parts = _BALANCE.fullmatch(field.joined)
    if parts is None:
        rule = "statement-currency" if re.match(r"[CD][0-9]{6}", field.joined) else "mt940-syntax"
        told = {"value": field.joined[:40], "reason": f":{field.tag}:{field.joined[:40]}"}
        raise FileRefusedError(rule, file=file, line=field.line, **told)
    side, day, currency, amount = parts.groups()
    minor = swift_amount(amount, currency, field, mapping, file)
    return SwiftBalance(minor if side == "C" else -minor, currency, _day(day, field, file))


def swift_amount(text: str, currency: str, field: Field, mapping: Mapping, file: str) -> int:
    """Unsigned minor units: digits and one comma; decimals that the currency lacks must be zeros."""
    place = {"file": file, "row": field.line, "column": f":{field.tag}:"}
    if not re.fullmatch(AMOUNT, text, re.ASCII):
        raise FileRefusedError("amount-format", **place, value=text[:40])
    amount = Decimal(text.replace(",", "."))
    if amount > mapping.amounts.largest:
        raise FileRefusedError("amount-too-large", **place, value=text)
    if currency_decimals(currency) is None:
        raise FileRefusedError("statement-currency", file=file, line=field.line, value=currency)
    try:
        return to_minor(amount, currency)
    except AmountOverflowError:
        raise FileRefusedError("amount-too-large", **place, value=text) from None
    except ParameterRefusedError:
        raise FileRefusedError("amount-precision", **place, value=f"{text} {currency}") from None


def read_movement(movement: Movement, currency: str, mapping: Mapping, file: str) -> SwiftLine:
    """A ``:61:`` with its ``:86:``; what the standard does not know refuses the file."""
    field = movement.line
    if len(movement.raw) > mapping.limits.field_chars:
        limit = mapping.limits.field_chars
        raise FileRefusedError("field-too-long", file=file, row=field.line, column=":61:, :86:", limit=limit)
    start = _LINE.match(field.text)
    if start is None:
        raise FileRefusedError("mt940-line", file=file, line=field.line, value=field.lines[0][:60])
    rest = _REST.fullmatch(start["rest"])
    if rest is None:
        place = {"file": file, "row": field.line, "column": ":61:"}
        raise FileRefusedError("amount-format", **place, value=start["rest"][:40])
    minor = swift_amount(rest["amount"], currency, field, mapping, file)
    mark = start["mark"]
    entry = (start["entry"] or "").strip()
    value_date, is_thirtieth = _value_date(start["value"], bool(entry), field, file)
    own, _, bank = (rest["references"] or "").partition("//")
    details = _Details(movement, field.text[start.end() :])
    own, bank = own.strip(), bank.strip()
    return SwiftLine(
        row=field.line,
        value_date=value_date,
        booking_date=_entry_date(entry, value_date, field, file) if entry else value_date,
        amount=minor if mark in ("C", "RD", "EC") else -minor,
        mark=mark,
        is_thirtieth=is_thirtieth,
        bank_reference="" if bank in _NO_REFERENCE else bank,
        reference="" if own in _NO_REFERENCE else own,
        text=details.text,
        payer_name=details.payer_name,
        payer_account=details.payer_account,
        raw=movement.raw,
    )


def _day(text: str, field: Field, file: str) -> dt.date:
    """YYMMDD; the standard's century: 80 to 99 are the nineteen hundreds."""
    year = int(text[:2])
    try:
        return dt.date(year + (1900 if year > 79 else 2000), int(text[2:4]), int(text[4:6]))
    except ValueError:
        column = f":{field.tag}:"
        raise FileRefusedError("date-invalid", file=file, row=field.line, column=column, value=text) from None


def _value_date(text: str, has_entry: bool, field: Field, file: str) -> tuple[dt.date, bool]:
    """29 and 30 February, of years of 360 days, are the month's last day where there is an entry date."""
    if has_entry and text[2:] in ("0229", "0230"):
        first = _day(text[:4] + "01", field, file)
        last = calendar.monthrange(first.year, 2)[1]
        if int(text[4:]) > last:
            return first.replace(day=last), True
    return _day(text, field, file), False


def _entry_date(text: str, value_date: dt.date, field: Field, file: str) -> dt.date:
    """MMDD in the year that brings it nearest to the value date: December and January meet."""
    days = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        try:
            days.append(dt.date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    if not days:
        raise FileRefusedError("date-invalid", file=file, row=field.line, column=":61:", value=text)
    return min(days, key=lambda day: abs(day - value_date))


class _Details:
    """What ``:86:`` says: plain words, or subfields ``?20`` … ``?33`` (purpose, account, name)."""

    def __init__(self, movement: Movement, supplement: str) -> None:
        told = "\n".join(field.text for field in movement.details)
        own = [line for field in movement.own for line in field.lines]
        words, self.payer_name, self.payer_account = _told(told)
        words += [line[2:] for line in own if re.match(r"(?:0[1-9]|1[0-7])", line)]
        self.payer_name = self.payer_name or " ".join(line[2:].strip() for line in own if line[:2] == "15")
        words.append(_unwrapped(supplement))
        self.text = " ".join(" ".join(word for word in words if word).split())


def _told(text: str) -> tuple[list[str], str, str]:
    """Words, payer's name and account; a code of three digits says that subfields follow."""
    whole = "".join(text.split("\n"))
    structured = _STRUCTURED.match(whole)
    if structured is None:
        return [_unwrapped(text)], "", ""
    _, *parts = re.split(re.escape(structured[1]) + "([0-9]{2})", whole)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    purpose = "".join(value for code, value in pairs if "20" <= code <= "29" or "60" <= code <= "63")
    name = " ".join("".join(value for code, value in pairs if code in ("32", "33")).split())
    account = "".join(value for code, value in pairs if code == "31").strip()
    booking = [value for code, value in pairs if code == "00"]
    return [purpose, *booking], name, account


def _unwrapped(text: str) -> str:
    """Lines as one text: a full line of 65 signs goes on in the next without a blank."""
    lines = text.split("\n")
    return "".join(line if len(line) == _FULL_LINE else f"{line} " for line in lines).strip()
