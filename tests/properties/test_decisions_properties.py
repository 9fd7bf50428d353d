"""Whatever people write: no cash is lost or doubled, twice is once, and the order of rows decides nothing."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tries import tries
from upper_trade_frames import open_items

from workbench import decisions
from workbench.decisions import WRITTEN
from workbench.tables import CASH_KINDS

NAMES = ("A", "B", "C", "N")
WORDS = st.sampled_from(["", "accept", "change", "split", "on_account", "reject", "¿?"])
TEXTS = st.sampled_from(["", "A", "B; C", "N", "A; N", "Z", "7"])
#: What makes sense, so that much of it is taken; and most rows stay empty.
SENSIBLE = st.sampled_from([
    *[("", "", "")] * 4, *[("accept", "", "")] * 3, ("change", "A", "60"), ("change", "B", "30"),
    ("split", "A; N", "50; -20"), ("on_account", "", ""), ("reject", "", ""),
])  # fmt: skip
AMOUNTS = st.sampled_from(["", "10", "10; 5", "-5", "25,5", "60; -20", "1.000", "1e3", "100"])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Open items, receipts, and the offered rows with something written into each."""
    amounts = [draw(st.integers(1, 90)) * 100 for _ in range(3)]
    items = open_items(*({"number": name, "amount": amount} for name, amount in
                         zip(NAMES, [*amounts, -20_00], strict=True)))  # fmt: skip
    suggested, left = [], []
    for key in range(1, draw(st.integers(1, 4)) + 1):
        cash = draw(st.integers(1, 120)) * 100
        own = {"receipt_key": key, "receipt_id": f"R{key}", "company_id": "CO01", "customer_id": "C1",
               "currency": "COP"}  # fmt: skip
        left.append(
            {**own, "receipt_date": pd.Timestamp("2026-03-02"), "unapplied_amount": cash, "reason": ""}
        )
        for proposal in range(1, draw(st.integers(0, 2)) + 1):
            for document in draw(st.sets(st.integers(1, 3), min_size=1)):
                amount = min(amounts[document - 1], cash)
                suggested.append({**own, "proposal": proposal, "rank": 1, "document_key": document,
                                  "document_id": NAMES[document - 1], "kind": "payment", "rule": "window",
                                  "applied_amount": amount, "evidence": ""})  # fmt: skip
    columns = ["receipt_key", "receipt_id", "company_id", "customer_id", "currency", "proposal", "rank",
               "document_key", "document_id", "kind", "rule", "applied_amount", "evidence"]  # fmt: skip
    receipts = pd.DataFrame(left)
    offered = decisions.offer_decisions(pd.DataFrame(suggested, columns=columns), receipts, items)
    said: list[dict[str, Any]] = [
        {**dict(zip(("decision", "decided_documents", "decided_amounts"),
                    draw(st.one_of(SENSIBLE, SENSIBLE, SENSIBLE, st.tuples(WORDS, TEXTS, AMOUNTS))),
                    strict=True)), "decided_reason": ""}
        for _ in range(len(offered))
    ]  # fmt: skip
    frame = pd.concat([offered, pd.DataFrame(said)], axis=1)
    frame.insert(0, "row", range(8, len(frame) + 8))
    return items, receipts, WRITTEN.conform(frame)


@settings(max_examples=tries(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_no_receipt_gives_and_no_document_loses_more_than_it_has(
    world: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    items, receipts, written = world
    made = decisions.apply_decisions(written, receipts, items)
    assert decisions.prove_conservation(made)["is_proved"].all()
    cash = made.applied[made.applied["kind"].isin(CASH_KINDS)].groupby("receipt_key")["applied_amount"].sum()
    unapplied = receipts.set_index("receipt_key")["unapplied_amount"]
    assert all(0 <= amount <= unapplied[key] for key, amount in cash.items())
    taken = made.applied.groupby("document_key")["applied_amount"].sum().drop(-1, errors="ignore")
    room = items.set_index("document_key")["open_amount"]
    assert all(0 <= amount / room[key] <= 1 for key, amount in taken.items())
    marked = (written[["decision", "decided_documents", "decided_amounts"]] != "").any(axis=1)
    judged = set(made.refused["row"])
    decided = {row for rows in made.decided["rows"] for row in json.loads(rows)}
    assert judged | decided == set(written.loc[marked, "row"])
    assert not judged & decided


@settings(max_examples=tries(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing_and_twice_is_once(
    world: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], chance: Any
) -> None:
    items, receipts, written = world
    made = decisions.apply_decisions(written, receipts, items)
    order = list(range(len(written)))
    chance.shuffle(order)
    shuffled = decisions.apply_decisions(written.iloc[order].reset_index(drop=True), receipts, items)
    key = ["receipt_key", "document_key", "kind"]
    columns = [*key, "applied_amount", "operation"]
    assert (
        made.applied.sort_values(key)[columns].to_numpy().tolist()
        == shuffled.applied.sort_values(key)[columns].to_numpy().tolist()
    )
    again = decisions.apply_decisions(written, receipts, items, known=set(made.decided["decision_id"]))
    assert again.applied.empty or not set(again.decided["decision_id"]) & set(made.decided["decision_id"])
