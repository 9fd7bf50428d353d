"""What holds of the over-180 control whatever the items, days and closes are."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from over_180_frames import AS_OF, NEXT_CLOSE, PEOPLE, POLICY, aged, case_frames, crossings
from tries import tries

from workbench import over_180, write_offs
from workbench.policy import Insured, MatrixPolicy, ProvisionException, ProvisionPolicy

TRIES = settings(max_examples=tries(25), deadline=None)
AMOUNTS = st.integers(-(10**12), 10**12).filter(bool)
ROWS = st.lists(st.tuples(AMOUNTS, st.integers(-60, 500)), min_size=1, max_size=12)
GAPS = st.lists(st.integers(1, 75), min_size=1, max_size=6)


def _items(rows: list[tuple[int, int]], as_of: dt.date = AS_OF) -> pd.DataFrame:
    told = ({"number": f"F{n}", "amount": amount, "days": days, "customer_id": f"C{1 + n % 2}"}
            for n, (amount, days) in enumerate(rows))  # fmt: skip
    return aged(*told, as_of=as_of)


@TRIES
@given(ROWS, GAPS)
def test_the_lists_of_closes_in_a_row_share_no_item_and_miss_none(
    rows: list[tuple[int, int]], gaps: list[int]
) -> None:
    day, found = AS_OF, []
    for gap in gaps:
        until = day + dt.timedelta(days=gap)
        listed = crossings(_items(rows, day), as_of=day, next_close=until)
        found += list(zip(listed["over_days"], listed["document_id"], strict=True))
        day = until
    assert len(found) == len(set(found))
    whole = (day - AS_OF).days
    expected = {
        (limit, f"F{n}")
        for n, (amount, days) in enumerate(rows)
        for limit in POLICY.crossings
        if amount > 0 and days <= limit < days + whole
    }
    assert set(found) == expected


@TRIES
@given(ROWS, st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 10**12))
def test_the_cost_is_gross_less_insured_less_excepted_and_the_steps_sum_to_the_rates_change(
    rows: list[tuple[int, int]], rate: int, other: int, share: int, limit: int
) -> None:
    exception = ProvisionException("CO01", "C1", other, "agreed_plan", "eva", NEXT_CLOSE)
    cover = Insured("CO01", "C2", share, {"COP": limit}, "Aseguradora", NEXT_CLOSE)
    policy = ProvisionPolicy(
        rate_permille=rate, exceptions=(exception,), matrix=MatrixPolicy(insured=(cover,))
    )
    listed = crossings(_items(rows), provision=policy)
    told = listed["gross_cost_amount"] - listed["insured_amount"] - listed["excepted_amount"]
    assert (listed["cost_amount"] == told).all()
    assert (listed["gross_cost_amount"] <= listed["open_amount"]).all()
    assert listed.loc[listed["customer_id"] == "C2", "insured_amount"].sum() <= limit + len(rows)
    assert (listed.loc[listed["over_days"] != policy.over_days, "gross_cost_amount"] == 0).all()


@TRIES
@given(
    ROWS,
    st.dictionaries(st.integers(1, 12), st.sampled_from(["proposed", "approved", "transferred", "rejected"])),
)
def test_the_stages_sum_to_what_is_open(rows: list[tuple[int, int]], states: dict[int, str]) -> None:
    items = _items(rows)
    frames = case_frames(
        *({"id": f"X{key}", "kind": "over_180_transfer", "state": state, "items": [(key, 1)]}
          for key, state in states.items())
    )  # fmt: skip
    placed = over_180.place_on_life_line(
        items, PEOPLE, over_180.transferred_items(*frames), over_180.HANDED_OVER.empty(),
        write_offs.GIVEN_UP.empty(), as_of=AS_OF, next_close=NEXT_CLOSE, policy=POLICY,
    )  # fmt: skip
    assert len(placed) == len(items)
    summed = over_180.summarise_life_line(placed)
    assert summed["open_amount"].sum() == items["open_amount"].sum()
    assert summed["items"].sum() == len(items)
    by_cluster = over_180.summarise_life_line(placed, by=["cluster_id"])
    assert by_cluster["open_amount"].sum() == items["open_amount"].sum()


@TRIES
@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 100)), min_size=1, max_size=6), st.data())
def test_what_was_transferred_less_what_went_back_is_what_stands(
    held: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Each part back is at most what stands; what is due back after it is exactly standing − open."""
    items = [(key, amount) for key, (amount, _) in enumerate(held, start=1)]
    left = dict(items)
    events: list[tuple[str, str, str, dict[str, object]]] = [("post", "transferred", "eva", {})]
    for _ in range(data.draw(st.integers(0, 4))):
        parts = {str(key): data.draw(st.integers(1, amount)) for key, amount in left.items() if amount}
        if not parts:
            break
        for key, part in parts.items():
            left[int(key)] -= part
        events += [
            ("propose_reversal", "reversal_proposed", "ana", {"amounts": parts}),
            ("post_part", "transferred", "eva", {}),
        ]
    frames = case_frames({
        "id": "X", "kind": "over_180_transfer", "state": "transferred", "items": items, "events": events,
    })  # fmt: skip
    told = over_180.transferred_items(*frames)
    assert dict(zip(told["document_key"], told["standing_amount"], strict=True)) == left
    assert (told["transferred_amount"] - told["reversed_amount"] == told["standing_amount"]).all()
    owed = {key: amount * percent // 100 for (key, amount), (_, percent) in zip(items, held, strict=True)}
    open_items = aged(*({"number": f"F{key}", "amount": max(one, 1), "days": 200, "open_amount": one}
                        for key, one in owed.items()))  # fmt: skip
    due = over_180.list_due_back(told, open_items)
    expected = {key: left[key] - owed[key] for key in left if left[key] > owed[key]}
    assert dict(zip(due["document_key"], due["due_back_amount"], strict=True)) == expected
