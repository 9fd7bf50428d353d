"""Each wire followed from the remitter to the documents it pays and to its declarations."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ..applications import collect_findings, finding
from ..policy import ExchangePolicy
from .exports import list_exports
from .links import Links, Named, link_receipts
from .results import WIRES_FOLLOWED, Followed

Finding = dict[str, object]


def follow_wires(
    wires: pd.DataFrame,
    receipts: pd.DataFrame,
    documents: pd.DataFrame,
    open_items: pd.DataFrame,
    applications: pd.DataFrame,
    settlements: pd.DataFrame,
    *,
    as_of: dt.date,
    base_currency: str,
    policy: ExchangePolicy,
    before: dt.date | None = None,
) -> Followed:
    """The wires valued by ``as_of``, that day inside, with what they prove, pay and lack.

    Of those valued by ``before``, the close before, only the papers are asked for again: what their money was
    short of, or where it is, that close has told. ``applications``: those in force; ``open_items`` at the
    cut-off; ``settlements``: document_key and settled_amount of the period. A wire is legalised once its
    exchange declaration has a number and a day by the cut-off; the deadline's own day is not late.
    """
    day = pd.Timestamp(as_of)
    known = wires[wires["value_date"] <= day]
    known = known.sort_values(["company_id", "value_date", "wire_id"]).reset_index(drop=True)
    receipts = receipts.drop_duplicates("receipt_key").reset_index(drop=True)
    links = link_receipts(known, receipts, days=policy.wire_days)
    documents = documents.drop_duplicates("document_key").reset_index(drop=True)
    paid, told = _documents_paid(known, receipts, documents, applications, links)
    followed = _followed(known, receipts, documents, links, paid, day, policy)
    new = pd.Series(True, index=known.index) if before is None else known["value_date"] > pd.Timestamp(before)
    fresh = {str(wire) for wire in known.loc[new, "wire_id"]}
    money = [*_charges(followed), *_receipts(followed, known, receipts, links), *told]
    found = [*(one for one in money if one["key"] in fresh), *_papers(followed, known, policy)]
    exports, lacking = list_exports(
        documents, open_items, settlements, known, paid, as_of=as_of, base_currency=base_currency
    )
    pending = followed[followed["legalisation"] != "legalised"]
    return Followed(
        wires=followed,
        pending=pending.sort_values(["deadline_date", "company_id", "wire_id"], ignore_index=True),
        exports=exports,
        findings=collect_findings([*found, *lacking]),
    )


def _documents_paid(
    wires: pd.DataFrame,
    receipts: pd.DataFrame,
    documents: pd.DataFrame,
    applications: pd.DataFrame,
    links: Links,
) -> tuple[list[list[int]], list[Finding]]:
    """Of each wire the keys of its documents: those the list names, else those its receipt was applied to."""
    named = Named.of(documents)
    by_receipt: dict[int, list[int]] = {}
    own = applications[(applications["document_key"] >= 0) & (applications["receipt_key"] >= 0)]
    for receipt, key in zip(own["receipt_key"].tolist(), own["document_key"].tolist(), strict=True):
        by_receipt.setdefault(receipt, []).append(key)
    references = dict(zip(documents["document_key"], documents["reference"], strict=True))
    paid, told = [], []
    for place, (company, text) in enumerate(zip(wires["company_id"], wires["documents"], strict=True)):
        stated, unknown = named.find(company, text.split())
        receipt = links.receipt.get(place)
        applied = [] if receipt is None else by_receipt.get(int(receipts.at[receipt, "receipt_key"]), [])
        if unknown:
            told.append(_of(wires, place, "wire-document-unknown", documents=" ".join(unknown)))
        others = sorted({references.get(key, "") for key in applied if stated and key not in stated} - {""})
        if others:
            told.append(_of(wires, place, "wire-documents-differ", documents=" ".join(others)))
        paid.append(stated or list(dict.fromkeys(applied)))
    return paid, told


def _followed(
    wires: pd.DataFrame,
    receipts: pd.DataFrame,
    documents: pd.DataFrame,
    links: Links,
    paid: list[list[int]],
    day: pd.Timestamp,
    policy: ExchangePolicy,
) -> pd.DataFrame:
    facts = documents.set_index("document_key")[["reference", "document_id", "original_amount"]]
    names, sums = [], []
    for keys in paid:
        own = facts.loc[keys]
        names.append(
            " ".join(one or other for one, other in zip(own["reference"], own["document_id"], strict=True))
        )
        sums.append(sum(own["original_amount"].tolist()))
    is_ours = (wires["bearer"] != "OUR").to_numpy()
    sent, received = wires["sent_amount"].to_numpy(), wires["received_amount"].to_numpy()
    borne = np.where(is_ours, wires["charges_amount"], 0)
    provable = (wires["sent_currency"] == wires["currency"]).to_numpy() & (sent > 0)
    declared = (wires["exchange_declaration"] != "").to_numpy() & (wires["declared_date"] <= day).to_numpy()
    deadline = wires["value_date"] + pd.Timedelta(days=policy.legalisation_days)
    left = (deadline - day).dt.days.to_numpy(dtype=np.int64)
    states = np.where(declared, "legalised", np.where(left < 0, "overdue", "pending"))
    places = range(len(wires))
    return WIRES_FOLLOWED.conform(
        wires.assign(
            unexplained_amount=np.where(provable, sent - borne - received, 0),
            is_provable=provable,
            receipt_id=[
                receipts.at[links.receipt[one], "receipt_id"] if one in links.receipt else ""
                for one in places
            ],
            linked_by=[links.by.get(one, "") for one in places],
            paid_documents=names,
            documents_amount=np.array(sums, dtype=np.int64),
            legalisation=states,
            deadline_date=deadline,
            days_left=left,
            lacking=[
                _lacking(*row)
                for row in zip(
                    declared, wires["export_declarations"] != "", [bool(keys) for keys in paid], strict=True
                )
            ],
        )
    )


def _lacking(is_declared: bool, is_exported: bool, is_paying: bool) -> str:
    papers = (
        ("exchange_declaration", is_declared), ("export_declaration", is_exported), ("documents", is_paying),
    )  # fmt: skip
    return " ".join(name for name, is_there in papers if not is_there)


def _charges(followed: pd.DataFrame) -> list[Finding]:
    """What sent and received do not explain, and charges on a wire whose payer was to bear them all."""
    found = []
    for place in np.flatnonzero(followed["unexplained_amount"] != 0).tolist():
        row = followed.iloc[place]
        rule = "wire-charges-not-ours" if row["bearer"] == "OUR" else "wire-charges-differ"
        amount = int(row["unexplained_amount"])
        found.append(_of(followed, place, rule, amount=amount, bearer=row["bearer"] or "–"))
    return found


def _receipts(
    followed: pd.DataFrame, wires: pd.DataFrame, receipts: pd.DataFrame, links: Links
) -> list[Finding]:
    found = []
    for place in range(len(followed)):
        receipt = links.receipt.get(place)
        if receipt is None:
            rule = "wire-receipt-taken" if place in links.contested else "wire-without-receipt"
            amount = int(followed.at[place, "received_amount"])
            found.append(_of(followed, place, rule, amount=amount, receipt=wires.at[place, "receipt_id"]))
            continue
        cash = receipts.loc[receipt]
        short = int(followed.at[place, "received_amount"]) - int(cash["received_amount"])
        if cash["currency"] == followed.at[place, "currency"] and short:
            found.append(
                _of(followed, place, "wire-amount-differs", amount=short, receipt=cash["receipt_id"])
            )
        ours, theirs = followed.at[place, "customer_id"], cash["customer_id"]
        if ours and theirs and ours != theirs:
            found.append(
                _of(followed, place, "wire-customer-differs", receipt=cash["receipt_id"], other=theirs)
            )
    return found


def _papers(followed: pd.DataFrame, wires: pd.DataFrame, policy: ExchangePolicy) -> list[Finding]:
    """Wires past their deadline, declared before their money came, and the term that nobody has checked."""
    found = []
    for place in np.flatnonzero(followed["legalisation"] == "overdue").tolist():
        amount = int(followed.at[place, "received_amount"])
        late = -int(followed.at[place, "days_left"])
        day = followed.at[place, "deadline_date"].date().isoformat()
        found.append(_of(followed, place, "wire-not-legalised", amount=amount, days=late, deadline_day=day))
    early = (wires["declared_date"] < wires["value_date"]).to_numpy()
    found += [_of(followed, place, "wire-declared-early") for place in np.flatnonzero(early).tolist()]
    if policy.needs_review and (followed["legalisation"] != "legalised").any():
        found.append(
            finding(
                "legalisation-needs-review", level="note", table="wires", key="legalisation_days",
                days=policy.legalisation_days,
            )
        )  # fmt: skip
    return found


def _of(wires: pd.DataFrame, place: int, rule: str, *, amount: int = 0, **values: Any) -> Finding:
    row = wires.iloc[place]
    return finding(
        rule, table="wires", key=row["wire_id"], amount=amount, currency=row["currency"] if amount else "",
        wire=row["wire_id"], customer=row["customer_id"] or "–", on_day=row["value_date"].date().isoformat(),
        **values,
    )  # fmt: skip
