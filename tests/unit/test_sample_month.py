"""A month for ``workbench match``: what the truth says of a receipt is its money, and it stands open."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.policy import MatchingPolicy
from workbench.replays import match_files
from workbench.sample.month import MonthFiles, make_month
from workbench.sample.shape import MIX


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> MonthFiles:
    return make_month(tmp_path_factory.mktemp("month"), receipts=400, seed=5)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_receipt_is_the_cash_of_its_documents_which_were_open_on_its_day(month: MonthFiles) -> None:
    receipts = {row["receipt_id"]: row for row in rows_of(month.receipts)}
    items = {row["document_id"]: row for row in rows_of(month.open_items)}
    cash: dict[str, Decimal] = defaultdict(Decimal)
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for leg in rows_of(month.truth):
        if leg["kind"] in ("payment", "credit_note"):
            cash[leg["receipt_id"]] += Decimal(leg["amount"])
        settled[leg["document_id"]] += Decimal(leg["amount"])
        assert items[leg["document_id"]]["document_date"] <= receipts[leg["receipt_id"]]["receipt_date"]
        assert items[leg["document_id"]]["customer_id"] == receipts[leg["receipt_id"]]["customer_id"]
    assert len(cash) > 300
    assert all(Decimal(receipts[name]["amount"]) == amount for name, amount in cash.items())
    assert all(Decimal(items[name]["amount"]) == amount for name, amount in settled.items())


def test_kinds_of_receipts_have_the_shares_of_the_mix(month: MonthFiles) -> None:
    shown = {row["receipt_id"] for row in rows_of(month.receipts)}
    kinds = Counter(row["kind"] for row in rows_of(month.kinds) if row["receipt_id"] in shown)
    assert {kind: kinds[kind] / len(shown) for kind in kinds} == pytest.approx(MIX, abs=0.02)
    without_truth = shown - {row["receipt_id"] for row in rows_of(month.truth)}
    assert len(without_truth) == kinds["unrelated"]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(month: MonthFiles, tmp_path: Path) -> None:
    again, other = (make_month(tmp_path / str(seed), receipts=400, seed=seed) for seed in (5, 6))
    assert again.receipts.read_bytes() == month.receipts.read_bytes()
    assert again.open_items.read_bytes() == month.open_items.read_bytes()
    assert again.truth.read_bytes() == month.truth.read_bytes()
    assert other.truth.read_bytes() != month.truth.read_bytes()


def test_match_takes_every_row(month: MonthFiles, tmp_path: Path) -> None:
    replayed = match_files(month.open_items, month.receipts, policy=MatchingPolicy(), out=tmp_path)
    assert replayed.rejected.empty
    assert replayed.summary["receipts"] == len(rows_of(month.receipts))
