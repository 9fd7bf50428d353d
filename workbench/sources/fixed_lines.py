"""Lines of fixed places: a mapping's ``fixed:`` section says where each field stands, nothing is guessed.

A file may have one header line, whose fields then belong to every line of data, and lines of other kinds
(subtotals) that are no data. Places count from 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from ..errors import FileRefusedError
from .raw_table import RawTable
from .yaml_shapes import Shape


@dataclass(frozen=True)
class Place:
    """``decimals``: how many of the digits are decimals where the file writes no mark; 0: none."""

    start: int
    length: int
    decimals: int = 0

    def cut(self, line: str) -> str:
        """The field without the blanks round it; digits with implied decimals get their point."""
        text = line[self.start : self.start + self.length].strip()
        if self.decimals and text.isascii() and text.isdigit() and len(text) > self.decimals:
            return f"{text[: -self.decimals]}.{text[-self.decimals :]}"
        return text


@dataclass(frozen=True)
class FixedRule:
    """``width``: the longest line (0: any); ``data``, ``header``, ``others``: how lines of a kind begin."""

    width: int = 0
    data: str = ""
    header: str = ""
    others: tuple[str, ...] = ()
    header_fields: dict[str, Place] = field(default_factory=dict)
    fields: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class FixedLine:
    """One line of data: its number in the file, its text and its fields, those of the header among them."""

    number: int
    raw: str
    cells: dict[str, str]


def read_fixed_rule(part: Shape) -> FixedRule:
    """The ``fixed:`` section of a mapping; fields that overlap the line's end or name nothing raise."""
    rule = FixedRule(
        width=part.integer_of("width", 0),
        data=part.text_of("data", ""),
        header=part.text_of("header", ""),
        others=part.texts_of("others"),
        header_fields={name: _place(place) for name, place in part.items("header_fields")},
        fields={name: _place(place) for name, place in part.items("fields")},
    )
    part.nothing_else()
    for name, place in {**rule.header_fields, **rule.fields}.items():
        if rule.width and place.start + place.length > rule.width:
            part.wrong(name, place.start + place.length)
    return rule


def _place(part: Shape) -> Place:
    place = Place(part.integer_of("start"), part.integer_of("length"), part.integer_of("decimals", 0))
    part.nothing_else()
    if place.start < 0 or place.length < 1 or not 0 <= place.decimals < place.length:
        part.wrong("", f"{place.start}, {place.length}, {place.decimals}")
    return place


def read_fixed_lines(text: str, rule: FixedRule, *, file: str) -> list[FixedLine]:
    """The lines of data in their order; short ones count as padded with blanks.

    Refused as a whole: a line that is too long, a line of no known kind, data before the header, a second
    header (two files glued together), no data.
    """
    lines: list[FixedLine] = []
    above: dict[str, str] | None = None if rule.header else {}
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        filled = line.rstrip()
        if not filled:
            continue
        if rule.width and len(filled) > rule.width:
            told = {"line": number, "length": len(filled), "limit": rule.width}
            raise FileRefusedError("fixed-line-too-long", file=file, **told)
        if rule.header and filled.startswith(rule.header):
            if above is not None:
                raise FileRefusedError("fixed-header-repeated", file=file, line=number)
            above = {name: place.cut(filled) for name, place in rule.header_fields.items()}
        elif above is None:
            raise FileRefusedError("fixed-header-missing", file=file, line=number, expected=rule.header)
        elif filled.startswith(rule.data):
            cells = {name: place.cut(filled) for name, place in rule.fields.items()}
            lines.append(FixedLine(number, filled, {**above, **cells}))
        elif not filled.startswith(rule.others or ("\n",)):
            raise FileRefusedError("fixed-line-unknown", file=file, line=number, value=filled[:10])
    if above is None or not lines:
        raise FileRefusedError("no-data-rows", file=file)
    return lines


def fixed_table(text: str, rule: FixedRule, *, file: str) -> RawTable:
    """The same as a table whose headings are the fields' names, for every kind of source."""
    lines = read_fixed_lines(text, rule, file=file)
    names = [*rule.header_fields, *rule.fields]
    rows = [names, *([line.cells[name] for name in names] for line in lines)]
    numbers = np.asarray([0, *(line.number for line in lines)], dtype=np.int64)
    return RawTable(file, rows, numbers, lambda at: lines[at - 1].raw if at else "")
