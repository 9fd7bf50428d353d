"""Every state of an act is reached in a real book, and every forbidden move tried there is refused."""

from __future__ import annotations

import os

import pytest
from faults.act_machine import MACHINES, ActMachine
from faults.plain_acts import LEADS, MOVES, STATES
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from workbench import acts

#: An example costs five seconds. A release: WORKBENCH_EXAMPLES=60.
USUAL = {"sqlite": 15, "postgresql": 6}
STEPS = int(os.environ.get("WORKBENCH_STEPS", "25"))

WORK = (
    "reopened by the book", "undone before the cut-off", "undone after the cut-off",
    "late document, before the cut-off", "late document, after the cut-off", "state closed",
    "state alternative", "refused: act-contradicted", "refused: case-move-not-from-here",
    "refused: reversal-in-signed-act",
)  # fmt: skip


def walk(machine: ActMachine) -> None:
    """The route through every state, with every forbidden move tried in each; then the book moves on."""
    machine.draw_up()
    for customer, is_silent in (("C1", False), ("C2", True)):
        for _ in range(14):
            if customer == "C1" or machine.acts[customer].state not in ("responded", "alternative"):
                machine.nothing_leads_elsewhere(customer)
            machine.go_on(customer, differs=customer == "C1", silent=is_silent)
            if is_silent and machine.acts[customer].state == "alternative":
                machine.nothing_leads_elsewhere(customer)
                is_silent = False
            machine.the_book_says_what_the_notebook_says()
    machine.nothing_leads_elsewhere("C1")
    machine.a_document_comes_late("C1", 3, -7_00)
    machine.reopen_what_is_contradicted()
    machine.coverage_is_what_both_signed_and_the_book_still_says()
    machine.c1_pays_an_invoice(5)
    machine.a_payment_is_undone(20)
    machine.c1_pays_an_invoice(-5)
    machine.coverage_is_what_both_signed_and_the_book_still_says()
    machine.a_payment_is_undone(0)
    machine.reopen_what_is_contradicted()
    machine.nothing_leads_elsewhere("C1")
    machine.prepare_again()
    machine.nothing_leads_elsewhere("C1")
    machine.a_payment_is_undone(0)
    machine.prepare_again()
    machine.teardown()


@pytest.mark.slow
def test_every_state_is_reached_and_every_forbidden_move_refused(database: str) -> None:
    machine = MACHINES[database]
    machine.tally.clear()
    walk(machine())
    reached = {name.removeprefix("state ") for name in machine.tally if name.startswith("state ")}
    assert reached == STATES == acts.MACHINE.states
    tried = {tuple(name.split()[1:]) for name in machine.tally if name.startswith("forbidden ")}
    wanted = {(state, move) for state in STATES for move in MOVES} - set(LEADS)
    assert wanted - tried == set()
    assert machine.tally["refused: reversal-in-signed-act"]


@pytest.mark.slow
def test_acts_hold_whatever_is_done(database: str) -> None:
    machine, examples = MACHINES[database], int(os.environ.get("WORKBENCH_EXAMPLES") or USUAL[database])
    machine.tally.clear()
    walk(machine())  # the route past every boundary; then by chance
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck), derandomize=True,
            phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
    print(f"\n{database}: {examples} examples of {STEPS} steps: {dict(sorted(machine.tally.items()))}")
    idle = [work for work in WORK if not machine.tally[work]]
    assert idle == [], "the machine never came to these, and so proved nothing of them"
