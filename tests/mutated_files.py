"""Good files of every kind, and a thousand ways to spoil them, the same ones for the same seed."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import openpyxl
from badfiles_world import ITEMS, PAYMENTS

WORDS = (
    "", " ", "0", "-", "-1.00", "1e5", "1_000.00", "١٢٣", "１２.00", "NaN", "Infinity", "0x1F",
    "1.234.567,89", "1,234.56", "99999999999999999999.99", "9" * 5000, "0.005", "(5.00)", "5.00-",
    "+5.00", "=1+1", "US$", "cop", "COP", "USD", "JPY", "2025-02-31", "2025-10-32", "31/10/2025",
    "45933", "2025-10-31T10:00:00Z", "2026-01-01", "2025-09-30", "000123", "123", "С-2001", "NA",
    "null", "..", "a//b", "1.23E+17", "TRUE", "BK-1", "x" * 1200, "\u202e5.00", "5.00\u200b",
    "5\xa0000.00", '"', "'", "#CONTROL", "a\nb", "<b>", "&amp;", "\ufeff",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """``parts`` splits a text into what may be dropped, doubled or moved; ``sign`` parts cells of a line."""

    profile: str
    suffix: str
    make: Callable[[random.Random], bytes]
    sign: str = ","
    encoding: str = "utf-8"


def _amount(rng: random.Random, currency: str) -> str:
    if currency == "JPY":
        return str(rng.randint(1, 10**7))
    return (
        f"{rng.randint(0, 10**7)}.{rng.randint(0, 99):02}"
        if rng.random() < 0.9
        else str(rng.randint(1, 9999))
    )


def _rows(rng: random.Random) -> list[tuple[str, int, str, str, str, str]]:
    found = []
    for number in range(rng.randint(3, 12)):
        currency = rng.choice(("COP", "COP", "USD", "JPY"))
        customer = rng.choice(("000123", "000124", "C-2001", "1E5"))
        amount = _amount(rng, currency)
        if float(amount) == 0:
            amount = "7"
        found.append((f"BK-{number:04}", rng.randint(1, 31), customer, currency, amount, f"pago {number}"))
    return found


def _pay_us(rng: random.Random) -> bytes:
    return (
        PAYMENTS + "".join(f"{i},2025-10-{d:02},{c},{m},{a},{t}\n" for i, d, c, m, a, t in _rows(rng))
    ).encode()


def _pay_trailer(rng: random.Random) -> bytes:
    from collections import Counter
    from decimal import Decimal

    rows, sums = _rows(rng), Counter()  # type: Counter[str]
    for _, _, _, currency, amount, _ in rows:
        sums[currency] += Decimal(amount)  # type: ignore[assignment]  # exact decimals
    text = PAYMENTS + "".join(f"{i},2025-10-{d:02},{c},{m},{a},{t}\n" for i, d, c, m, a, t in rows)
    said = ";".join(f"{currency}={total}" for currency, total in sums.items())
    return f"{text}#CONTROL,{len(rows)},{said}\n".encode()


def _pay_co(rng: random.Random) -> bytes:
    def spanish(amount: str) -> str:
        whole, _, part = amount.partition(".")
        return f"{int(whole):,}".replace(",", ".") + (f",{part}" if part else "")

    rows = "".join(f"{i};{d:02}/10/2025;{c};{m};{spanish(a)};ñandú {t}\n" for i, d, c, m, a, t in _rows(rng))
    return (PAYMENTS.replace(",", ";") + rows).encode("cp1252")


def _items(rng: random.Random) -> bytes:
    lines = []
    for number, (_, day, customer, currency, amount, _) in enumerate(_rows(rng)):
        sign = rng.choice(("", "", "-"))
        lines.append(
            f"{customer},FV-{number},INV,2025-09-{min(day, 30):02},2025-11-15,"
            f"{currency},{sign}{amount},{sign}{amount}\n"
        )
    return (ITEMS + "".join(lines)).encode()


def _xlsx(rng: random.Random) -> bytes:
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(PAYMENTS.strip().split(","))
    for name, day, customer, currency, amount, text in _rows(rng):
        sheet.append([name, dt.date(2025, 10, day), customer, currency, float(amount), text])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _mt940(rng: random.Random) -> bytes:
    cents, lines = 100_000, []
    for number in range(rng.randint(2, 8)):
        amount, mark = rng.randint(1, 10**7), rng.choice("CCD")
        cents += amount if mark == "C" else -amount
        day = rng.randint(1, 31)
        lines.append(
            f":61:2510{day:02}10{day:02}{mark}{amount // 100},{amount % 100:02}NTRFBK-{number}//R{number}\n"
            f":86:PAGO {number}\n"
        )
    closing = f"{'C' if cents >= 0 else 'D'}251031COP{abs(cents) // 100},{abs(cents) % 100:02}"
    return (
        "{1:F01BANKCOBBAXXX0000000000}{2:I940BANKCOBBXXXXN}{4:\n:20:S1\n:25:CO-BOG-001\n:28C:00001/001\n"
        + ":60F:C250930COP1000,00\n" + "".join(lines) + f":62F:{closing}\n-}}\n"
    ).encode()  # fmt: skip


def _camt(rng: random.Random) -> bytes:
    cents, entries = 100_000, []
    for number in range(rng.randint(2, 8)):
        amount, side = rng.randint(1, 10**7), rng.choice(("CRDT", "CRDT", "DBIT"))
        status = rng.choice(("BOOK", "BOOK", "BOOK", "PDNG"))
        if status == "BOOK":
            cents += amount if side == "CRDT" else -amount
        day = f"<Dt>2025-10-{rng.randint(1, 31):02}</Dt>"
        entries.append(
            f'<Ntry><Amt Ccy="COP">{amount // 100}.{amount % 100:02}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
            f"<Sts>{status}</Sts><BookgDt>{day}</BookgDt><ValDt>{day}</ValDt><AcctSvcrRef>R{number}</AcctSvcrRef>"
            f"<AddtlNtryInf>PAGO {number}</AddtlNtryInf></Ntry>\n"
        )

    def balance(kind: str, amount: int, day: str) -> str:
        side = "CRDT" if amount >= 0 else "DBIT"
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="COP">{abs(amount) // 100}.'
            f"{abs(amount) % 100:02}</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>S1</MsgId>"
        "<CreDtTm>2025-10-31T20:00:00-05:00</CreDtTm></GrpHdr>\n<Stmt><Id>S1</Id>"
        "<CreDtTm>2025-10-31T20:00:00-05:00</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id>"
        f"<Ccy>COP</Ccy></Acct>\n{balance('OPBD', 100_000, '2025-10-01')}"
        f"{balance('CLBD', cents, '2025-10-31')}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def _yaml(rng: random.Random) -> bytes:
    return (
        f"period: '2025-10'\nas_of: 2025-10-{rng.randint(1, 31):02}\nclusters: [NORTE, SUR]\ncurrency: COP\n"
        f"tolerance: '{rng.randint(0, 99)}.00'\noutput_name: cierre-2025-10\n"
    ).encode()


KINDS = (
    Kind("pay_us", ".csv", _pay_us),
    Kind("pay_us_trailer", ".csv", _pay_trailer),
    Kind("pay_sap", ".csv", _pay_us),
    Kind("pay_co", ".csv", _pay_co, ";", "cp1252"),
    Kind("oi_us", ".csv", _items),
    Kind("pay_xlsx", ".xlsx", _xlsx),
    Kind("mt940", ".sta", _mt940, ":"),
    Kind("camt053", ".xml", _camt, ">"),
    Kind("close_params", ".yml", _yaml, ":"),
)


def mutated(kind: Kind, seed: int) -> tuple[str, bytes]:
    """How a good file was spoilt, and the file."""
    rng = random.Random(f"{kind.profile} {seed}")
    content = kind.make(rng)
    if kind.suffix == ".xlsx":
        way = rng.choice(("cells", "cells", "cells", "part", "bytes", "cut"))
        if way == "cells":
            return way, _other_cells(content, rng)
        if way == "part":
            return way, _other_part(content, rng)
    else:
        way = rng.choice(
            ("bytes", "cells", "cells", "cells", "lines", "columns", "amounts", "dates", "encoding", "cut")
        )
    return way, WAYS[way](content, kind, rng)


def _bytes(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(spoilt))
        what = rng.randrange(4)
        if what == 0:
            spoilt[place] = rng.randrange(256)
        elif what == 1:
            del spoilt[place : place + rng.randint(1, 20)]
        elif what == 2:
            spoilt[place:place] = rng.randbytes(rng.randint(1, 8))
        else:
            spoilt[place:place] = spoilt[place : place + rng.randint(1, 60)]
        spoilt = spoilt or bytearray(b"x")
    return bytes(spoilt)


def _cut(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _lines(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[place]
    elif what == 1:
        lines.insert(other, lines[place])
    elif what == 2:
        lines[place], lines[other] = lines[other], lines[place]
    else:
        lines.insert(place, rng.choice((b"\n", b",,,,,\n", b"TOTAL,,,COP,5.00,\n", b"\x1a\n", b"---\n")))
    return b"".join(lines)


def _in_cells(content: bytes, kind: Kind, rng: random.Random, change: Callable[[str], str]) -> bytes:
    lines = content.decode(kind.encoding).split("\n")
    place = rng.randrange(max(len(lines) - 1, 1))
    cells = lines[place].split(kind.sign)
    at = rng.randrange(len(cells))
    cells[at] = change(cells[at])
    lines[place] = kind.sign.join(cells)
    return "\n".join(lines).encode(kind.encoding, errors="replace")


def _cells(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    return _in_cells(content, kind, rng, lambda _: rng.choice(WORDS))


def _columns(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    lines = [line.split(kind.sign) for line in content.decode(kind.encoding).split("\n")]
    width = len(lines[0])
    one, other, what = rng.randrange(width), rng.randrange(width), rng.randrange(3)
    for cells in lines:
        if len(cells) != width:
            continue
        if what == 0:
            del cells[one]
        elif what == 1:
            cells[one], cells[other] = cells[other], cells[one]
        else:
            cells.insert(other, cells[one])
    return "\n".join(kind.sign.join(cells) for cells in lines).encode(kind.encoding)


def _pattern(
    pattern: str, change: Callable[[str, random.Random], str]
) -> Callable[[bytes, Kind, random.Random], bytes]:
    def spoil(content: bytes, kind: Kind, rng: random.Random) -> bytes:
        text = content.decode(kind.encoding)
        found = list(re.finditer(pattern, text))
        if not found:
            return content
        match = rng.choice(found)
        return (text[: match.start()] + change(match[0], rng) + text[match.end() :]).encode(
            kind.encoding, "replace"
        )

    return spoil


def _other_amount(text: str, rng: random.Random) -> str:
    digits = list(text)
    at = rng.randrange(len(digits))
    what = rng.randrange(4)
    if what == 0:
        digits[at] = rng.choice("0123456789.,-e ")
    elif what == 1:
        del digits[at]
    elif what == 2:
        digits.insert(at, rng.choice("0123456789.,-_ '"))
    else:
        return rng.choice(WORDS)
    return "".join(digits)


def _encoding(content: bytes, kind: Kind, rng: random.Random) -> bytes:
    text = content.decode(kind.encoding)
    name = rng.choice(
        ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp037", "latin-1")
    )
    text = text if rng.random() < 0.5 else text.replace("pago", "año €")
    spoilt = text.encode(name, errors="replace")
    return spoilt[:-1] if rng.random() < 0.2 else spoilt


def _other_cells(content: bytes, rng: random.Random) -> bytes:
    import datetime as dt

    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    assert sheet is not None
    values = [
        *(word for word in WORDS if not any(ord(sign) < 32 and sign not in "\n\t" for sign in word)),
        True, False, 0, -5, 10.005, 0.1 + 0.2, 1e17, 1e308, 45933, 5000001.005, dt.date(2025, 10, 3),
        dt.date(2026, 1, 1), dt.datetime.combine(dt.date(2025, 10, 3), dt.time(12, 30)), dt.time(3),
        "=1+1", "=SUM(E2:E3)", None, "#N/A",
    ]  # fmt: skip
    for _ in range(rng.randint(1, 3)):
        what = rng.randrange(8)
        row, column = rng.randint(1, sheet.max_row), rng.randint(1, 6)
        if what < 5:
            sheet.cell(row, column).value = rng.choice(values)
        elif what == 5:
            sheet.insert_rows(row)
        elif what == 6:
            sheet.delete_cols(column)
        else:
            book.create_sheet("otra")["A1"] = rng.choice(values)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _other_part(content: bytes, rng: random.Random) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(content))
    names = source.namelist()
    chosen = rng.choice(names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            data = source.read(name)
            if name == chosen:
                what = rng.randrange(3)
                if what == 0:
                    continue
                data = _bytes(data, KINDS[0], rng) if what == 1 else data[: rng.randrange(len(data))]
            archive.writestr(name, data)
    return target.getvalue()


WAYS: dict[str, Callable[[bytes, Kind, random.Random], bytes]] = {
    "bytes": _bytes,
    "cut": _cut,
    "lines": _lines,
    "cells": _cells,
    "columns": _columns,
    "amounts": _pattern(r"[0-9]+[.,][0-9]{2}", _other_amount),
    "dates": _pattern(
        r"20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[0-9]{4}|25[01][0-9]{3}", _other_amount
    ),
    "encoding": _encoding,
}
