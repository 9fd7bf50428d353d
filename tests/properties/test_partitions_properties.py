"""However receipts are parted, and whoever decides them, the same comes out as from all together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import customers, open_items, receipts, remittances

from workbench import matching
from workbench.matching import partitions
from workbench.policy import MatchingPolicy

AS_OF = dt.date(2026, 3, 20)
DAYS = [f"2026-03-{day:02d}" for day in (1, 5, 10, 20)]
#: Numbers that are one digit away from one another, with and without letters and zeros before them.
NUMBERS = ["120101", "120102", "FE-120111", "0120103", "NC 120104", "1201", "7001-02"]
#: Amounts that sums of others meet, so that a budget forbids some answers.
AMOUNTS = [100_00, 200_00, 300_00, 123_45, 76_55, -50_00]
CUSTOMERS = ["C1001", "C1002", "C1003", "C1004"]
TEXTS = [
    *NUMBERS, "120101 al 120104", "120101/02", "FE120111", "120109", "C1002", "ACME", "NIT 900373115-3",
    "FE-120117", "XX 120111", "FE 120101", "120111", "PEDIDO 120105", "OC 0120105",
]  # fmt: skip

ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from(NUMBERS),
            "amount": st.sampled_from(AMOUNTS),
            "customer_id": st.sampled_from(CUSTOMERS),
            "currency": st.sampled_from(["COP"] * 4 + ["USD"]),
            "company_id": st.sampled_from(["CO01"] * 6 + ["CO02"]),
            "document_date": st.sampled_from(DAYS),
            "due_date": st.sampled_from(DAYS),
            "payment_terms": st.sampled_from(["", "Z030", "Z060"]),
            "order_id": st.sampled_from(["", "", "PO-120105"]),
        }
    ),
    min_size=4,
    max_size=14,
)
RECEIPTS = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.sampled_from([*AMOUNTS[:5], 400_00, 250_00, 500_00]),
            "customer_id": st.sampled_from([*CUSTOMERS, "", ""]),
            "currency": st.sampled_from(["COP"] * 4 + ["USD"]),
            "company_id": st.sampled_from(["CO01"] * 6 + ["CO02"]),
            "receipt_date": st.sampled_from(DAYS),
            "text": st.lists(st.sampled_from(TEXTS), max_size=2).map(" ".join),
            "payer_name": st.sampled_from(["", "", "ACME ANDINA SAS", "BETA COMERCIAL"]),
        }
    ),
    min_size=2,
    max_size=9,
)
ADVICES = st.lists(
    st.fixed_dictionaries(
        {
            "receipt_id": st.sampled_from(["R0", "R1", "R2"]),
            "reference": st.sampled_from(NUMBERS),
            "amount": st.sampled_from(AMOUNTS),
        }
    ),
    max_size=3,
)
KNOWN = customers(
    {"customer_id": "C1001", "customer_name": "Acme Andina SAS", "tax_id": "900373115-3"},
    {"customer_id": "C1002", "customer_name": "Beta Comercial"},
    {"customer_id": "C1003", "customer_name": "Acme Andina de Oriente", "parent_customer_id": "C1001"},
    {"customer_id": "C1004", "customer_name": "Gama", "parent_customer_id": "C1002"},
)


def assert_same(one: matching.Matched, other: matching.Matched) -> None:
    for name in ("applied", "suggested", "unapplied", "unidentified", "findings"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=ITEMS,
    paid=RECEIPTS,
    told=ADVICES,
    work=st.sampled_from([1, 8, 20]),
    budget=st.sampled_from([1000, 200_000]),
)
def test_parts_of_any_size_give_what_all_together_give(
    items: list[Any], paid: list[Any], told: list[Any], work: int, budget: int, monkeypatch: Any
) -> None:
    given_receipts = receipts(*({"id": f"R{number}", **one} for number, one in enumerate(paid)))
    policy = MatchingPolicy(wrong_per_million=budget, most_chance_permille=400)

    def run() -> matching.Matched:
        frames = (given_receipts, open_items(*items), remittances(*told), KNOWN)
        return matching.match_receipts(*frames, policy=policy, as_of=AS_OF)

    together = run()
    with monkeypatch.context() as patched:
        patched.setattr(partitions, "WORK", work)
        parted = run()
    assert_same(together, parted)
    assert (matching.prove_conservation(given_receipts, parted)["difference"] == 0).all()


@pytest.mark.parametrize("count", [3])
def test_one_and_two_processes_give_the_same_frames(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.workers import InProcesses

    rows = [(f"FE-{number}", 100_00 + 7 * number, CUSTOMERS[number % 4]) for number in range(1, 61)]
    items = open_items(
        *({"number": name, "amount": amount, "customer_id": who} for name, amount, who in rows)
    )
    paid = receipts(
        *(
            {"id": name, "amount": amount, "customer_id": who, "text": name if amount % 2 else ""}
            for name, amount, who in rows[::count]
        )
    )
    monkeypatch.setattr(partitions, "WORK", 40)
    done: list[tuple[int, int]] = []
    one = matching.match_receipts(paid, items, policy=MatchingPolicy(), as_of=dt.date(2026, 3, 31))
    two = matching.match_receipts(
        paid, items, policy=MatchingPolicy(), as_of=dt.date(2026, 3, 31),
        executor=InProcesses(2), progress=lambda part, whole: done.append((part, whole)),
    )  # fmt: skip
    assert_same(one, two)
    assert len(one.applied) > 10
    assert len(done) > 2
    assert done[-1] == (len(paid), len(paid))
