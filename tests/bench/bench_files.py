"""Reading and writing files against the fastest readers and writers alone (PERFORMANCE, 6 and 3d).

    python tests/bench/bench_files.py [--rows N] [--csv-rows N] [--repeats R] [--without-slow]

Read: ``sources.read_file`` (bombs looked for, cells judged, grammar of ids, days and amounts, sign, findings)
against readers that only bring the cells: fastexcel (where it is installed) and python-calamine, pandas over
openpyxl, pandas' CSV reader to text. So a ratio says what the checks cost. Write: a formatted workbook by
``views`` (summary, headings, live totals, widths) against XlsxWriter alone with the same cells and formats.
Options take turns; ratios are of medians, wall and CPU.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from workbench.sources.mappings import load_mapping
from workbench.sources.reading import read_file
from workbench.views.workbooks import Sheet, Workbook, write_workbook

PARAMETERS = Path(__file__).parent.parent.parent / "parameters"


def made(rows: int) -> pd.DataFrame:
    """Open items as an analyst's file has them: text, days as ISO text, pesos."""
    rng = np.random.default_rng(20261031)
    days = np.datetime64("2026-01-01") + rng.integers(0, 300, rows)
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in rng.integers(0, 50_000, rows)],
            "document_id": [f"18{number:08d}" for number in range(rows)],
            "document_date": days.astype(str),
            "due_date": (days + 30).astype(str),
            "currency": "COP",
            "original_amount": rng.integers(1, 10**9, rows) / 100,
            "centre_id": "BOG",
            "text": [f"Factura de venta {number}" for number in range(rows)],
        }
    )


def write_alone(path: Path, frame: pd.DataFrame) -> None:
    """The same cells by XlsxWriter in constant memory: money and day formats, bold headings, widths."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        formats = {"original_amount": money, "document_date": day, "due_date": day}
        shown = [formats.get(name) for name in frame]
        for place, name in enumerate(frame):
            sheet.set_column(place, place, 16)
            sheet.write_string(0, place, name, bold)
        kinds = [
            sheet.write_number if name in formats else sheet.write_string for name in frame
        ]  # days as Excel's numbers
        columns = [
            (
                (values - np.datetime64("1899-12-30")).astype(int) if name.endswith("_date") else values
            ).tolist()
            for name, values in (
                (
                    name,
                    frame[name].to_numpy().astype("datetime64[D]") if name.endswith("_date") else frame[name],
                )
                for name in frame
            )
        ]
        for row, cells in enumerate(zip(*columns, strict=True), start=1):
            for place, (write, cell, look) in enumerate(zip(kinds, cells, shown, strict=True)):
                write(row, place, cell, look)


def write_ours(path: Path, frame: pd.DataFrame) -> None:
    shown = frame.assign(
        original_amount=(frame["original_amount"] * 100).round().astype("int64"),
        document_date=frame["document_date"].astype("datetime64[s]"),
        due_date=frame["due_date"].astype("datetime64[s]"),
    )
    sheet = Sheet("Partidas", shown, columns=list(frame))
    write_workbook(path, Workbook("Partidas", "CO01", "2026-10", dt.date(2026, 10, 31), sheets=[sheet]))


def by_fastexcel(path: Path) -> Any:
    import fastexcel

    return fastexcel.read_excel(path).load_sheet(0).to_arrow()


def by_calamine(path: Path) -> Any:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(title: str, works: dict[str, Callable[[], Any]], reference: str, repeats: int, goal: str) -> None:
    """Each in turn; medians, and ratios to the reference of the same run."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(timed(work))
    wall, cpu = (
        {name: statistics.median(one[place] for one in told) for name, told in times.items()}
        for place in (0, 1)
    )
    print(f"{title} (goal {goal})")
    for name in works:
        print(
            f"  {name:32s} wall {wall[name]:7.3f} s = {wall[name] / wall[reference]:6.2f}   "
            f"cpu {cpu[name]:7.3f} s = {cpu[name] / cpu[reference]:6.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--csv-rows", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--without-slow", action="store_true")
    told = parser.parse_args()
    mapping = load_mapping(PARAMETERS, "open_items")
    folder = Path(tempfile.mkdtemp())
    frame, book, text = made(told.rows), folder / "items.xlsx", folder / "items.csv"
    frame.to_excel(book, index=False, engine="xlsxwriter")
    made(told.csv_rows).to_csv(text, index=False)
    assert len(read_file(book, mapping).frame) == told.rows
    excel: dict[str, Callable[[], Any]] = {"ours, checked": lambda: read_file(book, mapping)}
    excel["python-calamine, cells only"] = lambda: by_calamine(book)
    if importlib.util.find_spec("fastexcel"):
        excel["fastexcel, cells only"] = lambda: by_fastexcel(book)
    if not told.without_slow:
        excel["pandas over openpyxl"] = lambda: pd.read_excel(book, engine="openpyxl")
    cells = "fastexcel, cells only" if "fastexcel, cells only" in excel else "python-calamine, cells only"
    compare(f"read {told.rows:,} rows x 8, xlsx", excel, cells, told.repeats, "<= 1.3 of fastexcel")
    compare(
        f"read {told.csv_rows:,} rows x 8, csv",
        {
            "ours, checked": lambda: read_file(text, mapping),
            "pandas to text": lambda: pd.read_csv(text, dtype="str", keep_default_na=False),
        },
        "pandas to text",
        told.repeats,
        "none stated",
    )
    compare(
        f"write {told.rows:,} rows x 8, formatted xlsx",
        {
            "ours": lambda: write_ours(folder / "ours.xlsx", frame),
            "XlsxWriter, constant memory": lambda: write_alone(folder / "alone.xlsx", frame),
        },
        "XlsxWriter, constant memory",
        told.repeats,
        "<= 1.2",
    )


if __name__ == "__main__":
    main()
