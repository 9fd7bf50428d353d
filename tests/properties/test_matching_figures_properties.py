"""What is reckoned in one pass is what the plain words of each hypothesis say, compiled or not."""

from __future__ import annotations

import datetime as dt
import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from tries import tries

from workbench.matching.differences.sieve import WithholdingSieve
from workbench.matching.figures import SIZES, Figures, figures_of, run_of
from workbench.matching.figures import compiled as compiled_loops
from workbench.policy import WithholdingRate, Withholdings
from workbench.subsets.expectations import coincidence, expected_answers, lattice_of, shares_by_zeros
from workbench.withholdings import Taxed, WithholdingSolver

ABOUT = (3, 2)
AMOUNTS = st.integers(-40, 400).filter(bool).map(lambda one: one * 119) | st.integers(1, 10**9)
DOCUMENTS = st.lists(
    st.tuples(AMOUNTS, st.integers(0, 9), st.integers(0, 5), st.integers(-1, 2)), min_size=1, max_size=14
)
QUICK = settings(max_examples=tries(150), deadline=None, derandomize=True)


def reckoned(
    rows: list[tuple[int, int, int, int]], amount: int, day: int, *, is_plain: bool
) -> tuple[Figures, list[np.ndarray]]:
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    amounts, due, issued, codes = columns
    made = figures_of(amounts, due, issued, codes.reshape(1, -1), amount, day, ABOUT, is_plain=is_plain)
    return made, columns


@QUICK
@given(DOCUMENTS, st.data(), st.integers(0, 12))
def test_one_pass_says_what_each_hypothesis_says_of_itself(rows, data, day: int) -> None:
    size = data.draw(st.integers(1, len(rows)))
    amount = sum(row[0] for row in rows[:size]) or 1
    made, (amounts, due, issued, codes) = reckoned(rows, amount, day, is_plain=True)
    now = (day - due <= ABOUT[0]) & (day - due >= -ABOUT[1])
    equal = np.flatnonzero(amounts == amount)
    assert made.first == (equal[0] if len(equal) else -1)
    assert made.has_one_now == bool(now[equal].any())
    assert (made.kinds, made.kinds_now, made.due_now) == (
        len(set(amounts)),
        len(set(amounts[now])),
        now.sum(),
    )
    assert (made.past_due, made.past_due_total) == ((due < day).sum(), amounts[due < day].sum())
    groups = [np.flatnonzero(codes == code) for code in sorted(set(codes.tolist()) - {-1})]
    groups = [one for one in groups if 1 < len(one) < len(rows)]
    assert made.groups == len(groups)
    assert made.has_group == any(amounts[one].sum() == amount for one in groups)
    windows, held_back, is_window = 0, 0, False
    for days in (due, issued):
        ordered = amounts[np.argsort(days, kind="stable")]
        bounds = [0, *np.cumsum(np.unique(days, return_counts=True)[1]).tolist()]
        for start, end in itertools.combinations(bounds, 2):
            windows += 1
            held_back += (end - start) * (end - start + 1) // 2
            is_window = is_window or int(ordered[start:end].sum()) == amount
    assert (made.windows, made.held_back) == (windows, held_back)
    assert made.may_be_window or not is_window
    lattice = lattice_of(amounts)
    at_random = coincidence(amount, shares_by_zeros(amounts), lattice)
    assert made.at_random == pytest.approx(at_random, rel=1e-12, abs=0)
    expected = [
        expected_answers(amounts, amount, smallest=low, largest=high, lattice=lattice.step)
        for low, high in SIZES
    ]
    assert made.expected.tolist() == pytest.approx(expected, rel=1e-9)


@QUICK
@given(DOCUMENTS, st.integers(1, 10**6), st.integers(0, 12))
def test_machine_code_reckons_what_the_plain_loops_do(rows, amount: int, day: int) -> None:
    plain, compiled = (reckoned(rows, amount, day, is_plain=one)[0] for one in (True, False))
    assert plain[:-2] == compiled[:-2]
    # Where one exponential differs in its last bit, so does the sum: the two libraries are not one.
    assert compiled.at_random == pytest.approx(plain.at_random, rel=1e-12, abs=0)
    assert compiled.expected.tolist() == pytest.approx(plain.expected.tolist(), rel=1e-12, abs=1e-300)


@QUICK
@given(st.lists(st.tuples(AMOUNTS, st.integers(0, 9)), min_size=1, max_size=40))
def test_machine_code_lays_documents_out_by_date_as_the_plain_loop_does(rows) -> None:
    amounts, days = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    order, bounds, sums = run_of(amounts, days)
    made = compiled_loops()[1](amounts, days)
    assert [one.tolist() for one in made] == [order.tolist(), bounds.tolist(), sums.tolist()]
    by_day = sorted(range(len(rows)), key=lambda place: rows[place][1])
    assert order.tolist() == by_day
    assert bounds.tolist()[1:] == [
        place for place in range(1, len(rows) + 1)
        if place == len(rows) or rows[by_day[place]][1] != rows[by_day[place - 1]][1]
    ]  # fmt: skip
    assert sums.tolist() == [sum(rows[place][0] for place in by_day[:end]) for end in bounds.tolist()]


RATES = tuple(
    WithholdingRate(tax, concept, rate, uvt, dt.date(2020, 1, 1), None, "decree")
    for tax, concept, rate, uvt in (
        ("RFTE", "compras", 2_500, 27), ("RFTE", "servicios", 4_000, 4), ("RIVA", "general", 15_000, 0),
        ("RICA", "bogota", 966, 0), ("RICA", "medellin", 700, 0),
    )
)  # fmt: skip


SOLVER = WithholdingSolver(Withholdings(rates=RATES, uvt={2026: 5_237_400}))
DAY = dt.date(2026, 3, 2).toordinal() - dt.date(1970, 1, 1).toordinal()


def passes(base: int, tax: int, short: int, *, is_plain: bool) -> bool:
    columns = [np.array([one], dtype=np.int64) for one in (base + tax, base, tax)]
    stated, passed = WithholdingSieve(SOLVER).pass_places(*columns, base + tax - short, is_plain=is_plain)
    assert stated == 1
    return passed == [0]


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "compiled"])
@QUICK
@given(st.integers(1, 10**15), st.booleans(), st.data())
def test_the_sieve_keeps_back_nothing_that_the_solver_explains(
    is_plain: bool, base: int, has_tax, data
) -> None:
    tax = base * 19 // 100 if has_tax else 0
    short = 0
    for rates, of in (((0, 2_500, 4_000), base), ((0, 15_000), tax), ((0, 966, 700), base)):
        unit = data.draw(st.sampled_from(SOLVER.units))
        parts = 100_000 * unit
        short += (of * data.draw(st.sampled_from(rates)) + parts // 2) // parts * unit
    found = SOLVER.solve([Taxed(0, base, tax, DAY)], "C1", short).found
    assert passes(base, tax, short, is_plain=is_plain) or not found


def test_the_sieve_keeps_back_what_no_rate_explains() -> None:
    for is_plain in (True, False):
        assert passes(100_000_00, 19_000_00, 2_500_00, is_plain=is_plain)
        assert not passes(100_000_00, 19_000_00, 2_511_37, is_plain=is_plain)
        assert not passes(100_000_00, 19_000_00, 90_000_00, is_plain=is_plain)
