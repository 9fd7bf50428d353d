"""What adds up to an amount: held against every combination, whichever search and engine answers."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from workbench.errors import AmountOverflowError
from workbench.subsets import find_held_back, find_subsets, searches

ENGINES = ("plain", "numba")
AMOUNTS = st.lists(st.integers(-12, 12).filter(bool), min_size=1, max_size=9)
QUICK = settings(max_examples=120, deadline=None, derandomize=True)


def answers_by_hand(amounts: list[int], target: int, largest: int) -> set[tuple[int, ...]]:
    """Every choice of amounts with that sum; equal documents are one choice."""
    sets = (itertools.combinations(amounts, size) for size in range(1, min(largest, len(amounts)) + 1))
    return {tuple(sorted(one)) for of_size in sets for one in of_size if sum(one) == target}


@pytest.mark.parametrize("engine", ENGINES)
@QUICK
@given(AMOUNTS, st.integers(-20, 40), st.sampled_from([1, 2, 3, 4, 9]))
def test_none_unique_and_ambiguous_are_what_all_combinations_say(
    engine: str, amounts: list[int], target: int, largest: int
) -> None:
    truth = answers_by_hand(amounts, target, largest)
    found = find_subsets(np.array(amounts), target, largest=largest, engine=engine)
    assert found.verdict == ("none", "unique", "ambiguous")[min(len(truth), 2)]
    shown = [tuple(sorted(amounts[place] for place in subset)) for subset in found.subsets]
    assert set(shown) <= truth
    assert len(set(shown)) == len(shown) == min(len(truth), 2)


@pytest.mark.parametrize("kernels", [searches.PLAIN, searches.compiled()], ids=ENGINES)
@QUICK
@given(AMOUNTS, st.integers(-20, 40), st.integers(1, 9))
def test_the_three_searches_agree(
    kernels: searches.Searches | None, amounts: list[int], target: int, largest: int
) -> None:
    if kernels is None:
        pytest.skip("numba is not installed")
    values, counts = np.unique(np.array(amounts), return_counts=True)
    halves = kernels.meet_in_the_middle(values, counts.astype(np.int64), len(values) // 2, target, largest)
    bounded = kernels.branch_and_bound(values, counts.astype(np.int64), target, largest, 10**6)
    assert halves[0] == bounded[0] == min(len(answers_by_hand(amounts, target, largest)), 2)


@QUICK
@given(AMOUNTS, st.integers(-20, 40), st.randoms(use_true_random=False))
def test_the_order_of_documents_changes_no_answer(amounts: list[int], target: int, random) -> None:
    shuffled = random.sample(amounts, len(amounts))
    one, two = (find_subsets(np.array(order), target) for order in (amounts, shuffled))
    assert one.verdict == two.verdict
    paid = [
        [sorted(order[place] for place in subset) for subset in found.subsets]
        for order, found in ((amounts, one), (shuffled, two))
    ]
    assert paid[0] == paid[1]


@QUICK
@given(st.lists(st.integers(1, 9), min_size=3, max_size=10), st.integers(2, 40), st.data())
def test_runs_with_one_or_two_held_back_are_those_that_trying_all_finds(amounts, target, data) -> None:
    inner = data.draw(st.sets(st.integers(1, len(amounts) - 1)))
    bounds = sorted({0, len(amounts), *inner})
    truth = set()
    for start, end in itertools.combinations(bounds, 2):
        for many in (1, 2):
            for gone in itertools.combinations(range(start, end), many):
                left = [place for place in range(start, end) if place not in gone]
                if len(left) >= 2 and sum(amounts[place] for place in left) == target:
                    held = sorted(amounts[place] for place in gone)
                    if sum(amounts[start:end]) != target:
                        truth.add((start, end, *held))
    for engine in ENGINES:
        found = find_held_back(np.array(amounts), np.array(bounds), target, most=500, engine=engine)
        shown = []
        for left in found:
            runs = [
                (start, end)
                for start, end in itertools.combinations(bounds, 2)
                if set(left) <= set(range(start, end)) and end - start - len(left) in (1, 2)
            ]
            assert sum(amounts[place] for place in left) == target
            shown.append((left, runs))
        assert len(found) == len(truth)
        assert all(runs for _, runs in shown)


def test_equal_documents_are_one_answer_as_money_and_the_first_of_them_is_named() -> None:
    found = find_subsets(np.array([500, 300, 300, 300]), 800)
    assert (found.verdict, found.subsets, found.is_unique_as_documents) == ("unique", ((0, 1),), False)
    assert find_subsets(np.array([500, 300, 300, 300]), 1400).is_unique_as_documents


def test_thirty_documents_are_searched_whole_and_a_space_too_large_is_not_guessed() -> None:
    odd = np.array([3**20 + 7 * 5**place % (2**40) for place in range(30)])
    assert find_subsets(odd, int(odd[[0, 7, 13, 21, 29]].sum())).verdict == "unique"
    many = np.array([2**place for place in range(45)]) * 3
    assert find_subsets(many, 1).verdict in ("none", "unsearched")


def test_the_empty_set_is_no_answer_and_a_sum_beyond_64_bits_is_refused() -> None:
    assert find_subsets(np.array([5, 7]), 0).verdict == "none"
    assert find_subsets(np.array([], dtype=np.int64), 5).verdict == "none"
    with pytest.raises(AmountOverflowError):
        find_subsets(np.array([2**62, 2**62]), 1)
