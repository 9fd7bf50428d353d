"""Facts to open items: each sentence is a rule of DOMAIN 6 or of "cash is counted once"."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ledger_frames import Facts, documents, facts, receipts

from workbench import ledger
from workbench.errors import AmountOverflowError, TableShapeError

INVOICE = {"document_key": 1, "original_amount": 100}
MARCH, NOVEMBER = "2026-03-31T22:00:00Z", "2026-11-30T22:00:00Z"


def _invoice(**more: object) -> pd.DataFrame:
    return documents({**INVOICE, **more})


def _seen(day: str, open_amount: int, **more: object) -> dict[str, object]:
    return {"document_key": 1, "observed_date": day, "open_amount": open_amount, **more}


def _cleared(day: str, amount: int, **more: object) -> dict[str, object]:
    return {"document_key": 1, "clearing_date": day, "cleared_amount": amount, **more}


def _applied(day: str, amount: int, **more: object) -> dict[str, object]:
    return {
        "document_key": 1,
        "effective_date": day,
        "applied_amount": amount,
        "erp_open_amount": 100,
        **more,
    }


def _parts(book: Facts, as_of: str, known_at: str | None = None) -> tuple[int, int, int]:
    """erp_open, pending, open of the one item."""
    item = book.open_items(as_of, known_at, with_settled=True).iloc[0]
    return int(item["erp_open_amount"]), int(item["pending_applications"]), int(item["open_amount"])


# Documents


def test_an_item_dated_on_the_cutoff_is_in_and_one_dated_after_is_not() -> None:
    book = facts(
        documents(
            {**INVOICE, "document_date": "2026-03-31"},
            {"document_key": 2, "original_amount": 7, "document_date": "2026-04-01"},
        )
    )
    assert book.open_amounts("2026-03-31") == {1: 100}


def test_an_item_without_a_document_date_stays_visible() -> None:
    assert facts(_invoice(document_date=None)).open_amounts("2026-03-31") == {1: 100}


def test_one_cent_left_over_stays_visible() -> None:
    book = facts(_invoice(), clearings=[_cleared("2026-02-01", 99)])
    assert book.open_amounts("2026-03-31") == {1: 1}


def test_items_come_clustered_by_company_customer_currency_due_date_document() -> None:
    rows = [
        {"document_key": 1, "original_amount": 1, "customer_id": "B"},
        {"document_key": 2, "original_amount": 1, "customer_id": "A", "due_date": "2026-03-01"},
        {"document_key": 3, "original_amount": 1, "customer_id": "A", "due_date": "2026-02-01"},
        {"document_key": 4, "original_amount": 1, "customer_id": "A", "currency": "AUD"},
        {"document_key": 5, "original_amount": 1, "company_id": "AA", "customer_id": "Z"},
    ]
    assert list(facts(documents(*rows)).open_items("2026-12-31")["document_key"]) == [5, 4, 3, 2, 1]


def test_a_missing_column_is_named() -> None:
    book = facts(_invoice())
    with pytest.raises(TableShapeError) as raised:
        book._replace(documents=book.documents.drop(columns="due_date")).open_items("2026-03-31")
    assert raised.value.values["columns"] == "due_date"


def test_clearings_beyond_64_bits_stop_rather_than_wrap_round() -> None:
    big = [_cleared("2026-02-01", 2**62, clearing_document=str(n)) for n in range(4)]
    with pytest.raises(AmountOverflowError):
        facts(_invoice(), clearings=big).open_items("2026-03-31")


# Clearings


def test_a_clearing_acts_from_its_own_date() -> None:
    book = facts(_invoice(), clearings=[_cleared("2026-03-01", 100)])
    assert book.open_amounts("2026-02-28") == {1: 100}
    assert book.open_amounts("2026-03-01") == {}


def test_the_same_clearing_stated_again_by_a_newer_extract_replaces_the_older_statement() -> None:
    stated = [
        _cleared("2026-02-01", 30, clearing_document="9001", extract_date="2026-02-28"),
        _cleared("2026-02-03", 40, clearing_document="9001", extract_date="2026-03-31"),
    ]
    book = facts(_invoice(), clearings=stated)
    assert book.open_amounts("2026-02-02") == {1: 100}
    assert book.open_amounts("2026-02-03") == {1: 60}


def test_an_older_extract_imported_late_does_not_replace_a_newer_statement() -> None:
    stated = [
        _cleared("2026-02-01", 40, clearing_document="9001", extract_date="2026-03-31"),
        _cleared("2026-02-01", 30, clearing_document="9001", extract_date="2026-02-28", recorded_at=NOVEMBER),
    ]
    assert facts(_invoice(), clearings=stated).open_amounts("2026-12-31") == {1: 60}


def test_clearings_of_two_documents_on_one_day_both_count() -> None:
    stated = [_cleared("2026-02-01", 30, clearing_document=number) for number in ("9001", "9002")]
    assert facts(_invoice(), clearings=stated).open_amounts("2026-03-31") == {1: 40}


def test_a_clearing_known_by_its_day_is_replaced_when_a_newer_extract_names_its_document() -> None:
    stated = [
        _cleared("2026-02-01", 30, extract_date="2026-02-28"),
        _cleared("2026-02-01", 30, clearing_document="9001", extract_date="2026-03-31"),
    ]
    assert facts(_invoice(), clearings=stated).open_amounts("2026-03-31") == {1: 70}


def test_more_cleared_than_there_was_leaves_nothing_and_never_a_credit() -> None:
    book = facts(_invoice(), clearings=[_cleared("2026-02-01", 130)])
    assert _parts(book, "2026-03-31") == (0, 0, 0)


def test_a_credit_note_is_cleared_towards_zero() -> None:
    book = facts(_invoice(original_amount=-100), clearings=[_cleared("2026-02-01", -30)])
    assert book.open_amounts("2026-03-31") == {1: -70}


# Observations


def test_less_open_than_clearings_explain_was_cleared_on_the_day_of_the_extract() -> None:
    book = facts(_invoice(), observations=[_seen("2026-02-28", 60)])
    assert book.open_amounts("2026-02-27") == {1: 100}
    assert book.open_amounts("2026-02-28") == {1: 60}


def test_the_real_clearing_replaces_the_difference_that_an_extract_implied() -> None:
    book = facts(_invoice(), observations=[_seen("2026-02-28", 60)], clearings=[_cleared("2026-02-15", 40)])
    assert book.open_amounts("2026-02-20") == {1: 60}
    assert book.open_amounts("2026-02-28") == {1: 60}


def test_a_clearing_after_the_last_sight_comes_off_what_was_seen() -> None:
    book = facts(_invoice(), observations=[_seen("2026-02-28", 60)], clearings=[_cleared("2026-03-05", 25)])
    assert book.open_amounts("2026-03-31") == {1: 35}


def test_a_newer_extract_that_shows_it_open_again_undoes_the_clearing_it_must_have_known() -> None:
    book = facts(
        _invoice(),
        clearings=[_cleared("2026-01-20", 100, extract_date="2026-01-31")],
        observations=[_seen("2026-02-28", 100)],
    )
    assert book.open_amounts("2026-02-27") == {}
    assert book.open_amounts("2026-02-28") == {1: 100}


def test_a_clearing_that_the_extract_could_not_know_yet_stands_against_it() -> None:
    book = facts(
        _invoice(),
        clearings=[_cleared("2026-02-20", 100, extract_date="2026-03-31")],
        observations=[_seen("2026-02-28", 100)],
    )
    assert book.open_amounts("2026-02-28") == {}


def test_a_clearing_that_the_same_extract_states_stands_against_what_it_shows_open() -> None:
    book = facts(
        _invoice(),
        clearings=[_cleared("2026-02-20", 40, extract_date="2026-02-28")],
        observations=[_seen("2026-02-28", 100)],
    )
    assert book.open_amounts("2026-02-28") == {1: 60}


def test_an_item_absent_from_a_complete_extract_is_settled_from_that_day() -> None:
    absent = _seen("2026-02-28", 100, is_absent=True)
    assert facts(_invoice(), observations=[absent]).open_amounts("2026-02-28") == {}


def test_of_two_sights_on_one_day_the_later_recorded_one_counts() -> None:
    sights = [_seen("2026-02-28", 60, recorded_at=NOVEMBER), _seen("2026-02-28", 80, recorded_at=MARCH)]
    assert facts(_invoice(), observations=sights).open_amounts("2026-03-31") == {1: 60}


def test_block_and_dunning_level_are_those_of_the_last_sight_by_the_cutoff() -> None:
    sights = [
        _seen("2026-01-31", 100, payment_block="A", dunning_level="1"),
        _seen("2026-02-28", 100, payment_block="", dunning_level="2"),
    ]
    book = facts(_invoice(), observations=sights)
    assert list(book.open_items("2026-01-31")[["payment_block", "dunning_level"]].iloc[0]) == ["A", "1"]
    assert list(book.open_items("2026-02-28")[["payment_block", "dunning_level"]].iloc[0]) == ["", "2"]


def test_sights_of_a_credit_note_work_in_its_own_sign() -> None:
    book = facts(_invoice(original_amount=-100), observations=[_seen("2026-02-28", -60)])
    assert book.open_amounts("2026-02-28") == {1: -60}


# Applications


def test_an_application_is_pending_and_the_control_account_stays() -> None:
    book = facts(_invoice(), applications=[_applied("2026-02-10", 30)])
    assert _parts(book, "2026-02-09") == (100, 0, 100)
    assert _parts(book, "2026-02-10") == (100, 30, 70)


def test_an_item_settled_by_our_applications_alone_keeps_its_row_until_the_erp_confirms() -> None:
    book = facts(_invoice(), applications=[_applied("2026-02-10", 100)])
    assert book.open_amounts("2026-02-28") == {1: 0}


def test_what_the_erp_clears_after_our_application_confirms_it() -> None:
    book = facts(
        _invoice(), applications=[_applied("2026-02-10", 30)], clearings=[_cleared("2026-03-01", 30)]
    )
    assert _parts(book, "2026-02-28") == (100, 30, 70)
    assert _parts(book, "2026-03-01") == (70, 0, 70)


def test_a_part_confirmed_leaves_the_rest_pending() -> None:
    book = facts(
        _invoice(),
        applications=[_applied("2026-02-10", 50)],
        observations=[_seen("2026-02-28", 80)],
    )
    assert _parts(book, "2026-02-28") == (80, 30, 50)


def test_what_the_erp_had_cleared_before_our_application_confirms_nothing() -> None:
    book = facts(
        _invoice(),
        clearings=[_cleared("2026-02-01", 40)],
        applications=[_applied("2026-02-10", 30, erp_open_amount=60)],
    )
    assert _parts(book, "2026-02-28") == (60, 30, 30)


def test_the_base_is_that_of_the_first_application_recorded_even_when_a_later_one_is_dated_before_it() -> (
    None
):
    book = facts(
        _invoice(),
        clearings=[_cleared("2026-02-15", 30)],
        applications=[
            _applied("2026-02-10", 30, recorded_at="2026-02-11T00:00:00Z"),
            _applied("2026-02-05", 20, erp_open_amount=70, recorded_at="2026-02-20T00:00:00Z"),
        ],
    )
    assert _parts(book, "2026-02-28") == (70, 20, 50)


def test_pending_is_never_more_than_is_open() -> None:
    book = facts(
        _invoice(),
        applications=[_applied("2026-02-10", 80, erp_open_amount=0)],
        clearings=[_cleared("2026-03-01", 50)],
    )
    assert _parts(book, "2026-03-31") == (50, 50, 0)


def test_a_surplus_taken_nets_inside_what_is_pending() -> None:
    book = facts(
        _invoice(),
        applications=[_applied("2026-02-10", 60), _applied("2026-02-10", -10, kind="tolerance")],
    )
    assert _parts(book, "2026-02-28") == (100, 50, 50)


def test_a_credit_note_leg_is_negative_on_the_credit_note() -> None:
    leg = _applied("2026-02-10", -30, kind="credit_note", erp_open_amount=-100)
    book = facts(_invoice(original_amount=-100), applications=[leg])
    assert _parts(book, "2026-02-28") == (-100, -30, -70)


def test_a_reversal_acts_from_its_own_date_and_leaves_earlier_days_as_they_were() -> None:
    book = facts(
        _invoice(),
        applications=[_applied("2026-02-10", 30)],
        reversals=[{"application_id": "A0", "effective_date": "2026-03-05", "recorded_at": NOVEMBER}],
    )
    assert book.open_amounts("2026-03-04") == {1: 70}
    assert book.open_amounts("2026-03-05") == {1: 100}
    assert book.open_amounts("2026-03-05", known_at=MARCH) == {1: 70}


def test_an_application_to_a_document_of_another_frame_changes_nothing_here() -> None:
    book = facts(_invoice(), applications=[_applied("2026-02-10", 30, document_key=999)])
    assert _parts(book, "2026-02-28") == (100, 0, 100)


# Known at


def test_a_report_made_in_march_can_be_made_again_in_november() -> None:
    march = facts(
        _invoice(recorded_at=MARCH),
        clearings=[_cleared("2026-03-01", 10, recorded_at=MARCH)],
        observations=[_seen("2026-03-31", 85, recorded_at=MARCH)],
        applications=[_applied("2026-03-10", 20, recorded_at=MARCH)],
    )
    made_in_march = march.open_items("2026-03-31")
    november = facts(
        documents(
            {**INVOICE, "recorded_at": MARCH},
            {"document_key": 2, "original_amount": 9, "recorded_at": NOVEMBER},
        ),
        clearings=[
            _cleared("2026-03-01", 10, recorded_at=MARCH),
            _cleared("2026-03-02", 40, recorded_at=NOVEMBER, clearing_document="9"),
        ],
        observations=[
            _seen("2026-03-31", 85, recorded_at=MARCH),
            _seen("2026-03-31", 20, recorded_at=NOVEMBER),
        ],
        applications=[
            _applied("2026-03-10", 20, recorded_at=MARCH),
            _applied("2026-03-11", 5, recorded_at=NOVEMBER),
        ],
        reversals=[{"application_id": "A0", "effective_date": "2026-03-12", "recorded_at": NOVEMBER}],
    )
    pd.testing.assert_frame_equal(november.open_items("2026-03-31", known_at=MARCH), made_in_march)
    assert november.open_amounts("2026-03-31") != march.open_amounts("2026-03-31")


# Receipts


def test_only_cash_kinds_take_from_a_receipt_and_received_is_applied_plus_unapplied() -> None:
    received = receipts(
        {"receipt_key": 5, "receipt_id": "R5", "received_amount": 80},
        {"receipt_key": 6, "receipt_id": "R6", "received_amount": 40},
        {"receipt_key": 7, "receipt_id": "R7", "received_amount": 1, "receipt_date": "2026-03-01"},
    )
    book = facts(
        _invoice(),
        applications=[
            _applied("2026-02-10", 90, receipt_key=5),
            _applied("2026-02-10", -10, receipt_key=5, kind="credit_note", document_key=2),
            _applied("2026-02-10", 10, receipt_key=5, kind="withholding"),
            _applied("2026-02-10", 15, receipt_key=6, kind="on_account", document_key=-1),
        ],
    )
    left = ledger.unapplied_receipts(
        received, book.applications, book.reversals, as_of=pd.Timestamp("2026-02-28").date()
    )
    assert left[["receipt_id", "applied_amount", "unapplied_amount"]].to_dict("list") == {
        "receipt_id": ["R5", "R6"],
        "applied_amount": [80, 15],
        "unapplied_amount": [0, 25],
    }


def test_a_reversed_application_gives_its_cash_back_from_that_day() -> None:
    received = receipts({"receipt_key": 5, "receipt_id": "R5", "received_amount": 80})
    book = facts(
        _invoice(),
        applications=[_applied("2026-02-10", 80, receipt_key=5)],
        reversals=[{"application_id": "A0", "effective_date": "2026-03-05"}],
    )

    def unapplied(day: str) -> int:
        as_of = pd.Timestamp(day).date()
        left = ledger.unapplied_receipts(received, book.applications, book.reversals, as_of=as_of)
        return int(left["unapplied_amount"].iloc[0])

    assert (unapplied("2026-02-09"), unapplied("2026-03-04"), unapplied("2026-03-05")) == (80, 0, 80)


# Instalments


INSTALMENTS = pd.DataFrame(
    {
        "document_key": [12, 10, 11],
        "group": ["I1"] * 3,
        "due_date": pd.to_datetime(["2024-09-28", "2024-07-30", "2024-08-29"]),
        "item": ["3", "1", "2"],
        "open_amount": [20, 30, 50],
    }
)


def _settle(*amounts: tuple[object, ...], items: pd.DataFrame = INSTALMENTS) -> list[tuple[int, int, int]]:
    asked = pd.DataFrame(amounts, columns=["group", "amount", "item"][: len(amounts[0])])
    settled = ledger.settle_oldest_first(items, asked)
    return list(zip(settled["amount_position"], settled["document_key"], settled["amount"], strict=True))


def test_instalments_are_settled_the_oldest_first() -> None:
    assert _settle(("I1", 40)) == [(0, 10, 30), (0, 11, 10)]


def test_an_instalment_that_the_payment_names_is_settled_first_and_alone() -> None:
    assert _settle(("I1", 30, ""), ("I1", 25, "3")) == [(0, 10, 30), (1, 12, 20), (1, -1, 5)]


def test_several_amounts_of_one_document_follow_one_another() -> None:
    assert _settle(("I1", 40), ("I1", 45)) == [(0, 10, 30), (0, 11, 10), (1, 11, 40), (1, 12, 5)]


def test_what_does_not_fit_is_said() -> None:
    assert _settle(("I1", 130), ("I9", 4)) == [(0, 10, 30), (0, 11, 50), (0, 12, 20), (0, -1, 30), (1, -1, 4)]


def test_an_amount_settles_items_of_its_own_sign_only() -> None:
    items = INSTALMENTS.assign(open_amount=[20, -30, 50])
    assert _settle(("I1", 40), items=items) == [(0, 11, 40)]
    assert _settle(("I1", -40), items=items) == [(0, 10, -30), (0, -1, -10)]


def test_item_two_comes_before_item_ten_when_both_fall_due_together() -> None:
    items = INSTALMENTS.assign(due_date=pd.Timestamp("2024-07-30"), item=["10", "2", "0003"])
    assert _settle(("I1", 85), items=items) == [(0, 10, 30), (0, 11, 50), (0, 12, 5)]


def test_an_instalment_without_a_due_date_takes_its_turn_by_document_date() -> None:
    items = INSTALMENTS.assign(
        due_date=pd.to_datetime(["2024-09-28", None, "2024-08-29"]),
        document_date=pd.Timestamp("2024-09-01"),
    )
    assert [key for _, key, _ in _settle(("I1", 100), items=items)] == [11, 10, 12]


# Size


def test_a_hundred_thousand_documents_add_up() -> None:
    count, random = 100_000, np.random.default_rng(1)
    base = documents(INVOICE)
    many = base.loc[base.index.repeat(count)].reset_index(drop=True)
    many["document_key"] = np.arange(count)
    many["original_amount"] = random.integers(1, 10**9, count)
    items = facts(many).open_items("2026-12-31")
    assert items["open_amount"].sum() == many["original_amount"].sum()
