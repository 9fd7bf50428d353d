"""Documents of a customer put together to be given up, each in one preparation at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

import pandas as pd

from .. import book as books
from .. import write_offs
from ..book.cases_in import open_case
from ..book.open_amounts import read_open_amounts
from ..cases import CaseItem, NewCase
from ..errors import PostingRefusedError
from ..money import to_money_text
from ..policy import Policy


def prepare_write_off(
    book: books.Book,
    documents: Mapping[int, int],
    *,
    policy: Policy,
    reason_code: str,
    who: str,
    on: dt.date,
    note: str = "",
) -> str:
    """A case to write off ``documents`` (by key, minor units) of one customer and currency; gives its id.

    0 stands for all that is open. Each amount is at most what is open; a credit is no debt; a document stands
    in one preparation at a time. The same again gives the same case. Raises :class:`PostingRefusedError`.
    """
    content: dict[str, object] = {"reason_code": reason_code, "note": note}
    write_offs.check_write_off(content, policy.write_offs)
    known = books.read.documents(book)
    own = known[known["document_key"].isin(list(documents))]
    accounts = own[["company_id", "customer_id", "currency"]].drop_duplicates()
    if own.empty or len(own) < len(documents) or len(accounts) > 1:
        raise PostingRefusedError("write-off-of-several", documents=len(documents), accounts=len(accounts))
    company, customer, currency = (str(one) for one in accounts.iloc[0])
    open_now = read_open_amounts(book, documents)
    busy = _in_preparation(book, company)
    items = []
    for key, number in sorted(zip(own["document_key"].tolist(), own["document_id"], strict=True)):
        amount = documents[key] or open_now[key]
        if open_now[key] == 0:
            raise PostingRefusedError("write-off-owes-nothing", document=str(number))
        if not 0 < amount <= open_now[key]:
            raise PostingRefusedError(
                "write-off-more-than-open",
                document=number,
                open_money=to_money_text(open_now[key], currency),
                amount_money=to_money_text(amount, currency),
            )
        items.append(CaseItem("document", key, str(number), currency, amount, reason_code))
    told = json.dumps([[item.item_id, item.item_amount] for item in items])
    name = hashlib.sha256(f"{reason_code}{note}{told}".encode()).hexdigest()[:8]
    case_id = f"write-off/{company}/{customer}/{currency}/{on}/{name}"
    known_cases = books.read.cases(book, company, kind=write_offs.KIND)
    if case_id in set(known_cases["case_id"]):
        return case_id
    content["earlier_amount"] = _earlier(known_cases, customer, currency, on)
    taken = {
        item.item_id: busy[item.item_key] for item in items if busy.get(item.item_key, case_id) != case_id
    }
    if taken:
        document, other = next(iter(taken.items()))
        raise PostingRefusedError("write-off-in-preparation", document=document, case=other)
    machine = write_offs.write_off_machine(policy.write_offs)
    new = NewCase(
        case_id, company, content, customer_id=customer, currency=currency, period=f"{on:%Y-%m}", as_of=on,
        subject_key=reason_code, case_amount=sum(one.item_amount for one in items), items=items,
    )  # fmt: skip
    open_case(book, machine, new, who=who, on=on)
    return case_id


def _earlier(cases: pd.DataFrame, customer: str, currency: str, on: dt.date) -> int:
    """What else of this customer was given up, or is about to be, in twelve months: in small pieces a large
    amount stays large."""
    own = cases[
        (cases["customer_id"] == customer)
        & (cases["currency"] == currency)
        & ~cases["state"].isin(("rejected", "withdrawn", "undone", "recovered"))
        & (cases["opened_date"] > pd.Timestamp(on) - pd.DateOffset(months=12))
    ]
    return int(own["case_amount"].sum())


def _in_preparation(book: books.Book, company: str) -> dict[int, str]:
    cases = books.read.cases(book, company, kind=write_offs.KIND)
    live = cases[cases["state"].isin(("prepared", "first_approved", "approved"))]
    items = books.read.case_items(book, company, kind=write_offs.KIND)
    own = items[items["case_id"].isin(live["case_id"])]
    return dict(zip(own["item_key"].tolist(), own["case_id"], strict=True))
