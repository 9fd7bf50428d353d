"""Books of a few items with whatever may happen to them, for tests of what holds of any facts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from ledger_frames import Facts, documents, facts
from tries import tries

START = dt.date(2026, 1, 1)
KEYS = range(1, 4)
Rows = list[dict[str, Any]]
quick = settings(deadline=None, max_examples=tries(25), suppress_health_check=[HealthCheck.too_slow])


def day(number: int) -> str:
    return (START + dt.timedelta(days=number)).isoformat()


def instant(number: int) -> str:
    return f"{day(number)}T12:00:00Z"


#: Few days, so that a fact often falls on the very day of another.
days = st.integers(0, 9)
early = st.integers(0, 3)
amounts = st.integers(-60, 100)
keys = st.sampled_from(KEYS)


@st.composite
def books(draw: st.DrawFn) -> Facts:
    """A few items with few distinct values, so that ties, resets and over-clearing happen often."""
    rows: Rows = [
        {
            "document_key": key,
            "original_amount": draw(amounts),
            "customer_id": draw(st.sampled_from("AB")),
            "currency": draw(st.sampled_from(["COP", "USD"])),
            "special_gl": draw(st.sampled_from(["", "A"])),
            "document_date": day(draw(early)),
            "due_date": draw(st.none() | days.map(day)),
            "reception_date": draw(st.none() | days.map(day)),
            "recorded_at": instant(draw(early)),
        }
        for key in KEYS[: draw(st.integers(1, len(KEYS)))]
    ]
    original = {row["document_key"]: row["original_amount"] for row in rows}

    def some(amount: str, tenths: st.SearchStrategy[int], **columns: st.SearchStrategy[Any]) -> Rows:
        """A few facts, their ``amount`` in tenths of their item: mostly sensible, now and then too much."""
        shape = {"document_key": keys, "tenths": tenths, "recorded_at": days.map(instant), **columns}
        drawn = draw(st.lists(st.fixed_dictionaries(shape), min_size=1, max_size=6))
        return [
            {**row, amount: original.get(row["document_key"], 50) * row.pop("tenths") // 10} for row in drawn
        ]

    applications = some(
        "applied_amount",
        st.integers(-1, 6),
        receipt_key=st.sampled_from([-1, 1, 2]),
        kind=st.sampled_from(["payment", "credit_note", "withholding"]),
        effective_date=days.map(day),
    )
    for row in applications:
        row["erp_open_amount"] = original.get(row["document_key"], 50) * draw(st.integers(3, 11)) // 10
    reversals = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "application_id": st.sampled_from(["A0", "A1", "A2", "A3"]),
                    "effective_date": days.map(day),
                    "recorded_at": days.map(instant),
                }
            ),
            max_size=3,
        )
    )
    return facts(
        documents(*rows),
        observations=some(
            "open_amount",
            st.integers(-1, 11),
            observed_date=days.map(day),
            is_absent=st.sampled_from([False] * 5 + [True]),
        ),
        clearings=some(
            "cleared_amount",
            st.integers(-1, 5),
            clearing_date=days.map(day),
            clearing_document=st.sampled_from(["", "9001", "9002"]),
            extract_date=days.map(day),
        ),
        applications=applications,
        reversals=reversals,
    )
