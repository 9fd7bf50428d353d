"""Groups are never a guess: their sums are equal, and where brute force finds two answers none is taken."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import bank_balances, bank_lines, book_lines

from workbench import reconciliation
from workbench.policy import ReconciliationPolicy

AS_OF = dt.date(2026, 10, 31)
#: Odd amounts, some of which add up to others; and a few that do so twice.
AMOUNTS = st.sampled_from(
    [1_000_003_11, 2_000_005_23, 3_000_008_34, 4_100_009_57, 5_000_013_57, 6_100_012_68]
)
LINES = st.lists(
    st.fixed_dictionaries({"date": st.integers(13, 17).map(lambda day: f"2026-10-{day}"), "amount": AMOUNTS}),
    min_size=1, max_size=6,
)  # fmt: skip
#: Bank lines that are sums of some of the parts, so that groups there are.
SUMS = st.lists(st.lists(AMOUNTS, min_size=2, max_size=3).map(sum), min_size=1, max_size=2)
POLICY = ReconciliationPolicy(group_wrong_per_million=1_000_000)


def reconcile(bank: list[Any], book: list[Any]) -> reconciliation.Reconciled:
    lines = bank_lines(*bank)
    closing = int(lines["bank_amount"].sum())
    statements = bank_balances(("2026-10-01", 0, "2026-10-31", closing))
    return reconciliation.reconcile_bank(lines, statements, book_lines(*book), as_of=AS_OF, policy=POLICY)


def sets_of(amounts: dict[int, int], target: int) -> int:
    """How many sets of up to eight lines are the target: by trying them all."""
    return sum(
        sum(amounts[key] for key in keys) == target
        for size in range(1, min(len(amounts), POLICY.group_lines) + 1)
        for keys in itertools.combinations(amounts, size)
    )


def check(result: reconciliation.Reconciled, whole: dict[int, int], parts: dict[int, int], side: str) -> None:
    """Every group of the sums alone was the only one among what the earlier passes left."""
    other = "book" if side == "bank" else "bank"
    rule = "grouped-deposit-sum" if side == "bank" else "split-payment-sum"
    own = result.matched[result.matched["rule"] == rule]
    before = result.matched[~result.matched["rule"].str.contains("grouped|split")]
    free = {key: one for key, one in parts.items() if key not in set(before[f"{other}_line_key"])}
    if side == "book":
        earlier = result.matched[result.matched["rule"].str.startswith("grouped")]
        free = {key: one for key, one in free.items() if key not in set(earlier["bank_line_key"])}
    for _, group in own.groupby("group_id"):
        key = int(group[f"{side}_line_key"].iloc[0])
        assert group[f"{side}_line_key"].nunique() == 1
        members = group[f"{other}_line_key"].tolist()
        assert sum(parts[one] for one in members) == whole[key]
        assert group["matched_amount"].sum() == whole[key]
        assert sets_of(free, whole[key]) == 1


@settings(max_examples=tries(12), deadline=None)
@given(SUMS, LINES)
def test_a_grouped_deposit_is_the_only_answer_there_is(sums: list[int], book: list[Any]) -> None:
    bank = [{"date": "2026-10-15", "amount": amount} for amount in sums]
    result = reconcile(bank, book)
    check(
        result,
        {key: line["amount"] for key, line in enumerate(bank, start=1)},
        {key: line["amount"] for key, line in enumerate(book, start=1)},
        "bank",
    )
    assert (result.proof["difference"] == 0).all()


@settings(max_examples=tries(12), deadline=None)
@given(SUMS, LINES)
def test_a_split_payment_is_the_only_answer_there_is(sums: list[int], bank: list[Any]) -> None:
    book = [{"date": "2026-10-15", "amount": amount} for amount in sums]
    result = reconcile(bank, book)
    check(
        result,
        {key: line["amount"] for key, line in enumerate(book, start=1)},
        {key: line["amount"] for key, line in enumerate(bank, start=1)},
        "book",
    )
    assert (result.proof["difference"] == 0).all()


def test_the_search_of_this_test_does_meet_groups() -> None:
    book = [{"date": "2026-10-15", "amount": one} for one in (1_000_003_11, 2_000_005_23, 6_100_012_68)]
    bank = [{"date": "2026-10-15", "amount": 3_000_008_34}]
    assert reconcile(bank, book).matched["rule"].tolist() == ["grouped-deposit-sum"] * 2
