"""The receipt that an analyst picks: what the run knows of it, gathered for ``views.receipt_page``."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..applications import account_customers, collect_findings, finding
from ..matching import Matched, compare_rivals
from ..tables import CASH_KINDS
from ..views.receipt_page import ReceiptShown
from ..words import formats, has_words, say
from ..words.evidence import evidence_sentence, facts_of, lowered
from .coded import in_words
from .named import Names

#: Receipts of one number that are shown: banks use an id again.
MOST_SHOWN = 3


@dataclass(frozen=True)
class Picture:
    """What there is to look at from: receipts as they were to be applied, and the outcome of the run.

    ``open_items``: before the run, settled ones too; ``in_force``: applications of earlier runs.
    """

    receipts: pd.DataFrame
    matched: Matched
    open_items: pd.DataFrame
    in_force: pd.DataFrame
    names: Names


def choose_receipts(receipt_id: str, picture: Picture) -> pd.DataFrame:
    """The receipts of that number, oldest first; without one the largest that is left, by size in its money.

    The largest is sought in the currency of which most receipts are left.
    """
    receipts = picture.receipts
    if receipt_id:
        return receipts[receipts["receipt_id"] == receipt_id].sort_values(["receipt_date", "receipt_key"])
    left = picture.matched.unapplied
    if left.empty:
        return receipts.head(0)
    counts = left["currency"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    own = left[left["currency"] == counts.index[0]]
    order = ["unapplied_amount", "receipt_date", "receipt_id", "receipt_key"]
    key = own.sort_values(order, ascending=[False, True, True, True])["receipt_key"].iat[0]
    return receipts[receipts["receipt_key"] == key]


def receipt_not_found(receipt_id: str, receipts: pd.DataFrame) -> pd.DataFrame:
    """``receipt-not-found``, where no receipt has that number; it names the nearest ones."""
    from difflib import get_close_matches

    if not receipt_id or (receipts["receipt_id"] == receipt_id).any():
        return collect_findings([])
    near = get_close_matches(receipt_id, receipts["receipt_id"].unique().tolist(), n=3, cutoff=0.6)
    told = finding(
        "receipt-not-found", table="receipts", key=receipt_id, receipt=receipt_id, near=", ".join(near) or "–"
    )
    return collect_findings([told])


def show_chosen(receipt_id: str, picture: Picture) -> tuple[pd.DataFrame, list[str]]:
    """The block of a notebook: each receipt of that number, and how to look at another.

    Gives the finding of a number that no receipt has, and then nothing is shown; else the same as texts,
    where somebody asked for that number.
    """
    from ..views import receipt_page
    from . import shown

    missing = receipt_not_found(receipt_id, picture.receipts)
    if len(missing):
        return missing, []
    chosen = choose_receipts(receipt_id, picture)
    told = []
    for _, receipt in chosen.head(MOST_SHOWN).iterrows():
        one = show_of(receipt, picture)
        shown.html(receipt_page.receipt_html(one))
        told.append(receipt_page.receipt_text(one))
    if len(chosen) > MOST_SHOWN:
        count = formats.integer_text(len(chosen))
        shown.html(receipt_page.note_html(say("receipt.several", count=count, shown=MOST_SHOWN)))
    if not receipt_id:
        key = "receipt.nothing" if chosen.empty else "receipt.chosen_largest"
        shown.html(receipt_page.note_html(say(key)))
    return missing, told if receipt_id else []


def show_of(receipt: pd.Series, picture: Picture) -> ReceiptShown:
    """Everything the block says of one receipt, in words."""
    key, company, currency = int(receipt["receipt_key"]), str(receipt["company_id"]), str(receipt["currency"])
    matched = picture.matched
    now, before, offered, left = (
        frame[frame["receipt_key"] == key]
        for frame in (matched.applied, picture.in_force, matched.suggested, matched.unapplied)
    )
    first = offered[offered["proposal"] == 1]
    legs = now if len(now) else first if len(first) else _with_owners(before, picture)
    state = (
        "applied" if len(now) else "suggested" if len(first) else "left" if len(left) else "applied_before"
    )
    customer, how = _payer(receipt, legs, left)
    reason = str(left["reason"].iat[0]) if len(left) else ""
    rivals = compare_rivals(_only(matched, key), picture.open_items)
    return ReceiptShown(
        receipt_id=str(receipt["receipt_id"]),
        day=formats.date_text(receipt["receipt_date"].date()),
        currency=currency,
        received=int(receipt["received_amount"]),
        applied=_cash(now),
        applied_before=_cash(before),
        left=int(left["unapplied_amount"].sum())
        if len(left)
        else int(receipt["unapplied_amount"]) - _cash(now),
        state=state,
        customer=picture.names.of_customer(company, customer) if customer else "",
        how=how,
        bank_says=" · ".join(filter(None, (str(receipt["payer_name"]), str(receipt["text"])))),
        why=[
            picture.names.in_text(company, text)
            for text in _why(legs, currency, is_applied=state.startswith("applied"))
        ],
        why_not=f"{say(f'matching.reason_{reason}')}." if reason else "",
        todo=_todo(reason, str(receipt["receipt_id"])),
        documents=_documents(legs, picture, currency, state),
        rivals=_rivals(rivals, picture.names),
        candidates=_candidates(matched.unidentified, key) if not customer else pd.DataFrame(),
    )


def _with_owners(applications: pd.DataFrame, picture: Picture) -> pd.DataFrame:
    """Applications of earlier runs with whose they are: the document's customer, or who has it on account."""
    known = picture.open_items.drop_duplicates("document_key").set_index("document_key")
    found = known.reindex(applications["document_key"])
    names = ("company_id", "customer_id", "currency")
    told = applications.assign(**{name: found[name].fillna("").astype("str").to_numpy() for name in names})
    whose = account_customers(applications, picture.receipts, picture.open_items)
    on_account = [whose.get(one, "") for one in told["application_id"]]
    return told.assign(customer_id=told["customer_id"].where(told["customer_id"].ne(""), on_account))


def _only(matched: Matched, key: int) -> Matched:
    """What came of one receipt."""
    names = ("applied", "suggested", "unapplied")
    frames = {name: getattr(matched, name) for name in names}
    return replace(matched, **{name: frame[frame["receipt_key"] == key] for name, frame in frames.items()})


def _cash(legs: pd.DataFrame) -> int:
    return int(legs.loc[legs["kind"].isin(CASH_KINDS), "applied_amount"].sum())


def _payer(receipt: pd.Series, legs: pd.DataFrame, left: pd.DataFrame) -> tuple[str, str]:
    """The customer and how we know it: from what is left, else from the evidence of what was applied."""
    if len(left):
        customer, known_by = str(left["customer_id"].iat[0]), str(left["known_by"].iat[0])
        if customer:
            return customer, lowered(say(f"matching.known-by_{known_by}")) if known_by else ""
        return "", ""
    facts = (facts_of(legs["evidence"].iat[0]) if len(legs) else None) or {}
    known_by = str(facts.get("customer", ""))
    customer = str(legs["customer_id"].iat[0]) if "customer_id" in legs and len(legs) else ""
    how = lowered(say(f"matching.known-by_{known_by}")) if known_by else ""
    return customer or str(receipt["customer_id"]), how


def _why(legs: pd.DataFrame, currency: str, *, is_applied: bool) -> list[str]:
    """The evidence of the receipt's answer, each different text once, cash before what is no cash."""
    ordered = legs.assign(_other=~legs["kind"].isin(CASH_KINDS)).sort_values("_other", kind="stable")
    told = [
        evidence_sentence(given, rule=rule, currency=currency, is_applied=is_applied)
        for given, rule in zip(ordered["evidence"], ordered["rule"], strict=True)
    ]
    return list(dict.fromkeys(told))[:1]


def _todo(reason: str, receipt_id: str) -> str:
    if not reason:
        return say("receipt.todo_applied", receipt=receipt_id)
    key = f"receipt.todo_{reason}"
    return say(key if has_words(key) else "receipt.todo_other")


def _documents(legs: pd.DataFrame, picture: Picture, currency: str, state: str) -> pd.DataFrame:
    """A row a leg: the document, when it is due, what it owed, what it takes, and what stays open.

    What an earlier run applied: before and after that application, whatever came since. ``currency``: the
    receipt's, of the money that stands on no document.
    """
    if legs.empty:
        return pd.DataFrame()
    is_applied = state.startswith("applied")
    known = picture.open_items.drop_duplicates("document_key").set_index("document_key")
    keys = legs["document_key"]
    found = known.reindex(keys)
    is_of_ledger = (keys >= 0).to_numpy()
    owed = found["open_amount"].fillna(0).astype("int64").to_numpy()
    if state == "applied_before":
        owed = owed + _since(legs, picture.in_force)
    owed = np.where(is_of_ledger, owed, 0)
    ids = found["document_id"].fillna("").astype("str").to_numpy()
    company = legs["company_id"].astype("str").to_numpy()
    taken = legs.groupby("document_key")["applied_amount"].transform("sum").to_numpy()
    frame = pd.DataFrame(
        {
            "document_id": ids,
            "reference": [
                picture.names.of_document(one, name) for one, name in zip(company, ids, strict=True)
            ],
            "due_date": pd.to_datetime(found["due_date"]).to_numpy(),
            "currency": found["currency"].fillna("").astype("str").to_numpy(),
            "open_amount": owed,
            "kind": _kinds(legs, found),
            "applied_amount" if is_applied else "would_apply_amount": legs["applied_amount"].to_numpy(),
            "stays_amount": np.where(is_of_ledger, owed - taken, 0),
        }
    )
    frame.loc[frame["currency"] == "", "currency"] = currency
    return in_words(frame)


def _since(legs: pd.DataFrame, in_force: pd.DataFrame) -> list[int]:
    """Of each leg's document, what these legs and the applications recorded after them took."""
    sums = []
    for key, recorded in zip(legs["document_key"], legs["recorded_at"], strict=True):
        own = in_force[in_force["document_key"] == key]
        is_later = (own["recorded_at"] > recorded) | own["receipt_key"].isin(legs["receipt_key"])
        sums.append(int(own.loc[is_later, "applied_amount"].sum()))
    return sums


def _kinds(legs: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """What each leg is; a credit that is no note but a payment in the ledger is called so."""
    return [
        "ledger_payment" if (leg, document) == ("credit_note", "payment") else str(leg)
        for leg, document in zip(legs["kind"], found["document_kind"], strict=True)
    ]


def _rivals(rivals: pd.DataFrame, names: Names) -> pd.DataFrame:
    if rivals.empty:
        return pd.DataFrame()
    said, _ = names.beside(in_words(rivals), ["document_ids"])
    columns = ["answer", "standing", "rule", "document_ids", "currency", "documents_amount",
               "difference_amount", "against"]  # fmt: skip
    return said[columns]


def _candidates(unidentified: pd.DataFrame, key: int) -> pd.DataFrame:
    own = unidentified[(unidentified["receipt_key"] == key) & (unidentified["rank"] > 0)]
    return in_words(own)[["rank", "customer_id", "customer_name", "score", "evidence", "owner"]]
