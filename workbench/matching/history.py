"""What customers paid before: each payment with what was open then, and which way of paying it was."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..money import exponent
from .learned_aliases import known_by
from .pool import USUAL_KINDS

Days = npt.NDArray[np.int64]
_EPOCH = dt.date(1970, 1, 1).toordinal()
_NEVER = 2**40  # later than any day
#: The newest payments of a customer that are looked at; a year of more says nothing else.
MOST_PAYMENTS = 400


@dataclass(frozen=True)
class Payment:
    """One payment: ``taken`` are places in the documents open then, whose days and groups stand beside.

    ``is_whole``: it settled each of its documents. ``could_net``: a credit note was open, ``nets``: it took
    one. ``is_round``: cash of whole thousands that is not the sum of its documents; ``None`` without cash.
    """

    company: str
    customer: str
    day: dt.date
    taken: npt.NDArray[np.bool_]
    due_days: Days
    document_days: Days
    groups: tuple[npt.NDArray[np.object_], ...]
    is_whole: bool
    could_net: bool
    nets: bool
    is_round: bool | None = None


def paid_as(payment: Payment) -> str:
    """The way of paying it was, by the names of ``policy.USUAL_HABITS``, the plainest that fits; '' where
    one document alone was open, so that there was nothing to choose."""
    taken, size = payment.taken, int(payment.taken.sum())
    if not payment.is_whole:
        return "not-exact"
    if len(taken) < 2:
        return ""
    if size == len(taken):
        return "whole-account"
    if size == 1:
        return "single-amount"
    day = payment.day.toordinal() - _EPOCH
    if np.array_equal(taken, payment.due_days < day):
        return "past-due"
    if any(_is_one_group(taken, codes) for codes in payment.groups):
        return "one-group"
    left = min(_left_in_run(taken, days) for days in (payment.due_days, payment.document_days))
    if left <= 2:
        return "window" if left == 0 else "window-held-back"
    return "few-documents" if size <= 4 else "any-documents"


def _is_one_group(taken: npt.NDArray[np.bool_], codes: npt.NDArray[np.object_]) -> bool:
    named = set(codes[taken].tolist())
    return len(named) == 1 and named != {""} and np.array_equal(taken, codes == next(iter(named)))


def _left_in_run(taken: npt.NDArray[np.bool_], days: Days) -> int:
    """Documents that the run of dates from the first to the last taken one holds, and that were not taken."""
    own = days[taken]
    within = (days >= own.min()) & (days <= own.max())
    return int(within.sum() - taken.sum())


def payments_of(
    documents: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    receipts: pd.DataFrame,
    *,
    months: int,
    known_at: pd.Timestamp,
) -> Iterator[Payment]:
    """The payments of the last months as known then, customer by customer, the oldest first.

    What the ERP cleared under one document (without one: on one day) is a payment where debts prevail; what
    people applied of one receipt is another, and the same documents from both are one.
    """
    items = known_by(documents, known_at).drop_duplicates("document_key")
    items = items[items["document_kind"].isin(USUAL_KINDS)].sort_values("document_key", ignore_index=True)
    taken = _takings(clearings, applications, reversals, known_at)
    cash = _cash(receipts, _in_force(applications, reversals, known_at))
    first = (known_at - pd.DateOffset(months=months)).tz_localize(None)
    names = ["company_id", "customer_id", "currency"]
    codes = items.groupby(names, sort=True).ngroup()
    places = pd.Index(items["document_key"].to_numpy()).get_indexer(taken["document_key"].to_numpy())
    taken = taken[places >= 0].assign(account=codes.to_numpy()[places[places >= 0]])
    paying = set(taken.loc[taken["teaches"] & (taken["day"] >= first), "account"])
    parts = dict(iter(taken[taken["account"].isin(paying)].groupby("account")))
    for code, own in items[codes.isin(paying)].groupby(codes):
        company, customer, currency = (str(own[name].iloc[0]) for name in names)
        yield from _Account(company, customer, currency, own, parts[code]).payments(first, cash)


def _takings(
    clearings: pd.DataFrame, applications: pd.DataFrame, reversals: pd.DataFrame, known_at: pd.Timestamp
) -> pd.DataFrame:
    """What took from documents, and whether it teaches: ERP clearings, and what people applied."""
    erp = known_by(clearings, known_at).drop_duplicates(
        ["document_key", "clearing_document", "clearing_date", "cleared_amount"]
    )
    by = erp["clearing_document"].where(
        erp["clearing_document"] != "", erp["clearing_date"].dt.strftime("%Y-%m-%d").fillna("")
    )
    cleared = pd.DataFrame({
        "document_key": erp["document_key"], "day": erp["clearing_date"], "amount": erp["cleared_amount"],
        "payment": "erp|" + by.astype("str"), "receipt_key": -1, "teaches": True,
    })  # fmt: skip
    ours = _in_force(applications, reversals, known_at)
    ours = ours[ours["document_key"] >= 0]
    applied = pd.DataFrame({
        "document_key": ours["document_key"], "day": ours["effective_date"],
        "amount": ours["applied_amount"], "payment": "receipt|" + ours["receipt_key"].astype("str"),
        "receipt_key": ours["receipt_key"],
        "teaches": (ours["rule"] == "decided") & (ours["receipt_key"] >= 0),
    })  # fmt: skip
    both = pd.concat([cleared, applied], ignore_index=True).dropna(subset=["day"])
    return both.sort_values(["document_key", "day", "payment", "amount"], ignore_index=True)


def _in_force(applications: pd.DataFrame, reversals: pd.DataFrame, known_at: pd.Timestamp) -> pd.DataFrame:
    """What was applied and not taken back, as known then."""
    ours = known_by(applications, known_at).drop_duplicates("application_id")
    return ours[~ours["application_id"].isin(set(known_by(reversals, known_at)["application_id"]))]


@dataclass(frozen=True)
class _Cash:
    """What came in, minor units of its own currency; ``exchanged``: of it, given for other currencies."""

    received: int
    currency: str
    exchanged: int


def _cash(receipts: pd.DataFrame, applied: pd.DataFrame) -> dict[int, _Cash]:
    """By receipt. The receipt's side of an exchange has no document: what was given, less the bank's fee."""
    sides = applied[(applied["document_key"] < 0) & applied["kind"].isin(["exchange", "fee"])]
    exchanged = (-sides.groupby("receipt_key")["applied_amount"].sum()).to_dict()
    columns = (receipts[name].tolist() for name in ("receipt_key", "received_amount", "currency"))
    return {key: _Cash(amount, currency, int(exchanged.get(key, 0)))
            for key, amount, currency in zip(*columns, strict=True)}  # fmt: skip


class _Account:
    """One customer's documents of one currency, when each left, and what was taken of them together."""

    def __init__(
        self, company: str, customer: str, currency: str, items: pd.DataFrame, taken: pd.DataFrame
    ) -> None:
        self.company, self.customer, self.currency = company, customer, currency
        self.keys: list[int] = items["document_key"].tolist()
        self.document_days = _days(items["document_date"])
        self.due_days = _days(items["due_date"].fillna(items["document_date"]))
        self.groups = tuple(
            items[name].to_numpy(dtype=object) for name in ("payment_terms", "order_id", "centre_id")
        )
        self.original = dict(zip(self.keys, items["original_amount"].tolist(), strict=True))
        self.is_note = (items["document_kind"] == "credit_note").to_numpy()
        self.place = {key: place for place, key in enumerate(self.keys)}
        self.last_day = np.full(len(self.keys), _NEVER, dtype=np.int64)
        self.taken: dict[str, dict[int, int]] = defaultdict(dict)
        self.day: dict[str, int] = {}
        self.receipt: dict[str, int] = {}
        self.teaching: set[str] = set()
        #: By payment and document: what had been taken of it with this payment.
        self.so_far: dict[tuple[str, int], int] = {}
        names = ("document_key", "day", "amount", "payment", "receipt_key", "teaches")
        columns = [taken[name].tolist() for name in names]
        columns[1] = _days(taken["day"]).tolist()
        rows = list(zip(*columns, strict=True))
        confirmed = _confirmed(rows)
        settled: dict[int, int] = defaultdict(int)
        for key, day, amount, payment, receipt, teaches in rows:
            if payment in confirmed:
                continue
            settled[key] += amount
            if abs(settled[key]) >= abs(self.original[key]):
                place = self.place[key]
                self.last_day[place] = min(int(self.last_day[place]), day)
            own = self.taken[payment]
            own[key] = own.get(key, 0) + amount
            self.so_far[payment, key] = settled[key]
            self.day[payment] = max(self.day.get(payment, day), day)
            self.receipt[payment] = receipt
            if teaches:
                self.teaching.add(payment)

    def payments(self, first: pd.Timestamp, cash: dict[int, _Cash]) -> Iterator[Payment]:
        start = first.toordinal() - _EPOCH
        kept = [one for one in self.teaching if sum(self.taken[one].values()) > 0 and self.day[one] >= start]
        for payment in sorted(kept, key=lambda one: (self.day[one], one))[-MOST_PAYMENTS:]:
            yield self._payment(payment, cash.get(self.receipt[payment]))

    def _payment(self, payment: str, cash: _Cash | None) -> Payment:
        own, day = self.taken[payment], self.day[payment]
        is_taken = np.zeros(len(self.keys), dtype=bool)
        is_taken[[self.place[key] for key in own]] = True
        is_open = (self.document_days <= day) & (self.last_day >= day) | is_taken
        is_whole = all(abs(self.so_far[payment, key]) >= abs(self.original[key]) for key in own)
        is_round = None
        if cash is not None:
            given = sum(own.values()) if cash.currency == self.currency else cash.exchanged
            is_exact = is_whole and cash.received == given
            is_round = cash.received % 10 ** (exponent(cash.currency) + 3) == 0 and not is_exact
        return Payment(
            self.company,
            self.customer,
            dt.date.fromordinal(day + _EPOCH),
            is_taken[is_open],
            self.due_days[is_open],
            self.document_days[is_open],
            tuple(codes[is_open] for codes in self.groups),
            is_whole,
            bool(self.is_note[is_open].any()),
            bool(self.is_note[is_taken].any()),
            is_round,
        )


def _confirmed(rows: list[tuple[int, int, int, str, int, bool]]) -> frozenset[str]:
    """ERP clearings of just what a receipt took: the same money, which people's decision tells better."""
    taken: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    decided = set()
    for key, _, amount, payment, receipt, teaches in rows:
        taken[payment][key] += amount
        if teaches and receipt >= 0:
            decided.add(payment)
    told = {frozenset(taken[one].items()) for one in decided}
    return frozenset(
        one for one, what in taken.items() if one.startswith("erp|") and frozenset(what.items()) in told
    )


def _days(dates: pd.Series) -> Days:
    days: Days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days
