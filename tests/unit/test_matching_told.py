"""What became of the money, rule by rule, and the answers to one receipt side by side."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from matched import applied, match, proposals
from upper_trade_frames import open_items, receipts, remittances

from workbench import matching, words
from workbench.policy import MatchingPolicy
from workbench.runs import figures
from workbench.tables import APPLICATIONS, CASH_KINDS

AMOUNTS = [123_456_71, 98_765_43, 55_512_19]


def owed(*amounts: int) -> pd.DataFrame:
    return open_items(
        *({"number": f"{1001 + at}", "amount": amount, "due_date": f"2026-02-{1 + at:02}",
           "document_date": f"2026-01-{1 + at:02}"} for at, amount in enumerate(amounts))
    )  # fmt: skip


def test_received_is_what_the_rules_took_and_the_reasons_left_in_each_currency() -> None:
    paid = receipts(
        {"id": "R1", "amount": AMOUNTS[0], "customer_id": "C1"},
        {"id": "R2", "amount": AMOUNTS[1], "text": "1002"},
        {"id": "R3", "amount": 7_77, "customer_id": "C1"},
        {"id": "R4", "amount": 5_00, "currency": "USD"},
    )
    matched = match(paid, owed(*AMOUNTS))
    told = matching.explain_received(paid, matched)
    assert list(told["stage"][told["currency"] == "COP"]) == ["received", "rule", "rule", "reason"]
    for _, rows in told.groupby("currency"):
        sums = rows.groupby("stage")["step_amount"].sum()
        assert sums["received"] == sums.get("rule", 0) + sums["reason"]
    rules = told[told["stage"] == "rule"].set_index("rule")["step_amount"]
    assert rules.to_dict() == {"single-amount": AMOUNTS[0], "exact-references": AMOUNTS[1]}
    assert told["receipts"].sum() == 8


def test_a_repeated_run_tells_the_months_money_with_what_was_applied_before() -> None:
    paid = receipts(
        {"id": "R1", "amount": AMOUNTS[0], "customer_id": "C1", "receipt_date": "2026-03-01"},
        {"id": "R2", "amount": 7_77, "customer_id": "C1", "receipt_date": "2026-03-02"},
        {"id": "R0", "amount": 100_00, "customer_id": "C1", "receipt_date": "2026-01-02"},
    )
    settled = paid["receipt_id"] != "R2"
    paid = paid.assign(unapplied_amount=paid["received_amount"].mask(settled, 0))
    matched = match(paid, owed(*AMOUNTS))
    told = matching.explain_received(paid, matched, since=dt.date(2026, 3, 1))
    amounts = dict(zip(told["stage"], told["step_amount"], strict=True))
    assert amounts == {"received": AMOUNTS[0] + 7_77, "before": AMOUNTS[0], "reason": 7_77}


def test_earlier_receipts_that_the_month_settled_stay_in_its_total() -> None:
    paid = receipts(
        {"id": "R1", "amount": 50_00, "receipt_date": "2026-01-02"},
        {"id": "R2", "amount": 60_00, "receipt_date": "2026-01-02"},
        {"id": "R3", "amount": 70_00, "receipt_date": "2026-01-02"},
    ).assign(unapplied_amount=0)
    in_force = pd.DataFrame(
        {"receipt_key": [1, 2, 3], "kind": "payment",
         "effective_date": pd.to_datetime(["2026-01-02", "2026-03-01", "2026-02-28"]),
         "step_key": ["2026-03/all/a", "", "2026-02/all/b"]}
    )  # fmt: skip
    came_in = matching.received_of(paid, since=dt.date(2026, 3, 1), in_force=in_force)
    assert came_in["receipt_id"].tolist() == ["R1", "R2"]


def test_a_document_that_the_run_gave_to_another_receipt_is_offered_to_nobody() -> None:
    paid = receipts(
        {"id": "R1", "amount": 50_00, "text": "1001 1002", "receipt_date": "2026-03-01"},
        {"id": "R2", "amount": AMOUNTS[0], "text": "1001", "receipt_date": "2026-03-02"},
        {"id": "R3", "amount": 60_00, "text": "1001", "receipt_date": "2026-03-03"},
    )
    matched = match(paid, owed(*AMOUNTS))
    assert applied(matched) == [("R2", "1001", AMOUNTS[0], "exact-references")]
    taken = set(matched.applied["document_key"])
    assert not taken & set(matched.suggested["document_key"])
    counts = matched.suggested.groupby("receipt_id")["proposal"].nunique()
    said = dict(zip(matched.unapplied["receipt_id"], matched.unapplied["rivals"], strict=True))
    assert said == {"R1": counts.get("R1", 0), "R3": counts.get("R3", 0)}


def test_without_receipts_the_waterfall_is_empty() -> None:
    nothing = receipts({"id": "R1", "amount": 1}).head(0)
    assert matching.explain_received(nothing, match(nothing, owed(*AMOUNTS))).empty


def test_a_rules_lines_are_its_cash_and_what_it_took_without_cash() -> None:
    applied = pd.DataFrame(
        {"rule": "w", "currency": "COP", "kind": ["payment", "withholding"], "applied_amount": [96_00, 2_84]}
    )
    told = figures.with_cash(figures.summary(applied, "rule", "applied_amount"), applied)
    assert told[["applied_amount", "cash_amount", "no_cash_amount"]].to_numpy().tolist() == [
        [98_84, 96_00, 2_84]
    ]


def test_examples_are_the_largest_whatever_their_sign() -> None:
    frame = pd.DataFrame({"currency": "COP", "amount": [1, -900, 50]})
    assert figures.examples(frame, "amount", count=2)["amount"].tolist() == [-900, 50]


def test_what_a_payer_withheld_is_no_cash_of_the_waterfall() -> None:
    paid = receipts({"id": "R1", "amount": AMOUNTS[0], "customer_id": "C1"})
    matched = match(paid, owed(*AMOUNTS))
    legs = pd.concat([matched.applied, matched.applied.assign(kind="withholding", applied_amount=9_99)])
    other = matching.Matched(legs, matched.suggested, matched.unapplied, matched.findings)
    assert "withholding" not in CASH_KINDS
    told = matching.explain_received(paid, other)
    assert told["step_amount"].tolist() == [AMOUNTS[0], AMOUNTS[0]]


def codes(rivals: pd.DataFrame) -> list[str]:
    return [json.loads(text)["code"] for text in rivals["against"]]


def test_answers_that_nothing_tells_apart_are_said_to_be_even() -> None:
    items = owed(*AMOUNTS, AMOUNTS[0] + AMOUNTS[1] - 11_11, AMOUNTS[2] + 11_11, 999_999_98)
    rivals = matching.compare_rivals(
        match(receipts({"id": "R1", "amount": sum(AMOUNTS), "customer_id": "C1"}), items), items
    )
    assert rivals["standing"].tolist() == ["proposed", "proposed"]
    assert rivals["difference_amount"].tolist() == [0, 0]
    assert rivals["documents_amount"].tolist() == [sum(AMOUNTS)] * 2
    assert codes(rivals)[0] in ("first-likely", "first-of-equals")
    assert codes(rivals)[1] in ("even", "rarer")


def test_an_applied_receipt_shows_what_it_left_behind_with_how_likely_it_was() -> None:
    items = owed(AMOUNTS[0], AMOUNTS[1], AMOUNTS[0] - AMOUNTS[1])
    matched = match(
        receipts({"id": "R1", "amount": AMOUNTS[0], "customer_id": "C1"}), items,
        policy=MatchingPolicy(most_chance_permille=900, wrong_per_million=10**6),
    )  # fmt: skip
    rivals = matching.compare_rivals(matched, items)
    assert rivals["standing"].tolist() == ["applied", "left-behind"]
    assert rivals["document_ids"].str.count("; ").tolist() == [0, 1]
    assert codes(rivals) == ["first-likely", "rarer"]


def test_documents_that_are_not_the_payment_say_by_how_much() -> None:
    items = owed(*AMOUNTS)
    paid = receipts({"id": "R1", "amount": AMOUNTS[1], "text": "factura 1001", "customer_id": "C1"})
    rivals = matching.compare_rivals(match(paid, items), items)
    assert set(rivals["rule"]) == {"exact-references", "single-amount"}
    named = rivals[rivals["rule"] == "exact-references"]
    assert named["difference_amount"].tolist() == [AMOUNTS[0] - AMOUNTS[1]]
    assert codes(rivals) == ["first-over", "exact"]


def test_one_answer_has_no_rivals() -> None:
    items = owed(*AMOUNTS)
    paid = receipts({"id": "R1", "amount": AMOUNTS[0], "customer_id": "C1"})
    assert matching.compare_rivals(match(paid, items), items).empty


@pytest.mark.parametrize("reverse", [False, True])
def test_rivals_do_not_depend_on_the_order_of_rows(reverse: bool) -> None:
    items = owed(*AMOUNTS, AMOUNTS[0] + AMOUNTS[1] - 11_11, AMOUNTS[2] + 11_11, 999_999_98)
    paid = receipts({"id": "R1", "amount": sum(AMOUNTS), "customer_id": "C1"})
    first = matching.compare_rivals(match(paid, items), items)
    turned = items.iloc[::-1].reset_index(drop=True) if reverse else items
    pd.testing.assert_frame_equal(first, matching.compare_rivals(match(paid, turned), turned))


def test_an_advance_is_of_the_order_that_matching_reads_and_of_no_receipt_that_is_two() -> None:
    items = open_items({"number": "FE1001", "amount": 100_00, "order_id": "4500001"})
    told = remittances(
        {"reference": "04500001", "amount": 60_00, "receipt_id": "R1"},
        {"reference": "4500001", "amount": 40_00, "receipt_id": "R1"},
        {"reference": "FE 1001", "amount": 5_00, "receipt_id": "R1"},
        {"reference": "9999999", "amount": 7_00, "receipt_id": "R1"},
    )

    def advances(*paid: dict[str, object]) -> list[tuple[int, str, int]]:
        found = matching.advances_by_order(told, receipts(*paid), APPLICATIONS.empty(), items)
        names = ["receipt_key", "order_id", "reserved_amount"]
        return list(found[names].itertuples(index=False, name=None))

    one = {"id": "R1", "amount": 112_00}
    assert advances(one) == [(1, "4500001", 100_00)]
    assert advances(one, {**one, "account_id": "B2"}) == []


def test_advances_are_a_result_of_the_run_only_where_an_order_was_paid(root: Path) -> None:
    items = open_items({"number": "FE1001", "amount": 100_00, "order_id": "4500001"})
    paid = receipts({"id": "R1", "amount": 60_00})
    told = remittances({"reference": "4500001", "amount": 60_00, "receipt_id": "R1"})
    found = matching.tables_of_orders(told, paid, APPLICATIONS.empty(), items)
    assert {name: frame["left_amount"].tolist() for name, (frame, _) in found.items()} == {
        "advances": [60_00]
    }
    assert matching.tables_of_orders(told.iloc[:0], paid, APPLICATIONS.empty(), items) == {}
    notebook = (root / "notebooks" / "payment_matching.ipynb").read_text(encoding="utf-8")
    assert "orders = matching.tables_of_orders(" in notebook
    assert "**orders" in notebook
    assert all(words.has_words("notebooks.sheet-advances", lang) for lang in words.LANGUAGES)


@pytest.mark.parametrize(
    ("orders", "used", "taken"),
    [
        ({"4500001": 600, "4500002": 400}, 300, [("FE1002", 300), ("FE1003", 400)]),
        ({"4500002": 400, "4500001": 600}, 600, [("FE1003", 400)]),
        ({"4500001": 700}, 400, [("FE1002", 300)]),
        ({"4500001": 600, "4500002": 400}, 1000, []),
    ],
)
def test_what_a_receipt_has_paid_comes_off_its_orders_once_the_oldest_first(
    orders: dict[str, int], used: int, taken: list[tuple[str, int]]
) -> None:
    numbers = ("FE1002", 300, "4500001"), ("FE1003", 400, "4500002"), ("FE1004", 900, "4500003")
    items = open_items(*(
        {"number": number, "amount": amount, "order_id": order, "due_date": f"2026-02-0{at}"}
        for at, (number, amount, order) in enumerate(numbers, start=1)
    ))  # fmt: skip
    told = remittances(*(
        {"reference": order, "amount": amount, "receipt_id": "R1"} for order, amount in orders.items()
    ))  # fmt: skip
    paid = receipts({"id": "R1", "amount": sum(orders.values())})
    left = paid.assign(unapplied_amount=paid["received_amount"] - used)
    assert [(one, amount) for _, one, amount, _ in applied(match(left, items, told))] == taken


def test_an_order_that_is_paid_takes_its_part_of_what_the_receipt_has_paid() -> None:
    items = open_items(
        {"number": "FE1001", "amount": 600, "order_id": "4500001", "open_amount": 0},
        {"number": "FE1003", "amount": 400, "order_id": "4500002"},
    )
    told = remittances(
        {"reference": "4500001", "amount": 600, "receipt_id": "R1"},
        {"reference": "4500002", "amount": 400, "receipt_id": "R1"},
    )
    paid = receipts({"id": "R1", "amount": 1000}).assign(unapplied_amount=400)
    matched = match(paid, items, told)
    assert applied(matched) == []
    assert proposals(matched)[0] == [("FE1003", 400)]
