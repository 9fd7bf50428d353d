"""What a frame is: the types of its columns, and a table that holds a frame to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from ..errors import TableShapeError

ColumnType = Literal["text", "date", "instant", "money", "integer", "flag"]

DTYPES: dict[ColumnType, str] = {
    "text": "str",
    "date": "datetime64[s]",
    "instant": "datetime64[us, UTC]",
    "money": "int64",
    "integer": "int64",
    "flag": "bool",
}


#: What any table in the program declares a name to be; money wins, so that no cents are read as a count.
DECLARED: dict[str, ColumnType] = {}


@dataclass(frozen=True)
class Table:
    """Names and types of a frame's columns, in order; ``key`` names the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, ColumnType]

    def __post_init__(self) -> None:
        for name, kind in self.columns.items():
            if kind == "money" or name not in DECLARED:
                DECLARED[name] = kind

    def empty(self) -> pd.DataFrame:
        """No rows, every column with its type."""
        return self._empty.copy()

    @cached_property
    def _empty(self) -> pd.DataFrame:
        return self.conform(pd.DataFrame({name: [] for name in self.columns}))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A new frame with exactly these columns, cast; a missing one raises :class:`TableShapeError`."""
        missing = [name for name in self.columns if name not in frame.columns]
        if missing:
            raise TableShapeError(table=self.name, columns=", ".join(missing))
        if self._is_conformed(frame):
            return frame.copy(deep=False)
        return pd.DataFrame({name: _cast(frame[name], kind).array for name, kind in self.columns.items()})

    def _is_conformed(self, frame: pd.DataFrame) -> bool:
        """Whether a frame is so already; rooms hand each other such frames all the time."""
        if list(frame.columns) != list(self.columns) or not isinstance(frame.index, pd.RangeIndex):
            return False
        kinds = self.columns.values()
        if any(str(dtype) != DTYPES[kind] for dtype, kind in zip(frame.dtypes, kinds, strict=True)):
            return False
        texts = [name for name, kind in self.columns.items() if kind == "text"]
        is_ranged = frame.index.start == 0 and frame.index.step == 1
        return is_ranged and not bool(frame[texts].isna().to_numpy().any())

    def money_columns(self) -> list[str]:
        return [name for name, kind in self.columns.items() if kind == "money"]


def _cast(column: pd.Series, kind: ColumnType) -> pd.Series:
    if kind == "text":
        return column.fillna("").astype("str") if column.isna().any() else column.astype("str")
    if kind == "instant":
        return pd.to_datetime(column, utc=True).astype(DTYPES[kind])
    return column if str(column.dtype) == DTYPES[kind] else column.astype(DTYPES[kind])
