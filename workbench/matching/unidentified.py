"""Receipts of which nobody knows who paid: who it may be and why, how old it is, and whose task it is.

They take nothing, so their amount is asked once all others have taken theirs: of one customer that still owes
exactly this it says so, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..money import to_text
from .parties import SCORES, Clue, Signs
from .pool import Pool, in_trade_order
from .results import SUGGESTED, UNIDENTIFIED, Verdict, evidence_text, leg_kind

if TYPE_CHECKING:
    from .partitions import Known
    from .receipts import Unknown

_BY_AMOUNT = "single-amount"
#: Candidates of one receipt that are shown.
MOST_CANDIDATES = 5
#: What another kind of evidence for the same customer adds.
_MORE = 5


@dataclass(frozen=True)
class Asked:
    """``suggested``: what was found, with ``_row``; ``answers``: how many of each receipt, by row;
    ``candidates``: ``results.UNIDENTIFIED``.
    """

    suggested: pd.DataFrame
    answers: dict[int, int]
    candidates: pd.DataFrame


def ask_last(
    unknown: Sequence[Unknown], known: Known, applied: pd.DataFrame, suggested: pd.DataFrame
) -> Asked:
    """Candidates of receipts whose payer no fact tells, and debts of exactly their amount, in their order."""
    rows = [one.row for one in unknown if one.is_asked]
    shown = _held_by_one_customer(rows, known, _left_open(known.open_items, applied))
    shown = shown[~_is_shown(shown, suggested)]
    before = suggested.groupby("_row")["proposal"].max()
    number = shown.groupby("_row").cumcount() + 1 + shown["_row"].map(before).fillna(0).astype("int64")
    shown = shown.assign(proposal=number, rank=number)
    owing = zip(shown["_row"].tolist(), shown["customer_id"].tolist(), strict=True)
    by_amount = {row: Clue(customer, "amount", SCORES["amount"]) for row, customer in owing}
    told = known.ordered.iloc[[one.row for one in unknown]].to_dict("records")
    candidates = [
        candidate
        for one, receipt in zip(unknown, told, strict=True)
        for candidate in _candidate_rows(
            receipt,
            [
                *one.rivals,
                *known.parties.clues(known.signs[one.row]),
                *one.by_answers,
                *filter(None, (by_amount.get(one.row),)),
            ],
            known.signs[one.row],
            known,
        )
    ]
    return Asked(
        shown,
        shown["_row"].value_counts().to_dict(),
        UNIDENTIFIED.conform(pd.DataFrame(candidates, columns=list(UNIDENTIFIED.columns))),
    )


def clues_of_answers(verdict: Verdict, pool: Pool) -> Iterator[Clue]:
    """Whose documents the answers take: by the amount, or by what the text was read to name."""
    for answer in verdict.proposals:
        kind = "reference" if "references" in answer.evidence else "amount"
        for customer in sorted({pool.customer[position] for position in answer.positions}):
            yield Clue(customer, kind, SCORES.get(kind, 90))


def _left_open(open_items: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
    """The items that may be paid and still owe something, by ``open_amount``."""
    taken = applied.groupby("document_key")["applied_amount"].sum()
    left = open_items["open_amount"].to_numpy().copy()
    if len(taken):
        keys = pd.Index(taken.index)
        places = keys.get_indexer(open_items["document_key"])
        left -= np.where(places >= 0, taken.to_numpy()[places], 0)
    is_free = (left != 0) & (open_items["special_gl"] == "") & (open_items["payment_block"] == "")
    return open_items.assign(open_amount=left)[is_free]


def _held_by_one_customer(rows: Sequence[int], known: Known, left: pd.DataFrame) -> pd.DataFrame:
    """Where one customer alone owes exactly the amount: all its documents that do, oldest due first."""
    receipts = known.ordered.iloc[rows].assign(_row=np.asarray(rows, dtype=np.int64))
    columns = ["receipt_key", "receipt_id", "company_id", "currency", "receipt_date", "_left"]
    receipts = receipts[["_row", *columns]]
    amount = ["company_id", "currency", "open_amount"]
    near = in_trade_order(left[np.isin(left["open_amount"], receipts["_left"])][list(Pool.COLUMNS)])[0]
    found = receipts.rename(columns={"_left": "open_amount"}).merge(near, on=amount, how="inner")
    ends = pd.to_datetime(found["document_key"].map(known.last_days))
    is_late = (found["document_date"] > found["receipt_date"]) | (ends < found["receipt_date"])
    found = found[~is_late]
    found = found[found.groupby("_row")["customer_id"].transform("nunique") == 1]
    rivals = found.groupby("_row")["_row"].transform("size") - 1
    said = [
        evidence_text({"amount": to_text(amount, currency), "customer": "amount", "rivals": count})
        for amount, currency, count in zip(
            found["open_amount"].tolist(), found["currency"].tolist(), rivals.tolist(), strict=True
        )
    ]
    kinds = [leg_kind(amount) for amount in found["open_amount"].tolist()]
    shown = found.assign(
        proposal=0,
        rank=0,
        kind=kinds,
        applied_amount=found["open_amount"],
        rule=_BY_AMOUNT,
        evidence=said,
    )
    row = shown["_row"].reset_index(drop=True)
    return SUGGESTED.conform(shown).assign(_row=row).sort_values("_row", kind="stable", ignore_index=True)


def _is_shown(shown: pd.DataFrame, suggested: pd.DataFrame) -> np.ndarray:
    """Whether an answer of that one document is among a receipt's suggestions already."""
    legs = suggested.groupby(["_row", "proposal"])["document_key"].agg(["size", "first"]).reset_index()
    alone = legs[legs["size"] == 1]
    known = set(zip(alone["_row"].tolist(), alone["first"].tolist(), strict=True))
    asked = zip(shown["_row"].tolist(), shown["document_key"].tolist(), strict=True)
    return np.array([one in known for one in asked], dtype=bool)


def _candidate_rows(
    receipt: dict[Any, Any], clues: Iterable[Clue], signs: Signs, known: Known
) -> Iterator[dict[str, object]]:
    """Rows of ``UNIDENTIFIED``: the likeliest first, or one row that says that nobody is known."""
    whole = {
        "receipt_key": receipt["receipt_key"],
        "receipt_id": receipt["receipt_id"],
        "company_id": signs.company,
        "receipt_date": receipt["receipt_date"],
        "age_days": (known.as_of - signs.day).days,
        "currency": receipt["currency"],
        "unapplied_amount": receipt["_left"],
    }
    nobody = {"customer_id": "", "customer_name": "", "known_by": "", "score": 0, "owner": ""}

    def paying(customer: str) -> int:
        return known.habits.pays_on(signs.company, customer, signs.day.weekday())

    ranked = _ranked(clues, paying)
    if not ranked:
        yield {**whole, **nobody, "rank": 0, "evidence": evidence_text({})}
    for rank, (score, customer, kinds) in enumerate(ranked[:MOST_CANDIDATES], start=1):
        name, owner = known.parties.owner_of(signs.company, customer)
        yield {
            **whole,
            "rank": rank,
            "customer_id": customer,
            "customer_name": name,
            "known_by": max(kinds, key=lambda kind: (kinds[kind], kind)),
            "score": score,
            "evidence": evidence_text({f"payer_{kind}": str(value) for kind, value in kinds.items()}),
            "owner": owner,
        }


def _ranked(clues: Iterable[Clue], paying: Callable[[str], int]) -> list[tuple[int, str, dict[str, int]]]:
    """(score, customer, score by kind), the likeliest first: the best reason, and a little for each other.

    Of those that are as likely, whoever more often pays on that day of the week (``paying``).
    """
    by_customer: dict[str, dict[str, int]] = {}
    for clue in clues:
        kinds = by_customer.setdefault(clue.customer_id, {})
        kinds[clue.kind] = max(kinds.get(clue.kind, 0), clue.score)
    scored = [
        (min(100, max(kinds.values()) + _MORE * (len(kinds) - 1)), customer, kinds)
        for customer, kinds in by_customer.items()
    ]
    return sorted(scored, key=lambda one: (-one[0], -len(one[2]), -paying(one[1]), one[1]))
