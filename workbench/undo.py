"""Undo (deshacer): one application, one receipt or one run, always as reversals, never by deleting.

What belongs together goes together: both legs of a credit note set off, all legs of a receipt's decision
where part of it would not balance. What was reported before the day stays as it was; what has left for the
ERP leaves again as its reversing posting. Source: DOMAIN 22.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

import pandas as pd

from . import book as books
from .applications import first_open_day
from .calendar import Period
from .errors import ParameterRefusedError, PeriodClosedError, PostingRefusedError
from .money import to_text
from .tables import RECOVERED_RULE, WRITE_OFF_KIND


@dataclass(frozen=True)
class Undone:
    """``applications``: ids reversed; ``sums``: minor units by currency that leave the documents again;
    ``exported``: how many of them had left for the ERP, and so leave once more as reversals.
    ``applied_through``: the last day on which one of them was effective; ``is_date_given``: by the caller;
    ``earlier_date``: a day in the month of what was undone that was open too, ``None`` where there is none.
    """

    applications: tuple[str, ...]
    receipts: int
    documents: int
    effective_date: dt.date
    sums: dict[str, int]
    exported: int
    applied_through: dt.date = dt.date.min
    is_date_given: bool = False
    earlier_date: dt.date | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "applications": list(self.applications),
            "receipts": self.receipts,
            "documents": self.documents,
            "effective_date": self.effective_date.isoformat(),
            "sums": {currency: to_text(amount, currency) for currency, amount in sorted(self.sums.items())},
            "exported": self.exported,
        }


def undo_applications(
    book: books.Book,
    *,
    today: dt.date,
    application: str = "",
    receipt: str = "",
    run: str = "",
    date: dt.date | None = None,
    reason: str = "",
    who: str = "",
) -> Undone:
    """Reverse what is in force of one application (its id), one receipt (its id) or one run (its id).

    Effective on ``date``; without one today, or the first open day where that is later, and never before
    what it undoes. A day in a closed period is refused and the first open day named, and so is one that would
    change the balance of an act that the customer's side or ours has signed (``reversal-in-signed-act``: date
    it after the cut-off, or reopen the act). Nothing to undo is refused too, so a repeat changes nothing. All
    or nothing.
    """
    if sum(bool(one) for one in (application, receipt, run)) != 1:
        raise ParameterRefusedError("undo-of-what", name="undo", value="")
    applications = books.read.applications(book)
    reversed_ids = set(books.read.reversals(book)["application_id"])
    chosen = _chosen(book, applications, application, receipt, run)
    wanted = _with_their_legs(applications, chosen)
    wanted = wanted[~wanted["application_id"].isin(reversed_ids)]
    if wanted.empty:
        raise ParameterRefusedError("undo-nothing", name="undo", value=application or receipt or run)
    _check_no_write_off(wanted)
    wanted = _with_facts(book, wanted)
    day = _day(book, wanted, today, date)
    ids = sorted(wanted["application_id"])
    told = json.dumps([ids, day.isoformat(), reason], ensure_ascii=False)
    operation = f"undo:{hashlib.sha256(told.encode()).hexdigest()}"
    books.postings.reverse(book, ids, effective_date=day, reason=reason, operation_id=operation, who=who)
    exported = set(books.read.erp_export_lines(book)["application_id"])
    sums = wanted.groupby("currency")["applied_amount"].sum()
    return Undone(
        tuple(ids),
        wanted.loc[wanted["receipt_key"] >= 0, "receipt_key"].nunique(),
        wanted.loc[wanted["document_key"] >= 0, "document_key"].nunique(),
        day,
        {str(code): int(amount) for code, amount in sums.items()},
        len(exported & set(ids)),
        made := wanted["effective_date"].max().date(),
        date is not None,
        _earlier_date(book, wanted, made, day),
    )


def _chosen(
    book: books.Book, applications: pd.DataFrame, application: str, receipt: str, run: str
) -> pd.DataFrame:
    if application:
        found = applications[applications["application_id"] == application]
        if found.empty:
            raise ParameterRefusedError("undo-unknown", name="application", value=application)
        return found
    if receipt:
        receipts = books.read.receipts(book)
        keys = set(receipts.loc[receipts["receipt_id"] == receipt, "receipt_key"])
        if not keys:
            raise ParameterRefusedError("undo-unknown", name="receipt", value=receipt)
        if len(keys) > 1:
            raise ParameterRefusedError("undo-ambiguous", name="receipt", value=receipt)
        return applications[applications["receipt_key"].isin(keys)]
    runs = books.read.runs(book)
    steps = set(runs.loc[runs["run_id"] == run, "step_key"]) - {""}
    if run not in set(runs["run_id"]):
        raise ParameterRefusedError("undo-unknown", name="run", value=run)
    return applications[applications["step_key"].isin(steps)]


def _with_their_legs(applications: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """What cannot stand alone: a set-off whole, a receipt's operation with a credit note or an exchange, and
    with money on account what was applied of it later."""
    operations = set(chosen["operation_id"])
    is_account = applications["kind"].eq("on_account")
    later = applications[is_account & (applications["applied_amount"] < 0)]
    put = chosen.loc[chosen["kind"].eq("on_account") & (chosen["applied_amount"] > 0), "receipt_key"]
    operations |= set(later.loc[later["receipt_key"].isin(put), "operation_id"])
    of_operation = applications[applications["operation_id"].isin(operations)]
    is_exchange = of_operation["kind"].eq("exchange") & (of_operation["document_key"] < 0)
    bound = (of_operation["receipt_key"] < 0) | (of_operation["kind"] == "credit_note") | is_exchange
    together = set(of_operation.loc[bound, "operation_id"]) | (operations & set(later["operation_id"]))
    # What was not received of a document (withholding, discount) goes with the cash that settled it.
    pairs = set(zip(chosen["operation_id"], chosen["document_key"], strict=True))
    own = pd.Series(
        list(zip(applications["operation_id"], applications["document_key"], strict=True)),
        index=applications.index, dtype="object",
    )  # fmt: skip
    return applications[own.isin(pairs) | applications["operation_id"].isin(together)]


def _check_no_write_off(wanted: pd.DataFrame) -> None:
    """What a case wrote off is taken back with the case, or it would go on saying that it is written off;
    so is the cash of a recovery, or its income would stand."""
    recovered = wanted[wanted["rule"] == RECOVERED_RULE]
    if len(recovered):
        case = json.loads(str(recovered["evidence"].iloc[0])).get("case", "")
        raise PostingRefusedError("recovery-undo-by-case", case=case, receipt="", document="")
    given_up = wanted[wanted["kind"] == WRITE_OFF_KIND]
    if len(given_up):
        case = json.loads(str(given_up["evidence"].iloc[0])).get("case", "")
        raise PostingRefusedError("write-off-undo-by-case", case=case, receipt="", document="")


def _with_facts(book: books.Book, wanted: pd.DataFrame) -> pd.DataFrame:
    """Company and currency of each leg: its document's, else its receipt's."""
    names = ["company_id", "currency"]
    documents = books.read.documents(book).set_index("document_key")[names]
    receipts = books.read.receipts(book).set_index("receipt_key")[names]
    told = wanted.join(documents, on="document_key").join(
        receipts.add_suffix("_of_receipt"), on="receipt_key"
    )
    return told.assign(**{name: told[name].fillna(told[f"{name}_of_receipt"]) for name in names})


def _earlier_date(book: books.Book, wanted: pd.DataFrame, made: dt.date, day: dt.date) -> dt.date | None:
    """The last day of the month of what is undone, where it is open to all and before the day taken."""
    last = Period(made.year, made.month).last_day
    closed = books.read.closed_through(book)
    companies = {"", *(str(one) for one in wanted["company_id"])}
    is_open = all(through < last for company, through in closed.items() if company in companies)
    return last if is_open and last < day else None


def _day(book: books.Book, wanted: pd.DataFrame, today: dt.date, date: dt.date | None) -> dt.date:
    closed = books.read.closed_through(book)
    open_from = {company: day + dt.timedelta(days=1) for company, day in closed.items()}
    firsts = {str(one): first_open_day(open_from, str(one)) for one in wanted["company_id"].unique()}
    latest = max((day for day in firsts.values() if day), default=None)
    made = wanted["effective_date"].max().date()
    if date is None:
        return max(day for day in (today, made, latest) if day)
    for company, first in firsts.items():
        if first and date < first:
            raise PeriodClosedError(
                "undo-in-closed-period", company=company or "–", date=date.isoformat(),
                open_from=first.isoformat(),
            )  # fmt: skip
    return date
