"""The corporate policy provides for what is more than 180 days overdue, but for approved exceptions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from upper_trade_frames import open_items

from workbench import provision
from workbench.errors import PolicyError
from workbench.money import round_half_away
from workbench.policy import ProvisionException, ProvisionPolicy

AS_OF = dt.date(2026, 10, 31)


def aged(*rows: dict[str, Any]) -> pd.DataFrame:
    items = open_items(*({k: v for k, v in row.items() if k != "days"} for row in rows))
    return items.assign(days_overdue=np.array([row["days"] for row in rows], dtype=np.int64), bucket="x")


def exception(**changes: Any) -> ProvisionException:
    plain = {
        "company_id": "CO01",
        "customer_id": "C1",
        "rate_permille": 0,
        "reason": "asegurado",
        "approved_by": "Contralor",
        "valid_through": AS_OF,
    }
    return ProvisionException(**{**plain, **changes})


def provided(frame: pd.DataFrame, **policy: Any) -> provision.Provided:
    return provision.provide(frame, policy=ProvisionPolicy(**policy), as_of=AS_OF)


def test_day_180_is_not_over_and_day_181_is() -> None:
    result = provided(
        aged({"number": "1", "amount": 100, "days": 180}, {"number": "2", "amount": 70, "days": 181})
    )
    assert result.provisioned["document_id"].tolist() == ["2"]
    assert result.summarised["provision_amount"].tolist() == [70]


def test_credits_are_neither_provided_for_nor_netted() -> None:
    result = provided(
        aged({"number": "1", "amount": 100, "days": 200}, {"number": "2", "amount": -90, "days": 400})
    )
    assert result.summarised["provision_amount"].tolist() == [100]


def test_each_item_is_rounded_half_away_from_zero_once() -> None:
    frame = aged({"number": "1", "amount": 5, "days": 200}, {"number": "2", "amount": 5, "days": 200})
    assert provided(frame, rate_permille=500).provisioned["provision_amount"].tolist() == [3, 3]


def test_an_exception_holds_through_its_last_day() -> None:
    frame = aged(
        {"number": "1", "amount": 1000, "days": 200},
        {"number": "2", "amount": 500, "days": 200, "customer_id": "C2"},
    )
    result = provided(frame, exceptions=(exception(rate_permille=250),))
    assert result.provisioned["provision_amount"].tolist() == [250, 500]
    assert result.excepted[["customer_id", "over_amount", "excepted_amount"]].values.tolist() == [
        ["C1", 1000, 750]
    ]
    assert result.summarised["excepted_amount"].tolist() == [750, 0]
    assert result.findings.empty


def test_an_expired_exception_leaves_the_policys_rate_and_a_finding() -> None:
    frame = aged({"number": "1", "amount": 1000, "days": 200})
    expired = exception(valid_through=AS_OF - dt.timedelta(days=1))
    result = provided(frame, exceptions=(expired,))
    assert result.provisioned["provision_amount"].tolist() == [1000]
    assert result.findings[["rule", "amount"]].values.tolist() == [["provision-exception-expired", 1000]]
    renewed = provided(frame, exceptions=(expired, exception()))
    assert renewed.findings.empty
    assert renewed.summarised["provision_amount"].tolist() == [0]


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        ({"rate_permille": 1001}, "provision-rate-wrong"),
        ({"exceptions": (exception(rate_permille=-1),)}, "provision-rate-wrong"),
        ({"exceptions": (exception(), exception(rate_permille=5))}, "provision-exception-twice"),
    ],
)
def test_an_impossible_policy_is_refused(policy: dict[str, Any], rule: str) -> None:
    with pytest.raises(PolicyError) as refused:
        provided(aged({"number": "1", "amount": 1, "days": 1}), **policy)
    assert refused.value.cause == rule


def test_nothing_over_gives_empty_frames() -> None:
    result = provided(aged({"number": "1", "amount": 1, "days": 1}))
    assert result.provisioned.empty
    assert result.summarised.empty
    assert result.excepted.empty


@given(st.integers(-(2**62), 2**62), st.integers(0, 1000))
def test_a_share_is_exact_however_large(amount: int, permille: int) -> None:
    share = provision.share_of(np.array([amount]), np.array([permille]))
    assert share.tolist() == [round_half_away(amount * permille, 1000)]
