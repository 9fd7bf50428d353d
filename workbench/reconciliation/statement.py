"""The reconciliation as a person reads it: from the balance per books, class by class, to the bank's.

Each line has the amount that it adds, so that the page sums from the first line to the last; a reader takes
away what the bank does not show yet, adds what the bank has not paid, and comes to the statement.
"""

from __future__ import annotations

import pandas as pd

from .results import ACCOUNT, CATEGORIES, STATEMENT

#: In the order of the page: side and category. An error stands on the side where its line is.
ORDER = (
    ("book", "deposit_in_transit"),
    ("book", "payment_not_cashed"),
    ("book", "error"),
    ("bank", "unbooked_bank_note"),
    ("bank", "returned_cheque"),
    ("bank", "unidentified"),
    ("bank", "error"),
)


def state_accounts(proof: pd.DataFrame, left_bank: pd.DataFrame, left_book: pd.DataFrame) -> pd.DataFrame:
    """``results.STATEMENT``: the page of each account of ``proof``.

    Levels: ``balance`` (per books, what the bank should show, per bank), ``class`` (a subtotal), its ``item``
    lines, ``difference``. balance per books + the classes = what the bank should show.
    """
    bank = left_bank.rename(columns={"bank_amount": "amount", "booking_date": "line_date"}).assign(
        side="bank"
    )
    book = left_book.rename(columns={"posting_date": "line_date"}).assign(side="book")
    # What stands in the books alone is taken out of their balance.
    book = book.assign(amount=-book["book_amount"])
    columns = [
        *ACCOUNT,
        "side",
        "category",
        "detail",
        "line_date",
        "line_id",
        "reference",
        "text",
        "age_days",
        "amount",
    ]
    items = pd.concat([bank[columns], book[columns]], ignore_index=True)
    items = items.sort_values([*ACCOUNT, "detail", "line_date", "line_id"], kind="stable")
    of = dict(iter(items.groupby([*ACCOUNT, "side", "category"], sort=False)))
    pages: list[dict[str, object]] = []
    for row in proof.to_dict("records"):
        account = tuple(row[name] for name in ACCOUNT)
        lines: list[dict[str, object]] = [_line("balance", "book_amount", row["book_amount"])]
        for side, category in ORDER:
            own = of.get((*account, side, category))
            if own is None:
                continue
            lines.append(_line("class", category, int(own["amount"].sum()), detail=side))
            lines.extend({**one, "level": "item"} for one in own.to_dict("records"))
        lines.append(_line("balance", "expected_bank_amount", row["expected_bank_amount"]))
        lines.append(_line("balance", "bank_amount", row["bank_amount"]))
        lines.append(_line("difference", "difference", row["difference"]))
        head = dict(zip(ACCOUNT, account, strict=True))
        pages.extend({**one, **head, "line": number} for number, one in enumerate(lines, start=1))
    return STATEMENT.conform(pd.DataFrame(pages, columns=list(STATEMENT.columns)))


def _line(level: str, category: str, amount: int, detail: str = "") -> dict[str, object]:
    return {
        "level": level, "category": category, "detail": detail, "line_date": pd.NaT, "line_id": "",
        "reference": "", "text": "", "age_days": -1, "amount": amount,
    }  # fmt: skip


assert {category for _, category in ORDER} == set(CATEGORIES)
