"""A clearing of January that only February's extract brings: none of it stays with the customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from ledger_frames import documents, facts, rates, receipts

from workbench.calendar import Period
from workbench.exchange_differences import Entries, Facts, Measured, measure_differences, propose_entries
from workbench.policy import Accounts, ExchangePolicy
from workbench.tables import REVALUATIONS

#: Document at 3,000, paid at 3,200, closes at 3,100.
RATES = rates(
    ("trm", "USD", "COP", "2026-01-01", "2026-01-24", 3_000_000_000),
    ("trm", "USD", "COP", "2026-01-25", "2026-01-30", 3_200_000_000),
    ("trm", "USD", "COP", "2026-01-31", "2026-12-31", 3_100_000_000),
)
JANUARY, FEBRUARY = "2026-02-02T08:00:00+00:00", "2026-03-02T08:00:00+00:00"
ACCOUNTS = Accounts()
CLEARED: dict[str, Any] = {
    "document_key": 1, "clearing_date": "2026-01-25", "clearing_document": "C1", "cleared_amount": 100_00,
    "extract_date": "2026-02-28", "recorded_at": "2026-03-01T00:00:00Z",
}  # fmt: skip
PAID: dict[str, Any] = {
    "document_key": 1, "application_id": "A", "applied_amount": 100_00, "effective_date": "2026-01-25",
    "erp_open_amount": 100_00,
}  # fmt: skip
UNDONE = {"application_id": "A", "effective_date": "2026-01-28", "recorded_at": "2026-03-01T00:00:00Z"}


def close(
    world: Facts, period: str, posted: pd.DataFrame, known: str, issued: str | None, **policy: Any
) -> Any:
    """One close as its notebook makes it: what was measured, and its entries."""
    month = Period.parse(period)
    told = measure_differences(
        world, receipts(), RATES, before=month.previous().last_day, as_of=month.last_day,
        base_currency="COP", policy=ExchangePolicy(), known_at=dt.datetime.fromisoformat(known),
        issued_at=dt.datetime.fromisoformat(issued) if issued else None,
    )  # fmt: skip
    made = propose_entries(told, posted, accounts=ACCOUNTS, policy=ExchangePolicy(**policy), period=month)
    return told, made


def two_closes(world: Facts, **policy: Any) -> tuple[tuple[Measured, Entries], tuple[Measured, Entries]]:
    first = close(world, "2026-01", REVALUATIONS.empty(), JANUARY, None, **policy)
    posted = first[1].revaluations.assign(
        operation_id="jan", step_key="", period="2026-01", as_of_date="2026-01-31", who="",
        recorded_at=pd.Timestamp(JANUARY),
    )  # fmt: skip
    return first, close(world, "2026-02", REVALUATIONS.conform(posted), FEBRUARY, JANUARY, **policy)


def on(entries: Entries, account: str) -> dict[str, int]:
    own = entries.lines[entries.lines["account"] == account]
    return {str(origin): int(total) for origin, total in own.groupby("origin")["base_amount"].sum().items()}


def test_what_january_settled_and_february_learned_is_booked_in_february() -> None:
    usd = documents({"document_key": 1, "original_amount": 100_00, "currency": "USD"})
    (january, opened), (february, closed) = two_closes(Facts(*facts(usd, clearings=[CLEARED])))
    assert on(opened, "130510") == {"exchange_unrealised": 10_000_00}
    assert on(closed, "130510") == {"exchange_reversed": -10_000_00, "exchange_late": 20_000_00}
    late = closed.lines[closed.lines["origin"] == "exchange_late"]
    assert late.set_index("account")["base_amount"].to_dict() == {"130510": 20_000_00, "421020": -20_000_00}
    assert set(late["posting_date"]) == {pd.Timestamp("2026-02-01")}
    assert set(late["document_id"]) == {"F0001"}
    line = february.statement.iloc[0]
    assert line["opening_base"] == january.statement.iloc[0]["closing_base"] == 310_000_00
    assert (line["late_base"], line["realised_base"], line["collected_base"]) == (20_000_00, 0, 320_000_00)
    assert line["closing_base"] == 0
    compared = february.compared.iloc[0]
    assert (compared["accounting_base"], compared["tax_base"]) == (10_000_00, 20_000_00)
    assert compared["temporary_change_base"] == -10_000_00
    assert closed.findings["rule"].tolist() == ["revaluation-changed"]


def test_a_reversal_of_january_that_february_learned_takes_the_realised_back() -> None:
    usd = documents({"document_key": 1, "original_amount": 100_00, "currency": "USD"})
    world = Facts(*facts(usd, applications=[PAID], reversals=[UNDONE]))
    (_, opened), (february, closed) = two_closes(world)
    assert on(opened, "130510") == {"exchange_realised": 20_000_00}
    assert on(closed, "130510") == {"exchange_late": -20_000_00, "exchange_unrealised": 10_000_00}
    assert february.late["settled_by"].tolist() == ["reversal"]
    line = february.statement.iloc[0]
    assert (line["opening_base"], line["collected_base"], line["late_base"]) == (0, -320_000_00, -20_000_00)
    assert line["closing_base"] == 310_000_00


def test_a_document_and_its_clearing_both_known_late_come_in_and_go_out() -> None:
    usd = documents(
        {
            "document_key": 1,
            "original_amount": 100_00,
            "currency": "USD",
            "recorded_at": "2026-03-01T00:00:00Z",
        }
    )
    _, (february, closed) = two_closes(Facts(*facts(usd, clearings=[CLEARED])))
    assert on(closed, "130510") == {"exchange_late": 20_000_00}
    line = february.statement.iloc[0]
    assert (line["opening_base"], line["documents_base"], line["collected_base"]) == (
        0,
        300_000_00,
        320_000_00,
    )
    assert (line["late_base"], line["closing_base"]) == (20_000_00, 0)


@pytest.mark.parametrize(("posts", "origins"), [(True, {"exchange_late"}), (False, set())])
def test_what_the_erp_realises_itself_it_realises_late_too(posts: bool, origins: set[str]) -> None:
    usd = documents({"document_key": 1, "original_amount": 100_00, "currency": "USD"})
    _, (_, closed) = two_closes(Facts(*facts(usd, clearings=[CLEARED])), posts_realised=posts)
    assert set(closed.lines["origin"]) - {"exchange_reversed"} == origins
