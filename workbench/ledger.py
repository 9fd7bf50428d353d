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

import numpy as np
import numpy.typing as npt
import pandas as pd

from .money import Amounts, checked_sum
from .tables import (
    APPLICATIONS,
    CASH_KINDS,
    CLEARINGS,
    DOCUMENTS,
    OBSERVATIONS,
    OPEN_ITEMS,
    RECEIPTS,
    REVERSALS,
)

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

    observed = _latest_observations(_known(OBSERVATIONS.conform(observations), known_at), index, as_of)
    cleared = _statements(_known(CLEARINGS.conform(clearings), known_at), index)
    erp_open = _erp_open(size, sign, observed, cleared, as_of=as_of)
    active = active_applications(applications, reversals, as_of=as_of, known_at=known_at)
    pending = _pending(active, index, sign, erp_open)

    blocks = observed.reindex(range(len(items)))
    open_items = items.assign(
        erp_open_amount=sign * erp_open,
        pending_applications=sign * pending,
        open_amount=sign * (erp_open - pending),
        payment_block=blocks["payment_block"].fillna("").to_numpy(),
        dunning_level=blocks["dunning_level"].fillna("").to_numpy(),
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
    applied = _sums(positions[found], cash["applied_amount"].to_numpy()[found], len(known))
    known = known.assign(
        applied_amount=applied, unapplied_amount=known["received_amount"].to_numpy() - applied
    )
    return known.sort_values(["company_id", "receipt_date", "receipt_id", "receipt_key"], ignore_index=True)


def settle_oldest_first(items: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """An amount named for a whole document, spread over its items (cuotas), the oldest due first.

    ``items``: ``document_key, group, due_date, item, open_amount`` and, where known, ``document_date``
    (it serves where the due date is absent, and breaks ties before the item number does). ``amounts``:
    ``group, amount`` and, where the payer names one, ``item``: a named amount goes to that item only, and
    is served first; the others follow in the order of their rows. An amount settles items of its own sign.

    Gives ``group, amount_position`` (the row in ``amounts``)``, document_key, amount``: one row a share.
    What did not fit has ``document_key`` −1, so Σ ``amount`` is what was asked, per row of ``amounts``,
    to the cent.
    """
    ordered = items.iloc[_oldest_first(items)]
    asked = pd.DataFrame(
        {
            "group": amounts["group"].to_numpy(),
            "item": amounts["item"].to_numpy() if "item" in amounts else "",
            "amount": amounts["amount"].to_numpy(dtype=np.int64),
            "amount_position": np.arange(len(amounts)),
        }
    )
    codes = pd.factorize(pd.concat([ordered["group"], asked["group"]], ignore_index=True))[0]
    names = pd.concat([ordered["item"], asked["item"]], ignore_index=True).astype("str")
    lines = pd.factorize(names)[0] + codes * (len(names) + 1)
    is_named = (asked["item"].astype("str") != "").to_numpy()
    count = len(ordered)
    left: Amounts = ordered["open_amount"].to_numpy(dtype=np.int64)
    shares = []
    for rows, groups in ((np.flatnonzero(is_named), lines), (np.flatnonzero(~is_named), codes)):
        for sign in (1, -1):
            row, item, share = _shares(
                groups[count:][rows],
                np.maximum(sign * asked["amount"].to_numpy()[rows], 0),
                groups[:count],
                np.maximum(sign * left, 0),
            )
            found = item >= 0
            left = left - sign * _sums(item[found], share[found], count)
            shares.append(pd.DataFrame({"row": rows[row], "place": item, "amount": sign * share}))
    settled = pd.concat(shares, ignore_index=True)
    # What did not fit comes last of its amount.
    settled = settled.sort_values(["row", "place"], key=lambda part: part.where(part >= 0, count))
    keys = np.append(ordered["document_key"].to_numpy(dtype=np.int64), -1)
    return pd.DataFrame(
        {
            "group": asked["group"].to_numpy()[settled["row"]],
            "amount_position": settled["row"].to_numpy(),
            "document_key": keys[settled["place"]],
            "amount": settled["amount"].to_numpy(),
        }
    )


def _oldest_first(items: pd.DataFrame) -> Positions:
    """The order in which items are settled: due date, document date, item number."""
    document_day = _days(items["document_date"] if "document_date" in items else items["due_date"])
    due_day = np.where(items["due_date"].isna(), document_day, _days(items["due_date"]))
    names = items["item"].astype("str")
    # "2" before "10", and "0002" with "2".
    number = pd.factorize(names.str.zfill(20), sort=True)[0]
    order: Positions = np.lexsort((items["document_key"], number, document_day, due_day))
    return order


def _shares(
    asked_groups: Positions, asked: Amounts, item_groups: Positions, room: Amounts
) -> tuple[Positions, Positions, Amounts]:
    """Asked amounts laid over the items' room, both in their order, group by group.

    Each group is a stretch of one number line on which amounts and items lie end to end; the cuts of both
    make the shares. Gives row of the amount, position of the item (−1: no room left) and the share.
    """
    checked_sum(np.concatenate([asked, room]))
    asked_order = np.argsort(asked_groups, kind="stable")
    item_order = np.argsort(item_groups, kind="stable")
    count = 1 + max(asked_groups.max(initial=-1), item_groups.max(initial=-1))
    asked_total, room_total = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(asked_total, asked_groups, asked)
    np.add.at(room_total, item_groups, room)
    stretch = np.maximum(asked_total, room_total)
    start = np.cumsum(stretch) - stretch

    asked_start = _laid(asked[asked_order], asked_groups[asked_order], start, asked_total)
    item_start = _laid(room[item_order], item_groups[item_order], start, room_total)
    asked_end, item_end = asked_start + asked[asked_order], item_start + room[item_order]
    cuts = np.unique(np.concatenate([asked_start, asked_end, item_start, item_end]))
    low, share = cuts[:-1], np.diff(cuts)
    row = np.searchsorted(asked_start, low, side="right") - 1
    item = np.searchsorted(item_start, low, side="right") - 1
    is_asked = (row >= 0) & (low < np.append(asked_end, 0)[row])
    has_room = (item >= 0) & (low < np.append(item_end, 0)[item])
    item = np.where(has_room, np.append(item_order, -1)[item], -1)
    row = np.append(asked_order, -1)[row]
    return row[is_asked], item[is_asked], share[is_asked]


def _laid(amounts: Amounts, groups: Positions, start: Amounts, totals: Amounts) -> Amounts:
    """Where each amount begins on the number line, its group beginning at ``start``."""
    before_group = np.cumsum(totals) - totals
    begins: Amounts = np.cumsum(amounts) - amounts - before_group[groups] + start[groups]
    return begins


def _erp_open(
    size: Amounts, sign: Amounts, observed: pd.DataFrame, cleared: pd.DataFrame, *, as_of: dt.date
) -> Amounts:
    """What the ERP shows open, per item, without sign: original − clearings − what an extract implies."""
    rows, count = cleared["position"].to_numpy(), len(size)
    amounts, dated = cleared["amount"].to_numpy(), cleared["clearing_day"].to_numpy()

    observed_day = np.full(count, _NEVER)
    seen_open = size.copy()
    positions = observed["position"].to_numpy()
    observed_day[positions] = observed["observed_day"].to_numpy()
    seen_open[positions] = sign[positions] * observed["open_amount"].to_numpy()

    by_then = dated <= observed_day[rows]
    before_extract = by_then & (cleared["extract_day"].to_numpy() < observed_day[rows])
    cleared_by_then = _sums(rows[by_then], amounts[by_then], count)
    known_to_extract = _sums(rows[before_extract], amounts[before_extract], count)
    gone = size - seen_open
    # The extract shows less open than clearings explain: the difference was cleared, on the extract's day,
    # until the real clearing arrives. It shows more: clearings that it should have known were reset.
    inferred = np.where(
        gone >= cleared_by_then,
        gone - cleared_by_then,
        -np.minimum(cleared_by_then - gone, known_to_extract),
    )
    inferred[observed_day == _NEVER] = 0
    by_cutoff = dated <= _day(as_of)
    cleared_by_cutoff = _sums(rows[by_cutoff], amounts[by_cutoff], count)
    erp_open: Amounts = np.clip(size - cleared_by_cutoff - inferred, 0, size)
    return erp_open


def _pending(active: pd.DataFrame, index: pd.Index, sign: Amounts, erp_open: Amounts) -> Amounts:
    """Ours that the ERP has not confirmed yet, per item, without sign, never more than is open.

    What the ERP has cleared since our first application in force is taken as its confirmation.
    """
    positions = index.get_indexer(active["document_key"].to_numpy())
    known = active.assign(position=positions)[positions >= 0]
    rows = known["position"].to_numpy()
    applied = _sums(rows, sign[rows] * known["applied_amount"].to_numpy(), len(sign))
    first = known.sort_values(["recorded_at", "effective_date", "application_id"]).drop_duplicates("position")
    base = np.zeros(len(sign), dtype=np.int64)
    base[first["position"].to_numpy()] = np.abs(first["erp_open_amount"].to_numpy())
    confirmed = np.maximum(base - erp_open, 0)
    pending: Amounts = np.clip(applied - confirmed, 0, erp_open)
    return pending


def _latest_observations(observations: pd.DataFrame, index: pd.Index, as_of: dt.date) -> pd.DataFrame:
    """One row an item that was seen by ``as_of``: the newest sight of it, indexed by the item's position."""
    positions = index.get_indexer(observations["document_key"].to_numpy())
    seen = observations.assign(position=positions, observed_day=_days(observations["observed_date"]))
    seen = seen[(positions >= 0) & (seen["observed_day"] <= _day(as_of)).to_numpy()]
    seen.loc[seen["is_absent"], "open_amount"] = 0
    order = ["position", "observed_day", "recorded_at", "open_amount", "payment_block", "dunning_level"]
    latest = seen.sort_values(order).drop_duplicates("position", keep="last")
    return latest.set_index("position", drop=False)


def _statements(clearings: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Each clearing once, as the newest extract states it, with the position of its item.

    A clearing is known by its document, else by its day; a newer extract that names the document of a
    clearing known by its day only replaces that one too.
    """
    positions = index.get_indexer(clearings["document_key"].to_numpy())
    stated = clearings.assign(
        position=positions,
        clearing_day=_days(clearings["clearing_date"]),
        extract_day=_days(clearings["extract_date"]),
        amount=np.abs(clearings["cleared_amount"].to_numpy()),
    )[positions >= 0]
    stated = stated.sort_values(
        ["position", "extract_day", "recorded_at", "clearing_day", "clearing_document", "amount"],
        ignore_index=True,
    )
    is_named = (stated["clearing_document"] != "").to_numpy()
    named = stated[is_named].drop_duplicates(["position", "clearing_document"], keep="last")
    by_day = stated[~is_named].drop_duplicates(["position", "clearing_day"], keep="last")
    if len(named) and len(by_day):
        newest = named.groupby(["position", "clearing_day"])["extract_day"].max()
        keys = pd.MultiIndex.from_frame(by_day[["position", "clearing_day"]])
        named_later = newest.reindex(keys).to_numpy(dtype="float64", na_value=np.nan)
        by_day = by_day[~(named_later > by_day["extract_day"].to_numpy())]
    return pd.concat([named, by_day], ignore_index=True)


def _clustered(items: pd.DataFrame) -> pd.DataFrame:
    """Sorted by company, customer, currency, due date, document: a customer's items lie together."""
    texts = [items[name] for name in ("document_id", "currency", "customer_id", "company_id")]
    document, currency, customer, company = (pd.factorize(text, sort=True)[0] for text in texts)
    keys = (items["document_key"], document, _days(items["due_date"]), currency, customer, company)
    return items.iloc[np.lexsort(keys)]


def _known(facts: pd.DataFrame, known_at: dt.datetime | None) -> pd.DataFrame:
    """The facts recorded by that instant."""
    return facts if known_at is None else facts[facts["recorded_at"] <= pd.Timestamp(known_at)]


def _sums(positions: Positions, amounts: Amounts, count: int) -> Amounts:
    """Exact sum of ``amounts`` per position."""
    checked_sum(np.abs(amounts))
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, positions, amounts)
    return sums


def _days(column: pd.Series) -> npt.NDArray[np.int64]:
    """Days since 1970; an absent date is before every day."""
    days: npt.NDArray[np.int64] = column.to_numpy().astype("datetime64[D]").astype(np.int64)
    return days


def _day(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
