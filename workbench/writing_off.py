"""Write-offs through the book: prepared, evidenced, approved, posted, and recovered when somebody pays.

What a move changes in the ledger is written in the move's own transaction. Who brings cash into the book
writes nothing off. Source: DOMAIN 7, 21 and 22; TRUST, Approvals.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pandas as pd

from . import book as books
from . import write_offs
from .applications import APPLIED, identify_applications
from .book.applied import enter_applications
from .book.cases_in import move_case, open_case
from .book.close_postings import enter_close
from .book.open_amounts import (
    cash_importers,
    entries_of_case,
    read_open_amounts,
    standing_recoveries,
    standing_write_offs,
)
from .book.reversed import enter_reversals
from .book.transactions import Posting
from .cases import Brought, Case, CaseItem, NewCase, person
from .errors import MoveRefusedError, PostingRefusedError
from .exchange import translate
from .journal import PROPOSED, double_entry
from .money import to_minor, to_money_text
from .policy import Policy
from .tables import APPLICATIONS, WRITE_OFF_KIND


@dataclass(frozen=True)
class Receipt:
    """The cash of a recovery: its key in the book, and its id."""

    receipt_key: int
    receipt_id: str


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


def approve_write_off(book: books.Book, case_id: str, brought: Brought, *, policy: Policy) -> str:
    """The approval that this role can give: alone within its limit, else the first or the second of two."""
    case = books.read.case(book, case_id)
    limit = policy.write_offs.limit(brought.role, case.currency)
    if case.state == "first_approved":
        move = "approve_second"
    else:
        move = "approve" if write_offs.weighed_amount(case) <= limit else "approve_first"
    return move_write_off(book, case_id, move, brought, policy=policy)


def move_write_off(book: books.Book, case_id: str, move: str, brought: Brought, *, policy: Policy) -> str:
    """Any move of a write-off, with what it changes in the ledger; gives the new state.

    ``post`` applies the approved amounts; ``undo`` reverses them; ``recover`` and ``recover_part`` take the
    receipt that is brought and, in part, ``content["recovered"]`` (minor units by document key, or text such
    as ``FV-9=60.00``): the write-off is reversed whole, the rest written off again, and the cash applied.
    ``take_back_recovery`` (a returned cheque) reverses all cash that came so, gives up again what it paid and
    takes its income back; what holds is recovered anew. Each is one transaction.
    """
    machine = write_offs.write_off_machine(policy.write_offs)
    case, on, reason = books.read.case(book, case_id), brought.on, brought.reason
    told, cash = brought.telling_role(), None
    if move in ("recover", "recover_part") and brought.receipt_id:
        cash = _receipt(book, case, brought.receipt_id)
        told = told.adding(receipt_id=cash.receipt_id)
    if move == "recover" and "recovered" not in told.content:
        left = write_offs.written_off(case)
        told = told.adding(recovered={str(key): amount for key, amount in left.items() if amount})
    if isinstance(told.content.get("recovered"), str):
        told = told.adding(recovered=_told_amounts(case, str(told.content["recovered"])))
    if move == "post":
        open_now = read_open_amounts(book, [item.item_key for item in case.items])
        told = told.adding(amounts={str(key): amount for key, amount in open_now.items()})
    rates = books.read.rates(book)

    def also(posting: Posting, was: Case) -> None:
        if move == "post":
            _check_importer(posting, was)
            _post(posting, was, on)
        elif move == "undo":
            _take_back(posting, was, list(write_offs.written_off(was)), on, reason)
        elif move == "take_back_recovery":
            _check_importer(posting, was)  # it writes off again, and frees the cash
            _take_back_recovery(posting, was, on, reason)
        elif cash is not None:
            recovered = write_offs.amounts_of(told.content, "recovered")
            _recover(posting, was, recovered, cash, on)
            _book_income(posting, was, recovered, policy, rates, on)

    return move_case(book, machine, case, move, told, also=also)


def _told_amounts(case: Case, text: str) -> dict[str, int]:
    """``FV-9=60.00, FV-10=5`` as a person writes it: major units by document, to minor units by key."""
    keys = {item.item_id: item.item_key for item in case.items}
    told: dict[str, int] = {}
    for part in text.split(","):
        name, _, amount = (cell.strip() for cell in part.partition("="))
        try:
            told[str(keys[name])] = to_minor(Decimal(amount), case.currency)
        except (KeyError, InvalidOperation):
            raise MoveRefusedError("over-180-amounts-wrong", amounts=text) from None
    return told


def _check_importer(posting: Posting, case: Case) -> None:
    importers = cash_importers(posting.connection, case.company_id)
    if person(posting.who) in {person(one) for one in importers}:
        raise MoveRefusedError("write-off-by-importer", case=case.case_id, who=posting.who)


def _post(posting: Posting, case: Case, on: dt.date) -> None:
    amounts = {item.item_key: item.item_amount for item in case.items}
    legs = [_leg(case, key, WRITE_OFF_KIND, amount, on) for key, amount in amounts.items()]
    _enter(posting, case, legs)


def _take_back(posting: Posting, case: Case, keys: Sequence[int], on: dt.date, reason: str) -> dict[int, int]:
    """Reverse the write-offs of these documents whole; gives how much of each."""
    standing = standing_write_offs(posting.connection, list(keys), case.case_id)
    ids = [one[0] for own in standing.values() for one in own]
    if not ids:
        raise PostingRefusedError("undo-nothing", name="undo", value=case.case_id)
    enter_reversals(
        posting, ids, effective_date=on, reason=reason,
        operation_id=f"{case.case_id}#{len(case.events) + 1}:reversal",
    )  # fmt: skip
    return {key: sum(one[1] for one in own) for key, own in standing.items()}


def _recover(posting: Posting, case: Case, recovered: Mapping[int, int], cash: Receipt, on: dt.date) -> None:
    """The write-off reversed, the rest of it written off again, and the cash applied, in one operation."""
    standing = standing_write_offs(posting.connection, list(recovered), case.case_id)
    erp_open = {key: max(one[2] for one in own) for key, own in standing.items()}
    back = _take_back(posting, case, list(recovered), on, cash.receipt_id)
    legs = []
    for key, whole in back.items():
        paid = recovered[key]
        legs.append(_leg(case, key, "payment", paid, on, cash, erp_open[key]))
        if whole - paid:
            legs.append(_leg(case, key, WRITE_OFF_KIND, whole - paid, on, None, erp_open[key]))
    _enter(posting, case, legs, instead=back)


def _take_back_recovery(posting: Posting, case: Case, on: dt.date, reason: str) -> None:
    """All cash of its recoveries reversed, what it paid given up again, and its income taken back."""
    keys = [item.item_key for item in case.items]
    cash = standing_recoveries(posting.connection, keys, case.case_id)
    rest = standing_write_offs(posting.connection, list(cash), case.case_id)
    own = {key: [*legs, *rest.get(key, ())] for key, legs in cash.items()}
    ids = [one[0] for legs in own.values() for one in legs]
    if not ids:
        raise PostingRefusedError("undo-nothing", name="undo", value=case.case_id)
    number = len(case.events) + 1
    enter_reversals(
        posting, ids, effective_date=on, reason=reason, operation_id=f"{case.case_id}#{number}:reversal"
    )
    back = {key: sum(one[1] for one in legs) for key, legs in own.items()}
    erp_open = {key: max(one[2] for one in legs) for key, legs in own.items()}
    again = [_leg(case, key, WRITE_OFF_KIND, back[key], on, None, erp_open[key]) for key in back]
    _enter(posting, case, again, instead=back)
    # At the rates of then: what was booked leaves to the cent.
    lines = entries_of_case(posting.connection, case.case_id)
    lines = lines.assign(
        entry_amount=-lines["entry_amount"], base_amount=-lines["base_amount"], case_id=case.case_id,
        entry_id=f"{case.case_id}#{number}", line=range(1, len(lines) + 1), origin="write_off",
        posting_date=pd.Timestamp(on), text="recovery-taken-back",
    )  # fmt: skip
    enter_close(
        posting, {"journal_lines": lines[list(PROPOSED)]}, operation_id=f"{case.case_id}#{number}:income",
        period=f"{on:%Y-%m}", as_of=on,
    )  # fmt: skip


def _leg(
    case: Case, key: int, kind: str, amount: int, on: dt.date, cash: Receipt | None = None, erp_open: int = 0
) -> dict[str, object]:
    item = next(one for one in case.items if one.item_key == key)
    number = len(case.events) + 1
    evidence = {"case": case.case_id, "write_off_reason": case.content["reason_code"]}
    return {
        "operation": f"{case.case_id}#{number}", "receipt_key": -1 if cash is None else cash.receipt_key,
        "receipt_id": "" if cash is None else cash.receipt_id, "company_id": case.company_id,
        "customer_id": case.customer_id, "currency": case.currency, "document_key": key,
        "document_id": item.item_id, "kind": kind, "applied_amount": amount,
        "effective_date": pd.Timestamp(on), "rule": write_offs.RULE if cash is None else write_offs.RECOVERED,
        "evidence": json.dumps(evidence, ensure_ascii=False, sort_keys=True), "erp_open_amount": erp_open,
    }  # fmt: skip


def _enter(
    posting: Posting,
    case: Case,
    legs: Sequence[Mapping[str, object]],
    instead: Mapping[int, int] | None = None,
) -> None:
    applied = identify_applications(APPLIED.conform(pd.DataFrame(legs)), salt=case.case_id)
    frame = APPLICATIONS.conform(applied.assign(step_key="", recorded_at=pd.NaT))
    enter_applications(posting, frame, written_off_by=case.case_id, instead=instead)


def _book_income(
    posting: Posting,
    case: Case,
    recovered: Mapping[int, int],
    policy: Policy,
    rates: pd.DataFrame,
    on: dt.date,
) -> None:
    """What came back is income: from the account that the write-off was charged to, to that of recoveries."""
    base = policy.base_currency
    names = {item.item_key: item.item_id for item in case.items}
    number = len(case.events) + 1
    moved = pd.DataFrame({
        "company_id": case.company_id, "entry_id": f"{case.case_id}#{number}",
        "debit_account": policy.accounts.impairment, "credit_account": policy.accounts.written_off_income,
        "customer_id": case.customer_id, "document_id": [names[key] for key in recovered],
        "case_id": case.case_id, "currency": case.currency, "amount": list(recovered.values()),
        "base_currency": base, "base_amount": list(recovered.values()), "text": "recovery",
    })  # fmt: skip
    moved["base_amount"] = translate(moved, ["base_amount"], rates, on=on, to_currency=base)["base_amount"]
    lines = double_entry(moved, origin="write_off", on=pd.Timestamp(on))
    enter_close(
        posting, {"journal_lines": lines}, operation_id=f"{case.case_id}#{number}:income",
        period=f"{on:%Y-%m}", as_of=on,
    )  # fmt: skip


def _receipt(book: books.Book, case: Case, receipt_id: str) -> Receipt:
    """The cash by its id: of the same company and currency; the ledger's own caps hold under the lock."""
    receipts = books.read.receipts(book, case.company_id)
    found = receipts[receipts["receipt_id"] == receipt_id]
    if len(found) != 1:
        raise PostingRefusedError(
            "recovery-without-receipt", case=case.case_id, receipt=receipt_id, found=len(found)
        )
    return Receipt(int(found["receipt_key"].iloc[0]), receipt_id)
