"""BAI2 as records: continuations joined, records of one line parted, their order and number held.

Banks block several records into a line and wrap long ones; a record ends in ``/`` or with its line. The
counts that every trailer states prove that they were parted right. Source: BAI, Cash Management Balance
Reporting Specifications, version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import FileRefusedError

MOST_CHARACTERS = 100_000
#: Which record may stand behind which; a continuation (88) belongs to the one before it.
_NEXT = {
    "": ("01",),
    "01": ("02",),
    "02": ("03", "98"),
    "03": ("16", "49"),
    "16": ("16", "49"),
    "49": ("03", "98"),
    "98": ("02", "99"),
    "99": (),
}
_CODE = re.compile(r"(01|02|03|16|49|88|98|99)(?:,|$)")
_ODD_CODE = re.compile(r"[0-9]{2},")
_NEXT_ON_LINE = re.compile(r"/[ \t]*(?=(?:01|02|03|16|49|88|98|99),)")
#: Funds type of a detail → how many fields follow it; D says it itself.
_AFTER_FUNDS = {"S": 3, "V": 2}
_FUNDS = frozenset("012DSVZ")
_TYPE = re.compile(r"[0-9]{3}", re.ASCII)
_AMOUNT = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


@dataclass
class Record:
    """``fields``: behind the code, its continuations' among them; ``parts``: how many records it was."""

    code: str
    fields: list[str]
    line: int
    raw: str
    parts: int = 1

    def said(self, place: int) -> str:
        return self.fields[place].strip() if place < len(self.fields) else ""


@dataclass
class Account:
    head: Record
    details: list[Record] = field(default_factory=list)
    trailer: Record | None = None

    @property
    def parts(self) -> int:
        """Physical records from the account's identifier to its trailer."""
        whole = [self.head, *self.details, *([self.trailer] if self.trailer else [])]
        return sum(record.parts for record in whole)


@dataclass
class Group:
    head: Record
    accounts: list[Account] = field(default_factory=list)
    trailer: Record | None = None

    @property
    def parts(self) -> int:
        own = self.head.parts + (self.trailer.parts if self.trailer else 0)
        return own + sum(account.parts for account in self.accounts)


@dataclass
class Bai2:
    head: Record
    groups: list[Group] = field(default_factory=list)
    trailer: Record | None = None

    @property
    def parts(self) -> int:
        own = self.head.parts + (self.trailer.parts if self.trailer else 0)
        return own + sum(group.parts for group in self.groups)


def read_records(text: str, *, file: str) -> Bai2:
    """The file's groups with their accounts; an order that the standard does not know is refused."""
    found: Bai2 | None = None
    before = ""
    for record in _records(text, file):
        if record.code == "01" and before:
            raise FileRefusedError("bai2-glued", file=file, line=record.line)
        if record.code not in _NEXT[before]:
            expected = ", ".join(_NEXT[before]) or "–"
            told = {"value": record.code, "before": before, "expected": expected}
            raise FileRefusedError("bai2-order", file=file, line=record.line, **told)
        before = record.code
        if found is None:
            found = Bai2(record)
        elif record.code == "02":
            found.groups.append(Group(record))
        elif record.code == "03":
            found.groups[-1].accounts.append(Account(record))
        elif record.code == "16":
            found.groups[-1].accounts[-1].details.append(record)
        elif record.code == "49":
            found.groups[-1].accounts[-1].trailer = record
        elif record.code == "98":
            found.groups[-1].trailer = record
        else:
            found.trailer = record
    if found is None or before != "99":
        raise FileRefusedError("bai2-incomplete", file=file, before=before)
    return found


def _records(text: str, file: str) -> Iterator[Record]:
    record: Record | None = None
    for number, piece in _pieces(text, file):
        code, body = piece[:2], piece[3:]
        if code == "88" and record is not None:
            _continue(record, body, piece)
            _not_endless(record.raw, number, file)
            continue
        if record is not None:
            yield record
        if code == "88":
            raise FileRefusedError("bai2-order", file=file, line=number, value=code, before="", expected="01")
        record = Record(code, body.split(","), number, piece)
    if record is not None:
        yield record


def _pieces(text: str, file: str) -> Iterator[tuple[int, str]]:
    """Physical records, each with its line, which may hold several; one without a code goes on."""
    kept: tuple[int, str] | None = None
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        for piece in _NEXT_ON_LINE.split(line.strip()):
            if not piece:
                continue
            if _CODE.match(piece):
                if kept:
                    yield kept[0], kept[1].rstrip().removesuffix("/")
                kept = number, piece
            elif kept is None or _ODD_CODE.match(piece):
                raise FileRefusedError("bai2-record-unknown", file=file, line=number, value=piece[:20])
            else:
                kept = kept[0], _not_endless(f"{kept[1]} {piece}", number, file)
    if kept:
        yield kept[0], kept[1].rstrip().removesuffix("/")


def _not_endless(text: str, number: int, file: str) -> str:
    """A record that goes on and on is no record of a bank."""
    if len(text) > MOST_CHARACTERS:
        raise FileRefusedError("field-too-long", file=file, row=number, column="BAI2", limit=MOST_CHARACTERS)
    return text


def _continue(record: Record, body: str, raw: str) -> None:
    """More fields, or more of a detail's text where that has begun."""
    text_at = text_place(record.fields) if record.code == "16" else None
    if text_at is not None and len(record.fields) > text_at and record.fields[text_at].strip():
        record.fields[-1] += f" {body}"
    else:
        record.fields += body.split(",")
    record.parts += 1
    record.raw += "\n" + raw


def text_place(fields: list[str]) -> int:
    """Where a detail's text begins: behind type, amount, funds type with its fields, and two references."""
    funds = fields[2].strip().upper() if len(fields) > 2 else ""
    return 5 + _after_funds(fields, 2, funds)


def _after_funds(fields: list[str], at: int, funds: str) -> int:
    if funds == "D":
        count = fields[at + 1].strip() if at + 1 < len(fields) else ""
        return 1 + 2 * int(count) if count.isascii() and count.isdigit() and len(count) < 3 else 1
    return _AFTER_FUNDS.get(funds, 0)


def summaries(account: Record) -> Iterator[tuple[str, str]]:
    """Type code and amount of each balance and summary of an account, as written.

    An amount without its type has the code ``""``: it is no balance that anybody knows, and counts in the
    control totals as every amount does.
    """
    at = 2
    while at < len(account.fields):
        code, amount, funds = account.said(at), account.said(at + 1), account.said(at + 3).upper()
        if not code and (_is_group(account, at + 1) or not (amount or funds in _FUNDS)):
            at += 1  # a comma too many at a line's end, or a place of a group that is left out whole
            continue
        if code or amount:
            yield code, amount
        at += 4 + _after_funds(account.fields, at + 3, funds)


def _is_group(account: Record, at: int) -> bool:
    """Whether a type code, an amount, a count and a funds type could stand here, one behind the other."""
    code, amount, count, funds = (account.said(at + place) for place in range(4))
    return (
        _TYPE.fullmatch(code) is not None
        and (not amount or whole_number(amount) is not None)
        and (not count or (count.isascii() and count.isdigit()))
        and (not funds or funds.upper() in _FUNDS)
    )


def whole_number(text: str) -> int | None:
    """A signed number of minor units without any mark, ``None`` for anything else."""
    return int(text) if _AMOUNT.fullmatch(text) else None
