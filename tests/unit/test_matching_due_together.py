"""A handful of documents that fall due about the same time: all of them are tried, wherever they lie."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from matched import match
from upper_trade_frames import open_items, receipts

from workbench.matching.hypotheses import DUE_AFTER, DUE_BEFORE, Account, spaces_of
from workbench.subsets import together
from workbench.subsets.together import BLOCK, LARGEST, MOST_TOLD, find_together, sets_together

PAID_ON = np.datetime64("2026-03-02")


def owed(amounts: list[int], first_due: str = "2025-03-01", days: int = 6) -> object:
    due = np.datetime64(first_due) + days * np.arange(len(amounts))
    rows = zip(amounts, due.astype(str).tolist(), strict=True)
    return open_items(
        *(
            {"number": f"{1001 + at}", "amount": amount, "due_date": day, "document_date": "2025-01-10"}
            for at, (amount, day) in enumerate(rows)
        )
    )


def amounts_of(n: int, seed: int = 3) -> list[int]:
    amounts: list[int] = np.random.default_rng(seed).integers(1_000_000_00, 90_000_000_00, n).tolist()
    return amounts


def pay(amount: int) -> object:
    return receipts({"id": "R1", "amount": amount, "customer_id": "C1"})


def chance_of(matched: object) -> float:
    rows = pd.concat([matched.applied["evidence"], matched.suggested["evidence"]])
    return float(json.loads(rows.iat[0])["chance"])


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "compiled"])
@pytest.mark.parametrize("n", [1, 2, 9, 23, 26])
def test_every_set_together_is_found_and_none_else(
    n: int, is_plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST_TOLD", 100_000)
    random = np.random.default_rng(n)
    amounts = random.integers(1, 400, n) * 7
    amounts[random.random(n) < 0.2] *= -1
    target = int(amounts[: min(n, 4)].sum())
    places = (
        one for size in range(2, LARGEST + 1) for one in itertools.combinations(range(n), size)
        if one[-1] - one[0] <= 2 * BLOCK
    )  # fmt: skip
    near = [one for one in places if int(amounts[list(one)].sum()) == target]
    assert sorted(find_together(amounts, target, is_plain=is_plain)) == sorted(near)
    assert n < 4 or near


def test_how_many_sets_lie_together_is_counted_right() -> None:
    for n, size in itertools.product((3, 20, 21, 22, 27), (2, 3, 4)):
        every = itertools.combinations(range(n), size)
        assert sets_together(n, size) == sum(one[-1] - one[0] <= 2 * BLOCK for one in every), (n, size)


def test_where_there_are_too_many_answers_only_so_many_are_told() -> None:
    assert len(find_together(np.full(40, 500), 1000)) == MOST_TOLD


def test_five_documents_due_together_are_applied_and_five_scattered_ones_are_not() -> None:
    amounts = amounts_of(60)
    near = match(pay(sum(amounts[at] for at in (40, 42, 43, 47, 51))), owed(amounts))
    assert set(near.applied["rule"]) == {"due-together"}
    assert sorted(near.applied["document_id"]) == ["1041", "1043", "1044", "1048", "1052"]
    far = match(pay(sum(amounts[at] for at in (2, 15, 29, 43, 58))), owed(amounts))
    assert far.applied.empty


def test_round_prices_due_together_prove_nothing() -> None:
    amounts = [amount // 50_000_00 * 50_000_00 for amount in amounts_of(60)]
    assert match(pay(sum(amounts[at] for at in (40, 42, 43, 47, 51))), owed(amounts)).applied.empty


def test_a_document_that_falls_due_about_now_is_surer_than_one_long_overdue() -> None:
    amounts = [amount // 10_000_00 * 10_000_00 for amount in amounts_of(40)]
    items = owed(amounts, first_due="2025-06-20", days=7)
    due = np.datetime64("2025-06-20") + 7 * np.arange(40)
    since = (PAID_ON - due).astype(int)
    now, old = int(np.argmin(np.abs(since))), 2
    assert since[old] > DUE_BEFORE
    assert -DUE_AFTER <= since[now] <= DUE_BEFORE
    assert chance_of(match(pay(amounts[now]), items)) < 0.5 * chance_of(match(pay(amounts[old]), items))


def test_what_every_space_may_hide_is_counted_until_it_is_searched() -> None:
    amounts = np.array(amounts_of(60))
    account = Account(amounts, np.arange(60) * 6, np.arange(60))
    spaces = [one for one in spaces_of(account, int(amounts[:5].sum()), 180) if one.rule == "due-together"]
    assert len(spaces) == 2 * (LARGEST - 1)
    for space in spaces:
        assert space.unseen == space.expected > 0
        assert space.search is not None
        searched = space.search()
        assert searched.unseen == 0
        assert searched.sets == space.sets
