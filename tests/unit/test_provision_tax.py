"""The tax book: a third a year of what is a year overdue, or 5, 10 and 15 % by age, by calendar months."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench import provision
from workbench.policy import TaxPolicy

YEAR_END = dt.date(2021, 12, 31)
INDIVIDUAL, GENERAL = TaxPolicy(), TaxPolicy(method="general")
#: DOMAIN, section 7: the public worked example, with its days overdue at the end of the tax year.
EXAMPLE = [(10_000, 716), (20_000, 407), (30_000, 185), (40_000, 109), (50_000, 30)]


def debts(*rows: tuple[int, dt.date], **more: Any) -> pd.DataFrame:
    return open_items(
        *(
            {"number": str(n), "amount": amount, "due_date": due.isoformat(), **more}
            for n, (amount, due) in enumerate(rows)
        )
    )


def taxed(frame: pd.DataFrame, policy: TaxPolicy, as_of: dt.date = YEAR_END) -> list[int]:
    return provision.provide_tax(frame, policy=policy, as_of=as_of).items["tax_amount"].tolist()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_published_example_gives_9_900_individual_and_9_500_general() -> None:
    frame = debts(*((amount, YEAR_END - dt.timedelta(days=days)) for amount, days in EXAMPLE))
    assert taxed(frame, INDIVIDUAL) == [3_300, 6_600, 0, 0, 0]
    assert taxed(frame, GENERAL) == [1_500, 3_000, 3_000, 2_000, 0]


@pytest.mark.parametrize(
    ("due", "as_of", "permille"),
    [
        ("2021-09-30", "2021-12-30", 0),  # three months to the day are not more than three
        ("2021-09-30", "2021-12-31", 50),
        ("2020-11-30", "2021-02-28", 0),  # a month without the 30th ends the third month on its last day
        ("2020-11-30", "2021-03-01", 50),
        ("2021-06-30", "2021-12-30", 50),  # 183 days, six months exactly: still 5 %
        ("2021-06-29", "2021-12-30", 100),
        ("2020-12-31", "2021-12-31", 100),  # a year exactly
        ("2020-12-30", "2021-12-31", 150),
        ("2020-02-29", "2021-02-28", 100),
        ("2020-02-29", "2021-03-01", 150),
        ("2022-05-01", "2021-12-31", 0),  # not due
    ],
)
def test_steps_of_the_general_method_begin_the_day_after_the_month_is_full(
    due: str, as_of: str, permille: int
) -> None:
    assert taxed(debts((1000, day(due))), GENERAL, day(as_of)) == [permille]


@pytest.mark.parametrize(
    ("due", "as_of", "permille"),
    [
        ("2020-12-31", "2021-12-31", 0),  # one year exactly is not more than one
        ("2020-12-30", "2021-12-31", 330),
        ("2020-12-30", "2022-06-30", 660),  # the second tax year, measured before it ends
        ("2020-12-30", "2022-12-31", 660),
        ("2020-12-30", "2023-12-31", 990),
        ("2020-12-30", "2024-12-31", 1000),  # never more than the debt
        ("2020-12-30", "2031-12-31", 1000),
        ("2020-12-31", "2022-01-01", 330),  # old enough since the first day of its first year
        ("2020-12-31", "2022-12-31", 330),
    ],
)
def test_the_individual_method_adds_a_third_each_tax_year_up_to_the_debt(
    due: str, as_of: str, permille: int
) -> None:
    assert taxed(debts((1000, day(due))), INDIVIDUAL, day(as_of)) == [permille]


def test_a_tax_year_may_end_in_another_month() -> None:
    june = replace(INDIVIDUAL, year_end_month=6)
    frame = debts((1000, day("2020-06-15")))
    assert taxed(frame, june, day("2021-06-30")) == [330]
    assert taxed(frame, june, day("2021-07-01")) == [660]
    assert taxed(frame, INDIVIDUAL, day("2021-07-01")) == [330]


def test_related_parties_interest_and_payments_are_left_out_and_say_so() -> None:
    frame = pd.concat(
        [
            debts((1000, day("2019-01-01"))),
            debts((1000, day("2019-01-01")), customer_id="HERMANA"),
            debts((1000, day("2019-01-01")), document_type="DI"),
            debts((1000, day("2019-01-01")), document_kind="payment"),
        ]
    )
    policy = replace(GENERAL, related_parties=frozenset({"HERMANA"}), interest_types=frozenset({"DI"}))
    found = provision.provide_tax(frame, policy=policy, as_of=YEAR_END).items
    assert found["tax_excluded"].tolist() == ["", "related-party", "interest", "not-income"]
    assert found["tax_amount"].tolist() == [150, 0, 0, 0]


def test_without_a_due_date_the_documents_own_counts() -> None:
    frame = debts((1000, day("2021-12-01"))).assign(due_date=pd.NaT)
    frame["due_date"] = frame["due_date"].astype("datetime64[s]")
    frame["document_date"] = pd.Timestamp("2019-01-01")
    assert taxed(frame, GENERAL) == [150]


def test_between_year_ends_a_note_says_that_the_figure_is_provisional() -> None:
    frame = debts((1000, day("2019-01-01")))
    assert provision.provide_tax(frame, policy=GENERAL, as_of=YEAR_END).findings.empty
    found = provision.provide_tax(frame, policy=GENERAL, as_of=day("2021-10-31")).findings
    assert found[["rule", "level", "amount"]].values.tolist() == [
        ["provision-tax-before-year-end", "note", 150]
    ]


def opening(segment: str, as_of: str, amount: int = 500) -> pd.DataFrame:
    row = {
        "operation_id": "O", "step_key": "", "company_id": "CO01", "period": as_of[:7], "as_of_date": as_of,
        "calculation": "tax", "customer_id": "C1", "currency": "COP", "segment": segment, "bucket": "",
        "exposure_amount": 1000, "provision_amount": amount, "base_currency": "COP",
        "base_provision_amount": amount, "who": "", "recorded_at": pd.Timestamp("2026-01-01", tz="UTC"),
    }  # fmt: skip
    frame = pd.DataFrame([row])
    frame["as_of_date"] = pd.to_datetime(frame["as_of_date"])
    return frame


@pytest.mark.parametrize(
    ("segment", "as_of", "amount", "count"),
    [
        ("general", "2021-09-30", 500, 1),
        ("individual", "2021-09-30", 500, 0),
        ("general", "2020-12-31", 500, 0),  # another tax year
        ("general", "2021-09-30", 0, 0),  # nothing was deducted yet
    ],
)
def test_the_two_methods_are_not_mixed_within_a_tax_year(
    segment: str, as_of: str, amount: int, count: int
) -> None:
    by_item = pd.DataFrame({"company_id": ["CO01"], "tax_method": ["individual"]})
    found = provision.check_one_method(
        opening(segment, as_of, amount), by_item, as_of=day("2021-10-31"), year_end_month=12
    )
    assert found["rule"].tolist() == ["provision-tax-methods-mixed"] * count


def test_months_are_added_as_a_calendar_has_them() -> None:
    days = np.array(["2020-11-30", "2019-12-31", "2020-01-31", "2021-05-15"], dtype="datetime64[D]")
    assert provision.add_months(days, 3).astype(str).tolist() == [
        "2021-02-28", "2020-03-31", "2020-04-30", "2021-08-15",
    ]  # fmt: skip
