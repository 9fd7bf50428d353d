"""What the moves of a write-off change in the ledger: applications, reversals, and income that came back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from .. import write_offs
from ..applications import APPLIED, identify_applications
from ..book.applied import enter_applications
from ..book.close_postings import enter_entry, take_back_entries
from ..book.open_amounts import standing_recoveries, standing_write_offs
from ..book.reversed import enter_reversals
from ..book.transactions import Posting
from ..cases import Case
from ..errors import PostingRefusedError
from ..exchange import translate
from ..policy import Policy
from ..tables import APPLICATIONS, WRITE_OFF_KIND


@dataclass(frozen=True)
class Receipt:
    """The cash of a recovery: its key in the book, and its id."""

    receipt_key: int
    receipt_id: str


def give_up(posting: Posting, case: Case, on: dt.date) -> None:
    """The approved amounts applied as written off."""
    amounts = {item.item_key: item.item_amount for item in case.items}
    legs = [_leg(case, key, WRITE_OFF_KIND, amount, on) for key, amount in amounts.items()]
    _enter(posting, case, legs)


def take_back(posting: Posting, case: Case, keys: Sequence[int], on: dt.date, reason: str) -> dict[int, int]:
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


def recover(posting: Posting, case: Case, recovered: Mapping[int, int], cash: Receipt, on: dt.date) -> None:
    """The write-off reversed, the rest of it written off again, and the cash applied, in one operation."""
    standing = standing_write_offs(posting.connection, list(recovered), case.case_id)
    erp_open = {key: max(one[2] for one in own) for key, own in standing.items()}
    back = take_back(posting, case, list(recovered), on, cash.receipt_id)
    legs = []
    for key, whole in back.items():
        paid = recovered[key]
        legs.append(_leg(case, key, "payment", paid, on, cash, erp_open[key]))
        if whole - paid:
            legs.append(_leg(case, key, WRITE_OFF_KIND, whole - paid, on, None, erp_open[key]))
    _enter(posting, case, legs, instead=back)


def take_back_recovery(posting: Posting, case: Case, on: dt.date, reason: str) -> None:
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
    take_back_entries(posting, case, origin="write_off", text="recovery-taken-back", name="income", on=on)


def book_income(
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
    moved = pd.DataFrame({
        "company_id": case.company_id, "entry_id": case.next_entry,
        "debit_account": policy.accounts.impairment, "credit_account": policy.accounts.written_off_income,
        "customer_id": case.customer_id, "document_id": [names[key] for key in recovered],
        "case_id": case.case_id, "currency": case.currency, "amount": list(recovered.values()),
        "base_currency": base, "base_amount": list(recovered.values()), "text": "recovery",
    })  # fmt: skip
    moved["base_amount"] = translate(moved, ["base_amount"], rates, on=on, to_currency=base)["base_amount"]
    enter_entry(posting, case, moved, origin="write_off", name="income", on=on)


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
