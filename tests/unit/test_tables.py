"""Frames keep to the columns and types their table declares, and leave by the doors as text."""

from __future__ import annotations

import pandas as pd
import pytest
from ledger_frames import documents

from workbench import tables
from workbench.errors import TableShapeError
from workbench.tables import Table

EVERY_TABLE = [table for table in vars(tables).values() if isinstance(table, Table)]


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: table.name)
def test_an_empty_frame_has_every_column_with_its_type(table: Table) -> None:
    empty = table.empty()
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == {
        name: tables.DTYPES[kind] for name, kind in table.columns.items()
    }
    assert set(table.key) <= set(table.columns)


def test_a_missing_column_is_named_and_a_surplus_one_left_out() -> None:
    invoices = documents({"document_key": 1, "original_amount": 5})
    assert "more" not in tables.DOCUMENTS.conform(invoices.assign(more=1))
    with pytest.raises(TableShapeError) as raised:
        tables.DOCUMENTS.conform(invoices.drop(columns=["tax", "item"]))
    assert raised.value.values == {"table": "documents", "columns": "item, tax"}


def test_leading_zeros_and_words_that_look_like_nothing_stay_text() -> None:
    invoices = documents({"document_key": 1, "original_amount": 5, "customer_id": "000123", "order_id": "NA"})
    assert list(invoices[["customer_id", "order_id"]].iloc[0]) == ["000123", "NA"]
    absent = tables.DOCUMENTS.conform(invoices.assign(order_id=None))
    assert list(absent["order_id"]) == [""]


def test_an_instant_of_another_zone_becomes_utc() -> None:
    invoices = documents({"document_key": 1, "original_amount": 5})
    bogota = invoices["recorded_at"].dt.tz_convert("America/Bogota")
    pd.testing.assert_frame_equal(tables.DOCUMENTS.conform(invoices.assign(recorded_at=bogota)), invoices)


def test_at_the_door_money_is_decimal_text_days_are_iso_and_nothing_is_an_empty_cell() -> None:
    invoices = documents(
        {"document_key": 1, "original_amount": -5, "customer_id": "007"},
        {"document_key": 2, "original_amount": 1_234_567, "currency": "JPY", "due_date": None},
    )
    shown = tables.to_door(invoices, tables.DOCUMENTS)
    assert list(shown["original_amount"]) == ["-0.05", "1234567"]
    assert list(shown["due_date"]) == ["2026-02-09", ""]
    assert list(shown["customer_id"]) == ["007", "0001"]
    assert all(dtype == "str" for dtype in shown.dtypes)


def test_the_largest_amounts_leave_by_the_door_to_the_cent() -> None:
    amounts = pd.Series([2**63 - 1, -(2**63) + 1, 0])
    text = tables.decimal_text(amounts.to_numpy(), pd.Series(["COP", "COP", ""]))
    assert list(text) == ["92233720368547758.07", "-92233720368547758.07", ""]
