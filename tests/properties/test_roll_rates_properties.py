"""Every debt that stood in a range of days is accounted for a month later, to the cent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_frames import documents, facts
from tries import tries

from workbench import roll_rates
from workbench.policy import Buckets, MatrixPolicy
from workbench.roll_rates import NOT_OBSERVED
from workbench.tables import CUSTOMERS

AS_OF = dt.date(2026, 10, 31)
POLICY = MatrixPolicy(buckets=Buckets((0, 30, 60, 90, 120)), months=3, tested_months=1, least_count=1)
quick = settings(deadline=None, max_examples=tries(5))  # of many items each: a history is many ledgers


def invoice(key: int, due: str, amount: int) -> dict[str, Any]:
    return {"document_key": key, "original_amount": amount, "due_date": due, "document_date": "2026-01-02"}


def paid(key: int, day: str, amount: int) -> dict[str, Any]:
    return {
        "document_key": key,
        "clearing_date": day,
        "cleared_amount": amount,
        "clearing_document": f"Z{key}",
    }


DAYS = [f"2026-{month:02d}-{day:02d}" for month in range(4, 12) for day in (1, 9, 17, 28)]


@quick
@given(
    st.lists(st.tuples(st.sampled_from(DAYS), st.integers(1, 10**12)), min_size=5, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.sampled_from(DAYS), st.integers(1, 10**12)), max_size=40),
)
def test_all_that_stood_in_a_range_is_accounted_for_to_the_cent(
    items: list[tuple[str, int]], clearings: list[tuple[int, str, int]]
) -> None:
    book = facts(
        documents(*(invoice(key, due, amount) for key, (due, amount) in enumerate(items))),
        clearings=[paid(0, "2026-04-01", 1), *(paid(*one) for one in clearings if one[0] < len(items))],
    )
    history = roll_rates.observe_history(*book, CUSTOMERS.empty(), as_of=AS_OF, policy=POLICY)
    found = roll_rates.count_rolls(history)
    gone = found[["rolled_amount", "jumped_amount", "stayed_amount", "back_amount", "paid_amount"]]
    assert (gone >= 0).all().all()
    assert gone.sum(axis=1).tolist() == found["before_amount"].tolist()
    for day, rows in found.groupby("from_date"):
        assert rows["before_amount"].sum() == book.open_items(str(day)[:10])["open_amount"].sum()
    rates = roll_rates.estimate_rates(found, policy=POLICY, through=AS_OF)
    assert rates["roll_ppm"].between(NOT_OBSERVED, 1_000_000).all()
