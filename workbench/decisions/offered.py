"""What may be decided, one row a leg, and the seals that tell whether a row still says what was offered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pandas as pd

from ..applications import within_what_is_open
from ..tables import ColumnType, Table

_SEALED: dict[str, ColumnType] = {
    "receipt_key": "integer",
    "receipt_id": "text",
    "company_id": "text",
    "customer_id": "text",
    "receipt_date": "date",
    "currency": "text",
    "unapplied_amount": "money",  # of the receipt, positive
    "proposal": "integer",  # 0 where nothing is proposed for the receipt
    "document_key": "integer",  # -1 without a document
    "document_id": "text",
    "open_amount": "money",  # of the document, when it was offered
    "kind": "text",
    "applied_amount": "money",  # proposed, sign of the document
    "rule": "text",
}
_SEALS: dict[str, ColumnType] = {"row_sha256": "text", "content_sha256": "text"}

#: One row a leg of a proposal; a receipt without any has one row, of proposal 0.
OFFERED = Table(
    "offered",
    ("receipt_key", "proposal", "document_key"),
    {**_SEALED, "evidence": "text", "reason": "text", **_SEALS},
)

#: An offered row as it came back, with what the person wrote. ``row``: its number in the sheet.
WRITTEN = Table(
    "written",
    ("row",),
    {
        "row": "integer",
        **_SEALED,
        **_SEALS,
        "decision": "text",  # one of wishes.DECISIONS, "" where nothing is decided
        "decided_documents": "text",  # one or several, with ;
        "decided_amounts": "text",  # major units, one a document, with ;
        "decided_reason": "text",
    },
)

#: What a person decides by and no decision is bound to: it stands beside what it explains.
CONTEXT = ("customer_name", "bank_text", "payer_name", "reference", "due_date")
#: The sheet's columns in their order: cells are named by it in findings. What is written comes after all
#: that is read.
SHEET_COLUMNS = (
    "receipt_id", "company_id", "customer_id", "customer_name", "receipt_date", "bank_text", "payer_name",
    "currency", "unapplied_amount", "proposal", "document_id", "reference", "due_date", "open_amount",
    "applied_amount", "rule_words", "evidence", "decision", "decided_documents", "decided_amounts",
    "decided_reason", "kind", "rule", "receipt_key", "document_key", "row_sha256", "content_sha256",
)  # fmt: skip


def cell_name(column: str, row: int) -> str:
    """``R12``: the cell of a column in the sheet, as a person finds it."""
    first, last = divmod(SHEET_COLUMNS.index(column), 26)
    letters = (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)
    return f"{letters}{row}"


def offer_decisions(
    suggested: pd.DataFrame, unapplied: pd.DataFrame, open_items: pd.DataFrame
) -> pd.DataFrame:
    """What a person may decide (``OFFERED``): every proposal's legs, and receipts that have none.

    A proposal that wants more of a document than is still open, because the run gave it to another receipt,
    is not offered. ``suggested`` and ``unapplied`` as ``matching`` gives them, ``open_items`` after what the
    run applied (``tables.OPEN_ITEMS``, settled ones too). Sorted by company, day and receipt, whatever the
    order given.
    """
    # Plain dictionaries: a frame of a few columns is looked up by key only.
    still_open = dict(zip(open_items["document_key"], open_items["open_amount"], strict=True))
    legs: dict[int, list[dict[str, object]]] = {}
    for leg in within_what_is_open(suggested, still_open).to_dict("records"):
        legs.setdefault(int(leg["receipt_key"]), []).append(leg)
    nothing = {
        "proposal": 0, "document_key": -1, "document_id": "", "kind": "", "applied_amount": 0, "rule": "",
        "evidence": "",
    }  # fmt: skip
    rows: list[dict[str, object]] = []
    for receipt in unapplied.to_dict("records"):
        own = {name: receipt[name] for name in ("receipt_key", "receipt_id", "company_id", "currency",
                                                "receipt_date", "unapplied_amount", "reason")}  # fmt: skip
        for leg in legs.get(
            int(receipt["receipt_key"]),
            [{**nothing, "customer_id": receipt["customer_id"], "evidence": receipt.get("evidence", "")}],
        ):
            key = int(str(leg["document_key"]))
            # A document of another currency keeps its own; the receipt's stands in the rows without one.
            own["currency"] = leg.get("currency", receipt["currency"])
            rows.append({**leg, **own, "open_amount": int(still_open.get(key, 0)), "row_sha256": "",
                         "content_sha256": ""})  # fmt: skip
    frame = OFFERED.conform(pd.DataFrame(rows, columns=list(OFFERED.columns)))
    order = ["company_id", "receipt_date", "receipt_id", "receipt_key", "proposal", "document_id",
             "document_key", "kind"]  # fmt: skip
    frame = frame.sort_values(order, ignore_index=True)
    own_seals = row_seals(frame)
    return frame.assign(row_sha256=own_seals, content_sha256=content_seals(frame, own_seals))


def row_seals(frame: pd.DataFrame) -> pd.Series:
    """The hash of each row's sealed cells: another amount, document or id gives another."""
    days = frame["receipt_date"].dt.strftime("%Y-%m-%d").fillna("")
    columns = [days if name == "receipt_date" else frame[name] for name in _SEALED]
    seals = [
        _sha256([part.strip() if isinstance(part, str) else int(part) for part in row])
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return pd.Series(seals, index=frame.index, dtype="str")


def content_seals(frame: pd.DataFrame, own_seals: pd.Series) -> pd.Series:
    """The hash of all rows of a receipt together, whatever their order: a row less gives another."""
    by_receipt: dict[int, list[str]] = {}
    for key, seal in zip(frame["receipt_key"].tolist(), own_seals, strict=True):
        by_receipt.setdefault(key, []).append(seal)
    whole = {key: _sha256(sorted(seals)) for key, seals in by_receipt.items()}
    return pd.Series([whole[key] for key in frame["receipt_key"]], index=frame.index, dtype="str")


def _sha256(parts: Sequence[str | int]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
