"""Whatever is done to the book, in whatever order: TRUST's invariants hold and the answer is the same."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from book_world import (
    Clock,
    application,
    copy_of,
    faults,
    import_items,
    import_receipts,
    ledger_hash,
    legs,
    new_book,
)
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from workbench import book as books
from workbench.book import read
from workbench.book.postings import apply, close_through, reverse
from workbench.errors import PeriodClosedError, PostingRefusedError
from workbench.ledger import open_items_as_of, unapplied_receipts

NAMES = ("documents", "observations", "clearings", "applications", "reversals")
DAYS = [dt.date(2026, 10, 31), dt.date(2026, 11, 30), dt.date(2026, 12, 31)]
QUICK = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
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


@QUICK
@given(months(), st.permutations([0, 1, 2]), st.booleans())
def test_the_order_of_imports_does_not_change_what_is_open(
    shown: list[dict[str, int]], order: list[int], is_complete: bool
) -> None:
    answers = []
    for sequence in ([0, 1, 2], order):
        with tempfile.TemporaryDirectory() as folder:
            book = new_book(Path(folder))
            for month in sequence:
                if shown[month]:
                    rows = extract(DAYS[month], shown[month])
                    import_items(book, *rows, on=DAYS[month], is_complete=is_complete)
            answers.append([open_on(book, day) for day in DAYS])
    assert answers[0] == answers[1]


@QUICK
@given(months())
def test_importing_again_changes_nothing(shown: list[dict[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = new_book(Path(folder))
        hashes = set()
        for _ in range(2):
            for day, left in zip(DAYS, shown, strict=True):
                result = import_items(book, *extract(day, left), on=day) if left else None
                assert result is None or result.rows_in == (
                    result.rows_stored + result.rows_duplicate + result.rows_rejected
                )
            hashes.add(ledger_hash(book))
        assert len(hashes) == 1


class BookMachine(RuleBasedStateMachine):
    """Import, apply, reverse, import again, close: I1 to I9 of TRUST after every step."""

    template: books.Book | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        if BookMachine.template is None:
            home = Path(tempfile.mkdtemp())
            made = new_book(home)
            numbers = ("1", "2", "3")
            import_items(made, *({"document_number": number} for number in numbers))
            import_receipts(made, *({"receipt_id": number} for number in numbers))
            BookMachine.template = made
        self.book = copy_of(BookMachine.template, Path(self.folder.name))
        self.clock = Clock()
        self.steps = 0
        self.answers: dict[dt.datetime, dict[str, int]] = {}
        self.expected_entries = books.audit.anchor(self.book).count

    def teardown(self) -> None:
        self.folder.cleanup()

    def _written(self, did: bool) -> None:
        self.expected_entries += did

    @rule(
        document=st.integers(1, 3),
        receipt=st.integers(1, 3),
        amount=st.integers(1, 120_00),
        day=st.sampled_from(["2026-10-05", "2026-10-20", "2026-11-05"]),
        operation=st.integers(0, 12),
    )
    def apply_some(self, document: int, receipt: int, amount: int, day: str, operation: int) -> None:
        leg = application(
            f"op{operation}", document, amount, receipt_key=receipt, effective_date=day,
            application_id=f"op{operation}",
        )  # fmt: skip
        before = ledger_hash(self.book)
        try:
            self._written(apply(self.book, legs(leg)).stored > 0)
        except (PostingRefusedError, PeriodClosedError):
            assert ledger_hash(self.book) == before

    @rule(choice=st.integers(0, 50), day=st.sampled_from([dt.date(2026, 10, 25), dt.date(2026, 11, 10)]))
    def reverse_one(self, choice: int, day: dt.date) -> None:
        applied = read.applications(self.book)["application_id"].tolist()
        if not applied:
            return
        one = applied[choice % len(applied)]
        self.steps += 1
        terms = {"effective_date": day, "reason": "x", "operation_id": f"undo{self.steps}", "who": "ana"}
        with contextlib.suppress(PostingRefusedError, PeriodClosedError):
            self._written(reverse(self.book, [one], **terms).stored > 0)

    @rule(document=st.integers(1, 3), left=st.integers(0, 100_00), month=st.integers(0, 2))
    def import_an_extract(self, document: int, left: int, month: int) -> None:
        rows = [{"document_number": str(document), "open_amount": left}]
        result = import_items(self.book, *rows, on=DAYS[month])
        self._written(True)
        assert result.rows_in == result.rows_stored + result.rows_duplicate + result.rows_rejected

    @rule()
    def import_receipts_again(self) -> None:
        before = ledger_hash(self.book)
        import_receipts(self.book, *({"receipt_id": number} for number in ("1", "2", "3")))
        self._written(True)
        assert ledger_hash(self.book) == before

    @precondition(lambda self: self.steps < 3)
    @rule()
    def close_october(self) -> None:
        self.steps += 1
        is_new = not read.closed_through(self.book)
        close_through(self.book, "CO01", DAYS[0], who="ana")
        self._written(is_new)

    @rule()
    def remember_the_answer(self) -> None:
        self.answers[self.book.latest_instant()] = open_on(self.book, DAYS[0])

    @invariant()
    def verification_passes(self) -> None:  # I1, I2, I5, I6, I7
        assert faults(self.book) == []

    @invariant()
    def each_change_has_one_audit_row(self) -> None:  # I7
        assert books.audit.anchor(self.book).count == self.expected_entries

    @invariant()
    def no_operation_stands_twice(self) -> None:  # I8
        assert not read.applications(self.book)["application_id"].duplicated().any()

    @invariant()
    def cash_applied_and_unapplied_is_what_came_in(self) -> None:  # I1, I4
        facts = (read.receipts(self.book), read.applications(self.book), read.reversals(self.book))
        told = unapplied_receipts(*facts, as_of=DAYS[2])
        assert (told["applied_amount"] + told["unapplied_amount"] == told["received_amount"]).all()
        assert (told["unapplied_amount"] >= 0).all()

    @invariant()
    def nothing_open_exceeds_what_it_was(self) -> None:  # I2, I3
        for day in DAYS:
            assert all(0 <= amount <= 100_00 for amount in open_on(self.book, day).values())

    @invariant()
    def an_answer_once_given_is_given_again(self) -> None:
        for known_at, said in self.answers.items():
            assert open_on(self.book, DAYS[0], known_at) == said


def tries(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )


def test_the_invariants_hold_whatever_is_done() -> None:
    run_state_machine_as_test(BookMachine, settings=tries(4, 10))


@pytest.mark.slow
def test_the_invariants_hold_whatever_is_done_for_long() -> None:
    run_state_machine_as_test(BookMachine, settings=tries(60, 25))
