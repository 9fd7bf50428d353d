"""Cash counts once: not beside an ERP clearing, nor after its cheque came back, nor in a closed period."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from book_world import new_book
from upper_trade_frames import bank_lines, open_items, receipts, remittances

from workbench import matching, tables, words
from workbench.book.events import close_through
from workbench.calendar import Period
from workbench.policy import MatchingPolicy, Policy
from workbench.runs.run import Run
from workbench.runs.surroundings import Surroundings

AS_OF = dt.date(2026, 3, 31)
PAID = {"id": "R1", "amount": 100, "customer_id": "C1", "receipt_date": "2026-03-10"}
SETTLED = {"number": "1001", "amount": 100, "open_amount": 0, "erp_open_amount": 0}
OPEN = {"number": "2001", "amount": 100}


def match(paid: pd.DataFrame, items: pd.DataFrame, **options: Any) -> matching.Matched:
    matched = matching.match_receipts(paid, items, policy=MatchingPolicy(), as_of=AS_OF, **options)
    assert (matching.prove_conservation(paid, matched)["difference"] == 0).all()
    return matched


def reasons(matched: matching.Matched) -> dict[str, str]:
    return dict(zip(matched.unapplied["receipt_id"], matched.unapplied["reason"], strict=True))


def clearings(*rows: dict[str, Any]) -> pd.DataFrame:
    """Clearings of the first item, all of it, unless said otherwise."""
    usual = {
        "document_key": 1,
        "clearing_date": "2026-03-10",
        "clearing_document": "K1",
        "cleared_amount": 100,
        "extract_date": "2026-03-31",
        "recorded_at": "2026-04-01T00:00:00Z",
    }
    made = pd.DataFrame([{**usual, **row} for row in rows])
    for name in ("clearing_date", "extract_date"):
        made[name] = pd.to_datetime(made[name])
    made["recorded_at"] = pd.to_datetime(made["recorded_at"], utc=True)
    return tables.CLEARINGS.conform(made)


def said(matched: matching.Matched, rule: str) -> list[dict[str, Any]]:
    rows = matched.findings[matched.findings["rule"].eq(rule)].to_dict("records")
    return [{**row, **json.loads(row["values"])} for row in rows]


# What the ERP has cleared already


def test_cash_that_the_erp_cleared_is_not_applied_to_another_invoice_by_its_amount() -> None:
    matched = match(receipts(PAID), open_items(SETTLED, OPEN), clearings=clearings({}))
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "receipt-perhaps-cleared"}
    assert matched.suggested[["document_id", "applied_amount"]].values.tolist() == [["2001", 100]]
    (told,) = said(matched, "receipt-perhaps-cleared")
    assert (told["key"], told["amount"], told["clearing"]) == ("R1", 100, "K1")


def test_a_clearing_without_a_document_is_named_by_its_date() -> None:
    matched = match(receipts(PAID), open_items(SETTLED, OPEN), clearings=clearings({"clearing_document": ""}))
    assert said(matched, "receipt-perhaps-cleared")[0]["clearing"] == "2026-03-10"


def test_a_whole_account_is_not_applied_where_the_erp_cleared_its_amount() -> None:
    paid = receipts({**PAID, "amount": 1000_07})
    settled = {**SETTLED, "amount": 1000_07}
    items = open_items(settled, {"number": "2001", "amount": 600_03}, {"number": "2002", "amount": 400_04})
    assert len(match(paid, items).applied) == 2
    counted = clearings({"cleared_amount": 1000_07})
    assert reasons(match(paid, items, clearings=counted)) == {"R1": "receipt-perhaps-cleared"}


def test_a_clearing_takes_its_invoices_less_its_credit_notes_and_not_the_erp_own_payment() -> None:
    items = open_items(
        {**SETTLED, "amount": 130},
        {**SETTLED, "number": "9001", "amount": -30},
        {**SETTLED, "number": "7001", "amount": -100, "document_kind": "payment"},
        OPEN,
    )
    group = clearings(
        {"cleared_amount": 130},
        {"document_key": 2, "cleared_amount": -30},
        {"document_key": 3, "cleared_amount": -100},
    )
    assert reasons(match(receipts(PAID), items, clearings=group)) == {"R1": "receipt-perhaps-cleared"}
    again = pd.concat([group, group.assign(recorded_at=pd.Timestamp("2026-05-01", tz="UTC"))])
    assert reasons(match(receipts(PAID), items, clearings=again)) == {"R1": "receipt-perhaps-cleared"}


@pytest.mark.parametrize(
    ("other_item", "other_clearing"),
    [
        ({"customer_id": "C2"}, {}),
        ({"company_id": "CO02"}, {}),
        ({"currency": "USD"}, {}),
        ({}, {"clearing_date": "2026-03-16"}),
        ({}, {"clearing_date": "2026-03-04"}),
        ({}, {"cleared_amount": 99}),
    ],
)
def test_another_clearing_leaves_a_good_match_alone(
    other_item: dict[str, Any], other_clearing: dict[str, Any]
) -> None:
    items = open_items({**SETTLED, **other_item}, OPEN)
    matched = match(receipts(PAID), items, clearings=clearings(other_clearing))
    assert matched.applied["document_id"].tolist() == ["2001"]


def test_five_days_are_near_and_a_clearing_after_the_cutoff_has_taken_nothing() -> None:
    items = open_items(SETTLED, OPEN)
    near = clearings({"clearing_date": "2026-03-15"})
    assert reasons(match(receipts(PAID), items, clearings=near)) == {"R1": "receipt-perhaps-cleared"}
    last = receipts({**PAID, "receipt_date": "2026-03-31"})
    assert not match(last, items, clearings=clearings({"clearing_date": "2026-04-01"})).applied.empty


def test_a_reference_or_an_advice_to_an_open_invoice_stands_beside_a_clearing() -> None:
    items = open_items(SETTLED, OPEN)
    named = match(receipts({**PAID, "text": "pago 2001"}), items, clearings=clearings({}))
    assert named.applied["rule"].tolist() == ["exact-references"]
    advice = remittances({"reference": "2001", "amount": 100, "receipt_id": "R1", "customer_id": "C1"})
    told = match(receipts(PAID), items, remittances=advice, clearings=clearings({}))
    assert told.applied["rule"].tolist() == ["remittance-advice"]


# Cheques that come back after they were applied


def test_a_cheque_that_comes_back_after_it_was_applied_is_an_error_and_reverses_nothing() -> None:
    paid = receipts({**PAID, "amount": 500, "text": "CHEQUE CH1"}, {**PAID, "id": "R2", "amount": 500})
    paid = paid.assign(applied_amount=[500, 500], unapplied_amount=[0, 0])
    back = bank_lines(
        {"amount": -500, "line_kind": "returned_cheque", "date": "2026-03-12", "reference": "CH1"}
    )
    matched = match(paid, open_items(SETTLED), bank_lines=back)
    (told,) = said(matched, "cheque-returned-after-applied")
    assert (told["level"], told["key"], told["amount"]) == ("error", "R1", 500)
    assert matched.applied.empty
    assert matched.unapplied.empty
    # Reversed, the deposit is unapplied again and pays nothing.
    reversed_ = match(paid.assign(unapplied_amount=[500, 0]), open_items(SETTLED), bank_lines=back)
    assert said(reversed_, "cheque-returned-after-applied") == []
    assert reasons(reversed_) == {"R1": "cheque-returned"}


# Closed periods


def test_cash_of_a_closed_period_stays_unapplied_and_the_finding_names_the_period() -> None:
    locked = {"CO01": dt.date(2026, 4, 1)}
    matched = match(receipts(PAID), open_items(OPEN), open_from=locked)
    assert matched.applied.empty
    assert reasons(matched) == {"R1": "period-closed"}
    assert matched.suggested["document_id"].tolist() == ["2001"]
    (told,) = said(matched, "receipts-period-closed")
    assert (told["key"], told["amount"], told["closed_through"]) == ("CO01", 100, "2026-03-31")
    assert told["opened"] == "2026-04-01"


def test_a_lock_of_one_company_moves_no_cash_of_another() -> None:
    paid = receipts(PAID, {**PAID, "id": "R2", "company_id": "CO02"})
    items = open_items(OPEN, {**OPEN, "company_id": "CO02"})
    matched = match(paid, items, open_from={"CO01": dt.date(2026, 4, 1)})
    assert matched.applied["receipt_id"].tolist() == ["R2"]
    assert matched.applied["effective_date"].dt.date.tolist() == [dt.date(2026, 3, 10)]
    everybody = match(paid, items, open_from={"": dt.date(2026, 4, 1), "CO02": dt.date(2026, 2, 1)})
    assert set(reasons(everybody).values()) == {"period-closed"}


def test_the_new_reasons_and_findings_have_words() -> None:
    for reason in ("receipt-perhaps-cleared", "period-closed"):
        assert words.has_words(f"matching.reason_{reason}"), reason
    for rule in (
        "receipt-perhaps-cleared",
        "cheque-returned-after-applied",
        "receipts-period-closed",
        "credits-period-closed",
    ):
        assert words.has_words(f"rules.{rule}"), rule
        assert words.has_words(f"rules.{rule}.remedy"), rule


def test_a_run_tells_the_first_open_day_of_each_company_apart(tmp_path: Path) -> None:
    with new_book(tmp_path) as book:
        close_through(book, "CO01", dt.date(2026, 3, 31))
        close_through(book, "", dt.date(2026, 1, 31))
        run = Run(
            "payment_matching",
            period=Period(2026, 3),
            company="",
            as_of=AS_OF,
            known_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
            is_written=False,
            policy=Policy(),
            book=book,
            surroundings=Surroundings("sqlite://", tmp_path, tmp_path, tmp_path),
        )
        assert run.open_from == {"CO01": dt.date(2026, 4, 1), "": dt.date(2026, 2, 1)}
