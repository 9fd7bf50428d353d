"""Credits that a case over 180 days gives back or moves, told as decisions on their notes.

Such a case posts nothing on the credit, which stays open until the ERP clears it: whoever asks what is
promised (``credit_notes.read_promises``) must hear of it, or the credit leaves twice. Source: DOMAIN,
"Traslados de créditos a más de 180 días".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import pandas as pd
from sqlalchemy import Connection, select

from ..tables import Table
from . import schema
from .canonical import canonical_json
from .opened import Book
from .read_cases import case_items, cases
from .selections import Known

_KIND = "credit_over_180"
_ELSEWHERE = ("refund", "transfer")
#: Rejected or withdrawn it holds nothing; settled it holds until the ERP shows the credit gone.
_LIVE = ("proposed", "approved", "settled")


def decision_id_of(case_id: str) -> str:
    """The id under which a case stands among the decisions."""
    return f"case:{case_id}"


def case_decisions(book: Book, table: Table, company: str | None, known_at: Known) -> pd.DataFrame:
    """``table`` (``read.DECISIONS``): a row a credit that a live case refunds or transfers.

    ``evidence`` has ``document_key``, ``decision``, ``unapplied`` (minor units, negative) and ``case``. A
    deposit is no credit of the ledger and has no row.
    """
    own = cases(book, company, known_at, kind=_KIND)
    own = own[own["state"].isin(_LIVE)]
    if own.empty:
        return table.empty()
    items = case_items(book, company, known_at, kind=_KIND)
    held = items[items["item_kind"] != "deposit"].set_index("case_id")
    rows = []
    for one in own[own["case_id"].isin(held.index)].to_dict("records"):
        action, item = json.loads(one["content"])["action"], held.loc[[one["case_id"]]].iloc[0]
        if action not in _ELSEWHERE:
            continue
        told = {"case": one["case_id"], "decision": action, "document_key": int(item["item_key"]),
                "unapplied": int(item["item_amount"])}  # fmt: skip
        name = decision_id_of(one["case_id"])
        rows.append({
            "decision_id": name, "operation_id": name, "company_id": one["company_id"],
            "subject": "credit_note", "subject_key": item["item_id"], "decision": action, "reason": "",
            "evidence": canonical_json(told), "step_key": "", "who": one["last_who"],
            "recorded_at": one["recorded_at"],
        })  # fmt: skip
    return table.conform(pd.DataFrame(rows)) if rows else table.empty()


def held_by_cases(connection: Connection, keys: Collection[int]) -> Iterator[tuple[str, str]]:
    """Under the writer's lock, of the documents ``keys``: the id of what holds each, and its number."""
    own, head, event = schema.case_items.c, schema.cases.c, schema.case_events.c
    query = (
        select(own.case_id, own.item_id, head.content)
        .join(schema.cases, head.case_id == own.case_id)
        .where(head.kind == _KIND, own.item_kind != "deposit", own.item_key.in_(sorted(keys)))
    )
    for case_id, document, content in connection.execute(query).all():
        last = select(event.state).where(event.case_id == case_id).order_by(event.number.desc()).limit(1)
        if connection.execute(last).scalar_one() in _LIVE and json.loads(content)["action"] in _ELSEWHERE:
            yield decision_id_of(case_id), document
