"""Whatever happened, a statement runs from its opening to Σ open items, and months join."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_books import books, day, instant
from ledger_frames import Facts, frame, receipts
from tries import tries

from workbench import statements
from workbench.tables import ERP_EXPORT_LINES

#: A statement looks at the ledger two or three times.
quick = settings(deadline=None, max_examples=tries(8), suppress_health_check=list(HealthCheck))
CASH = receipts(
    {"receipt_key": 1, "receipt_id": "R1", "customer_id": "A"}, {"receipt_key": 2, "receipt_id": "R2"}
)


def of(book: Facts) -> statements.Facts:
    """What is applied to a document that is not there stands on account of who paid."""
    legs = book.applications
    is_known = legs["document_key"].isin(book.documents["document_key"]) | (legs["receipt_key"] < 0)
    legs = legs.assign(
        document_key=legs["document_key"].where(is_known, -1), kind=legs["kind"].where(is_known, "on_account")
    )
    return statements.Facts(*book, CASH, frame(ERP_EXPORT_LINES, [])).with_applications(legs)


def date(number: int) -> dt.date:
    return dt.date.fromisoformat(day(number))


def at(number: int | None) -> dt.datetime | None:
    return None if number is None else dt.datetime.fromisoformat(instant(number))


def sum_of_kinds(summarised: pd.DataFrame) -> pd.Series:
    names = [statements.amount_column(kind) for kind in statements.KINDS]
    return summarised[["opening_amount", "late_amount", *names]].sum(axis=1)


@quick
@given(books(), st.integers(0, 8), st.integers(0, 9), st.none() | st.integers(0, 9), st.integers(0, 9))
def test_opening_and_movements_are_the_closing_and_that_is_what_is_open(
    book: Facts, first: int, length: int, issued: int | None, later: int
) -> None:
    known = None if issued is None else issued + later
    made = statements.make_statements(
        of(book),
        from_date=date(first + 1),
        as_of=date(first + length),
        known_at=at(known),
        issued_at=at(issued),
    )
    told = made.summarised
    assert sum_of_kinds(told).tolist() == told["closing_amount"].tolist()
    assert (told["debit_amount"] + told["credit_amount"]).tolist() == told["closing_amount"].tolist()
    items = of(book).open_items(as_of=date(first + length), known_at=at(known))
    balances = items.groupby(statements.ACCOUNT)["open_amount"].sum()
    assert {name: value for name, value in balances.items() if value} == {
        tuple(row[name] for name in statements.ACCOUNT): row["closing_amount"]
        for row in told.to_dict("records")
        if row["closing_amount"]
    }
    assert made.open_list["open_amount"].sum() == told["closing_amount"].sum()
    last = made.movements.groupby(statements.ACCOUNT)["balance_amount"].last().to_dict()
    for row in told.to_dict("records"):
        own = tuple(row[name] for name in statements.ACCOUNT)
        assert last.get(own, row["opening_amount"]) == row["closing_amount"]


@quick
@given(books(), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 9), st.integers(0, 9))
def test_the_closing_of_a_month_is_the_opening_of_the_next_whatever_is_learned_between(
    book: Facts, first: int, length: int, more: int, issued: int, later: int
) -> None:
    middle, last = first + length, first + length + more
    one = statements.make_statements(
        of(book), from_date=date(first + 1), as_of=date(middle), known_at=at(issued)
    ).summarised
    two = statements.make_statements(
        of(book),
        from_date=date(middle + 1),
        as_of=date(last),
        known_at=at(issued + later),
        issued_at=at(issued),
    ).summarised
    closing = one.set_index(statements.ACCOUNT)["closing_amount"]
    opening = two.set_index(statements.ACCOUNT)["opening_amount"]
    assert {k: v for k, v in closing.items() if v} == {k: v for k, v in opening.items() if v}


@quick
@given(books(), st.integers(0, 8), st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(book: Facts, first: int, length: int, random: object) -> None:
    shuffled = Facts(*(part.sample(frac=1, random_state=7).reset_index(drop=True) for part in book))
    span = {"from_date": date(first + 1), "as_of": date(first + length)}
    one, two = (statements.make_statements(of(each), **span) for each in (book, shuffled))
    pd.testing.assert_frame_equal(one.summarised, two.summarised)
    pd.testing.assert_frame_equal(one.movements, two.movements)
