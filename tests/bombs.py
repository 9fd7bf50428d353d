"""Small files that ask for a great deal: each with its profile and the code it must be refused with."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

_SHEET = "xl/worksheets/sheet1.xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/'
    '2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<?xml version="1.0"?><workbook {_NS} xmlns:r="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships"><sheets><sheet name="payments" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}
HEADINGS = ("payment_id", "value_date", "customer_id", "currency", "amount", "description")


@dataclass(frozen=True)
class Bomb:
    name: str
    profile: str
    code: str
    make: Callable[[], bytes]
    suffix: str = ".xlsx"


def inline_row(number: int, cells: tuple[str, ...]) -> str:
    """A row of texts."""
    said = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in enumerate(cells)
    )
    return f'<row r="{number}">{said}</row>'


def sheet(rows: str, before: str = "") -> str:
    """A sheet with the headings of a payments file and these rows."""
    return (
        f'<?xml version="1.0"?>{before}<worksheet {_NS}><sheetData>{inline_row(1, HEADINGS)}{rows}'
        "</sheetData></worksheet>"
    )


def workbook(parts: dict[str, str | bytes], *, padding: int = 0) -> bytes:
    """A workbook of the usual parts and these; ``padding`` bytes of noise make it look less packed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**_PARTS, **parts}.items():
            archive.writestr(name, text)
        if padding:
            archive.writestr("docProps/noise.bin", random.Random(1).randbytes(padding), zipfile.ZIP_STORED)
    return target.getvalue()


def _honest() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        with archive.open(_SHEET, "w", force_zip64=True) as stream:
            stream.write(sheet("").encode())
            for _ in range(300):
                stream.write(b" " * (1 << 20))
    return target.getvalue()


def _lying(stated: int) -> Callable[[], bytes]:
    """A directory that says the sheet is small; the packed bytes hold 200 MiB of it."""

    def make() -> bytes:
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = packer.compress(sheet("").encode())
        packed += b"".join(packer.compress(b" " * (1 << 20)) for _ in range(200)) + packer.flush()
        content = bytearray(workbook({_SHEET: sheet("")}))
        whole = zipfile.ZipFile(io.BytesIO(bytes(content)))
        rest = [(info.filename, whole.read(info)) for info in whole.infolist() if info.filename != _SHEET]
        local, central = b"", b""
        for name, data in [*rest, (_SHEET, b"")]:
            body = packed if name == _SHEET else data
            method, size = (8, stated) if name == _SHEET else (0, len(data))
            crc = zlib.crc32(sheet("").encode()[:stated]) if name == _SHEET else zlib.crc32(data)
            head = struct.pack("<5H3I2H", 20, 0, method, 0, 33, crc, len(body), size, len(name), 0)
            central += struct.pack("<4s2H", b"PK\x01\x02", 20, 20) + head[2:]
            central += struct.pack("<3H2I", 0, 0, 0, 0, len(local)) + name.encode()
            local += b"PK\x03\x04" + head + name.encode() + body
        end = struct.pack(
            "<4s4H2IH", b"PK\x05\x06", 0, 0, len(rest) + 1, len(rest) + 1, len(central), len(local), 0
        )
        return local + central + end

    return make


def _many(count: int) -> Callable[[], bytes]:
    def make() -> bytes:
        return workbook({_SHEET: sheet(""), **{f"xl/x{number}.xml": "<a/>" for number in range(count)}})

    return make


def _shared_over_and_over() -> bytes:
    text = f'<?xml version="1.0"?><sst {_NS}><si><t>{"long " * 6000}</t></si></sst>'
    cell = '<c t="s"><v>0</v></c>'
    rows = "".join(f'<row r="{number}">{cell * 6}</row>' for number in range(2, 100_000))
    return workbook({_SHEET: sheet(rows), "xl/sharedStrings.xml": text}, padding=300_000)


def _far_apart() -> bytes:
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook({_SHEET: sheet(row)})


def _far_apart_in_a_column_of_its_own() -> bytes:
    """The row says 2, its cell says the last row of all; and quotes of the other kind."""
    row = "<row r='2'><c r = 'ZZ1048576'><v>1</v></c></row>"
    return workbook({_SHEET: sheet(row)})


def _deep() -> bytes:
    deep = "<x>" * 100_000 + "</x>" * 100_000
    return workbook({_SHEET: sheet(deep)}, padding=10_000)


_LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)
)


def _laughs() -> bytes:
    return workbook({_SHEET: sheet(inline_row(2, ("&k;",) * 6), before=_LAUGHS + "]>")})


def _shared_entities() -> bytes:
    outside = '<!DOCTYPE s SYSTEM "http://127.0.0.1:9/s.dtd">'
    return workbook(
        {_SHEET: sheet(""), "xl/sharedStrings.xml": f'<?xml version="1.0"?>{outside}<sst {_NS}/>'}
    )


def _wide_letters() -> bytes:
    """UTF-16 with a document type that a pattern of bytes would not see."""
    text = sheet("", before=_LAUGHS + "]>").replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    return workbook({_SHEET: text.encode("utf-16")})


def _in_another() -> bytes:
    return workbook({"xl/inner.xlsx": _many(300)(), _SHEET: sheet("")}).replace(
        b"xl/workbook.xml", b"xl/workbooc.xml"
    )


def _climbing() -> bytes:
    return workbook({_SHEET: sheet(""), "../../outside.xml": "<a/>"})


def _twice() -> bytes:
    """Two parts of one name: one reader would see the first, another one the last."""
    return workbook({_SHEET: sheet(""), "XL/worksheets/SHEET1.xml": sheet(inline_row(2, ("x",) * 6))})


def _camt_laughs() -> bytes:
    return f'<?xml version="1.0"?>{_LAUGHS}]><Document>&k;</Document>'.encode()


BOMBS = (
    Bomb("300 MiB in one sheet", "pay_xlsx", "ZIP_BOMB", _honest),
    Bomb("a directory that lies of 200 MiB", "pay_xlsx", "ZIP_BOMB", _lying(300)),
    Bomb("5,000 parts", "pay_xlsx", "ZIP_BOMB", _many(5_000)),
    Bomb("60,000 parts", "pay_xlsx", "ZIP_BOMB", _many(60_000)),
    Bomb("a long text 600,000 times", "pay_xlsx", "ZIP_BOMB", _shared_over_and_over),
    Bomb("two cells, a world apart", "pay_xlsx", "ZIP_BOMB", _far_apart),
    Bomb("a cell that is not where its row is", "pay_xlsx", "ZIP_BOMB", _far_apart_in_a_column_of_its_own),
    Bomb("100,000 elements deep", "pay_xlsx", "XML_DEPTH", _deep),
    Bomb("a billion laughs in a sheet", "pay_xlsx", "XML_DTD", _laughs),
    Bomb("entities from elsewhere", "pay_xlsx", "XML_DTD", _shared_entities),
    Bomb("laughs in two-byte letters", "pay_xlsx", "XML_SYNTAX", _wide_letters),
    Bomb("a workbook in a workbook", "pay_xlsx", "TYPE_MISMATCH", _in_another),
    Bomb("a part outside its folder", "pay_xlsx", "ZIP_DAMAGED", _climbing),
    Bomb("two parts of one name", "pay_xlsx", "ZIP_DAMAGED", _twice),
    Bomb("5 million cells in a line", "pay_us", "TOO_MANY_CELLS", lambda: b"," * 5_000_000, ".csv"),
    Bomb("10 million blank lines", "pay_us", "TOO_MANY_ROWS", lambda: b"\n" * 10_000_000 + b"x", ".csv"),
    Bomb("a quote that never ends", "pay_us", "CSV_SYNTAX",
         lambda: ",".join(HEADINGS).encode() + b'\nBK-1,"' + b"xxxxxxxxxxxxxxxxxxx\n" * 500_000, ".csv"),
    Bomb("a billion laughs in a statement", "camt053", "XML_DTD", _camt_laughs, ".xml"),
    Bomb("a statement 500,000 deep", "camt053", "XML_DEPTH", lambda: b"<a>" * 500_000, ".xml"),
)  # fmt: skip
YAML_BOMBS = (
    Bomb("lists in lists", "close_params", "YAML_SYNTAX", lambda: b"a: " + b"[" * 190_000, ".yml"),
    Bomb("aliases of aliases", "close_params", "YAML_ALIAS",
         lambda: b"a: &a [x,x]\nb: &b [*a,*a]\n" * 1, ".yml"),
    Bomb("5 MB of settings", "close_params", "FILE_TOO_LARGE", lambda: b"a: b\n" * 1_000_000, ".yml"),
)  # fmt: skip
