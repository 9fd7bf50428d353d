"""Between raw rows and frames, without an ORM in the way: the driver's tuples, one numpy pass a column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select

from ..tables import ColumnType, Table
from .arrow_frames import arrow_frame


def frame_of(connection: Connection, query: Select[Any], table: Table) -> pd.DataFrame:
    """The query's rows as that table's frame; the query's columns stand in the table's order.

    A large table comes by Arrow, where it is installed: the same frame, to the bit.
    """
    frame = arrow_frame(connection, query, table)
    if frame is not None:
        return frame
    rows = connection.execute(query).cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(table.columns)
    return pd.DataFrame(
        {
            name: column_of(values, kind)
            for (name, kind), values in zip(table.columns.items(), columns, strict=True)
        },
        copy=False,
    )


def column_of(values: tuple[Any, ...], kind: ColumnType) -> Any:
    """One column's raw values with its type: '' is no day, microseconds are an instant."""
    if kind == "text":
        return pd.array(values, dtype="str")
    if kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
    if kind == "instant":
        instants = np.array(values, dtype="int64").view("datetime64[us]")
        return pd.DatetimeIndex(instants, tz="UTC")
    if kind == "flag":
        return np.array(values, dtype="int64").astype(bool)
    return np.array(values, dtype="int64")


def raw_columns(frame: pd.DataFrame, columns: dict[str, ColumnType]) -> list[list[Any]]:
    """The frame's columns as the book stores them: plain text and integers, days as ISO text."""
    return [raw_column(frame[name], kind) for name, kind in columns.items()]


def raw_column(column: pd.Series, kind: ColumnType) -> list[Any]:
    """One column as plain Python values; an absent day or text is ''."""
    if kind == "date":
        return days_text(column)
    if kind == "text":
        return [str(value) for value in column.fillna("").tolist()]
    if kind == "instant":
        return [int(value) for value in column.astype("datetime64[us, UTC]").astype("int64").tolist()]
    return [int(value) for value in column.to_numpy().tolist()]


def days_text(column: pd.Series) -> list[str]:
    """Days as ISO text, '' where absent."""
    days = column.to_numpy().astype("datetime64[D]")
    text = np.datetime_as_string(days)
    text[np.isnat(days)] = ""
    return [str(day) for day in text.tolist()]
