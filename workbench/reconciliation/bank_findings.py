"""What a bank reconciliation has to say beside its figures, as findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from ..applications import finding
from .accounts import Account
from .openings import Opening
from .results import ACCOUNT


def findings_of(
    proof: pd.DataFrame,
    classified: pd.DataFrame,
    openings: Mapping[Account, Opening],
    in_books: Collection[Account],
    rivals: pd.DataFrame,
    unsearched: Sequence[tuple[str, int]],
    frames: tuple[pd.DataFrame, pd.DataFrame],
    broken: Sequence[str],
) -> Iterator[dict[str, object]]:
    """A finding an account and class, and for what could not be proved, read or searched."""
    for row in proof.to_dict("records"):
        if row["difference"]:
            yield _account_finding("bank-proof-broken", row, row["difference"], level="error")
        opening = openings[tuple(row[name] for name in ACCOUNT)]
        if opening.after is None:
            yield _account_finding("bank-balance-unknown", row, row["bank_amount"])
        if tuple(row[name] for name in ACCOUNT) not in in_books:
            yield _account_finding("bank-account-without-ledger", row, row["bank_amount"])
        elif opening.is_assumed:
            yield _account_finding("book-opening-assumed", row, row["opening_amount"], level="note")
    grouped = classified.groupby([*ACCOUNT, "category"], sort=True)
    sums = grouped.agg(lines=("lines", "sum"), amount=("amount", "sum"), oldest_days=("oldest_days", "max"))
    for row in sums.reset_index().to_dict("records"):
        rule = f"bank-{row['category'].replace('_', '-')}"
        yield _account_finding(rule, row, row["amount"], count=row["lines"], oldest_days=row["oldest_days"])
    of_lines = rivals.drop_duplicates(["side", "line_key"])
    for name, rows in of_lines.groupby(ACCOUNT, sort=True):
        row = dict(zip(ACCOUNT, map(str, name), strict=True))
        yield _account_finding(
            "bank-match-ambiguous", row, rows["line_amount"].sum(), level="note", count=len(rows)
        )
    counts: dict[Account, int] = {}
    for side, place in unsearched:
        frame = frames[0 if side == "bank" else 1]
        account = tuple(str(frame.at[place, name]) for name in ACCOUNT)
        counts[account] = counts.get(account, 0) + 1
    for account, count in sorted(counts.items()):
        row = dict(zip(ACCOUNT, account, strict=True))
        yield _account_finding("bank-groups-unsearched", row, 0, level="note", count=count)
    for group_id in broken:
        yield finding("bank-hand-match-broken", table="cases", key=group_id, group=group_id)


def _account_finding(
    rule: str, row: dict[str, str], amount: object, *, level: str = "warning", **values: object
) -> dict[str, object]:
    return finding(
        rule,
        table="bank_lines",
        key=row["account_id"],
        level=level,
        amount=int(str(amount)),
        currency=row["currency"],
        account=row["account_id"],
        **values,
    )
