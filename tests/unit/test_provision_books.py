"""Three calculations on the same debts: the matrix with its insured part, the corporate policy, tax."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from upper_trade_frames import customers, open_items

from workbench import aging, provision, roll_rates
from workbench.errors import PolicyError
from workbench.money import round_half_away
from workbench.policy import Buckets, Insured, MatrixPolicy, ProvisionException, ProvisionPolicy
from workbench.roll_rates import NOT_OBSERVED

AS_OF = dt.date(2026, 10, 31)
FIVE = MatrixPolicy(buckets=Buckets((0, 30, 60, 90)), fallback=())
PEOPLE = customers(
    {"customer_id": "C1", "cluster_id": "Norte", "supervisor_id": "S1"},
    {"customer_id": "C2", "cluster_id": "Norte", "supervisor_id": "S2"},
    {"customer_id": "C3", "cluster_id": "Sur", "supervisor_id": "S3"},
)


def aged(*rows: dict[str, Any]) -> pd.DataFrame:
    made = []
    for row in rows:
        due = AS_OF - dt.timedelta(days=row["days"])
        made.append({**{k: v for k, v in row.items() if k != "days"}, "due_date": due.isoformat()})
    return aging.age_open_items(open_items(*made), as_of=AS_OF)


def rates(
    policy: MatrixPolicy, ppm: list[int], *, segment: str = "Norte", currency: str = "COP"
) -> pd.DataFrame:
    rows = [
        {
            "company_id": "CO01", "currency": currency, "segment": segment, "bucket": bucket, "items": 30,
            "rate_level": "segment", "rate_items": 30, "rate_rolled_items": 3, "roll_ppm": 0,
            "loss_ppm": rate,
            "rate_source": "none" if rate == NOT_OBSERVED else "history",
        }
        for bucket, rate in zip(policy.buckets.names, ppm, strict=True)
    ]  # fmt: skip
    return roll_rates.LOSS_RATES.conform(pd.DataFrame(rows))


def test_the_illustrative_example_12_of_ifrs_9_gives_580_thousand() -> None:
    balances = [15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000]
    frame = aged(
        *(
            {"number": str(n), "amount": amount, "days": days}
            for n, (amount, days) in enumerate(zip(balances, (-5, 20, 45, 75, 120), strict=True))
        )
    )
    table = rates(FIVE, [3_000, 16_000, 36_000, 66_000, 106_000])
    debts = provision.debts_of(frame, PEOPLE, policy=FIVE)
    found = provision.provide_matrix(debts, table, policy=FIVE, as_of=AS_OF).items
    assert found.sort_values("document_id")["ifrs9_amount"].tolist() == [
        45_000,
        120_000,
        144_000,
        165_000,
        106_000,
    ]
    assert found["ifrs9_amount"].sum() == 580_000


def insured(**changes: Any) -> Insured:
    plain = {
        "company_id": "CO01", "customer_id": "C1", "covered_permille": 900, "limits": {}, "insurer": "X",
        "valid_through": AS_OF,
    }  # fmt: skip
    return Insured(**{**plain, **changes})


def matrix(frame: pd.DataFrame, policy: MatrixPolicy, ppm: list[int]) -> provision.Matrix:
    debts = provision.debts_of(frame, PEOPLE, policy=policy)
    return provision.provide_matrix(debts, rates(policy, ppm), policy=policy, as_of=AS_OF)


def test_only_what_is_not_insured_is_provided_and_a_limit_is_used_up_by_the_longest_overdue() -> None:
    frame = aged(
        {"number": "1", "amount": 1000, "days": 10},
        {"number": "2", "amount": 1000, "days": 70},
        {"number": "3", "amount": 1000, "days": 10, "customer_id": "C2"},
    )
    half = [0, 500_000, 500_000, 500_000, 1_000_000]
    whole = matrix(frame, replace(FIVE, insured=(insured(),)), half).items
    assert whole[["insured_amount", "gross_amount", "ifrs9_amount"]].values.tolist() == [
        [900, 500, 50], [900, 500, 50], [0, 500, 500],
    ]  # fmt: skip
    limited = matrix(frame, replace(FIVE, insured=(insured(limits={"COP": 1000}),)), half).items
    assert limited["insured_amount"].tolist() == [100, 900, 0]


def test_an_insurance_that_lapsed_covers_nothing_and_says_so() -> None:
    frame = aged({"number": "1", "amount": 1000, "days": 10})
    lapsed = insured(valid_through=AS_OF - dt.timedelta(days=1))
    found = matrix(frame, replace(FIVE, insured=(lapsed,)), [0, 500_000, 0, 0, 0])
    assert found.items["ifrs9_amount"].tolist() == [500]
    assert found.findings[["rule", "amount"]].values.tolist() == [["provision-insurance-lapsed", 1000]]
    renewed = matrix(frame, replace(FIVE, insured=(lapsed, insured())), [0, 500_000, 0, 0, 0])
    assert renewed.findings.empty
    with pytest.raises(PolicyError):
        matrix(frame, replace(FIVE, insured=(insured(), insured())), [0, 500_000, 0, 0, 0])


def test_a_debt_without_a_rate_is_an_error_and_never_a_quiet_zero() -> None:
    frame = aged({"number": "1", "amount": 1000, "days": 10}, {"number": "2", "amount": 7, "days": 40})
    found = matrix(frame, FIVE, [0, NOT_OBSERVED, 100_000, 0, 0])
    assert found.items["loss_ppm"].tolist() == [NOT_OBSERVED, 100_000]
    assert found.findings[["rule", "level", "amount"]].values.tolist() == [
        ["provision-rate-not-observed", "error", 1000]
    ]
    unknown_segment = aged({"number": "1", "amount": 1000, "days": 10, "customer_id": "C3"})
    assert matrix(unknown_segment, FIVE, [0] * 5).findings["amount"].tolist() == [1000]


@given(st.integers(-(2**62), 2**62), st.integers(0, 1_000_000))
def test_a_share_in_parts_per_million_is_exact_however_large(amount: int, ppm: int) -> None:
    assert provision.share_ppm(np.array([amount]), np.array([ppm])).tolist() == [
        round_half_away(amount * ppm, 1_000_000)
    ]


def exception(rate: int) -> ProvisionException:
    return ProvisionException("CO01", "C1", rate, "plan", "Contralora", AS_OF)


def books(**changes: Any) -> provision.ProvisionBooks:
    frame = aged(
        {"number": "1", "amount": 1000, "days": 400},
        {"number": "2", "amount": 500, "days": 20, "customer_id": "C2"},
        {"number": "3", "amount": -300, "days": 400},
        {"number": "4", "amount": 80, "days": -5, "customer_id": "C2"},
    )
    policy = ProvisionPolicy(matrix=replace(FIVE, insured=(insured(covered_permille=500),)), **changes)
    table = rates(FIVE, [10_000, 20_000, 30_000, 40_000, 1_000_000])
    return provision.provide_books(aged=frame, customers=PEOPLE, rates=table, policy=policy, as_of=AS_OF)


def test_the_three_books_stand_side_by_side_on_the_same_debts_and_credits_are_in_none() -> None:
    found = books().by_item
    shown = ["document_id", "open_amount", "ifrs9_amount", "policy_amount", "tax_amount"]
    assert found[shown].values.tolist() == [
        ["1", 1000, 500, 1000, 330], ["2", 500, 10, 0, 0], ["4", 80, 1, 0, 0],
    ]  # fmt: skip
    by_customer = books().by_customer
    assert by_customer[["customer_id", "items", "open_amount", "ifrs9_amount"]].values.tolist() == [
        ["C1", 1, 1000, 500], ["C2", 2, 580, 11],
    ]  # fmt: skip


def test_approved_cases_replace_the_exceptions_of_the_policy() -> None:
    frame = aged({"number": "1", "amount": 1000, "days": 400})
    table = rates(FIVE, [0, 0, 0, 0, 1_000_000])
    policy = ProvisionPolicy(matrix=FIVE, exceptions=(exception(900),))
    found = provision.provide_books(
        frame, PEOPLE, table, policy=policy, as_of=AS_OF, exceptions=(exception(250),)
    )
    row = found.by_item.iloc[0]
    assert (row["policy_amount"], row["rate_permille"], row["approved_by"]) == (250, 250, "Contralora")
    assert row["policy_gross_amount"] == 1000


def test_every_difference_between_the_books_has_its_cause_to_the_cent() -> None:
    found = provision.explain_differences(books(exceptions=(exception(400),)).by_item).set_index("bucket")
    old = found.loc["d91_plus"]
    causes = ["policy_amount", "exception_amount", "policy_rate_amount", "insurance_amount", "ifrs9_amount"]
    assert old[causes].tolist() == [400, 600, 0, -500, 500]
    assert old[["not_deducted_amount", "tax_rate_amount", "tax_amount"]].tolist() == [0, 170, 330]
    assert found.loc["d1_30", "not_deducted_amount"] == 10
    assert found.index.tolist() == ["not_due", "d1_30", "d91_plus"], "in the order of days"
    assert (found[causes[:4]].sum(axis=1) == found["ifrs9_amount"]).all()
