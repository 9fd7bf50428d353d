"""What a file may be at most, before and while it is read; a mapping may say otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .yaml_shapes import Shape


@dataclass(frozen=True)
class Limits:
    """The last three are of a workbook, whose parts are packed: bytes when unpacked, how many times the
    file's own size that may be, and how many parts."""

    bytes: int = 500_000_000
    rows: int = 5_000_000
    field_chars: int = 4000
    unzipped_bytes: int = 100 * 1024 * 1024
    unzipped_ratio: int = 100
    members: int = 200


def read_limits(part: Shape) -> Limits:
    """The ``limits:`` section of a mapping."""
    usual = Limits()
    rule = Limits(
        part.integer_of("bytes", usual.bytes, least=1),
        part.integer_of("rows", usual.rows, least=1),
        part.integer_of("field_chars", usual.field_chars, least=1),
        part.integer_of("unzipped_bytes", usual.unzipped_bytes, least=1),
        part.integer_of("unzipped_ratio", usual.unzipped_ratio, least=1),
        part.integer_of("members", usual.members, least=1),
    )
    part.nothing_else()
    return rule


def read_largest(part: Shape) -> Decimal:
    """``amounts.largest``, in major units: a whole number, or quoted decimal text."""
    value = str(part.value.get("largest") or 10**15) if isinstance(part.value, dict) else ""
    part.asked.add("largest")
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,4})?", value, re.ASCII):
        part.wrong("largest", value)
    return Decimal(value)
