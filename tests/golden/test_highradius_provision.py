"""Roll rates, matrix and back-test of the real HighRadius items against csv and plain integers.

Rates of 2019 applied to 31 March 2020. Beyond 90 days hardly anything was ever paid late there, so the
back-test looks at 1–90 days only and the older ranges take the policy's fallback.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import highradius_rolls as by_hand
import pandas as pd
import pytest
from highradius_rolls import APPLIED, LEARNED, NAMES, POLICY

from workbench import aging, provision, roll_rates
from workbench.money import round_half_away
from workbench.roll_rates import NOT_OBSERVED


@pytest.fixture(scope="module")
def items(shared: Path) -> list[by_hand.Item]:
    return by_hand.read_items(shared)


@pytest.fixture(scope="module")
def history(items: list[by_hand.Item]) -> roll_rates.History:
    people = by_hand.customers_of(items)
    return roll_rates.observe_history(*by_hand.book_of(items), people, as_of=APPLIED, policy=POLICY)


@pytest.fixture(scope="module")
def rolls(history: roll_rates.History) -> pd.DataFrame:
    return roll_rates.count_rolls(history)


@pytest.fixture(scope="module")
def rolled(items: list[by_hand.Item]) -> dict[tuple[str, str, str], by_hand.Rolled]:
    first = LEARNED.replace(year=2018)
    return by_hand.rolls_by_hand(items, first, LEARNED)


def test_every_roll_of_2019_equals_the_calculation_by_hand(
    rolls: pd.DataFrame, rolled: dict[tuple[str, str, str], by_hand.Rolled]
) -> None:
    year = rolls[(rolls["through_date"] <= str(LEARNED)) & (rolls["from_date"] >= "2018-12-31")]
    sums = year.groupby(["currency", "segment", "bucket"])[["items", "before_amount", "rolled_amount"]].sum()
    ours = {key: by_hand.Rolled(*(int(v) for v in row)) for key, *row in sums.itertuples(name=None)}
    assert ours == rolled
    assert len(ours) > 20


def test_every_rate_of_2019_has_its_count_and_few_items_are_never_a_quiet_zero(
    rolls: pd.DataFrame, rolled: dict[tuple[str, str, str], by_hand.Rolled]
) -> None:
    rates = roll_rates.estimate_rates(rolls, policy=POLICY, through=LEARNED)
    seen = set()
    for (currency, code), rows in rates.groupby(["currency", "segment"]):
        told = by_hand.rates_by_hand(rolled, currency, code)
        losses = by_hand.losses_by_hand(told)
        assert rows["bucket"].tolist() == list(NAMES)
        assert rows["rate_items"].tolist()[:-1] == [count for count, _ in told]
        assert rows["roll_ppm"].tolist()[:-1] == [roll_rates.in_ppm(roll) for _, roll in told]
        assert rows["loss_ppm"].tolist() == [roll_rates.in_ppm(loss) for loss in losses]
        seen |= set(zip(rows["rate_level"], rows["rate_source"], strict=True))
    assert {("segment", "joined"), ("currency", "joined"), ("", "fallback")} <= seen
    old = rates[rates["bucket"].isin(NAMES[5:7])]
    assert (old["roll_ppm"] == NOT_OBSERVED).all(), "nothing was seen so late: no rate is claimed"


def test_the_matrix_of_2019_on_march_2020_equals_the_calculation_by_hand(
    items: list[by_hand.Item],
    rolls: pd.DataFrame,
    rolled: dict[tuple[str, str, str], by_hand.Rolled],
) -> None:
    rates = roll_rates.estimate_rates(rolls, policy=POLICY, through=LEARNED)
    aged = aging.age_open_items(by_hand.book_of(items).open_items(str(APPLIED)), as_of=APPLIED)
    debts = provision.debts_of(aged, by_hand.customers_of(items), policy=POLICY)
    ours = provision.provide_matrix(debts, rates, policy=POLICY, as_of=APPLIED)
    expected: dict[tuple[str, str], int] = defaultdict(int)
    losses: dict[tuple[str, str], list[Fraction]] = {}
    for item in items:
        place = by_hand.place_of(item, APPLIED)
        if place is None:
            continue
        key = (item.currency, item.code)
        if key not in losses:
            losses[key] = by_hand.losses_by_hand(by_hand.rates_by_hand(rolled, *key))
        ppm = roll_rates.in_ppm(losses[key][place])
        expected[item.currency, NAMES[place]] += round_half_away(item.cents * ppm, 1_000_000)
    sums = ours.items.groupby(["currency", "bucket"])["ifrs9_amount"].sum()
    assert {key: int(amount) for key, amount in sums.items()} == dict(expected)
    assert ours.findings.empty
    assert sum(expected.values()) > 10**6


def test_the_back_test_on_1_to_90_days_equals_the_calculation_by_hand(
    items: list[by_hand.Item],
    history: roll_rates.History,
    rolls: pd.DataFrame,
    rolled: dict[tuple[str, str, str], by_hand.Rolled],
) -> None:
    tested = provision.back_test(history, rolls, policy=POLICY, split=LEARNED).rolls
    since = by_hand.rolls_by_hand(items, LEARNED, APPLIED)
    compared = 0
    for row in tested[tested["bucket"].isin(NAMES[1:4])].to_dict("records"):
        own = {
            key: value for key, value in since.items() if (key[0], key[2]) == (row["currency"], row["bucket"])
        }
        assert row["items"] == sum(one.count for one in own.values())
        assert row["realised_amount"] == sum(one.rolled for one in own.values())
        if row["predicted_ppm"] == NOT_OBSERVED:
            assert row["predicted_amount"] == 0
            continue
        compared += 1
        predicted = Fraction(0)
        for (currency, code, name), one in own.items():
            roll = by_hand.rates_by_hand(rolled, currency, code)[NAMES.index(name)][1]
            predicted += one.before * (roll or 0)
        # Rates are shown, and applied, in parts per million; each segment and month is rounded once.
        exposure = sum(one.before for one in own.values())
        assert abs(row["predicted_amount"] - predicted) <= Fraction(exposure, 2_000_000) + 3 * len(own)
    assert compared == 2, "of two currencies, 1 to 30 days; later ranges had fewer than 30 items since"
