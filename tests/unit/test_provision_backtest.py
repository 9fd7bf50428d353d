"""Last year's rates against what happened: predicted and realised, with the counts behind both."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from ledger_frames import Facts, documents, facts

from workbench import provision, roll_rates
from workbench.policy import Buckets, MatrixPolicy
from workbench.roll_rates import NOT_OBSERVED
from workbench.tables import CUSTOMERS

AS_OF = dt.date(2026, 10, 31)
POLICY = MatrixPolicy(
    buckets=Buckets((0, 30, 60)), fallback=(), months=4, tested_months=2, least_count=2, segment_by=()
)


def invoice(key: int, due: str) -> dict[str, Any]:
    return {"document_key": key, "original_amount": 100, "due_date": due, "document_date": "2026-01-02"}


def paid(key: int, day: str) -> dict[str, Any]:
    return {"document_key": key, "clearing_date": day, "cleared_amount": 100, "clearing_document": f"Z{key}"}


def book() -> Facts:
    """Four invoices late in June, two paid in July, one in October; four late in September, one paid then."""
    old = [invoice(key, "2026-06-15") for key in range(4)]
    new = [invoice(key, "2026-09-15") for key in range(10, 14)]
    first = invoice(99, "2026-06-01")
    days = {0: "2026-07-10", 1: "2026-07-10", 2: "2026-10-10", 10: "2026-10-10", 99: "2026-06-20"}
    return facts(documents(*old, *new, first), clearings=[paid(key, day) for key, day in days.items()])


def compared(policy: MatrixPolicy = POLICY, split: dt.date | None = None) -> provision.Backtest:
    history = roll_rates.observe_history(*book(), CUSTOMERS.empty(), as_of=AS_OF, policy=policy)
    return provision.back_test(history, roll_rates.count_rolls(history), policy=policy, split=split)


def test_the_rates_known_before_are_applied_to_what_stood_since() -> None:
    found = compared().rolls.set_index("bucket")
    late = found.loc["d1_30"]
    assert (late["rate_items"], late["items"]) == (4, 4)
    assert (late["predicted_ppm"], late["realised_ppm"]) == (500_000, 750_000)
    assert late[["predicted_amount", "realised_amount", "difference_amount"]].tolist() == [200, 300, 100]
    assert str(late["rates_through"])[:10] == "2026-08-31"
    assert str(late["tested_through"])[:10] == "2026-10-31"


def test_a_rate_that_was_not_observed_predicts_nothing_and_says_so() -> None:
    found = compared(replace(POLICY, least_count=5)).rolls.set_index("bucket").loc["d1_30"]
    assert (found["predicted_ppm"], found["realised_ppm"], found["items"]) == (NOT_OBSERVED, NOT_OBSERVED, 4)
    assert found["difference_amount"] == 0


def test_losses_are_tested_on_debts_whose_fate_is_known() -> None:
    # On 31 July two stand 46 days late; both reach the 61st day unpaid, and that one is
    # paid in October was lost by then all the same. What is late since September is open.
    found = compared(split=dt.date(2026, 7, 31)).losses
    assert found[["bucket", "items", "exposure_amount", "realised_amount"]].values.tolist() == [
        ["d31_60", 2, 200, 200]
    ]
    later = compared(split=dt.date(2026, 9, 30)).losses
    assert later.empty, "the debts of September cannot be in default by October"


def test_a_short_history_is_not_split() -> None:
    history = roll_rates.observe_history(
        *book(), CUSTOMERS.empty(), as_of=dt.date(2026, 6, 30), policy=POLICY
    )
    rolls = roll_rates.count_rolls(history)
    assert provision.split_day(rolls, policy=POLICY) is None
    assert provision.back_test(history, rolls, policy=POLICY).rolls.empty
