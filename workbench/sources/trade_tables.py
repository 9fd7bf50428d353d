"""Orders, notes of the distribution centres, claims and control balances: one row, one thing in the trade."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..tables import CLAIMS, CONTROL_BALANCES, NOTES, ORDERS, Table
from .checked import (
    Typed,
    check_customers,
    check_rows,
    extract_date,
    finish,
    read_fields,
    restore_leading_zeros,
    settle_rivals,
)
from .fields import KIND_WORDS, STATES
from .parsed import Context, Parsed
from .raw_table import plain_words
from .sheets import Sheet
from .simple_tables import as_read

ORDER_ROWS = as_read(ORDERS, "observed_date", "recorded_at")
NOTE_ROWS = as_read(NOTES, "observed_date", "recorded_at")
CLAIM_ROWS = as_read(CLAIMS, "observed_date", "recorded_at")
BALANCE_ROWS = as_read(CONTROL_BALANCES, "recorded_at")


def read_orders(sheet: Sheet, context: Context) -> Parsed:
    """Orders (pedidos), one row each; amounts positive, with taxes, as the customer will owe them.

    What the file does not state of confirmed, delivered and invoiced is 0. An order without an amount is
    one only where the mapping accepts ``zero-amount``.
    """
    frame = _read(sheet, context).frame
    amounts = ["ordered_amount", "confirmed_amount", "delivered_amount", "invoiced_amount"]
    if sheet.mapping.sign == "reversed":
        frame[amounts] = -frame[amounts]
    for name in amounts:
        sheet.refuse((frame[name] < 0).to_numpy(), "sign", name)
    check_rows(sheet, "zero-amount", (frame["ordered_amount"] == 0).to_numpy(), "ordered_amount")
    return _finished(sheet, context, frame, ORDER_ROWS, "order_id", "order_date", "ordered_amount")


def read_notes(sheet: Sheet, context: Context) -> Parsed:
    """Notes that a centre announced (notas pendientes por CEDI), with the sign of what they do to the debt.

    A file that says the kind may write a credit note with or without its minus: it reduces the debt. A file
    that does not say it must write the minus; a positive amount without a kind is refused, for it could be
    either. A debit note with a minus is refused.
    """
    frame = _read(sheet, context).frame
    if sheet.mapping.sign == "reversed":
        frame["note_amount"] = -frame["note_amount"]
    amounts = frame["note_amount"].to_numpy()
    kinds = _kinds(sheet, frame["note_kind"], "note_kind")
    sheet.refuse((kinds == "") & (amounts > 0), "note-kind-missing", "note_kind")
    kinds = np.where((kinds == "") & (amounts < 0), "credit_note", kinds)
    sheet.refuse((kinds == "debit_note") & (amounts < 0), "sign", "note_amount")
    frame["note_kind"] = kinds
    frame["note_amount"] = np.where(kinds == "credit_note", -np.abs(amounts), amounts)
    check_rows(sheet, "zero-amount", amounts == 0, "note_amount")
    return _finished(sheet, context, frame, NOTE_ROWS, "note_id", "requested_date", "note_amount")


def read_claims(sheet: Sheet, context: Context) -> Parsed:
    """Claims (reclamos) and requests (requerimientos); a request disputes no amount.

    Where the file does not say which it is, a row with an amount is a dispute and one without is a request.
    """
    typed = _read(sheet, context)
    frame, has_amount = typed.frame, typed.has_value["disputed_amount"]
    if sheet.mapping.sign == "reversed":
        frame["disputed_amount"] = -frame["disputed_amount"]
    has_amount = has_amount & (frame["disputed_amount"] != 0).to_numpy()
    kinds = _kinds(sheet, frame["claim_kind"], "claim_kind")
    frame["claim_kind"] = np.where(kinds == "", np.where(has_amount, "dispute", "request"), kinds)
    is_request = (frame["claim_kind"] == "request").to_numpy()
    sheet.refuse(is_request & has_amount, "request-with-amount", "disputed_amount")
    unknown = int((~is_request & ~has_amount & sheet.is_good).sum())
    if unknown:
        sheet.findings.add("claim-without-amount", count=unknown)
    days = frame["opened_date"].to_numpy()
    sheet.refuse(frame["closed_date"].to_numpy() < days, "date-before-opening", "closed_date")
    return _finished(sheet, context, frame, CLAIM_ROWS, "claim_id", "opened_date", "disputed_amount")


def read_control_balances(sheet: Sheet, context: Context) -> Parsed:
    """What the ledger's accounts of customers show on a day, debit positive.

    The same account and day twice with another balance: both rows are refused.
    """
    frame = read_fields(sheet, context).frame
    one_column = "balance_amount" in sheet.cells
    amount = frame["balance_amount"] if one_column else frame["debit"] - frame["credit"]
    frame["balance_amount"] = -amount if sheet.mapping.sign == "reversed" else amount
    if one_column and "debit_credit" in sheet.cells:
        is_credit = frame["debit_credit"].isin(sheet.mapping.credit_words)
        known = is_credit | frame["debit_credit"].isin(sheet.mapping.debit_words)
        sheet.refuse(~known.to_numpy(), "debit-credit-unknown", "debit_credit")
        frame["balance_amount"] = frame["balance_amount"].where(~is_credit, -frame["balance_amount"])
    key = list(CONTROL_BALANCES.key)
    duplicate = settle_rivals(sheet, frame, key=key, content=["balance_amount"], name="account_id")
    return finish(sheet, BALANCE_ROWS.conform(frame), duplicate, sum_of="balance_amount")


def _read(sheet: Sheet, context: Context) -> Typed:
    typed = read_fields(sheet, context)
    restore_leading_zeros(sheet, typed.frame, context)
    check_customers(sheet, typed.frame, context)
    return typed


def _finished(
    sheet: Sheet, context: Context, frame: pd.DataFrame, rows: Table, name: str, first_day: str, sum_of: str
) -> Parsed:
    """Statuses in the trade's words, the same thing twice settled, days after the cut-off judged."""
    frame["status_text"] = frame["status"]
    frame["status"] = _states(sheet, frame["status"])
    if context.as_of is not None:
        late = frame[first_day].to_numpy() > np.datetime64(context.as_of)
        check_rows(sheet, "date-future", late, first_day)
    key = ["company_id", name]
    content = [column for column in rows.columns if column not in ("row", *key)]
    duplicate = settle_rivals(sheet, frame, key=key, content=content, name=name)
    return finish(
        sheet, rows.conform(frame), duplicate, sum_of=sum_of, extract_date=extract_date(sheet, frame)
    )


def _kinds(sheet: Sheet, codes: pd.Series, name: str) -> npt.NDArray[np.object_]:
    """The kind by the mapping's words; '' where the row says none; a word that is not there is refused."""
    words = {plain_words(word): kind for word, kind in sheet.mapping.kinds.items()}
    words |= {plain_words(kind): kind for kind in KIND_WORDS[sheet.mapping.kind]}
    places, distinct = pd.factorize(codes.to_numpy())
    found = np.array([words.get(plain_words(code), "?") if code else "" for code in distinct], dtype=object)
    kinds: npt.NDArray[np.object_] = found[places]
    sheet.refuse(kinds == "?", "kind-unknown", name)
    return np.where(kinds == "?", "", kinds).astype(object)


def _states(sheet: Sheet, said: pd.Series) -> npt.NDArray[np.object_]:
    """The status by the mapping's words; one that it does not know is the first, which settles nothing."""
    known = STATES[sheet.mapping.kind]
    words = {plain_words(word): state for word, state in sheet.mapping.states.items()}
    words |= {plain_words(state): state for state in known}
    places, distinct = pd.factorize(said.to_numpy())
    for place, word in enumerate(distinct):
        count = int(((places == place) & sheet.is_good).sum())
        if word and count and plain_words(word) not in words:
            sheet.findings.add("status-unknown", key=word, value=word, count=count, taken=known[0])
    states = np.array([words.get(plain_words(word), known[0]) for word in distinct], dtype=object)
    return states[places] if len(distinct) else states
