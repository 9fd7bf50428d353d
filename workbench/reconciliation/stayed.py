"""What stays: by class and age, carried from the cut-off before, and what was solved since."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..policy import ReconciliationPolicy
from ..tables import Table
from .groups import COLUMNS
from .months import Months
from .results import ACCOUNT, CARRIED, CLASSIFIED, SOLVED

_CLASS = [*ACCOUNT, "category", "detail"]


def _both(left_bank: pd.DataFrame, left_book: pd.DataFrame, *columns: str) -> pd.DataFrame:
    names = [*ACCOUNT, "amount", *columns]
    sides = (
        left_bank.rename(columns={"bank_amount": "amount"})[names].assign(side="bank"),
        left_book.rename(columns={"book_amount": "amount"})[names].assign(side="book"),
    )
    return pd.concat(sides, ignore_index=True)


def classify(left_bank: pd.DataFrame, left_book: pd.DataFrame) -> pd.DataFrame:
    """``results.CLASSIFIED``: a row a category and detail of an account."""
    grouped = _both(left_bank, left_book, "category", "detail", "age_days").groupby(_CLASS, sort=True)
    totals = grouped.agg(lines=("amount", "size"), amount=("amount", "sum"), oldest_days=("age_days", "max"))
    return CLASSIFIED.conform(totals.reset_index())


def aged_table(policy: ReconciliationPolicy) -> Table:
    """Columns of :func:`age_lines`: category, detail, lines, a column a range of days, ``total``."""
    return Table(
        "aged_items",
        tuple(_CLASS),
        {
            **dict.fromkeys(_CLASS, "text"),
            "lines": "integer",
            **dict.fromkeys(policy.bucket_names, "money"),
            "total": "money",
        },
    )


def age_lines(left_bank: pd.DataFrame, left_book: pd.DataFrame, policy: ReconciliationPolicy) -> pd.DataFrame:
    """Money (in positive) of what stays by category and detail, a column a range of days since its date."""
    both = _both(left_bank, left_book, "category", "detail", "bucket")
    for name in policy.bucket_names:
        both[name] = both["amount"].where(both["bucket"] == name, 0)
    both["lines"] = 1
    sums = both.groupby(_CLASS, sort=True)[["lines", *policy.bucket_names, "amount"]].sum().reset_index()
    return aged_table(policy).conform(sums.rename(columns={"amount": "total"}))


def roll_forward(
    left_bank: pd.DataFrame,
    left_book: pd.DataFrame,
    months: Months,
    bank: pd.DataFrame,
    book: pd.DataFrame,
) -> pd.DataFrame:
    """``results.CARRIED``: what stood at the cut-off before + new − solved = what stands now."""
    since = _since(months)
    solved = _solved_rows(months, bank, book)
    rows: dict[tuple[str, ...], dict[str, int]] = {}

    def count(account: tuple[str, ...], name: str, amount: int) -> None:
        own = rows.setdefault(account, {})
        own[f"{name}_lines"] = own.get(f"{name}_lines", 0) + 1
        own[f"{name}_amount"] = own.get(f"{name}_amount", 0) + amount

    both = _both(left_bank, left_book, "first_seen")
    for *account, amount, seen, side in both[[*ACCOUNT, "amount", "first_seen", "side"]].itertuples(
        index=False
    ):
        is_old = since is not None and seen <= since
        count((*account, side), "opening" if is_old else "new", int(amount))
        count((*account, side), "closing", int(amount))
    for row in solved:
        key = (*(str(row[name]) for name in ACCOUNT), str(row["side"]))
        count(key, "opening", int(str(row["amount"])))
        count(key, "solved", int(str(row["amount"])))
    names = ("opening", "new", "solved", "closing")
    made = [
        {
            **dict(zip([*ACCOUNT, "side"], account, strict=True)),
            "since": since,
            **{
                f"{name}_{what}": own.get(f"{name}_{what}", 0)
                for name in names
                for what in ("lines", "amount")
            },
        }
        for account, own in sorted(rows.items())
    ]
    frame = pd.DataFrame(made, columns=[*CARRIED.columns, "closing_lines", "closing_amount"])
    return CARRIED.conform(frame.assign(lines=frame["closing_lines"], amount=frame["closing_amount"]))


def solved_frame(months: Months, ids: Sequence[str], bank: pd.DataFrame, book: pd.DataFrame) -> pd.DataFrame:
    """``results.SOLVED``: lines that stood at the cut-off before and met since, with the rule and the day."""
    rows = _solved_rows(months, bank, book)
    for row in rows:
        row["group_id"] = ids[int(str(row["group"]))]
    return SOLVED.conform(pd.DataFrame(rows, columns=list(SOLVED.columns)))


def _since(months: Months) -> pd.Timestamp | None:
    return pd.Timestamp(months.cutoffs[-2], unit="D") if len(months.cutoffs) > 1 else None


def _solved_rows(months: Months, bank: pd.DataFrame, book: pd.DataFrame) -> list[dict[str, object]]:
    since = _since(months)
    if since is None:
        return []
    rows: list[dict[str, object]] = []
    for number, (one, place) in enumerate(months.met):
        if place != len(months.cutoffs) - 1:
            continue
        days = [*bank["booking_date"].iloc[list(one.bank)], *book["posting_date"].iloc[list(one.book)]]
        for side, frame, own in (("bank", bank, one.bank), ("book", book, one.book)):
            key, line_id, day, amount = COLUMNS[side]
            for row in own:
                if frame.at[row, day] > since:
                    continue
                rows.append({
                    **{name: frame.at[row, name] for name in ACCOUNT}, "side": side, "group": number,
                    "line_key": frame.at[row, key], "line_id": frame.at[row, line_id],
                    "line_date": frame.at[row, day], "amount": frame.at[row, amount],
                    "first_seen": _seen(frame.at[row, day], months), "solved_date": max(days),
                    "rule": one.rule,
                })  # fmt: skip
    return sorted(
        rows,
        key=lambda row: (
            *(str(row[name]) for name in ACCOUNT),
            str(row["side"]),
            row["line_date"],
            str(row["line_id"]),
        ),
    )


def _seen(day: pd.Timestamp, months: Months) -> pd.Timestamp:
    return next(end for cutoff in months.cutoffs if (end := pd.Timestamp(cutoff, unit="D")) >= day)
