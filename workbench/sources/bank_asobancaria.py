"""Asobancaria 2001 collections (archivo de recaudos): many customers' payments, proved by controls.

Fixed records of 162 characters: 01 file, 05 lot, 06 payment, 08 lot control, 09 file control. The format
states no balance; what proves it is order, counts, sums and sequences, and one that does not hold refuses
the file. Short lines are padded, for banks leave out the blanks at the end. Source: DOMAIN, section 1;
Asobancaria, "Especificaciones técnicas para reportar la información del recaudo", September 2001.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import FileRefusedError
from ..money import to_text
from .bank_lines import Statement, finish_statements
from .mappings import Mapping
from .parsed import Context, Findings, Parsed

WIDTH = 162
#: Which record may stand behind which; ``""`` is the start of the file.
_NEXT = {"": ("01",), "01": ("05",), "05": ("06", "08"), "06": ("06", "08"), "08": ("05", "09"), "09": ()}
#: Field → start, length.
_FILE = {"tax_id": (2, 10), "day": (12, 8), "bank": (20, 3), "account": (23, 17), "made": (40, 8)}
_LOT = {"lot": (15, 4)}
_PAYMENT = {"amount": (50, 14), "sequence": (87, 7)}
_LOT_CONTROL = {"count": (2, 9), "total": (11, 18), "lot": (29, 4)}
_FILE_CONTROL = {"count": (2, 9), "total": (11, 18)}
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
#: A file may be made so long after the day it speaks of; beyond that somebody should look.
_LONGEST_DELAY = dt.timedelta(days=31)


@dataclass
class _Lot:
    number: str
    service: str
    payments: list[dict[str, object]] = field(default_factory=list)
    sequences: list[tuple[int, int]] = field(default_factory=list)  # line, sequence
    total: int = 0  # what came back counts too, as in the bank's own control
    control: dict[str, str] = field(default_factory=dict)
    control_line: int = 0


@dataclass
class _File:
    head: dict[str, str] = field(default_factory=dict)
    head_line: int = 0
    modifier: str = ""
    lots: list[_Lot] = field(default_factory=list)
    control: dict[str, str] = field(default_factory=dict)
    control_line: int = 0


def read_asobancaria(text: str, mapping: Mapping, *, file: str, context: Context) -> Parsed:
    """Payments as lines of kind ``collected``, positive; what came back ``collected_return``, negative.

    A payment's id is the day, the file's modifier, service, lot and sequence, so that several files of one
    day stay apart. The reference keeps its leading zeros. Amounts have two implied decimals. Refused as a
    whole: records out of order or unknown, two files glued together, a control that does not hold.
    """
    read = _read_records(text, file)
    _hold_controls(read, mapping, file)
    findings = Findings(file, "bank_statement")
    day = _day(read.head["day"], "fecha de recaudo", read.head_line, file)
    _check_days(day, read, findings, file)
    company = _company(read.head["tax_id"], mapping, context, findings, file)
    currency = mapping.constants.get("currency") or mapping.defaults.get("currency", "COP")
    account = mapping.constants.get("account_id") or _account(read.head["account"], context)
    frame = pd.DataFrame([payment for lot in read.lots for payment in lot.payments], columns=_COLUMNS)
    is_return = frame["cause"].astype("str") != ""
    frame["line_id"] = f"{day:%Y%m%d}{read.modifier}-" + frame["line_id"].astype("str")
    frame["bank_amount"] = frame["bank_amount"].astype(np.int64)
    frame["bank_amount"] = frame["bank_amount"].where(~is_return, -frame["bank_amount"])
    frame["line_kind"] = np.where(is_return, "collected_return", "collected")
    frame["text"] = ("RECAUDO DEVUELTO, CAUSAL " + frame["cause"].astype("str")).where(is_return, "RECAUDO")
    frame["statement"], frame["account_id"], frame["currency"] = 1, account, currency
    frame["booking_date"] = frame["value_date"] = pd.Timestamp(day).as_unit("s")
    for payment in frame[is_return].to_dict("records"):
        findings.add(
            "payment-returned",
            row=payment["row"],
            key=payment["line_id"],
            amount=payment["bank_amount"],
            currency=currency,
            cause=payment["cause"],
            reference=payment["reference"].lstrip("0"),
            returned_money=f"{to_text(-payment['bank_amount'], currency)} {currency}",
        )
    statement = Statement(account, currency, read.head_line, None, None, day, day, company)
    return finish_statements(frame, [statement], mapping, context, findings, file=file)


_COLUMNS = ["row", "line_id", "bank_amount", "reference", "cause"]


def _read_records(text: str, file: str) -> _File:
    """The records in their order; what the order does not allow refuses the file."""
    read, before = _File(), ""
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        filled = line.rstrip()
        if not filled:
            continue
        if len(filled) > WIDTH:
            raise FileRefusedError(
                "asobancaria-line-too-long", file=file, line=number, length=len(filled), limit=WIDTH
            )
        record, kind = filled.ljust(WIDTH), filled[:2]
        if kind not in _NEXT:
            raise FileRefusedError("asobancaria-record-unknown", file=file, line=number, value=kind)
        if kind == "01" and before:
            raise FileRefusedError("asobancaria-glued", file=file, line=number)
        if kind not in _NEXT[before]:
            expected = ", ".join(_NEXT[before]) or "–"
            raise FileRefusedError(
                "asobancaria-order", file=file, line=number, value=kind, expected=expected, before=before
            )
        _take(kind, record, number, read, file)
        before = kind
    if before != "09":
        raise FileRefusedError("asobancaria-incomplete", file=file, before=before)
    return read


def _take(kind: str, record: str, number: int, read: _File, file: str) -> None:
    if kind == "01":
        read.head, read.head_line = _fields(record, _FILE, number, file), number
        read.modifier = record[52].strip()
    elif kind == "05":
        service = record[2:15].strip()
        read.lots.append(_Lot(_fields(record, _LOT, number, file)["lot"], service))
    elif kind == "06":
        lot = read.lots[-1]
        fields = _fields(record, _PAYMENT, number, file)
        amount = int(fields["amount"])
        lot.sequences.append((number, int(fields["sequence"])))
        lot.total += amount
        cause = record[94:97].strip()
        lot.payments.append(
            {
                "row": number,
                "line_id": f"{lot.service}-{lot.number}-{fields['sequence']}",
                "bank_amount": amount,
                "reference": record[2:50].strip(),
                "cause": "" if not cause.strip("0") else cause,
            }
        )
    elif kind == "08":
        read.lots[-1].control = _fields(record, _LOT_CONTROL, number, file)
        read.lots[-1].control_line = number
    else:
        read.control, read.control_line = _fields(record, _FILE_CONTROL, number, file), number


def _fields(record: str, places: dict[str, tuple[int, int]], number: int, file: str) -> dict[str, str]:
    """Fields of digits; anything else in one refuses the file, for its controls could not be counted."""
    found = {name: record[start : start + length] for name, (start, length) in places.items()}
    for name, value in found.items():
        if not _DIGITS.fullmatch(value):
            raise FileRefusedError(
                "asobancaria-field",
                file=file,
                line=number,
                field=_NAMES[name],
                place=f"{places[name][0] + 1}–{sum(places[name])}",
                value=value.strip(),
            )
    return found


def _hold_controls(read: _File, mapping: Mapping, file: str) -> None:
    """Every control of the file; the first that does not hold is told, with the rules of all the others."""
    currency = mapping.constants.get("currency") or mapping.defaults.get("currency", "COP")
    broken = list(_broken_controls(read, currency))
    if broken:
        (rule, values), *others = broken
        named = sorted({other for other, _ in others} - {rule})
        raise FileRefusedError(rule, file=file, **values, others=len(named), also=", ".join(named))


def _broken_controls(read: _File, currency: str) -> Iterator[tuple[str, dict[str, object]]]:
    def money(minor: int) -> str:
        return f"{to_text(minor, currency)} {currency}"

    for lot in read.lots:
        said = {"line": lot.control_line, "lot": lot.number}
        if lot.control["lot"] != lot.number:
            yield "asobancaria-lot-number", {**said, "stated": lot.control["lot"]}
        if int(lot.control["count"]) != len(lot.payments):
            stated = int(lot.control["count"])
            yield "asobancaria-lot-count", {**said, "stated": stated, "found": len(lot.payments)}
        if int(lot.control["total"]) != lot.total:
            stated_money = money(int(lot.control["total"]))
            yield (
                "asobancaria-lot-total",
                {**said, "stated_money": stated_money, "found_money": money(lot.total)},
            )
        for (_, before), (line, sequence) in zip(lot.sequences, lot.sequences[1:], strict=False):
            if sequence <= before:
                values = {"line": line, "lot": lot.number, "sequence": sequence, "before": before}
                yield "asobancaria-sequence", values
                break
    said = {"line": read.control_line}
    count, total = sum(len(lot.payments) for lot in read.lots), sum(lot.total for lot in read.lots)
    if int(read.control["count"]) != count:
        yield "asobancaria-file-count", {**said, "stated": int(read.control["count"]), "found": count}
    if int(read.control["total"]) != total:
        stated_money = money(int(read.control["total"]))
        yield "asobancaria-file-total", {**said, "stated_money": stated_money, "found_money": money(total)}


def _day(text: str, name: str, line: int, file: str) -> dt.date:
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise FileRefusedError("date-invalid", file=file, row=line, column=name, value=text) from None


def _check_days(day: dt.date, read: _File, findings: Findings, file: str) -> None:
    """The file is made on the day it speaks of or within a month."""
    made = _day(read.head["made"], "fecha del archivo", read.head_line, file)
    if not day <= made <= day + _LONGEST_DELAY:
        findings.add("collection-day-odd", row=read.head_line, day=day.isoformat(), made=made.isoformat())


def _company(tax_id: str, mapping: Mapping, context: Context, findings: Findings, file: str) -> str:
    """The company whose NIT it is; ``""`` where nobody says."""
    company = context.company_of(tax_id)
    if company is not None:
        return company
    if mapping.bank.unknown_account == "reject":
        raise FileRefusedError("nit-not-ours", file=file, nit=tax_id)
    findings.add("nit-not-ours", row=1, nit=tax_id)
    return ""


def _account(text: str, context: Context) -> str:
    """The account as the organisation writes it, else without the zeros in front of it."""
    bare = text.lstrip("0")
    known = [name for name in context.accounts or {} if re.sub(r"[^0-9]", "", name).lstrip("0") == bare]
    return known[0] if bare and len(known) == 1 else bare or text


_NAMES = {
    "tax_id": "NIT",
    "day": "fecha de recaudo",
    "bank": "entidad recaudadora",
    "account": "número de cuenta",
    "made": "fecha del archivo",
    "lot": "número de lote",
    "amount": "valor",
    "sequence": "secuencia",
    "count": "total de registros",
    "total": "valor total",
}
