"""Differences in exchange by hand: the example of DOMAIN 20, parts, credits, reversals and residual cents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from ledger_frames import Facts as Frames
from ledger_frames import documents, facts, rates, receipts

from workbench.calendar import Period
from workbench.exchange_differences import Facts, Measured, measure_differences, propose_entries
from workbench.policy import Accounts, ExchangePolicy
from workbench.tables import REVALUATIONS

BIG = 100_000_00
#: The dollar by day; in force from the day until the day before the next.
TRM = {"2026-01-01": 3000, "2026-02-10": 3200, "2026-02-28": 3100, "2026-03-15": 3050, "2026-03-31": 3300}


def trm(told: dict[str, float] | None = None, currency: str = "USD") -> pd.DataFrame:
    days = sorted(told or TRM)
    ends = [str(dt.date.fromisoformat(day) - dt.timedelta(days=1)) for day in days[1:]] + ["2026-12-31"]
    return rates(
        *(
            ("trm", currency, "COP", first, last, round((told or TRM)[first] * 1_000_000))
            for first, last in zip(days, ends, strict=True)
        )
    )


def measure(
    frames: Frames,
    before: str,
    as_of: str,
    *,
    cash: pd.DataFrame | None = None,
    table: pd.DataFrame | None = None,
    **settings: Any,
) -> Measured:
    return measure_differences(
        Facts(*frames),
        receipts() if cash is None else cash,
        trm() if table is None else table,
        before=dt.date.fromisoformat(before),
        as_of=dt.date.fromisoformat(as_of),
        base_currency="COP",
        policy=ExchangePolicy(**settings),
    )


def usd(key: int, amount: int, day: str = "2026-01-10", **others: Any) -> dict[str, Any]:
    return {
        "document_key": key, "original_amount": amount, "currency": "USD", "document_date": day, **others,
    }  # fmt: skip


def paid(key: int, amount: int, day: str, **others: Any) -> dict[str, Any]:
    return {
        "document_key": key, "applied_amount": amount, "effective_date": day,
        "erp_open_amount": 100_00, **others,
    }  # fmt: skip


def test_the_example_of_the_tax_law() -> None:
    """USD 100,000 at 3,000; 20,000 collected at 3,200; close at 3,100 (DOMAIN, section 20)."""
    frames = facts(
        documents(usd(1, BIG)), applications=[paid(1, 20_000_00, "2026-02-10", erp_open_amount=BIG)]
    )
    told = measure(frames, "2026-01-31", "2026-02-28")
    assert told.settlements["realised_base"].tolist() == [4_000_000_00]
    assert told.settlements["taxed_base"].tolist() == [4_000_000_00]
    assert told.closing["unrealised_base"].tolist() == [8_000_000_00]
    assert told.closing["open_amount"].tolist() == [80_000_00]
    line = told.compared.iloc[0]
    assert (line["realised_base"], line["unrealised_base"]) == (4_000_000_00, 8_000_000_00)
    assert (line["accounting_base"], line["tax_base"]) == (12_000_000_00, 4_000_000_00)
    assert line["temporary_change_base"] == 8_000_000_00
    assert told.findings.empty


def test_the_next_month_takes_the_revaluation_back_and_makes_its_own() -> None:
    frames = facts(
        documents(usd(1, BIG)),
        applications=[
            paid(1, 20_000_00, "2026-02-10", erp_open_amount=BIG),
            paid(1, 30_000_00, "2026-03-15", erp_open_amount=BIG),
        ],
    )
    told = measure(frames, "2026-02-28", "2026-03-31")
    line = told.statement.iloc[0]
    assert line["opening_base"] == 80_000 * 3_100_00
    assert line["collected_base"] == 30_000 * 3_050_00
    assert line["realised_base"] == 30_000 * 50_00
    assert line["reversed_base"] == -8_000_000_00
    assert line["unrealised_base"] == 50_000 * 300_00
    assert line["closing_base"] == 50_000 * 3_300_00
    assert told.compared.iloc[0]["tax_base"] == 30_000 * 50_00


def test_a_reversal_takes_back_exactly_what_was_realised_on_its_own_day() -> None:
    frames = facts(
        documents(usd(1, 100_33)),
        applications=[paid(1, 33_33, "2026-02-10", application_id="A", erp_open_amount=100_33)],
        reversals=[{"application_id": "A", "effective_date": "2026-03-15"}],
    )
    february = measure(frames, "2026-01-31", "2026-02-28").settlements
    march = measure(frames, "2026-02-28", "2026-03-31")
    assert february["settled_by"].tolist() == ["application"]
    assert march.settlements["settled_by"].tolist() == ["reversal"]
    assert march.settlements["realised_base"].tolist() == [-value for value in february["realised_base"]]
    assert march.settlements["rate_date"].tolist() == february["rate_date"].tolist()
    assert march.settlements["settled_date"].tolist() == [pd.Timestamp("2026-03-15")]
    assert march.closing["open_amount"].tolist() == [100_33]


def test_the_day_of_the_last_close_is_its_own_and_that_of_this_one_is_in() -> None:
    frames = facts(
        documents(usd(1, 100_00)),
        applications=[paid(1, 10_00, "2026-01-31"), paid(1, 20_00, "2026-02-28")],
    )
    told = measure(frames, "2026-01-31", "2026-02-28")
    assert told.settlements["settled_amount"].tolist() == [20_00]
    assert told.opening["open_amount"].tolist() == [90_00]


def test_the_rate_is_that_of_the_day_on_which_the_money_came() -> None:
    cash = receipts({"receipt_key": 7, "receipt_id": "R7", "receipt_date": "2026-02-10", "currency": "USD"})
    frames = facts(documents(usd(1, 100_00)), applications=[paid(1, 100_00, "2026-02-28", receipt_key=7)])
    line = measure(frames, "2026-01-31", "2026-02-28", cash=cash).settlements.iloc[0]
    assert line["settled_rate"] == 3_200_000_000
    assert line["realised_base"] == 100 * 200_00


def test_a_clearing_against_a_payment_of_the_erp_has_the_rate_of_the_payment() -> None:
    """Invoice and payment are cleared on the 28th; the payment was made on the 10th."""
    payment = usd(2, -100_00, "2026-02-10", document_kind="payment")
    frames = facts(
        documents(usd(1, 100_00), payment),
        clearings=[
            {"document_key": key, "clearing_date": "2026-02-28", "clearing_document": "C1",
             "cleared_amount": amount, "extract_date": "2026-02-28"}
            for key, amount in ((1, 100_00), (2, -100_00))
        ],
    )  # fmt: skip
    told = measure(frames, "2026-01-31", "2026-02-28").settlements.set_index("document_key")
    assert told["realised_base"].to_dict() == {1: 100 * 200_00, 2: 0}


def test_a_credit_note_set_off_realises_on_both_sides_and_only_their_own_rates_matter() -> None:
    note = usd(2, -40_00, "2026-02-10", document_kind="credit_note")
    frames = facts(
        documents(usd(1, 100_00), note),
        applications=[
            paid(1, 40_00, "2026-03-15", kind="credit_note", application_id="A"),
            paid(2, -40_00, "2026-03-15", kind="credit_note", application_id="B", erp_open_amount=-40_00),
        ],
    )
    told = measure(frames, "2026-02-28", "2026-03-31").settlements
    assert told["realised_base"].sum() == 40 * (3_200_00 - 3_000_00)


def test_what_only_an_extract_shows_is_settled_on_its_day() -> None:
    frames = facts(
        documents(usd(1, 100_00)),
        observations=[
            {"document_key": 1, "observed_date": "2026-01-31", "open_amount": 100_00},
            {"document_key": 1, "observed_date": "2026-02-28", "open_amount": 60_00},
        ],
    )
    line = measure(frames, "2026-01-31", "2026-02-28").settlements.iloc[0]
    assert (line["settled_by"], line["settled_amount"]) == ("extract", 40_00)
    assert line["realised_base"] == 40 * 100_00


def test_an_application_that_the_erp_confirms_later_is_realised_once() -> None:
    frames = facts(
        documents(usd(1, 100_00)),
        applications=[paid(1, 100_00, "2026-02-10", erp_open_amount=100_00)],
        clearings=[{"document_key": 1, "clearing_date": "2026-03-15", "clearing_document": "C1",
                    "cleared_amount": 100_00, "extract_date": "2026-03-31"}],
    )  # fmt: skip
    february = measure(frames, "2026-01-31", "2026-02-28").settlements
    assert february["settled_by"].tolist() == ["application"]
    assert measure(frames, "2026-02-28", "2026-03-31").settlements.empty


def test_cents_that_rounding_leaves_are_cleared_when_nothing_is_open() -> None:
    """One cent three times at 0.5 pesos: 1.5 becomes 2, and three times 0.5 becomes 3."""
    table = trm({"2026-01-01": 0.005})
    days = ("2026-02-10", "2026-02-11", "2026-02-12")
    frames = facts(
        documents(usd(1, 3_00)), applications=[paid(1, 1_00, day, erp_open_amount=3_00) for day in days]
    )
    told = measure(frames, "2026-01-31", "2026-02-28", table=table)
    assert told.settlements["released_base"].tolist() == [1, 1, 1]
    closing = told.closing.iloc[0]
    assert (closing["initial_base"], closing["released_base"], closing["residue_base"]) == (2, 3, -1)
    assert (closing["carrying_base"], closing["unrealised_base"]) == (0, 0)
    assert told.statement.iloc[0]["residue_base"] == 1
    again = measure(frames, "2026-02-28", "2026-03-31", table=table)
    assert again.statement["residue_base"].sum() == 0


def test_an_advance_is_not_revalued_and_a_policy_may_say_otherwise() -> None:
    frames = facts(documents(usd(1, -100_00, special_gl="A")))
    assert measure(frames, "2026-01-31", "2026-02-28").closing.empty
    assert len(measure(frames, "2026-01-31", "2026-02-28", not_revalued=frozenset()).closing) == 1


def test_a_kind_that_tax_law_never_counts_is_a_permanent_difference() -> None:
    frames = facts(documents(usd(1, 100_00)), applications=[paid(1, 100_00, "2026-02-10", kind="discount")])
    line = measure(frames, "2026-01-31", "2026-02-28", not_taxed=frozenset({"discount"})).compared.iloc[0]
    assert (line["accounting_base"], line["tax_base"], line["permanent_base"]) == (20_000_00, 0, 20_000_00)


def test_what_is_given_up_is_never_collected_and_its_difference_no_matter_of_tax() -> None:
    """100.00 are collected and 50.00 given up on one day: accounting counts both, art. 288 the collected."""
    frames = facts(
        documents(usd(1, 150_00)),
        applications=[
            paid(1, 100_00, "2026-02-10"),
            paid(1, 50_00, "2026-02-10", kind="write_off", receipt_key=-1),
        ],
    )
    line = measure(frames, "2026-01-31", "2026-02-28").compared.iloc[0]
    figures = [int(line[name]) for name in ("realised_base", "tax_base", "permanent_base")]
    assert figures == [30_000_00, 20_000_00, 10_000_00]


def test_a_debt_without_a_rate_stays_out_and_says_whose_it_is() -> None:
    frames = facts(
        documents(
            usd(1, 100_00), usd(2, 50_00, currency="EUR", document_id="F9", customer_id="0007"),
            usd(3, 10_00, "2025-12-30"),
        )
    )  # fmt: skip
    told = measure(frames, "2026-01-31", "2026-02-28")
    assert told.closing["document_key"].tolist() == [1]
    assert told.findings["rule"].unique().tolist() == ["debt-without-rate"]
    assert "0007" in told.findings["values"].str.cat()
    assert told.findings["key"].tolist() == ["EUR/COP", "EUR/COP", "EUR/COP", "USD/COP"]


def test_pesos_are_no_foreign_debt() -> None:
    frames = facts(documents({"document_key": 1, "original_amount": 100_00}))
    assert measure(frames, "2026-01-31", "2026-02-28").closing.empty


def test_realised_entries_are_the_erps_where_the_policy_says_so() -> None:
    frames = facts(documents(usd(1, 100_00)), applications=[paid(1, 40_00, "2026-02-10")])
    told = measure(frames, "2026-01-31", "2026-02-28")
    origins = []
    for posts in (True, False):
        made = propose_entries(
            told,
            REVALUATIONS.empty(),
            accounts=Accounts(),
            policy=ExchangePolicy(posts_realised=posts),
            period=Period.parse("2026-02"),
        )
        origins.append(set(made.lines["origin"]))
    assert origins[0] - origins[1] == {"exchange_realised"}


def test_a_gain_is_credited_to_one_account_and_a_loss_debited_to_another() -> None:
    frames = facts(
        documents(usd(1, 100_00), usd(2, 50_00, "2026-02-10")),
        applications=[paid(1, 100_00, "2026-02-10"), paid(2, 50_00, "2026-02-28", erp_open_amount=50_00)],
    )
    told = measure(frames, "2026-01-31", "2026-02-28")
    lines = propose_entries(
        told, REVALUATIONS.empty(), accounts=Accounts(), policy=ExchangePolicy(),
        period=Period.parse("2026-02"),
    ).lines  # fmt: skip
    realised = lines[lines["origin"] == "exchange_realised"]
    moved = realised.groupby(["account", "document_id"])["base_amount"].sum().to_dict()
    assert moved == {
        ("130510", "F0001"): 100 * 200_00,
        ("421020", "F0001"): -100 * 200_00,
        ("130510", "F0002"): -50 * 100_00,
        ("530525", "F0002"): 50 * 100_00,
    }
    assert set(realised["posting_date"]) == {pd.Timestamp("2026-02-10"), pd.Timestamp("2026-02-28")}
