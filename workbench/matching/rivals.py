"""The answers to one receipt side by side, and what speaks against each beside the first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ..money import to_text
from ..tables import CASH_KINDS, Table
from .results import Matched, evidence_text

#: One row an answer, the first of each receipt the likeliest; receipts with one answer have no rival.
RIVALS = Table(
    "rivals",
    ("receipt_key", "answer"),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "customer_id": "text",  # whose documents they are
        "currency": "text",  # the receipt's, of every amount here
        "payment_amount": "money",  # what of the receipt was to be applied
        "answer": "integer",
        "standing": "text",  # applied, proposed, left-behind
        "rule": "text",
        "document_ids": "text",  # with "; " between them
        "documents": "integer",
        "documents_amount": "money",  # open, less what no cash settles; in an exchange its worth
        "difference_amount": "money",  # documents_amount − payment_amount
        "against": "text",  # canonical JSON: code and values, words in evidence.po
    },
)
APPLIED, PROPOSED, LEFT_BEHIND = "applied", "proposed", "left-behind"
#: Chances nearer than this are the same: they are kept with two digits.
_EVEN = 0.02

Row = dict[str, Any]


def compare_rivals(matched: Matched, open_items: pd.DataFrame) -> pd.DataFrame:
    """``RIVALS``: every answer of the receipts that have more than one, applied or not.

    ``open_items``: ``tables.OPEN_ITEMS`` before the run, settled ones too. Sorted by receipt and answer.
    """
    open_amounts = dict(zip(open_items["document_key"], open_items["open_amount"], strict=True))
    rows = [*_proposed(matched, open_amounts), *_applied(matched)]
    frame = RIVALS.conform(pd.DataFrame(rows, columns=list(RIVALS.columns)))
    order = ["company_id", "currency", "receipt_id", "receipt_key", "answer"]
    return frame.sort_values(order, kind="stable", ignore_index=True)


def _proposed(matched: Matched, open_amounts: Mapping[int, int]) -> Iterator[Row]:
    names = ("receipt_key", "unapplied_amount", "currency")
    left = {key: told for key, *told in zip(*(matched.unapplied[name] for name in names), strict=True)}
    several = matched.unapplied.loc[matched.unapplied["rivals"] > 1, "receipt_key"]
    legs = matched.suggested[matched.suggested["receipt_key"].isin(several)]
    for key, answers in legs.groupby("receipt_key", sort=True):
        paid, currency = int(left[key][0]), str(left[key][1])
        each = answers.groupby("proposal", sort=True)
        shown = [{**_answer(one, paid, open_amounts), "currency": currency} for _, one in each]
        if len(shown) > 1:
            yield from _weighed(shown)


def _answer(legs: pd.DataFrame, paid: int, open_amounts: Mapping[int, int]) -> Row:
    first = legs.iloc[0]
    others = legs[~legs["kind"].isin(CASH_KINDS)]
    keys = [int(key) for key in legs["document_key"].unique() if key >= 0]
    whole = sum(int(open_amounts.get(key, 0)) for key in keys) - int(others["applied_amount"].sum())
    if others["kind"].eq("exchange").any():
        # Documents of another currency are worth here what is given for them.
        whole = int(legs.loc[legs["kind"].isin(CASH_KINDS), "applied_amount"].sum())
    names = list(dict.fromkeys(str(name) for name in legs["document_id"] if name))
    facts = json.loads(first["evidence"])
    return {
        **{name: first[name] for name in ("receipt_key", "receipt_id", "company_id", "customer_id")},
        "payment_amount": paid,
        "answer": int(first["proposal"]),
        "standing": PROPOSED,
        "rule": first["rule"],
        "document_ids": "; ".join(names),
        "documents": len(names),
        "documents_amount": whole,
        "difference_amount": whole - paid,
        "facts": facts,
        "is_reduced": len(others) > 0,
        # A proposal shows no more legs than the cash reaches.
        "is_cut": int(facts.get("items", 0)) > len(keys),
    }


def _weighed(shown: list[Row]) -> Iterator[Row]:
    for row in shown:
        row["against"] = evidence_text(_against(row, shown))
        yield row


def _against(row: Row, shown: list[Row]) -> dict[str, object]:
    """A code and its values; of the first answer, what makes it the first."""
    first = shown[0]
    difference = int(row["difference_amount"])
    side = "over" if difference > 0 else "short"
    told = {"difference": to_text(abs(difference), row["currency"])}
    if row is first:
        return {"code": f"first-{side}", **told} if difference else _of_first(first, shown)
    if row["is_cut"]:
        return {"code": "beyond"}
    if difference:
        return {"code": side, **told}
    if first["difference_amount"]:
        return {"code": "exact"}
    if row["is_reduced"] and not first["is_reduced"]:
        return {"code": "reduced"}
    own, best = row["facts"], first["facts"]
    if _is_even(first, row):
        return {"code": "even"}
    if "chance" in own and "chance" in best:
        names = ("chance", "expected")
        return {
            "code": "rarer",
            **{name: own[name] for name in names if name in own},
            **{f"first_{name}": best[name] for name in names if name in best},
        }
    return {"code": "weaker", "rule": row["rule"], "first_rule": first["rule"]}


def _of_first(first: Row, shown: list[Row]) -> dict[str, object]:
    if any(_is_even(first, other) for other in shown[1:]):
        return {"code": "first-of-equals"}
    chance = {name: first["facts"][name] for name in ("chance",) if name in first["facts"]}
    return {"code": "first-likely" if chance else "first", **chance}


def _is_even(first: Row, row: Row) -> bool:
    own, best = row["facts"].get("chance"), first["facts"].get("chance")
    if row["difference_amount"] or own is None or best is None:
        return False
    return abs(float(own) - float(best)) <= _EVEN


def _applied(matched: Matched) -> Iterator[Row]:
    """Applied receipts whose evidence remembers other answers."""
    told = matched.applied[matched.applied["evidence"].str.contains('"others"', regex=False)]
    for _, legs in told.groupby("receipt_key", sort=True):
        first = legs.iloc[0]
        facts = json.loads(first["evidence"])
        cash = legs[legs["kind"].isin(CASH_KINDS)]
        paid = int(cash["applied_amount"].sum())
        names = list(dict.fromkeys(str(name) for name in legs["document_id"] if name))
        common = {
            **{
                name: first[name]
                for name in ("receipt_key", "receipt_id", "company_id", "customer_id")
            },
            "currency": cash["currency"].iat[0], "payment_amount": paid, "documents_amount": paid,
            "difference_amount": 0, "is_reduced": False, "is_cut": False,
        }  # fmt: skip
        shown = [{**common, "answer": 1, "standing": APPLIED, "rule": first["rule"],
                  "document_ids": "; ".join(names), "documents": len(names), "facts": facts}]  # fmt: skip
        for number, other in enumerate(facts.get("others", ()), start=2):
            shown.append({
                **common, "answer": number, "standing": LEFT_BEHIND, "rule": other["rule"],
                "document_ids": "; ".join(other["documents"]), "documents": len(other["documents"]),
                "facts": other,
            })  # fmt: skip
        yield from _weighed(shown)
