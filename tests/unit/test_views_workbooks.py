"""A workbook a person would send on: no formula from data, ids are text, totals are live and right."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from workbench import tables
from workbench.views import pages, workbooks

AS_OF = dt.date(2026, 10, 31)
FORMULA_LIKE = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", '=HYPERLINK("http://x")', "\t=1", "http://example.org"]


def items(rows: int = 7, currencies: tuple[str, ...] = ("COP", "USD")) -> pd.DataFrame:
    due = pd.Timestamp("2026-09-01")
    return tables.AGING_BY_ITEM.conform(
        pd.DataFrame(
            {
                "company_id": "CO01",
                "customer_id": [FORMULA_LIKE[row % len(FORMULA_LIKE)] for row in range(rows)],
                "document_id": [f"000000{row:04d}" for row in range(rows)],
                "document_type": "RV",
                "currency": [currencies[row % len(currencies)] for row in range(rows)],
                "document_date": due - pd.Timedelta(days=30),
                "due_date": [due if row % 3 else pd.NaT for row in range(rows)],
                "open_amount": [(-1) ** row * (row + 1) * 123_456_789 for row in range(rows)],
                "pending_applications": 0,
                "days_overdue": 60,
                "bucket": "d31_60",
            }
        )
    )


def a_finding() -> pd.DataFrame:
    return tables.FINDINGS.conform(
        pd.DataFrame(
            {
                "level": ["error"],
                "source": ["=cmd|' /C calc'!A0"],
                "row": [3],
                "table": [""],
                "key": ["=1+1"],
                "rule": ["period-wrong"],
                "values": [json.dumps({"name": "period", "value": "=1+1"})],
                "amount": [0],
                "currency": [""],
            }
        )
    )


def a_workbook(frame: pd.DataFrame, **more: Any) -> workbooks.Workbook:
    sheet = workbooks.Sheet("Por documento", frame, table=tables.AGING_BY_ITEM)
    told: dict[str, Any] = {
        "title": "=Cartera",
        "company": "Café & Cía",
        "period": "2026-10",
        "as_of": AS_OF,
        "sheets": [sheet],
        "findings": a_finding(),
        "lang": "es",
        **more,
    }
    return workbooks.Workbook(**told)


def written(tmp_path: Path, workbook: workbooks.Workbook, *, values: bool = False) -> Any:
    path = tmp_path / "out.xlsx"
    workbooks.write_workbook(path, workbook)
    return openpyxl.load_workbook(path, data_only=values)


def formulas(sheet: Any) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def header_row(sheet: Any, heading: str = "Documento") -> int:
    return next(row[0].row for row in sheet.iter_rows() if any(cell.value == heading for cell in row))


def test_the_sheets_are_summary_tables_notes_and_findings(tmp_path: Path) -> None:
    book = written(tmp_path, a_workbook(items()))
    assert book.sheetnames == ["Resumen", "Por documento", "Notas", "Hallazgos"]
    english = written(tmp_path, a_workbook(items(), lang="en"))
    assert english.sheetnames == ["Summary", "Por documento", "Notes", "Findings"]


def test_nothing_that_came_from_data_is_a_formula(tmp_path: Path) -> None:
    book = written(tmp_path, a_workbook(items()))
    for sheet in book:
        assert all("SUBTOTAL(109," in formula for formula in formulas(sheet)), sheet.title
    sheet = book["Por documento"]
    first = header_row(sheet) + 1
    column = next(cell.column for cell in sheet[first - 1] if cell.value == "Cliente")
    assert [sheet.cell(first + row, column).value for row in range(7)] == FORMULA_LIKE
    assert {sheet.cell(first + row, column).data_type for row in range(7)} == {"s"}
    assert book["Resumen"]["A1"].value == "=Cartera"
    assert book["Resumen"]["A1"].data_type == "s"


def test_ids_keep_their_leading_zeros_as_text(tmp_path: Path) -> None:
    sheet = written(tmp_path, a_workbook(items()))["Por documento"]
    first = header_row(sheet) + 1
    column = next(cell.column for cell in sheet[first - 1] if cell.value == "Documento")
    cell = sheet.cell(first, column)
    assert (cell.value, cell.data_type, cell.number_format) == ("0000000000", "s", "@")


def test_totals_are_live_by_currency_and_their_cached_values_are_exact(tmp_path: Path) -> None:
    frame = items()
    live = written(tmp_path, a_workbook(frame))["Por documento"]
    cached = written(tmp_path, a_workbook(frame), values=True)["Por documento"]
    row = header_row(live)
    column = next(cell.column for cell in live[row] if cell.value == "Saldo")
    for above, currency in ((2, "COP"), (1, "USD")):
        assert live.cell(row - above, 1).value == f"Total {currency} (lo visible)"
        assert f'="{currency}"' in live.cell(row - above, column).value
        expected = frame.loc[frame["currency"] == currency, "open_amount"].sum() / 100
        assert cached.cell(row - above, column).value == pytest.approx(expected, abs=1e-9)


def test_one_currency_is_a_plain_subtotal_and_stands_in_the_heading(tmp_path: Path) -> None:
    sheet = written(tmp_path, a_workbook(items(currencies=("COP",))))["Por documento"]
    row = header_row(sheet)
    column = next(cell.column for cell in sheet[row] if cell.value == "Saldo (COP)")
    assert sheet.cell(row - 1, column).value.startswith("=SUBTOTAL(109,")


def test_each_cell_has_the_decimals_of_its_currency(tmp_path: Path) -> None:
    frame = items(4, ("COP", "JPY", "KWD", "USD"))
    sheet = written(tmp_path, a_workbook(frame))["Por documento"]
    row = header_row(sheet)
    column = next(cell.column for cell in sheet[row] if cell.value == "Saldo")
    patterns = [sheet.cell(row + place, column).number_format for place in (1, 2, 3, 4)]
    decimals = [pattern.split(";")[0].partition(".")[2] for pattern in patterns]
    assert decimals == ["00", "", "000", "00"]
    assert sheet.cell(row + 2, column).value == int(frame["open_amount"][1])


def test_an_amount_beyond_fifteen_digits_is_exact_text_and_said(tmp_path: Path) -> None:
    frame = items(2, ("COP",))
    frame.loc[0, "open_amount"] = 9_007_199_254_740_993_01 // 100
    sheet_book = written(tmp_path, a_workbook(frame))
    sheet = sheet_book["Por documento"]
    row = header_row(sheet)
    column = next(cell.column for cell in sheet[row] if cell.value == "Saldo (COP)")
    assert sheet.cell(row + 1, column).value == "90071992547409.93"
    assert sheet.cell(row - 1, column).data_type == "s"
    notes = [str(cell.value) for line in sheet_book["Notas"].iter_rows() for cell in line]
    assert any("15 dígitos" in note for note in notes)


def test_the_header_is_frozen_filtered_and_repeated_in_print(tmp_path: Path) -> None:
    sheet = written(tmp_path, a_workbook(items()))["Por documento"]
    row = header_row(sheet)
    assert sheet.freeze_panes == f"A{row + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{row}:")
    assert sheet.print_title_rows == f"${row}:${row}"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in (None, 1), "one page wide is the format's default"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert "&P" in sheet.oddFooter.right.text or "Page" in str(sheet.oddFooter.right.text)


def test_an_absent_date_is_an_empty_cell_and_an_empty_table_says_so(tmp_path: Path) -> None:
    sheet = written(tmp_path, a_workbook(items()))["Por documento"]
    row = header_row(sheet)
    column = next(cell.column for cell in sheet[row] if cell.value == "Vence")
    assert sheet.cell(row + 1, column).value is None
    assert sheet.cell(row + 2, column).value.date() == dt.date(2026, 9, 1)
    empty = written(tmp_path, a_workbook(tables.AGING_BY_ITEM.empty()))["Por documento"]
    assert "Sin filas" in str(empty.cell(header_row(empty) + 1, 1).value)


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    workbooks.write_workbook(first, a_workbook(items()))
    time.sleep(1.1)
    workbooks.write_workbook(second, a_workbook(items()))
    assert first.read_bytes() == second.read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_two_runs_of_the_same_content_have_the_same_content_hash(tmp_path: Path) -> None:
    hashes = set()
    for run_id, amount in (("20261031T1", 0), ("20261101T22", 0), ("20261031T1", 1)):
        frame = items()
        frame.loc[0, "open_amount"] += amount
        path = tmp_path / "x.xlsx"
        workbooks.write_workbook(path, a_workbook(frame, run_id=run_id))
        hashes.add((workbooks.content_sha256(path, ignoring=[run_id]), amount))
    assert len(hashes) == 2


def test_text_that_a_cell_cannot_hold_is_mended_not_lost(tmp_path: Path) -> None:
    frame = items(2, ("COP",))
    frame.loc[0, "customer_id"] = "a\x00b\x0bc"
    frame.loc[1, "customer_id"] = "x" * 40_000
    sheet = written(tmp_path, a_workbook(frame))["Por documento"]
    row = header_row(sheet)
    column = next(cell.column for cell in sheet[row] if cell.value == "Cliente")
    assert sheet.cell(row + 1, column).value == "a\ufffdb\ufffdc"
    assert sheet.cell(row + 2, column).value == "x" * 32_766 + "…"


def test_tabs_are_legal_and_no_two_alike(tmp_path: Path) -> None:
    frame = items(1)
    names = ["a/b:c", "A B C", "x" * 40, "x" * 40, "'", "Notas"]
    sheets = [workbooks.Sheet(name, frame) for name in names]
    tabs = written(tmp_path, a_workbook(frame, sheets=sheets)).sheetnames
    assert len({tab.casefold() for tab in tabs}) == len(names) + 3
    assert all(0 < len(tab) <= 31 and not set(tab) & set("[]:*?/\\") for tab in tabs)


def test_ten_thousand_rows_take_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    workbooks.write_workbook(tmp_path / "big.xlsx", a_workbook(items(10_000)))
    assert time.process_time() - started < 8


@pytest.mark.slow
def test_a_recalculation_agrees_with_the_values_written(tmp_path: Path) -> None:
    """LibreOffice computes every formula anew; a reader that does not sees the same totals."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not here")
    frame = items(500, ("COP", "JPY", "KWD", "USD"))
    path = tmp_path / "live.xlsx"
    workbooks.write_workbook(path, a_workbook(frame))
    cached = openpyxl.load_workbook(path, data_only=True)["Por documento"]
    live = openpyxl.load_workbook(path)
    for row in live["Por documento"].iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.value = str(cell.value)  # openpyxl drops the value written: it must be computed
    (tmp_path / "bare").mkdir()
    live.save(tmp_path / "bare" / "live.xlsx")
    home = f"-env:UserInstallation=file://{tmp_path}/office"
    subprocess.run(
        [office, home, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "new",
         tmp_path / "bare" / "live.xlsx"],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    computed = openpyxl.load_workbook(tmp_path / "new" / "live.xlsx", data_only=True)["Por documento"]
    checked = 0
    for row in live["Por documento"].iter_rows():
        for cell in row:
            if cell.data_type == "f":
                at = (cell.row, cell.column)
                assert computed.cell(*at).value == pytest.approx(cached.cell(*at).value, abs=1e-4)
                checked += 1
    assert checked == 8


def test_a_sentence_that_the_row_above_says_too_is_read_whole_in_each_row(tmp_path):
    said = "El pago es exactamente la suma de tres documentos de fechas seguidas. " * 4
    frame = pd.DataFrame({"receipt_id": ["R1", "R1", "R2"], "evidence": [said, said, "Corto."]})
    shown = written(tmp_path, a_workbook(items(), sheets=[workbooks.Sheet("Aplicado", frame)]))["Aplicado"]
    header = header_row(shown, "Recaudo")
    heights = [shown.row_dimensions[header + place].height for place in (1, 2, 3)]
    assert heights[0] == heights[1] >= 60
    assert (heights[2] or 15) == 15
    assert [shown.cell(header + place, 2).alignment.wrap_text for place in (1, 2)] == [True, True]


def test_a_column_that_says_the_same_money_in_several_rows_has_no_total_and_the_notes_say_so(tmp_path):
    frame = pd.DataFrame(
        {"receipt_id": ["R1", "R1"], "currency": "COP", "unapplied_amount": 5_00, "applied_amount": 2_00}
    )
    sheet = workbooks.Sheet("Sin identificar", frame, not_summed=frozenset(["unapplied_amount"]))
    book = written(tmp_path, a_workbook(items(), sheets=[sheet]))
    assert len(formulas(book["Sin identificar"])) == 1
    notes = {row[0].value: row[1].value for row in book["Notas"].iter_rows()}
    assert notes["Sin identificar: Sin aplicar"].startswith("sin total: el mismo dinero")
    alone = workbooks.Sheet("Otra", frame, not_summed=frozenset(["unapplied_amount", "applied_amount"]))
    assert formulas(written(tmp_path, a_workbook(items(), sheets=[alone]))["Otra"]) == []


def test_rates_are_numbers_in_a_sheet_and_have_the_readers_comma_on_a_page(tmp_path):
    frame = pd.DataFrame(
        {"document_id": ["1", "2"], "document_rate": ["3736.24", ""], "bank_rate": "3564.830001"}
    )
    shown = written(tmp_path, a_workbook(items(), sheets=[workbooks.Sheet("Tasas", frame)]))["Tasas"]
    header = header_row(shown)
    assert [shown.cell(header + 1, place).value for place in (2, 3)] == [3736.24, 3564.830001]
    assert shown.cell(header + 2, 2).value is None
    html = pages.table_html(frame, lang="es")
    assert ">3.736,24<" in html
    assert ">3.564,830001<" in html


def test_a_sheet_too_wide_to_be_read_on_one_page_goes_over_several_that_say_whose_row_it_is(tmp_path):
    wide = items().assign(**{f"note_{number}": "x" * 40 for number in range(8)})
    table = tables.Table("wide", tables.AGING_BY_ITEM.key, {
        **tables.AGING_BY_ITEM.columns, **{f"note_{number}": "text" for number in range(8)}
    })  # fmt: skip
    whole = written(tmp_path, a_workbook(wide, sheets=[workbooks.Sheet("Ancha", wide, table=table)]))["Ancha"]
    groups = whole.column_dimensions.values()
    letters = sum(one.width * (one.max - one.min + 1) for one in groups)
    assert letters > 240, "else one page would do"
    assert whole.page_setup.fitToWidth == 3
    assert whole.page_setup.fitToHeight == 0
    ids = [cell.value for cell in whole[header_row(whole)]]
    last = "ABCDE"[ids.index("Documento")]
    assert whole.print_title_cols == f"$A:${last}"
