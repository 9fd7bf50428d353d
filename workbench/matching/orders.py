"""Orders (pedidos) that a payer names: all that is open of an order, or an advance spread over its documents.

An order is no document: named with exactly what is open of it, it is paid; any other amount is an advance
(anticipo) or a part, spread oldest due first and shown to a person. Source: DOMAIN, sections 3 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ..references import Mention, ReferenceIndex, fold
from ..tables import CASH_KINDS, Table
from .order_index import OrderIndex
from .pool import Pool
from .results import Answer, Verdict
from .rules import Case, doubt_about, living

#: A bare number in a text is an order's from so many digits on, or behind a word for an order.
SHORTEST_ALONE = 6
_WORD = r"(?:PO|OC|OP|PEDIDOS?|ORDEN(?: DE COMPRA)?|(?:PURCHASE )?ORDERS?)"
_GLUED = re.compile(rf"(?<![A-Z0-9])({_WORD})(?=[0-9])")

#: What receipts hold for orders, one row a receipt and order: money in minor units, positive.
ADVANCES = Table(
    "advances",
    ("receipt_key", "order_id"),
    {
        "receipt_key": "integer",
        "receipt_id": "text",
        "company_id": "text",
        "currency": "text",
        "order_id": "text",
        "reserved_amount": "money",  # what the payer's advice gives to the order
        "applied_amount": "money",  # of it, applied to documents of that order
        "left_amount": "money",  # still to be applied to them: reserved − applied, not below 0
    },
)


def orders_named(company: str, text: str, pool: Pool) -> list[Mention]:
    """The orders of open or settled documents that a text names; short bare numbers need a word for it."""
    index = pool.orders.names(company) if text else None
    if index is None:
        return []
    written = as_written(text)
    return [one for one in index.find(written) if _is_meant(one.written, written)]


def as_written(text: str) -> str:
    """A text in which orders are looked for: words for an order stand apart from their numbers."""
    return _GLUED.sub(r"\1 ", fold(text))


def open_of_orders(case: Case, pool: Pool) -> tuple[int, ...]:
    """What can be paid of the orders named, oldest due first; the receipt's own customer's if it has any."""
    positions = [position for one in case.orders for position in pool.orders.items(one.positions)]
    return tuple(sorted(set(living(positions, case, pool))))


def whole_order(case: Case, pool: Pool) -> Verdict | None:
    """Applied where the orders that the text names owe exactly the amount together."""
    positions = open_of_orders(case, pool)
    if not positions or pool.total(positions) != case.amount or doubt_about(positions, case, pool):
        return None
    return Verdict(applied=_answer("whole-order", positions, case, pool))


def order_advance(case: Case, pool: Pool) -> Verdict | None:
    """What an order that is named owes, for an amount that is not exactly that: oldest due first, shown."""
    positions = open_of_orders(case, pool)
    if not positions:
        return None
    doubt = doubt_about(positions, case, pool)
    answer = _answer("order-advance", positions, case, pool)
    return Verdict(reason=doubt or "amount-differs-from-order", proposals=(answer,))


def is_outside_order(positions: Sequence[int], case: Case, pool: Pool) -> bool:
    """Whether an answer takes documents of other orders than those that the text names."""
    return bool(case.orders) and not set(positions) <= set(open_of_orders(case, pool))


def oldest_first(case: Case, pool: Pool) -> Answer | None:
    """The policy's fallback: as many of the customer's oldest debts as the amount reaches, the last in part.

    Only shown: nothing says that the customer meant them. Source: DOMAIN, section 3, step 8.
    """
    account = pool.accounts.get((case.company, case.party.customer_id, case.currency))
    taken: list[int] = []
    left = case.amount
    for position in sorted(account.positions) if account else ():
        if left <= 0:
            break
        if pool.open[position] > 0:
            taken.append(position)
            left -= pool.open[position]
    return Answer("oldest-first", tuple(taken), case.evidence(items=len(taken))) if taken else None


def advances_by_order(
    remittances: pd.DataFrame, receipts: pd.DataFrame, applications: pd.DataFrame, documents: pd.DataFrame
) -> pd.DataFrame:
    """``ADVANCES``: what advices give to orders, and how much of it has reached the orders' documents.

    ``remittances``: lines that name a receipt and, for an order, its ``order_id`` in ``reference``, read as
    matching reads it (a document's own number comes first); ``applications``: those in force
    (``ledger.active_applications``), of which cash kinds count; ``documents``: ``tables.DOCUMENTS``. An id
    that two receipts have speaks of neither. Whatever the order of rows.
    """
    lines = remittances[["company_id", "receipt_id", "currency", "reference", "advised_amount"]]
    lines = lines[lines["receipt_id"].ne("")]
    lines = lines.assign(reference=_orders_meant(lines, documents))
    by = ["company_id", "receipt_id", "currency", "reference"]
    told = lines[lines["reference"].ne("")].groupby(by, as_index=False, sort=True)["advised_amount"].sum()
    # Where two accounts use one reference, the advice says nothing for sure of either receipt.
    single = receipts.drop_duplicates(by[:2], keep=False)
    told = told.merge(single[["receipt_key", *by[:3]]], on=by[:3])
    cash = applications[applications["kind"].isin(CASH_KINDS)]
    cash = cash.merge(documents[["document_key", "order_id"]], on="document_key", validate="many_to_one")
    applied = cash.groupby(["receipt_key", "order_id"])["applied_amount"].sum().to_dict()
    keys = zip(told["receipt_key"], told["reference"], strict=True)
    made = told.assign(applied_amount=[int(applied.get(key, 0)) for key in keys]).rename(
        columns={"reference": "order_id", "advised_amount": "reserved_amount"}
    )
    left = (made["reserved_amount"] - made["applied_amount"]).clip(lower=0)
    return ADVANCES.conform(made.assign(left_amount=left).reset_index(drop=True))


def tables_of_orders(
    remittances: pd.DataFrame, receipts: pd.DataFrame, applications: pd.DataFrame, documents: pd.DataFrame
) -> dict[str, tuple[pd.DataFrame, Table]]:
    """``advances_by_order`` by the name of its file; no table where no advice gives anything to an order."""
    found = advances_by_order(remittances, receipts, applications, documents)
    return {"advances": (found, ADVANCES)} if len(found) else {}


def _orders_meant(lines: pd.DataFrame, documents: pd.DataFrame) -> list[str]:
    """The order that each line names, '' where it names a document, several orders or none."""
    known = documents[documents["company_id"].isin(set(lines["company_id"]))].reset_index(drop=True)
    index, orders = OrderIndex(known), known["order_id"].tolist()
    names = ("document_id", "document_number", "reference")
    numbers = {
        company: ReferenceIndex(
            (level, name, place, place)
            for level, column in ((0, names[0]), (0, names[1]), (1, names[2]))
            for place, name in zip(own.index.tolist(), own[column], strict=True)
            if name
        )
        for company, own in known.groupby("company_id")
    }
    meant = []
    for company, text in zip(lines["company_id"], lines["reference"], strict=True):
        of_company = index.names(company)
        found = of_company.resolve(text) if of_company and not numbers[company].resolve(text) else None
        codes = found.positions if found else ()
        meant.append(orders[index.items(codes)[0]] if len(codes) == 1 else "")
    return meant


def _answer(rule: str, positions: tuple[int, ...], case: Case, pool: Pool) -> Answer:
    orders = [one.written for one in case.orders]
    return Answer(rule, positions, case.evidence(orders=orders, items=len(positions)))


def _is_meant(written: str, text: str) -> bool:
    if not written.isdigit() or len(written) >= SHORTEST_ALONE:
        return True
    number = rf"(?:NO|NR|NUM|NUMERO)?[^A-Z0-9]{{0,3}}{written}"
    return re.search(rf"(?<![A-Z0-9]){_WORD}[^A-Z0-9]{{0,3}}{number}(?![A-Z0-9])", text) is not None
