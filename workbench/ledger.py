"""Open items (partidas abiertas) as of a day, as known at an instant: always derived, never stored.

Facts go in: documents, what extracts showed open (observations), ERP clearings, our applications and
their reversals. A fact counts when it was recorded by ``known_at``, so a report made in March can be
made again in November; it acts from its own effective date, so a later reversal or clearing leaves
earlier days as they were.

Cash is counted once: what the ERP shows open is original − clearings − what an extract implies was
cleared; our applications that the ERP has not yet confirmed are ``pending_applications`` and come off
``open_amount``. Σ ``open_amount`` + Σ ``pending_applications`` is the ERP's control account.

Source: DOMAIN, section 6; ARCHITECTURE, "cash is counted once".
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .applications import account_credit_key, account_customers, receipts_on_account
from .calendar import day_numbers
from .instalments import settle_oldest_first
from .money import Amounts, exponent, sums_by
from .tables import (
    APPLICATIONS,
    CASH_KINDS,
    CLEARINGS,
    DOCUMENTS,
    ERP_EXPORT_LINES,
    OBSERVATIONS,
    OPEN_ITEMS,
    RECEIPTS,
    REVERSALS,
)

__all__ = [
    "account_credit_key",
    "active_applications",
    "open_items_as_of",
    "receipts_on_account",
    "select_by_amount",
    "settle_oldest_first",
    "unapplied_receipts",
    "with_credits_on_account",
]

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
#: A day before every day: where an item was never observed.
_NEVER = np.iinfo(np.int64).min


def open_items_as_of(
    documents: pd.DataFrame,
    observations: pd.DataFrame,
    clearings: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    with_settled: bool = False,
) -> pd.DataFrame:
    """What each item still owes on ``as_of``, as known at ``known_at`` (UTC; ``None``: all we know).

    One row an item that the ERP shows open (``OPEN_ITEMS``, key ``document_key``), clustered: sorted by
    company, customer, currency, due date, document. An item that our applications settle whole keeps its
    row with ``open_amount`` 0 until the ERP confirms them, so that the control account still adds up;
    ``with_settled`` brings the rows of settled items too. Money is minor units of the row's currency,
    positive what the customer owes. An item dated ``as_of`` is in; one dated the day after is not; one
    without a date is in, so that it is seen.

    Raises :class:`TableShapeError` for a missing column, :class:`AmountOverflowError` for sums that do
    not fit 64 bits. Source: DOMAIN, section 6.
    """
    items = _known(DOCUMENTS.conform(documents), known_at).drop_duplicates("document_key")
    items = items[~(items["document_date"] > pd.Timestamp(as_of)).to_numpy()].reset_index(drop=True)
    index = pd.Index(items["document_key"].to_numpy())
    original: Amounts = items["original_amount"].to_numpy()
    sign = np.where(original < 0, -1, 1)
    size = np.abs(original)

    seen = _known(OBSERVATIONS.conform(observations), known_at)
    sights = _latest_sights(seen, index, as_of)
    cleared = _stated_clearings(_known(CLEARINGS.conform(clearings), known_at), index)
    erp_open = _erp_open(size, sign, sights, cleared, as_of=as_of)
    active = active_applications(applications, reversals, as_of=as_of, known_at=known_at)
    pending = _pending(active, index, sign, erp_open)

    at_sight = np.full(len(items), len(seen))
    at_sight[sights.position] = sights.row
    open_items = items.assign(
        erp_open_amount=sign * erp_open,
        pending_applications=sign * pending,
        open_amount=sign * (erp_open - pending),
        payment_block=np.append(seen["payment_block"].to_numpy(dtype=object), "")[at_sight],
        dunning_level=np.append(seen["dunning_level"].to_numpy(dtype=object), "")[at_sight],
    )
    if not with_settled:
        open_items = open_items[erp_open != 0]
    return OPEN_ITEMS.conform(_clustered(open_items))


def active_applications(
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """The applications in force on ``as_of``: effective by then and not reversed by then, as known.

    A reversal dated after ``as_of`` changes nothing on ``as_of``. The same ``application_id`` twice is one.
    """
    known = _known(APPLICATIONS.conform(applications), known_at)
    undone = _known(REVERSALS.conform(reversals), known_at)
    day = pd.Timestamp(as_of)
    known = known[known["effective_date"] <= day].drop_duplicates("application_id")
    undone_ids = undone.loc[undone["effective_date"] <= day, "application_id"]
    return known[~known["application_id"].isin(undone_ids)].reset_index(drop=True)


def unapplied_receipts(
    receipts: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """Each receipt dated by ``as_of`` with ``applied_amount`` (cash kinds only) and ``unapplied_amount``.

    ``received_amount`` = applied + unapplied, row by row, to the cent; settled receipts stay, with 0.
    Key ``receipt_key``; sorted by company, receipt date and receipt id.
    """
    known = _known(RECEIPTS.conform(receipts), known_at).drop_duplicates("receipt_key")
    known = known[~(known["receipt_date"] > pd.Timestamp(as_of)).to_numpy()]
    active = active_applications(applications, reversals, as_of=as_of, known_at=known_at)
    cash = active[active["kind"].isin(CASH_KINDS)]
    positions = pd.Index(known["receipt_key"].to_numpy()).get_indexer(cash["receipt_key"].to_numpy())
    found = positions >= 0
    applied = sums_by(positions[found], cash["applied_amount"].to_numpy()[found], len(known))
    known = known.assign(
        applied_amount=applied, unapplied_amount=known["received_amount"].to_numpy() - applied
    )
    return known.sort_values(["company_id", "receipt_date", "receipt_id", "receipt_key"], ignore_index=True)


def with_credits_on_account(
    open_items: pd.DataFrame,
    documents: pd.DataFrame,
    receipts: pd.DataFrame,
    applications: pd.DataFrame,
    reversals: pd.DataFrame,
    exported: pd.DataFrame,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> pd.DataFrame:
    """The open items and, as credits of their customer, what of receipts stands on account on ``as_of``.

    Money on account is on no document: here it is a ``payment`` with the receipt's id and day, its key below
    -1. The ERP does not have it yet: ``erp_open_amount`` is 0, ``pending_applications`` all of it, so their Σ
    with ``open_amount`` stays the control account. What the ERP has booked since (an item whose reference is
    the posting's number in ``exported``) is not counted twice. '' where nobody said whose it is. Minor units.
    """
    active = active_applications(applications, reversals, as_of=as_of, known_at=known_at)
    own = active[(active["document_key"] < 0) & (active["receipt_key"] >= 0)]
    if own.empty:
        return open_items
    items = _known(DOCUMENTS.conform(documents), known_at).drop_duplicates("document_key")
    cash = _known(RECEIPTS.conform(receipts), known_at).drop_duplicates("receipt_key")
    whose = account_customers(active, cash, items)
    lines = ERP_EXPORT_LINES.conform(exported)
    lines = lines[lines["posting"] == "application"]
    numbers = lines.drop_duplicates("application_id", keep="last").set_index("application_id")["erp_document"]
    own = own.assign(
        customer_id=[whose[one] for one in own["application_id"]],
        number=[str(numbers.get(one, "")) for one in own["application_id"]],
    ).merge(cash[["receipt_key", "company_id", "currency", "receipt_id", "receipt_date"]], on="receipt_key")
    booked = items[~(items["document_date"] > pd.Timestamp(as_of))]
    by_number = ["company_id", "currency", "reference", booked["original_amount"] < 0]
    booked_as = booked.groupby(by_number)["original_amount"].sum().to_dict()
    sums: dict[tuple[int, str], int] = {}
    keys = ["receipt_key", "customer_id", "company_id", "currency", "number"]
    for (receipt, customer, company, currency, number), part in own.groupby(keys, sort=True):
        left = int(part["applied_amount"].sum())
        if number:  # below nothing is what was applied later: the ERP's own item takes it off the credit
            left += int(booked_as.get((company, currency, number, left > 0), 0))
            left = max(left, 0) if part["applied_amount"].sum() > 0 else min(left, 0)
        sums[(int(receipt), customer)] = sums.get((int(receipt), customer), 0) + left
    facts = cash.set_index("receipt_key", drop=False)
    blank = {name: {"text": "", "money": 0}.get(kind) for name, kind in OPEN_ITEMS.columns.items()}
    rows = []
    places = Counter[int]()
    for (receipt, customer), amount in sums.items():
        place, places[receipt] = places[receipt], places[receipt] + 1
        if not amount:
            continue  # given for another currency, or the ERP's own item by now
        one = facts.loc[receipt]
        told = {name: one[name] for name in ("company_id", "currency", "recorded_at", "text")}
        rows.append({
            **blank, **told, "document_key": account_credit_key(receipt) - place, "customer_id": customer,
            "document_id": one["receipt_id"], "document_number": one["receipt_id"],
            "document_kind": "payment", "document_date": one["receipt_date"], "due_date": one["receipt_date"],
            "original_amount": -amount, "open_amount": -amount, "pending_applications": amount,
        })  # fmt: skip
    if not rows:
        return open_items
    both = pd.concat([open_items, OPEN_ITEMS.conform(pd.DataFrame(rows))], ignore_index=True)
    return OPEN_ITEMS.conform(_clustered(both))


def select_by_amount(
    rows: pd.DataFrame, column: str, *, smallest: Decimal | None = None, largest: Decimal | None = None
) -> pd.DataFrame:
    """The rows whose amount lies between the two, both inside; a bound that is absent bounds nothing.

    ``column``: minor units of the row's ``currency``. The bounds are major units of whatever currency a row
    has, so 400 is 400.00 pesos and 400 yen; a credit counts by its size, without its sign.
    """
    size = rows[column].abs()
    is_inside = pd.Series(True, index=rows.index)
    for currency in rows["currency"].unique():
        own = rows["currency"].eq(currency)
        if smallest is not None:
            least = smallest.scaleb(exponent(currency)).to_integral_value(ROUND_CEILING)
            is_inside &= ~own | (size >= int(least))
        if largest is not None:
            most = largest.scaleb(exponent(currency)).to_integral_value(ROUND_FLOOR)
            is_inside &= ~own | (size <= int(most))
    return rows[is_inside]


class _Clearings(NamedTuple):
    """Each clearing once, in columns; ``position`` is that of its item."""

    position: Positions
    clearing_day: Positions
    extract_day: Positions
    amount: Amounts


class _Sights(NamedTuple):
    """The newest sight of each item that was seen, in columns; ``row`` is that of the observation."""

    position: Positions
    observed_day: Positions
    open_amount: Amounts
    row: Positions


def _erp_open(
    size: Amounts, sign: Amounts, sights: _Sights, cleared: _Clearings, *, as_of: dt.date
) -> Amounts:
    """What the ERP shows open, per item, without sign: original − clearings − what an extract implies."""
    count = len(size)
    observed_day, seen_open = np.full(count, _NEVER), size.copy()
    observed_day[sights.position] = sights.observed_day
    seen_open[sights.position] = sign[sights.position] * sights.open_amount

    def sum_of(rows: Mask) -> Amounts:
        return sums_by(cleared.position[rows], cleared.amount[rows], count)

    by_then = cleared.clearing_day <= observed_day[cleared.position]
    cleared_by_then = sum_of(by_then)
    known_to_extract = sum_of(by_then & (cleared.extract_day < observed_day[cleared.position]))
    gone = size - seen_open
    # The extract shows less open than clearings explain: the difference was cleared, on the extract's day,
    # until the real clearing arrives. It shows more: clearings that it should have known were reset.
    inferred = np.where(
        gone >= cleared_by_then,
        gone - cleared_by_then,
        -np.minimum(cleared_by_then - gone, known_to_extract),
    )
    inferred[observed_day == _NEVER] = 0
    cleared_by_cutoff = sum_of(cleared.clearing_day <= _day(as_of))
    erp_open: Amounts = np.clip(size - cleared_by_cutoff - inferred, 0, size)
    return erp_open


def _pending(active: pd.DataFrame, index: pd.Index, sign: Amounts, erp_open: Amounts) -> Amounts:
    """Ours that the ERP has not confirmed yet, per item, without sign, never more than is open.

    What the ERP has cleared since our first application in force is taken as its confirmation.
    """
    positions = index.get_indexer(active["document_key"].to_numpy())
    known = active[positions >= 0]
    positions = positions[positions >= 0]
    applied = sums_by(positions, sign[positions] * known["applied_amount"].to_numpy(), len(sign))
    order = (
        _instants(known),
        day_numbers(known["effective_date"].to_numpy()),
        _ranks(known["application_id"]),
    )
    first = _last_of_each((positions,), tuple(-key for key in order))
    base = np.zeros(len(sign), dtype=np.int64)
    base[positions[first]] = np.abs(known["erp_open_amount"].to_numpy()[first])
    confirmed = np.maximum(base - erp_open, 0)
    pending: Amounts = np.clip(applied - confirmed, 0, erp_open)
    return pending


def _latest_sights(observations: pd.DataFrame, index: pd.Index, as_of: dt.date) -> _Sights:
    """Of each item that was seen by ``as_of`` the newest sight; one absent from an extract has 0 open."""
    positions = index.get_indexer(observations["document_key"].to_numpy())
    observed_day = day_numbers(observations["observed_date"].to_numpy())
    rows = np.flatnonzero((positions >= 0) & (observed_day <= _day(as_of)))
    seen = observations.iloc[rows]
    open_amount = np.where(seen["is_absent"], 0, seen["open_amount"])
    ties = (_ranks(seen["payment_block"]), _ranks(seen["dunning_level"]))
    latest = _last_of_each((positions[rows],), (observed_day[rows], _instants(seen), open_amount, *ties))
    rows = rows[latest]
    return _Sights(positions[rows], observed_day[rows], open_amount[latest], rows)


def _stated_clearings(clearings: pd.DataFrame, index: pd.Index) -> _Clearings:
    """Each clearing once, as the newest extract states it.

    A clearing is known by its document, else by its day; a newer extract that names the document of a
    clearing known by its day only replaces that one too.
    """
    positions = index.get_indexer(clearings["document_key"].to_numpy())
    stated = clearings[positions >= 0]
    position = positions[positions >= 0]
    number = _ranks(stated["clearing_document"])
    is_named = (stated["clearing_document"] != "").to_numpy()
    clearing_day = day_numbers(stated["clearing_date"].to_numpy())
    extract_day = day_numbers(stated["extract_date"].to_numpy())
    amount = np.abs(stated["cleared_amount"].to_numpy())

    identity = np.where(is_named, number, clearing_day)
    newest_first = (extract_day, _instants(stated), clearing_day, amount)
    rows = _last_of_each((position, is_named, identity), newest_first)
    # Where an item and day have both, the one known by its day goes if a named one is newer.
    of_day = (position[rows], clearing_day[rows])
    newest_named = np.where(is_named[rows], extract_day[rows], _NEVER)
    last_named = newest_named[_last_of_each(of_day, (newest_named,))]
    named_later = last_named[_group_numbers(of_day)] > extract_day[rows]
    rows = rows[is_named[rows] | ~named_later]
    return _Clearings(position[rows], clearing_day[rows], extract_day[rows], amount[rows])


def _last_of_each(groups: tuple[Positions, ...], order: tuple[Positions, ...]) -> Positions:
    """Row of the last by ``order`` in each group, groups ascending."""
    ranked = np.lexsort((*reversed(order), *reversed(groups)))
    is_last: Mask = np.ones(len(ranked), dtype=np.bool_)
    if len(ranked):
        is_last[:-1] = np.any([key[ranked][1:] != key[ranked][:-1] for key in groups], axis=0)
    rows: Positions = ranked[is_last]
    return rows


def _group_numbers(groups: tuple[Positions, ...]) -> Positions:
    """A number a row for its group, counted in ascending order of groups as ``_last_of_each`` gives them."""
    ranked = np.lexsort(tuple(reversed(groups)))
    numbers = np.zeros(len(ranked), dtype=np.int64)
    if len(ranked):
        changes = np.any([key[ranked][1:] != key[ranked][:-1] for key in groups], axis=0)
        numbers[ranked[1:]] = np.cumsum(changes)
    return numbers


def _clustered(items: pd.DataFrame) -> pd.DataFrame:
    """Sorted by company, customer, currency, due date, document: a customer's items lie together."""
    due_day = day_numbers(items["due_date"].to_numpy())
    document, currency, customer, company = (
        _ranks(items[name]) for name in ("document_id", "currency", "customer_id", "company_id")
    )
    return items.iloc[np.lexsort((items["document_key"], document, due_day, currency, customer, company))]


def _ranks(texts: pd.Series) -> Positions:
    """Texts as numbers in their order."""
    ranks: Positions = pd.factorize(texts, sort=True)[0].astype(np.int64)
    return ranks


def _instants(facts: pd.DataFrame) -> Positions:
    """When each fact was recorded, in microseconds."""
    instants: Positions = facts["recorded_at"].astype("int64").to_numpy()
    return instants


def _known(facts: pd.DataFrame, known_at: dt.datetime | None) -> pd.DataFrame:
    """The facts recorded by that instant."""
    return facts if known_at is None else facts[facts["recorded_at"] <= pd.Timestamp(known_at)]


def _day(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
