"""What a person decides of a suggestion: each decision's money, what contradicts, what went stale."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
import pytest
from upper_trade_frames import open_items

from workbench import decisions
from workbench.decisions import WRITTEN

#: A, B, C open; R1 with two proposals (A alone, B and C), R2 with none.
ITEMS = open_items(
    {"number": "A", "amount": 100_00}, {"number": "B", "amount": 70_00}, {"number": "C", "amount": 30_00},
    {"number": "N", "amount": -20_00},
    {"number": "A", "amount": 5_00, "document_id": "A/2025", "customer_id": "C2"},
)  # fmt: skip


def receipts(first: int = 100_00, second: int = 40_00) -> pd.DataFrame:
    return pd.DataFrame({"receipt_key": [1, 2], "unapplied_amount": [first, second]})


def offered(items: pd.DataFrame = ITEMS) -> pd.DataFrame:
    own = {"receipt_key": 1, "receipt_id": "R1", "company_id": "CO01", "customer_id": "C1", "currency": "COP",
           "kind": "payment", "rule": "few-documents", "evidence": "{}"}  # fmt: skip
    legs = [(1, 1, "A", 100_00), (2, 2, "B", 70_00), (2, 3, "C", 30_00)]
    suggested = pd.DataFrame(
        [{**own, "proposal": number, "rank": number, "document_key": key, "document_id": name,
          "applied_amount": amount} for number, key, name, amount in legs]
    )  # fmt: skip
    left = pd.DataFrame(
        [{"receipt_key": key, "receipt_id": f"R{key}", "company_id": "CO01", "customer_id": "C1",
          "receipt_date": pd.Timestamp("2026-03-02"), "currency": "COP", "unapplied_amount": amount,
          "reason": "ambiguous"} for key, amount in ((1, 100_00), (2, 40_00))]
    )  # fmt: skip
    return decisions.offer_decisions(suggested, left, items)


def written(*said: tuple[int, dict[str, Any]], rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """The offered rows as they come back, ``said`` written into some of them (by their place)."""
    frame = (offered() if rows is None else rows).assign(
        decision="", decided_documents="", decided_amounts="", decided_reason=""
    )
    frame.insert(0, "row", range(8, len(frame) + 8))
    for place, words in said:
        for name, value in words.items():
            frame.loc[place, name] = value
    return WRITTEN.conform(frame)


def decide(*said: tuple[int, dict[str, Any]], **options: Any) -> decisions.Decided:
    made = decisions.apply_decisions(written(*said), receipts(), ITEMS, **options)
    assert decisions.prove_conservation(made)["is_proved"].all()
    return made


def legs(made: decisions.Decided) -> list[tuple[str, str, str, int]]:
    columns = ["receipt_id", "document_id", "kind", "applied_amount"]
    return sorted(made.applied[columns].itertuples(index=False, name=None))


def rules(made: decisions.Decided) -> list[tuple[str, str]]:
    cells = [json.loads(text)["cell"] for text in made.findings["values"]]
    return list(zip(made.findings["rule"], cells, strict=True))


#: Places of the offered rows: R1 proposal 1 (A), proposal 2 (B, C), R2.
A, B, C, R2 = 0, 1, 2, 3


def test_accepting_one_row_takes_its_whole_proposal() -> None:
    assert legs(decide((B, {"decision": "accept"}))) == [
        ("R1", "B", "payment", 70_00), ("R1", "C", "payment", 30_00),
    ]  # fmt: skip


def test_what_is_changed_applies_the_document_and_amount_written() -> None:
    changed = decide((A, {"decision": "change", "decided_documents": "C", "decided_amounts": "12,50"}))
    assert legs(changed) == [("R1", "C", "payment", 12_50)]
    assert legs(decide((A, {"decision": "change", "decided_amounts": "60"}))) == [
        ("R1", "A", "payment", 60_00)
    ]


def test_a_split_shares_out_with_a_credit_note_and_the_rest_goes_on_account() -> None:
    made = decide(
        (A, {"decision": "split", "decided_documents": "A/2026; N", "decided_amounts": "90; -20"}),
        (B, {"decision": "on_account"}),
    )
    assert rules(made) == [("decision-document-unknown", "S8")]  # A/2026 is no document here
    made = decide(
        (A, {"decision": "split", "decided_documents": "B; N", "decided_amounts": "60; -20.00"}),
        (B, {"decision": "on_account"}),
    )
    assert legs(made) == [
        ("R1", "", "on_account", 60_00), ("R1", "B", "payment", 60_00), ("R1", "N", "credit_note", -20_00),
    ]  # fmt: skip
    assert made.decided["largest_amount"].tolist() == [120_00]  # a note set off hides nothing from approval


def test_on_account_takes_what_is_written_or_all_that_is_left() -> None:
    assert legs(decide((R2, {"decision": "on_account"}))) == [("R2", "", "on_account", 40_00)]
    some = decide((R2, {"decision": "on_account", "decided_amounts": "15"}))
    assert legs(some) == [("R2", "", "on_account", 15_00)]


def test_a_rejection_applies_nothing_and_is_a_decision() -> None:
    made = decide((A, {"decision": "reject", "decided_reason": "otro cliente"}), (B, {"decision": "accept"}))
    assert made.decided["decision"].tolist() == ["accept+reject"]
    assert decide((A, {"decision": "reject"})).applied.empty
    assert len(decide((A, {"decision": "reject"})).decided) == 1


@pytest.mark.parametrize(
    ("said", "rule", "cell"),
    [
        ([(A, {"decided_amounts": "5"})], "decision-missing", "R8"),
        ([(A, {"decision": "quizá"})], "decision-unknown", "R8"),
        ([(R2, {"decision": "accept"})], "decision-nothing-proposed", "R11"),
        ([(A, {"decision": "accept"}), (B, {"decision": "accept"})], "decision-contradictory", "R9"),
        ([(A, {"decision": "accept"}), (B, {"decision": "change", "decided_amounts": "1"})],
         "decision-contradictory", "R9"),
        ([(B, {"decision": "accept"}), (C, {"decision": "reject"})], "decision-contradictory", "R10"),
        ([(A, {"decision": "accept", "decided_amounts": "5"})], "decision-contradictory", "T8"),
        ([(A, {"decision": "change"})], "decision-incomplete", "S8"),
        ([(R2, {"decision": "change", "decided_amounts": "5"})], "decision-incomplete", "S11"),
        ([(A, {"decision": "split", "decided_documents": "A; B", "decided_amounts": "5"})],
         "decision-incomplete", "T8"),
        ([(A, {"decision": "change", "decided_amounts": "1.500"})], "decision-amount-unclear", "T8"),
        ([(A, {"decision": "change", "decided_amounts": "=1+1"})], "decision-amount-unclear", "T8"),
        ([(A, {"decision": "change", "decided_amounts": "0"})], "decision-amount-unclear", "T8"),
        ([(A, {"decision": "change", "decided_documents": "C", "decided_amounts": "30.01"})],
         "decision-over-document", "T8"),
        ([(A, {"decision": "change", "decided_documents": "C", "decided_amounts": "-1"})],
         "decision-over-document", "T8"),
        ([(R2, {"decision": "on_account", "decided_amounts": "40.01"})], "decision-over-receipt", "I11"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_a_finding_with_its_cell(
    said: list[tuple[int, dict[str, Any]]], rule: str, cell: str
) -> None:
    made = decide(*said)
    assert rules(made) == [(rule, cell)]
    assert made.applied.empty
    assert made.decided.empty
    assert set(made.refused["row"]) == {place + 8 for place, _ in said}


def test_a_number_that_two_documents_have_is_the_row_customers() -> None:
    made = decide((R2, {"decision": "change", "decided_documents": "A", "decided_amounts": "40"}))
    assert legs(made) == [("R2", "A", "payment", 40_00)]


def test_a_changed_locked_cell_or_a_row_less_refuses_the_receipt() -> None:
    frame = written((A, {"decision": "accept"}))
    for name, value in (("applied_amount", 99_99), ("document_id", "B"), ("unapplied_amount", 1)):
        spoilt = frame.copy()
        spoilt.loc[A, name] = value
        assert rules(decisions.apply_decisions(spoilt, receipts(), ITEMS)) == [("decision-row-changed", "A8")]
    fewer = frame.drop(index=C).reset_index(drop=True)
    assert rules(decisions.apply_decisions(fewer, receipts(), ITEMS)) == [("decision-rows-missing", "A8")]


def test_a_row_is_stale_when_the_receipt_or_the_document_changed() -> None:
    frame = written((A, {"decision": "accept"}))
    made = decisions.apply_decisions(frame, receipts(first=99_00), ITEMS)
    assert rules(made) == [("decision-stale-receipt", "I8")]
    paid = ITEMS.assign(open_amount=ITEMS["open_amount"].where(ITEMS["document_key"] != 1, 99_00))
    assert rules(decisions.apply_decisions(frame, receipts(), paid)) == [("decision-stale-document", "N8")]
    other = ITEMS.assign(open_amount=ITEMS["open_amount"].where(ITEMS["document_key"] != 2, 1_00))
    assert decisions.apply_decisions(frame, receipts(), other).findings.empty  # B is not of that proposal


def test_a_known_decision_is_a_repeat_and_after_an_undo_it_is_a_new_one() -> None:
    first = decide((A, {"decision": "accept"}))
    known = set(first.decided["decision_id"])
    again = decide((A, {"decision": "accept"}), known=known)
    assert (again.repeated, len(again.applied), len(again.findings)) == ((8,), 0, 0)
    anew = decide((A, {"decision": "accept"}), known=known, undone={1: 1})
    assert legs(anew) == legs(first)
    assert set(anew.decided["decision_id"]) != known


def test_a_leg_is_effective_in_the_open_period() -> None:
    made = decide((A, {"decision": "accept"}), open_from={"CO01": dt.date(2026, 4, 1)})
    assert made.applied["effective_date"].dt.date.tolist() == [dt.date(2026, 4, 1)]
    assert decide((A, {"decision": "accept"})).applied["effective_date"].dt.date.tolist() == [
        dt.date(2026, 3, 2)
    ]


def test_a_proposal_whose_documents_went_to_another_receipt_is_not_offered() -> None:
    less = ITEMS.assign(open_amount=ITEMS["open_amount"].where(ITEMS["document_key"] != 3, 0))
    assert sorted(set(offered(less)["proposal"])) == [0, 1]
