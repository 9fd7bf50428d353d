"""Residual items on their way to the ERP and back: what a person decided of a rest, in postings and answers.

A payment that leaves a residual item clears its document whole, and a line of its own opens the new item
beside it, with its reason, its terms and the document it comes from; the sum over the customer is the payment
as it is in the book. The posting's number says that it left so. Source: DOMAIN, section 4.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from ..money import to_minor

#: How the number of a posting begins that opens a residual item.
OPENING = "WS"


class Short(NamedTuple):
    """What the evidence of an application says of the rest; ``amount`` in minor units."""

    word: str = ""  # partial or residual; '' where nobody decided anything
    code: str = ""  # of the reason, also of a leg that is not cash
    effect: str = ""
    amount: int = 0
    days: int = 0

    @property
    def opens(self) -> bool:
        """Whether an item of its own is wanted: what is charged off leaves none."""
        return self.word == "residual" and self.effect in ("open", "claim")


def read_short(evidence: str, currency: str) -> Short:
    """What an application's evidence says of a rest and its reason; other evidence says nothing."""
    if '"rest"' not in evidence and '"code"' not in evidence:
        return Short()
    facts = json.loads(evidence)
    if not facts.get("rest"):
        return Short(code=str(facts.get("code", "")))
    return Short(
        str(facts["rest"]), str(facts.get("rest_code", "")), str(facts.get("rest_effect", "")),
        to_minor(Decimal(str(facts["rest_amount"])), currency), int(facts.get("rest_days", 0)),
    )  # fmt: skip


def with_rests(legs: pd.DataFrame) -> pd.DataFrame:
    """Legs with ``settlement`` (partial, residual or ''), ``reason_code``, ``effect``, ``rest`` (money of the
    item to open, 0 where none) and ``rest_days``."""
    told = [
        read_short(*one) for one in zip(legs["evidence"].tolist(), legs["currency"].tolist(), strict=True)
    ]
    return legs.assign(
        settlement=["residual" if one.opens else one.word if one.word == "partial" else "" for one in told],
        reason_code=[one.code for one in told],
        effect=[one.effect for one in told],
        rest=[one.amount if one.opens else 0 for one in told],
        rest_days=[one.days for one in told],
    )  # fmt: skip


def opened_by(attempts: pd.DataFrame) -> set[str]:
    """Applications whose latest posting opened a residual item (``tables.ERP_EXPORT_LINES``)."""
    last = attempts[attempts["posting"] == "application"].sort_values("attempt")
    last = last.drop_duplicates("application_id", keep="last")
    return set(last.loc[last["erp_document"].str.startswith(OPENING), "application_id"])


def touched_since(legs: pd.DataFrame, in_force: pd.DataFrame) -> pd.DataFrame:
    """The legs of operations with a rest of which another one has taken since: it is not what was decided."""
    touched = set()
    for leg in legs[legs["rest"] > 0].to_dict("records"):
        others = in_force[in_force["document_key"] == leg["document_key"]]
        others = others[others["operation_id"] != leg["operation_id"]]
        if (others["recorded_at"] >= leg["recorded_at"]).any():
            touched.add(leg["operation_id"])
    return legs[legs["operation_id"].isin(touched)]


def cleared_for_rest(legs: pd.DataFrame, lines: pd.DataFrame, leaving: pd.DataFrame) -> pd.Series:
    """Whether each leg leaving is of an operation that pays a document which the ERP was told to clear whole,
    its rest being another item."""
    opened = opened_by(lines) - set(lines.loc[lines["posting"] == "reversal", "application_id"])
    gone = legs[legs["application_id"].isin(opened) & (legs["rest"] > 0)]
    late = leaving.loc[leaving["document_key"].isin(gone["document_key"]), "operation_id"]
    return leaving["operation_id"].isin(late)


def as_partial(legs: pd.DataFrame, but: Collection[str] = ()) -> pd.DataFrame:
    """The legs with their rests left in the documents, but for these applications."""
    is_kept = (legs["rest"] > 0) & ~legs["application_id"].isin(list(but))
    return legs.assign(
        settlement=legs["settlement"].mask(is_kept, "partial"), rest=legs["rest"].mask(is_kept, 0)
    )


#: What the line of a residual item does not have of the item it comes from.
_NOT_NEW = ("application_id", "document_id", "document_type", "document_number", "fiscal_year", "item",
            "reference")  # fmt: skip


def item_lines(leg: dict[str, object], line: dict[str, object], turn: int) -> list[dict[str, object]]:
    """The line of an item, and the line of the residual item that it opens.

    ``line``: as it is without a rest; ``turn``: -1 in a reversal. Both lines together are its amount.
    """
    rest = int(str(leg["rest"]))
    told = {"settlement": leg["settlement"], "reason_code": leg["reason_code"], "effect": leg["effect"]}
    if not rest:
        return [{**line, **told}]
    day = pd.Timestamp(str(leg["effective_date"])).date()
    new = {
        **line, **told, **dict.fromkeys(_NOT_NEW, ""), "settlement": "residual_item", "kind": "residual",
         "applied_amount": 0, "posting_amount": turn * rest,
        "due_date": pd.Timestamp(day + dt.timedelta(days=int(str(leg["rest_days"])))),
        "origin_document_id": leg["document_id"], "origin_number": leg["document_number"],
        "origin_year": leg["fiscal_year"], "origin_item": leg["item"],
    }  # fmt: skip
    return [{**line, **told, "posting_amount": int(str(line["posting_amount"])) - turn * rest}, new]


class Opening(NamedTuple):
    """A residual item on its way: what the ERP was told to open, of which document."""

    company_id: str
    customer_id: str
    currency: str
    origins: frozenset[str]  # id and number of the document
    numbers: frozenset[str]  # of the postings
    learned_after: pd.Timestamp


def items_of(opening: Opening, items: pd.DataFrame) -> pd.DataFrame:
    """The debts that name the document as where they come from, or carry the posting's number, seen since."""
    own = items[(items["company_id"] == opening.company_id) & (items["currency"] == opening.currency)]
    own = own[(own["customer_id"] == opening.customer_id) & (own["original_amount"] > 0)]
    own = own[own["recorded_at"] > opening.learned_after]
    named = own["reference_document_id"].isin(opening.origins) | own["reference"].isin(opening.numbers)
    return own[named & ~own["document_id"].isin(opening.origins)]
