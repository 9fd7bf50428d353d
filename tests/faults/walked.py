"""A walk of the state machine by a fixed route past every boundary: each step is the machine's own rule.

What chance finds in minutes, the route meets in seconds; so planted faults are looked for along it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faults.book_invariants import answer
from faults.book_machine import BookMachine
from faults.machine_world import LINES, RECEIPTS

OCTOBER, NOVEMBER = "2026-10-31", "2026-11-30"


def walk(machine: BookMachine) -> None:
    """All rules of the machine, its invariants after each; AssertionError at the first that does not hold."""

    def step(rule: Callable[..., None], *given: Any) -> None:
        rule(*given)
        machine.everything_holds()

    def remember() -> None:
        for day in (OCTOBER, NOVEMBER):
            step(machine.remember_an_answer, day)

    try:
        step(machine.name_the_customers)
        _bring(machine, step)
        remember()
        _apply(machine, step)
        remember()
        _reverse(machine, step)
        remember()
        _clear(machine, step)
        remember()
        _lock(machine, step)
        for old in machine.answers:
            assert answer(machine.book, machine.plain, old.as_of, old.known_at, old.at) == old
    finally:
        machine.teardown()


Step = Callable[..., None]


def _bring(machine: BookMachine, step: Step) -> None:
    step(machine.import_items, [(0, 10), (1, 10), (2, 10), (5, 5)], "2026-09-30", False, "")
    step(machine.import_items, [(4, 8)], "2026-10-15", False, "twice")
    for odd in ("conflict", "torn"):
        step(machine.import_items, [(0, 10)], "2026-10-15", False, odd)
    for is_other in (False, False, True):
        step(machine.import_receipts, list(RECEIPTS), is_other)
        step(machine.import_a_statement, list(LINES), is_other)
    for which in range(3):
        step(machine.import_again, which)
    for _ in range(2):
        step(machine.import_a_file_of_items, [(0, 10), (3, 10)], "2026-10-15")
        step(machine.import_a_file_of_receipts, list(RECEIPTS[:2]))


def _apply(machine: BookMachine, step: Step) -> None:
    """To the cent, and one beyond it."""
    for extra in (1, 0):
        step(machine.apply_all_that_is_left, ("", "R2"), 0, "2026-10-05", extra)
        step(machine.apply_cash, ("", "R1"), [(1, 10, "payment")], "2026-10-05", extra)
    for is_other in (False, True):
        step(machine.apply_again, 0, is_other)
    for short in (1, 0):
        step(machine.set_off_the_credit_note, 0, 5, "2026-10-05", short)
    step(machine.set_off_the_credit_note, 5, 5, "2026-10-05", 0)  # of another customer
    step(machine.put_on_account, ("BANK-1", "L2"), 10_00, OCTOBER)
    step(machine.apply_cash, ("BANK-1", "L4"), [(5, 3, "payment"), (4, 5, "withholding")], "2026-11-20", 0)
    step(machine.apply_cash, ("BANK-1", "L4"), [(5, 3, "payment"), (5, 2, "withholding")], "2026-11-20", 0)


def _reverse(machine: BookMachine, step: Step) -> None:
    """In November what was applied in October; one leg of a set-off alone is refused."""
    set_off = [place for place, leg in enumerate(machine.plain.legs) if leg.cash is None]
    step(machine.reverse_some, [0], "2026-11-20", False)
    step(machine.reverse_some, [0], "2026-11-20", False)
    step(machine.reverse_some, set_off[:1], "2026-11-20", False)
    step(machine.reverse_some, set_off, "2026-11-20", False)


def _clear(machine: BookMachine, step: Step) -> None:
    """The same clearing by two extracts, and an item that a complete extract no longer shows."""
    for day in ("2026-10-15", OCTOBER):
        step(machine.import_a_clearing, 3, 3, "2026-10-05", "9001", day)
        step(machine.import_a_clearing, 4, 3, "2026-10-05", "", day)
    step(machine.import_items, [(0, 8), (1, 5), (5, 5)], "2026-10-15", True, "")
    step(machine.import_items, [(0, 5)], NOVEMBER, True, "")
    step(machine.import_items, [(0, 5), (5, 3)], OCTOBER, True, "")


def _lock(machine: BookMachine, step: Step) -> None:
    for company in ("CO01", ""):
        step(machine.close_a_period, company, OCTOBER)
        step(machine.apply_cash, ("", "R1"), [(0, 2, "payment")], OCTOBER, 0)
        step(machine.reverse_some, [1], OCTOBER, False)
        step(machine.apply_cash, ("", "R3"), [(0, 2, "payment")], "2026-11-20", 0)
        step(machine.reopen_a_period, 0)
    step(machine.apply_cash, ("", "R1"), [(0, 2, "payment")], OCTOBER, 0)
