"""How amounts, days and ids are written. A pattern of ASCII signs comes first, then exact integers.

``Decimal`` would take ``١٢٣``, ``1_000``, ``1e5`` and ``NaN``; the patterns do not. Nothing is rounded and
nothing guessed: ``1.234`` is what the style of its column makes of it. Each distinct text is read once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..money import LARGEST_AMOUNT, currency_decimals
from .mapping_rules import STYLES, AmountRule, DateRule
from .raw_table import DATE, INSTANT, NUMBER, Texts

Rules = npt.NDArray[np.object_]  # the rule a cell breaks, "" where it is good

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*", re.ASCII)
#: Lines of ids, empty ones too, that no rule of an id could be broken by: nearly every column is such.
_PLAIN_IDS = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_-]*)?(?:\n(?:[A-Za-z0-9][A-Za-z0-9_-]*)?)*", re.ASCII)
_ID_DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+", re.ASCII)
#: From 1927 to 2173; a number of six digits is a day in digits, which is another format.
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.0)?", re.ASCII)
_MONTHS = {
    **dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True)),
    **dict(zip("ene feb mar abr may jun jul ago sep oct nov dic".split(), range(1, 13), strict=True)),
}
_TOKENS = {
    "hh:mm:ss": "[0-9]{2}:[0-9]{2}:[0-9]{2}",  # told by some files, and no part of the day
    "yyyy": "(?P<year>[0-9]{4})",
    "yy": "(?P<year>[0-9]{2})",
    "mmm": "(?P<month>[A-Za-z]{3})",
    "mm": "(?P<month>[0-9]{2})",
    "dd": "(?P<day>[0-9]{2})",
    "m": "(?P<month>[0-9]{1,2})",
    "d": "(?P<day>[0-9]{1,2})",
}
_EPOCH = dt.date(1899, 12, 30)
_NOISE = Decimal("1e-9")
#: A sum of binary fractions shows itself by its many digits; ``5000001.005`` was typed.
_DIGITS_OF_NOISE = 15
#: More digits than any amount has; Python refuses to read thousands of them, and nobody needs to.
_MOST_DIGITS = 100
_BEYOND = (10**_MOST_DIGITS, 0)


@dataclass(frozen=True)
class Amounts:
    """int64 minor units, where a cell holds anything, and the rule that it breaks."""

    minor: npt.NDArray[np.int64]
    has_value: npt.NDArray[np.bool_]
    rules: Rules


@lru_cache
def amount_pattern(style: str, currency_sign: str) -> re.Pattern[str]:
    """The unsigned amount in a style: ``spanish`` 1.234,56, ``english`` 1,234.56, ``plain`` 1234.56."""
    decimal, thousands = (re.escape(mark) if mark else "" for mark in STYLES[style])
    whole = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    money_sign = rf"(?:{re.escape(currency_sign)} ?)?" if currency_sign else ""
    return re.compile(rf"{money_sign}(?P<whole>{whole})(?:{decimal}(?P<part>[0-9]+))?", re.ASCII)


def read_digits(text: str, style: str, rule: AmountRule) -> tuple[int, int] | None:
    """``(digits, decimals)`` of an amount, signed: ``1.234,5-`` is ``(-12345, 1)``; ``None`` for none."""
    body, is_negative = text, False
    sign = rule.currency_sign
    if sign and body.startswith(sign) and body[len(sign) :].lstrip(" ")[:1] == "-":  # $ -1.234,56
        body = body[len(sign) :].lstrip(" ")
        body = body if sign not in body else text
    if "leading" in rule.negative and body[:1] == "-":
        body, is_negative = body[1:], True
    elif "trailing" in rule.negative and body[-1:] == "-":
        body, is_negative = body[:-1].rstrip(" " if rule.blank_before_minus else ""), True
    elif "parentheses" in rule.negative and body[:1] == "(" and body[-1:] == ")":
        body, is_negative = body[1:-1], True
    elif "plus" in rule.negative and body[:1] == "+":
        body = body[1:]
    found = amount_pattern(style, rule.currency_sign).fullmatch(body)
    if found is None:
        return None
    part = found["part"] or ""
    whole = found["whole"]
    if len(whole) + len(part) > _MOST_DIGITS:
        return _BEYOND
    thousands = STYLES[style][1]
    digits = int((whole.replace(thousands, "") if thousands else whole) + part)
    return (-digits if is_negative else digits), len(part)


def choose_style(cells: Texts, rule: AmountRule) -> str | None:
    """The style of a column: the first that reads as many cells as any other does.

    ``None`` when two styles read all the same cells and not as the same amounts: nobody could tell.
    """
    if len(rule.styles) == 1:
        return rule.styles[0]
    distinct = [cell for cell in pd.unique(cells) if cell and not cell.startswith("\x00")]
    read = {style: [read_digits(cell, style, rule) for cell in distinct] for style in rule.styles}
    counts = {style: sum(found is not None for found in values) for style, values in read.items()}
    most = max(counts.values())
    best = [style for style in rule.styles if counts[style] == most]
    for other in best[1:]:
        for one, two in zip(read[best[0]], read[other], strict=True):
            if (one is None) != (two is None):
                return None
            if one is not None and two is not None and one[0] * 10 ** two[1] != two[0] * 10 ** one[1]:
                return None
    return best[0]


def read_amounts(
    cells: Texts, currencies: Texts, style: str, rule: AmountRule, *, places: int | None = None
) -> Amounts:
    """Amounts in minor units of each row's currency; rows of no known currency hold 0 and no rule.
    ``places``: a fixed number of decimals instead of the currency's, for rates.

    Rules: ``amount-format``, ``amount-precision`` (a decimal too many), ``amount-too-large``.
    """
    codes, distinct = pd.factorize(cells)
    currency_codes, names = pd.factorize(currencies)
    pairs = codes.astype(np.int64) * max(len(names), 1) + currency_codes
    pair_codes, pair_values = pd.factorize(pairs)
    minor = [0] * len(pair_values)
    rules = np.full(len(pair_values), "", dtype=object)
    has_value = np.fromiter((bool(text) for text in distinct), dtype=bool, count=len(distinct))[codes]
    decimals = [places if places is not None else currency_decimals(name) for name in names]
    mark = STYLES[style][0]
    safe = min(len(str(int(rule.largest))) - 1, 15)  # so many digits are below the largest amount
    for index, pair in enumerate(pair_values.tolist()):
        text_code, currency_code = divmod(pair, max(len(names), 1))
        text, wanted = distinct[text_code], decimals[currency_code]
        if not text:
            continue
        if text.startswith(NUMBER) and wanted is not None:
            plain = _plain_number(text[len(NUMBER) :], wanted, safe)
            if plain is not None:
                minor[index] = plain
                continue
        # Nearly every amount is digits, the mark and the currency's decimals: the pattern's simplest case.
        whole, found, part = text.partition(mark)
        if len(part) == wanted and len(whole) <= safe and whole.isdigit() and text.isascii():
            if part.isdigit():
                minor[index] = int(whole + part)
                continue
            if not found:
                minor[index] = int(whole)
                continue
        value = _number_digits(text, wanted) if text.startswith("\x00") else read_digits(text, style, rule)
        if value is None:
            rules[index] = "amount-format"
        elif wanted is not None and places is None and _may_be_thousands(text, value, wanted):
            rules[index] = "amount-precision"
        elif wanted is not None:
            minor[index], rules[index] = _scale(value, wanted, rule.largest)
    return Amounts(np.array(minor, dtype=np.int64)[pair_codes], has_value, rules[pair_codes])


def _plain_number(text: str, places: int, safe: int) -> int | None:
    """A workbook's number of few digits, none of them noise and none too many: by far the most frequent."""
    body = text[1:] if text[:1] == "-" else text
    whole, _, part = body.partition(".")
    part = "" if part == "0" else part
    if len(part) > places or not 0 < len(whole) <= safe or len(whole) + len(part) >= _DIGITS_OF_NOISE:
        return None
    digits = whole + part.ljust(places, "0")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return -int(digits) if text is not body else int(digits)


def _may_be_thousands(text: str, value: tuple[int, int], places: int) -> bool:
    """``1.500`` in a currency of cents: one and a half to this style, fifteen hundred to who wrote it."""
    digits, decimals = value
    return decimals == 3 > places and 1_000 <= abs(digits) < 1_000_000 and not text.startswith("\x00")


def _scale(value: tuple[int, int], places: int, largest: Decimal) -> tuple[int, str]:
    digits, decimals = value
    if decimals > places:
        digits, rest = divmod(abs(digits), 10 ** (decimals - places))
        if rest:
            return 0, "amount-precision"
        digits = -digits if value[0] < 0 else digits
    else:
        digits *= 10 ** (places - decimals)
    if abs(digits) > min(int(largest * 10**places), LARGEST_AMOUNT):
        return 0, "amount-too-large"
    return digits, ""


def _number_digits(cell: str, places: int | None) -> tuple[int, int] | None:
    """A workbook's number by its shortest digits; binary noise, long and below 1e-9 relative, is no digit."""
    if not cell.startswith(NUMBER):
        return None
    number = Decimal(cell[len(NUMBER) :])
    if not number.is_finite():
        return None
    if abs(number) >= 10**18:
        return _BEYOND
    wanted = round(number, places or 0)
    is_long = len(number.as_tuple().digits) >= _DIGITS_OF_NOISE
    if is_long and abs(wanted - number) <= _NOISE * abs(number):
        number = wanted
    sign, digits, power = number.as_tuple()
    value = int("".join(map(str, digits))) * (-1 if sign else 1)
    power = int(power)
    return (value * 10**power, 0) if power > 0 else (value, -power)


@lru_cache
def date_pattern(form: str) -> tuple[str, re.Pattern[str]]:
    """The shape of a format (day and month alike, so rivals show) and its pattern; ``""`` if unusable."""
    pattern, shape, place = "", "", 0
    while place < len(form):
        token = next((name for name in _TOKENS if form.startswith(name, place)), None)
        if token is None:
            pattern, shape, place = pattern + re.escape(form[place]), shape + form[place], place + 1
            continue
        pattern += _TOKENS[token]
        shape += token if token in ("yyyy", "yy", "mmm", "hh:mm:ss") else "n"
        place += len(token)
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error:
        return "", re.compile("")
    return (shape if set(compiled.groupindex) == {"year", "month", "day"} else ""), compiled


def read_date(text: str, rule: DateRule, *, serial_shift: int = 0) -> tuple[dt.date | None, str]:
    """One day, or the rule that the text breaks: ``date-format``, ``date-invalid`` (31 February)."""
    if text.startswith(DATE):
        return dt.date.fromisoformat(text[len(DATE) :]), ""
    number = text[len(NUMBER) :] if text.startswith(NUMBER) else text
    if rule.has_serials and _SERIAL.fullmatch(number):
        return _EPOCH + dt.timedelta(days=int(float(number)) + serial_shift), ""
    if text.startswith(INSTANT) and any("hh:mm:ss" in form for form in rule.formats):
        return dt.date.fromisoformat(text[len(INSTANT) :][:10]), ""
    if text.startswith((NUMBER, INSTANT, "\x00")):
        return None, "date-format"
    for form in rule.formats:
        found = date_pattern(form)[1].fullmatch(text)
        if not found:
            continue
        month = found["month"]
        number_of = int(month) if month.isdigit() else _MONTHS.get(month.casefold(), 0)
        try:
            year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
            return dt.date(year, number_of, int(found["day"])), ""
        except ValueError:
            return None, "date-invalid"
    return None, "date-format"


def read_dates(
    cells: Texts, rule: DateRule, *, serial_shift: int = 0
) -> tuple[npt.NDArray[np.datetime64], Rules]:
    """Days (``NaT`` for an empty cell) and the rule that each cell breaks."""
    codes, distinct = pd.factorize(cells)
    days = np.full(len(distinct), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    rules = np.full(len(distinct), "", dtype=object)
    for index, text in enumerate(distinct):
        if text and text not in rule.blank:
            day, rules[index] = read_date(text, rule, serial_shift=serial_shift)
            if day is not None:
                days[index] = np.datetime64(day, "s")
    return days[codes], rules[codes]


def read_ids(cells: Texts, *, drops_decimal_zero: bool, is_strict_text: bool = False) -> tuple[Texts, Rules]:
    """Ids as text, every sign kept; ``id-format``, ``id-damaged`` (``1.23E+17``) or ``id-not-text``.

    A workbook's whole number is its digits (a lost leading zero is another rule's business); beyond 15
    digits a number has lost some already. ``drops_decimal_zero``: ``"1930610806.0"`` is ``1930610806``.
    """
    together = "\n".join(cells)
    if together.count("\n") < max(len(cells), 1) and _PLAIN_IDS.fullmatch(together):
        return cells, np.full(len(cells), "", dtype=object)
    codes, distinct = pd.factorize(cells)
    texts = np.full(len(distinct), "", dtype=object)
    rules = np.full(len(distinct), "", dtype=object)
    for index, cell in enumerate(distinct):
        texts[index], rules[index] = _read_id(cell, drops_decimal_zero, is_strict_text)
    return texts[codes], rules[codes]


def _read_id(cell: str, drops_decimal_zero: bool, is_strict_text: bool) -> tuple[str, str]:
    if not cell:
        return "", ""
    if cell.startswith("\x00"):
        if not cell.startswith(NUMBER) or is_strict_text:
            return cell[2:], "id-not-text"
        number = Decimal(cell[len(NUMBER) :])
        if not number.is_finite() or number != number.to_integral_value() or abs(number) >= 10**15:
            return cell[2:], "id-damaged"
        return str(int(number)), "id-format" if number < 0 else ""
    text = cell
    if drops_decimal_zero and text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    if _ID_DAMAGED.fullmatch(text):
        return text, "id-damaged"
    if not _ID.fullmatch(text) or ".." in text or "//" in text:
        return text, "id-format"
    return text, ""
