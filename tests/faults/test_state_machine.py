"""The state machine over import, apply, reverse, import again, lock, reopen: long, on both databases."""

from __future__ import annotations

import os

import pytest
from faults.book_machine import MACHINES
from faults.walked import walk
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

#: What the gate can wait for: an example costs four seconds, on a server six. A release asks for
#: WORKBENCH_EXAMPLES=60 on each, a night for WORKBENCH_EXAMPLES=500 WORKBENCH_STEPS=50.
USUAL = {"sqlite": 24, "postgresql": 12}
STEPS = int(os.environ.get("WORKBENCH_STEPS", "25"))

WORK = (
    "applied", "applied again", "reversed", "closed", "reopened", "rows stored", "rows duplicate",
    "rows rejected", "refused: receipt-over-applied", "refused: document-over-applied",
    "refused: period-closed-posting", "refused: operation-id-reused", "answers asked again",
)  # fmt: skip


@pytest.mark.slow
def test_the_invariants_hold_for_long_whatever_is_done(database: str) -> None:
    machine, examples = MACHINES[database], int(os.environ.get("WORKBENCH_EXAMPLES") or USUAL[database])
    machine.tally.clear()
    walk(machine())  # the route past every boundary; then by chance
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    print(f"\n{database}: {examples} examples of {STEPS} steps: {dict(sorted(machine.tally.items()))}")
    idle = [work for work in WORK if not machine.tally[work]]
    assert idle == [], "the machine never came to these, and so proved nothing of them"
    assert machine.tally["applied"] > examples / 3
