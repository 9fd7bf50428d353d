"""What leaves for the ERP: applications that have not left yet, as documents that balance to zero.

An operation (one receipt over its documents, or a credit note set off) is one document of the ERP: each leg
reduces its item in the customer's account, and against it stand the cash and what was not received, each on
an account of its own. A reversal of what has left leaves as the same document with its signs turned.
An exchange leaves as two documents, one a currency, that meet on the account of differences in exchange.
A payment whose rest a person made a residual item clears the document whole and opens the rest beside it.
Source: DOMAIN 4 and 22; ARCHITECTURE, "ERP".
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ..applications import account_customers, collect_findings, finding
from ..calendar import Period
from ..ledger import active_applications
from ..money import to_text
from ..tables import CASH_KINDS, ERP_EXPORT_LINES, OTHER_KINDS, REVERSALS, Table
from .residuals import (
    OPENING,
    as_partial,
    cleared_for_rest,
    item_lines,
    opened_by,
    touched_since,
    with_rests,
)

#: One row a line of a posting. Σ ``posting_amount`` = 0 for each ``erp_document``: debit positive, credit
#: negative. Lines of an item or of the customer name their application; lines against them name none, but on
#: the receipt's side of an exchange, which touches no customer: there they name what was given and charged.
POSTING_LINES = Table(
    "posting_lines",
    ("erp_document", "line"),
    {
        "company_id": "text",
        "erp_document": "text",  # made of what it posts, so the same posting has the same number for ever
        "line": "integer",  # from 1
        "posting": "text",  # application, or reversal
        "attempt": "integer",
        "operation_id": "text",
        "application_id": "text",
        "posting_date": "date",
        "document_date": "date",  # of the receipt; of the posting where there is none
        "currency": "text",
        "account": "text",  # customer, cash, or one of OTHER_KINDS
        "customer_id": "text",
        "kind": "text",
        "settlement": "text",  # of an item's line: partial, residual (cleared whole) or ''; residual_item
        "reason_code": "text",
        "effect": "text",  # of a residual: open, or claim
        "document_id": "text",  # the item that it clears, '' for a payment on account and a residual item
        "document_type": "text",
        "document_number": "text",
        "fiscal_year": "text",
        "item": "text",
        "special_gl": "text",
        "origin_document_id": "text",  # of a residual item: the document that it is left of
        "origin_number": "text",
        "origin_year": "text",
        "origin_item": "text",
        "due_date": "date",  # of a residual item
        "posting_amount": "money",
        "applied_amount": "money",  # as the book has it: sign of the document it reduces, 0 against it
        "receipt_id": "text",
        "reference": "text",  # the item's own
        "text": "text",
    },
)
#: A document of more lines is cut where it comes from a receipt: each part then balances by itself.
LARGEST_DOCUMENT = 900
#: What a line says of the item that it clears.
_OF_ITEM = ("application_id", "document_id", "document_type", "document_number", "fiscal_year", "item",
            "special_gl", "reference")  # fmt: skip
_ALL_TIME = dt.date(9999, 12, 31)
#: What a spreadsheet would take for a formula at the start of a cell.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Planned:
    """``lines`` (``POSTING_LINES``) in their order, ``findings`` on what stays behind and why."""

    lines: pd.DataFrame
    findings: pd.DataFrame


def plan_postings(
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    documents: pd.DataFrame,
    receipts: pd.DataFrame,
    exported: pd.DataFrame,
    states: pd.DataFrame,
    *,
    period: Period,
    company: str = "",
    again: bool = False,
    largest: int = LARGEST_DOCUMENT,
) -> Planned:
    """The postings of a period: what is in force on its last day and has not left, and what was taken back.

    An application leaves once (``exported``: ``tables.ERP_EXPORT_LINES``), whenever it was made: one of an
    earlier period that never left leaves now, with a note. One that the ERP has cleared by itself
    (``states``: ``POSTING_STATES``, confirmed) stays, or it would be posted twice. One made and reversed
    before it left never leaves; a reversal leaves only after its application did. ``again`` takes instead
    what the files of this period held, each in its document, as a further attempt: all of it but what the ERP
    has confirmed, which is said, as is that only one of the two files may be loaded.

    A residual item is opened only while nothing more was applied to the document since it was decided; else
    the rest stays in it, with a warning. What is applied to a document after it left so stays behind.
    """
    last = period.last_day
    lines = ERP_EXPORT_LINES.conform(exported)
    attempts = {
        (str(one), str(posting)): int(count)
        for (one, posting), count in lines.groupby(["application_id", "posting"])["attempt"].max().items()
    }
    confirmed = _confirmed(states)
    legs = _legs(applications, documents, receipts)
    legs = legs[legs["company_id"] == company] if company else legs
    found: list[dict[str, object]] = []
    opened = opened_by(lines)
    undone = REVERSALS.conform(reversals).drop_duplicates("application_id").set_index("application_id")
    if again:
        sent = lines[(lines["period"] == str(period)) & lines["application_id"].isin(legs["application_id"])]
        forward, back = _sent_again(legs, undone, sent, confirmed, found)
        forward = as_partial(forward, opened)
    else:
        active = set(active_applications(applications, reversals, as_of=last)["application_id"])
        undone = undone[undone["effective_date"] <= pd.Timestamp(last)]
        forward = legs[legs["application_id"].isin(active)]
        forward, cleared = _apart(_not_left(forward, "application", attempts), confirmed)
        _tell_cleared(cleared, "posting-already-cleared", "warning", found)
        in_force = active_applications(applications, reversals, as_of=_ALL_TIME)
        forward = _rests_apart(forward, legs, lines, in_force, found)
        _tell_late(forward, period, found)
        has_left = [(str(one), "application") in attempts for one in legs["application_id"]]
        back = legs[
            legs["application_id"].isin(undone.index) & pd.Series(has_left, index=legs.index, dtype=bool)
        ]
        back = _not_left(_taken_back(back, undone), "reversal", attempts)
    back = as_partial(back, opened)
    rows: list[dict[str, object]] = []
    _tell_exchanges(pd.concat([forward, back]), found)
    # What was taken back opens its item again before anything new can clear it; in a file that is sent again
    # the reversals are of what stands in it.
    both = [("reversal", back), ("application", forward)]
    for posting, leaving in reversed(both) if again else both:
        for document in _documents(leaving, largest):
            if not _stays(document, largest, found):
                rows += _posting(document, posting, attempts)
    planned = pd.DataFrame(rows, columns=list(POSTING_LINES.columns))
    return Planned(POSTING_LINES.conform(planned), collect_findings(found))


def _confirmed(states: pd.DataFrame) -> set[tuple[str, str]]:
    known = states[states["state"] == "confirmed"]
    return set(zip(known["application_id"], known["posting"], strict=True))


def _legs(applications: pd.DataFrame, documents: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    """Each application with what its document and receipt say; the document's word first."""
    own = documents.drop_duplicates("document_key").set_index("document_key")
    cash = receipts.drop_duplicates("receipt_key").set_index("receipt_key")
    legs = applications.drop_duplicates("application_id")
    of_item = ["company_id", "customer_id", "currency", "document_id", "document_type", "document_number",
               "fiscal_year", "item", "special_gl", "reference"]  # fmt: skip
    of_receipt = cash[["receipt_id", "receipt_date"]].join(
        cash[["company_id", "customer_id", "currency"]].add_suffix("_of_receipt")
    )
    legs = legs.join(own[of_item], on="document_key").join(of_receipt, on="receipt_key")
    whose = legs["application_id"].map(account_customers(legs, receipts, documents))
    legs["customer_id"] = legs["customer_id"].fillna(whose)
    for name in ("company_id", "customer_id", "currency"):
        legs[name] = legs[name].fillna(legs[f"{name}_of_receipt"])
    texts = {name: legs[name].fillna("").astype("str") for name in (*of_item, "receipt_id")}
    return with_rests(legs.assign(**texts, left_as=""))


def _not_left(legs: pd.DataFrame, posting: str, attempts: dict[tuple[str, str], int]) -> pd.DataFrame:
    has_left = [(str(one), posting) in attempts for one in legs["application_id"]]
    return legs[~pd.Series(has_left, index=legs.index, dtype=bool)]


def _taken_back(legs: pd.DataFrame, undone: pd.DataFrame) -> pd.DataFrame:
    """The legs with the day on which they were reversed."""
    return legs.assign(effective_date=undone["effective_date"].reindex(legs["application_id"]).to_numpy())


def _sent_again(
    legs: pd.DataFrame,
    undone: pd.DataFrame,
    sent: pd.DataFrame,
    confirmed: set[tuple[str, str]],
    found: list[dict[str, object]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the files of a period held and the ERP has not confirmed: applications, and reversals.

    An application whose reversal the ERP has confirmed is settled too. A set-off stays behind whole where a
    part of it is confirmed, for the rest would not balance.
    """
    leaving = []
    for posting in ("application", "reversal"):
        own = sent[sent["posting"] == posting].sort_values("attempt")
        own = own.drop_duplicates("application_id", keep="last").set_index("application_id")
        again = legs[legs["application_id"].isin(own.index)]
        again = again.assign(left_as=own["erp_document"].reindex(again["application_id"]).to_numpy())
        again = _taken_back(again, undone) if posting == "reversal" else again
        settled = {one for one, how in confirmed if how in (posting, "reversal")}
        is_confirmed = again["application_id"].isin(settled)
        in_part = set(again.loc[is_confirmed & (again["receipt_key"] < 0), "left_as"])
        stays = is_confirmed | again["left_as"].isin(in_part)
        _tell_cleared(again[stays], "posting-again-confirmed", "note", found)
        leaving.append(again[~stays])
    repeated = pd.concat(leaving)
    files = sent.loc[sent["application_id"].isin(repeated["application_id"]), "file"]
    for _, part in repeated.groupby("currency"):
        _add(found, "posting-sent-again", part, "warning", files=", ".join(sorted(set(files))))
    return leaving[0], leaving[1]


def _apart(legs: pd.DataFrame, confirmed: set[tuple[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Operations that the ERP has not cleared by itself, and those that it has, in whole or in part."""
    is_cleared = pd.Series(
        [(str(one), "application") in confirmed for one in legs["application_id"]],
        index=legs.index,
        dtype=bool,
    )
    operations = set(legs.loc[is_cleared, "operation_id"])
    stays = legs["operation_id"].isin(operations)
    return legs[~stays], legs[stays]


def _rests_apart(
    leaving: pd.DataFrame,
    legs: pd.DataFrame,
    lines: pd.DataFrame,
    in_force: pd.DataFrame,
    found: list[dict[str, object]],
) -> pd.DataFrame:
    """What may leave, its residual items only where the rest is what was decided."""
    is_late = cleared_for_rest(legs, lines, leaving)
    _tell_cleared(leaving[is_late], "posting-after-residual", "error", found)
    leaving = leaving[~is_late]
    touched = touched_since(leaving, in_force)
    _tell_cleared(touched, "posting-residual-changed", "warning", found)
    return as_partial(leaving, set(leaving["application_id"]) - set(touched["application_id"]))


def _documents(legs: pd.DataFrame, largest: int) -> Iterable[pd.DataFrame]:
    """The legs of one operation, day and currency, in a fixed order; a receipt's many legs in parts.

    ``left_as`` keeps together what has left together.
    """
    order = ["effective_date", "operation_id", "currency", "document_id", "document_key", "kind",
             "application_id"]  # fmt: skip
    whole = ["effective_date", "operation_id", "currency", "left_as"]
    for _, document in legs.sort_values(order).groupby(whole, sort=False):
        if (document["receipt_key"] >= 0).all():
            for start in range(0, len(document), largest):
                yield document.iloc[start : start + largest]
        else:
            yield document


def _posting(
    document: pd.DataFrame, posting: str, attempts: dict[tuple[str, str], int]
) -> list[dict[str, object]]:
    """The lines of one document: items first, then what stands against them, an account each."""
    turn = -1 if posting == "reversal" else 1
    first = document.iloc[0]
    day = first["effective_date"]
    attempt = 1 + max(attempts.get((str(one), posting), 0) for one in document["application_id"])
    head: dict[str, object] = {
        "company_id": first["company_id"], "posting": posting, "attempt": attempt,
        "erp_document": _number(document, posting), "operation_id": first["operation_id"],
        "posting_date": day, "currency": first["currency"], "customer_id": first["customer_id"],
        "document_date": day if pd.isna(first["receipt_date"]) else first["receipt_date"],
        "receipt_id": first["receipt_id"], "text": first["receipt_id"] or first["rule"],
    }  # fmt: skip
    rows: list[dict[str, object]] = []
    against: dict[str, int] = defaultdict(int)
    blank = {name: "" for name, kind in POSTING_LINES.columns.items() if kind == "text"}
    here = document[document["document_key"] < 0]
    if here["kind"].eq("exchange").any() and not here["applied_amount"].sum():
        rows = [
            {**blank, **head, "account": kind, "kind": kind, "application_id": leg["application_id"],
             "applied_amount": turn * int(leg["applied_amount"]),
             "posting_amount": turn * int(leg["applied_amount"])}
            for leg in here.to_dict(orient="records")
            for kind in ["cash" if leg["kind"] in CASH_KINDS else leg["kind"]]
        ]  # fmt: skip
        document = document[document["document_key"] >= 0]
    for leg in document.to_dict(orient="records"):
        amount = int(leg["applied_amount"])
        line = {
                **blank, **head,
                **{name: leg[name] for name in ("kind", "customer_id", *_OF_ITEM)},
                "account": "customer", "posting_amount": -turn * amount, "applied_amount": turn * amount,
            }  # fmt: skip
        rows += item_lines(leg, line, turn)
        if leg["kind"] not in CASH_KINDS:
            against[str(leg["kind"])] += amount
        elif leg["receipt_key"] >= 0:
            against["cash"] += amount
    for account in ("cash", *OTHER_KINDS):
        if against[account]:
            rows.append(
                {**blank, **head, "account": account, "kind": account, "applied_amount": 0,
                 "posting_amount": turn * against[account]}
            )  # fmt: skip
    return [{**row, "line": line} for line, row in enumerate(rows, start=1)]


def _number(document: pd.DataFrame, posting: str) -> str:
    """Sixteen signs, as many as SAP's reference holds; the same for the same legs, whatever the attempt."""
    told = "|".join([posting, *sorted(str(one) for one in document["application_id"])])
    prefix = OPENING if (document["rest"] > 0).any() else "WB"
    return ("WR" if posting == "reversal" else prefix) + hashlib.sha256(told.encode()).hexdigest()[
        :14
    ].upper()


def _tell_cleared(legs: pd.DataFrame, rule: str, level: str, found: list[dict[str, object]]) -> None:
    for operation, part in legs.groupby("operation_id"):
        _add(found, rule, part, level, most=50, operation=str(operation))


def _tell_exchanges(legs: pd.DataFrame, found: list[dict[str, object]]) -> None:
    """What of another currency was settled: the ERP values both documents, and the rest is the difference."""
    given = legs[legs["kind"].eq("exchange") & (legs["document_key"] < 0)]
    of_exchange = legs[legs["operation_id"].isin(given["operation_id"]) & (legs["document_key"] >= 0)]
    for _, part in of_exchange.groupby("currency"):
        _add(found, "posting-of-exchange", part, "note")


def _tell_late(legs: pd.DataFrame, period: Period, found: list[dict[str, object]]) -> None:
    early = legs[legs["effective_date"] < pd.Timestamp(period.first_day)]
    for _, part in early.groupby("currency"):
        _add(found, "posting-of-earlier-period", part, "note", period=str(period))


def _stays(document: pd.DataFrame, largest: int, found: list[dict[str, object]]) -> bool:
    """Whether a posting cannot be written: too long, an id that a sheet would run, nobody's money."""
    nobodys = document[document["kind"].eq("on_account") & document["customer_id"].eq("")]
    if len(nobodys):
        _add(found, "posting-without-customer", nobodys, "error", receipt=str(nobodys["receipt_id"].iloc[0]))
        return True
    if len(document) > largest:
        _add(found, "posting-too-long", document, "error", limit=largest)
        return True
    for name in ("company_id", "customer_id", "document_number", "fiscal_year", "item"):
        odd = [text for text in document[name] if text.startswith(FORMULA_STARTS)]
        if odd:
            _add(found, "posting-id-odd", document, "error", value=odd[0])
            return True
    return False


def _add(
    found: list[dict[str, object]],
    rule: str,
    legs: pd.DataFrame,
    level: str,
    most: int = 5,
    **values: object,
) -> None:
    currency, amount = str(legs["currency"].iloc[0]), sum(legs["applied_amount"].tolist())
    documents = ", ".join(sorted(set(legs["document_id"]))[:most])
    found.append(
        finding(
            rule, table="applications", key=documents, level=level, amount=amount, currency=currency,
            documents=documents, count=len(legs), **values,
            posted_money=f"{to_text(amount, currency)} {currency}",
        )
    )  # fmt: skip
