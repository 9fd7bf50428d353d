"""What peers' own tests expect of differences: tolerances, surpluses, exchange (cases outside the repo)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from upper_trade_frames import open_items, receipts

from workbench import matching
from workbench.matching.differences import realised_differences
from workbench.money import RATE_SCALE
from workbench.policy import DifferencePolicy, MatchingPolicy, Tolerance

DAY = dt.date(2024, 6, 30)


@pytest.fixture
def case(shared: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    file = shared / "data" / "peer_cases" / f"{request.param}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def tolerance_of(case: dict[str, Any]) -> Tolerance:
    settings = case["given"].get("settings", {})
    limit = settings.get("write_off_limit")
    percent = settings.get("tolerance_percent")
    return Tolerance(
        amounts={} if limit is None else {"COP": round(limit * 100)},
        per_million=None if percent is None else round(percent * 10_000),
    )


def match(case: dict[str, Any], **differences: Any) -> matching.Matched:
    items = open_items(
        *(
            {
                "number": item["id"],
                "amount": item["amount"] * 100,
                "customer_id": item.get("party", "P"),
                "reference": item.get("number", ""),
                "document_date": "2023-09-01",
                "due_date": "2023-09-30",
            }
            for item in case["given"]["items"]
        )
    )
    paid = receipts(
        *(
            {
                "id": payment["id"],
                "amount": round(payment["amount"] * 100),
                "customer_id": payment.get("party", "P"),
                "text": payment.get("label") or payment.get("applied_to", ""),
                "receipt_date": str(DAY),
            }
            for payment in case["given"]["payments"]
        )
    )
    policy = MatchingPolicy(differences=DifferencePolicy(tolerance=tolerance_of(case), **differences))
    matched = matching.match_receipts(paid, items, policy=policy, as_of=DAY)
    assert (matching.prove_conservation(paid, matched)["difference"] == 0).all()
    return matched


@pytest.mark.parametrize("case", ["rule-tol-059", "rule-auto-065"], indirect=True)
def test_a_surplus_within_tolerance_settles_the_invoice(case: dict[str, Any]) -> None:
    matched = match(case)
    expected = case["expect"]["matches"][0]
    taken = -expected["difference"] if "difference" in expected else -expected["write_off"]
    legs = dict(zip(matched.applied["kind"], matched.applied["applied_amount"], strict=True))
    assert set(matched.applied["document_id"]) == set(expected["items"])
    assert legs["tolerance"] == -taken * 100
    assert sum(legs.values()) == case["given"]["items"][0]["amount"] * 100, "nothing stays open"


@pytest.mark.parametrize("case", ["rule-tol-062", "rule-tol-074", "mass-086"], indirect=True)
def test_a_difference_beyond_the_limit_matches_nothing(case: dict[str, Any]) -> None:
    assert case["expect"]["matches"] == []
    assert match(case).applied.empty


@pytest.mark.parametrize("case", ["pay-wo-044"], indirect=True)
def test_an_overpayment_goes_on_account_where_the_policy_says_so(case: dict[str, Any]) -> None:
    applied = match(case, surplus="apply").applied
    legs = dict(zip(applied["kind"], applied["applied_amount"], strict=True))
    assert legs == {"payment": 10_000, "on_account": case["expect"]["unallocated"] * 100}


def line_of(case: dict[str, Any], **known: int) -> pd.DataFrame:
    item, payment = case["given"]["items"][0], case["given"]["payments"][0]
    rates = {
        "document_rate": item["rate"] * RATE_SCALE,
        "payment_rate": payment.get("rate", item["rate"]) * RATE_SCALE,
    }
    line = {"document_key": 1, "receipt_key": 1, "currency": item["currency"]}
    return pd.DataFrame([{**line, "applied_amount": payment["amount"] * 100, **rates, **known}])


@pytest.mark.parametrize("case", ["rec-fx-032"], indirect=True)
def test_an_exact_payment_at_another_rate_realises_the_difference(case: dict[str, Any]) -> None:
    realised = realised_differences(line_of(case), base_currency="COP")
    assert realised["realised_difference"].tolist() == [case["expect"]["exchange_difference"] * 100]
    assert realised["code"].tolist() == ["DIFC"]


@pytest.mark.parametrize("case", ["pay-fx-041"], indirect=True)
def test_what_the_bank_credited_less_is_a_difference_to_explain(case: dict[str, Any]) -> None:
    received = case["given"]["payments"][0]["received_in_base"] * 100
    realised = realised_differences(line_of(case, received_base=received), base_currency="COP").iloc[0]
    assert realised["document_base"] == case["expect"]["base_value_applied"] * 100
    assert realised["document_base"] - realised["received_base"] == case["expect"]["difference"] * 100
    owed = case["given"]["items"][0]["amount"] * 100 - realised["applied_amount"]
    assert owed == case["expect"]["item_outstanding"] * 100
