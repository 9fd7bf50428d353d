"""A receipt in pesos settles an invoice in dollars: both sides enter the book, and leave it, together."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import (
    RATE,
    application,
    faults,
    import_items,
    import_receipts,
    import_rows,
    legs,
    made_once,
    new_book,
)
from deciding_world import TODAY, bring_back, fill, open_now, unapplied_now

from workbench import book as books
from workbench import deciding, decisions, exports, matching
from workbench.applications import identify_applications
from workbench.book.postings import apply, reverse
from workbench.calendar import Period
from workbench.errors import PostingRefusedError
from workbench.policy import MatchingPolicy
from workbench.tables import APPLICATIONS
from workbench.undo import undo_applications
from workbench.views import decision_sheet

DAY = dt.date(2026, 10, 5)


@made_once
def filled(folder: Path, database: str = "sqlite") -> books.Book:
    """An invoice of 1,000.00 dollars; 4,012,500.00 pesos came in at 4,012.50."""
    book = new_book(folder, database=database)
    import_items(book, {"currency": "USD", "original_amount": 1000_00, "open_amount": 1000_00})
    stated = "PAGO 1800001 TC 4.012,50"
    import_receipts(book, {"received_amount": 4_012_500_00, "text": stated}, {"receipt_id": "R2"})
    days = {"valid_from": "2026-10-05", "valid_through": "2026-10-05"}
    import_rows(book, "rates", RATE, {**days, "rate": 4_008_700_000})
    return book


@pytest.fixture
def book(tmp_path: Path, database: str) -> books.Book:
    return filled(tmp_path, database)


def matched(book: books.Book) -> matching.Matched:
    return matching.match_receipts(
        unapplied_now(book), open_now(book), policy=MatchingPolicy(), as_of=DAY, rates=books.read.rates(book)
    )


def post(book: books.Book) -> pd.DataFrame:
    made = identify_applications(matched(book).applied)
    made = APPLICATIONS.conform(made.assign(step_key="", recorded_at=pd.Timestamp(0, tz="UTC")))
    apply(book, made)
    return made


def test_both_sides_enter_and_one_application_undone_takes_all_of_them(book: books.Book) -> None:
    items, cash = open_now(book), unapplied_now(book)
    made = post(book)
    sides = made[["document_key", "kind", "applied_amount"]].itertuples(index=False, name=None)
    assert sorted(sides) == [
        (-1, "exchange", -4_012_500_00), (-1, "on_account", 4_012_500_00), (1, "exchange", 1000_00),
    ]  # fmt: skip
    assert open_now(book)["open_amount"].tolist() == [0]
    assert unapplied_now(book)["unapplied_amount"].tolist() == [0, 100_00]
    assert faults(book) == []
    of_document = made.loc[made["document_key"] == 1, "application_id"].iat[0]
    undone = undo_applications(book, today=TODAY, application=of_document, who="ana")
    assert undone.sums == {"COP": 0, "USD": 1000_00}
    pd.testing.assert_frame_equal(open_now(book), items)
    pd.testing.assert_frame_equal(unapplied_now(book), cash)
    assert faults(book) == []


def test_one_side_alone_is_not_taken_back(book: books.Book) -> None:
    made = post(book)
    for key in (1, -1):
        some = made.loc[made["document_key"] == key, "application_id"].tolist()
        with pytest.raises(PostingRefusedError) as refused:
            reverse(book, some, effective_date=TODAY, reason="", operation_id=f"half{key}")
        assert refused.value.cause == "reversal-leaves-one-leg"
    assert books.read.reversals(book).empty


HERE = {"document_key": -1, "application_id": "x/cash", "kind": "on_account"}
GIVEN = {"document_key": -1, "application_id": "x/given", "kind": "exchange"}
CHARGE = {"document_key": -1, "application_id": "x/fee", "kind": "fee"}


def leg(amount: int, **more: Any) -> dict[str, Any]:
    return application("x", more.pop("document_key", 1), amount, **{"kind": "exchange", **more})


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ([leg(1000_00)], "exchange-one-sided"),
        ([leg(1000_00, kind="withholding")], "exchange-one-sided"),
        ([leg(1000_00, kind="payment")], "application-crosses-books"),
        ([leg(4_000_00, **HERE), leg(-4_000_00, **GIVEN)], "exchange-one-sided"),
        ([leg(1000_00), leg(4_000_00, **HERE), leg(-4_000_01, **GIVEN)], "exchange-one-sided"),
        ([leg(1000_00), leg(4_000_00, **HERE), leg(1, **GIVEN)], "exchange-one-sided"),
        ([leg(1000_00), leg(4_000_00, **HERE), leg(-1, **CHARGE), leg(-1, **GIVEN)], "exchange-one-sided"),
        ([leg(1000_01), leg(4_000_00, **HERE), leg(-4_000_00, **GIVEN)], "document-over-applied"),
        ([leg(1000_00), leg(4_012_500_01, **HERE), leg(-4_012_500_01, **GIVEN)], "receipt-over-applied"),
    ],
)
def test_what_is_no_whole_exchange_is_refused(book: books.Book, rows: list[Any], cause: str) -> None:
    with pytest.raises(PostingRefusedError) as refused:
        apply(book, legs(*rows))
    assert refused.value.cause == cause
    assert books.read.applications(book).empty


def test_a_charge_of_the_bank_stands_between_the_cash_and_what_was_exchanged(book: books.Book) -> None:
    sides = [leg(4_002_500_00, **HERE), leg(10_000_00, **CHARGE), leg(-4_012_500_00, **GIVEN)]
    apply(book, legs(leg(1000_00), *sides))
    assert unapplied_now(book)["unapplied_amount"].tolist() == [10_000_00, 100_00]
    assert faults(book) == []


def test_an_exchange_leaves_for_the_erp_as_two_documents_that_balance(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    made = post(book)
    how: dict[str, Any] = {"layout": "generic", "out": tmp_path / "out", "parameters": root / "parameters"}
    left = exports.export_postings(book, period=Period.parse("2026-10"), on=TODAY, **how)
    lines = left.planned.lines
    assert (lines.groupby("erp_document")["posting_amount"].sum() == 0).all()
    assert lines.groupby("erp_document")["currency"].nunique().tolist() == [1, 1]
    shown = lines[["currency", "account", "posting_amount"]].itertuples(index=False, name=None)
    assert sorted(shown) == [
        ("COP", "cash", 4_012_500_00), ("COP", "exchange", -4_012_500_00),
        ("USD", "customer", -1000_00), ("USD", "exchange", 1000_00),
    ]  # fmt: skip
    assert left.planned.findings["rule"].tolist() == ["posting-of-exchange"]
    noted = books.read.erp_export_lines(book)["application_id"]
    assert sorted(noted) == sorted(made["application_id"]), "each leg leaves once"
    again = exports.export_postings(book, period=Period.parse("2026-10"), on=TODAY, **how)
    assert again.status == "nothing-new"
    states = exports.answers(book, as_of=TODAY).states
    assert set(states["state"]) == {"pending"}
    cleared = {"clearing_document": "K1", "clearing_date": "2026-11-02", "cleared_amount": 1000_00}
    row = {"currency": "USD", "original_amount": 1000_00, "open_amount": 0, **cleared}
    import_items(book, row, on=dt.date(2026, 11, 2), source="next")
    states = exports.answers(book, as_of=TODAY).states
    assert set(states["state"]) == {"confirmed"}
    assert not states["difference"].any()
    ids = made["application_id"].tolist()
    undo_applications(book, today=TODAY, application=ids[0], who="ana")
    back = exports.export_postings(book, period=Period.parse("2026-11"), on=TODAY, **how).planned.lines
    assert (back.groupby("erp_document")["posting_amount"].sum() == 0).all()
    assert back.groupby("account")["posting_amount"].sum().to_dict() == {
        "cash": -4_012_500_00, "customer": 1000_00, "exchange": 4_012_500_00 - 1000_00,
    }  # fmt: skip


def test_an_exchange_that_was_suggested_is_accepted_in_the_workbook(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    import_receipts(book, {"receipt_id": "R3", "received_amount": 4_000_000_00, "text": "PAGO 1800001"})
    found = matching.match_receipts(
        unapplied_now(book).query("receipt_id == 'R3'"), open_now(book), policy=MatchingPolicy(), as_of=DAY,
        rates=books.read.rates(book),
    )  # fmt: skip
    assert found.applied.empty
    offered = decisions.offer_decisions(found.suggested, found.unapplied, open_now(book))
    assert sorted(zip(offered["currency"], offered["applied_amount"], strict=True)) == [
        ("COP", -4_000_000_00), ("COP", 4_000_000_00), ("USD", 1000_00),
    ]  # fmt: skip
    path = in_sheet(offered, tmp_path / "suggestions.xlsx")
    assert bring_back(book, path, root).status == "accepted"
    assert open_now(book)["open_amount"].tolist() == [0]
    assert unapplied_now(book).set_index("receipt_id")["unapplied_amount"]["R3"] == 0
    assert faults(book) == []


def in_sheet(offered: pd.DataFrame, path: Path) -> Path:
    decision_sheet.write_decision_sheet(
        path, offered.assign(rule_words=offered["rule"]), company="CO01", period="2026-10", as_of=DAY
    )
    return fill(path, {0: {"decision": "accept"}})


def test_a_second_person_and_a_stale_row_are_told_each_amount_in_its_own_currency(
    book: books.Book, tmp_path: Path, root: Path
) -> None:
    import_receipts(book, {"receipt_id": "R3", "received_amount": 4_000_000_00, "text": "PAGO 1800001"})
    found = matching.match_receipts(
        unapplied_now(book).query("receipt_id == 'R3'"), open_now(book), policy=MatchingPolicy(), as_of=DAY,
        rates=books.read.rates(book),
    )  # fmt: skip
    offered = decisions.offer_decisions(found.suggested, found.unapplied, open_now(book))
    parameters = shutil.copytree(root / "parameters", tmp_path / "parameters")
    policy = parameters / "policy.yaml"
    policy.write_text(policy.read_text().replace("approval: {}", 'approval: {COP: "30"}'))
    sheet = in_sheet(offered, tmp_path / "suggestions.xlsx")
    assert bring_back(book, sheet, root, parameters=parameters).status == "accepted"
    (waiting,) = deciding.requests_to_json(book)
    assert (waiting["amount"], waiting["currency"]) == ("4000000.00", "COP")
    post(book)
    deciding.answer_request(book, str(waiting["request"]), approved=False, who="luis", today=TODAY)
    fill(sheet, {0: {"decided_reason": "otra vez"}})
    stale = json.loads(bring_back(book, sheet, root).findings["values"].iat[0])
    assert (stale["offered_money"], stale["now_money"]) == ("1000.00 USD", "0.00 USD")


def test_what_was_decided_before_is_counted_each_amount_in_its_own_currency(book: books.Book) -> None:
    sides = [leg(4_002_500_00, **HERE), leg(10_000_00, **CHARGE), leg(-4_012_500_00, **GIVEN)]
    withheld = leg(30_00, kind="withholding", application_id="x/held")
    made = legs(leg(970_00), withheld, *sides).assign(rule=decisions.applied.RULE)
    apply(book, made)
    assert deciding._decided_before(book) == {(1, "COP"): 4_012_500_00, (1, "USD"): 1000_00}
