"""The import contract beyond the corpus: other files of the same kinds, made here."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from badfiles_world import AS_OF, GOOD_PAYMENTS, ITEMS, PAYMENTS, PROFILES, World, code, payments
from bombs import sheet, workbook
from camt_files import Made, Movement, camt

from workbench.judging import check_file


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("strict"))


def row(**other: str) -> str:
    usual = {
        "id": "BK-0099",
        "day": "2025-10-07",
        "who": "000123",
        "in": "COP",
        "amount": "5.00",
        "text": "x",
    }
    return ",".join({**usual, **other}.values())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (row(amount="1000000000000.00"), "AMOUNT_TOO_LARGE"),
        (row(amount="9" * 5000), "FIELD_TOO_LONG"),
        (row(amount="9" * 900), "AMOUNT_TOO_LARGE"),
        (row(amount=" 5.00"), "AMOUNT_FORMAT"),
        (row(amount=""), "AMOUNT_FORMAT"),
        (row(amount=".5"), "AMOUNT_FORMAT"),
        (row(amount="−5.00"), "AMOUNT_FORMAT"),
        (row(amount="-0.00"), "ZERO_AMOUNT"),
        (row(text="x" * 1001), "FIELD_TOO_LONG"),
        (row(id="1.23457E+17"), "ID_DAMAGED"),
        (row(who="1.23457E+17"), "ID_DAMAGED"),
        (row(id="a..b"), "ID_FORMAT"),
        (row(id="BK\u202e1"), "ID_FORMAT"),
        (row(who=""), "ID_MISSING"),
        (row(**{"in": "cop"}), "CURRENCY"),
        (row(**{"in": "GBP"}), "CURRENCY"),
        (row(day="0000-01-01"), "DATE_INVALID"),
        (row(day="2025-10-07 00:00:00"), "DATE_FORMAT"),
        (row() + ",", "ROW_WIDTH"),
        ("BK-9,2025-10-07", "ROW_WIDTH"),
        ("\ufeff" + PAYMENTS.strip(), "REPEATED_HEADER"),
    ],
)
def test_a_row_breaks_a_rule_and_the_others_are_stored(line: str, expected: str, world: World) -> None:
    judged = world.judge_text(payments(line), "pay_us")
    assert (judged.verdict, judged.codes, judged.rows) == ("reject_rows", [expected], [4])
    assert judged.sums_text == "COP 1500000.00;USD 2300.50"


@pytest.mark.parametrize("amount", ["999999999999.99", "5", "0.01"])
def test_an_amount_within_the_contract_is_taken(amount: str, world: World) -> None:
    assert world.judge_text(payments(row(amount=amount)), "pay_us").stored == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (GOOD_PAYMENTS.replace("amount", "value"), "COLUMNS_MISSING"),
        (GOOD_PAYMENTS.replace(",", "\t"), "COLUMNS_MISSING"),
        (GOOD_PAYMENTS.encode("utf-16"), "COLUMNS_MISSING"),
        (GOOD_PAYMENTS.replace(",", "\t").encode("utf-16")[:-1], "ENCODING"),
        (GOOD_PAYMENTS.encode("utf-16-le"), "BINARY_CONTENT"),
        (GOOD_PAYMENTS.encode("utf-32"), "BINARY_CONTENT"),
        (GOOD_PAYMENTS.replace("description\n", "description,n,N \n"), "DUPLICATE_HEADER"),
        (GOOD_PAYMENTS + '"BK"x,1,2,3,4,5\n', "CSV_SYNTAX"),
        ("<html><table>", "TYPE_MISMATCH"),
        ("\n\n", "EMPTY_FILE"),
    ],
)
def test_a_file_is_refused_whole(content: str | bytes, expected: str, world: World) -> None:
    judged = world.judge_text(content, "pay_us")
    assert (judged.verdict, judged.codes) == ("reject_file", [expected])
    assert judged.ledger_after == judged.ledger_before


def test_a_changed_text_of_a_known_payment_is_a_conflict_too(world: World) -> None:
    good = world.write("good.csv", GOOD_PAYMENTS)
    changed = world.write("changed.csv", GOOD_PAYMENTS.replace("Wire INV 77", "Wire INV 78"))
    judged = world.judge(changed, "pay_us", after=good)
    assert (judged.verdict, judged.codes) == ("reject_file", ["KEY_CONFLICT"])
    assert judged.ledger_after == judged.ledger_before


@pytest.mark.parametrize(
    ("trailer", "expected"),
    [
        ("#CONTROL,2,COP=1500000.01;USD=2300.50\n", "CONTROL_TOTAL"),
        ("#CONTROL,2,COP=1500000.00\n", "CONTROL_TOTAL"),
        ("#CONTROL,3,COP=1500000.00;USD=2300.50\n", "CONTROL_COUNT"),
        ("#CONTROL,2\n", "TRUNCATED"),
        ("", "TRUNCATED"),
    ],
)
def test_a_control_line_holds_the_file_together(trailer: str, expected: str, world: World) -> None:
    assert world.judge_text(GOOD_PAYMENTS + trailer, "pay_us_trailer").codes == [expected]


@pytest.mark.parametrize(
    ("profile", "amount", "stored"),
    [("pay_sap", "100-", 1), ("pay_sap", "-100", 1), ("pay_sap", "-100-", 0), ("pay_sap", "100 -", 0)],
)
def test_a_minus_stands_where_the_profile_says(profile: str, amount: str, stored: int, world: World) -> None:
    assert world.judge_text(PAYMENTS + row(amount=amount) + "\n", profile).stored == stored


@pytest.mark.parametrize(
    ("amount", "stored"), [("1.500.000,25", 1), ("1500000,25", 1), ("1.50,00", 0), ("12.34", 0), ("1,5.0", 0)]
)
def test_points_and_commas_stand_where_they_belong(amount: str, stored: int, world: World) -> None:
    text = PAYMENTS.replace(",", ";") + f"BK-1;03/10/2025;000123;COP;{amount};x\n"
    assert world.judge_text(text, "pay_co").stored == stored


def test_documents_are_numbered_by_customer(world: World) -> None:
    one = "000123,FV-1,INV,2025-08-01,2025-09-30,COP,5.00,5.00\n"
    assert world.judge_text(ITEMS + one + one.replace("000123", "000124"), "oi_us").stored == 2
    assert world.judge_text(ITEMS + one + one.replace("5.00\n", "4.00\n"), "oi_us").codes == ["KEY_CONFLICT"]


GOOD = ["BK-1", dt.date(2025, 10, 3), "000123", "COP", 5.0, "x"]


def xlsx(*rows: list[Any], change: Callable[[Any, Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (PAYMENTS.strip().split(","), *rows):
        sheet.append(cells)
    if change:
        change(book, sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def other(place: int, value: object) -> list[object]:
    return [value if at == place else cell for at, cell in enumerate(["BK-2", *GOOD[1:]])]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (other(4, "5.00"), "AMOUNT_FORMAT"),
        (other(4, "#N/A"), "AMOUNT_FORMAT"),
        (other(4, 5000001.005), "AMOUNT_PRECISION"),
        (other(4, 1e308), "AMOUNT_TOO_LARGE"),
        (other(5, "=1+1"), "FORMULA_CELL"),
        (other(0, 17), "ID_NOT_TEXT"),
        (other(0, True), "ID_NOT_TEXT"),
        (other(1, "2025-10-03"), "DATE_FORMAT"),
        (other(1, dt.datetime.combine(AS_OF, dt.time(13))), "DATE_FORMAT"),
    ],
)
def test_a_cell_must_be_what_it_shows(cells: list[object], expected: str, world: World) -> None:
    judged = world.judge_text(xlsx(GOOD, cells), "pay_xlsx", ".xlsx")
    assert (judged.codes, judged.rows, judged.stored) == ([expected], [3], 1)


def with_value(content: bytes) -> bytes:
    """As a spreadsheet saves it: the formula with its value."""
    empty = re.compile(rb"<v ?/>|<v></v>")
    return with_part(content, "xl/worksheets/sheet1.xml", lambda text: empty.sub(b"<v>7</v>", text))


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in dict.fromkeys([*old.namelist(), name]):
            data = old.read(part) if part in old.namelist() else b"<a/>"
            new.writestr(part, change(data) if part == name else data)
    return target.getvalue()


def test_a_formula_is_refused_even_with_its_value_where_the_profile_is_strict(world: World) -> None:
    content = with_value(xlsx(GOOD, other(4, "=3+4")))
    assert world.judge_text(content, "pay_xlsx", ".xlsx").codes == ["FORMULA_CELL"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("xl/vbaProject.bin", "TYPE_MISMATCH"),
        ("xl/externalLinks/externalLink1.xml", "EXTERNAL_LINK"),
        ("../outside.xml", "ZIP_DAMAGED"),
        ("XL/workbook.XML", "ZIP_DAMAGED"),
    ],
)
def test_what_a_workbook_may_not_bring_along(part: str, expected: str, world: World) -> None:
    content = with_part(xlsx(GOOD), part, lambda text: text)
    assert world.judge_text(content, "pay_xlsx", ".xlsx").codes == [expected]


def test_days_count_from_1904_where_the_workbook_says_so(world: World) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    content = xlsx(GOOD, change=lambda book, sheet: setattr(book, "epoch", CALENDAR_MAC_1904))
    assert world.judge_text(content, "pay_xlsx", ".xlsx").stored == 1


def test_texts_that_are_gone_refuse_the_workbook(world: World) -> None:
    """A cell asks for a shared text that is not there: a reader would show it empty."""
    content = workbook({"xl/worksheets/sheet1.xml": sheet('<row r="2"><c r="A2" t="s"><v>0</v></c></row>')})
    assert world.judge_text(content, "pay_xlsx", ".xlsx").codes == ["ZIP_DAMAGED"]


CLOSE = (
    "period: '2025-10'\nas_of: 2025-10-31\nclusters: [NORTE, SUR]\ncurrency: COP\n"
    "tolerance: '0.00'\noutput_name: cierre-2025-10\n"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'2025-10'", "2025-10", "TYPE"),
        ("'2025-10'", "'2025-13'", "RANGE"),
        ("2025-10-31", "2025-11-01", "RANGE"),
        ("2025-10-31", "2025-10-32", "TYPE"),
        ("[NORTE, SUR]", "NORTE", "TYPE"),
        ("SUR", "OESTE", "CLUSTER"),
        ("COP", "XXX", "CURRENCY"),
        ("'0.00'", "'NaN'", "TYPE"),
        ("'0.00'", "010", "TYPE"),
        ("'0.00'", "!!str 0.00", "YAML_TAG"),
        ("cierre-2025-10", "../x", "OUTPUT_NAME"),
        ("currency: COP\n", "", "MISSING_KEY"),
        ("currency", "curency", "UNKNOWN_KEY"),
    ],
)
def test_parameters_of_a_close_are_refused_for_the_first_thing_wrong(
    old: str, new: str, expected: str, world: World
) -> None:
    path = world.write("close.yml", CLOSE.replace(old, new, 1))
    told = check_file(path, "close_params", parameters=PROFILES, today=AS_OF).to_json()
    assert [code(finding["rule"]) for finding in told["findings"]] == [expected]


def test_a_closed_period_cannot_be_closed_again(world: World) -> None:
    path = world.write("close.yml", CLOSE.replace("2025-10", "2025-09").replace("-31", "-30"))
    told = check_file(path, "close_params", parameters=PROFILES, today=AS_OF).to_json()
    assert [code(finding["rule"]) for finding in told["findings"]] == ["PERIOD_CLOSED"]
    assert (
        check_file(world.write("c.yml", CLOSE), "close_params", parameters=PROFILES, today=AS_OF).status
        == "accepted"
    )


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\r\n \n", b"\xfe\xff\x00\n"])
def test_a_mark_of_an_encoding_is_no_content(content: bytes, world: World) -> None:
    assert world.judge_text(content, "pay_us").codes == ["EMPTY_FILE"]


def test_blank_lines_above_the_headings_are_not_counted(world: World) -> None:
    assert world.judge_text("\n \n" + GOOD_PAYMENTS, "pay_us").stored == 2
    content = xlsx(GOOD, change=lambda book, sheet: sheet.insert_rows(1, 3))
    assert world.judge_text(content, "pay_xlsx", ".xlsx").stored == 1
    assert world.judge_text("Pagos\n" + GOOD_PAYMENTS, "pay_us").codes == ["COLUMNS_MISSING"]


def test_a_quote_left_open_above_the_headings_is_what_is_wrong(world: World) -> None:
    assert world.judge_text('"' + GOOD_PAYMENTS, "pay_us").codes == ["CSV_SYNTAX"]
    quoted = GOOD_PAYMENTS.replace("description", '"description"').replace(",", ";")
    assert world.judge_text('"' + quoted[:10] + '"' + quoted[10:], "pay_us").codes == ["COLUMNS_MISSING"]


def test_a_control_total_that_differs_says_which_and_by_what(world: World) -> None:
    judged = world.judge_text(GOOD_PAYMENTS + "#CONTROL,2,COP=1500000.01;USD=2300.50\n", "pay_us_trailer")
    message = str(judged.findings[0]["message"])
    assert all(said in message for said in ("COP", "1500000.01", "1500000.00")), message


def test_a_statement_of_which_no_entry_is_booked_leaves_the_ledger_as_it_was(world: World) -> None:
    """Its balances are not taken either: what is rejected has changed nothing."""
    entries = [Movement(500, "R1", "2025-10-03", status="PDNG")]
    judged = world.judge_text(camt(Made(entries)).replace("2026", "2025"), "camt053", ".xml")
    assert (judged.status, judged.codes, judged.rejected) == ("rejected", ["NOT_BOOKED"], 1)
    assert judged.ledger_after == judged.ledger_before


def test_a_folder_is_named_even_where_it_is_the_one_one_stands_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder)
    told = check_file(Path("."), "pay_us", parameters=PROFILES, today=AS_OF).to_json()
    assert (told["file"], told["findings"][0]["rule"]) == (world.folder.name, "file-is-folder")
    with world.book() as book:
        assert world.bring(book, Path("."), "pay_us").file == world.folder.name
