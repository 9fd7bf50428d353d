"""Which signed acts the book contradicts by now: the same cut-off, with what has become known since.

A credit note that came later but is dated before the cut-off, an application reversed, a clearing dated back:
each changes what the book says of the day that was signed. What is dated after the cut-off changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from ..applications import collect_findings, finding
from ..money import to_text
from ..tables import Table
from .machine import SIGNED

_WHOSE = ["company_id", "customer_id", "currency"]
#: One row a document whose amount is no longer what the act holds; key ``case_id, document_key``.
CONTRADICTIONS = Table(
    "contradictions",
    ("case_id", "document_key"),
    {
        "case_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "as_of_date": "date",
        "state": "text",
        "document_key": "integer",
        "document_id": "text",
        "change": "text",  # amount, gone (nothing of it is open any more), appeared (it was not in the act)
        "act_amount": "money",  # 0 where it was not in the act
        "book_amount": "money",  # 0 where nothing is open
        "difference": "money",  # the book now − the act; Σ = the change of the balance
    },
)


def find_contradictions(
    acts: pd.DataFrame,
    case_items: pd.DataFrame,
    open_items: pd.DataFrame,
    *,
    as_of: dt.date,
    states: Collection[str] = SIGNED,
) -> pd.DataFrame:
    """The documents in which the book contradicts acts of the cut-off ``as_of`` (``CONTRADICTIONS``).

    ``acts``: ``histories.ACTS``; only those of ``as_of`` in one of ``states`` are looked at. ``case_items``:
    what they hold (``tables.CASE_ITEMS``). ``open_items``: the book's, as of ``as_of`` and as known now, with
    the credits on account (``tables.OPEN_ITEMS``). A document counts by its key and its open amount; one
    with nothing open is as none. Amounts in minor units, signed.
    """
    judged = acts[acts["state"].isin(list(states)) & (acts["as_of_date"] == pd.Timestamp(as_of))]
    held = _amounts(case_items[case_items["item_kind"] == "document"], ["case_id"], "item_key", "item_amount")
    now = _amounts(open_items, _WHOSE, "document_key", "open_amount")
    names = dict(zip(case_items["item_key"].tolist(), case_items["item_id"].tolist(), strict=True))
    names |= dict(zip(open_items["document_key"].tolist(), open_items["document_id"].tolist(), strict=True))
    rows = []
    for act in judged[["case_id", *_WHOSE, "as_of_date", "state"]].to_dict("records"):
        account = tuple(act[name] for name in _WHOSE)
        for one in compare_items(held.get((act["case_id"],), {}), now.get(account, {})):
            rows.append({
                **act, "document_key": one.key, "document_id": names[one.key], "change": one.change,
                "act_amount": one.act_amount, "book_amount": one.book_amount,
                "difference": one.book_amount - one.act_amount,
            })  # fmt: skip
    found = CONTRADICTIONS.conform(pd.DataFrame(rows, columns=list(CONTRADICTIONS.columns)))
    return found.sort_values([*_WHOSE, "case_id", "document_key"], ignore_index=True)


def find_all_contradictions(
    acts: pd.DataFrame,
    case_items: pd.DataFrame,
    open_items_on: Callable[..., pd.DataFrame],
    *,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """:func:`find_contradictions` of every signed act, whatever its cut-off (``CONTRADICTIONS``).

    ``open_items_on(as_of=…, known_at=…)``: the book's open items of a day (``statements.Facts.open_items``).
    """
    signed = acts[acts["state"].isin(SIGNED)]
    found = [CONTRADICTIONS.empty()]
    for cut_off in sorted(signed["as_of_date"].unique()):
        as_of = pd.Timestamp(cut_off).date()
        found.append(
            find_contradictions(
                signed, case_items, open_items_on(as_of=as_of, known_at=known_at), as_of=as_of
            )
        )
    return CONTRADICTIONS.conform(pd.concat(found, ignore_index=True))


def tell_contradictions(contradictions: pd.DataFrame) -> pd.DataFrame:
    """A finding an act that the book contradicts (``tables.FINDINGS``): reopen it and draw up the next."""
    told = []
    for case_id, own in contradictions.groupby("case_id", sort=True):
        first = own.iloc[0]
        money = {
            name: f"{to_text(int(first[f'{name}_amount']), first['currency'])} {first['currency']}"
            for name in ("act", "book")
        }
        told.append(finding(
            "act-contradicted", table="acts", key=str(case_id), amount=int(own["difference"].sum()),
            currency=str(first["currency"]), case=str(case_id), count=len(own),
            document=str(first["document_id"]), act_money=money["act"], book_money=money["book"],
        ))  # fmt: skip
    return collect_findings(told)


class Change(NamedTuple):
    """A document of which act and book say different amounts; ``change`` as in ``CONTRADICTIONS``."""

    key: int
    change: str
    act_amount: int
    book_amount: int


def compare_items(held: Mapping[int, int], now: Mapping[int, int]) -> list[Change]:
    """By document key: what an act holds against what is open now; 0 is as absent."""
    changes = []
    for key in sorted(held.keys() | now.keys()):
        act_amount, book_amount = held.get(key, 0), now.get(key, 0)
        if act_amount != book_amount:
            change = "appeared" if not act_amount else "gone" if not book_amount else "amount"
            changes.append(Change(key, change, act_amount, book_amount))
    return changes


def _amounts(
    rows: pd.DataFrame, whose: Sequence[str], key: str, amount: str
) -> dict[tuple[str, ...], dict[int, int]]:
    """By owner, the amount of each key."""
    found: dict[tuple[str, ...], dict[int, int]] = defaultdict(dict)
    owners = zip(*(rows[name].tolist() for name in whose), strict=True)
    for owner, number, value in zip(owners, rows[key].tolist(), rows[amount].tolist(), strict=True):
        found[owner][number] = value
    return found
