"""What another system's own tests expect of open items (peer_cases ar-*): met, or differing for a reason.

A payment booked in the peer's ledger is an ERP clearing here; where the peer looks ahead of the cutoff it is
one of our applications with a later effective date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ledger_frames import documents, facts, rates, receipts
from peer_world import read_case, varied

from workbench import aging, exchange, ledger
from workbench.money import to_minor
from workbench.tables import DOCUMENTS

AS_OF = dt.date(2024, 6, 30)
LATER = dt.date(2024, 7, 1)
MET = {"ar-instalments-002", "ar-creditnote-005", "ar-payment-011", "ar-asof-014", "ar-asof-017"}
DIFFERENT = {"ar-advance-008", "ar-advance-020", "ar-summary-023"}
Case = dict[str, Any]


def _minor(amount: int | Decimal, currency: str = "COP") -> int:
    return to_minor(Decimal(amount), currency)


@pytest.fixture(params=["1", "0.01", "3.07", "98765.43", "1000001"])
def case(shared: Path, request: pytest.FixtureRequest) -> Callable[[str], Case]:
    """A case by its name, with every amount times a factor."""

    def read(name: str) -> Case:
        told = read_case(shared / "data/peer_cases" / f"{name}.yaml")
        return varied(told, Decimal(request.param), seed=0, keeps_order=True)

    return read


def _instalments(item: Case) -> pd.DataFrame:
    """One row an instalment of the case's invoice, as documents with a group for settling."""
    rows = [
        {
            "document_key": number,
            "document_id": f"{item['id']}/{number}",
            "document_number": item["id"],
            "item": str(number),
            "original_amount": _minor(part["amount"]),
            "document_date": AS_OF.isoformat(),
            "due_date": part["due"],
        }
        for number, part in enumerate(item["instalments"], start=1)
    ]
    return documents(*rows)


def _settled(items: pd.DataFrame, *amounts: int) -> pd.DataFrame:
    spread = items.assign(group=items["document_number"], open_amount=items["original_amount"])
    asked = pd.DataFrame({"group": items["document_number"].iloc[0], "amount": [_minor(a) for a in amounts]})
    return ledger.settle_oldest_first(spread, asked)


def _cleared(shares: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "document_key": share["document_key"],
            "clearing_date": AS_OF.isoformat(),
            "clearing_document": f"P{share['amount_position']}",
            "cleared_amount": share["amount"],
            "extract_date": AS_OF.isoformat(),
        }
        for share in shares.to_dict("records")
    ]


def _by_due_date(items: pd.DataFrame) -> list[tuple[str, int]]:
    return [(str(row["due_date"].date()), row["open_amount"]) for row in items.to_dict("records")]


def test_every_case_of_the_ledger_is_taken_up(shared: Path) -> None:
    index = pd.read_csv(shared / "data/peer_cases/INDEX.csv", dtype="str")
    cases = index[index["id"].str.startswith("ar-")].set_index("id")["here"]
    assert set(cases[cases == "to be met"].index) == MET
    assert set(cases[cases != "to be met"].index) == DIFFERENT


def test_a_payment_settles_the_oldest_instalment_first_and_the_settled_one_leaves(
    case: Callable[[str], Case],
) -> None:
    peer = case("ar-instalments-002")
    items = _instalments(peer["given"]["items"][0])
    shares = _settled(items, peer["given"]["payments"][0]["amount"])
    book = facts(items, clearings=_cleared(shares))
    expected = [(row["due"], _minor(row["outstanding"])) for row in peer["expect"]["rows"]]
    assert _by_due_date(book.open_items(AS_OF.isoformat())) == expected
    paid = shares.groupby("document_key")["amount"].sum()
    assert [int(paid.get(key, 0)) for key in (2, 3)] == [
        _minor(row["paid"]) for row in peer["expect"]["rows"]
    ]


def test_a_payment_and_then_a_credit_note_walk_down_the_instalments(case: Callable[[str], Case]) -> None:
    peer = case("ar-creditnote-005")
    invoice, credit_note = peer["given"]["items"]
    items = _instalments(invoice)
    payment = peer["given"]["payments"][0]["amount"]

    after_payment = facts(items, clearings=_cleared(_settled(items, payment)))
    assert _by_due_date(after_payment.open_items(AS_OF.isoformat())) == [
        (row["due"], _minor(row["outstanding"])) for row in peer["expect"]["after_payment_only"]
    ]

    shares = _settled(items, payment, -credit_note["amount"])
    both = facts(items, clearings=_cleared(shares))
    rows = peer["expect"]["rows"]
    assert _by_due_date(both.open_items(AS_OF.isoformat())) == [
        (row["due"], _minor(row["outstanding"])) for row in rows
    ]
    by_cause = shares.pivot_table(
        index="document_key", columns="amount_position", values="amount", aggfunc="sum", fill_value=0
    ).reindex([2, 3], fill_value=0)
    assert by_cause[0].tolist() == [_minor(row["paid"]) for row in rows]
    assert by_cause[1].tolist() == [_minor(row["credit_note"]) for row in rows]


def test_a_part_payment_leaves_the_rest_open(case: Callable[[str], Case]) -> None:
    peer = case("ar-payment-011")
    paid = _minor(peer["given"]["payments"][0]["amount"])
    book = facts(
        documents(
            {
                "document_key": 1,
                "original_amount": _minor(peer["given"]["items"][0]["amount"]),
                "document_date": AS_OF.isoformat(),
            }
        ),
        clearings=[{"document_key": 1, "clearing_date": AS_OF.isoformat(), "cleared_amount": paid}],
    )
    assert book.open_amounts(AS_OF.isoformat()) == {1: _minor(peer["expect"]["rows"][0]["outstanding"])}


def test_a_payment_dated_after_the_cutoff_is_not_seen_by_it(case: Callable[[str], Case]) -> None:
    peer = case("ar-asof-014")
    keys = {"I1": 1, "C1": 2}
    items = [
        {
            "document_key": keys[item["id"]],
            "original_amount": _minor(item["amount"]),
            "document_date": item["date"],
        }
        for item in peer["given"]["items"]
    ]
    amounts = {row["document_key"]: row["original_amount"] for row in items}
    book = facts(
        documents(*items),
        applications=[
            {
                "receipt_key": 1,
                "document_key": keys[part["to"]],
                "kind": "credit_note" if part["amount"] < 0 else "payment",
                "applied_amount": _minor(part["amount"]),
                "erp_open_amount": amounts[keys[part["to"]]],
                "effective_date": LATER.isoformat(),
            }
            for part in peer["given"]["allocations"]
        ],
    )
    now, later = (
        book.open_items(day.isoformat(), with_settled=True).set_index("document_key")
        for day in (AS_OF, LATER)
    )
    for row in peer["expect"]["rows"]:
        key = keys[row["item"]]
        assert now.loc[key, "open_amount"] == _minor(row["outstanding"])
        assert later.loc[key, "pending_applications"] == _minor(row["future"])
        assert later.loc[key, "open_amount"] == _minor(row["remaining"])
    payment = receipts(
        {
            "receipt_key": 1,
            "received_amount": _minor(peer["given"]["payments"][0]["amount"]),
            "receipt_date": peer["given"]["payments"][0]["date"],
        }
    )
    left = ledger.unapplied_receipts(payment, book.applications, book.reversals, as_of=LATER)
    assert list(left["unapplied_amount"]) == [0]


def test_a_later_payment_in_another_currency_leaves_the_exchange_difference_only(
    case: Callable[[str], Case],
) -> None:
    peer = case("ar-asof-017")
    (item,), (payment,) = peer["given"]["items"], peer["given"]["payments"]
    amount = _minor(item["amount"], "USD")
    book = facts(
        documents(
            {"document_key": 1, "original_amount": amount, "currency": "USD", "document_date": item["date"]}
        ),
        applications=[
            {
                "document_key": 1,
                "applied_amount": amount,
                "erp_open_amount": amount,
                "effective_date": payment["date"],
            }
        ],
    )
    now = book.open_items(AS_OF.isoformat())
    later = book.open_items(LATER.isoformat())
    party = peer["expect"]["party_currency"]
    assert list(now["open_amount"]) == [_minor(party["outstanding"], "USD")]
    assert list(later["pending_applications"]) == [_minor(party["future"], "USD")]
    assert list(later["open_amount"]) == [_minor(party["remaining"], "USD")]

    table = rates(
        ("erp", "USD", "INR", item["date"], AS_OF.isoformat(), item["rate"] * 1_000_000),
        ("erp", "USD", "INR", payment["date"], payment["date"], payment["rate"] * 1_000_000),
    )
    columns = ["original_amount", "open_amount", "pending_applications"]
    at_document = exchange.translate(now, columns, table, on=AS_OF, to_currency="INR").iloc[0]
    at_payment = exchange.translate(later, columns, table, on=LATER, to_currency="INR").iloc[0]
    company = {name: _minor(value, "INR") for name, value in peer["expect"]["company_currency"].items()}
    assert at_document["original_amount"] == company["invoiced"]
    assert at_document["open_amount"] == company["outstanding"]
    assert at_payment["pending_applications"] == company["future"]
    assert at_document["open_amount"] - at_payment["pending_applications"] == company["remaining"]


# Where we differ, and how


def test_differs_an_advance_before_any_invoice_is_an_unapplied_receipt_and_no_open_item(
    case: Callable[[str], Case],
) -> None:
    payment = case("ar-advance-008")["given"]["payments"][0]
    received = receipts(
        {"receipt_key": 1, "received_amount": _minor(payment["amount"]), "receipt_date": payment["date"]}
    )
    book = facts(DOCUMENTS.empty())
    left = ledger.unapplied_receipts(received, book.applications, book.reversals, as_of=AS_OF)
    assert list(left["unapplied_amount"]) == [_minor(payment["amount"])]
    assert len(book.open_items(AS_OF.isoformat())) == 0


def test_differs_an_advance_settles_the_oldest_instalment_rather_than_a_share_of_each(
    case: Callable[[str], Case],
) -> None:
    peer = case("ar-advance-020")
    items = _instalments(peer["given"]["items"][0])
    shares = _settled(items, peer["given"]["payments"][0]["amount"])
    open_items = facts(items, clearings=_cleared(shares)).open_items(AS_OF.isoformat())
    assert _by_due_date(open_items) == [
        (part["due"], _minor(part["amount"])) for part in peer["given"]["items"][0]["instalments"][1:]
    ]
    rate = peer["given"]["items"][0]["rate"]
    peers_total = sum(row["outstanding"] for row in peer["expect"]["rows_company_currency"])
    assert open_items["open_amount"].sum() * rate == _minor(peers_total)


def test_differs_the_advance_stands_apart_and_an_item_due_today_is_not_due(
    case: Callable[[str], Case],
) -> None:
    peer = case("ar-summary-023")
    (item,), (advance, payment) = peer["given"]["items"], peer["given"]["payments"]
    book = facts(
        documents(
            {
                "document_key": 1,
                "original_amount": _minor(item["amount"]),
                "document_date": item["date"],
                "due_date": item["due"],
            },
            {
                "document_key": 2,
                "original_amount": -_minor(advance["amount"]),
                "document_kind": "payment",
                "document_date": item["date"],
                "due_date": item["date"],
            },
        ),
        clearings=[
            {
                "document_key": 1,
                "clearing_date": AS_OF.isoformat(),
                "cleared_amount": _minor(payment["amount"]),
            }
        ],
    )
    aged = aging.age_open_items(book.open_items(AS_OF.isoformat()), as_of=AS_OF)
    (row,) = aging.summarise_aging(aged, by=["customer_id"]).to_dict("records")
    owed, own = item["amount"] - payment["amount"], advance["amount"]
    stands = (row["not_due"], row["unapplied"], row["total"])
    assert stands == (_minor(owed), _minor(-own), _minor(owed - own))
    assert row["total"] == _minor(peer["expect"]["customer"]["total_due"])
    (netted,) = aging.summarise_aging(aged, by=["customer_id"], credits="net").to_dict("records")
    assert netted["not_due"] == _minor(peer["expect"]["customer"]["outstanding"])
