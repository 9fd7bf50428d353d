"""What peers' own tests expect of matching and set-off, met by exact rules (cases live outside the repo)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from upper_trade_frames import open_items, receipts, remittances

from workbench import credit_notes, matching
from workbench.policy import MatchingPolicy

KINDS = {"invoice": "invoice", "credit_note": "credit_note", "credit": "credit_note"}


@pytest.fixture
def case(shared: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    file = shared / "data" / "peer_cases" / f"{request.param}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def items_of(case: dict[str, Any], *more: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for item in [*case["given"]["items"], *more]:
        rows.append(
            {
                "number": item["id"],
                "amount": item["amount"] * 100,
                "document_kind": KINDS.get(item["kind"], "other"),
                "customer_id": item.get("party") or "P",
                "reference": item.get("number")
                or item.get("reference")
                or item.get("payment_reference")
                or "",
                "reference_document_id": item.get("against", ""),
                "document_date": "2023-09-01",
                "due_date": "2023-09-30",
            }
        )
    return open_items(*rows)


def match(case: dict[str, Any]) -> matching.Matched:
    paid, told = [], []
    for payment in case["given"]["payments"]:
        label = " ".join(filter(None, [payment.get("label"), payment.get("note")]))
        paid.append(
            {
                "id": payment["id"],
                "amount": round(payment["amount"] * 100),
                "customer_id": payment.get("party") or "P",
                "text": label,
                "receipt_date": payment.get("date", "2024-06-30"),
            }
        )
        if "applied_to" in payment:
            whole = next(i["amount"] for i in case["given"]["items"] if i["id"] == payment["applied_to"])
            told.append(_told(payment["id"], payment["applied_to"], min(whole, payment["amount"])))
    for allocation in case["given"].get("allocations", ()):
        told.append(_told(allocation["frm"], allocation["to"], allocation["amount"]))
    frame = receipts(*paid)
    as_of = dt.date.fromisoformat(case["given"]["as_of"])
    matched = matching.match_receipts(
        frame, items_of(case), remittances(*told), policy=MatchingPolicy(), as_of=as_of
    )
    assert (matching.prove_conservation(frame, matched)["difference"] == 0).all()
    return matched


def _told(receipt: str, document: str, amount: int) -> dict[str, Any]:
    return {"receipt_id": receipt, "reference": document, "amount": amount * 100}


def pairs(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(zip(frame["receipt_id"], frame["document_id"], strict=True))


@pytest.mark.parametrize("case", ["rec-11-026"], indirect=True)
def test_one_payment_meets_the_one_item_of_its_amount(case: dict[str, Any]) -> None:
    matched = match(case)
    expected = case["expect"]["matches"][0]
    assert pairs(matched.applied) == [(expected["payment"], expected["item"])]
    assert matched.applied["applied_amount"].tolist() == [expected["amount"] * 100]
    assert matched.unapplied.empty


@pytest.mark.parametrize("case", ["mass-083"], indirect=True)
def test_of_two_equal_payments_the_oldest_takes_the_item(case: dict[str, Any]) -> None:
    matched = match(case)
    expected = [(match_["payment"], item) for match_ in case["expect"]["matches"] for item in match_["items"]]
    assert pairs(matched.applied) == expected
    assert matched.unapplied["receipt_id"].tolist() == case["expect"]["unmatched"]


@pytest.mark.parametrize("case", ["rule-n1-053"], indirect=True)
def test_items_that_add_up_with_an_unusual_one_are_proposed_only(case: dict[str, Any]) -> None:
    matched = match(case)
    expected = case["expect"]["matches"][0]
    assert case["expect"]["auto"] is False
    assert matched.applied.empty
    assert pairs(matched.suggested) == [(expected["payment"], item) for item in expected["items"]]
    assert matched.suggested["proposal"].unique().tolist() == [1]


@pytest.mark.parametrize("case", ["rule-ref-056"], indirect=True)
def test_the_reference_decides_between_two_items_of_one_amount(case: dict[str, Any]) -> None:
    best = match(case).suggested.query("proposal == 1")
    assert best["document_id"].tolist() == case["expect"]["proposed"]["P1"]


@pytest.mark.parametrize("case", ["mass-086"], indirect=True)
def test_ten_cents_too_much_match_nothing(case: dict[str, Any]) -> None:
    assert match(case).applied.empty
    assert case["expect"]["matches"] == []


@pytest.mark.parametrize("case", ["pay-dup-047"], indirect=True)
def test_a_second_full_payment_is_refused(case: dict[str, Any]) -> None:
    matched = match(case)
    assert case["expect"]["P2_refused"]
    assert pairs(matched.applied) == [("P1", "I1")]
    assert matched.unapplied[["receipt_id", "reason"]].values.tolist() == [
        ["P2", "reference-already-settled"]
    ]
    assert matched.suggested.empty


@pytest.mark.parametrize("case", ["pay-wo-044"], indirect=True)
def test_an_overpayment_is_drafted_with_its_surplus_left_over(case: dict[str, Any]) -> None:
    matched = match(case)
    left = case["given"]["payments"][0]["amount"] * 100 - matched.suggested["applied_amount"].sum()
    assert left == case["expect"]["unallocated"] * 100


@pytest.mark.parametrize("case", ["pay-ret-050"], indirect=True)
def test_a_payment_with_a_return_is_drafted_with_both_legs(case: dict[str, Any]) -> None:
    suggested = match(case).suggested
    drafted = suggested[suggested["proposal"] == 1]
    assert drafted["applied_amount"].sum() == case["expect"]["total_allocated"] * 100
    assert dict(zip(drafted["document_id"], drafted["kind"], strict=True)) == {
        "C1": "credit_note",
        "I1": "payment",
    }


@pytest.mark.parametrize("case", ["rec-cn-029"], indirect=True)
def test_a_credit_note_is_taken_in_part_as_told(case: dict[str, Any]) -> None:
    items = items_of(case)
    keys = dict(zip(items["document_id"], items["document_key"], strict=True))
    told = pd.DataFrame(
        [
            {
                "credit_document_key": keys[a["frm"]],
                "document_key": keys[a["to"]],
                "amount": a["amount"] * 100,
            }
            for a in case["given"]["allocations"]
        ]
    )
    matched = credit_notes.match_credit_notes(items, told, as_of=dt.date(2024, 6, 30))
    taken = matched.applied.set_index("document_id")["applied_amount"]
    left = items.set_index("document_id")["open_amount"] - taken
    assert left.to_dict() == {name: amount * 100 for name, amount in case["expect"]["outstanding"].items()}


@pytest.mark.parametrize("case", ["ar-creditnote-005"], indirect=True)
def test_a_credit_note_reduces_the_oldest_instalments_that_are_left(case: dict[str, Any]) -> None:
    invoice = case["given"]["items"][0]
    rows = [
        {
            "number": "I1",
            "item": f"{place:03d}",
            "document_id": f"I1/{place}",
            "amount": part["amount"],
            "document_date": invoice["date"],
            "due_date": part["due"],
        }
        for place, part in enumerate(invoice["instalments"], start=1)
    ]
    rows[0]["amount"] -= case["given"]["payments"][0]["amount"]  # the payment was before
    credit = {"number": "C1", "amount": -100, "reference_document_id": "I1", "document_date": invoice["date"]}
    items = open_items(*rows, credit)
    matched = credit_notes.match_credit_notes(items, as_of=dt.date(2024, 6, 30))
    taken = (
        items["document_key"].map(matched.applied.groupby("document_key")["applied_amount"].sum()).fillna(0)
    )
    left = items["open_amount"] - taken.astype("int64")
    rows_left = dict(zip(items["due_date"].dt.strftime("%Y-%m-%d"), left, strict=True))
    for row in case["expect"]["rows"]:
        assert rows_left[row["due"]] == row["outstanding"]


@pytest.mark.parametrize("case", ["rec-party-080"], indirect=True)
def test_a_credit_of_another_party_is_not_offered(case: dict[str, Any]) -> None:
    as_of = dt.date(2024, 6, 30)
    alone = credit_notes.match_credit_notes(items_of(case), as_of=as_of)
    assert alone.applied.empty
    assert alone.suggested.empty
    then = case["expect"]["then_add"]
    offered = credit_notes.match_credit_notes(items_of(case, then["item"]), as_of=as_of).suggested
    assert offered[["credit_document_id", "customer_id"]].values.tolist() == [
        [then["item"]["id"], then["offered_for"]]
    ]


@pytest.mark.parametrize("case", ["rule-name-068"], indirect=True)
def test_a_name_in_another_order_and_case_tells_who_paid(case: dict[str, Any]) -> None:
    payment = case["given"]["payments"][0]
    paid = receipts({"id": payment["id"], "amount": payment["amount"] * 100, "text": payment["label"]})
    matched = matching.match_receipts(
        paid, items_of(case), policy=MatchingPolicy(), as_of=dt.date(2026, 6, 30)
    )
    expected = case["expect"]["matches"][0]
    assert pairs(matched.applied) == [(expected["payment"], item) for item in expected["items"]]


@pytest.mark.parametrize("case", ["rule-auto-065"], indirect=True)
def test_a_number_in_several_parts_is_read_without_its_prefix(case: dict[str, Any]) -> None:
    expected = case["expect"]["matches"][0]
    best = match(case).suggested.query("proposal == 1")
    assert pairs(best) == [(expected["payment"], item) for item in expected["items"]]
    case["given"]["payments"][0]["amount"] = case["given"]["items"][0]["amount"]
    assert matched_by_rule(case) == [(expected["payment"], "read-references")]


def matched_by_rule(case: dict[str, Any]) -> list[tuple[str, str]]:
    taken = match(case).applied
    return list(zip(taken["receipt_id"], taken["rule"], strict=True))
