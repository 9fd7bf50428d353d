"""A table's rows against their own hashes and against what each audit entry says it wrote, part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Table, Text

from .canonical import digest, escaped, number_texts, row_hash, row_marks, row_texts


@dataclass
class _Wrote:
    """What was found of one action's rows; ``gap``: the first number missing among them."""

    version: int
    first_key: object
    next_key: object
    rows: int = 0
    gap: int | None = None
    running: hashlib._Hash = field(default_factory=hashlib.sha256)
    unordered: list[str] = field(default_factory=list)

    def add(self, keys: Sequence[object], marks: Sequence[str]) -> None:
        self.rows += len(marks)
        if self.version == 1:
            self.unordered += marks
        else:
            self.running.update("".join(marks).encode())
        if isinstance(keys[0], int) and self.gap is None:
            if len(keys) == 1 and keys[0] == self.next_key:
                self.next_key = keys[0] + 1
            else:
                self._look_for_gap(np.array(keys, dtype="int64"))

    def _look_for_gap(self, keys: np.ndarray) -> None:
        wanted = np.arange(int(str(self.next_key)), int(str(self.next_key)) + len(keys))
        differing = np.flatnonzero(keys != wanted)
        self.gap = int(wanted[differing[0]]) if len(differing) else None
        self.next_key = int(keys[-1]) + 1

    def sha256(self) -> str:
        return digest(sorted(self.unordered)) if self.version == 1 else self.running.hexdigest()


class RowsFound:
    """Rows in the order of their keys; what is kept of them is a few numbers an action."""

    def __init__(self, table: Table, versions: Mapping[int, int]) -> None:
        self.count = 0
        self._table, self._versions = table, versions
        self._is_text = [isinstance(column.type, Text) for column in table.columns][:-1]
        self._seq = [column.name for column in table.columns].index("audit_seq")
        self._wrote: dict[int, _Wrote] = {}
        self._changed: list[str] = []

    def look_at(self, rows: Sequence[tuple[object, ...]]) -> None:
        """The next rows of the table."""
        if not rows:
            return
        seqs, marks = [int(str(row[self._seq])) for row in rows], [str(row[-1]) for row in rows]
        versions = [self._versions.get(seq, 0) for seq in seqs]
        for row, mark, made_again in zip(rows, marks, self._made_again(versions, rows), strict=True):
            if mark != made_again:
                self._changed.append(f"{self._table.name} {row[0]}")
        start = 0
        for stop in range(1, len(rows) + 1):
            if stop == len(rows) or seqs[stop] != seqs[start]:
                keys, seq = [row[0] for row in rows[start:stop]], seqs[start]
                if seq not in self._wrote:
                    self._wrote[seq] = _Wrote(versions[start], keys[0], keys[0])
                self._wrote[seq].add(keys, marks[start:stop])
                start = stop
        self.count += len(rows)

    def _made_again(self, versions: Sequence[int], rows: Sequence[tuple[object, ...]]) -> list[str]:
        """Each row's hash, by the version of the entry that wrote it."""
        columns = list(zip(*(row[:-1] for row in rows), strict=True))
        parts = [
            escaped(values) if is_text else number_texts(values)
            for values, is_text in zip(columns, self._is_text, strict=True)
        ]
        marks = row_marks(row_texts(parts))
        if 1 in versions:
            pairs = zip(rows, versions, marks, strict=True)
            marks = [row_hash(row[:-1]) if version == 1 else mark for row, version, mark in pairs]
        return marks

    def faults(self, said: Mapping[int, dict[str, object]]) -> Iterator[str]:
        """Rows that were changed, then actions whose rows are not those of their audit entry."""
        yield from self._changed
        for seq in sorted(said.keys() | self._wrote.keys()):
            facts, wrote = said.get(seq), self._wrote.get(seq)
            if facts is None and wrote is not None:
                yield f"{self._table.name} {wrote.first_key}"
            elif facts is not None and (
                wrote is None or (facts["rows"], facts["sha256"]) != (wrote.rows, wrote.sha256())
            ):
                yield f"{self._table.name} {_missing(facts, wrote)} (audit {seq})"


def _missing(facts: dict[str, object], wrote: _Wrote | None) -> str:
    """The key that is gone, where keys are numbers; else those that the action began and ended with."""
    first, last = facts["first_key"], facts["last_key"]
    if not isinstance(first, int) or not isinstance(last, int):
        return f"{first} … {last}"
    if wrote is None or int(str(wrote.first_key)) > first:
        return str(first)
    if wrote.gap is not None:
        return str(wrote.gap)
    return str(wrote.next_key) if int(str(wrote.next_key)) <= last else f"{first} … {last}"
