"""Rows on their way into a table, in blocks: numbered, completed, hashed; and what the audit says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Table, Text

from .canonical import digest, escaped, number_texts, row_marks, row_texts
from .columns import Column, Numbers, Same

#: Rows made ready at a time: the next block is made while a server takes the last one in.
BLOCK = 10_000


@dataclass(frozen=True)
class Block:
    """Some rows of a table, complete: as values for a driver, and as the lines that COPY reads."""

    columns: Sequence[Sequence[object]]
    texts: list[str]
    marks: list[str]

    @classmethod
    def of_row(cls, values: Sequence[object], *, mark: str) -> Block:
        """One row of which everything is known."""
        parts = [escaped([one]) if isinstance(one, str) else [str(one)] for one in values]
        return cls([[one] for one in values], row_texts(parts), [mark])

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Values in the order of the table's columns, the hash last."""
        return zip(*self.columns, self.marks, strict=True)

    def copy_text(self) -> str:
        """The block in COPY's text format, which the canonical row is."""
        return "\n".join(map("\t".join, zip(self.texts, self.marks, strict=True))) + "\n"


class Rows(Column):
    """Plain values as somebody made them, a reference absent where None."""

    def __init__(self, plain: Sequence[object], is_text: bool) -> None:
        self.plain, self.is_text = plain, is_text

    def __len__(self) -> int:
        return len(self.plain)

    def values(self, start: int = 0, stop: int | None = None) -> list[object]:
        return list(self.plain[start:stop])

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        part: Sequence[object] = self.plain[start:stop]
        return escaped(part) if self.is_text else number_texts(part)  # type: ignore[arg-type]  # by its column

    def take(self, positions: np.ndarray) -> Column:
        return Rows([self.plain[at] for at in positions.tolist()], self.is_text)

    def codes(self) -> tuple[np.ndarray, int]:
        codes: dict[object, int] = {}
        return np.array([codes.setdefault(value, len(codes)) for value in self.plain]), len(codes)


@dataclass
class Appended:
    """What one action has put into one table: how many rows, which keys, and the hash over their hashes.

    The hash goes over the rows in the order of their keys: as they come where the book numbers them.
    """

    is_numbered: bool
    rows: int = 0
    first_key: object = None
    last_key: object = None
    _running: hashlib._Hash = field(default_factory=hashlib.sha256)
    _unordered: list[tuple[object, str]] = field(default_factory=list)

    def add(self, keys: Sequence[object], marks: Sequence[str]) -> None:
        """The next rows."""
        if not self.rows:
            self.first_key = keys[0]
        self.last_key = keys[-1]
        self.rows += len(marks)
        if self.is_numbered:
            self._running.update("".join(marks).encode())
        else:
            self._unordered += zip(keys, marks, strict=True)

    def told(self) -> dict[str, object]:
        """For the audit entry."""
        sha256 = self._running.hexdigest()
        if not self.is_numbered:
            self._unordered.sort()
            sha256 = digest(mark for _, mark in self._unordered)
        return {"first_key": self.first_key, "last_key": self.last_key, "rows": self.rows, "sha256": sha256}


def completed(
    table: Table, given: Mapping[str, Column], count: int, *, first: int | None, trail: tuple[int, int]
) -> list[Column]:
    """Every column of the table but its hash: ``first`` numbers the rows, ``trail`` is instant and action."""
    names = [column.name for column in table.columns]
    columns: list[Column] = []
    for column in list(table.columns)[:-1]:
        if column.name in given:
            columns.append(given[column.name])
        elif column.name == names[0] and first is not None:
            columns.append(Numbers(np.arange(first, first + count)))
        elif column.name in names[-3:-1]:
            columns.append(Same(trail[names[-3:-1].index(column.name)], count))
        elif column.server_default is not None:
            columns.append(Same("" if isinstance(column.type, Text) else 0, count))
        else:
            columns.append(Rows([None] * count, is_text=False))
    return columns


def blocks_of(columns: list[Column], count: int, appended: Appended) -> Iterator[Block]:
    """The rows, block by block, entered into what the audit will say as they go."""
    for start in range(0, count, BLOCK):
        stop = min(start + BLOCK, count)
        values = [column.values(start, stop) for column in columns]
        texts = row_texts([column.texts(start, stop) for column in columns])
        marks = row_marks(texts)
        appended.add(values[0], marks)
        yield Block(values, texts, marks)
