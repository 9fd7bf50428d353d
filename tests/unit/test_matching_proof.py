"""An answer is applied by its amount only when accident and rivals leave no room for another."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from matched import applied, match, proposals, reasons
from upper_trade_frames import open_items, receipts

from workbench.matching.hypotheses import Account, Space, spaces_of
from workbench.matching.proof import surest_within, weigh
from workbench.matching.results import Deduction
from workbench.policy import USUAL_HABITS, MatchingPolicy
from workbench.subsets.expectations import coincidence, expected_answers, lattice_of, sets_of, shares_by_zeros

ODD = [123_456_71, 98_765_43, 55_512_19, 310_877_37, 77_013_91]


def owed(*amounts: int, **columns: list[object]) -> object:
    rows = [{"number": f"{1001 + at}", "amount": amount} for at, amount in enumerate(amounts)]
    for name, values in columns.items():
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return open_items(*rows)


def pay(amount: int) -> object:
    return receipts({"id": "R1", "amount": amount, "customer_id": "C1"})


def days_apart(n: int) -> dict[str, list[object]]:
    return {
        "due_date": [f"2026-02-{1 + at:02}" for at in range(n)],
        "document_date": [f"2026-01-{1 + (at * 7) % n:02}" for at in range(n)],
    }


def test_with_one_hypothesis_the_chance_is_expectation_times_the_odds_of_no_exact_sum() -> None:
    amounts = np.array(ODD)
    weights = {"few-documents": 50, "not-exact": 100}
    space = Space("few-documents", 1000.0, 0.02, ((0, 1),))
    (one,) = weigh([space], amounts, weights=weights, coincidence=0.02 / 1000)
    assert one.chance == pytest.approx(0.02 * (100 / 50), rel=0.05)


def test_two_sums_of_odd_amounts_are_rivals_and_a_person_decides() -> None:
    items = owed(*ODD[:3], ODD[0] + ODD[1] - 11_11, ODD[2] + 11_11, 999_999_98, **days_apart(6))
    matched = match(pay(ODD[0] + ODD[1] + ODD[2]), items)
    assert applied(matched) == []
    assert reasons(matched) == {"R1": "several-explanations"}
    assert len(proposals(matched)) == 2


def test_a_few_documents_without_order_are_applied_when_accident_is_rare_and_say_how_rare() -> None:
    items = owed(*ODD, **days_apart(5))
    matched = match(pay(ODD[0] + ODD[3]), items)
    assert [row[1] for row in applied(matched)] == ["1001", "1004"]
    evidence = json.loads(matched.applied["evidence"].iat[0])
    assert float(evidence["expected"]) < 1e-5
    assert float(evidence["chance"]) < 1e-3
    assert evidence["rivals"] == 0
    assert evidence["sets"] >= sets_of(5, 2, 4)
    assert "others" not in evidence


def test_an_applied_answer_remembers_the_ones_it_left_behind() -> None:
    items = owed(ODD[0], ODD[1], ODD[0] - ODD[1], **days_apart(3))
    matched = match(
        pay(ODD[0]), items, policy=MatchingPolicy(most_chance_permille=900, wrong_per_million=10**6)
    )
    assert applied(matched) == [("R1", "1001", ODD[0], "single-amount")]
    (left,) = json.loads(matched.applied["evidence"].iat[0])["others"]
    assert left["documents"] == ["1002", "1003"]
    assert 0.5 < float(left["chance"]) <= 1


def test_round_prices_leave_a_sum_unproven_and_odd_ones_prove_it() -> None:
    dates = days_apart(12)
    round_prices = [50_000_00 * times for times in (1, 2, 3, 5, 8, 13, 21, 34, 4, 6, 9, 12)]
    matched = match(pay(round_prices[0] + round_prices[3] + round_prices[5]), owed(*round_prices, **dates))
    assert applied(matched) == []
    odd = [amount + 71 * at + 13 for at, amount in enumerate(round_prices)]
    assert len(match(pay(odd[0] + odd[3] + odd[5]), owed(*odd, **dates)).applied) == 3


def test_a_run_of_due_dates_is_a_window_and_with_one_held_back_too() -> None:
    amounts = np.random.default_rng(3).integers(10_000_00, 900_000_00, 15).tolist()
    items = owed(*amounts, **{**days_apart(15), "due_date": [f"2026-03-{1 + at:02}" for at in range(15)]})
    window = match(pay(sum(amounts[2:9])), items)
    assert set(window.applied["rule"]) == {"window"}
    held = match(pay(sum(amounts[2:9]) - amounts[5]), items)
    assert set(held.applied["rule"]) == {"window-held-back"}
    assert "1006" not in held.applied["document_id"].tolist()


def test_what_is_past_due_one_order_and_the_whole_account_are_hypotheses_of_their_own() -> None:
    amounts = np.array([*ODD, 5_000_01])
    account = Account(
        amounts, np.array([1, 2, 3, 10, 11, 12]), np.arange(6), (np.array([0, -1, 0, 1, -1, 1]),)
    )
    sums = {"past-due": sum(ODD[:3]), "one-group": ODD[0] + ODD[2], "whole-account": int(amounts.sum())}
    for rule, amount in sums.items():
        found = {space.rule: space.answers for space in spaces_of(account, amount, 5)}
        assert len(found[rule]) == 1, rule
        assert sum(int(amounts[place]) for place in found[rule][0]) == amount


def test_the_budget_of_wrong_answers_keeps_back_what_one_receipt_alone_may_not_risk() -> None:
    items = owed(*ODD, **days_apart(5))
    strict = MatchingPolicy(wrong_per_million=0)
    assert applied(match(pay(ODD[1]), items, policy=strict)) == []
    assert len(match(pay(ODD[1]), items).applied) == 1
    named = receipts({"id": "R1", "amount": ODD[1], "customer_id": "C1", "text": "1002"})
    assert len(match(named, items, policy=strict).applied) == 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), max_size=40), st.integers(0, 200_000))
def test_what_is_applied_stays_within_the_budget_and_nothing_surer_is_left(chances, budget) -> None:
    threshold = surest_within(chances, wrong_per_million=budget)
    taken = [chance for chance in chances if chance <= threshold]
    assert sum(taken) <= len(taken) * budget / 1_000_000 + 1e-9
    assert not taken or max(taken) == threshold


def test_expectation_is_what_random_accounts_show() -> None:
    random = np.random.default_rng(5)
    amounts = np.exp(random.normal(11, 1, 40)).astype(np.int64) * 100
    pairs = (amounts[:, None] + amounts[None, :])[np.triu_indices(40, 1)]
    targets = random.integers(int(np.quantile(pairs, 0.2)), int(np.quantile(pairs, 0.8)), 4000) // 100 * 100
    hits = sum(int((pairs == target).sum()) for target in targets.tolist())
    expected = sum(
        expected_answers(amounts, target, smallest=2, largest=2) for target in targets[:200].tolist()
    )
    assert hits / len(targets) == pytest.approx(expected / 200, rel=0.8)
    assert sets_of(40, 2, 2) == len(pairs)


def test_whoever_pays_in_round_thousands_meets_accidents_more_often() -> None:
    odd, round_amounts = np.array(ODD), np.array([amount // 100_000 * 100_000 for amount in ODD])
    target = 200_000_00
    assert coincidence(target, shares_by_zeros(round_amounts)) > 3 * coincidence(target, shares_by_zeros(odd))
    assert coincidence(target + 1, shares_by_zeros(odd)) < coincidence(target, shares_by_zeros(odd))
    assert sum(USUAL_HABITS.values()) == pytest.approx(1000, abs=60)


def test_prices_with_a_fixed_tax_share_a_lattice_and_so_do_their_sums() -> None:
    random = np.random.default_rng(7)
    amounts = random.integers(400_000, 40_000_000, 60) * 119
    assert lattice_of(amounts).step == 119
    assert lattice_of(random.integers(40_000_000, 4_000_000_000, 60)).step == 1
    pairs = (amounts[:, None] + amounts[None, :])[np.triu_indices(60, 1)]
    targets = random.integers(8_000_000, 50_000_000, 200_000) * 119
    hits = int(np.isin(targets, pairs).sum())
    expected = [
        expected_answers(amounts, target, smallest=2, largest=2, lattice=119)
        for target in targets[:300].tolist()
    ]
    assert hits / len(targets) == pytest.approx(float(np.mean(expected)), rel=0.5)
    shares = shares_by_zeros(amounts)
    target = int(targets[0])
    on, off = (coincidence(one, shares, lattice_of(amounts)) for one in (target, target + 1))
    assert on > 50 * off


def test_two_amounts_with_a_large_number_in_common_prove_no_lattice() -> None:
    few = np.array([500_00, 700_00])
    assert coincidence(700_00, shares_by_zeros(few), lattice_of(few)) < 0.001


def test_a_pair_is_surer_than_four_of_the_same_account() -> None:
    random = np.random.default_rng(11)
    amounts = random.integers(1_000_000_00, 90_000_000_00, 60) // 119 * 119
    items = owed(*amounts.tolist(), **{name: values * 3 for name, values in days_apart(20).items()})
    pair = match(pay(int(amounts[3] + amounts[41])), items)
    assert set(pair.applied["rule"]) == {"few-documents"}
    four = match(pay(int(amounts[[3, 17, 29, 41]].sum())), items)
    assert chance_of(four) > 20 * chance_of(pair)


def test_a_debt_and_the_credit_that_cancels_it_are_in_no_answer_but_the_whole_account() -> None:
    amounts = [*ODD, -ODD[1], 900_17_31]
    items = owed(*amounts, **days_apart(7))
    window = match(pay(sum(ODD)), items)  # with the pair or without it: the cash does not say
    assert applied(window) == [] or "1006" not in [row[1] for row in applied(window)]
    with_pair = match(pay(ODD[0] + ODD[2] + ODD[3] + ODD[4]), items)
    assert "1006" not in [row[1] for row in applied(with_pair)]
    assert set(match(pay(sum(amounts)), items).applied["rule"]) == {"whole-account"}


def chance_of(matched: object) -> float:
    rows = pd.concat([matched.applied["evidence"], matched.suggested["evidence"]])
    return float(json.loads(rows.iat[0])["chance"])


@pytest.mark.parametrize(
    ("bases", "told"), [((840_00, 840_00), (True, False)), ((700_00, 840_00), (False, False))]
)
def test_equal_documents_less_a_withholding_are_not_told_by_dates(
    bases: tuple[int, int], told: tuple[bool, bool]
) -> None:
    amounts = np.array([1000_00, 1000_00, 333_33])
    settled = tuple(
        (Deduction(place, "withholding", base // 40, "RFTE"),) for place, base in enumerate(bases)
    )
    fits = [place for place, base in enumerate(bases) if base == 840_00]
    space = Space(
        "withheld",
        10.0,
        0.001,
        tuple((place,) for place in fits),
        settled=tuple(settled[place] for place in fits),
    )
    (one,) = weigh([space], amounts, weights={"withheld": 50, "not-exact": 100}, coincidence=0.001)
    assert one.positions == (fits[0],)
    assert (one.is_same_money, one.is_by_dates) == told
