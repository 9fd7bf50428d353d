"""Decisions on credit notes to set-offs: both legs, each note whole or not at all, within one account.

A note may also be given back or moved elsewhere (devolver, trasladar): that applies nothing here, and is
kept as the decision that the ERP's posting rests on. Source: DOMAIN 5, 22, "What the job needs beyond the
anchors" (credits over 180 days).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd

from ..applications import ON_ACCOUNT_OF
from ..ledger import receipts_on_account
from ..money import to_text
from .applied import RULE, Made, World, check_seals, decision_id_of, sealed_groups
from .promises import Promised, spoken_promise
from .results import Decided
from .wishes import NOTE_DECISIONS, SETTLED_ELSEWHERE, FaultError, Row, Wish, is_marked, read_wish

_NO_RECEIPTS = pd.DataFrame({"receipt_key": [], "unapplied_amount": []}, dtype="int64")


def apply_set_offs(
    written: pd.DataFrame,
    open_items: pd.DataFrame,
    *,
    open_from: Mapping[str, dt.date] | None = None,
    known: Collection[str] = (),
    undone: Mapping[int, int] | None = None,
    promised: Mapping[int, Promised] | None = None,
) -> Decided:
    """Legs to post of what was decided of credit notes, and of each row that cannot be taken, why.

    ``written``: ``WRITTEN`` rows of kind ``SET_OFF``; ``open_items``: ``tables.OPEN_ITEMS`` as of now,
    settled ones too. Never another company, customer or currency, nor an item of a special ledger, nor more
    than is open of either; the legs of a note sum to zero and are effective on one day: the latest of its
    documents and the first open one. ``known`` and ``undone`` (by the note's key) as in
    ``apply_decisions``. ``promised`` (by the note's key): what was decided to be given back or moved, and
    by whom; of such a note nothing is decided but its rejection, which takes that back (``withdrawn``).
    ``DECIDED.receipt_key`` is the note's document key.

    A credit may be money on account (``ledger.with_credits_on_account``, key below -1): then its receipt
    gives it up without a document and pays documents with it, so that the cash applied stays what it was.
    """
    world = World(_NO_RECEIPTS, open_items, open_from or {}, undone or {})
    special = dict(zip(open_items["document_key"], open_items["special_gl"], strict=True))
    made = Made("credit-")
    for group in sealed_groups(written):
        marked = sorted(int(str(row["row"])) for row in group if is_marked(row))
        if not marked:
            continue
        try:
            _decide(group, world, special, made, frozenset(known), marked, promised or {})
        except FaultError as fault:
            made.refuse(fault, group[0], marked)
    return made.result()


def _decide(
    group: list[Row],
    world: World,
    special: Mapping[int, str],
    made: Made,
    known: frozenset[str],
    marked: list[int],
    promised: Mapping[int, Promised],
) -> None:
    check_seals(group)
    first = group[0]
    key = int(str(first["receipt_key"]))
    undone = int(world.undone.get(key, 0))
    wish = read_wish(group, NOTE_DECISIONS, withdraws=key in promised or undone > 0)
    _check_alone(wish, group)
    decision_id = decision_id_of(first, wish, undone)
    # A rejection that took a decision back is counted among what was undone: the same file says it again.
    before = decision_id_of(first, wish, undone - 1) if wish.words == ("reject",) else decision_id
    if decision_id in known or (key not in promised and before in known):
        made.repeated += marked
        return
    withdrawn = _withdrawn(wish, group, promised.get(key))
    _check_fresh(group, wish, world)
    taken = _taken(wish, first, world, special)
    total = sum(taken.values())
    open_amount = int(str(first["unapplied_amount"]))
    if total > -open_amount:
        raise FaultError(
            "credit-decision-over-note", first, "unapplied_amount", decided_money=_money(total, first),
            open_money=_money(open_amount, first),
        )  # fmt: skip
    decision = "+".join(wish.words)
    legs = {**taken, key: -total} if total else {}
    _add_legs(made, legs, world, first, wish, decision_id, decision)
    elsewhere = bool(set(wish.words) & set(SETTLED_ELSEWHERE))
    shown = {str(one): int(str(world.items[one]["open_amount"])) for one in {key, *taken}}
    for one, amount in legs.items():
        world.left[one] -= amount
    made.decided.append({
        "decision_id": decision_id, "receipt_key": key, "receipt_id": first["receipt_id"],
        "company_id": first["company_id"], "currency": first["currency"], "decision": decision,
        "applied_amount": total, "largest_amount": -open_amount if elsewhere or withdrawn else total,
        "unapplied_amount": open_amount, "documents": json.dumps(shown, sort_keys=True),
        "content_sha256": first["content_sha256"], "decided_reason": "; ".join(wish.reasons),
        "rows": json.dumps(marked), "withdrawn": withdrawn,
    })  # fmt: skip


def _withdrawn(wish: Wish, group: list[Row], promise: Promised | None) -> str:
    """The decision that a rejection takes back, '' for none; whatever else is decided of it is a fault."""
    marked = [row for row in group if is_marked(row)]
    if promise is None:
        unmeant = [row for row in marked if row["decision"] == "reject" and not row["proposal"]]
        if unmeant:
            raise FaultError("decision-nothing-proposed", unmeant[0])
        return ""
    if promise.case_id:
        marked_row = next(iter(marked), group[0])
        raise FaultError("credit-decision-in-case", marked_row, "decision", case=promise.case_id,
                         **spoken_promise(promise))  # fmt: skip
    if wish.words != ("reject",):
        other = next(row for row in marked if row["decision"] != "reject")
        raise FaultError("credit-decision-promised", other, "decision", **spoken_promise(promise))
    return promise.decision_id


def _check_alone(wish: Wish, group: list[Row]) -> None:
    """What is given back or moved is so whole, and nothing else is decided of it."""
    if set(wish.words) & set(SETTLED_ELSEWHERE) and len(wish.words) > 1:
        raise FaultError("decision-contradictory", next(row for row in group if is_marked(row)))


def _check_fresh(group: list[Row], wish: Wish, world: World) -> None:
    """The note, and the documents that a row speaks of, owe what they did when it was offered."""
    first = group[0]
    own = [line.row for line in wish.lines if not line.document]
    rows = [(first, int(str(first["receipt_key"])), int(str(first["unapplied_amount"])), "unapplied_amount")]
    rows += [
        (row, int(str(row["document_key"])), int(str(row["open_amount"])), "open_amount")
        for row in (*wish.accepted, *own)
    ]
    for row, key, offered, column in rows:
        item = world.items.get(key)
        now = int(str(item["open_amount"])) if item else 0
        if now != offered:
            document = row["receipt_id"] if column == "unapplied_amount" else row["document_id"]
            raise FaultError(
                "decision-stale-document", row, column, document=document,
                now_money=_money(now, row), offered_money=_money(offered, row),
            )  # fmt: skip


def _taken(wish: Wish, first: Row, world: World, special: Mapping[int, str]) -> dict[int, int]:
    """What leaves each invoice, positive; a document that cannot take it is a fault with its cell."""
    taken: dict[int, int] = defaultdict(int)
    wanted = [
        (row, int(str(row["document_key"])), int(str(row["applied_amount"])), "decision")
        for row in wish.accepted
    ]
    wanted += [
        (line.row, world.document(line.row, line.document), line.amount, "decided_documents")
        for line in wish.lines
    ]
    note = world.items[int(str(first["receipt_key"]))]
    if wanted and special.get(int(str(first["receipt_key"]))):
        raise FaultError("credit-decision-special-ledger", wanted[0][0], document=note["document_id"])
    for row, key, amount, column in wanted:
        item = world.items[key]
        if any(item[name] != note[name] for name in ("company_id", "customer_id", "currency")):
            raise FaultError("credit-decision-other-account", row, column, document=item["document_id"])
        if special.get(key):
            raise FaultError("credit-decision-special-ledger", row, column, document=item["document_id"])
        taken[key] += amount
        if amount <= 0 or taken[key] > world.left[key]:
            raise FaultError(
                "decision-over-document", row, column, document=item["document_id"],
                decided_money=_money(taken[key], row), open_money=_money(world.left[key], row),
            )  # fmt: skip
    return dict(taken)


def _add_legs(
    made: Made,
    legs: Mapping[int, int],
    world: World,
    first: Row,
    wish: Wish,
    decision_id: str,
    decision: str,
) -> None:
    evidence: dict[str, object] = {
        "decision": decision, "content": first["content_sha256"], "decision_id": decision_id,
    }  # fmt: skip
    evidence.update({"decided_reason": "; ".join(wish.reasons)} if wish.reasons else {})
    rules = {int(str(row["document_key"])): str(row["rule"]) for row in wish.accepted}
    day = max((world.effective(first, key) for key in legs), default=None)
    credit = int(str(first["receipt_key"]))
    # Money on account is its receipt's: it is given up there, and paid to the document.
    is_cash = credit < -1
    receipt_key = account_receipt(credit) if is_cash else -1
    for key, amount in legs.items():
        item = world.items[key]
        told = {**evidence, **({"rule": rules[key]} if rules.get(key) else {})}
        is_given = is_cash and key == credit
        told |= {ON_ACCOUNT_OF: item["customer_id"]} if is_given else {}
        kind = ("on_account" if is_given else "payment") if is_cash else "credit_note"
        made.legs.append({
            "operation": f"decision:{decision_id}", "receipt_key": receipt_key,
            "receipt_id": first["receipt_id"] if is_cash else "",
            "company_id": item["company_id"], "currency": item["currency"],
            "document_key": -1 if is_given else key,
            "customer_id": item["customer_id"], "kind": kind,
            "document_id": "" if is_given else item["document_id"],
            "applied_amount": amount, "rule": RULE, "effective_date": day,
            "evidence": json.dumps(told, ensure_ascii=False, sort_keys=True),
            "erp_open_amount": 0 if is_given else item["erp_open_amount"],
        })  # fmt: skip


def account_receipt(key: int) -> int:
    """The receipt whose money on account a row of that key is (``ledger.with_credits_on_account``)."""
    return int(receipts_on_account(pd.DataFrame({"document_key": [key]})).iat[0])


def _money(amount: int, row: Row) -> str:
    currency = str(row["currency"])
    return f"{to_text(amount, currency)} {currency}"
