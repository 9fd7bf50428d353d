"""Whatever is done to the book, in whatever order: TRUST's invariants hold and the answer is the same."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from book_world import import_items, ledger_hash, new_book
from faults.book_machine import MACHINES
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from tries import tries

from workbench import book as books
from workbench.book import read
from workbench.ledger import open_items_as_of

NAMES = ("documents", "observations", "clearings", "applications", "reversals")
DAYS = [dt.date(2026, 10, 31), dt.date(2026, 11, 30), dt.date(2026, 12, 31)]
QUICK = settings(
    max_examples=tries(8),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
)


#: Quick on a file; on the server the state machine is quick, and these are not.
LATER_ON_THE_SERVER = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


def open_on(book: books.Book, day: dt.date, known_at: dt.datetime | None = None) -> dict[str, int]:
    items = open_items_as_of(*(getattr(read, name)(book) for name in NAMES), as_of=day, known_at=known_at)
    return dict(zip(items["document_number"], items["open_amount"].tolist(), strict=True))


def extract(day: dt.date, left: dict[str, int]) -> list[dict[str, object]]:
    return [{"document_number": number, "open_amount": amount} for number, amount in left.items()]


@st.composite
def months(draw: st.DrawFn) -> list[dict[str, int]]:
    """What three month-ends show open of up to three invoices of 100: never more than the month before."""
    shown: list[dict[str, int]] = []
    left = {str(number): 100_00 for number in range(draw(st.integers(1, 3)))}
    for _ in DAYS:
        left = {number: draw(st.integers(0, amount)) for number, amount in left.items()}
        left = {number: amount for number, amount in left.items() if amount}
        shown.append(dict(left))
    return shown


@LATER_ON_THE_SERVER
@QUICK
@given(shown=months(), order=st.permutations([0, 1, 2]), is_complete=st.booleans())
def test_the_order_of_imports_does_not_change_what_is_open(
    database: str, shown: list[dict[str, int]], order: list[int], is_complete: bool
) -> None:
    answers = []
    for sequence in ([0, 1, 2], order):
        with tempfile.TemporaryDirectory() as folder:
            book = new_book(Path(folder), database=database)
            for month in sequence:
                if shown[month]:
                    rows = extract(DAYS[month], shown[month])
                    import_items(book, *rows, on=DAYS[month], is_complete=is_complete)
            answers.append([open_on(book, day) for day in DAYS])
    assert answers[0] == answers[1]


@LATER_ON_THE_SERVER
@QUICK
@given(shown=months())
def test_importing_again_changes_nothing(database: str, shown: list[dict[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = new_book(Path(folder), database=database)
        hashes = set()
        for _ in range(2):
            for day, left in zip(DAYS, shown, strict=True):
                result = import_items(book, *extract(day, left), on=day) if left else None
                assert result is None or result.rows_in == (
                    result.rows_stored + result.rows_duplicate + result.rows_rejected
                )
            hashes.add(ledger_hash(book))
        assert len(hashes) == 1


def test_the_invariants_hold_whatever_is_done(database: str) -> None:
    """A taste of what ``tests/faults`` does for long."""
    taste = settings(
        max_examples=3,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(MACHINES[database], settings=taste)
