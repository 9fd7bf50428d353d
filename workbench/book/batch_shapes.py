"""A batch of payments as one line in one file and payment by payment in another: the same money, once.

A notification (camt.054) may list what the statement (camt.053) of the same account books as one entry, or
the other way round. Lines ``R/1`` … ``R/n`` and a line ``R`` of one account, day and currency that come to
the same amount are one booking; the file's are given the shape that the book knows, so they change nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import select

from ..tables import FINDINGS
from . import schema
from .batches import ImportBatch
from .lookups import existing
from .transactions import Posting

_PART = re.compile(r"(.+)/([1-9][0-9]*)")
_KEY = ["company_id", "account_id", "line_year", "line_id"]
_SHOWN = [
    "line_id",
    "booking_date",
    "value_date",
    "currency",
    "bank_amount",
    "line_kind",
    "reference",
    "text",
]
#: Company, account, year, bank's reference without a part's number.
_Booking = tuple[str, str, str, str]


def in_known_shape(posting: Posting, batch: ImportBatch) -> ImportBatch:
    """The batch with each booking as many lines as the book has of it; ``rows_in`` counts them so.

    Where the amounts do not agree the lines stay as the file has them, with a finding.
    """
    frame = batch.frame
    if batch.kind != "bank_statement" or frame.empty:
        return batch
    ids, accounts = frame["line_id"].tolist(), frame["account_id"].tolist()
    found = [_PART.fullmatch(line_id) if "/" in line_id else None for line_id in ids]
    holds_parts = _holds_parts(posting, sorted(set(accounts)))
    if not holds_parts and not any(found):
        return batch
    parts: dict[_Booking, list[int]] = {}
    wholes: dict[_Booking, list[int]] = {}
    years = frame["booking_date"].dt.year.astype("str")
    for at, place in enumerate(zip(frame["company_id"], accounts, years, strict=True)):
        part = found[at]
        if part:
            parts.setdefault((*place, part[1]), []).append(at)
        elif holds_parts:
            wholes.setdefault((*place, ids[at]), []).append(at)
    families = {booking: places for booking, places in parts.items() if _is_family(places, ids)}
    known = {booking: [line] for booking, line in _stored(posting, list(families)).items()}
    known.update(_stored_parts(posting, list(wholes)))
    mine = {**wholes, **families}
    dropped: list[int] = []
    added: list[dict[str, Any]] = []
    findings: list[dict[str, object]] = []
    for booking, stored in known.items():
        places = mine[booking]
        if _says(stored) == _says([dict(zip(frame.columns, frame.iloc[at], strict=True)) for at in places]):
            dropped += places
            added += [{**frame.iloc[places[0]].to_dict(), **line} for line in stored]
        else:
            findings.append(_finding(batch, booking, int(frame["row"].iloc[places[0]])))
    if findings:
        told = pd.DataFrame(findings, columns=list(FINDINGS.columns))
        batch = replace(
            batch, findings=FINDINGS.conform(pd.concat([batch.findings, told], ignore_index=True))
        )
    if not dropped:
        return batch
    shaped = pd.DataFrame(added, columns=list(frame.columns)).astype(frame.dtypes.to_dict())
    kept = pd.concat([frame.drop(index=frame.index[dropped]), shaped], ignore_index=True)
    return replace(batch, frame=kept, rows_in=batch.rows_in + len(added) - len(dropped))


def _is_family(places: Sequence[int], ids: Sequence[str]) -> bool:
    """Parts 1 … n, two at least."""
    numbers = sorted(int(ids[at].rpartition("/")[2]) for at in places)
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))


def _says(lines: Sequence[dict[str, Any]]) -> tuple[object, ...]:
    """Day, currency and whole amount of a booking, however many lines show it."""
    days = {str(pd.Timestamp(line["booking_date"]).date()) for line in lines}
    return days, {line["currency"] for line in lines}, sum(int(line["bank_amount"]) for line in lines)


def _holds_parts(posting: Posting, accounts: Sequence[str]) -> bool:
    """Whether any booking of these accounts was stored payment by payment."""
    lines = schema.bank_lines.c
    query = select(lines.line_id).where(lines.account_id.in_(accounts), lines.line_id.like("%/2"))
    return posting.connection.execute(query.limit(1)).first() is not None


def _stored(posting: Posting, bookings: Sequence[_Booking]) -> dict[_Booking, dict[str, Any]]:
    rows = existing(posting, "bank_lines", _KEY, bookings, _SHOWN)
    return {bookings[row[0]]: dict(zip(_SHOWN, row[1:], strict=True)) for row in rows}


def _stored_parts(posting: Posting, bookings: Sequence[_Booking]) -> dict[_Booking, list[dict[str, Any]]]:
    """The stored lines ``R/1`` … ``R/n`` of each booking that has them."""
    seconds = [(*booking[:3], f"{booking[3]}/2") for booking in bookings]
    lines = schema.bank_lines.c
    found: dict[_Booking, list[dict[str, Any]]] = {}
    for row in existing(posting, "bank_lines", _KEY, seconds, []):
        booking = bookings[row[0]]
        company, account, year, reference = booking
        query = select(*(lines[name] for name in _SHOWN)).where(
            lines.company_id == company,
            lines.account_id == account,
            lines.line_year == year,
            lines.line_id.startswith(f"{reference}/", autoescape=True),
        )
        shown = [dict(zip(_SHOWN, line, strict=True)) for line in posting.connection.execute(query)]
        own = [line for line in shown if _PART.fullmatch(line["line_id"])]
        own = [line for line in own if line["line_id"].rpartition("/")[0] == reference]
        if _is_family(range(len(own)), [line["line_id"] for line in own]):
            found[booking] = own
    return found


def _finding(batch: ImportBatch, booking: _Booking, row: int) -> dict[str, object]:
    values = {"row": row, "key": booking[3], "account": booking[1]}
    return {
        "level": "warning",
        "source": batch.file,
        "row": row,
        "table": batch.kind,
        "key": booking[3],
        "rule": "batch-shown-otherwise",
        "values": json.dumps(values, ensure_ascii=False, sort_keys=True),
        "amount": 0,
        "currency": "",
    }
