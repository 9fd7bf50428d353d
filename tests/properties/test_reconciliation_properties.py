"""The proof of a bank reconciliation is an identity: it holds whatever meets and whatever does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench import reconciliation
from workbench.policy import ReconciliationPolicy

AS_OF = dt.date(2026, 10, 31)
AMOUNTS = st.sampled_from([-500, -90, -20, 20, 90, 500, 501])
DAYS = st.integers(1, 31).map(lambda day: f"2026-10-{day:02d}")
REFERENCES = st.sampled_from(["", "", "D1", "D2", "L1", "L2"])
BANK = st.lists(
    st.fixed_dictionaries(
        {
            "date": DAYS,
            "amount": AMOUNTS,
            "reference": REFERENCES,
            "line_kind": st.sampled_from(["deposit", "fee", "tax", "returned_cheque", "other"]),
        }
    ),
    max_size=12,
)
BOOK = st.lists(
    st.fixed_dictionaries({"date": DAYS, "amount": AMOUNTS, "reference": REFERENCES}), max_size=12
)


def reconcile(
    bank: list[Any], book: list[Any], opening: int, *, seed: int | None = None
) -> reconciliation.Reconciled:
    lines, booked = bank_lines(*bank), book_lines(*book)
    closing = opening + int(lines["bank_amount"].sum())
    statements = bank_balances(("2026-10-01", opening, "2026-10-31", closing))
    if seed is not None:
        lines, booked = lines.sample(frac=1, random_state=seed), booked.sample(frac=1, random_state=seed)
    return reconciliation.reconcile_bank(
        lines, statements, booked, as_of=AS_OF, policy=ReconciliationPolicy()
    )


@settings(max_examples=tries(25), deadline=None)
@given(BANK, BOOK, st.sampled_from([0, 77, 90, 1000]))
def test_the_proof_holds_and_every_line_is_somewhere_once(
    bank: list[Any], book: list[Any], opening: int
) -> None:
    result = reconcile(bank, book, opening)
    assert (result.proof["difference"] == 0).all()
    met = {side: set(result.matched[f"{side}_line_key"]) - {-1} for side in ("bank", "book")}
    bank_keys = [*met["bank"], *result.outstanding_bank["bank_line_key"]]
    assert sorted(bank_keys) == list(range(1, len(bank) + 1))
    book_keys = [*met["book"], *result.outstanding_book["book_line_key"]]
    assert sorted(book_keys) == sorted(set(book_keys))
    for side, rows in (("bank", bank), ("book", book)):
        amounts = {key: row["amount"] for key, row in enumerate(rows, start=1)}
        parts = result.matched[result.matched[f"{side}_line_key"] >= 0].groupby(f"{side}_line_key")
        assert parts["matched_amount"].sum().to_dict() == {key: amounts[key] for key in met[side]}
    pairs = result.matched[result.matched["rule"].isin(["reference-amount-date", "amount-date"])]
    days = (pairs["posting_date"] - pairs["booking_date"]).dt.days
    assert days.between(-1, 3).all()
    assert result.classified["lines"].sum() == len(result.outstanding_bank) + len(result.outstanding_book)


@settings(max_examples=tries(12), deadline=None)
@given(BANK, BOOK, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_means_nothing(bank: list[Any], book: list[Any], seed: int) -> None:
    one, other = reconcile(bank, book, 1000), reconcile(bank, book, 1000, seed=seed)
    for name in ("matched", "outstanding_bank", "outstanding_book", "classified", "proof", "findings"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
