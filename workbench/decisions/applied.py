"""Decisions to legs: each receipt whole or not at all, never more than is open and came in.

A decision holds for the content that it was made on: the receipt's cash and the documents' open amounts.
Where either has changed since, the row is stale and a finding, not an application. Source: DOMAIN 22 and
"What the job needs beyond the anchors"; TRUST, Approvals and Payment application.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from ..applications import APPLIED, ON_ACCOUNT_OF, collect_findings, first_open_day
from ..money import checked_sum, to_text
from ..policy import USUAL_REASONS, Reason
from ..references import ReferenceIndex
from ..tables import CASH_KINDS
from .account_customers import whose_account
from .offered import WRITTEN, content_seals, row_seals
from .promises import Promised, spoken_promise
from .rests import Legs, settle_rests
from .results import DECIDED, REFUSED, Decided
from .wishes import FaultError, Row, Wish, is_marked, read_wish

#: The rule of a leg that a person decided; the rule that proposed it stands in the evidence.
RULE = "decided"
#: Documents that a name may mean and that a finding lists.
_MOST_CANDIDATES = 6


def apply_decisions(
    written: pd.DataFrame,
    receipts: pd.DataFrame,
    open_items: pd.DataFrame,
    *,
    open_from: Mapping[str, dt.date] | None = None,
    known: Collection[str] = (),
    undone: Mapping[int, int] | None = None,
    reasons: Sequence[Reason] = USUAL_REASONS,
    promised: Mapping[int, Promised] | None = None,
    customers: pd.DataFrame | None = None,
) -> Decided:
    """Legs to post of what was decided, and of each row that cannot be taken, why.

    ``written``: ``WRITTEN``, the offered rows as they came back; ``receipts``: ``unapplied_amount`` by
    ``receipt_key`` as of now (``ledger.unapplied_receipts``); ``open_items``: ``tables.OPEN_ITEMS`` as of
    now, settled ones too. A receipt is decided whole: one fault in its rows refuses all it says. Receipts
    are taken by day and id, so two that want the same document are served alike whatever the rows' order.

    ``known``: ids of decisions in the book, which are repeats; ``undone``: how often a receipt's
    applications were reversed, so that the same decision after an undo is a new one. A leg is effective on
    the latest of receipt, document and first open day. Cash applied ≤ unapplied, receipt by receipt.
    ``reasons``: why a document may be paid short, and what then becomes of its rest. ``promised``: credit
    notes by key that are to be given back or moved, which no receipt takes. ``customers``: ids and tax ids
    (``tables.CUSTOMERS``) by which a person may say whose the money on account is.
    """
    world = World(receipts, open_items, open_from or {}, undone or {}, promised or {}, customers)
    made = Made()
    for group in sealed_groups(written):
        marked = sorted(int(str(row["row"])) for row in group if is_marked(row))
        if not marked:
            continue
        try:
            _decide(group, world, made, frozenset(known), marked, reasons)
        except FaultError as fault:
            made.refuse(fault, group[0], marked)
    return made.result()


def prove_conservation(decided: Decided) -> pd.DataFrame:
    """Per currency: what the decided receipts had unapplied = what is applied now + what is left of it."""
    cash = decided.applied[decided.applied["kind"].isin(CASH_KINDS)]
    rows = []
    for currency, part in decided.decided.groupby("currency"):
        before = checked_sum(part["unapplied_amount"].to_numpy())
        applied = checked_sum(cash.loc[cash["currency"] == currency, "applied_amount"].to_numpy())
        left = checked_sum((part["unapplied_amount"] - part["applied_amount"]).to_numpy())
        rows.append((currency, before, applied, left, before == applied + left))
    return pd.DataFrame(rows, columns=["currency", "unapplied", "applied", "left", "is_proved"])


def sealed_groups(written: pd.DataFrame) -> list[list[Row]]:
    """The rows of each receipt or note by their place, told whether their seals hold; by day and id."""
    rows = WRITTEN.conform(written)
    seals = row_seals(rows)
    sound = (seals == rows["row_sha256"]).tolist()
    whole = (content_seals(rows, seals) == rows["content_sha256"]).tolist()
    groups: dict[int, list[Row]] = defaultdict(list)
    for row, is_sound, is_whole in zip(rows.to_dict("records"), sound, whole, strict=True):
        groups[int(row["receipt_key"])].append({**row, "is_sound": is_sound, "is_whole": is_whole})
    for group in groups.values():
        group.sort(key=lambda row: int(str(row["row"])))
    return sorted(groups.values(), key=_order)


def check_seals(group: list[Row]) -> None:
    """No locked cell was changed and no row is missing; else a fault."""
    for row in group:
        if not row["is_sound"]:
            raise FaultError("decision-row-changed", row, "receipt_id")
    if not group[0]["is_whole"]:
        raise FaultError("decision-rows-missing", group[0], "receipt_id")


def decision_id_of(first: Row, wish: Wish, undone: int) -> str:
    """Made of what was offered and what is decided of it; the same after an undo is another decision."""
    return _sha256([first["company_id"], str(first["content_sha256"]), wish.says(), undone])


class World:
    """What is open now, taken down as receipts take it."""

    def __init__(
        self,
        receipts: pd.DataFrame,
        open_items: pd.DataFrame,
        open_from: Mapping[str, dt.date],
        undone: Mapping[int, int],
        promised: Mapping[int, Promised] | None = None,
        customers: pd.DataFrame | None = None,
    ) -> None:
        self.customers = customers
        self.payers: dict[int, str] = (
            dict(zip(receipts["receipt_key"], receipts["customer_id"], strict=True))
            if "customer_id" in receipts
            else {}
        )
        self.promised = promised or {}
        self.unapplied = dict(zip(receipts["receipt_key"], receipts["unapplied_amount"], strict=True))
        self._currencies = (
            dict(zip(receipts["receipt_key"], receipts["currency"], strict=True))
            if "currency" in receipts
            else {}
        )
        names = ["document_key", "document_id", "document_number", "reference", "company_id", "customer_id",
                 "currency", "document_date", "open_amount", "erp_open_amount"]  # fmt: skip
        self.items: dict[int, Row] = {
            row["document_key"]: row for row in open_items[names].to_dict("records")
        }
        self.left = {key: int(str(row["open_amount"])) for key, row in self.items.items()}
        self.open_from, self.undone = open_from, undone
        self._accounts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for key, item in self.items.items():
            account = (str(item["company_id"]), str(item["currency"]))
            self._accounts[account].append(key)
            self._accounts[(*account, str(item["customer_id"]))].append(key)
        self._indices: dict[tuple[str, ...], ReferenceIndex] = {}

    def currency_of(self, row: Row) -> str:
        """The receipt's currency: a row of an exchange has its document's."""
        return str(self._currencies.get(int(str(row["receipt_key"])), row["currency"]))

    def document(self, row: Row, name: str) -> int:
        """The key of a document by its id, its number or its reference, in whatever way these are written.

        The row's customer's before any other's; of several the one that is open. Several left are a fault
        that names them: a person's money is not guessed.
        """
        if not name:
            return int(str(row["document_key"]))
        account = (str(row["company_id"]), str(row["currency"]))
        found = self._named((*account, str(row["customer_id"])), name) or self._named(account, name)
        if len(found) > 1:
            found = [key for key in found if self.items[key]["open_amount"]] or found
        if not found:
            raise FaultError("decision-document-unknown", row, "decided_documents", document=name)
        if len(found) > 1:
            shown = ", ".join(sorted(str(self.items[key]["document_id"]) for key in found)[:_MOST_CANDIDATES])
            raise FaultError(
                "decision-document-ambiguous", row, "decided_documents", document=name, candidates=shown
            )
        return found[0]

    def _named(self, account: tuple[str, ...], name: str) -> list[int]:
        """Documents of an account that are called so: by their whole id, else as they are written."""
        keys = self._accounts.get(account, [])
        if whole := [key for key in keys if self.items[key]["document_id"] == name]:
            return whole
        columns = ("document_number", "reference")
        if same := [key for key in keys if name in (self.items[key][one] for one in columns)]:
            return same
        if account not in self._indices:
            self._indices[account] = ReferenceIndex(
                (level, str(self.items[key][column]), key, key)
                for key in keys
                for level, column in ((0, "document_id"), (0, "document_number"), (1, "reference"))
            )
        mention = self._indices[account].resolve(name)
        return list(mention.positions) if mention else []

    def effective(self, row: Row, key: int) -> pd.Timestamp:
        """The latest of the receipt's day, the document's, and the first day open to the company."""
        days = [pd.Timestamp(str(row["receipt_date"]))]
        if key in self.items:
            days.append(pd.Timestamp(str(self.items[key]["document_date"])))
        first = first_open_day(self.open_from, str(row["company_id"]))
        days += [pd.Timestamp(first)] if first else []
        return max(day for day in days if not pd.isna(day))


class Made:
    """What came of the receipts so far; ``prefix``: how the rules of its findings begin."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self.legs: list[dict[str, object]] = []
        self.decided: list[dict[str, object]] = []
        self.refused: list[tuple[int, str, str]] = []
        self.found: list[dict[str, object]] = []
        self.repeated: list[int] = []

    def refuse(self, fault: FaultError, first: Row, marked: list[int]) -> None:
        rule = fault.rule if fault.rule.startswith(self._prefix) else self._prefix + fault.rule
        said = json.dumps({**fault.values, "row": fault.row}, ensure_ascii=False, sort_keys=True, default=str)
        self.found.append({
            "level": "error", "source": "", "row": fault.row, "table": "decisions",
            "key": str(first["receipt_id"]), "rule": rule, "values": said,
            "amount": int(str(first["unapplied_amount"])), "currency": str(first["currency"]),
        })  # fmt: skip
        self.refused += [(row, rule, said) for row in marked]

    def result(self) -> Decided:
        return Decided(
            APPLIED.conform(pd.DataFrame(self.legs, columns=list(APPLIED.columns))),
            DECIDED.conform(pd.DataFrame(self.decided, columns=list(DECIDED.columns))),
            REFUSED.conform(pd.DataFrame(self.refused, columns=list(REFUSED.columns))),
            collect_findings(self.found),
            tuple(sorted(self.repeated)),
        )


def _order(group: list[Row]) -> tuple[object, ...]:
    first = group[0]
    names = ("company_id", "receipt_date", "receipt_id", "receipt_key")
    return tuple(str(first[name]) if name != "receipt_key" else first[name] for name in names)


def _decide(
    group: list[Row],
    world: World,
    made: Made,
    known: frozenset[str],
    marked: list[int],
    reasons: Sequence[Reason],
) -> None:
    check_seals(group)
    first = group[0]
    wish = read_wish(group)
    key = int(str(first["receipt_key"]))
    content = str(first["content_sha256"])
    decision_id = decision_id_of(first, wish, int(world.undone.get(key, 0)))
    if decision_id in known:
        made.repeated += marked
        return
    _check_fresh(group, wish, world)
    legs, shown = _legs(wish, first, world)
    owners = {str(world.items[one]["customer_id"]) for one, _ in legs if one in world.items}
    customer = whose_account(wish, group, legs, owners, world.payers.get(key, ""), world.customers)
    of_rests = settle_rests(wish.rests, legs, world, first, reasons)
    cash = sum(amount for (_, kind), (amount, _) in legs.items() if kind in CASH_KINDS)
    for (document, _), (amount, _) in legs.items():
        if document >= 0:
            world.left[document] -= amount
    decision = "+".join(wish.words)
    currency = world.currency_of(first)
    evidence = {"decision": decision, "content": content, "decision_id": decision_id}
    evidence.update({"decided_reason": "; ".join(wish.reasons)} if wish.reasons else {})
    for (document, kind), (amount, rule) in legs.items():
        item: Row = world.items.get(document, {})
        told = {**evidence, **({"rule": rule} if rule else {}), **of_rests.get((document, kind), {})}
        if customer and (document, kind) == (-1, "on_account"):
            told[ON_ACCOUNT_OF] = customer
        made.legs.append({
            "operation": f"decision:{decision_id}", "receipt_key": key, "receipt_id": first["receipt_id"],
            "company_id": first["company_id"], "currency": item.get("currency", currency),
            "document_key": document,
            "customer_id": item.get("customer_id", customer or first["customer_id"]),
            "kind": kind, "document_id": item.get("document_id", ""), "applied_amount": amount, "rule": RULE,
            "effective_date": world.effective(first, document),
            "evidence": json.dumps(told, ensure_ascii=False, sort_keys=True),
            "erp_open_amount": item.get("erp_open_amount", 0),
        })  # fmt: skip
    made.decided.append({
        "decision_id": decision_id, "receipt_key": key, "receipt_id": first["receipt_id"],
        "company_id": first["company_id"], "currency": currency, "decision": decision,
        "applied_amount": cash, "largest_amount": sum(
            max(amount, 0) for (document, _), (amount, _) in legs.items()
            if world.items.get(document, {}).get("currency", currency) == currency),
        "unapplied_amount": first["unapplied_amount"], "documents": json.dumps(shown, sort_keys=True),
        "content_sha256": content, "decided_reason": "; ".join(wish.reasons), "rows": json.dumps(marked),
        "withdrawn": "",
    })  # fmt: skip


def _check_fresh(group: list[Row], wish: Wish, world: World) -> None:
    """The receipt's cash, and the documents that a row speaks of, are as they were when it was offered."""
    first, currency = group[0], world.currency_of(group[0])
    now = int(world.unapplied.get(int(str(first["receipt_key"])), 0))
    if now != first["unapplied_amount"]:
        raise FaultError(
            "decision-stale-receipt", first, "unapplied_amount",
            now_money=f"{to_text(now, currency)} {currency}",
            offered_money=f"{to_text(int(str(first['unapplied_amount'])), currency)} {currency}",
        )  # fmt: skip
    own = [line.row for line in wish.lines if not line.document]
    for row in [*wish.accepted, *own]:
        item = world.items.get(int(str(row["document_key"])))
        open_now = int(str(item["open_amount"])) if item else 0
        if open_now != row["open_amount"]:
            there = str(row["currency"])  # the document's, which need not be the receipt's
            raise FaultError(
                "decision-stale-document", row, "open_amount", document=row["document_id"],
                now_money=f"{to_text(open_now, there)} {there}",
                offered_money=f"{to_text(int(str(row['open_amount'])), there)} {there}",
            )  # fmt: skip


def _legs(wish: Wish, first: Row, world: World) -> tuple[Legs, dict[str, int]]:
    """Amount and proposing rule by document and kind, what fits; and what was open of each document."""
    legs: Legs = {}

    def take(row: Row, document: int, kind: str, amount: int, rule: str) -> None:
        before, _ = legs.get((document, kind), (0, ""))
        legs[(document, kind)] = (before + amount, rule)
        if document < 0:
            return  # the receipt's side of an exchange: its cash is looked at below
        taken = sum(amount for (one, _), (amount, _) in legs.items() if one == document)
        if document in world.promised:
            promise = world.promised[document]
            rule = "decision-credit-in-case" if promise.case_id else "decision-credit-promised"
            named = {"case": promise.case_id} if promise.case_id else {}
            raise FaultError(
                rule, row, "decision", document=world.items[document]["document_id"], **named,
                **spoken_promise(promise),
            )  # fmt: skip
        _check_room(row, world, document, taken)

    for row in wish.accepted:
        take(row, int(str(row["document_key"])), str(row["kind"]), int(str(row["applied_amount"])),
             str(row["rule"]))  # fmt: skip
    for line in wish.lines:
        document = world.document(line.row, line.document)
        take(line.row, document, "payment" if line.amount > 0 else "credit_note", line.amount, "")
    cash = sum(amount for (_, kind), (amount, _) in legs.items() if kind in CASH_KINDS)
    unapplied = int(str(first["unapplied_amount"]))
    on_account = wish.on_account or 0
    if wish.rest_on_account is not None:
        on_account = unapplied - cash
        if on_account <= 0:
            raise FaultError("decision-contradictory", wish.rest_on_account)
    if on_account:
        legs[(-1, "on_account")] = (on_account + legs.get((-1, "on_account"), (0, ""))[0], "")
    if not 0 <= cash + on_account <= unapplied:
        currency = world.currency_of(first)
        raise FaultError(
            "decision-over-receipt", first, "unapplied_amount",
            decided_money=f"{to_text(cash + on_account, currency)} {currency}",
            unapplied_money=f"{to_text(unapplied, currency)} {currency}",
        )  # fmt: skip
    shown = {str(one): int(str(world.items[one]["open_amount"])) for one, _ in legs if one in world.items}
    return legs, shown


def _check_room(row: Row, world: World, document: int, taken: int) -> None:
    left = world.left.get(document, 0)
    if not (0 <= taken <= left if left > 0 else left <= taken <= 0):
        currency = str(row["currency"])
        raise FaultError(
            "decision-over-document", row, "decided_amounts",
            document=world.items.get(document, {}).get("document_id", ""),
            decided_money=f"{to_text(taken, currency)} {currency}",
            open_money=f"{to_text(left, currency)} {currency}",
        )  # fmt: skip


def _sha256(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
