"""Control totals and hashes of frames: what the manifest says of an input or a result."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..money import checked_sum, to_text
from ..tables import CASH_KINDS

Totals = dict[str, int]  # minor units by currency
#: The first of these that a frame has is its control total.
CONTROL_COLUMNS = (
    "open_amount total received_amount bank_amount book_amount closing_amount applied_amount "
    "unapplied_amount provision_amount original_amount cleared_amount advised_amount amount"
).split()
#: Facts about when we learned something differ between two books with the same content.
_NOT_CONTENT = ("recorded_at",)


def totals(frame: pd.DataFrame, *columns: str) -> Totals:
    """Sum of the named money columns together, by currency; currencies in order, zeros kept."""
    sums: Totals = {}
    if len(frame) == 0:
        return sums
    codes, currencies = pd.factorize(frame["currency"], sort=True)
    for code, currency in enumerate(currencies):
        rows = codes == code
        sums[str(currency)] = sum(checked_sum(frame[name].to_numpy()[rows]) for name in columns)
    return sums


def added(*parts: Mapping[str, int]) -> Totals:
    """Totals together, currency by currency."""
    sums: Totals = {}
    for part in parts:
        for currency, amount in part.items():
            sums[currency] = sums.get(currency, 0) + amount
    return dict(sorted(sums.items()))


def cash(applied: pd.DataFrame) -> Totals:
    """What the applied legs take from receipts: the cash kinds only (``tables.CASH_KINDS``)."""
    return totals(applied[applied["kind"].isin(CASH_KINDS)], "applied_amount")


def on_documents(applied: pd.DataFrame) -> Totals:
    """What the applied legs take from documents; what stands on account or is exchanged there is no part."""
    return totals(applied[applied["document_key"] >= 0], "applied_amount")


def summary(frame: pd.DataFrame, by: str, amount: str) -> pd.DataFrame:
    """Lines and money of each value of ``by``, per currency; largest first."""
    if len(frame) == 0:
        return pd.DataFrame({by: [], "currency": [], "lines": [], amount: []}).astype(
            {by: "str", "currency": "str", "lines": "int64", amount: "int64"}
        )
    grouped = frame.groupby([by, "currency"], sort=True)[amount]
    counted = pd.DataFrame({"lines": grouped.size(), amount: grouped.sum()}).reset_index()
    return counted.sort_values(["lines", by], ascending=[False, True], kind="stable", ignore_index=True)


def with_cash(summarised: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
    """A summary by rule with what of each came from receipts, and what reduced documents without cash.

    ``applied_amount`` = ``cash_amount`` + ``no_cash_amount``, row by row; minor units of ``currency``.
    """
    is_cash = applied["kind"].isin(CASH_KINDS)
    sums = applied[is_cash].groupby(["rule", "currency"])["applied_amount"].sum()
    keys = pd.MultiIndex.from_frame(summarised[["rule", "currency"]])
    came_in = sums.reindex(keys).fillna(0).astype("int64").to_numpy()
    return summarised.assign(
        cash_amount=came_in, no_cash_amount=summarised["applied_amount"].to_numpy() - came_in
    )


def by_currency(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """One row a currency with the sum of each column; what a workbook's first sheet shows."""
    sums = {name: totals(frame, name) for name in columns}
    currencies = sorted({currency for part in sums.values() for currency in part})
    return pd.DataFrame(
        {
            "currency": pd.Series(currencies, dtype="str"),
            **{name: pd.Series([part[c] for c in currencies], dtype="int64") for name, part in sums.items()},
        }
    )


def largest(frame: pd.DataFrame, amount: str, *, count: int = 10) -> pd.DataFrame:
    """The ``count`` rows of each currency with the largest ``amount``, the largest first."""
    ordered = frame.sort_values(["currency", amount], ascending=[True, False], kind="stable")
    return ordered.groupby("currency", sort=False).head(count).reset_index(drop=True)


def examples(frame: pd.DataFrame, amount: str, *, count: int = 4) -> pd.DataFrame:
    """The ``count`` rows of each currency with the most money in ``amount``, of either sign; most first."""
    sized = largest(frame.assign(_size=frame[amount].abs()), "_size", count=count)
    return sized.drop(columns="_size")


def by_state(tasks: pd.DataFrame) -> pd.DataFrame:
    """How many tasks are in each state, in one row, a column a state in words."""
    from ..words import say

    counts = tasks["state"].value_counts(sort=False)
    return pd.DataFrame([{say(f"close.state_{state}"): int(n) for state, n in counts.items()}])


def counted(frame: pd.DataFrame, column: str) -> int:
    """Sum of a column of counts."""
    return int(frame[column].sum())


def with_customers(frame: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """The frame with its customers' name, cluster and supervisor, "" where the book does not know them."""
    keys = ["company_id", "customer_id"]
    known = customers[[*keys, "customer_name", "cluster_id", "supervisor_id"]].drop_duplicates(keys)
    joined = frame.merge(known, on=keys, how="left", validate="many_to_one")
    return joined.fillna({"customer_name": "", "cluster_id": "", "supervisor_id": ""})


def control_totals(frame: pd.DataFrame) -> Totals:
    """The total a person would check a frame by; nothing where it holds no money."""
    if "currency" not in frame.columns:
        return {}
    column = next((name for name in CONTROL_COLUMNS if name in frame.columns), None)
    return totals(frame, column) if column else {}


def door_totals(amounts: Mapping[str, int]) -> dict[str, str]:
    """Totals as decimal text in major units."""
    return {currency: to_text(amount, currency) for currency, amount in sorted(amounts.items())}


def frame_sha256(frame: pd.DataFrame) -> str:
    """A hash of names, order and values, apart from when they were recorded."""
    whole = hashlib.sha256()
    for name in frame.columns:
        if name in _NOT_CONTENT:
            continue
        hashes = pd.util.hash_pandas_object(frame[name], index=False).to_numpy()
        whole.update(f"{name}:{len(hashes)}\n".encode())
        whole.update(np.ascontiguousarray(hashes).tobytes())
    return whole.hexdigest()


def told(figure: int | Mapping[str, int]) -> object:
    """A figure as the manifest has it: a count, or totals as decimal text."""
    return figure if isinstance(figure, int) else door_totals(figure)


def alike(
    expected: int | Mapping[str, int], actual: int | Mapping[str, int]
) -> tuple[int | Mapping[str, int], int | Mapping[str, int]]:
    """A currency without rows on one side is a zero there: both sides name the same currencies."""
    if isinstance(expected, int) or isinstance(actual, int):
        return expected, actual
    currencies = sorted({*expected, *actual})
    return (
        {currency: expected.get(currency, 0) for currency in currencies},
        {currency: actual.get(currency, 0) for currency in currencies},
    )
