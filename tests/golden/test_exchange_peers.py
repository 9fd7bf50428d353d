"""What another system's own tests expect of exchange differences (peer_cases), by the rules of this house."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from ledger_frames import documents, facts, rates, receipts

from workbench.exchange_differences import Facts, Measured, measure_differences
from workbench.policy import ExchangePolicy


def read(shared: Path, name: str) -> dict[str, Any]:
    told = yaml.safe_load((shared / "data/peer_cases" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(told, dict)
    return told


def measure(item: dict[str, Any], amount: int, rate: float) -> Measured:
    """The item of January at its rate, so much of it paid in February at another."""
    currency, original = item["currency"], item["amount"] * 100
    table = rates(
        ("trm", currency, "COP", "2026-01-01", "2026-01-31", int(item["rate"] * 1_000_000)),
        ("trm", currency, "COP", "2026-02-01", "2026-02-28", int(rate * 1_000_000)),
    )
    world = facts(
        documents({"document_key": 1, "original_amount": original, "currency": currency}),
        applications=[
            {"document_key": 1, "applied_amount": amount * 100, "effective_date": "2026-02-10",
             "erp_open_amount": original}
        ],
    )  # fmt: skip
    return measure_differences(
        Facts(*world), receipts(), table, before=dt.date(2026, 1, 31), as_of=dt.date(2026, 2, 28),
        base_currency="COP", policy=ExchangePolicy(),
    )  # fmt: skip


def test_a_loss_of_five_hundred_on_an_exact_payment(shared: Path) -> None:
    case = read(shared, "rec-fx-032")
    (item,), (payment,) = case["given"]["items"], case["given"]["payments"]
    told = measure(item, payment["amount"], payment["rate"])
    assert told.settlements["realised_base"].tolist() == [case["expect"]["exchange_difference"] * 100]
    assert told.closing["carrying_base"].tolist() == [0]


def test_what_is_short_in_base_currency_is_explained_and_the_rest_stays_open(shared: Path) -> None:
    case = read(shared, "pay-fx-041")
    (item,), (payment,) = case["given"]["items"], case["given"]["payments"]
    told = measure(item, payment["amount"], payment["received_in_base"] / payment["amount"])
    line, wanted = told.settlements.iloc[0], case["expect"]
    assert line["released_base"] == wanted["base_value_applied"] * 100
    assert line["realised_base"] == -wanted["difference"] * 100
    assert told.closing["open_amount"].tolist() == [wanted["item_outstanding"] * 100]
