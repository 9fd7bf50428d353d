"""The sub-ledger against the control account of the ledger: to the cent, and why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench.erp_postings import compare_control_account
from workbench.tables import CONTROL_BALANCES, OBSERVATIONS

AS_OF = dt.date(2026, 3, 31)


def balances(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"company_id": "CO01", "account_id": "130505", "balance_date": "2026-03-31", "currency": "COP",
            "recorded_at": "2026-04-01T00:00:00Z"}  # fmt: skip
    return CONTROL_BALANCES.conform(
        pd.DataFrame([{**base, **row} for row in rows], columns=list(CONTROL_BALANCES.columns))
    )


def sights(*rows: tuple[int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [{"document_key": key, "observed_date": day, "open_amount": 0, "is_absent": False,
          "payment_block": "", "dunning_level": "", "recorded_at": "2026-04-01T00:00:00Z"}
         for key, day in rows],
        columns=list(OBSERVATIONS.columns),
    )  # fmt: skip
    return OBSERVATIONS.conform(frame)


ITEMS = open_items(
    {"number": "1", "amount": 300},
    {"number": "2", "amount": 200},
    {"number": "3", "amount": -50, "special_gl": "A"},
)
KEYS = ITEMS["document_key"].tolist()


@pytest.mark.parametrize(
    ("balance", "difference", "reason"),
    [(450, 0, "agrees"), (500, 50, "special-ledger"), (250, -200, "not-seen-since"), (451, 1, "unknown")],
)
def test_a_difference_is_named_only_where_one_cause_is_all_of_it(
    balance: int, difference: int, reason: str
) -> None:
    seen = sights((KEYS[0], "2026-03-31"), (KEYS[1], "2026-02-28"), (KEYS[2], "2026-03-31"))
    scale = int(abs(ITEMS["erp_open_amount"].iloc[0])) // 300
    compared, found = compare_control_account(
        ITEMS, seen, balances({"balance_amount": balance * scale}), as_of=AS_OF
    )
    assert compared["difference"].tolist() == [difference * scale]
    assert compared["reason"].tolist() == [reason]
    assert found["rule"].tolist() == ([] if difference == 0 else [f"control-account-{reason}"])


def test_all_accounts_of_a_company_and_currency_are_its_balance_together() -> None:
    scale = int(abs(ITEMS["erp_open_amount"].iloc[0])) // 300
    given = balances(
        {"balance_amount": 500 * scale}, {"account_id": "280505", "balance_amount": -50 * scale},
        {"account_id": "999", "balance_date": "2026-02-28", "balance_amount": 7},
    )  # fmt: skip
    compared, found = compare_control_account(ITEMS, sights(), given, as_of=AS_OF)
    assert compared["accounts"].tolist() == ["130505, 280505"]
    assert found.empty


def test_without_a_balance_of_that_day_nothing_is_compared() -> None:
    compared, found = compare_control_account(ITEMS, sights(), balances(), as_of=AS_OF)
    assert compared.empty
    assert found.empty


def test_a_balance_of_a_company_without_items_is_a_difference() -> None:
    compared, found = compare_control_account(
        ITEMS, sights(), balances({"company_id": "CO09", "balance_amount": 12}), as_of=AS_OF
    )
    assert compared["difference"].tolist() == [12]
    assert found["rule"].tolist() == ["control-account-unknown"]
