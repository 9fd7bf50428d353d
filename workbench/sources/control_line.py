"""The last line of a file that says what the file holds: ``#CONTROL,<rows>,CUR=sum;CUR=sum``.

A file whose mapping asks for it and that does not end with it was cut off; one that disagrees with it is
refused whole, for nobody can tell which row is wrong. Source: ``badfiles/SPEC.md``, ``pay_us_trailer``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ..errors import FileRefusedError
from ..money import currency_decimals, to_text
from .grammar import read_digits
from .mappings import Mapping
from .raw_table import RawTable

_SUM = re.compile(r"([A-Z]{3})=([^=;]+)", re.ASCII)


@dataclass(frozen=True)
class Control:
    """What the line states: rows, and minor units by currency; ``place``: its row in the raw table."""

    place: int
    rows: int
    sums: dict[str, int]
    line: int


def find_control(raw: RawTable, header: int, mapping: Mapping) -> Control:
    """The control line at the end of the file; without a whole one the file is ``truncated``."""
    mark = mapping.strict.control
    place = len(raw.rows) - 1
    while place > header and not any(raw.rows[place]):
        place -= 1
    row = raw.rows[place] if place > header else []
    line = int(raw.numbers[place])
    if len(row) != 3 or row[0] != mark or not re.fullmatch(r"[0-9]{1,9}", row[1], re.ASCII):
        raise FileRefusedError("truncated", file=raw.file, line=line, mark=mark)
    sums: dict[str, int] = {}
    for part in filter(None, row[2].split(";")):
        found = _SUM.fullmatch(part)
        read = read_digits(found[2], mapping.amounts.styles[0], mapping.amounts) if found else None
        places = currency_decimals(found[1]) if found else None
        if found is None or read is None or places is None or read[1] > places or found[1] in sums:
            raise FileRefusedError("truncated", file=raw.file, line=line, mark=mark)
        sums[found[1]] = read[0] * 10 ** (places - read[1])
    return Control(place, int(row[1]), sums, line)


def prove_control(
    control: Control, rows: int, amounts: pd.Series, currencies: pd.Series, *, file: str
) -> None:
    """Rows and sums of the whole file, refused rows too, as its last line states them, to the cent."""
    if control.rows != rows:
        raise FileRefusedError("control-count", file=file, line=control.line, stated=control.rows, found=rows)
    counted: dict[str, int] = {}
    for currency, amount in zip(currencies.tolist(), amounts.tolist(), strict=True):
        counted[currency] = counted.get(currency, 0) + int(amount)
    for currency in sorted(control.sums.keys() | counted.keys()):
        stated, found = control.sums.get(currency, 0), counted.get(currency, 0)
        if stated != found or (currency in counted) != (currency in control.sums):
            decimals = currency_decimals(currency)
            told = [to_text(one, currency) if decimals is not None else str(one) for one in (stated, found)]
            raise FileRefusedError(
                "control-total",
                file=file,
                line=control.line,
                name=currency or "–",
                stated=told[0],
                found=told[1],
            )
