"""Ageing of open items (edades de cartera): how long overdue, in which range, by any dimension.

``days_overdue`` = cutoff − basis date: 0 on the due day, negative before it. Range edges include their
last day: 30 days overdue is ``d1_30``, 31 is ``d31_60``; ≤ 0 is ``not_due``. Σ ranges + unapplied is always
the open amount, per currency, to the cent. Source: DOMAIN, section 6.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .aging_kernel import bucket_amounts, bucket_codes
from .errors import ParameterRefusedError
from .money import Amounts, sums_by
from .policy import BASES, CREDITS_MODES, AgingBasis, Buckets, CreditsMode
from .tables import AGING_BY_ITEM

__all__ = ["age_open_items", "aging_by_item", "bucket_amounts", "explain_movement", "summarise_aging"]

_BASIS_COLUMNS: dict[AgingBasis, str] = {
    "due": "due_date",
    "document": "document_date",
    "reception": "reception_date",
}
DEFAULT_BUCKETS = Buckets()


def age_open_items(
    open_items: pd.DataFrame,
    *,
    as_of: dt.date,
    basis: AgingBasis = "due",
    buckets: Buckets = DEFAULT_BUCKETS,
) -> pd.DataFrame:
    """Each open item with its days overdue on ``as_of`` and its range; no item is left out.

    Adds ``basis_date``, ``is_basis_fallback`` (the basis has no date: the document date serves),
    ``days_overdue`` (negative before due) and ``bucket`` (a name of ``buckets.names``). An item without
    any date counts as 0 days, flagged, so that it is seen. Same rows, same order.
    """
    if basis not in BASES:
        raise ParameterRefusedError(name="basis", value=basis)
    wanted, fallback = open_items[_BASIS_COLUMNS[basis]], open_items["document_date"]
    is_missing = wanted.isna()
    basis_date = wanted.where(~is_missing, fallback)
    cutoff = np.datetime64(as_of, "D")
    passed = cutoff - basis_date.to_numpy().astype("datetime64[D]")
    days = np.where(np.isnat(passed), 0, passed.astype(np.int64))
    names = pd.array(list(buckets.names), dtype="str")
    return open_items.assign(
        basis_date=basis_date,
        is_basis_fallback=is_missing.to_numpy(),
        days_overdue=days,
        bucket=names.take(bucket_codes(days, buckets.upper)),
    )


def summarise_aging(
    aged: pd.DataFrame,
    *,
    by: Sequence[str],
    credits: CreditsMode = "column",
    buckets: Buckets = DEFAULT_BUCKETS,
) -> pd.DataFrame:
    """One row per (``by`` …, currency): a column a range, ``unapplied``, ``total``, ``pending_applications``.

    ``total`` = Σ ranges + ``unapplied`` in every mode, and Σ ``total`` is the open amount; ``total`` +
    ``pending_applications`` is the ERP's control account. Modes for credits (items whose original amount
    is negative): ``column`` puts them in ``unapplied``; ``own`` leaves each in the range of its own date;
    ``net`` takes them off the oldest items of the same company, customer, currency and special G/L, what
    is left stays in ``unapplied`` (for analysis only: nothing is applied).

    ``by`` names any columns of ``aged``; currency is always added. Sorted by those columns.
    """
    if credits not in CREDITS_MODES:
        raise ParameterRefusedError(name="credits", value=credits)
    keys = [*(name for name in by if name != "currency"), "currency"]
    codes, groups = _group_codes(aged, keys)
    days = aged["days_overdue"].to_numpy()
    amounts: Amounts = aged["open_amount"].to_numpy()
    if credits == "net":
        amounts = _netted(aged)
    is_apart = np.zeros(len(aged), dtype=np.bool_)
    if credits != "own":
        is_apart = aged["original_amount"].to_numpy() < 0

    count = len(groups)
    ranges = bucket_amounts(
        codes.astype(np.int32),
        days.astype(np.int32),
        np.where(is_apart, 0, amounts),
        buckets.upper,
        count,
    )
    unapplied = sums_by(codes[is_apart], amounts[is_apart], count)
    pending = sums_by(codes, aged["pending_applications"].to_numpy(), count)
    columns = {name: ranges[:, position] for position, name in enumerate(buckets.names)}
    return groups.assign(
        **columns,
        unapplied=unapplied,
        total=ranges.sum(axis=1) + unapplied,
        pending_applications=pending,
    )


def aging_by_item(aged: pd.DataFrame) -> pd.DataFrame:
    """The door ``aging_by_item.csv``: one row an item, in the order given (``AGING_BY_ITEM``)."""
    return AGING_BY_ITEM.conform(aged)


def explain_movement(
    opening_items: pd.DataFrame, closing_items: pd.DataFrame, *, by: Sequence[str] = ()
) -> pd.DataFrame:
    """How the open amount went from one cutoff to the next, one row per (``by`` …, currency).

    ``opening + invoiced + credited − cleared − applied = closing``, to the cent. ``invoiced`` and
    ``credited`` (negative) are the original amounts of items that are new at the closing; ``cleared`` is
    what the ERP cleared (negative where it took credits or reset a clearing), ``applied`` the change of our
    pending applications. Give both frames ``with_settled=True`` so that items settled in between show as
    invoiced and cleared; an item that is only in the opening was cleared whole. A dimension is that of the
    closing where both have the item. Sorted by those columns.
    """
    keys = [*(name for name in by if name != "currency"), "currency"]
    needed = ["document_key", *keys, "original_amount", "erp_open_amount", "pending_applications"]
    before, after = opening_items[needed], closing_items[needed]
    gone = before[~before["document_key"].isin(after["document_key"])]
    gone_now = gone.assign(erp_open_amount=0, pending_applications=0)
    items = pd.concat([after, gone_now], ignore_index=True)
    positions = pd.Index(before["document_key"].to_numpy()).get_indexer(items["document_key"].to_numpy())
    is_new = positions < 0
    opened = _carried(before["erp_open_amount"], positions)
    opened_pending = _carried(before["pending_applications"], positions)
    original = items["original_amount"].to_numpy()
    erp_open, pending = items["erp_open_amount"].to_numpy(), items["pending_applications"].to_numpy()
    is_new &= items["document_key"].to_numpy() >= 0  # money on account is no document of the ERP's: applied
    invoiced = np.where(is_new & (original > 0), original, 0)
    credited = np.where(is_new & (original < 0), original, 0)

    codes, groups = _group_codes(items, keys)
    count = len(groups)
    return groups.assign(
        opening=sums_by(codes, opened - opened_pending, count),
        invoiced=sums_by(codes, invoiced, count),
        credited=sums_by(codes, credited, count),
        cleared=sums_by(codes, opened + invoiced + credited - erp_open, count),
        applied=sums_by(codes, pending - opened_pending, count),
        closing=sums_by(codes, erp_open - pending, count),
    )


def _carried(column: pd.Series, positions: npt.NDArray[np.intp]) -> Amounts:
    """The opening's amount of each item, 0 where the opening has no such item."""
    amounts: Amounts = np.append(column.to_numpy(), 0)
    return amounts[positions]


def _netted(aged: pd.DataFrame) -> Amounts:
    """Open amounts after each account's credits have eaten its oldest items, and items its oldest credits.

    An account is company, customer, currency and special G/L. What an item loses a credit loses, so the
    sum of an account stands.
    """
    account, accounts = _group_codes(aged, ["company_id", "customer_id", "currency", "special_gl"])
    amounts: Amounts = aged["open_amount"].to_numpy()
    order = np.lexsort((aged["document_key"].to_numpy(), -aged["days_overdue"].to_numpy(), account))
    account, amounts = account[order], amounts[order]
    debits, credits_ = np.maximum(amounts, 0), np.maximum(-amounts, 0)
    to_net = np.minimum(sums_by(account, debits, len(accounts)), sums_by(account, credits_, len(accounts)))[
        account
    ]
    netted = np.empty_like(amounts)
    netted[order] = amounts - _first_taken(debits, to_net, account) + _first_taken(credits_, to_net, account)
    return netted


def _first_taken(amounts: Amounts, limit: Amounts, group: npt.NDArray[np.int64]) -> Amounts:
    """What is taken from each row when ``limit`` is taken from its group's rows in their order."""
    running = np.cumsum(amounts)
    is_first = np.ones(len(group), dtype=np.bool_)
    is_first[1:] = group[1:] != group[:-1]
    starts = np.flatnonzero(is_first)
    before_group = np.repeat(running[starts] - amounts[starts], np.diff(np.append(starts, len(group))))
    before = running - before_group - amounts
    return np.clip(limit - before, 0, amounts)


def _group_codes(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
    """A number a row for its combination of ``keys``, and the combinations, sorted, one row a number."""
    codes = np.zeros(len(frame), dtype=np.int64)
    for key in keys:
        part, names = pd.factorize(frame[key], sort=True, use_na_sentinel=False)
        codes = codes * max(len(names), 1) + part
        # Renumber at each step: a product of many dimensions would not fit.
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    first = np.unique(codes, return_index=True)[1]
    return codes, frame[list(keys)].iloc[first].reset_index(drop=True)
