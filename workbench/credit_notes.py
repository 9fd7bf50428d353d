"""Credit notes set off against the invoices they name (cruce de NC), two legs at a time that sum to zero.

A credit note that names no open invoice is never set off by itself; an invoice of the same customer with
exactly its amount is suggested, with every rival. Source: DOMAIN, section 5 (1), (2) and (4).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .applications import APPLIED, collect_findings, finding, first_open_day
from .money import checked_sum, to_text
from .references import ReferenceIndex
from .tables import Table

Account = tuple[str, str, str]
ACCOUNT = ("company_id", "customer_id", "currency")

SUGGESTED = Table(
    "suggested",
    ("credit_document_key", "proposal"),
    {
        "credit_document_key": "integer",
        "credit_document_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "proposal": "integer",
        "rank": "integer",
        "document_key": "integer",
        "document_id": "text",
        "applied_amount": "money",  # what would leave the invoice, positive
        "rule": "text",
        "evidence": "text",
    },
)
#: Credit notes with something left, at the end of the run.
UNAPPLIED = Table(
    "unapplied",
    ("document_key",),
    {
        "document_key": "integer",
        "document_id": "text",
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "document_date": "date",
        "unapplied_amount": "money",  # negative: what we still owe the customer
        "reason": "text",  # words in matching.po
        "rivals": "integer",
    },
)
#: Per customer: opening + matched = left (opening and left negative, matched positive).
SUMMARISED = Table(
    "summarised",
    ("company_id", "customer_id", "currency"),
    {
        "company_id": "text",
        "customer_id": "text",
        "currency": "text",
        "credit_notes": "integer",
        "opening_amount": "money",
        "matched_amount": "money",
        "left_amount": "money",
    },
)
#: What a person or a customer has told: take ``amount`` (positive) from the credit note to the invoice.
ALLOCATIONS = Table(
    "allocations",
    (),
    {"credit_document_key": "integer", "document_key": "integer", "amount": "money"},
)


@dataclass(frozen=True)
class Matched:
    """``applied`` (``applications.APPLIED``), ``suggested``, ``unapplied``, ``summarised``, ``findings``."""

    applied: pd.DataFrame
    suggested: pd.DataFrame
    unapplied: pd.DataFrame
    summarised: pd.DataFrame
    findings: pd.DataFrame


def match_credit_notes(
    open_items: pd.DataFrame,
    allocations: pd.DataFrame | None = None,
    *,
    as_of: dt.date,
    open_from: Mapping[str, dt.date] | None = None,
) -> Matched:
    """What each credit note takes off the invoice it names: the smaller of the two open amounts.

    ``open_items``: ``tables.OPEN_ITEMS`` as of ``as_of``; credit notes negative. ``allocations``
    (``ALLOCATIONS``, optional): what somebody has told, done first, never beyond what is open. Then each
    credit note in the order (document_date, document_id), by ``reference_document_id``, else by
    ``reference``, where it means one open document of the same company, customer and currency;
    instalments are items of one document and the oldest due is settled first. Items with a special G/L
    indicator or payment block take no part, nor do documents dated after ``as_of``.

    Both legs carry one ``operation`` and must be posted and reversed together; Σ on invoices + Σ on credit
    notes = 0 per currency. Effective on ``as_of``; where that day is before ``open_from``, the first open day
    of the company ('': of all), what a credit note names is only suggested ("period-closed") and what was
    told is refused. The order of rows does not matter. Amounts in minor units.
    """
    return _SetOff(open_items, as_of, open_from or {}).run(allocations)


class _SetOff:
    """The run: what is still open of each item, and the legs made so far."""

    def __init__(self, open_items: pd.DataFrame, as_of: dt.date, open_from: Mapping[str, dt.date]) -> None:
        usable = open_items["special_gl"].eq("") & open_items["payment_block"].eq("")
        usable &= open_items["document_date"].isna() | (open_items["document_date"] <= pd.Timestamp(as_of))
        is_credit_note = open_items["document_kind"].eq("credit_note") & (open_items["open_amount"] < 0)
        in_order = ["document_date", "document_id", "document_key"]
        self._as_of = as_of
        self._open_from = open_from
        self._credits = open_items[is_credit_note].sort_values(in_order)
        self._may_match = dict(
            zip(open_items["document_key"].tolist(), usable.tolist(), strict=True),
        )
        # Invoices of customers without credit notes can wait outside: most of a large book.
        accounts = pd.MultiIndex.from_frame(self._credits[list(ACCOUNT)])
        with_credits = pd.MultiIndex.from_frame(open_items[list(ACCOUNT)]).isin(accounts)
        invoices = open_items[usable & with_credits & (open_items["open_amount"] > 0)]
        invoices = invoices.assign(_due=invoices["due_date"].fillna(invoices["document_date"]))
        self._invoices = invoices.sort_values(["_due", *in_order]).reset_index(drop=True)
        both = pd.concat([self._credits, self._invoices])
        self._items = {row["document_key"]: row for row in both.to_dict("records")}
        self._left: dict[int, int] = {key: int(row["open_amount"]) for key, row in self._items.items()}
        self._legs: list[dict[str, object]] = []
        self._pairs: Counter[str] = Counter()
        self._place = {key: place for place, key in enumerate(self._invoices["document_key"].tolist())}
        self._by_account, self._by_amount, self._document = self._index_invoices()

    def run(self, allocations: pd.DataFrame | None) -> Matched:
        findings = self._take_told(allocations)
        suggested: list[dict[str, object]] = []
        left: list[dict[str, object]] = []
        for key in self._credits["document_key"].tolist():
            reason, rivals = self._settle(key)
            offered = list(self._offers(key, rivals))
            suggested.extend(offered)
            if self._left[key]:
                left.append(self._unapplied(key, reason, len(offered)))
        return Matched(
            applied=APPLIED.conform(pd.DataFrame(self._legs, columns=list(APPLIED.columns))),
            suggested=SUGGESTED.conform(pd.DataFrame(suggested, columns=list(SUGGESTED.columns))),
            unapplied=UNAPPLIED.conform(pd.DataFrame(left, columns=list(UNAPPLIED.columns))),
            summarised=self._summarised(),
            findings=collect_findings([*findings, *self._over_left(left)]),
        )

    def _index_invoices(
        self,
    ) -> tuple[dict[Account, ReferenceIndex], dict[tuple[Account, int], list[int]], dict[int, int]]:
        keys = ["company_id", "fiscal_year", "document_type", "document_number", "customer_id"]
        documents = self._invoices.groupby(keys, sort=False, dropna=False).ngroup().tolist()
        names: dict[Account, list[tuple[int, str, int, int]]] = {}
        amounts: dict[tuple[Account, int], list[int]] = {}
        document: dict[int, int] = {}
        for row, number in zip(self._invoices.to_dict("records"), documents, strict=True):
            account, key = _account(row), row["document_key"]
            document[key] = number
            known = names.setdefault(account, [])
            known.extend((0, row[name], key, number) for name in ("document_id", "document_number"))
            if row["reference"]:
                known.append((1, row["reference"], key, number))
            amounts.setdefault((account, int(row["open_amount"])), []).append(key)
        return {account: ReferenceIndex(known) for account, known in names.items()}, amounts, document

    def _settle(self, key: int) -> tuple[str, list[int]]:
        """Set one credit note off by what it names; why something stays, and the invoices to suggest."""
        credit = self._items[key]
        if not self._left[key]:
            return "", []
        if not self._may_match[key]:
            return "credit-blocked", []
        named = credit["reference_document_id"] or credit["reference"]
        if not named:
            return "credit-without-reference", self._same_amount(key)
        rule = "credit-reference" if credit["reference_document_id"] else "credit-text-reference"
        index = self._by_account.get(_account(credit))
        mention = index.resolve(named) if index else None
        alive = [item for item in mention.positions if self._left[item] > 0] if mention else []
        if not alive:
            # A text that names nothing may be the credit note's own number; a stated invoice is a claim.
            is_stated = bool(credit["reference_document_id"])
            reason = "credit-invoice-not-open" if is_stated else "credit-without-reference"
            return reason, self._same_amount(key)
        if len({self._document[item] for item in alive}) > 1:
            return "credit-several-invoices", alive
        oldest_first = sorted(alive, key=self._place.__getitem__)
        if self._is_closed(credit["company_id"]):
            return "period-closed", oldest_first
        for item in oldest_first:
            self._take(key, item, min(-self._left[key], self._left[item]), rule, {"reference": named})
        return "credit-exceeds-invoice", []

    def _is_closed(self, company: str) -> bool:
        opened = first_open_day(self._open_from, company)
        return opened is not None and opened > self._as_of

    def _take(self, key: int, item: int, amount: int, rule: str, facts: dict[str, object]) -> None:
        """Both legs of one set-off."""
        if amount <= 0:
            return
        credit, invoice = self._items[key], self._items[item]
        evidence = {**facts, "amount": to_text(amount, credit["currency"])}
        names = ("credit", credit["company_id"], credit["customer_id"], credit["document_id"])
        # Told twice, or ids that two documents share: each set-off is an operation of its own.
        pair = "|".join([*names, invoice["document_id"]])
        self._pairs[pair] += 1
        operation = f"{pair}|{self._pairs[pair]}"
        for document, signed in ((invoice, amount), (credit, -amount)):
            self._left[document["document_key"]] -= signed
            self._legs.append(
                {
                    "operation": operation,
                    "receipt_key": -1,
                    "receipt_id": "",
                    **{name: document[name] for name in ("company_id", "customer_id", "currency")},
                    **{name: document[name] for name in ("document_key", "document_id", "erp_open_amount")},
                    "kind": "credit_note",
                    "applied_amount": signed,
                    "effective_date": self._as_of,
                    "rule": rule,
                    "evidence": json.dumps(evidence, ensure_ascii=False, sort_keys=True),
                }
            )

    def _take_told(self, allocations: pd.DataFrame | None) -> list[dict[str, object]]:
        """What somebody told, in the order told; beyond what is open it is refused whole, with a finding."""
        if allocations is None:
            return []
        refused = []
        for row in ALLOCATIONS.conform(allocations).to_dict("records"):
            key, item, amount = row["credit_document_key"], row["document_key"], row["amount"]
            credit, invoice = self._items.get(key), self._items.get(item)
            is_possible = (
                credit is not None
                and invoice is not None
                and _account(credit) == _account(invoice)
                and not self._is_closed(credit["company_id"])
                and self._may_match[key]
                and self._may_match[item]
                and 0 < amount <= min(-self._left[key], self._left[item])
            )
            if is_possible:
                self._take(key, item, amount, "told", {})
                continue
            refused.append(
                finding(
                    "credit-allocation-refused",
                    table="allocations",
                    key=credit["document_id"] if credit else str(key),
                    amount=amount,
                    currency=credit["currency"] if credit else "",
                    credit_note=credit["document_id"] if credit else str(key),
                    invoice=invoice["document_id"] if invoice else str(item),
                )
            )
        return refused

    def _same_amount(self, key: int) -> list[int]:
        """Invoices of the same account with exactly what is left of the credit note."""
        same = self._by_amount.get((_account(self._items[key]), -self._left[key]), [])
        return [item for item in same if self._left[item] == -self._left[key]]

    def _offers(self, key: int, rivals: list[int]) -> Iterator[dict[str, object]]:
        credit = self._items[key]
        for number, item in enumerate(rivals, start=1):
            amount = min(-self._left[key], self._left[item])
            facts = {"amount": to_text(amount, credit["currency"]), "rivals": len(rivals)}
            yield {
                "credit_document_key": key,
                "credit_document_id": credit["document_id"],
                **{name: credit[name] for name in ("company_id", "customer_id", "currency")},
                "proposal": number,
                "rank": number,
                "document_key": item,
                "document_id": self._items[item]["document_id"],
                "applied_amount": amount,
                "rule": "credit-same-amount" if amount == self._left[item] else "credit-reference",
                "evidence": json.dumps(facts, sort_keys=True),
            }

    def _unapplied(self, key: int, reason: str, rivals: int) -> dict[str, object]:
        credit = self._items[key]
        names = ("document_key", "document_id", "company_id", "customer_id", "currency", "document_date")
        left = {name: credit[name] for name in names}
        return {**left, "unapplied_amount": self._left[key], "reason": reason, "rivals": rivals}

    def _summarised(self) -> pd.DataFrame:
        left = np.array([self._left[key] for key in self._credits["document_key"].tolist()], dtype=np.int64)
        opening = self._credits["open_amount"].to_numpy(dtype=np.int64)
        credits_ = self._credits.assign(
            opening_amount=opening, matched_amount=left - opening, left_amount=left
        )
        by_customer = credits_.groupby(["company_id", "customer_id", "currency"], sort=True).agg(
            credit_notes=("document_key", "size"),
            opening_amount=("opening_amount", "sum"),
            matched_amount=("matched_amount", "sum"),
            left_amount=("left_amount", "sum"),
        )
        return SUMMARISED.conform(by_customer.reset_index())

    def _over_left(self, left: list[dict[str, object]]) -> Iterator[dict[str, object]]:
        """Own references that led nowhere, each; and what a closed period holds back, by company."""
        rows = UNAPPLIED.conform(pd.DataFrame(left, columns=list(UNAPPLIED.columns)))
        late = rows[rows["reason"].eq("period-closed")]
        for (company, currency), held in late.groupby(["company_id", "currency"], sort=True):
            amount = checked_sum(held["unapplied_amount"].to_numpy())
            opened = first_open_day(self._open_from, company) or self._as_of
            yield finding(
                "credits-period-closed",
                table="documents",
                key=company,
                amount=amount,
                currency=currency,
                count=len(held),
                company=company,
                left_money=f"{to_text(amount, currency)} {currency}",
                opened=opened,
                closed_through=opened - dt.timedelta(days=1),
            )
        for row in left:
            if row["reason"] in ("credit-invoice-not-open", "credit-several-invoices"):
                yield finding(
                    str(row["reason"]),
                    table="documents",
                    key=str(row["document_id"]),
                    amount=int(str(row["unapplied_amount"])),
                    currency=str(row["currency"]),
                    credit_note=row["document_id"],
                    customer=row["customer_id"],
                )


def _account(row: dict[str, str]) -> Account:
    return row["company_id"], row["customer_id"], row["currency"]
