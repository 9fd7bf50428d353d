"""The proof of a set-off (cuadre del cruce): by customer before and after, and a sum of zero by currency."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ..money import checked_sum
from .pool import ACCOUNT, Pool
from .results import SET_OFFS, SUMMARISED


def summarise_customers(
    open_items: pd.DataFrame, pool: Pool, unapplied: pd.DataFrame, *, period_start: dt.date | None
) -> pd.DataFrame:
    """``SUMMARISED``: a row a customer and currency with credit notes.

    ``balance`` is all that the account owes, blocked and special items too: invoices less notes, payments.
    """
    accounts = pd.MultiIndex.from_frame(pool.notes_frame[list(ACCOUNT)])
    own = open_items[pd.MultiIndex.from_frame(open_items[list(ACCOUNT)]).isin(accounts)]
    before = own["open_amount"].to_numpy()
    now = [pool.left.get(key, amount) for key, amount in zip(own["document_key"], before, strict=True)]
    own = own.assign(_after=pd.Series(now, index=own.index, dtype="int64"))
    is_note = own["document_key"].isin(pool.notes_frame["document_key"])
    is_new = is_note & (own["document_date"] >= pd.Timestamp(period_start or dt.date.max))
    is_debt = own["open_amount"] > 0
    parts = own[list(ACCOUNT)].assign(
        credit_notes=is_note.astype("int64"),
        opening_notes_amount=own["open_amount"].where(is_note & ~is_new, 0),
        new_amount=own["open_amount"].where(is_new, 0),
        matched_amount=(own["_after"] - own["open_amount"]).where(is_note, 0),
        left_amount=own["_after"].where(is_note, 0),
        debt_before_amount=own["open_amount"].where(is_debt, 0),
        debt_after_amount=own["_after"].where(is_debt, 0),
        other_credits_amount=own["open_amount"].where(~is_debt & ~is_note, 0),
        balance_before_amount=own["open_amount"],
        balance_after_amount=own["_after"],
    )
    by_customer = parts.groupby(list(ACCOUNT), sort=True).sum().reset_index()
    largest = unapplied.sort_values(["unapplied_amount", "document_key"]).drop_duplicates(list(ACCOUNT))
    reasons = largest.set_index(list(ACCOUNT))["reason"].to_dict()
    keys = by_customer[list(ACCOUNT)].itertuples(index=False, name=None)
    return SUMMARISED.conform(by_customer.assign(reason=[reasons.get(key, "") for key in keys]))


def total_by_currency(summarised: pd.DataFrame) -> pd.DataFrame:
    """The money columns of ``SUMMARISED``, a row a currency."""
    money = [name for name in SUMMARISED.columns if name.endswith("_amount")]
    return summarised.groupby("currency", sort=True)[money].sum().reset_index()


def pair_legs(applied: pd.DataFrame) -> pd.DataFrame:
    """``SET_OFFS``: a row a set-off, as a person reads it; both legs of ``applications.APPLIED`` in one."""
    notes = applied[applied["applied_amount"] < 0].set_index("operation")
    debts = applied[applied["applied_amount"] > 0].set_index("operation")
    names = ["company_id", "customer_id", "currency", "applied_amount", "rule", "evidence"]
    paired = debts[["document_id", *names]].join(
        notes[["document_key", "document_id"]].add_prefix("credit_"), validate="one_to_one"
    )
    order = ["company_id", "customer_id", "currency", "credit_document_id", "operation"]
    return SET_OFFS.conform(paired.reset_index().sort_values(order, ignore_index=True))


def prove_set_offs(applied: pd.DataFrame, summarised: pd.DataFrame) -> pd.DataFrame:
    """Per currency: what invoices lost + what notes lost = 0, and the balance before = after.

    ``applied``: ``applications.APPLIED`` of a run, ``summarised``: ``SUMMARISED`` of the same.
    """
    rows = []
    for currency, part in summarised.groupby("currency", sort=True):
        legs = applied.loc[applied["currency"] == currency, "applied_amount"]
        from_debts = checked_sum(legs[legs > 0].to_numpy())
        from_notes = checked_sum(legs[legs < 0].to_numpy())
        before = checked_sum(part["balance_before_amount"].to_numpy())
        after = checked_sum(part["balance_after_amount"].to_numpy())
        proved = from_debts + from_notes == 0 and before == after
        rows.append((currency, from_debts, from_notes, from_debts + from_notes, before, after, proved))
    names = [
        "currency", "from_debts_amount", "from_notes_amount", "sum_amount", "balance_before_amount",
        "balance_after_amount", "is_proved",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)
