"""Workbooks that a reader takes for something else, or that end it: refused before it sees them."""

from __future__ import annotations

import io
import zipfile

import pytest
from badfiles_world import World
from bombs import inline_row, sheet, workbook

_SHEET = "xl/worksheets/sheet1.xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
GOOD = (
    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>45933</v></c>'
    '<c r="C2" t="inlineStr"><is><t>000123</t></is></c><c r="D2" t="inlineStr"><is><t>COP</t></is></c>'
    '<c r="E2"><v>5</v></c><c r="F2" t="inlineStr"><is><t>x = "y" &gt; z</t></is></c></row>'
)
TEXTS = f'<?xml version="1.0"?><sst {_NS} count="1" uniqueCount="1"><si><t>BK-1</t></si></sst>'
STYLES = (
    f'<?xml version="1.0"?><styleSheet {_NS}><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("oddities"))


def made(rows: str = GOOD, texts: str = TEXTS, before: str = "", **parts: str | bytes) -> bytes:
    """A workbook of one good payment, and what a test puts in its place."""
    named = {name.replace("__", "/").replace("_DOT_", "."): text for name, text in parts.items()}
    content = {_SHEET: sheet(before + rows), "xl/sharedStrings.xml": texts, "xl/styles.xml": STYLES}
    return workbook({**content, **named})


def test_the_workbook_as_it_should_be_is_taken(world: World) -> None:
    judged = world.judge_text(made(), "pay_xlsx", ".xlsx")
    assert (judged.verdict, judged.sums_text, judged.findings) == ("accept", "COP 5.00", [])


@pytest.mark.parametrize(
    "place",
    [
        'r="ZZZZ99999999999"',
        'r="E4294967298"',
        "r='E4294967298'",
        'r = "E4294967298"',
        '\nr="E4294967298"',
        'r="XFE2"',
        'r="E1048577"',
        'r="E0"',
        'r="E"',
        'r=""',
        'r="$E$2"',
    ],
)
def test_a_cell_beyond_the_bounds_of_a_sheet_refuses_the_workbook(place: str, world: World) -> None:
    """A reader counts on from the beginning, or asks for more memory than there is and dies."""
    judged = world.judge_text(made(GOOD.replace('r="E2"', place)), "pay_xlsx", ".xlsx")
    assert judged.codes == ["ZIP_DAMAGED"]
    assert judged.ledger_after == judged.ledger_before


@pytest.mark.parametrize("row", ["99999999999999", "0", "x", "", "1048577"])
def test_a_row_beyond_the_bounds_of_a_sheet_refuses_the_workbook(row: str, world: World) -> None:
    judged = world.judge_text(made(f'{GOOD}<row r="{row}"><c><v>7</v></c></row>'), "pay_xlsx", ".xlsx")
    assert judged.codes == ["ZIP_DAMAGED"]


def test_cells_without_their_places_count_on(world: World) -> None:
    judged = world.judge_text(made(GOOD.replace(' r="E2"', "").replace(' r="F2"', "")), "pay_xlsx", ".xlsx")
    assert judged.sums_text == "COP 5.00"


@pytest.mark.parametrize(
    "more",
    [
        '<c r="E2"><v>99</v></c>',
        '</row><row r="2"><c r="E2"><v>99</v></c>',
        '</row><row r="2"><c><v>9</v></c>',
    ],
)
def test_a_cell_that_stands_twice_refuses_the_workbook(more: str, world: World) -> None:
    """One program shows the first amount, another the last."""
    judged = world.judge_text(made(GOOD.replace("</row>", f"{more}</row>")), "pay_xlsx", ".xlsx")
    assert judged.codes == ["ZIP_DAMAGED"]


def test_rows_out_of_their_order_are_rows_all_the_same(world: World) -> None:
    third = GOOD.replace('2"', '3"').replace('<c r="A3" t="s"><v>0</v></c>', "").replace("<row", "<row", 1)
    third = third.replace('<c r="B3"', '<c r="A3" t="inlineStr"><is><t>BK-2</t></is></c><c r="B3"')
    judged = world.judge_text(made(third + GOOD), "pay_xlsx", ".xlsx")
    assert (judged.verdict, judged.sums_text) == ("accept", "COP 10.00")


@pytest.mark.parametrize("number", ["-1", "x", " 0 ", "0.0", "+0", "99999999999999999999", "1"])
def test_a_shared_text_must_be_there_by_its_number(number: str, world: World) -> None:
    """A reader takes the first text of all for a number that it cannot read: another customer's, maybe."""
    judged = world.judge_text(made(GOOD.replace("<v>0</v>", f"<v>{number}</v>")), "pay_xlsx", ".xlsx")
    assert judged.codes == ["ZIP_DAMAGED"]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_more_texts_announced_than_there_is_room_for_are_a_bomb(quote: str, world: World) -> None:
    texts = TEXTS.replace('uniqueCount="1"', f"uniqueCount={quote}100000000000{quote}")
    assert world.judge_text(made(texts=texts), "pay_xlsx", ".xlsx").codes == ["ZIP_BOMB"]


@pytest.mark.parametrize("part", [_SHEET, "xl/sharedStrings.xml", "docProps/app.xml"])
def test_depth_is_counted_to_the_end_of_a_part(part: str, world: World) -> None:
    """Behind more than a megabyte of other tags, some of which a masking sign could hide in."""
    long = "<x>/&gt;/></x>" * 90_000 + "<y>" * 70 + "</y>" * 70
    parts = {
        _SHEET: made_sheet(long),
        "xl/sharedStrings.xml": TEXTS.replace("</sst>", f"{long}</sst>"),
        "docProps/app.xml": f"<a>{long}</a>",
    }
    content = workbook(
        {_SHEET: sheet(GOOD), "xl/sharedStrings.xml": TEXTS, "xl/styles.xml": STYLES, part: parts[part]},
        padding=100_000,
    )
    assert world.judge_text(content, "pay_xlsx", ".xlsx").codes == ["XML_DEPTH"]


def made_sheet(more: str) -> str:
    return sheet(GOOD).replace("</worksheet>", f"{more}</worksheet>")


def test_a_day_that_crashes_the_reader_refuses_the_workbook_only(world: World) -> None:
    judged = world.judge_text(made(GOOD.replace("45933", "-1e308")), "pay_xlsx", ".xlsx")
    assert judged.codes == ["ZIP_DAMAGED"]


def test_what_is_no_number_is_no_day(world: World) -> None:
    judged = world.judge_text(made(GOOD.replace("45933", "NaN")), "pay_xlsx", ".xlsx")
    assert judged.codes == ["DATE_FORMAT"]


def test_a_drawing_that_is_no_sound_xml_is_nobodys_to_read(world: World) -> None:
    """Comments have drawings with open tags, pictures a document type; a sheet under such a name is read."""
    parts = {
        "xl/drawings/vmlDrawing1.vml": "<xml><br></xml>",
        "xl/media/image1.svg": "<!DOCTYPE svg SYSTEM 'svg.dtd'><svg/>",
    }
    base = {_SHEET: sheet(GOOD), "xl/sharedStrings.xml": TEXTS, "xl/styles.xml": STYLES}
    assert world.judge_text(workbook({**base, **parts}), "pay_xlsx", ".xlsx").sums_text == "COP 5.00"
    lists = zipfile.ZipFile(io.BytesIO(workbook(base))).read("xl/_rels/workbook.xml.rels").decode()
    hidden = {
        "xl/_rels/workbook.xml.rels": lists.replace("worksheets/sheet1.xml", "media/image1.svg"),
        "xl/media/image1.svg": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + sheet(GOOD).partition("?>")[2],
    }
    assert world.judge_text(workbook({**base, **hidden}), "pay_xlsx", ".xlsx").codes == ["XML_DTD"]


def test_a_long_sheet_is_told_apart_at_every_megabyte(world: World) -> None:
    """Pieces of a sheet end between two cells, so a sheet as programs write it never needs the close look."""
    from workbench.sources.limits import Limits
    from workbench.sources.workbook_cells import is_doubtful
    from workbench.sources.workbook_scan import scan_part
    from workbench.sources.zip_parts import list_parts

    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{column}{row}" t="s"><v>{row}</v></c>' for column in "ABCDEFG")
        + f'<c r="H{row}"><v>{row}.5</v></c></row>'
        for row in range(2, 15_000)
    )
    content = workbook({_SHEET: sheet(cells).replace(inline_row(1, ()), "")}, padding=200_000)
    part = next(one for one in list_parts(content, file="x", limits=Limits()) if one.name == _SHEET)
    signs = scan_part(content, part, file="x")
    assert (signs.last_row, signs.last_column, signs.last_shared) == (14_999, 8, 14_999)
    assert signs.cells == 14_998 * 8 + 6
    assert signs.shared_cells == 14_998 * 7
    assert not is_doubtful(signs, 10)
