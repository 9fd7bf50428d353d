"""Acts as the doors tell them: decimal text, ISO days, and one act with all that has happened to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .. import acts
from .. import book as books
from ..errors import ParameterRefusedError
from ..money import to_text
from .ledger_now import LedgerNow
from .moving import act_file
from .reopening import read_acts

_MONEY = frozenset(
    "our_balance their_balance difference balance signed_balance gross_balance signed_gross"
    " alternative_gross contradicted_gross".split()
)


def to_door_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of any frame of acts: money as decimal text of the row's currency, days ISO, '' where absent."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name in _MONEY:
            told[name] = to_text(int(value), str(row["currency"]))
        elif name.endswith("_date"):
            told[name] = "" if pd.isna(value) else value.strftime("%Y-%m-%d")
        elif name.endswith("_permille"):
            told[name.replace("_permille", "_share")] = f"{int(value) / 10:.1f} %"
            told[name] = int(value)
        else:
            told[name] = value
    if told.get("answer") in ("", acts.guards.SILENT):
        told |= {"their_balance": "", "difference": ""}  # nobody said it is nothing
    return told


def tell_act(book: books.Book, case_id: str) -> dict[str, Any]:
    """One act: where it stands, its documents, its events, what the book says otherwise, what can be done."""
    case = books.read.case(book, case_id)
    history = read_acts(book, case.company_id)
    found = history[history["case_id"] == case_id]
    if found.empty:
        raise ParameterRefusedError("act-unknown", name="act", value=case_id)
    ledger = LedgerNow(book)
    changes = ledger.changes(case) if case.state != "replaced" else []
    names = {item.item_key: item.item_id for item in case.items}
    names |= {key: called for key, (_, called) in ledger.account(case).items()}
    return {
        **to_door_row(found.iloc[0].to_dict()),
        "items": [
            {"document_id": one.item_id, "open_amount": to_text(one.item_amount, case.currency)}
            for one in case.items
        ],
        "events": [
            {"number": one.number, "move": one.move, "state": one.state,
             "event_date": one.event_date.isoformat(), "who": one.who, "reason": one.reason,
             "file_sha256": one.file_sha256, "content": dict(one.content)}
            for one in case.events
        ],
        "changes": [
            {"document_id": names[one.key], "change": one.change,
             "act_amount": to_text(one.act_amount, case.currency),
             "book_amount": to_text(one.book_amount, case.currency)}
            for one in changes
        ],
        "moves": sorted({move.name for move in acts.MACHINE.moves_from(case.state)}),
    }  # fmt: skip


def write_pdfs(
    book: books.Book, out: Path, *, chosen: Sequence[str] = (), period: str = "", company: str = ""
) -> list[dict[str, str]]:
    """The newest PDF of each act into a folder: those named, else all of the period that hold now.

    One row a file: ``case_id``, ``file``. Characters that a file's name cannot have become ``_``.
    """
    wanted = list(chosen)
    if not wanted:
        found = read_acts(book, company)
        found = found[found["state"] != "replaced"]
        wanted = (found[found["period"] == period] if period else found)["case_id"].tolist()
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for case_id in wanted:
        kept = act_file(book, case_id)
        suffix = Path(kept.name).suffix.lower() or ".pdf"
        path = out / f"{re.sub(r'[^A-Za-z0-9._-]', '_', case_id)}{suffix}"
        path.write_bytes(kept.content)
        written.append({"case_id": case_id, "file": str(path)})
    return written


def coverage_to_json(covered: acts.Covered, as_of: dt.date) -> dict[str, Any]:
    """Coverage as a door tells it: by customer, by cluster, by the age of the last signed act."""

    def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
        return [to_door_row(one) for one in frame.to_dict("records")]

    return {
        "as_of": as_of.isoformat(),
        "by_cluster": rows(covered.by_cluster),
        "by_age": rows(covered.by_age),
        "customers": rows(covered.customers),
    }
