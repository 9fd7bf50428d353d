"""Columns of a frame as the book stores them, kept as the frame keeps them: plain values a block at a time.

A million rows as Python tuples cost more than storing them does. So a column gives, for a block of rows, its
plain values (for the driver) and their canonical texts (for the hash, and for COPY); and, for all rows at
once, codes by which keys are compared without making a tuple a row.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..tables import ColumnType
from .canonical import escaped, number_texts

#: A column with so few distinct values among its first rows is kept as codes.
_TRIED, _FEW = 1_000, 250


class Column(abc.ABC):
    """One column; positions count its rows from 0."""

    @abc.abstractmethod
    def __len__(self) -> int: ...

    @abc.abstractmethod
    def values(self, start: int = 0, stop: int | None = None) -> list[Any]:
        """Plain text or whole numbers."""

    @abc.abstractmethod
    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """The same as canonical texts."""

    @abc.abstractmethod
    def take(self, positions: np.ndarray) -> Column:
        """The rows at these positions, in their order."""

    @abc.abstractmethod
    def codes(self) -> tuple[np.ndarray, int]:
        """A number a row, from 0, equal where values are equal; and how many there are."""

    def at(self, position: int) -> Any:
        """One value."""
        return self.values(position, position + 1)[0]

    def distinct(self) -> set[Any]:
        """Every value that occurs."""
        return set(self.values())

    def equal_to(self, value: str | int) -> np.ndarray:
        """Whether a row holds this value."""
        return np.fromiter((one == value for one in self.values()), dtype=bool, count=len(self))


class Same(Column):
    """One value in every row."""

    def __init__(self, value: str | int, count: int) -> None:
        self.value, self.count = value, count

    def __len__(self) -> int:
        return self.count

    def values(self, start: int = 0, stop: int | None = None) -> list[Any]:
        return [self.value] * len(range(self.count)[start:stop])

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        text = escaped([self.value])[0] if isinstance(self.value, str) else str(self.value)
        return [text] * len(range(self.count)[start:stop])

    def take(self, positions: np.ndarray) -> Column:
        return Same(self.value, len(positions))

    def codes(self) -> tuple[np.ndarray, int]:
        return np.zeros(self.count, dtype="int64"), 1

    def distinct(self) -> set[Any]:
        return {self.value} if self.count else set()

    def equal_to(self, value: str | int) -> np.ndarray:
        return np.full(self.count, self.value == value)


class Numbers(Column):
    """Whole numbers of 64 bits."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def values(self, start: int = 0, stop: int | None = None) -> list[Any]:
        numbers: list[int] = self.array[start:stop].tolist()
        return numbers

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        return number_texts(self.values(start, stop))

    def take(self, positions: np.ndarray) -> Column:
        return Numbers(self.array[positions])

    def codes(self) -> tuple[np.ndarray, int]:
        codes, distinct = pd.factorize(self.array)
        return codes, len(distinct)


class Coded(Column):
    """Texts of which there are few: a code a row, each text once."""

    def __init__(self, code: np.ndarray, of_code: list[str]) -> None:
        self.code, self.of_code = code, of_code
        self._escaped = escaped(of_code)

    def __len__(self) -> int:
        return len(self.code)

    def values(self, start: int = 0, stop: int | None = None) -> list[Any]:
        return list(map(self.of_code.__getitem__, self.code[start:stop].tolist()))

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        return list(map(self._escaped.__getitem__, self.code[start:stop].tolist()))

    def take(self, positions: np.ndarray) -> Column:
        return Coded(self.code[positions], self.of_code)

    def codes(self) -> tuple[np.ndarray, int]:
        return self.code.astype("int64"), len(self.of_code)

    def distinct(self) -> set[Any]:
        return {self.of_code[code] for code in np.unique(self.code).tolist()}

    def equal_to(self, value: str | int) -> np.ndarray:
        wanted = np.array([text == value for text in self.of_code], dtype=bool)
        is_equal: np.ndarray = wanted[self.code]
        return is_equal


class Texts(Column):
    """Texts that mostly differ, as the frame has them."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def values(self, start: int = 0, stop: int | None = None) -> list[Any]:
        texts: list[str] = self.array[start:stop].tolist()
        return texts

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        return escaped(self.values(start, stop))

    def take(self, positions: np.ndarray) -> Column:
        return Texts(self.array.take(positions))

    def codes(self) -> tuple[np.ndarray, int]:
        codes, distinct = pd.factorize(self.array)
        return codes, len(distinct)


def column_from(series: pd.Series, kind: ColumnType) -> Column:
    """A frame's column; an absent day or text is '', a flag 0 or 1, an instant microseconds."""
    if kind == "date":
        return _days(series)
    if kind == "text":
        return text_column_of(series)
    if kind == "instant":
        return Numbers(series.astype("datetime64[us, UTC]").astype("int64").to_numpy())
    numbers = series.to_numpy().astype("int64")
    if len(numbers) and (numbers == numbers[0]).all():
        return Same(int(numbers[0]), len(numbers))
    return Numbers(numbers)


def text_column_of(series: pd.Series) -> Column:
    """Texts; absent ones are ''."""
    if series.dtype != "str" or series.isna().any():
        series = pd.Series([str(value) for value in series.fillna("").tolist()], dtype="str")
    array = series.array
    tried = array[:_TRIED]
    if len(tried) and len(set(tried.tolist())) <= min(_FEW, max(len(tried) // 4, 1)):
        code, distinct = pd.factorize(array)
        if len(distinct) == 1:
            return Same(str(distinct[0]), len(array))
        if len(distinct) <= max(len(array) // 4, 1):
            return Coded(code.astype("int32"), [str(text) for text in distinct])
    return Texts(array)


def _days(series: pd.Series) -> Column:
    days = series.to_numpy().astype("datetime64[D]")
    code, distinct = pd.factorize(days, use_na_sentinel=False)
    texts = ["" if np.isnat(day) else str(day) for day in np.asarray(distinct, dtype="datetime64[D]")]
    return Same(texts[0], len(days)) if len(texts) == 1 else Coded(code.astype("int32"), texts)


def mapped(column: Column, change: Callable[[str], str]) -> Column:
    """A text made of each text."""
    if isinstance(column, Same):
        return Same(change(str(column.value)), column.count)
    if isinstance(column, Coded):
        code, of_code = pd.factorize(np.array([change(text) for text in column.of_code], dtype=object))
        return Coded(code.astype("int32")[column.code], [str(text) for text in of_code])
    return texts_from([change(text) for text in column.values()])


def texts_from(texts: Sequence[str]) -> Column:
    """Texts that mostly differ, from a list of them."""
    return Texts(pd.array(texts, dtype="str"))


def columns_from(frame: pd.DataFrame, kinds: dict[str, ColumnType]) -> dict[str, Column]:
    """These columns of a frame; one that the frame lacks is '' or 0 throughout."""
    return {
        name: column_from(frame[name], kind)
        if name in frame
        else Same("" if kind in ("text", "date") else 0, len(frame))
        for name, kind in kinds.items()
    }


def groups_of(columns: Sequence[Column]) -> tuple[np.ndarray, int]:
    """Rows with the same values in all these columns bear the same number, from 0; and how many there are."""
    groups, count = np.zeros(len(columns[0]), dtype="int64"), 1
    for column in columns:
        codes, distinct = column.codes()
        if distinct <= 1:
            continue
        if count > 2**62 // distinct:
            groups, count = _numbered_again(groups)
        groups, count = groups * distinct + codes, count * distinct
    return _numbered_again(groups)


def _numbered_again(groups: np.ndarray) -> tuple[np.ndarray, int]:
    codes, distinct = pd.factorize(groups)
    return codes, len(distinct)


def first_of_each(groups: np.ndarray) -> np.ndarray:
    """Whether a row is the first of its group."""
    is_again: np.ndarray = pd.Index(groups).duplicated()
    return ~is_again


def all_rows(columns: dict[str, Column], positions: np.ndarray, count: int) -> dict[str, Column]:
    """The columns at these positions; as they are where that is every row of ``count`` in its order."""
    if len(positions) == count:
        return columns
    return {name: column.take(positions) for name, column in columns.items()}
