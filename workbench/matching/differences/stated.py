"""What a bank writes of an exchange: the amount in the other currency, its rate, charges and who bears them.

Words of SWIFT (``/OCMT/``, ``/EXCH/``, ``/CHGS/``), of camt as our reader keeps them (``InstdAmt USD 100.00 @
4012.5``, ``Chrgs USD 25.00``) and of people (``USD 10,000.00``, ``TC 4.012,50``, ``gastos OUR``). A number
that may be read in two ways is given in both: the money says which one was meant, never we.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ...errors import AmountOverflowError, ParameterRefusedError
from ...money import to_minor
from ...references import fold

_NUMBER = r"([0-9][0-9.,']*[0-9]|[0-9])"
#: Letters and digits before and after would make it another word.
_ALONE = r"(?<![A-Z0-9])"
_CODES = {"US$": "USD", "U$S": "USD", "€": "EUR"}
_SWIFT = {
    "amount": re.compile(r"/OCMT/([A-Z]{3})([0-9]+,[0-9]*)"),
    "rate": re.compile(r"/EXCH/([0-9]+,[0-9]*)"),
    "charge": re.compile(r"/CHGS/([A-Z]{3})([0-9]+,[0-9]*)"),
}
_CAMT_CHARGE = re.compile(rf"{_ALONE}CHRGS ([A-Z]{{3}}) {_NUMBER}")
_CHARGE = re.compile(
    rf"{_ALONE}(?:CHGS?|GASTOS|COMISION|CHARGES?|FEES?)[ :./]*([A-Z]{{3}}|US\$|U\$S|€) ?{_NUMBER}"
)
_AMOUNT = re.compile(rf"{_ALONE}([A-Z]{{3}}|US\$|U\$S|€) ?\$? ?{_NUMBER}")
_AFTER = re.compile(rf"{_ALONE}(?<![.,]){_NUMBER} ?([A-Z]{{3}})(?![A-Z0-9])(?! ?\$?[0-9])")
_RATE = re.compile(
    rf"(?:{_ALONE}(?:T\.?/?C\.?|TRM|TASA(?: DE CAMBIO| CAMBIO)?|TIPO DE CAMBIO|FX(?: RATE)?|RATE|"
    rf"EXCH(?:ANGE)?(?: RATE)?)[ :=.]*(?:[A-Z]{{3}}/[A-Z]{{3}} ?)?\$?|@) ?\$?{_NUMBER}"
)
_BEARER = re.compile(
    rf"(?:{_ALONE}(?:CHGS?|CHARGES?|GASTOS|COMISION(?:ES)?|DETAILS OF CHARGES|71A)[ :./=]*|/)(OUR|SHA|BEN)"
    r"(?![A-Z0-9])"
)
#: A rate has so many decimals at the most, and is no amount of money.
_MOST_DECIMALS = 10


@dataclass(frozen=True)
class StatedRate:
    """A rate as written; ``half``: half of its last decimal, for the bank may have rounded it."""

    rate: Fraction
    half: Fraction
    text: str


@dataclass(frozen=True)
class Stated:
    """What of an exchange the text of a receipt states; money in minor units by currency.

    ``bearer``: of the charges, OUR, SHA or BEN; '' where nobody says.
    """

    amounts: tuple[tuple[str, int], ...] = ()
    rates: tuple[StatedRate, ...] = ()
    charges: tuple[tuple[str, int], ...] = ()
    bearer: str = ""


def read_stated(text: str) -> Stated:
    """Everything that the text states, each in the order written and once."""
    if not any(digit in text for digit in "0123456789"):
        return Stated(bearer=_bearer(fold(text)))
    told = fold(text)
    charges = [
        (currency, number)
        for pattern in (_SWIFT["charge"], _CAMT_CHARGE, _CHARGE)
        for currency, number in pattern.findall(told)
    ]
    rates = [*_SWIFT["rate"].findall(told), *_RATE.findall(told)]
    # What is a charge or a rate is no amount that was ordered.
    rest = told
    for pattern in (*_SWIFT.values(), _CAMT_CHARGE, _CHARGE, _RATE):
        rest = pattern.sub(" ", rest) if pattern is not _SWIFT["amount"] else rest
    amounts = [
        *_SWIFT["amount"].findall(rest),
        *_AMOUNT.findall(rest),
        *((currency, number) for number, currency in _AFTER.findall(rest)),
    ]
    return Stated(
        amounts=tuple(dict.fromkeys(_money(amounts))),
        rates=tuple(dict.fromkeys(one for number in rates for one in _rates(number))),
        charges=tuple(dict.fromkeys(_money(charges))),
        bearer=_bearer(told),
    )


def _bearer(told: str) -> str:
    found = set(_BEARER.findall(told))
    return found.pop() if len(found) == 1 else ""


def _money(found: list[tuple[str, str]]) -> list[tuple[str, int]]:
    money = []
    for code, number in found:
        currency = _CODES.get(code, code)
        for value, _ in _readings(number):
            try:
                money.append((currency, to_minor(value, currency)))
            except (ParameterRefusedError, AmountOverflowError):
                continue  # more decimals than the currency has: the other reading was meant
    return [(currency, amount) for currency, amount in money if amount > 0]


def _rates(number: str) -> list[StatedRate]:
    return [
        StatedRate(Fraction(value), Fraction(1, 2 * 10**decimals), format(value, "f"))
        for value, decimals in _readings(number)
        if value > 0 and decimals <= _MOST_DECIMALS
    ]


def _readings(number: str) -> list[tuple[Decimal, int]]:
    """The values that a number as written may have, and their decimals: ``4.012`` is four, or thousands."""
    plain = number.replace("'", "")
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return [(Decimal(plain), 0)]
    last = max(plain.rfind("."), plain.rfind(","))
    whole, part = re.sub(r"[.,]", "", plain[:last]), plain[last + 1 :]
    is_grouped = bool(re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{3})+", plain)) and len(set(marks)) == 1
    readings = []
    if marks.count(plain[last]) == 1 and _is_grouped_before(plain[:last]):
        readings.append((Decimal(f"{whole or 0}.{part or 0}"), len(part)))
    if is_grouped:
        readings.append((Decimal(whole + part), 0))
    return readings


def _is_grouped_before(whole: str) -> bool:
    """Thousands before the decimals are grouped by threes, or not at all."""
    return bool(re.fullmatch(r"[0-9]*|[0-9]{1,3}(?:[.,][0-9]{3})+", whole))
