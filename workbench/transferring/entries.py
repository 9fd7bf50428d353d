"""Proposed ledger entries of the over-180 control: to its account and back, credits given back or moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from ..book.close_postings import booked_of_case, enter_entry
from ..book.transactions import Posting
from ..cases import Case
from ..exchange import translate
from ..money import round_half_away
from ..policy import Policy

ORIGIN = "over_180"


def receivables(policy: Policy, currency: str) -> str:
    """The account that a debt of this currency stands on before it is over."""
    own = policy.accounts
    return own.receivables if currency == policy.base_currency else own.foreign_receivables


def enter_transfer(
    posting: Posting,
    case: Case,
    amounts: Mapping[int, int],
    *,
    policy: Policy,
    rates: pd.DataFrame,
    days: Mapping[int, dt.date],
    on: dt.date,
) -> None:
    """To the debit of the over-180 account, to the credit of the receivables, an entry a case.

    ``days``: each document's own, by key. At its rate the receivables hold the debt between two closes, for
    a revaluation is taken back on the next day; a transfer settles nothing, so it moves what they hold and
    leaves no difference in exchange on either account. Source: DOMAIN, section 20.
    """
    moved = _movements(case, amounts, policy, "transfer")
    moved["base_amount"] = [
        _in_base(moved.iloc[[row]], policy, rates, days[key]) for row, key in enumerate(amounts)
    ]
    moved["debit_account"] = policy.accounts.over_180
    moved["credit_account"] = receivables(policy, case.currency)
    _enter(posting, case, moved, on)


def enter_reversal(
    posting: Posting, case: Case, amounts: Mapping[int, int], *, policy: Policy, on: dt.date
) -> None:
    """Back to the receivables, at the rates it went with: the last part takes what is left, to the cent."""
    moved = _movements(case, amounts, policy, "reversal")
    booked = booked_of_case(posting, case.case_id, policy.accounts.over_180)
    base = []
    for document, amount in zip(moved["document_id"], moved["amount"], strict=True):
        held = booked[str(document)]
        base.append(round_half_away(held.base_amount * amount, held.amount))
    moved["base_amount"] = base
    moved["debit_account"] = receivables(policy, case.currency)
    moved["credit_account"] = policy.accounts.over_180
    _enter(posting, case, moved, on)


def enter_credit(
    posting: Posting, case: Case, *, policy: Policy, rates: pd.DataFrame, day: dt.date, on: dt.date
) -> None:
    """A credit given back (to the credit of the bank) or moved to other payables.

    A credit of the ledger leaves the receivables; a deposit leaves the advances that it stands among. Either
    leaves at the rate of its own ``day``, as :func:`enter_transfer` has it. The bank pays at the rate of the
    day ``on``, so what a refund costs beyond that is a loss in exchange, and what it saves a gain.
    """
    own = policy.accounts
    item = case.items[0]
    is_refund = case.content["action"] == "refund"
    moved = _movements(case, {item.item_key: -item.item_amount}, policy, "credit")
    held = _in_base(moved, policy, rates, day)
    more = _in_base(moved, policy, rates, on) - held if is_refund else 0
    moved["base_amount"] = held
    moved["debit_account"] = (
        own.advances if item.item_kind == "deposit" else receivables(policy, case.currency)
    )
    moved["credit_account"] = own.bank if is_refund else own.old_credits
    difference = moved.assign(
        amount=0, base_amount=more, text=f"DIFC {case.currency}",
        debit_account=own.exchange_loss if more > 0 else own.exchange_gain,
    )  # fmt: skip
    _enter(posting, case, pd.concat([moved, difference], ignore_index=True), on)


def _in_base(moved: pd.DataFrame, policy: Policy, rates: pd.DataFrame, on: dt.date) -> int:
    """A movement's amount in base currency at the rate of a day."""
    found = translate(moved, ["amount"], rates, on=on, to_currency=policy.base_currency)
    return int(found["amount"].iloc[0])


def _movements(case: Case, amounts: Mapping[int, int], policy: Policy, text: str) -> pd.DataFrame:
    names = {item.item_key: item.item_id for item in case.items}
    return pd.DataFrame({
        "company_id": case.company_id, "entry_id": case.next_entry, "customer_id": case.customer_id,
        "document_id": [names[key] for key in amounts], "case_id": case.case_id, "currency": case.currency,
        "amount": list(amounts.values()), "base_amount": list(amounts.values()),
        "base_currency": policy.base_currency, "text": text, "debit_account": "", "credit_account": "",
    })  # fmt: skip


def _enter(posting: Posting, case: Case, moved: pd.DataFrame, on: dt.date) -> None:
    enter_entry(posting, case, moved, origin=ORIGIN, name="entry", on=on)
