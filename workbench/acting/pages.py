"""The page of an act: what it says of us as it was drawn up, and of the customer as far as it has come.

All of it stands in the case, so the same act gives the same page, and the same hash, for ever.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from .. import acts
from ..acts import guards
from ..cases import Case
from ..money import to_major
from ..views.documents.shapes import (
    KINDS,
    ActPage,
    AgreedAction,
    Amount,
    Difference,
    Languages,
    OpenItem,
    Paper,
    Party,
    Proof,
    Signatory,
)
from ..words import Language

Said = Mapping[str, Any]


def act_page(
    case: Case,
    *,
    differences: Sequence[Said] = (),
    actions: Sequence[Said] = (),
    signatories: Sequence[Said] = (),
) -> ActPage:
    """The act as a page; what a move under way brings is given, the rest is taken from the case.

    ``differences``, ``actions``: as the moves ``analyse`` and ``agree`` bring them; ``signatories``: ``side``
    (us, them), ``name``, ``role``, ``person_id``, ``place``. Without any, one empty block a side.
    """
    content = cast(dict[str, Any], case.content)
    theirs = guards.their_balance(case)
    agreed = case.last("agree")
    kept: Mapping[str, Any] = agreed.content if agreed is not None else {}
    found = list(differences) or list(guards.differences(case))
    actions, signatories = actions or kept.get("actions", ()), signatories or kept.get("signatories", ())
    known_at = dt.datetime.fromisoformat(str(content["known_at"]))
    assert case.as_of is not None, "an act has a cut-off"

    def money(amount: object) -> Decimal:
        return to_major(int(str(amount)), case.currency)

    return ActPage(
        act_id=case.case_id,
        company=_party(content["company"]),
        customer=_party(content["customer"]),
        customer_id=case.customer_id,
        currency=case.currency,
        cut_off=case.as_of,
        period_start=_day(content["period_start"]),
        our_balance=money(case.case_amount),
        their_balance=None if theirs is None else money(theirs),
        summary=_summary(content["summary"], case.currency),
        open_items=_items(case),
        ageing=tuple(
            Amount(name, money(content["ageing"].get(name, 0)))
            for name in (*content["ranges"], "unapplied")
            if name in content["ageing"] or name != "unapplied"
        ),
        differences=tuple(_difference(one, case.currency) for one in found),
        actions=tuple(
            AgreedAction(str(one["action"]), str(one["owner"]), _day(one["due_date"])) for one in actions
        ),
        signatories=tuple(_signatory(one) for one in signatories) or (Signatory("us"), Signatory("them")),
        proof=Proof(case.as_of, known_at, str(content["anchor"]), int(content["anchor_rows"])),
        language=cast(Languages, content["language"]),
        first_language=cast(Language, content["first_language"]),
        paper=cast(Paper, content.get("paper", "letter")),
    )


def _party(told: Said) -> Party:
    is_ours = told.get("country", "") in ("", "CO")
    return Party(
        str(told["name"]), str(told["tax_id"]), "nit" if is_ours else "foreign",
        country=str(told["country"]), address=str(told.get("address", "")), city=str(told.get("city", "")),
        contact=str(told.get("contact", "")),
    )  # fmt: skip


def _summary(summary: Said, currency: str) -> tuple[Amount, ...]:
    """The opening, then the movements in the order of the page; what it has no word for is other."""
    sums: dict[str, int] = defaultdict(int)
    for kind, amount in summary.items():
        sums[kind if kind in KINDS or kind == "opening" else "other"] += int(amount)
    return tuple(Amount(kind, to_major(sums[kind], currency)) for kind in ("opening", *KINDS) if kind in sums)


def _items(case: Case) -> tuple[OpenItem, ...]:
    """The open items; of several with one reference, as instalments have, each shows its own item too."""
    shared: dict[str, list[str]] = defaultdict(list)
    for one in case.items:
        shared[acts.facts_of_item(one)["reference"]].append(one.item_id)
    return tuple(_item(one, case.currency, shared) for one in case.items)


def _item(item: Any, currency: str, shared: Mapping[str, Sequence[str]]) -> OpenItem:
    facts = acts.facts_of_item(item)
    document = facts["reference"] or item.item_id
    ids = shared[facts["reference"]]
    if facts["reference"] and len(ids) > 1:
        is_one_document = len({one.rpartition("/")[0] for one in ids}) == 1 and "/" in item.item_id
        document += f" /{item.item_id.rpartition('/')[2]}" if is_one_document else f" · {item.item_id}"
    kind = facts["kind"] if facts["kind"] in KINDS else "other"
    return OpenItem(
        document=document, kind=kind, issue_date=_day(facts["issue"]),
        due_date=_day(facts["due"]), days_overdue=int(facts["days"]) if item.item_amount > 0 else None,
        original=to_major(int(facts["original"]), currency), open=to_major(item.item_amount, currency),
    )  # fmt: skip


def _difference(one: Said, currency: str) -> Difference:
    def money(name: str) -> Decimal | None:
        return to_major(int(one[name]), currency) if name in one else None

    return Difference(
        cause=str(one["cause"]), document=str(one.get("document_id", "")), ours=money("ours"),
        theirs=money("theirs"), amount=to_major(int(one["amount"]), currency),
        owner=str(one.get("owner", "")), due_date=_day(one.get("due_date", "")),
        note=str(one.get("note", "")),
    )  # fmt: skip


def _signatory(one: Said) -> Signatory:
    return Signatory(
        "us" if one["side"] == "us" else "them", str(one.get("name", "")), str(one.get("role", "")),
        str(one.get("person_id", "")), str(one.get("place", "")),
    )  # fmt: skip


def _day(text: object) -> dt.date | None:
    return dt.date.fromisoformat(str(text)) if text else None
