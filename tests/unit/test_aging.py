"""Ageing: bases, edges, modes of credits, dimensions, movement; and both kernels give the same integers."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ledger_frames import documents, facts

from workbench import aging, tables, words
from workbench.aging_kernel import bucket_amounts, bucket_codes, prepare_kernel
from workbench.errors import AmountOverflowError, ParameterRefusedError
from workbench.policy import BASES, CREDITS_MODES, Buckets, CreditsMode

CUTOFF = dt.date(2026, 3, 31)
UPPER = Buckets().upper
#: The edges of every default range: days overdue → range.
EDGES = {
    -400: "not_due",
    -1: "not_due",
    0: "not_due",
    1: "d1_30",
    30: "d1_30",
    31: "d31_60",
    60: "d31_60",
    61: "d61_90",
    90: "d61_90",
    91: "d91_120",
    120: "d91_120",
    121: "d121_180",
    180: "d121_180",
    181: "d181_360",
    360: "d181_360",
    361: "d361_plus",
    4000: "d361_plus",
}


def _due(days_overdue: int) -> str:
    return (CUTOFF - dt.timedelta(days=days_overdue)).isoformat()


def _aged(*rows: dict[str, object], basis: str = "due", **more: object) -> pd.DataFrame:
    numbered = [{"document_key": n, "document_date": "2025-01-01", **row} for n, row in enumerate(rows)]
    items = facts(documents(*numbered)).open_items(CUTOFF.isoformat())
    return aging.age_open_items(items, as_of=CUTOFF, basis=basis, **more)  # type: ignore[arg-type]  # a wrong basis is tried too


# Ranges


@pytest.mark.parametrize(("days", "bucket"), EDGES.items())
def test_each_edge_lies_in_its_range(days: int, bucket: str) -> None:
    (item,) = _aged({"original_amount": 100, "due_date": _due(days)}).to_dict("records")
    assert (item["days_overdue"], item["bucket"]) == (days, bucket)


def test_every_edge_at_once_shows_in_the_summary() -> None:
    rows = [{"original_amount": 10**n, "due_date": _due(days)} for n, days in enumerate(EDGES)]
    (summary,) = aging.summarise_aging(_aged(*rows), by=[]).to_dict("records")
    for bucket in Buckets().names:
        assert summary[bucket] == sum(10**n for n, name in enumerate(EDGES.values()) if name == bucket)


def test_one_cent_left_over_stays_visible() -> None:
    (row,) = aging.summarise_aging(_aged({"original_amount": 1, "due_date": _due(45)}), by=[]).to_dict(
        "records"
    )
    assert (row["d31_60"], row["total"]) == (1, 1)


def test_an_item_without_a_due_date_is_aged_by_its_document_date_and_flagged() -> None:
    rows = _aged(
        {"original_amount": 5, "due_date": None, "document_date": _due(40)},
        {"original_amount": 5, "due_date": _due(1)},
    ).set_index("document_key")
    assert list(rows.loc[[0, 1], "days_overdue"]) == [40, 1]
    assert list(rows.loc[[0, 1], "is_basis_fallback"]) == [True, False]


def test_an_item_without_any_date_counts_as_not_due_and_is_flagged() -> None:
    (row,) = _aged({"original_amount": 5, "due_date": None, "document_date": None}).to_dict("records")
    assert (row["bucket"], row["days_overdue"], row["is_basis_fallback"]) == ("not_due", 0, True)


def test_own_ranges_replace_the_default_ones() -> None:
    buckets = Buckets((0, 15, 45))
    aged = _aged({"original_amount": 5, "due_date": _due(16)}, buckets=buckets)
    summary = aging.summarise_aging(aged, by=[], buckets=buckets)
    assert list(aged["bucket"]) == ["d16_45"]
    assert list(summary) == [
        *("currency", "not_due", "d1_15", "d16_45", "d46_plus"),
        *("unapplied", "total", "pending_applications"),
    ]


# Bases


@pytest.mark.parametrize(("basis", "days"), [("due", 5), ("document", 35), ("reception", 20)])
def test_days_run_from_the_basis_chosen(basis: str, days: int) -> None:
    item = {
        "original_amount": 5,
        "due_date": _due(5),
        "document_date": _due(35),
        "reception_date": _due(20),
    }
    assert list(_aged(item, basis=basis)["days_overdue"]) == [days]


def test_an_unknown_basis_or_mode_is_refused() -> None:
    with pytest.raises(ParameterRefusedError):
        _aged({"original_amount": 5}, basis="posting")
    with pytest.raises(ParameterRefusedError):
        aging.summarise_aging(_aged({"original_amount": 5}), by=[], credits="gross")  # type: ignore[arg-type]  # that is the point


# Credits

MIXED = (
    {"original_amount": 100, "due_date": _due(200)},
    {"original_amount": 50, "due_date": _due(10)},
    {"original_amount": -120, "due_date": _due(70), "document_kind": "credit_note"},
    {"original_amount": -7, "due_date": _due(3), "special_gl": "A", "document_kind": "payment"},
    {"original_amount": 9, "due_date": _due(-5), "customer_id": "0002"},
)


def _by_mode(mode: CreditsMode, by: tuple[str, ...] = ()) -> dict[str, int]:
    (row,) = aging.summarise_aging(_aged(*MIXED), by=by, credits=mode).to_dict("records")
    return {name: amount for name, amount in row.items() if name != "currency" and amount}


def test_credits_stand_in_a_column_of_their_own_by_default() -> None:
    assert _by_mode("column") == {"not_due": 9, "d1_30": 50, "d181_360": 100, "unapplied": -127, "total": 32}


def test_credits_may_be_aged_by_their_own_date() -> None:
    assert _by_mode("own") == {"not_due": 9, "d1_30": 43, "d61_90": -120, "d181_360": 100, "total": 32}


def test_credits_netted_eat_the_oldest_items_of_their_account_first() -> None:
    assert _by_mode("net") == {"not_due": 9, "d1_30": 30, "unapplied": -7, "total": 32}


def test_a_credit_larger_than_all_items_leaves_its_rest_unapplied() -> None:
    aged = _aged({"original_amount": 10, "due_date": _due(1)}, {"original_amount": -25, "due_date": _due(9)})
    (row,) = aging.summarise_aging(aged, by=[], credits="net").to_dict("records")
    assert (row["d1_30"], row["unapplied"], row["total"]) == (0, -15, -15)


def test_netting_stays_inside_company_customer_currency_and_special_gl() -> None:
    debit = {"original_amount": 10, "due_date": _due(1)}
    for other in ({"company_id": "CO02"}, {"customer_id": "0009"}, {"currency": "USD"}, {"special_gl": "A"}):
        aged = _aged(debit, {"original_amount": -10, "due_date": _due(1), **other})
        summary = aging.summarise_aging(aged, by=["company_id", "customer_id"], credits="net")
        assert (summary["d1_30"].sum(), summary["unapplied"].sum()) == (10, -10), other


def test_total_and_pending_give_the_control_account() -> None:
    book = facts(
        documents({"document_key": 1, "original_amount": 100}, {"document_key": 2, "original_amount": -40}),
        applications=[
            {"document_key": 1, "applied_amount": 100, "erp_open_amount": 100, "effective_date": _due(9)},
            {"document_key": 2, "applied_amount": -15, "erp_open_amount": -40, "effective_date": _due(9)},
        ],
    )
    aged = aging.age_open_items(book.open_items(CUTOFF.isoformat()), as_of=CUTOFF)
    (row,) = aging.summarise_aging(aged, by=["company_id"]).to_dict("records")
    assert (row["total"], row["pending_applications"], row["unapplied"]) == (-25, 85, -25)


# Dimensions


def test_any_column_is_a_dimension_and_currencies_are_never_added_up() -> None:
    aged = _aged(
        {"original_amount": 1, "centre_id": "N"},
        {"original_amount": 2, "centre_id": "S"},
        {"original_amount": 4, "centre_id": "S", "currency": "USD"},
        {"original_amount": 8, "centre_id": "N", "document_type": "DG"},
    )
    summary = aging.summarise_aging(aged, by=["centre_id"])
    assert list(summary[["centre_id", "currency", "total"]].itertuples(index=False, name=None)) == [
        ("N", "COP", 9),
        ("S", "COP", 2),
        ("S", "USD", 4),
    ]
    assert len(aging.summarise_aging(aged, by=["centre_id", "document_type", "customer_id"])) == 4
    assert list(aging.summarise_aging(aged, by=["currency"])["total"]) == [11, 4]


def test_columns_come_in_the_order_of_the_door() -> None:
    summary = aging.summarise_aging(_aged({"original_amount": 1}), by=["company_id", "customer_id"])
    assert (
        list(summary)
        == (
            "company_id customer_id currency not_due d1_30 d31_60 d61_90 d91_120 d121_180 d181_360 d361_plus "
            "unapplied total pending_applications"
        ).split()
    )


def test_nothing_open_gives_an_empty_summary_with_its_columns() -> None:
    items = facts(tables.DOCUMENTS.empty()).open_items("2026-03-31")
    aged = aging.age_open_items(items, as_of=CUTOFF)
    for mode in ("own", "column", "net"):
        summary = aging.summarise_aging(aged, by=["customer_id"], credits=mode)
        assert len(summary) == 0
        assert "d361_plus" in summary


def test_the_door_by_item_has_its_columns_and_every_item() -> None:
    aged = _aged(*MIXED)
    by_item = aging.aging_by_item(aged)
    assert list(by_item) == list(tables.AGING_BY_ITEM.columns)
    assert by_item["open_amount"].sum() == aged["open_amount"].sum()


def test_a_total_beyond_64_bits_stops_rather_than_wraps_round() -> None:
    aged = _aged({"original_amount": 2**62}, {"original_amount": 2**62})
    with pytest.raises(AmountOverflowError):
        aging.summarise_aging(aged, by=[])


# Movement


def test_a_movement_explains_each_way_in_and_out() -> None:
    book = facts(
        documents(
            {"document_key": 1, "original_amount": 100},
            {"document_key": 2, "original_amount": 60, "document_date": "2026-03-05"},
            {"document_key": 3, "original_amount": -20, "document_date": "2026-03-06"},
            {"document_key": 4, "original_amount": 5, "document_date": "2026-03-07"},
            {"document_key": 5, "original_amount": 80, "currency": "USD"},
        ),
        clearings=[
            {"document_key": 1, "clearing_date": "2026-03-10", "cleared_amount": 30},
            {"document_key": 4, "clearing_date": "2026-03-11", "cleared_amount": 5},
            {"document_key": 5, "clearing_date": "2026-03-12", "cleared_amount": 80},
        ],
        applications=[
            {"document_key": 2, "applied_amount": 7, "erp_open_amount": 60, "effective_date": "2026-03-20"}
        ],
    )
    opening = book.open_items("2026-02-28", with_settled=True)
    closing = book.open_items("2026-03-31", with_settled=True)
    movement = aging.explain_movement(opening, closing)
    assert movement.set_index("currency").T.to_dict() == {
        "COP": {
            "opening": 100,
            "invoiced": 65,
            "credited": -20,
            "cleared": 35,
            "applied": 7,
            "closing": 103,
        },
        "USD": {"opening": 80, "invoiced": 0, "credited": 0, "cleared": 80, "applied": 0, "closing": 0},
    }


def test_an_item_only_in_the_opening_was_cleared_whole() -> None:
    book = facts(
        documents({"document_key": 1, "original_amount": 100}),
        clearings=[{"document_key": 1, "clearing_date": "2026-03-10", "cleared_amount": 100}],
    )
    movement = aging.explain_movement(
        book.open_items("2026-02-28"), book.open_items("2026-03-31"), by=["customer_id"]
    )
    (row,) = movement.to_dict("records")
    assert (row["customer_id"], row["opening"], row["cleared"], row["closing"]) == ("0001", 100, 100, 0)


def test_an_application_that_the_erp_confirms_leaves_the_pending_ones() -> None:
    book = facts(
        documents({"document_key": 1, "original_amount": 100}),
        applications=[
            {"document_key": 1, "applied_amount": 40, "erp_open_amount": 100, "effective_date": "2026-02-20"}
        ],
        clearings=[{"document_key": 1, "clearing_date": "2026-03-10", "cleared_amount": 40}],
    )
    (row,) = aging.explain_movement(book.open_items("2026-02-28"), book.open_items("2026-03-31")).to_dict(
        "records"
    )
    assert (row["opening"], row["cleared"], row["applied"], row["closing"]) == (60, 40, -40, 60)


# Kernels


def _columns(rows: int, groups: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return (
        random.integers(0, groups, rows).astype(np.int32),
        random.integers(-500, 900, rows).astype(np.int32),
        random.integers(-(10**12), 10**12, rows),
    )


def _plain(codes: np.ndarray, days: np.ndarray, amounts: np.ndarray, groups: int) -> np.ndarray:
    """Python integers and the rule as written."""
    sums = [[0] * (len(UPPER) + 1) for _ in range(groups)]
    for code, day, amount in zip(codes.tolist(), days.tolist(), amounts.tolist(), strict=True):
        sums[code][sum(day > last for last in UPPER)] += amount
    return np.array(sums, dtype=np.int64)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    ("rows", "groups", "is_sorted"),
    [(0, 3, True), (1, 1, True), (70_000, 500, False), (140_000, 40_000, False), (140_000, 40_000, True)],
)
def test_both_kernels_equal_the_plain_rule(engine: str, rows: int, groups: int, is_sorted: bool) -> None:
    if engine == "numba" and not prepare_kernel():
        pytest.skip("numba is not installed")
    codes, days, amounts = _columns(rows, groups)
    if is_sorted:
        codes.sort()
    sums = bucket_amounts(codes, days, amounts, UPPER, groups, engine=engine)  # type: ignore[arg-type]  # by parameter
    assert sums.dtype == np.int64
    assert np.array_equal(sums, _plain(codes, days, amounts, groups))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("wrong", [-1, 40_000])
@pytest.mark.parametrize("rows", [10, 140_000])
def test_a_customer_code_without_a_row_is_refused(engine: str, wrong: int, rows: int) -> None:
    if engine == "numba" and not prepare_kernel():
        pytest.skip("numba is not installed")
    codes, days, amounts = _columns(rows, 40_000)
    codes[rows // 2] = wrong
    with pytest.raises(IndexError):
        bucket_amounts(codes, days, amounts, UPPER, 40_000, engine=engine)  # type: ignore[arg-type]  # by parameter


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_sums_that_do_not_fit_are_stopped_by_both_kernels(engine: str) -> None:
    if engine == "numba" and not prepare_kernel():
        pytest.skip("numba is not installed")
    codes, days = np.zeros(4, np.int32), np.zeros(4, np.int32)
    with pytest.raises(AmountOverflowError):
        bucket_amounts(codes, days, np.full(4, 2**62), UPPER, 1, engine=engine)  # type: ignore[arg-type]  # by parameter
    fits = bucket_amounts(codes, days, np.full(4, 2**60), UPPER, 1, engine=engine)  # type: ignore[arg-type]  # by parameter
    assert fits[0, 0] == 2**62


def test_codes_of_days_are_those_of_the_names() -> None:
    codes = bucket_codes(np.array(list(EDGES)), UPPER)
    assert [Buckets().names[code] for code in codes] == list(EDGES.values())


def test_ageing_loads_no_compiler_until_rows_are_many(root: Path) -> None:
    script = "import sys, workbench.aging; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0


def test_the_bench_runs_and_finds_all_answers_equal(root: Path) -> None:
    command = [
        sys.executable,
        "tests/bench/bench_aging.py",
        "--items",
        "5000",
        "--repeats",
        "1",
        "--without-numba",
    ]
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "answers equal" in done.stdout


# Words


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_range_basis_and_mode_has_words(lang: words.Language) -> None:
    names = [
        *Buckets().names,
        *(f"basis_{name}" for name in BASES),
        *(f"credits_{name}" for name in CREDITS_MODES),
    ]
    assert all(words.has_words(f"aging.{name}", lang) for name in names)
